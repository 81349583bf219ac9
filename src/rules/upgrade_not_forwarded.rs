//! nginx drops the headers that ask for a WebSocket.

use super::forwarding;
use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::Grade;
use crate::path::{ASSUMED, Model, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "upgrade-not-forwarded",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    sources: &[
        "https://nginx.org/en/docs/http/websocket.html",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        "socketio/socket.io#1942",
    ],
    page: include_str!("upgrade_not_forwarded.md"),
    check,
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (site, session) in model.session_locations() {
        if let Some(draft) = finding(site, session) {
            findings.add(draft);
        }
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Draft> {
    let location = session.location?;
    let pass = site.config.proxy_pass(location)?;
    let sent = site.config.headers_sent(location, ASSUMED);
    let is_sent = |name: &str| {
        let mut headers = sent.named(name);
        headers.any(|header| header.at.is_some() && !header.value.is_empty())
    };
    let missing: Vec<&str> =
        ["Upgrade", "Connection"].into_iter().filter(|name| !is_sent(name)).collect();
    if missing.is_empty() || site.is_in_doubt(sent.doubt.as_ref()) {
        return None;
    }
    let message = "no WebSocket gets through: the server answers 400, Bad request, and sessions stay on polling";
    let beside = format!("sent without `{}`", missing.join("` and `"));
    let mut draft = Draft::at(site.place(pass.node), beside, message).of_directive(site, pass.node);
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
    let (applicability, edits) = forwarding::repair(site, location, pass.node, &missing);
    Some(draft.fix(applicability, edits))
}
