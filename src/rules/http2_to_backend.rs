//! HTTP/2 to pods that are to upgrade to WebSockets.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::{Backend, Part, Session};
use crate::set::Place;

pub(super) static RULE: Rule = Rule {
    id: "http2-to-backend",
    severity: Severity::Error,
    grade: Grade::Reported,
    fix: Applicability::Manual,
    sources: &[
        "kubernetes/ingress-gce#855",
        "kubernetes/ingress-gce:pkg/controller/translator/translator.go",
    ],
    page: include_str!("http2_to_backend.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (backend, session) in model.session_backends() {
        let draft = finding(backend, session).filter(|_| backend.is_behind_gce());
        if let Some(draft) = draft {
            findings.add(draft);
        }
    }
}

fn finding(backend: &Backend<'_>, session: &Session) -> Option<Draft> {
    let service = &backend.service.0;
    let (key, place) = http2(backend)?;
    let name = backend.port.name?;
    let message = "no WebSocket gets through: the load balancer speaks HTTP/2 to the pods, which knows no upgrade, and answers 502";
    let draft = Draft::at(place, "for this port", message)
        .of(service, format!("metadata.annotations[\"{key}\"]"))
        .and(backend.port_place(), format!("the port `{name}`"));
    Some(draft.because(session.because()).help(format!(
        "write `\"{name}\": \"HTTPS\"` if the pods take TLS on this port, else `\"HTTP\"`"
    )))
}

/// The entry for the port's name; a number is no key here.
fn http2(backend: &Backend<'_>) -> Option<(&'static str, Place)> {
    let (key, protocol, place) = backend.protocol()?;
    (protocol == "HTTP2").then_some((key, place))
}
