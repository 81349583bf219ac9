//! The app gets the upstream's name in place of the host that browsers ask for.

use std::net::IpAddr;

use super::forwarding;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::{Part, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "host-not-forwarded",
    severity: Severity::Info,
    grade: Grade::Reproduced,
    fix: Applicability::Safe,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        "https://socket.io/docs/v4/reverse-proxy/",
    ],
    page: include_str!("host_not_forwarded.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.session_locations() {
        findings.extend(finding(site, session));
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Draft> {
    let (location, pass) = site.pass_of(session)?;
    let sent = site.config.headers_sent(location, site.version());
    // Where `Upgrade` is missing too, the headers as a whole are another rule's to name.
    sent.named("Upgrade").find(|header| header.at.is_some())?;
    let host = sent.named("Host").next()?;
    let own = host.at.is_none() || host.value == "$proxy_host";
    if !own
        || site.is_in_doubt(sent.doubt.as_ref())
        || pass.has_variables()
        || pass.scheme == "https"
    {
        return None;
    }
    let message = format!(
        "the app sees `Host: {}`, not the host that browsers ask for: own URLs and checks of `Origin` go wrong",
        pass.host_header()
    );
    let node = host.at.unwrap_or(location);
    let draft = Draft::at(site.place(node), "sent with nginx's own `Host`", message)
        .of_directive(site, node);
    let help = "write into the location: `proxy_set_header Host $host;`";
    let (level, edits) = forwarding::headers(site, location, &["Host $host".to_owned()]);
    // By a name the upstream may be somebody else's, who wants to be called by it.
    let known = pass.upstream.is_some() || pass.host.parse::<IpAddr>().is_ok();
    let local = known || pass.host == "localhost" || pass.host.starts_with("unix:");
    let applicability = if local && host.at.is_none() { level } else { Applicability::Unsafe };
    Some(draft.because(&session.evidence[0]).help(help).fix(applicability, edits))
}
