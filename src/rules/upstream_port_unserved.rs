//! nginx sends sessions to a port of its pod that nothing there listens on.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::{Model, Part, SessionRequest, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "upstream-port-unserved",
    severity: Severity::Warning,
    grade: Grade::Documented,
    fix: Applicability::Manual,
    sources: &[
        "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass",
    ],
    page: include_str!("upstream_port_unserved.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.session_locations() {
        findings.extend(finding(model, site, session));
    }
}

fn finding<'s>(model: &Model<'s>, site: &Site<'s>, session: &SiteLocation<'s>) -> Option<Draft> {
    let first = if session.polls() { SessionRequest::Handshake } else { SessionRequest::WebSocket };
    let pass = site.target_of(session, model.sender_of(site), first)?;
    let found = model.undeclared_port(site, &pass)?;
    let port = found.port;
    let message = format!(
        "sessions are sent to port {port} of nginx's own pod, and no container says that it listens there: if none does, each request is answered 502"
    );
    let known: Vec<String> = found.declared.iter().map(ToString::to_string).collect();
    let help = format!(
        "write the port that the server listens on: the other containers say {}",
        known.join(", ")
    );
    let draft = Draft::at(site.place(found.node), "no container port", message);
    let draft = draft.of_directive(site, found.node).and(found.workload.0.title(), "its pod");
    Some(draft.because(&session.evidence[0]).help(help))
}
