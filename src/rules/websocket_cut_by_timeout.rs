//! A load balancer's timeout that ends WebSockets.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::Grade;
use crate::kube::controller_defaults::{BACKEND_TIMEOUT, WebSocketCut};
use crate::path::{Backend, Model, Session};

pub(super) static RULE: Rule = Rule {
    id: "websocket-cut-by-timeout",
    severity: Severity::Error,
    grade: Grade::Documented,
    sources: &[
        "https://docs.cloud.google.com/load-balancing/docs/https/request-distribution",
        "socketio/socket.io-website:docs/categories/02-Server/behind-a-reverse-proxy.md",
        "kubernetes/kubernetes#24745",
    ],
    page: include_str!("websocket_cut_by_timeout.md"),
    check,
};

/// Seconds below which every session is a string of reconnects.
const CONSTANT: i64 = 60;
/// Seconds that a WebSocket should last at least, where nobody says how long.
const LEAST: i64 = 600;

/// What is wrong, and what to write.
type Fault = (Severity, String, i64);

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (backend, session, config) in model.judged_sessions() {
        let given = config.number(&["timeoutSec"]);
        if given.is_none() && config.get(&["timeoutSec"]).is_some() {
            continue;
        }
        let seconds = given.map_or(i64::from(BACKEND_TIMEOUT.value), |(seconds, _)| seconds);
        let Some((severity, message, wanted)) = fault(backend, session, seconds) else {
            continue;
        };
        let beside = match given {
            Some(_) => String::new(),
            None => format!("no `timeoutSec`: {seconds} s"),
        };
        let draft = Draft::at(config.place(&["timeoutSec"]), beside, message)
            .of(&config.0, "spec.timeoutSec")
            .because(session.because())
            .help(format!("write `timeoutSec: {wanted}`"));
        findings.add(draft.only(severity));
    }
}

fn fault(backend: &Backend<'_>, session: &Session, seconds: i64) -> Option<Fault> {
    let cuts = backend.gce_classes().map(|class| class.load_balancer.websocket_cut().value);
    if cuts.into_iter().any(|cut| cut == WebSocketCut::AtTimeout) {
        at_timeout(session, seconds)
    } else {
        when_idle(session, seconds)
    }
}

fn at_timeout(session: &Session, seconds: i64) -> Option<Fault> {
    let age = session.numbers.max_age.and_then(|age| i64::try_from(age).ok());
    let severity = match age {
        _ if seconds <= CONSTANT => Severity::Error,
        Some(age) if seconds < age => Severity::Warning,
        None if seconds < LEAST => Severity::Warning,
        _ => return None,
    };
    let message = format!(
        "every WebSocket is closed after {seconds} s, busy or not: the classic load balancer takes its timeout for the whole of a connection"
    );
    Some((severity, message, age.unwrap_or(86_400)))
}

/// A ping keeps a WebSocket open, if it comes in time.
fn when_idle(session: &Session, seconds: i64) -> Option<Fault> {
    let seconds_of =
        |milliseconds: u64| i64::try_from(milliseconds.div_ceil(1000)).unwrap_or(i64::MAX);
    let ping = seconds_of(session.numbers.ping_interval);
    let silence = seconds_of(session.numbers.silence());
    let wanted = LEAST.max(silence + 1);
    if seconds <= ping {
        let message = format!(
            "every quiet WebSocket is closed after {seconds} s, before the ping that comes each {ping} s"
        );
        Some((Severity::Error, message, wanted))
    } else if seconds <= silence {
        let message = format!(
            "a WebSocket is closed after {seconds} s without traffic, while a healthy session may be silent for {silence} s"
        );
        Some((Severity::Warning, message, wanted))
    } else {
        None
    }
}
