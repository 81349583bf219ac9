//! A BackendConfig, and the annotation that names one, as the versions of the beta have them: still read.

use super::entries;
use crate::kube::fields::is_in_v1beta1;
use crate::kube::{BACKEND_CONFIG_KEY, BETA_KEY, Object};
use crate::manifest::{Entry, Node, Path};

/// Whether an object is a BackendConfig of the beta that cannot hold what is rendered: what its version does not know
/// is dropped when it is applied (`kubernetes/ingress-gce:pkg/apis/backendconfig/v1beta1/types.go`).
pub(super) fn drops(one: &Object<'_>, other: &Object<'_>) -> bool {
    let is_old = other.kind == "BackendConfig" && other.version == "v1beta1";
    is_old
        && one.version == "v1"
        && one.node.get("spec").is_some_and(|spec| holds_newer(spec, "spec"))
}

fn holds_newer(block: Node<'_>, path: &str) -> bool {
    block.entries().any(|entry| {
        let own = format!("{path}.{}", entry.key());
        !is_in_v1beta1(&own) || entry.value().is_map() && holds_newer(entry.value(), &own)
    })
}

/// The annotation of the beta that is in force where the stable one is rendered, and is not there: the stable one would
/// win over all that it says (`kubernetes/ingress-gce:pkg/annotations/service.go`).
pub(super) fn in_force<'s>(other: &Object<'s>, path: &Path) -> Option<Node<'s>> {
    let is_stable = entries::annotation(path) == Some(BACKEND_CONFIG_KEY);
    let beta = other.annotation(BETA_KEY).filter(|_| is_stable && other.kind == "Service");
    beta.map(Entry::value)
}
