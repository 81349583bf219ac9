//! A cache in front of sessions.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::Grade;
use crate::path::Model;

pub(super) static RULE: Rule = Rule {
    id: "cdn-on-session-traffic",
    severity: Severity::Error,
    grade: Grade::Documented,
    sources: &[
        "https://cloud.google.com/cdn/docs/caching",
        "kubernetes/ingress-gce:pkg/backends/features/cdn.go",
        "socketio/socket.io#4842",
    ],
    page: include_str!("cdn_on_session_traffic.md"),
    check,
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (backend, session, config) in model.judged_sessions() {
        let enabled = config.get(&["cdn", "enabled"]).filter(|node| node.as_bool() == Some(true));
        let has_cdn = backend.gce_classes().any(|class| class.load_balancer.has_cdn());
        let Some(enabled) = enabled.filter(|_| has_cdn && session.polls()) else {
            continue;
        };
        let mode = config.get(&["cdn", "cacheMode"]);
        let forced = mode.filter(|mode| mode.as_str() == Some("FORCE_CACHE_ALL"));
        let message = match forced {
            Some(_) => {
                "clients get each other's sessions: answers to polling are cached, `no-store` or not"
            }
            None => {
                "clients may get each other's sessions: Cloud CDN keeps every answer to polling that a header lets it, \
                     and Socket.IO before 4.7.3 forbids none"
            }
        };
        let mut draft =
            Draft::at(config.0.at(enabled), "Cloud CDN", message).of(&config.0, "spec.cdn.enabled");
        if let Some(mode) = forced {
            draft = draft.and(config.0.at(mode), "caches whatever comes");
        } else {
            draft = draft.only(Severity::Warning);
        }
        let help = "write `enabled: false`, which also turns it off where it is on (taking the block out would not), \
                    and give static files a Service of their own";
        findings.add(draft.because(session.because()).help(help));
    }
}
