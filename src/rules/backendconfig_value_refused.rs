//! A value that a field of a BackendConfig may not have.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::fields::{Field, Given, Shape, check_value};
use crate::kube::{BackendConfig, Grade, RefusedBy, RefusedValue};
use crate::manifest::Node;
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "backendconfig-value-refused",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes/ingress-gce:pkg/backendconfig/validation.go",
        "kubernetes/ingress-gce:pkg/apis/backendconfig/v1/types.go",
        "https://cloud.google.com/compute/docs/reference/rest/v1/backendServices",
    ],
    page: include_str!("backendconfig_value_refused.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for config in model.backend_configs() {
        let values = config.refused_values().into_iter();
        let own = values.filter(|value| !is_anothers(&value.path, Given::from(value.node)));
        findings.extend(own.map(|value| refused(&config, &value)));
        // A patch is merged into what has the rest.
        if !model.is_patch(&config.0) {
            without_required(&config, findings);
        }
        findings.extend(both_cdn_and_iap(&config));
    }
}

fn refused(config: &BackendConfig<'_>, value: &RefusedValue<'_>) -> Draft {
    let message = match value.by {
        RefusedBy::Controller => {
            "every Ingress that uses this BackendConfig stops syncing: the value is refused"
        }
        RefusedBy::ApiServer => {
            "the API server refuses this BackendConfig: the value is of the wrong type"
        }
    };
    let RefusedValue { node, path, field, .. } = value;
    let draft = Draft::at(config.0.at(*node), value.why.as_str(), message).of(&config.0, path);
    let help =
        format!("`sioway explain BackendConfig.{path}` says what it may be: {}", field.meaning);
    let fix = meant(field, *node).and_then(|value| config.0.set_node(*node, value));
    draft.help(help).fix(applicability(path), fix)
}

/// What takes hold by an edit that nobody has seen do so: a cache, a login, a policy.
pub(super) fn applicability(path: &str) -> Applicability {
    const FAR: [&str; 3] = ["spec.cdn", "spec.iap", "spec.securityPolicy"];
    let far = FAR.iter().any(|block| path.starts_with(block));
    if far { Applicability::Unsafe } else { Applicability::Safe }
}

/// The same value as its field has it: without quotes or with them, or in the API's spelling.
fn meant(field: &Field, node: Node<'_>) -> Option<serde_json::Value> {
    let text = node.text()?;
    let value: serde_json::Value = match (field.shape, Given::from(node)) {
        (Shape::Integer { .. } | Shape::OneOfNumbers(_), Given::Text(text)) => {
            text.parse::<i64>().ok().filter(|number| number.to_string() == text)?.into()
        }
        (Shape::Bool, Given::Text(text)) => text.parse::<bool>().ok()?.into(),
        (Shape::OneOf(words), Given::Text(text)) => spelt(words, text)?.into(),
        (shape, Given::Integer(_) | Given::Number(_) | Given::Bool(_))
            if shape.is_type_of(Given::Text(text)) =>
        {
            text.into()
        }
        _ => return None,
    };
    check_value(field, &value).is_none().then_some(value)
}

fn spelt(words: &[&'static str], text: &str) -> Option<&'static str> {
    let squeezed = |word: &str| word.replace(['-', '_', ' '], "").to_ascii_uppercase();
    words.iter().copied().find(|word| squeezed(word) == squeezed(text))
}

/// Rules of their own speak of these.
fn is_anothers(path: &str, given: Given<'_>) -> bool {
    match path {
        "spec.sessionAffinity.affinityCookieTtlSec" => matches!(given, Given::Integer(_)),
        "spec.healthCheck.type" => matches!(given, Given::Text(_)),
        _ => false,
    }
}

/// Blocks that are refused without a certain key.
fn without_required(config: &BackendConfig<'_>, findings: &mut Findings) {
    for (field, block) in config.keys_missing() {
        let name = field.path.rsplit('.').next().unwrap_or(field.path);
        let message =
            format!("the API server refuses this BackendConfig: the block has no `{name}`");
        let draft = Draft::at(config.place(&block), format!("no `{name}`"), message)
            .of(&config.0, field.path);
        findings.add(draft.help(format!("write `{name}` into it, or take the block out")));
    }
}

/// Two blocks that the controller takes one of.
fn both_cdn_and_iap(config: &BackendConfig<'_>) -> Option<Draft> {
    let (iap, cdn) = config.iap_beside_cdn()?;
    let message = "every Ingress that uses this BackendConfig stops syncing: the controller refuses Cloud CDN and Identity-Aware Proxy together";
    let draft = Draft::at(config.0.at(iap), "Identity-Aware Proxy", message)
        .of(&config.0, "spec.iap.enabled")
        .and(config.0.at(cdn), "Cloud CDN");
    Some(draft.help("write `enabled: false` into one of the two blocks"))
}
