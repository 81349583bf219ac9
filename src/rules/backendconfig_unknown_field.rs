//! A field that a BackendConfig does not have.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::BackendConfig;
use crate::kube::Grade;
use crate::kube::fields::{Unknown, known_fields, unknown_field};
use crate::manifest::{Entry, Node};
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "backendconfig-unknown-field",
    severity: Severity::Warning,
    grade: Grade::Source,
    sources: &[
        "kubernetes/ingress-gce:pkg/apis/backendconfig/v1/types.go",
        "https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning",
    ],
    page: include_str!("backendconfig_unknown_field.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for config in model.backend_configs() {
        if let Some(spec) = config.0.spec() {
            visit(&config, spec, "spec", findings);
        }
    }
}

fn visit(config: &BackendConfig<'_>, block: Node<'_>, path: &str, findings: &mut Findings) {
    for entry in block.entries() {
        let path = format!("{path}.{}", entry.key());
        match unknown_field("BackendConfig", &path) {
            Some(unknown) => findings.add(draft(config, entry, &path, &unknown)),
            None => visit(config, entry.value(), &path, findings),
        }
    }
    for item in block.items().filter(|item| item.is_map()) {
        visit(config, item, &format!("{path}[]"), findings);
    }
}

fn draft(config: &BackendConfig<'_>, entry: Entry<'_>, path: &str, unknown: &Unknown) -> Draft {
    let key = entry.key();
    let message = format!(
        "`{key}` has no effect: a BackendConfig has no such field, and the API server drops it"
    );
    let help = match (&unknown.nearest, owner(path)) {
        (_, Some(kind)) => format!("write it into a {kind}, whose field it is"),
        (Some(near), None) => format!("write `{}`", near.trim_start_matches("spec.")),
        (None, None) => "take it out: `sioway explain BackendConfig` lists the fields".to_owned(),
    };
    Draft::at(config.0.place(entry.key_span()), "dropped", message).of(&config.0, path).help(help)
}

/// The kind that has it.
fn owner(path: &str) -> Option<&'static str> {
    let kinds = ["FrontendConfig", "ManagedCertificate"];
    kinds
        .into_iter()
        .find(|kind| known_fields(kind).is_some_and(|known| known.iter().any(|one| one == path)))
}
