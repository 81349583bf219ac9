//! What is there and not rendered: somebody else's, which stays.

use super::one_of;
use super::value::is_own_map;
use crate::kube::{Object, annotations};
use crate::manifest::{Node, Path, Step};

/// A field that is not compared, because only the other side has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// The field.
    pub path: String,
    /// Whether the API server or a controller writes it.
    pub is_servers: bool,
}

/// What the API server writes into every object.
const SERVERS: [&str; 8] = [
    "status",
    "metadata.creationTimestamp",
    "metadata.generation",
    "metadata.managedFields",
    "metadata.resourceVersion",
    "metadata.selfLink",
    "metadata.uid",
    "metadata.finalizers",
];

/// What kubectl remembers of the last time: its own affair.
const KUBECTLS: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Whether the API server, a controller or kubectl writes a field.
pub(super) fn is_servers(path: &Path) -> bool {
    let [Step::Key(metadata), Step::Key(annotations), Step::Key(key)] = &path.steps[..] else {
        return SERVERS.contains(&&*path.to_string());
    };
    let is_annotation = metadata == "metadata" && annotations == "annotations";
    is_annotation && (key == KUBECTLS || annotations::is_status(key))
}

/// The fields of an object that is there which the rendered one does not have, the outermost of each.
pub fn foreign(one: &Object<'_>, other: &Object<'_>) -> Vec<Foreign> {
    let mut found = Vec::new();
    walk(one, (one.node, other.node), &Path::default(), &mut found);
    found
}

fn walk(
    one: &Object<'_>,
    (ours, theirs): (Node<'_>, Node<'_>),
    path: &Path,
    found: &mut Vec<Foreign>,
) {
    if is_own_map(one.kind, &one_of::keys_of(path)) {
        return;
    }
    let gone = one_of::ruled_out(one.kind, path, ours, theirs);
    let is_gone = |key: &str| gone.iter().any(|one| one.below == Path::of_keys(&[key]));
    for entry in theirs.entries().filter(|entry| !is_gone(&entry.key())) {
        let key = entry.key();
        let path = path.clone().then(Step::Key(key.clone().into_owned()));
        match ours.get(&key) {
            Some(inner) if inner.is_map() && entry.value().is_map() => {
                walk(one, (inner, entry.value()), &path, found);
            }
            Some(_) => {}
            None => found.push(Foreign { is_servers: is_servers(&path), path: path.to_string() }),
        }
    }
}
