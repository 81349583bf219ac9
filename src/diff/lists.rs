//! Lists whose items have names: two of one name are the same item, wherever each stands.

use super::hashed;
use super::same::same;
use crate::manifest::{Node, Path, Step, find};

/// The keys that tell the items of a list apart, by the list's own key, the surest first
/// (kubernetes/api: `listMapKey` and `patchMergeKey` of the field). A port is known by its number; one that has another
/// number keeps its name.
fn merge_keys(list: &str) -> &'static [&'static str] {
    match list {
        "rules" => &["host"],
        "paths" => &["path"],
        "ports" => &["port", "containerPort", "name"],
        "containers" | "initContainers" | "volumes" | "env" => &["name"],
        "volumeMounts" => &["mountPath"],
        "tls" => &["secretName"],
        _ => &[],
    }
}

/// The key that a list stands under.
pub(super) fn name_of(path: &Path) -> String {
    match path.steps.last() {
        Some(Step::Key(key)) => key.clone(),
        _ => String::new(),
    }
}

/// The step to an item of a list, by its name.
pub(super) fn pick(list: &str, item: Node<'_>) -> Option<Step> {
    let keys = merge_keys(list).iter();
    let mut named = keys.filter_map(|key| picking(key, item));
    named.next()
}

fn picking(key: &str, item: Node<'_>) -> Option<Step> {
    let value = item.get(key)?.text()?;
    Some(Step::Pick { key: key.to_owned(), value: value.to_owned() })
}

/// The step to an item that is there: by the first name that leads to it and to no other before it, else by its number.
pub(super) fn step_to<'s>(list: &str, all: Node<'s>, item: Node<'s>) -> Step {
    let is_it = |other: Node<'s>| other.span() == item.span();
    let leads = |step: &Step| find(all, &Path::default().then(step.clone())).is_some_and(is_it);
    let mut named = merge_keys(list).iter().filter_map(|key| picking(key, item));
    let index = || all.items().position(is_it).unwrap_or_default();
    named.find(leads).unwrap_or_else(|| Step::Index(index()))
}

/// An item of ours, and the one that is there for it.
#[derive(Debug)]
pub(super) struct Pair<'o, 's> {
    pub(super) ours: Node<'o>,
    pub(super) theirs: Option<Node<'s>>,
    /// The step to the one that is there; to ours where it is not there.
    pub(super) step: Step,
}

/// Our items, each with the one that is there for it: first by the surest name of all of them, then by the next. Nothing
/// where no item of either has a name, or there is none. Of two rules for one host Google's load balancer takes the last
/// (`kubernetes/ingress-gce:pkg/utils/gceurlmap.go`).
pub(super) fn pairs<'o, 's>(
    list: &str,
    ours: Node<'o>,
    theirs: Node<'s>,
) -> Option<Vec<Pair<'o, 's>>> {
    let own: Vec<Node<'o>> = ours.items().collect();
    let there: Vec<Node<'s>> = theirs.items().collect();
    let has_names = own.iter().chain(&there).any(|item| pick(list, *item).is_some());
    if own.is_empty() || !has_names {
        return None;
    }
    let mut found: Vec<Option<usize>> = vec![None; own.len()];
    let none = [""].as_slice();
    let by_names: [Alike; 3] = [same_in_all, same_by_hash, same_in_one];
    let by_names = by_names.map(|is_pair| (is_pair, merge_keys(list)));
    let without: [(Alike, &[&str]); 2] = [(same_and_nameless, none), (nameless, none)];
    for (is_pair, keys) in by_names.into_iter().chain(without) {
        for key in keys {
            for (at, item) in own.iter().enumerate() {
                let is_free = |index: &usize| !found.contains(&Some(*index));
                if found[at].is_none() {
                    let fits = |index: &usize| is_pair(list, key, *item, there[*index]);
                    let mut free = (0..there.len()).filter(is_free).filter(fits);
                    found[at] = if list == "rules" { free.next_back() } else { free.next() };
                }
            }
        }
    }
    let pair = |((at, item), index): ((usize, Node<'o>), Option<usize>)| {
        let theirs_one = index.map(|index| there[index]);
        let own = || pick(list, item).unwrap_or(Step::Index(at));
        let step = theirs_one.map_or_else(own, |one| step_to(list, theirs, one));
        Pair { ours: item, theirs: theirs_one, step }
    };
    Some(own.into_iter().enumerate().zip(found).map(pair).collect())
}

/// Whether two items of a list are the same one, by a key.
type Alike = fn(&str, &str, Node<'_>, Node<'_>) -> bool;

/// Neither has a name, and both say the same.
fn same_and_nameless(list: &str, _: &str, ours: Node<'_>, theirs: Node<'_>) -> bool {
    let named = |item: Node<'_>| pick(list, item).is_some();
    !named(ours) && !named(theirs) && same(ours, theirs)
}

/// A rule without a host is for all of them, and so is a path that is not written: neither is there twice.
fn nameless(list: &str, _: &str, ours: Node<'_>, theirs: Node<'_>) -> bool {
    let named = |item: Node<'_>| pick(list, item).is_some();
    matches!(list, "rules" | "paths") && !named(ours) && !named(theirs)
}

/// By every name that ours has.
fn same_in_all(list: &str, _: &str, ours: Node<'_>, theirs: Node<'_>) -> bool {
    let mut own = merge_keys(list).iter().filter(|key| ours.get(key).is_some()).peekable();
    own.peek().is_some() && own.all(|key| same_in_one(list, key, ours, theirs))
}

/// The name of a Secret may end with a hash on the other side.
fn same_by_hash(list: &str, key: &str, ours: Node<'_>, theirs: Node<'_>) -> bool {
    let text = |item: Node<'_>| item.get(key).and_then(Node::text).map(str::to_owned);
    let both = text(ours).zip(text(theirs));
    list == "tls" && both.is_some_and(|(one, other)| hashed::is_same(&one, &other))
}

/// By one name. The same number is another port in another protocol.
fn same_in_one(list: &str, key: &str, ours: Node<'_>, theirs: Node<'_>) -> bool {
    let text = |item: Node<'_>| item.get(key).and_then(Node::text).map(str::to_owned);
    let protocol = |item: Node<'_>| {
        let given = item.get("protocol").and_then(Node::as_str);
        given.unwrap_or("TCP").to_owned()
    };
    let may = list != "ports" || protocol(ours) == protocol(theirs);
    may && text(ours).is_some() && text(ours) == text(theirs)
}

/// Whether the order of a list of named items means something: what starts one after the other, or may speak of what
/// came before it.
pub(super) fn has_order(list: &str) -> bool {
    matches!(list, "initContainers" | "env" | "rules" | "paths")
}

/// Whether the order of a list means nothing: lists of names.
pub(super) fn is_set(list: &str) -> bool {
    matches!(list, "hosts" | "domains" | "finalizers")
}

/// Whether items of others may stand beside ours in a list whose items have no names.
pub(super) fn is_shared(list: &str) -> bool {
    is_set(list) || list == "envFrom"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;

    /// The step to each of our items, and whether it is there.
    fn told(list: &str, ours: &str, theirs: &str) -> Vec<(String, bool)> {
        let (ours, theirs) = (manifest::read(ours), manifest::read(theirs));
        let (ours, theirs) = (ours.document(0).unwrap(), theirs.document(0).unwrap());
        let pairs = pairs(list, ours.root().unwrap(), theirs.root().unwrap()).unwrap();
        let said = |one: &Pair<'_, '_>| {
            (Path::default().then(one.step.clone()).to_string(), one.theirs.is_some())
        };
        pairs.iter().map(said).collect()
    }

    fn is(step: &str) -> (String, bool) {
        (step.to_owned(), true)
    }

    #[test]
    fn a_port_is_known_by_its_number_and_else_by_its_name() {
        let ours = "[{name: http, port: 80}]";
        assert_eq!(told("ports", ours, "[{port: 81}, {name: web, port: 80}]"), [is("[port=80]")]);
        assert_eq!(told("ports", ours, "[{name: http, port: 8080}]"), [is("[port=8080]")]);
        let absent = || ("[port=80]".to_owned(), false);
        assert_eq!(told("ports", ours, "[{name: web, port: 8080}]"), [absent()]);
        // One that is another's by its number is not taken by its name.
        let two = "[{name: http, port: 80}, {name: static, port: 81}]";
        assert_eq!(told("ports", two, "[{name: http, port: 81}]"), [absent(), is("[port=81]")]);
        let container = "[{name: http, containerPort: 8080}]";
        assert_eq!(
            told("ports", container, "[{name: http, containerPort: 80}]"),
            [is("[containerPort=80]")]
        );
    }

    #[test]
    fn what_has_no_name_is_beside_what_has_one() {
        let ours = "[{http: {paths: []}}, {host: a.com}]";
        assert_eq!(
            told("rules", ours, "[{host: a.com}]"),
            [("[0]".to_owned(), false), is("[host=a.com]")]
        );
        let both = "[{host: b.com}, {http: {}}]";
        assert_eq!(told("rules", ours, both), [is("[1]"), ("[host=a.com]".to_owned(), false)]);
        // Without a Secret each is for other hosts.
        let tls = "[{hosts: [a.com]}, {secretName: web}]";
        assert_eq!(told("tls", tls, "[{hosts: [b.com]}, {hosts: [a.com]}]")[0], is("[1]"));
        assert!(!told("tls", tls, "[{hosts: [b.com]}]")[0].1);
    }

    #[test]
    fn the_same_number_is_another_port_in_another_protocol() {
        let ours = "[{name: http, port: 80, protocol: TCP}]";
        let theirs = "[{name: quic, port: 80, protocol: UDP}, {port: 80}]";
        assert_eq!(told("ports", ours, theirs), [is("[1]")]);
        let udp = "[{name: quic, port: 80, protocol: UDP}]";
        assert_eq!(told("ports", ours, udp), [("[port=80]".to_owned(), false)]);
    }
}
