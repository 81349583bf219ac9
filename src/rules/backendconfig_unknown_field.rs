//! A field that a BackendConfig does not have.

use strsim::damerau_levenshtein;

use super::backendconfig_value_refused::applicability;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Edit, Severity, SourceId};
use crate::kube::BackendConfig;
use crate::kube::Grade;
use crate::kube::fields::{
    Given, Unknown, check_value, field, known_fields, plain_path, unknown_field,
};
use crate::manifest::{Entry, Node};
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "backendconfig-unknown-field",
    severity: Severity::Warning,
    grade: Grade::Source,
    fix: Applicability::Safe,
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
            Some(unknown) => {
                let fix = repair(config, block, entry, &path, &unknown);
                let draft = draft(config, entry, &path, &unknown);
                findings.add(draft.fix(applicability(&path), fix));
            }
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

/// The name of the field beside it that was surely meant, and may have this value.
fn repair(
    config: &BackendConfig<'_>,
    block: Node<'_>,
    entry: Entry<'_>,
    path: &str,
    unknown: &Unknown,
) -> Option<(SourceId, Edit)> {
    let (parent, key) = path.rsplit_once('.')?;
    let nearest = unknown.nearest.as_deref()?;
    let (owner, name) = nearest.rsplit_once('.')?;
    let known = known_fields("BackendConfig")?;
    let beside = known.iter().filter_map(|one| one.rsplit_once('.'));
    let beside = beside.filter(|(owner, _)| *owner == plain_path(parent)).map(|(_, name)| name);
    let alike: Vec<&str> = beside.filter(|name| is_slip(name, key)).collect();
    let fits = check_value(field("BackendConfig", nearest)?, Given::from(entry.value())).is_none();
    let sure = owner == plain_path(parent) && alike == [name] && fits;
    config.0.rename_in(block, entry, name).filter(|_| sure)
}

/// Whether a key is a field's name in another case, with a letter or two off, or with more or fewer at its end.
fn is_slip(name: &str, key: &str) -> bool {
    let (name, key) = (name.to_ascii_lowercase(), key.to_ascii_lowercase());
    let begins = name.starts_with(&key) || key.starts_with(&name);
    let tail = name.len().abs_diff(key.len());
    begins && tail <= 4 || damerau_levenshtein(&name, &key) <= name.len() / 6
}

/// The kind that has it.
fn owner(path: &str) -> Option<&'static str> {
    let kinds = ["FrontendConfig", "ManagedCertificate"];
    kinds
        .into_iter()
        .find(|kind| known_fields(kind).is_some_and(|known| known.iter().any(|one| one == path)))
}
