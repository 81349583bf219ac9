//! nginx sends the requests of a polling session to different servers.

use super::location::Repair;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Insertion, NginxChange, Severity};
use crate::kube::Grade;
use crate::nginx::{Balancing, ProxyPass, Upstream, fleeting};
use crate::path::{ClientAddress, Model, Part, Sender, SessionRequest, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "upstream-without-affinity",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    fix: Applicability::Unsafe,
    sources: &[
        "https://socket.io/docs/v4/using-multiple-nodes/",
        "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#hash",
    ],
    page: include_str!("upstream_without_affinity.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.polling_locations() {
        findings.extend(finding(model, site, session));
        findings.extend(taken_apart(site, session, model.sender_of(site)));
    }
}

/// A session that begins at one server, and whose later requests go to another one.
fn taken_apart<'s>(site: &Site<'s>, session: &SiteLocation<'s>, sender: Sender) -> Option<Draft> {
    let begun = site.target_of(session, sender, SessionRequest::Handshake)?;
    let kinds = [SessionRequest::Message, SessionRequest::WebSocket];
    let goes_on = kinds.map(|of| site.target_of(session, sender, of));
    let apart = |other: &Option<ProxyPass>| {
        other.as_ref().is_some_and(|other| site.are_apart(&begun, other))
    };
    let said = match goes_on.each_ref().map(apart) {
        [true, _] => "a session that begins by polling goes on at another server",
        [false, true] => {
            "no session gets from polling to WebSocket: the upgrade goes to another server"
        }
        [false, false] => return None,
    };
    let other = goes_on.into_iter().flatten().find(|other| site.are_apart(&begun, other))?;
    let beside = format!("it begins at `{}`, and goes on at `{}`", begun.host, other.host);
    let message = format!("{said}: 400, Session ID unknown");
    let draft = Draft::at(site.place(other.node), beside, message).of_directive(site, other.node);
    let help = "send all requests of a session to one server";
    Some(draft.because(&session.evidence[0]).help(help))
}

fn finding<'s>(model: &Model<'s>, site: &Site<'s>, session: &SiteLocation<'s>) -> Option<Draft> {
    let (_, pass) = site.pass_of(session)?;
    let upstream = site.several_servers(&pass)?;
    let beside = scatters(&upstream)?;
    let node = upstream.balancing_at.unwrap_or(upstream.node);
    let message = "polling needs every request of a session on one server, and nginx spreads them: 400, Session ID unknown";
    let draft = Draft::at(site.place(node), beside, message)
        .of_directive(site, node)
        .and(site.place(pass.node), "sessions are sent there from here");
    let help = "write into the upstream: `hash $remote_addr consistent;`, with `real_ip` behind a load balancer";
    // By the address of a proxy all clients would go to one server.
    let front = model.front_of(site);
    let known =
        front.is_none_or(|front| site.client_address(session, &front) == ClientAddress::Client);
    let fix = repair(site, &upstream).filter(|_| known);
    Some(draft.because(&session.evidence[0]).help(help).fix(Applicability::Unsafe, fix))
}

/// A hash takes no `backup` servers (`nginx/nginx:src/http/modules/ngx_http_upstream_hash_module.c`).
fn repair(site: &Site<'_>, upstream: &Upstream<'_>) -> Option<Repair> {
    const HASH: &str = "hash $remote_addr consistent";
    let directive = |node| site.config.directive(node).span;
    let change = match upstream.balancing_at {
        Some(line) => NginxChange::Replace { directive: directive(line), text: HASH.to_owned() },
        None => NginxChange::Insert {
            place: Insertion::Start(Some(directive(upstream.node))),
            text: format!("{HASH};"),
        },
    };
    let text = site.text_of(upstream.balancing_at.unwrap_or(upstream.node));
    let plain = upstream.peers.iter().all(|peer| !peer.backup);
    plain.then(|| text.edit(change))
}

/// Why an upstream keeps no session on a server.
fn scatters(upstream: &Upstream<'_>) -> Option<String> {
    if upstream.sticky.is_some() {
        return None;
    }
    match upstream.balancing {
        Balancing::RoundRobin => Some("each request goes to the next server".to_owned()),
        Balancing::LeastConnections => {
            Some("each request goes to the server with the fewest".to_owned())
        }
        Balancing::Random => Some("each request goes to any server".to_owned()),
        Balancing::Hash { key, .. } => Some(match fleeting(key)? {
            name @ ("arg_sid" | "cookie_io") => {
                format!("the first request has no `${name}` yet, and goes anywhere")
            }
            name => format!("`${name}` differs from request to request"),
        }),
        Balancing::IpHash | Balancing::Other(_) => None,
    }
}
