//! Containers that run as root in pods that must not: the kubelet starts none of them
//! (`runAsNonRoot` in <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#security-context>).

use super::one_of::{RuledOut, keys_of};
use crate::manifest::{Node, Path, Step};

const WHY: &str = "0 is root: no container starts that must not run as root";

/// What containers of ours say that makes them root, and the first of others that is.
#[derive(Debug, Default)]
pub(super) struct Roots<'s> {
    pub(super) ours: Vec<RuledOut<'s>>,
    pub(super) other: Option<String>,
}

/// The containers of a pod that run as root, where the pod that is rendered must not.
pub(super) fn roots<'s>(path: &Path, ours: Node<'_>, theirs: Node<'s>) -> Roots<'s> {
    let mut roots = Roots::default();
    let is_forbidden = ours.at(&["securityContext", "runAsNonRoot"]).and_then(Node::as_bool);
    if !keys_of(path).ends_with(&["template", "spec"]) || is_forbidden != Some(true) {
        return roots;
    }
    for list in ["containers", "initContainers"] {
        for container in theirs.get(list).into_iter().flat_map(Node::items) {
            let context = |key| container.at(&["securityContext", key]);
            let user = context("runAsUser").filter(|user| user.as_int() == Some(0));
            let may = context("runAsNonRoot").and_then(Node::as_bool) == Some(false);
            let name = container.get("name").and_then(Node::text).unwrap_or_default();
            let (Some(node), false) = (user, may) else {
                continue;
            };
            let mut own = ours.get(list).into_iter().flat_map(Node::items);
            let Some(own) = own.find(|one| one.get("name").and_then(Node::text) == Some(name))
            else {
                roots.other.get_or_insert_with(|| name.to_owned());
                continue;
            };
            // One that ours says is compared.
            if own.at(&["securityContext", "runAsUser"]).is_none() {
                let pick = Step::Pick { key: "name".to_owned(), value: name.to_owned() };
                let below = Path::of_keys(&[list]).then(pick);
                let below = below.then(Step::Key("securityContext".to_owned()));
                let below = below.then(Step::Key("runAsUser".to_owned()));
                roots.ours.push(RuledOut { by: None, below, node, why: WHY });
            }
        }
    }
    roots
}
