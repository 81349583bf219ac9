//! A location with a regular expression wins over the one that is meant for Socket.IO.

use super::location::{Repair, arguments};
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{Kind, NodeId, normalise};
use crate::path::{Part, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "regex-takes-session-path",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    fix: Applicability::Safe,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#location",
        "nginx/nginx:src/http/ngx_http_core_module.c",
    ],
    page: include_str!("regex_takes_session_path.md"),
    check,
};

/// The client that a Socket.IO server offers to browsers.
const BUNDLE: &str = "socket.io.js";

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.socketio_locations() {
        let draft = taken(site, session).or_else(|| bundle_taken(site, session));
        findings.extend(draft.map(|draft| {
            let help = help(site, session);
            let fix = repair(site, session);
            let kind = applicability(site, session);
            draft.because(&session.evidence[0]).help(help).fix(kind, fix)
        }));
    }
}

/// The path of the session itself.
fn taken(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Draft> {
    let (winner, meant) = (session.location?, session.meant?);
    let wins = is_regex(site, winner) && site.config.pass(winner).is_none();
    let passed =
        site.config.pass(meant).is_some() && beaten(site, session, &session.path)?.1 == meant;
    if !wins || !passed {
        return None;
    }
    let message = format!(
        "no session begins: `{}` is answered by this location, not by the Socket.IO server",
        session.path
    );
    let draft = Draft::at(site.place(winner), "a regular expression wins over a prefix", message);
    Some(draft.of_directive(site, winner).and(site.place(meant), "meant for Socket.IO"))
}

/// A file below it, which browsers may load from the server.
fn bundle_taken(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Draft> {
    let location = session.location.filter(|node| site.config.pass(*node).is_some())?;
    let path = format!("{}{BUNDLE}", session.path);
    let (winner, meant) = beaten(site, session, &path)?;
    if meant != location || site.config.pass(winner).is_some() {
        return None;
    }
    let message = format!(
        "`{path}` comes from this location, not from the Socket.IO server: 404 for pages that load the client from there"
    );
    let draft = Draft::at(site.place(winner), "a regular expression wins over a prefix", message);
    Some(draft.of_directive(site, winner).only(Severity::Info))
}

/// The regular expression that takes a path, and the prefix that would have it.
fn beaten(site: &Site<'_>, session: &SiteLocation<'_>, path: &str) -> Option<(NodeId, NodeId)> {
    let selection = site.config.select(session.server, &normalise(path, true).ok()?).ok()?;
    let winner = selection.location().filter(|node| is_regex(site, *node))?;
    Some((winner, selection.beaten.filter(|_| selection.doubt.is_none())?))
}

/// Unsafe where a regular expression that would be passed over may guard something, or was meant for these paths.
fn applicability(site: &Site<'_>, session: &SiteLocation<'_>) -> Applicability {
    const GUARDS: [&str; 6] =
        ["allow", "deny", "auth_basic", "auth_request", "auth_jwt", "limit_except"];
    let config = &site.config;
    let guards = |node: NodeId| GUARDS.iter().any(|name| config.named(node, name).next().is_some());
    let locations = config.locations(session.server).into_iter();
    let mut regexes = locations.filter(|one| is_regex(site, one.node));
    let minds = regexes.any(|one| {
        guards(one.node) || one.path.contains("socket") || config.pass(one.node).is_some()
    });
    if minds { Applicability::Unsafe } else { Applicability::Safe }
}

fn is_regex(site: &Site<'_>, node: NodeId) -> bool {
    let kind = site.config.location(node).map(|location| location.kind);
    matches!(kind, Some(Kind::Regex | Kind::RegexIgnoringCase))
}

/// The location that stands for Socket.IO's path and no more: below others there may be files that a regular
/// expression was meant for.
fn repair(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Repair> {
    let location = site.config.location(session.meant.or(session.location)?)?;
    let plain = location.kind == Kind::Prefix && location.path == session.path;
    let written = site.config.arguments(location.node).eq([location.path]);
    let value = format!("^~ {}", location.path);
    (plain && written && !location.path.contains(['"', '\'', '\\', ' ', '$']))
        .then(|| arguments(site, location.node, &value))
}

fn help(site: &Site<'_>, session: &SiteLocation<'_>) -> String {
    let meant = session.meant.or(session.location);
    let path = meant.and_then(|node| Some(site.config.location(node)?.path));
    format!("write `location ^~ {} {{ … }}`", path.unwrap_or(&session.path))
}
