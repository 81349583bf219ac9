//! nginx drops the headers that ask for a WebSocket.

use super::forwarding;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{HeadersSent, variables};
use crate::path::{ASSUMED, Part, Sender, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "upgrade-not-forwarded",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    fix: Applicability::Safe,
    sources: &[
        "https://nginx.org/en/docs/http/websocket.html",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        "socketio/socket.io#1942",
    ],
    page: include_str!("upgrade_not_forwarded.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.session_locations() {
        if let Some(draft) = finding(site, session, model.sender_of(site)) {
            findings.add(draft);
        }
    }
}

const MESSAGE: &str =
    "no WebSocket gets through: the server answers 400, Bad request, and sessions stay on polling";

fn finding(site: &Site<'_>, session: &SiteLocation<'_>, sender: Sender) -> Option<Draft> {
    let location = session.location?;
    let pass = site.config.proxy_pass(location)?;
    let sent = site.config.headers_sent(location, ASSUMED);
    let is_sent = |name: &str| {
        let mut headers = sent.named(name);
        headers.any(|header| header.at.is_some() && !header.value.is_empty())
    };
    let missing: Vec<&str> =
        ["Upgrade", "Connection"].into_iter().filter(|name| !is_sent(name)).collect();
    if site.is_in_doubt(sent.doubt.as_ref()) {
        return None;
    }
    // Who copies `Upgrade` beside `Connection keep-alive`, as many templates do, may want no WebSockets.
    if missing.is_empty() && !session.is_socketio() {
        return None;
    }
    if missing.is_empty() {
        return ["Upgrade", "Connection"]
            .iter()
            .find_map(|name| garbled(site, (session, sender), &sent, name));
    }
    let beside = format!("sent without `{}`", missing.join("` and `"));
    let mut draft = Draft::at(site.place(pass.node), beside, MESSAGE).of_directive(site, pass.node);
    let lost =
        sent.lost.iter().find(|line| site.config.value(**line).eq_ignore_ascii_case(missing[0]));
    if let Some(lost) = lost {
        draft = draft.and(
            site.place(*lost),
            "this is not inherited: the location has `proxy_set_header` of its own",
        );
    }
    let help = "write into the location: `proxy_set_header Upgrade $http_upgrade;` and `proxy_set_header Connection $connection_upgrade;`";
    let draft = draft.because(&session.evidence[0]).help(help);
    let (applicability, edits) = forwarding::repair(site, location, &missing);
    Some(draft.fix(applicability, edits))
}

/// A header that is written, and says something else to the server when a browser asks for a WebSocket.
fn garbled(
    site: &Site<'_>,
    (session, sender): (&SiteLocation<'_>, Sender),
    sent: &HeadersSent,
    name: &'static str,
) -> Option<Draft> {
    let token = if name == "Upgrade" { "websocket" } else { "upgrade" };
    let mut line = None;
    for header in sent.named(name) {
        let value = site.for_websocket(session, sender, &header.value)?;
        if value.split(',').any(|one| one.trim().eq_ignore_ascii_case(token)) {
            return None;
        }
        line = line.or(header.at.map(|at| (at, value, header.value.as_str())));
    }
    let (line, value, template) = line?;
    let beside = match value.as_str() {
        "" => "comes out empty, so it is not sent".to_owned(),
        value => format!("comes out as `{value}` for a WebSocket"),
    };
    let draft = Draft::at(site.place(line), beside, MESSAGE).of_directive(site, line);
    let map = variables(template).into_iter().find_map(|name| site.config.map_of(name));
    let map = map.filter(|map| name == "Connection" && site.config.value(*map) == "$http_upgrade");
    if let Some(map) = map {
        let help = "write into this map: `default upgrade;` and `'' close;`";
        let by = site.config.mapped(map, "websocket").ok().and_then(|mapped| mapped.at);
        let draft = draft.and(site.place(by.unwrap_or(map)), "because of this");
        return Some(draft.because(&session.evidence[0]).help(help));
    }
    let (location, _) = site.pass_of(session)?;
    let (applicability, edits) = forwarding::repair(site, location, &[name]);
    let variable = if name == "Upgrade" { "$http_upgrade" } else { "$connection_upgrade" };
    let help = format!("write `proxy_set_header {name} {variable};`");
    Some(draft.because(&session.evidence[0]).help(help).fix(applicability, edits))
}
