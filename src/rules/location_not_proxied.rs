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
        for session in site.sessions.iter().filter(|one| one.is_socketio()) {
            // Where one location of a server passes sessions on, that is the way they are meant to go.
            let goes_on = passed.contains(&session.server);
            findings.extend(if goes_on { led_away(site, session) } else { finding(site, session) });
        }
    }
}

/// A location that passes sessions on, and a rewrite that takes them elsewhere before it does.
fn led_away(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Draft> {
    let location = session.location.filter(|node| site.config.pass(*node).is_some())?;
    let end = answering(site, session).filter(|end| end.level != location)?;
    let of_location = |line: &NodeId| site.config.children(location).contains(line);
    let (rewrite, said) = (end.rewritten.filter(of_location)?, said(site, end.level)?);
    let message = format!(
        "no session begins: nginx looks for `{}` among its files, and answers {said}",
        end.path
    );
    let draft = Draft::at(site.place(rewrite), "nginx looks for a location anew here", message)
        .of_directive(site, rewrite)
        .and(site.place(end.level), "this passes nothing on");
    Some(
        draft
            .because(&session.evidence[0])
            .help("end it with `break`: nginx stays in this location then"),
    )
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Draft> {
    // Where a location that does pass is beaten, another rule speaks.
    if session.meant.is_some_and(|meant| site.config.pass(meant).is_some()) {
        return None;
    }
    let level = answering(site, session)?.level;
    let said = said(site, level)?;
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

/// How a level answers that passes nothing on.
fn said<'s>(site: &Site<'s>, level: NodeId) -> Option<&'s str> {
    match site.config.answer(level) {
        Answer::Files { .. } => Some("404"),
        Answer::TryFiles { fallback, .. } if fallback.starts_with('=') => Some(&fallback[1..]),
        Answer::TryFiles { fallback, .. } if fallback.starts_with('/') => {
            Some("with a page in place of a session")
        }
        _ => None,
    }
}

/// What answers a request in the end.
struct End {
    /// The location, or the server where none fits.
    level: NodeId,
    /// The path, as rewrites left it.
    path: String,
    /// The last of the rewrites that changed it.
    rewritten: Option<NodeId>,
}

/// What certainly answers the path, by itself.
fn answering(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<End> {
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
    let sure = certain && !open && !handled && config.conditions(level).is_empty();
    let rewritten = route.steps.last().copied();
    sure.then(|| End {
        level,
        path: String::from_utf8_lossy(&route.scene.uri.path).into_owned(),
        rewritten,
    })
}
