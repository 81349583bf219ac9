//! `proxy_buffering on`, written out where sessions poll.

use super::{Draft, Findings, Rule, location};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::{Part, Setting, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "polling-buffered",
    severity: Severity::Info,
    grade: Grade::Reproduced,
    fix: Applicability::Safe,
    sources: &["https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering"],
    page: include_str!("polling_buffered.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session) in model.session_locations() {
        findings.extend(finding(site, session));
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<Draft> {
    let (location, _) = site.pass_of(session).filter(|_| session.polls())?;
    let Setting::Written(line) = site.setting(location, "proxy_buffering") else {
        return None;
    };
    // A cache of nginx's own needs it, and is another rule's to judge.
    let cached = site.config.effective_value(location, "proxy_cache", site.version());
    if !site.config.value(line).eq_ignore_ascii_case("on") || cached != Some("off") {
        return None;
    }
    let message = "answers to polling go through nginx's buffers, and large ones through a file: nothing breaks, but nothing is won";
    let draft = Draft::at(site.place(line), "", message).of_directive(site, line);
    let help = "write `proxy_buffering off;`";
    let fix = location::set(site, location, "proxy_buffering", "off");
    let applicability = location::for_sessions(site, session);
    Some(draft.because(&session.evidence[0]).help(help).fix(applicability, fix))
}
