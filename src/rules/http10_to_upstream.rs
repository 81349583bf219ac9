//! HTTP/1.0 knows no `Upgrade`.

use super::{Draft, Findings, Rule, location};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::{Part, Setting, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "http10-to-upstream",
    severity: Severity::Warning,
    grade: Grade::Reproduced,
    fix: Applicability::Safe,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_http_version",
        "https://nginx.org/en/docs/http/websocket.html",
    ],
    page: include_str!("http10_to_upstream.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.session_locations() {
        findings.extend(finding(site, session));
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Draft> {
    let (location, _) = site.pass_of(session)?;
    let sent = site.config.headers_sent(location, site.version());
    // Without the header another rule speaks.
    sent.named("Upgrade").find(|header| header.at.is_some())?;
    let (line, beside) = match site.setting(location, "proxy_http_version") {
        Setting::Written(line) => (line, "1.0 knows no `Upgrade`"),
        Setting::Default => (location, "asked with HTTP/1.0, nginx's default before 1.29.7"),
        Setting::Unknown => return None,
    };
    let version = site.config.effective_value(location, "proxy_http_version", site.version())?;
    if version != "1.0" {
        return None;
    }
    let message =
        "WebSockets are asked for with HTTP/1.0: Node.js takes that, other servers may refuse it";
    let help = "write into the location: `proxy_http_version 1.1;`";
    let draft = Draft::at(site.place(line), beside, message).of_directive(site, line);
    let fix = location::set(site, location, "proxy_http_version", "1.1");
    Some(
        draft
            .because(&session.evidence[0])
            .help(help)
            .fix(location::for_sessions(site, session), fix),
    )
}
