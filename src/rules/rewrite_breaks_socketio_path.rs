//! ingress-nginx rewrites Socket.IO's path to one that no server answers.

use regex_lite::Regex;

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Controller, Grade, Route, annotation_path};
use crate::path::{Model, Part, socketio_path};

const TARGET: &str = "nginx.ingress.kubernetes.io/rewrite-target";

pub(super) static RULE: Rule = Rule {
    id: "rewrite-breaks-socketio-path",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Manual,
    sources: &[
        "kubernetes/ingress-nginx:internal/ingress/controller/template/template.go",
        "kubernetes/ingress-nginx:docs/examples/rewrite/README.md",
    ],
    page: include_str!("rewrite_breaks_socketio_path.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let found = model.routes().filter_map(|route| finding(route, &broken(model, route)?));
    findings.extend(found);
}

/// What becomes of Socket.IO's path on a way that names it, if a server would not answer that.
pub(super) fn broken(model: &Model<'_>, route: &Route<'_>) -> Option<String> {
    let nginx = route.ingress.controller() == Controller::IngressNginx;
    let asked = socketio_path(route.path_text()).filter(|_| nginx)?;
    let target = route.ingress.0.annotation_text(TARGET)?;
    let became = rewritten(route.path_text(), target, &asked)?;
    let names_it = socketio_path(&became).is_some();
    (!names_it && !is_meant(model, route, &became)).then_some(became)
}

/// Whether somebody says that the server is mounted just there.
fn is_meant(model: &Model<'_>, route: &Route<'_>, became: &str) -> bool {
    let backend = model.backend_of(route);
    let session = backend.and_then(|backend| backend.session.as_ref());
    let mut marks = session.into_iter().flat_map(|session| &session.evidence);
    marks.any(|one| one.mark.server_path.as_deref() == Some(became))
}

/// `rewrite "(?i)PATH" TARGET break;`, unless both are the same.
fn rewritten(path: &str, target: &str, asked: &str) -> Option<String> {
    if path == target {
        return None;
    }
    let pattern = Regex::new(&format!("(?i){path}")).ok()?;
    let found = pattern.captures(asked)?;
    let mut became = String::new();
    let mut rest = target;
    while let Some(at) = rest.find('$') {
        became.push_str(&rest[..at]);
        let digit = rest[at + 1..].chars().next().and_then(|c| c.to_digit(10))?;
        let group = found.get(digit as usize);
        became.push_str(group.map_or("", |one| one.as_str()));
        rest = &rest[at + 2..];
    }
    became.push_str(rest);
    Some(became)
}

fn finding(route: &Route<'_>, became: &str) -> Option<Draft> {
    let object = &route.ingress.0;
    let entry = object.annotation(TARGET)?;
    let asked = socketio_path(route.path_text())?;
    let message =
        format!("Socket.IO's requests fail with 404: `{asked}` reaches the server as `{became}`");
    let help = format!(
        "move the path to an Ingress of its own without `rewrite-target`: `path: {}` with `pathType: Prefix`",
        asked.trim_end_matches('/')
    );
    let draft = Draft::at(object.at(entry.value()), "rewrites every path of this Ingress", message)
        .of(object, annotation_path(TARGET))
        .and(object.at(route.path?), "also this one");
    Some(draft.help(help))
}
