//! What the API server fills in where a manifest says nothing: leaving it out is saying it.

use crate::manifest::{Node, Path, Step};

/// By kind and path, list items left out (`kubernetes/kubernetes:pkg/apis/core/v1/defaults.go` and
/// `zz_generated.defaults.go` beside it).
const DEFAULTS: [(&str, &str, &str); 5] = [
    ("Service", "spec.ports.protocol", "TCP"),
    ("Service", "spec.sessionAffinity", "None"),
    ("Service", "spec.type", "ClusterIP"),
    ("Deployment", "spec.template.spec.containers.ports.protocol", "TCP"),
    ("StatefulSet", "spec.template.spec.containers.ports.protocol", "TCP"),
];

/// Whether a field that is not there has this value anyway.
pub(super) fn is_default(kind: &str, path: &Path, value: Node<'_>) -> bool {
    let plain: Path =
        path.steps.iter().filter(|step| matches!(step, Step::Key(_))).cloned().collect();
    let plain = plain.to_string();
    DEFAULTS.iter().any(|(of, field, default)| {
        *of == kind && *field == plain && value.as_str() == Some(default)
    })
}
