//! kube-proxy forgets a polling client between two of its requests.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::{Backend, Part, Session};

pub(super) static RULE: Rule = Rule {
    id: "service-affinity-too-short",
    severity: Severity::Error,
    grade: Grade::Documented,
    fix: Applicability::Safe,
    sources: &[
        "https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity",
        "socketio/socket.io:packages/engine.io/lib/server.ts",
    ],
    page: include_str!("service_affinity_too_short.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let judged = model.session_backends().filter(|(backend, session)| {
        // Load balancers that know the pods ask kube-proxy nothing.
        let by_kube_proxy = !backend.proxies.is_empty() && !backend.is_behind_gce();
        by_kube_proxy && session.polls() && backend.may_have_several_pods()
    });
    findings.extend(judged.filter_map(|(backend, session)| finding(backend, session)));
}

fn finding(backend: &Backend<'_>, session: &Session) -> Option<Draft> {
    let service = &backend.service;
    service.client_ip_affinity()?;
    let node = service.0.in_spec(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"])?;
    let seconds = node.as_int()?;
    let interval = session.numbers.ping_interval;
    // A poll lasts up to one ping interval, and the next begins right after.
    (u64::try_from(seconds).ok()?.saturating_mul(1000) <= interval).then_some(())?;
    let message = format!(
        "quiet sessions end with 400, Session ID unknown: kube-proxy forgets a client after {seconds} s, and a poll takes up to {} s",
        interval / 1000
    );
    let draft = Draft::at(service.0.at(node), "", message)
        .of(&service.0, "spec.sessionAffinityConfig.clientIP.timeoutSeconds")
        .because(session.because())
        .help("write `timeoutSeconds: 10800`, which is the default")
        .fix(Applicability::Safe, service.0.set_node(node, 10_800));
    Some(draft)
}
