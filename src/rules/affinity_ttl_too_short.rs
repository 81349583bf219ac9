//! A cookie that expires while the session lasts.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::Part;

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
        if let Some(surely) = session.numbers.outlives_cookie(seconds) {
            let severity = if surely { Severity::Error } else { Severity::Warning };
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
