//! A `*` where the controller takes none.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::{Grade, Ingress, PathType, Route};
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "wildcard-in-prefix-path",
    severity: Severity::Error,
    grade: Grade::Source,
    sources: &["kubernetes/ingress-gce:pkg/controller/translator/translator.go"],
    page: include_str!("wildcard_in_prefix_path.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let served = model.ingresses().iter().filter(|ingress| ingress.is_gce());
    let routes = served.flat_map(Ingress::routes);
    findings.extend(routes.filter_map(|route| finding(&route)));
}

/// Whether the controller refuses a path, and the whole Ingress with it.
pub(super) fn is_refused(route: &Route<'_>) -> bool {
    finding(route).is_some()
}

fn finding(route: &Route<'_>) -> Option<Draft> {
    let kind = match route.path_type {
        PathType::Prefix => "Prefix",
        PathType::Exact => "Exact",
        PathType::ImplementationSpecific => return None,
    };
    let path = route.path.filter(|_| route.path_text().contains('*'))?;
    let message = format!(
        "the whole Ingress stops being updated, every host and path of it: GKE takes no `*` in a path of type {kind}"
    );
    let plain = route.path_text().replace('*', "");
    let plain = if plain.len() > 1 { plain.trim_end_matches('/') } else { "/" };
    let help = match route.path_type {
        PathType::Prefix => format!("write `path: {plain}`, which matches all below it"),
        _ => format!("write `pathType: Prefix` and `path: {plain}`"),
    };
    let draft = Draft::at(route.ingress.0.at(path), "", message)
        .of(&route.ingress.0, route.path_name("path"))
        .help(help);
    Some(draft)
}
