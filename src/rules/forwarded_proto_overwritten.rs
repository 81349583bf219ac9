//! The app is told http where the browser came by https.

use super::location::{arguments, is_own};
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::{Front, Part, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "forwarded-proto-overwritten",
    severity: Severity::Warning,
    grade: Grade::Reproduced,
    fix: Applicability::Safe,
    sources: &[
        "https://docs.cloud.google.com/load-balancing/docs/https",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#var_scheme",
    ],
    page: include_str!("forwarded_proto_overwritten.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session, front) in model.fronted_locations() {
        // An Ingress that takes no TLS off gets no https either.
        if front.has_tls != Some(false) {
            findings.extend(finding(site, session, &front));
        }
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>, front: &Front) -> Option<Draft> {
    let (location, _) = site.pass_of(session)?;
    let mut listens = site.config.listens(session.server).into_iter();
    if listens.any(|listen| listen.ssl) {
        return None;
    }
    let sent = site.config.headers_sent(location, site.version());
    let mut headers = sent.named("X-Forwarded-Proto");
    let line = headers.find(|header| matches!(&*header.value, "$scheme" | "http"))?.at?;
    let message = "the app takes every request for plain http: no secure cookies, redirects in a circle, wrong URLs";
    let draft =
        Draft::at(site.place(line), "the load balancer's `https` is overwritten here", message)
            .of_directive(site, line)
            .and(front.place, front.said);
    let help = "write `proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;`; without any such line nginx passes the header on too";
    // Google's load balancer always sends the header; from others it may not come, or from anybody.
    let own = is_own(site, location, line) && front.is_google;
    let applicability = if own { Applicability::Safe } else { Applicability::Unsafe };
    let fix = arguments(site, line, "X-Forwarded-Proto $http_x_forwarded_proto");
    Some(draft.because(&session.evidence[0]).help(help).fix(applicability, [fix]))
}
