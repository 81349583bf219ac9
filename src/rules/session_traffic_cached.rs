//! nginx stores the answers to polling, or lets others do so.

use super::{Draft, Findings, Rule, location};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{NodeId, Stores};
use crate::path::{Part, Site};

pub(super) static RULE: Rule = Rule {
    id: "session-traffic-cached",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    fix: Applicability::Safe,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_cache",
        "https://nginx.org/en/docs/http/ngx_http_headers_module.html#expires",
        "socketio/socket.io#4842",
    ],
    page: include_str!("session_traffic_cached.md"),
    check,
};

const ONE_SESSION: &str = "every client gets the handshake that the first one got: one session id for all, then 400, Session ID unknown";
const PERHAPS: &str = "clients may get each other's sessions: only `no-store`, which Socket.IO sends since 4.7.3, keeps answers out of this cache";
const IN_VAIN: &str =
    "polling goes through a cache that never finds anything: each request has its own query";
const PUBLIC: &str = "`expires` takes the place of Socket.IO's `no-store`: a cache on the way may give one client's session to another";

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.polling_locations() {
        let location = site.pass_of(session).map(|(location, _)| location);
        let drafts = location.map(|location| {
            let off = |draft: Draft, name: &str| {
                let fix = location::set(site, location, name, "off");
                draft.fix(location::for_sessions(site, session), fix)
            };
            let stored = stored(site, location).map(|draft| off(draft, "proxy_cache"));
            [stored, public(site, location).map(|draft| off(draft, "expires"))]
        });
        let drafts = drafts.into_iter().flatten().flatten();
        findings.extend(drafts.map(|draft| draft.because(&session.evidence[0])));
    }
}

/// A cache of nginx's own.
fn stored(site: &Site<'_>, location: NodeId) -> Option<Draft> {
    let cache = site.config.cache_of(location, site.version())?;
    let (message, severity) = match (cache.keeps_query, cache.stores) {
        (false, Stores::Everything) => (ONE_SESSION, Severity::Error),
        (false, Stores::WhatIsNotForbidden) => (PERHAPS, Severity::Warning),
        _ => (IN_VAIN, Severity::Info),
    };
    let draft = Draft::at(site.place(cache.at), "", message)
        .of_directive(site, cache.at)
        .help("write into the location: `proxy_cache off;`")
        .only(severity);
    Some(match cache.key {
        Some(key) => draft.and(site.place(key), "the key of what is stored"),
        None => draft,
    })
}

/// A header that tells others to store.
fn public(site: &Site<'_>, location: NodeId) -> Option<Draft> {
    let line = site.lets_others_store(location)?;
    let draft = Draft::at(site.place(line), "", PUBLIC).of_directive(site, line);
    let draft = draft.help("write into the location: `expires off;`");
    Some(draft.only(Severity::Warning))
}
