//! `Connection: upgrade` on requests that ask for no upgrade.

use super::forwarding;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::{Part, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "constant-connection-upgrade",
    severity: Severity::Info,
    grade: Grade::Reported,
    fix: Applicability::Safe,
    sources: &[
        "https://nginx.org/en/docs/http/websocket.html",
        "miguelgrinberg/python-socketio#686",
        "dotnet/aspnetcore#17081",
    ],
    page: include_str!("constant_connection_upgrade.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.polling_locations() {
        findings.extend(finding(site, session));
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Draft> {
    let (location, _) = site.pass_of(session)?;
    let sent = site.config.headers_sent(location, site.version());
    let mut headers = sent.named("Connection");
    let line = headers.find(|header| header.value.eq_ignore_ascii_case("upgrade"))?.at?;
    let message = "polling requests say `Connection: upgrade` too: Node.js does not mind, uvicorn and Kestrel answer 400";
    let draft = Draft::at(site.place(line), "for every request", message).of_directive(site, line);
    let help = "write `proxy_set_header Connection $connection_upgrade;`, with `map $http_upgrade $connection_upgrade { default upgrade; '' close; }` in `http`";
    let (applicability, edits) = forwarding::repair(site, location, &["Connection"]);
    Some(draft.because(&session.evidence[0]).help(help).fix(applicability, edits))
}
