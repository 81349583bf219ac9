//! The query string of Socket.IO's requests is dropped on the way.

use super::location::{Repair, arguments, is_own};
use super::prefix_not_mapped::wrong;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{NodeId, ProxyPass, variables};
use crate::path::{Part, Sender, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "query-lost",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    fix: Applicability::Safe,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass",
        "socketio/socket.io:packages/engine.io/lib/server.ts",
    ],
    page: include_str!("query_lost.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.socketio_locations() {
        findings.extend(finding(site, session, model.sender_of(site)));
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>, sender: Sender) -> Option<Draft> {
    let found = sent(site, session, sender);
    let (pass, sent) = found.filter(|(_, sent)| !sent.contains("EIO="))?;
    // Nobody answers at a path that is not the server's: that is another rule's to name.
    let path = sent.split('?').next().unwrap_or_default();
    if wrong(session, path).is_some() {
        return None;
    }
    let beside = if pass.has_variables() && pass.uri.is_some() {
        "with a variable in it, nginx sends this path as it is"
    } else {
        "sent without the query"
    };
    let message =
        "the server gets no query string: every request is answered with 400, Transport unknown";
    let draft =
        Draft::at(site.value_place(pass.node), beside, message).of_directive(site, pass.node);
    if let Some(line) = arguments_set(site, session) {
        let draft = draft.and(site.place(line), "takes the place of the query");
        return Some(draft.because(&session.evidence[0]).help("take the `set` out"));
    }
    let help = "add `$is_args$args` to it; or leave the path out of `proxy_pass`, and change it with `rewrite ^/chat/(.*)$ /$1 break;`";
    let fix = repair(site, session, &pass);
    Some(draft.because(&session.evidence[0]).help(help).fix(Applicability::Safe, fix))
}

/// The `set $args` that the session's requests go through.
fn arguments_set(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<NodeId> {
    let level = session.location.unwrap_or(session.server);
    let mut lines = site.config.levels(level).flat_map(|level| site.config.named(level, "set"));
    lines.find(|line| site.config.value(*line) == "$args")
}

/// What the server gets for a handshake: also where the host is not known, and the path is.
pub(super) fn sent(
    site: &Site<'_>,
    session: &SiteLocation<'_>,
    sender: Sender,
) -> Option<(ProxyPass, String)> {
    let fixed = || {
        let (_, pass) = site.pass_of(session)?;
        let uri = pass.uri.clone().filter(|_| is_fixed(&pass))?;
        let slash = if uri.starts_with('?') { "/" } else { "" };
        Some((pass, format!("{slash}{uri}")))
    };
    site.sent_for(session, sender).or_else(fixed)
}

/// The same path with the query, where the path is sent as it is.
fn repair(site: &Site<'_>, session: &SiteLocation<'_>, pass: &ProxyPass) -> Option<Repair> {
    let text = site.text_of(pass.node).text();
    let word = site.config.directive(pass.node).arguments.first()?;
    let raw = text.get(word.span.start..word.span.end).filter(|raw| *raw == pass.url)?;
    let own = is_own(site, session.location?, pass.node);
    (own && is_fixed(pass) && !raw.contains('?'))
        .then(|| arguments(site, pass.node, &format!("{raw}$is_args$args")))
}

/// Whether a path is sent as it is whatever the variables before it hold.
fn is_fixed(pass: &ProxyPass) -> bool {
    let uri = pass.uri.as_deref().filter(|_| pass.has_variables() && !pass.scheme.is_empty());
    uri.is_some_and(|uri| variables(uri).is_empty())
}
