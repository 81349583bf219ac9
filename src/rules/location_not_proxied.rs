//! Socket.IO's path ends in files.

use std::collections::HashSet;

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{Answer, NodeId, Outcome, Request};
use crate::path::{Part, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "location-not-proxied",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Manual,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass",
        "https://socket.io/docs/v4/reverse-proxy/",
    ],
    page: include_str!("location_not_proxied.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for site in model.sites() {
        let passed = site.sessions.iter().filter(|one| {
            one.is_socketio() && one.location.is_some_and(|node| site.config.pass(node).is_some())
        });
        let passed: HashSet<NodeId> = passed.map(|one| one.server).collect();
        // Where one location of a server passes sessions on, that is the way they are meant to go.
        let open =
            site.sessions.iter().filter(|one| one.is_socketio() && !passed.contains(&one.server));
        findings.extend(open.filter_map(|session| finding(site, session)));
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Draft> {
    // Where a location that does pass is beaten, another rule speaks.
    if session.meant.is_some_and(|meant| site.config.pass(meant).is_some()) {
        return None;
    }
    let level = answering(site, session)?;
    let said = match site.config.answer(level) {
        Answer::Files { .. } => "404",
        Answer::TryFiles { fallback, .. } if fallback.starts_with('=') => &fallback[1..],
        Answer::TryFiles { fallback, .. } if fallback.starts_with('/') => {
            "with a page in place of a session"
        }
        _ => return None,
    };
    let message = format!(
        "no session begins: nginx looks for `{}` among its files, and answers {said}",
        session.path
    );
    let beside = "this passes nothing on";
    let draft = Draft::at(site.place(level), beside, message).of_directive(site, level);
    let help = match &site.config.upstreams()[..] {
        [only] => format!(
            "write `location {} {{ proxy_pass http://{}; }}` with the headers for WebSockets",
            session.path, only.name
        ),
        _ => format!(
            "write into `location {} {{ … }}` a `proxy_pass` to the Socket.IO server, with the headers for WebSockets",
            session.path
        ),
    };
    Some(draft.because(&session.evidence[0]).help(help))
}

/// What certainly answers the path, by itself: the location, or the server where none fits.
fn answering(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<NodeId> {
    let config = &site.config;
    let listens = config.listens(session.server);
    let port = listens.iter().find_map(|listen| listen.port)?;
    let host = config.server_names(session.server).first().map(|(name, _)| (*name).to_owned());
    let request = Request { host: host.unwrap_or_default(), ..Request::get(port, &session.path) };
    let route = config.route(&request).ok()??;
    let certain = route.server.server == session.server
        && route.outcome == Outcome::Location
        && route.selection.doubt.is_none();
    let level = route.selection.location().unwrap_or(session.server);
    let open = config
        .levels(level)
        .any(|level| config.unread_in(level).is_some() || config.is_garbled(level));
    let handled =
        config.children(level).iter().any(|line| crate::nginx::rows(config.name(*line)).is_empty());
    (certain && !open && !handled && config.conditions(level).is_empty()).then_some(level)
}
