//! A path that Google's load balancer takes letter by letter.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Grade, PathType, Route};
use crate::path::{Model, Part, socketio_path};

pub(super) static RULE: Rule = Rule {
    id: "path-matches-only-itself",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes/ingress-gce:pkg/controller/translator/translator.go",
        "https://cloud.google.com/kubernetes-engine/docs/how-to/load-balance-ingress#multiple_backend_services",
    ],
    page: include_str!("path_matches_only_itself.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let served = model.routes().filter(|route| route.ingress.is_gce());
    let routes = served.filter(|route| is_verbatim(route));
    findings.extend(routes.filter_map(|route| finding(model, route)));
}

/// Whether a path stands for itself alone.
pub(super) fn is_verbatim(route: &Route<'_>) -> bool {
    let path = route.path_text();
    route.path_type != PathType::Prefix && !path.is_empty() && !path.ends_with('*')
}

fn finding(model: &Model<'_>, route: &Route<'_>) -> Option<Draft> {
    let path = route.path_text();
    let own =
        socketio_path(path).filter(|own| own.trim_end_matches('/') == path.trim_end_matches('/'));
    // What is there for Socket.IO was meant to lead its clients here; what else comes below a path may be meant not to.
    let applicability = if own.is_some() { Applicability::Safe } else { Applicability::Unsafe };
    let (message, severity) = match own {
        Some(own) if path != own => (missed(route, &own)?, Severity::Error),
        Some(own) => (bundle(route, &own)?, Severity::Warning),
        None => deeper(model, route)?,
    };
    let kind =
        if route.path_type == PathType::Exact { "`Exact`" } else { "without `pathType: Prefix`" };
    let at = route.ingress.0.at(route.path?);
    let help = format!("write `pathType: Prefix` beside `path: {path}`");
    let draft = Draft::at(at, format!("{kind}: this URL alone"), message)
        .of(&route.ingress.0, route.path_name("path"))
        .only(severity);
    let open = !is_taken(route);
    let fix = open.then(|| route.ingress.0.set_in(route.node, "pathType", "Prefix")).flatten();
    Some(draft.help(help).fix(applicability, fix))
}

/// Whether another way of the host has the URLs that `Prefix` would take, which are then no longer its own: of two
/// paths that come out alike the later one counts.
fn is_taken(route: &Route<'_>) -> bool {
    let base = |one: &Route<'_>| {
        let path = one.path_text();
        path.strip_suffix("/*").unwrap_or(path).trim_end_matches('/').to_owned()
    };
    let elsewhere = |one: &Route<'_>| {
        one.service_name() != route.service_name() || one.port_reference() != route.port_reference()
    };
    let mut routes = route.ingress.routes().into_iter().filter(|one| !one.is_default());
    routes.any(|one| {
        one.host_text() == route.host_text() && base(&one) == base(route) && elsewhere(&one)
    })
}

/// Whether a URL of the same host comes to the same Service by another way.
fn arrives(route: &Route<'_>, url: &str) -> bool {
    let taken = route.ingress.gce_route(route.host_text(), url);
    taken.is_some_and(|other| other.service_name() == route.service_name())
}

/// `/socket.io`, where clients ask for `/socket.io/`.
fn missed(route: &Route<'_>, own: &str) -> Option<String> {
    let path = route.path_text();
    (!arrives(route, own)).then(|| {
        format!("no Socket.IO client gets here: this path is `{path}` and nothing else, and clients ask for `{own}`")
    })
}

/// `/socket.io/` is what clients ask for; the file that a page loads them from lies below.
fn bundle(route: &Route<'_>, own: &str) -> Option<String> {
    let explicit = route.path_type == PathType::Exact;
    let url = format!("{own}socket.io.js");
    (!explicit && !arrives(route, &url)).then(|| {
        format!("pages that load the client from `{url}` do not get it: this path is `{own}` and nothing below it")
    })
}

/// A directory whose contents go nowhere. What goes to another Service is meant to.
fn deeper(model: &Model<'_>, route: &Route<'_>) -> Option<(String, Severity)> {
    let path = route.path_text();
    let (host, below) = (route.host_text(), format!("{path}x"));
    let lost = path.ends_with('/') && route.ingress.gce_route(host, &below).is_none();
    let backend = model.backend_of(route);
    let carries = backend.is_some_and(|backend| backend.session.is_some());
    let meant = route.path_type == PathType::Exact && !carries;
    let severity = if carries { Severity::Error } else { Severity::Warning };
    (lost && !meant).then(|| {
        let message = format!("every URL below `{path}` is answered with 404: to Google's load balancer this path is `{path}` and nothing else");
        (message, severity)
    })
}
