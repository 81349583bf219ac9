//! An unquoted value that Kubernetes does not read as the text it must be.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Grade, Object, Workload};
use crate::manifest::{Entry, Node, Value};
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "ambiguous-scalar",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes-sigs/yaml:goyaml.v2/resolve.go",
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/",
        "kubernetes/kubernetes:staging/src/k8s.io/api/core/v1/types.go",
    ],
    page: include_str!("ambiguous_scalar.md"),
    check,
};

/// Maps of texts, in every object that has them.
const MAPS: [(&str, &[&str]); 4] = [
    ("an annotation", &["metadata", "annotations"]),
    ("a label", &["metadata", "labels"]),
    ("an annotation", &["spec", "template", "metadata", "annotations"]),
    ("a label", &["spec", "template", "metadata", "labels"]),
];

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for object in model.objects() {
        let own: &[(&str, &[&str])] = match (object.kind, object.group) {
            ("ConfigMap", "") => &[("a value of a ConfigMap", &["data"])],
            ("Secret", "") => &[("a value of a Secret", &["stringData"])],
            ("Service", "") => &[("a label to select by", &["spec", "selector"])],
            _ => &[],
        };
        for (what, keys) in MAPS.iter().chain(own) {
            let entries = object.node.at(keys).into_iter().flat_map(Node::entries);
            for entry in entries {
                let path = || format!("{}[\"{}\"]", keys.join("."), entry.key());
                judge(object, what, entry, path, findings);
            }
        }
        environment(object, findings);
    }
}

fn environment(object: &Object<'_>, findings: &mut Findings) {
    let containers = Workload::of(object).map(|one| one.containers());
    let template = if object.kind == "Pod" { "" } else { "template.spec." };
    for container in containers.unwrap_or_default() {
        let env = container.0.get("env").into_iter().flat_map(Node::items);
        for variable in env {
            let name = variable.get("name").and_then(Node::text).unwrap_or_default();
            let path = || {
                let container = container.name();
                format!("spec.{template}containers[name={container}].env[name={name}].value")
            };
            if let Some(entry) = variable.entry("value") {
                judge(object, "an environment variable", entry, path, findings);
            }
        }
    }
}

/// Nothing at all is taken for an empty text.
fn judge(
    object: &Object<'_>,
    what: &str,
    entry: Entry<'_>,
    path: impl FnOnce() -> String,
    findings: &mut Findings,
) {
    let node = entry.value();
    let Some(scalar) = node.scalar() else { return };
    let read = scalar.kubernetes();
    if matches!(read, Value::Text(_) | Value::Null) {
        return;
    }
    let text = scalar.text();
    let message = format!(
        "`kubectl apply` refuses the {}: `{text}` without quotes is {read}, and {what} is text",
        object.kind
    );
    let draft = Draft::at(object.at(node), format!("read as {read}"), message).of(object, path());
    let draft = match scalar.disagreement() {
        Some(said) => draft.note(said),
        None => draft,
    };
    let fix = object.set_node(node, text.to_owned());
    findings.add(draft.help(format!("write `\"{text}\"`")).fix(Applicability::Safe, fix));
}
