//! What is there and not rendered: somebody else's, which stays.

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
    walk(one.node, other.node, &Path::default(), &mut found);
    found
}

fn walk(ours: Node<'_>, theirs: Node<'_>, path: &Path, found: &mut Vec<Foreign>) {
    for entry in theirs.entries() {
        let key = entry.key();
        let path = path.clone().then(Step::Key(key.clone().into_owned()));
        match ours.get(&key) {
            Some(inner) if inner.is_map() && entry.value().is_map() => {
                walk(inner, entry.value(), &path, found);
            }
            Some(_) => {}
            None => found.push(Foreign { is_servers: is_servers(&path), path: path.to_string() }),
        }
    }
}
