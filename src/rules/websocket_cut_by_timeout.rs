//! A load balancer's timeout that ends WebSockets.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::controller_defaults::{BACKEND_TIMEOUT, WebSocketCut};
use crate::kube::{BackendConfig, Grade};
use crate::manifest::{Node, Scalar};
use crate::path::{AtGateway, Backend, Model, Part, Session};

pub(super) static RULE: Rule = Rule {
    id: "websocket-cut-by-timeout",
    severity: Severity::Error,
    grade: Grade::Documented,
    fix: Applicability::Safe,
    sources: &[
        "https://docs.cloud.google.com/load-balancing/docs/https/request-distribution",
        "socketio/socket.io-website:docs/categories/02-Server/behind-a-reverse-proxy.md",
        "kubernetes/kubernetes#24745",
    ],
    page: include_str!("websocket_cut_by_timeout.md"),
    check,
};

const KEYS: [&str; 1] = ["timeoutSec"];
/// Seconds below which every session is a string of reconnects.
const CONSTANT: i64 = 60;
/// Seconds that a WebSocket should last at least, where nobody says how long.
const LEAST: i64 = 600;

/// What is wrong, and what to write.
pub type Fault = (Severity, String, i64);

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (backend, session, config) in model.judged_sessions() {
        let given = config.get(&KEYS);
        if !model.is_set_elsewhere(&config.0, &KEYS) {
            let judged = given.is_none() || config.accepted(&KEYS).is_some();
            let fault = fault(cut(backend), session, given).filter(|_| judged);
            findings.extend(fault.map(|one| draft(model, config, session, given, one)));
        }
    }
    for (backend, session, patch) in model.patched_sessions() {
        let given = patch.accepted(&KEYS).map(|(_, node)| node);
        let fault = given.and_then(|node| fault(cut(backend), session, Some(node)));
        findings.extend(fault.map(|one| draft(model, &patch, session, given, one)));
    }
    for (_, session, gateway) in model.gateway_sessions() {
        findings.extend(by_policy(session, &gateway));
    }
}

fn draft<'s>(
    model: &Model<'s>,
    config: &BackendConfig<'s>,
    session: &Session,
    given: Option<Node<'_>>,
    (severity, message, wanted): Fault,
) -> Draft {
    let draft = Draft::at(config.place(&KEYS), beside(given), message)
        .of(&config.0, "spec.timeoutSec")
        .because(session.because())
        .help(format!("write `timeoutSec: {wanted}`"));
    let fix = config.0.set(&["spec", "timeoutSec"], wanted);
    let alone = model.is_for_sessions_alone(config);
    octal(draft, given).only(severity).fix(applicability(severity, alone), [fix])
}

/// What cuts WebSockets all the time was not meant to. Some minutes may have been, and others may rely on a timeout.
fn applicability(severity: Severity, alone: bool) -> Applicability {
    if severity == Severity::Error && alone { Applicability::Safe } else { Applicability::Unsafe }
}

fn beside(given: Option<Node<'_>>) -> String {
    match given {
        Some(_) => String::new(),
        None => format!("no `timeoutSec`: {} s", BACKEND_TIMEOUT.value),
    }
}

/// A number that begins with 0 has another base.
fn octal(draft: Draft, given: Option<Node<'_>>) -> Draft {
    let scalar = given.and_then(Node::scalar);
    match scalar.and_then(Scalar::disagreement) {
        Some(said) => draft.note(said),
        None => draft,
    }
}

/// Behind a Gateway a policy says it, and a Service may have none.
fn by_policy(session: &Session, gateway: &AtGateway<'_>) -> Option<Draft> {
    let given = gateway.policy.and_then(|policy| policy.in_spec(&["default", "timeoutSec"]));
    let cut = gateway.class.load_balancer.websocket_cut().value;
    let (severity, message, wanted) = fault(cut, session, given)?;
    let Some(policy) = gateway.policy else {
        let draft =
            Draft::at(gateway.place, "no GCPBackendPolicy for it among the files given", message)
                .of(&gateway.route, "spec.rules.backendRefs")
                .only(Severity::Warning);
        let help = format!(
            "write a GCPBackendPolicy for the Service, with `default: {{timeoutSec: {wanted}}}`"
        );
        return Some(draft.because(session.because()).help(help));
    };
    let place = given.map_or_else(|| policy.spec_title(), |node| policy.at(node));
    let draft = Draft::at(place, beside(given), message)
        .of(&policy, "spec.default.timeoutSec")
        .because(session.because())
        .help(format!("write `timeoutSec: {wanted}` below `default`"));
    let fix = policy.set(&["spec", "default", "timeoutSec"], wanted);
    Some(octal(draft, given).only(severity).fix(applicability(severity, true), [fix]))
}

fn cut(backend: &Backend<'_>) -> WebSocketCut {
    let mut cuts = backend.gce_classes().map(|class| class.load_balancer.websocket_cut().value);
    let at_timeout = cuts.any(|cut| cut == WebSocketCut::AtTimeout);
    if at_timeout { WebSocketCut::AtTimeout } else { WebSocketCut::WhenIdle }
}

/// What is wrong with a timeout, or with the default where none is given.
fn fault(cut: WebSocketCut, session: &Session, given: Option<Node<'_>>) -> Option<Fault> {
    let default = i64::from(BACKEND_TIMEOUT.value);
    cut_by(cut, session, given.map_or(Some(default), Node::as_int)?)
}

/// What a timeout of so many seconds does to WebSockets: how bad it is, in words, and what to write.
pub fn cut_by(cut: WebSocketCut, session: &Session, seconds: i64) -> Option<Fault> {
    match cut {
        _ if seconds <= 0 => None,
        WebSocketCut::AtTimeout => at_timeout(session, seconds),
        WebSocketCut::WhenIdle => when_idle(session, seconds),
    }
}

fn at_timeout(session: &Session, seconds: i64) -> Option<Fault> {
    let age = session.numbers.max_age.and_then(|age| i64::try_from(age).ok());
    // Whoever says how long a session is to last has chosen, however short that is.
    if seconds >= age.unwrap_or(LEAST) {
        return None;
    }
    let severity = if seconds <= CONSTANT { Severity::Error } else { Severity::Warning };
    let message = format!(
        "every WebSocket is closed after {seconds} s, busy or not: the classic load balancer takes its timeout for the whole of a connection"
    );
    Some((severity, message, age.unwrap_or(86_400)))
}

/// A ping keeps a WebSocket open, if it comes in time.
fn when_idle(session: &Session, seconds: i64) -> Option<Fault> {
    let seconds_of =
        |milliseconds: u64| i64::try_from(milliseconds.div_ceil(1000)).unwrap_or(i64::MAX);
    let is_reached = |milliseconds: u64| {
        u64::try_from(seconds).is_ok_and(|seconds| seconds.saturating_mul(1000) <= milliseconds)
    };
    let ping = seconds_of(session.numbers.ping_interval);
    let silence = seconds_of(session.numbers.silence());
    let wanted = LEAST.max(silence.saturating_add(1));
    if is_reached(session.numbers.ping_interval) {
        let message = format!(
            "every quiet WebSocket is closed after {seconds} s, before the ping that comes each {ping} s"
        );
        Some((Severity::Error, message, wanted))
    } else if is_reached(session.numbers.silence()) {
        let message = format!(
            "a WebSocket is closed after {seconds} s without traffic, while a healthy session may be silent for {silence} s"
        );
        Some((Severity::Warning, message, wanted))
    } else {
        None
    }
}
