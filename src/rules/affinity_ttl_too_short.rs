//! A cookie that expires while the session lasts.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::{Part, Session};

pub(super) static RULE: Rule = Rule {
    id: "affinity-ttl-too-short",
    severity: Severity::Error,
    grade: Grade::Documented,
    fix: Applicability::Unsafe,
    sources: &[
        "https://cloud.google.com/load-balancing/docs/backend-service",
        "https://socket.io/docs/v4/using-multiple-nodes/",
    ],
    page: include_str!("affinity_ttl_too_short.md"),
    check,
};

/// Seconds that a session may well last, where nobody says how long it does.
const LIKELY: i64 = 600;

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (backend, session, config) in model.judged_sessions() {
        let cookie = matches!(config.affinity(), Some(("GENERATED_COOKIE", _)));
        let ttl = config.number(&["sessionAffinity", "affinityCookieTtlSec"]);
        let Some((seconds @ 1.., node)) = ttl else {
            continue;
        };
        if !cookie || !session.polls() || !backend.may_have_several_pods() {
            continue;
        }
        if let Some(severity) = severity(seconds, session) {
            let message = format!(
                "a client that still polls {seconds} s after its first request is sent to another pod: 400, Session ID unknown"
            );
            let help = "write `affinityCookieTtlSec: 0`: the cookie then lasts as long as the browser's session";
            let draft = Draft::at(config.0.at(node), "the cookie expires", message)
                .of(&config.0, "spec.sessionAffinity.affinityCookieTtlSec")
                .because(session.because())
                .help(help)
                .fix(
                    Applicability::Unsafe,
                    [config.0.set(&["spec", "sessionAffinity", "affinityCookieTtlSec"], 0)],
                );
            findings.add(draft.only(severity));
        }
    }
}

/// Most clients have a WebSocket by then, so that a cookie of some minutes hurts only those that cannot.
fn severity(seconds: i64, session: &Session) -> Option<Severity> {
    let wanted = session.numbers.max_age.and_then(|age| i64::try_from(age).ok());
    if seconds < LIKELY {
        Some(Severity::Error)
    } else {
        (seconds < wanted?).then_some(Severity::Warning)
    }
}
