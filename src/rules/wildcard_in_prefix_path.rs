//! A `*` where the controller takes none.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Grade, PathType, Route};
use crate::manifest::Node;
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "wildcard-in-prefix-path",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &["kubernetes/ingress-gce:pkg/controller/translator/translator.go"],
    page: include_str!("wildcard_in_prefix_path.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let served = model.routes().filter(|route| route.ingress.is_gce());
    findings.extend(served.filter_map(finding));
}

/// Whether the controller refuses a path, and the whole Ingress with it.
pub(super) fn is_refused(route: &Route<'_>) -> bool {
    finding(route).is_some()
}

/// `/socket.io/*` means what `/socket.io` does as a prefix; a `*` elsewhere has no such meaning.
fn repaired(draft: Draft, route: &Route<'_>, path: Node<'_>) -> Draft {
    let ingress = &route.ingress;
    let plain = route.path_text().strip_suffix("/*").filter(|plain| !plain.contains('*'));
    let plain = plain.map(|plain| if plain.is_empty() { "/" } else { plain });
    let taken = |plain: &&str| {
        let mut others =
            ingress.routes().into_iter().filter(|one| one.host_text() == route.host_text());
        others.any(|one| one.path_text().trim_end_matches('/') == plain.trim_end_matches('/'))
    };
    let Some(plain) = plain.filter(|plain| !taken(plain)) else {
        return draft;
    };
    let Some(path) = ingress.0.set_node(path, plain) else {
        return draft;
    };
    if route.path_type == PathType::Prefix {
        return draft.fix(Applicability::Safe, [path]);
    }
    let kind = ingress.0.set_in(route.node, "pathType", "Prefix");
    draft.fix(Applicability::Unsafe, kind.into_iter().chain([path]))
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
    Some(repaired(draft, route, path))
}
