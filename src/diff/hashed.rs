//! Names that Kustomize ends with a hash of what is in the object.

use crate::kube::Object;
use crate::manifest::{Node, Path, Step};
use crate::set::Set;

/// The letters of the hash, of which a name gets ten (kubernetes-sigs/kustomize:api/hasher/hasher.go).
const LETTERS: &str = "2456789bcdfghkmt";

/// A name without its hash, if it seems to have one.
pub(super) fn stem(name: &str) -> Option<&str> {
    let (stem, hash) = name.rsplit_once('-')?;
    let is_hash = hash.len() == 10 && hash.chars().all(|letter| LETTERS.contains(letter));
    is_hash.then_some(stem)
}

/// Whether two names are the same but for the hash that the other one has.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let Some(other) = stem(other) else {
        return false;
    };
    other == one || stem(one) == Some(other)
}

/// Whether a ConfigMap is what a workload mounts or takes its environment from: a cluster keeps old ones. What a
/// controller made, such as the `ReplicaSet` of an earlier rollout, keeps them too.
pub(super) fn is_in_use(map: &Object<'_>, all: &Set<'_>) -> bool {
    let is_made = |object: &Object<'_>| object.node.at(&["metadata", "ownerReferences"]).is_some();
    let mut users = all.objects.iter().filter(|object| object.shares_namespace_with(map));
    users.any(|object| {
        object.kind != "ConfigMap" && !is_made(object) && refers_to(object.node, map.name)
    })
}

/// Whether some field names a ConfigMap.
fn refers_to(node: Node<'_>, name: &str) -> bool {
    let mut found = false;
    references(node, &mut |map| found |= map == name);
    found
}

/// Every ConfigMap that some field names.
pub(super) fn references<'s>(node: Node<'s>, show: &mut impl FnMut(&'s str)) {
    node.items().for_each(|item| references(item, show));
    for entry in node.entries() {
        if matches!(&*entry.key(), "configMap" | "configMapRef" | "configMapKeyRef") {
            entry.value().get("name").and_then(Node::as_str).into_iter().for_each(&mut *show);
        }
        references(entry.value(), show);
    }
}

/// The one that is most like an object.
pub(super) fn likest<'s>(one: &Object<'s>, all: &[Object<'s>]) -> Option<Object<'s>> {
    let lines = |object: &Object<'s>| -> Vec<&'s str> {
        let data = object.node.get("data").into_iter().flat_map(Node::entries);
        let texts = data.filter_map(|entry| entry.value().text());
        texts.flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty()).collect()
    };
    let wanted = lines(one);
    let likeness = |other: &&Object<'s>| {
        let there = lines(other);
        wanted.iter().filter(|line| there.contains(line)).count()
    };
    all.iter().max_by_key(likeness).copied()
}

/// Whether a field names a ConfigMap or a Secret, whose name the other side may have with a hash.
pub(super) fn is_reference(path: &Path) -> bool {
    let keys: Vec<&str> = path
        .steps
        .iter()
        .rev()
        .filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            _ => None,
        })
        .take(2)
        .collect();
    match keys[..] {
        ["name", around] => matches!(
            around,
            "configMap"
                | "configMapRef"
                | "configMapKeyRef"
                | "secret"
                | "secretRef"
                | "secretKeyRef"
        ),
        ["secretName", ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_but_for_a_hash() {
        assert!(is_same("chat-nginx", "chat-nginx-f8tt28k2hd"));
        assert!(is_same("chat-nginx-2545ktb46h", "chat-nginx-f8tt28k2hd"));
        assert!(!is_same("chat-nginx", "chat-nginx-production"));
        assert!(!is_same("chat", "chat-nginx-f8tt28k2hd"));
        assert!(!is_same("chat-nginx", "chat-nginx"));
    }

    #[test]
    fn references_are_known_by_their_fields() {
        let is = |path: &str| is_reference(&path.parse().unwrap());
        assert!(is("spec.template.spec.volumes[name=a].configMap.name"));
        assert!(is("spec.tls[secretName=a].secretName"));
        assert!(!is("spec.template.spec.containers[name=a].name"));
    }
}
