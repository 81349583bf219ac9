//! Comparing two states of the same objects, each of them whole: what runs, and what would run.
//!
//! Here every field counts, also one that is gone; what the API server and controllers write counts for neither side.
//! Values are compared as Kubernetes reads them, JSON within annotations as JSON, nginx configurations as directives.

mod nginx;
mod text;

use serde_json::Value as Json;

use super::Status;
use super::foreign::is_servers;
use super::lists;
use super::same::{json, said, same, same_json};
use super::why::{Why, why};
use crate::diagnostic::ObjectName;
use crate::kube::Object;
use crate::manifest::{Node, Path, Step};
use crate::set::Set;

/// An object on both sides or on one.
#[derive(Debug)]
pub struct WholeDiff<'s> {
    /// How it comes to be.
    pub status: Status,
    /// As it is.
    pub old: Option<Object<'s>>,
    /// As it would be.
    pub new: Option<Object<'s>>,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The field, to be pasted back; within nginx by its blocks.
    pub path: String,
    /// What is there; `None` if nothing is.
    pub old: Option<String>,
    /// What would be there; `None` if nothing would.
    pub new: Option<String>,
    /// What hangs on it where the object carries sessions.
    pub why: Why,
}

impl WholeDiff<'_> {
    /// Its name.
    pub fn name(&self) -> ObjectName {
        let object = self.new.or(self.old);
        object.map_or_else(
            || ObjectName { kind: String::new(), namespace: None, name: String::new() },
            |object| object.object_name(),
        )
    }
}

/// Compares all objects of two sides, by group, kind, namespace and name.
pub fn compare_whole<'s>(old: &Set<'s>, new: &Set<'s>) -> Vec<WholeDiff<'s>> {
    let twin = |one: &Object<'s>, others: &Set<'s>| {
        let named = others.candidates(one.kind, one.name).into_iter();
        let mut same =
            named.filter(|other| other.group == one.group && other.namespace == one.namespace);
        same.next().copied()
    };
    let changed = new.objects.iter().map(|one| match twin(one, old) {
        Some(before) => pair(before, *one, old, new),
        None => WholeDiff { status: Status::Add, old: None, new: Some(*one), differences: vec![] },
    });
    let gone = old.objects.iter().filter(|one| twin(one, new).is_none());
    let gone = gone.map(|one| WholeDiff {
        status: Status::OnlyThere,
        old: Some(*one),
        new: None,
        differences: vec![],
    });
    changed.chain(gone).collect()
}

fn pair<'s>(old: Object<'s>, new: Object<'s>, before: &Set<'s>, after: &Set<'s>) -> WholeDiff<'s> {
    let mut comparison = Comparison { new: &new, texts: [before, after], old: &old, found: vec![] };
    comparison.maps(old.node, new.node, &Path::default());
    let differences = comparison.found;
    WholeDiff {
        status: if differences.is_empty() { Status::Same } else { Status::Change },
        old: Some(old),
        new: Some(new),
        differences,
    }
}

struct Comparison<'c, 's> {
    old: &'c Object<'s>,
    new: &'c Object<'s>,
    texts: [&'c Set<'s>; 2],
    found: Vec<Difference>,
}

impl<'s> Comparison<'_, 's> {
    fn maps(&mut self, old: Node<'s>, new: Node<'s>, path: &Path) {
        let inner = |key: &str| path.clone().then(Step::Key(key.to_owned()));
        for entry in old.entries() {
            let key = entry.key();
            self.compare(Some(entry.value()), new.get(&key), &inner(&key));
        }
        for entry in new.entries() {
            let key = entry.key();
            if old.get(&key).is_none() {
                self.compare(None, Some(entry.value()), &inner(&key));
            }
        }
    }

    fn compare(&mut self, old: Option<Node<'s>>, new: Option<Node<'s>>, path: &Path) {
        if is_servers(path) {
            return;
        }
        match (old, new) {
            (Some(old), Some(new)) if old.is_map() && new.is_map() => self.maps(old, new, path),
            (Some(old), Some(new)) if old.is_list() && new.is_list() => self.lists(old, new, path),
            (Some(old), Some(new)) if same(old, new) || same_json(old, new, path) => {}
            (Some(old), Some(new)) => self.scalars(old, new, path),
            (Some(one), None) | (None, Some(one)) if is_nothing(one, path) => {}
            (old, new) => self.push(path, old.map(json), new.map(json)),
        }
    }

    fn scalars(&mut self, old: Node<'s>, new: Node<'s>, path: &Path) {
        if let Some(differences) = self.in_nginx(path) {
            self.found.extend(differences);
            return;
        }
        match (old.text(), new.text()) {
            (Some(one), Some(other)) if one.contains('\n') && !self.is_secret(path) => {
                self.found.extend(text::differences(&path.to_string(), one, other));
            }
            _ => self.push(path, Some(json(old)), Some(json(new))),
        }
    }

    /// What differs in the nginx configuration that a key of a ConfigMap holds on both sides; `None` if it does not.
    fn in_nginx(&self, path: &Path) -> Option<Vec<Difference>> {
        let [Step::Key(data), Step::Key(key)] = &path.steps[..] else {
            return None;
        };
        let text = |set: &Set<'s>, object: &Object<'s>| {
            let texts = set.nginx_in(object).iter().map(|index| set.nginx[*index].tree.clone());
            let names = set.nginx_in(object).iter().map(|index| set.nginx[*index].name());
            names.zip(texts).find(|(name, _)| *name == key.as_str()).map(|(_, tree)| tree)
        };
        let trees = (text(self.texts[0], self.old)?, text(self.texts[1], self.new)?);
        let is_read = trees.0.problems.is_empty() && trees.1.problems.is_empty();
        (data == "data" && is_read)
            .then(|| nginx::differences(&path.to_string(), &trees.0, &trees.1))
    }

    fn lists(&mut self, old: Node<'s>, new: Node<'s>, path: &Path) {
        let list = match path.steps.last() {
            Some(Step::Key(key)) => key.as_str(),
            _ => "",
        };
        match (names(list, old), names(list, new)) {
            (Some(before), Some(after)) => {
                self.named(list, &before, &after, path);
            }
            _ if same(old, new) || lists::is_set(list) && same_set(old, new) => {}
            _ => self.push(path, Some(json(old)), Some(json(new))),
        }
    }

    /// Items that have names: each is compared with the one of its name, and then the order of both.
    fn named(&mut self, list: &str, old: &[Item<'s>], new: &[Item<'s>], path: &Path) {
        let in_list = |step: &Step| path.clone().then(step.clone());
        let all: Vec<&Item<'s>> = old.iter().chain(new).collect();
        for one in old {
            let twin = new.iter().find(|other| other.is(one));
            self.compare(Some(one.node), twin.map(|item| item.node), &in_list(&one.shown(&all)));
        }
        for one in new.iter().filter(|one| !old.iter().any(|other| other.is(one))) {
            self.compare(None, Some(one.node), &in_list(&one.shown(&all)));
        }
        let order = |own: &[Item<'s>], other: &[Item<'s>]| -> Vec<Step> {
            let both = own.iter().filter(|one| other.iter().any(|twin| twin.is(one)));
            both.map(|one| one.step.clone()).collect()
        };
        let (before, after) = (order(old, new), order(new, old));
        if before != after && lists::has_order(list) {
            let said = |steps: Vec<Step>| {
                let names = steps.iter().filter_map(|step| match step {
                    Step::Pick { value, .. } => Some(value.as_str()),
                    _ => None,
                });
                format!("in the order {}", names.collect::<Vec<_>>().join(", "))
            };
            self.found.push(Difference {
                path: path.to_string(),
                old: Some(said(before)),
                new: Some(said(after)),
                why: Why::default(),
            });
        }
    }

    fn push(&mut self, path: &Path, old: Option<Json>, new: Option<Json>) {
        let secret = self.is_secret(path);
        let told = |value: Json| if secret { masked(&value) } else { said(&value) };
        self.found.push(Difference {
            path: path.to_string(),
            old: old.map(told),
            new: new.map(told),
            why: why(self.new.kind, path),
        });
    }

    /// What is in a Secret is nobody's to read here.
    fn is_secret(&self, path: &Path) -> bool {
        let first = path.steps.first();
        let holds = |key: &str| matches!(key, "data" | "stringData");
        self.new.kind == "Secret" && matches!(first, Some(Step::Key(key)) if holds(key))
    }
}

/// What is there and says nothing: the API server keeps neither a null nor labels and annotations that are empty.
fn is_nothing(node: Node<'_>, path: &Path) -> bool {
    let is_empty = node.is_map() && node.entries().next().is_none();
    let of_metadata = matches!(path.steps.first(), Some(Step::Key(key)) if key == "metadata");
    node.is_null() || is_empty && of_metadata
}

/// A value that is not told.
fn masked(value: &Json) -> String {
    match value {
        Json::Object(map) => {
            format!(
                "{{{}}}",
                map.keys().map(|key| format!("{key:?}: …")).collect::<Vec<_>>().join(",")
            )
        }
        _ => "…".to_owned(),
    }
}

/// An item of a list, by its name.
struct Item<'s> {
    step: Step,
    /// What a port has beside its number; TCP where it says nothing
    /// (<https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/>).
    protocol: &'s str,
    node: Node<'s>,
}

impl<'s> Item<'s> {
    fn is(&self, other: &Self) -> bool {
        self.step == other.step && self.protocol == other.protocol
    }

    /// The step to it: by its own name where another protocol has the same port.
    fn shown(&self, all: &[&Item<'s>]) -> Step {
        let is_shared =
            all.iter().any(|other| other.step == self.step && other.protocol != self.protocol);
        let name = self.node.get("name").and_then(Node::text).filter(|_| is_shared);
        let step = name.map(|name| Step::Pick { key: "name".to_owned(), value: name.to_owned() });
        step.unwrap_or_else(|| self.step.clone())
    }
}

/// Nothing if an item has no name, or two have one.
fn names<'s>(list: &str, node: Node<'s>) -> Option<Vec<Item<'s>>> {
    let item = |node: Node<'s>| {
        let protocol = node.get("protocol").filter(|_| list == "ports").and_then(Node::text);
        Some(Item { step: lists::pick(list, node)?, protocol: protocol.unwrap_or("TCP"), node })
    };
    let named = node.items().map(item).collect::<Option<Vec<Item<'s>>>>()?;
    let twice = |at: usize| named[..at].iter().any(|other| other.is(&named[at]));
    (!named.is_empty() && !(0..named.len()).any(twice)).then_some(named)
}

/// Whether two lists hold the same items, in whatever order.
fn same_set(old: Node<'_>, new: Node<'_>) -> bool {
    let within = |one: Node<'_>, all: Node<'_>| {
        one.items().all(|item| all.items().any(|other| same(item, other)))
    };
    within(old, new) && within(new, old)
}
