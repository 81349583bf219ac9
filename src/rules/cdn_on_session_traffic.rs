//! A cache in front of sessions.

use super::cdn_key_drops_query::dropped;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{BackendConfig, Grade};
use crate::manifest::Node;
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "cdn-on-session-traffic",
    severity: Severity::Error,
    grade: Grade::Documented,
    fix: Applicability::Unsafe,
    sources: &[
        "https://cloud.google.com/cdn/docs/caching",
        "kubernetes/ingress-gce:pkg/backends/features/cdn.go",
        "socketio/socket.io#4842",
    ],
    page: include_str!("cdn_on_session_traffic.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let judged =
        model.judged_sessions().map(|(backend, session, config)| (backend, session, *config));
    let own = judged.filter(|(.., config)| !model.is_set_elsewhere(&config.0, &["cdn", "enabled"]));
    for (backend, session, config) in own.chain(model.patched_sessions()) {
        let enabled = config.get(&["cdn", "enabled"]).filter(|node| node.as_bool() == Some(true));
        let has_cdn = backend.gce_classes().any(|class| class.load_balancer.has_cdn());
        let Some(enabled) = enabled.filter(|_| has_cdn && session.polls()) else {
            continue;
        };
        let help = "write `enabled: false`, which also turns it off where it is on (taking the block out would not), \
                    and give static files a Service of their own";
        let fix = config.0.set(&["spec", "cdn", "enabled"], false);
        let draft = draft(&config, enabled).because(session.because()).help(help);
        findings.add(draft.fix(Applicability::Unsafe, [fix]));
    }
}

fn draft(config: &BackendConfig<'_>, enabled: Node<'_>) -> Draft {
    let mode = config.get(&["cdn", "cacheMode"]);
    let forced = mode.filter(|mode| mode.as_str() == Some("FORCE_CACHE_ALL"));
    let sure = forced.is_some() && dropped(config).is_some();
    let message = match (forced, sure) {
        (Some(_), true) => {
            "clients get each other's sessions: answers to polling are cached, `no-store` or not, and the cache's key has no `sid`"
        }
        (Some(_), false) => {
            "clients may get each other's sessions: answers to polling are cached, `no-store` or not, for whoever asks for the same URL"
        }
        (None, _) => {
            "clients may get each other's sessions: Cloud CDN keeps no answer to polling by itself, but each to which \
             the server or nginx adds a lifetime; only Socket.IO 4.7.3 and later forbids it"
        }
    };
    let draft =
        Draft::at(config.0.at(enabled), "Cloud CDN", message).of(&config.0, "spec.cdn.enabled");
    let draft = match forced {
        Some(mode) => draft.and(config.0.at(mode), "caches whatever comes"),
        None => draft,
    };
    if sure { draft } else { draft.only(Severity::Warning) }
}
