//! The load balancer takes Socket.IO's path elsewhere than to the pods that answer it.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::path_matches_only_itself::is_verbatim;
use super::wildcard_in_prefix_path::is_refused;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Edit, Severity, SourceId, ValueChange};
use crate::kube::{Grade, Ingress, Route};
use crate::manifest::{Node, Step, path_below};
use crate::path::{Backend, Model, Part, Session, socketio_path};

pub(super) static RULE: Rule = Rule {
    id: "socketio-path-unrouted",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Unsafe,
    sources: &[
        "kubernetes/ingress-gce:pkg/controller/translator/translator.go",
        "kubernetes/ingress-gce:pkg/utils/gceurlmap.go",
        "https://socket.io/docs/v4/troubleshooting-connection-issues/",
    ],
    page: include_str!("socketio_path_unrouted.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (backend, session) in model.session_backends() {
        let paths = session.paths.iter();
        findings.extend(paths.filter_map(|path| finding(model, backend, session, path)));
    }
}

/// An Ingress and one of its hosts.
type Front<'b, 's> = (&'b Ingress<'s>, Option<&'s str>);

/// Where the load balancer comes from: each host that has any way to this backend.
fn fronts<'b, 's>(backend: &'b Backend<'s>) -> Vec<(Front<'b, 's>, &'b Route<'s>)> {
    let mut found: Vec<(Front<'b, 's>, &Route<'s>)> = Vec::new();
    let mut known = HashSet::new();
    for route in backend.gce_routes() {
        let (ingress, host) = (&route.ingress, route.host_text());
        let object = &ingress.0;
        if known.insert((object.file.source, object.node.span().start, host)) {
            found.push(((ingress, host), route));
        }
    }
    found
}

/// It is enough that one host leads the path here: the others may be for something else.
fn finding(
    model: &Model<'_>,
    backend: &Backend<'_>,
    session: &Session,
    path: &str,
) -> Option<Draft> {
    let mut first = None;
    for ((ingress, host), own) in fronts(backend) {
        let taken = model.gce_route(ingress, host, path);
        let here = taken.is_some_and(|route| route.service_name() == Some(backend.service.0.name));
        let named = taken.is_some_and(|route| socketio_path(route.path_text()).is_some());
        let verbatim = is_verbatim(own) && path.starts_with(own.path_text());
        if here || named || verbatim {
            return None;
        }
        first = first.or(Some((own, taken)));
    }
    let (own, taken) = first.filter(|(own, _)| !is_refused_beside(own))?;
    let mut saying = session.evidence.iter();
    let why = saying.find(|one| one.mark.path.as_deref() == Some(path))?;
    // Of several hosts, nobody can tell which is meant for clients.
    let only = fronts(backend).len() == 1;
    Some(said(backend, path, own, taken, only).because(why))
}

/// Whether a path of the same host is refused: that one leads nowhere, and takes the rest of the Ingress along.
fn is_refused_beside(own: &Route<'_>) -> bool {
    let mut routes = own.ingress.routes().into_iter();
    routes.any(|route| route.host_text() == own.host_text() && is_refused(&route))
}

/// One more path of the same host, which leads where the others of the Service do.
fn added(own: &Route<'_>, path: &str) -> Option<(SourceId, Edit)> {
    let object = &own.ingress.0;
    let service = own.backend.get("service")?;
    let value = json!({
        "path": path,
        "pathType": "Prefix",
        "backend": {"service": {"name": service.get("name")?.as_str()?, "port": port(service)?}},
    });
    let mut list = path_below(object.node, own.node.span())?;
    let is_item = matches!(list.steps.pop(), Some(Step::Index(_)));
    is_item.then(|| object.edit(ValueChange::Append { path: list, value }))
}

fn port(service: Node<'_>) -> Option<Value> {
    let port = service.get("port")?;
    let number = port.get("number").and_then(Node::as_int).map(|number| json!({"number": number}));
    let name = || port.get("name").and_then(Node::as_str).map(|name| json!({"name": name}));
    number.or_else(name)
}

fn said(
    backend: &Backend<'_>,
    path: &str,
    own: &Route<'_>,
    taken: Option<Route<'_>>,
    only: bool,
) -> Draft {
    let name = backend.service.0.name;
    let object = &own.ingress.0;
    let own_place = own.path.or_else(|| own.service()).unwrap_or(own.node);
    let help = format!(
        "add `path: {path}` with `pathType: Prefix` to this host, leading to Service `{name}`"
    );
    let draft = if let Some(route) = taken {
        let other = route.service_name().unwrap_or_default();
        let place = route.path.or_else(|| route.service()).unwrap_or(route.node);
        let message = format!(
            "Socket.IO's requests for `{path}` go to Service `{other}`, and the pods of `{name}` wait for them"
        );
        Draft::at(object.at(place), format!("takes `{path}`"), message)
            .of(object, route.path_name("path"))
    } else {
        let message = format!(
            "Socket.IO's requests for `{path}` are answered with 404: no path of this host takes them to Service `{name}`"
        );
        Draft::at(object.at(own_place), format!("does not take `{path}`"), message)
            .of(object, own.path_name("path"))
    };
    let draft = draft.and(object.at(own_place), format!("all that leads to `{name}`"));
    draft.help(help).fix(Applicability::Unsafe, only.then(|| added(own, path)).flatten())
}
