//! A limit for each client that counts them all as one.

use super::hash_sees_load_balancer::help;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::Limit;
use crate::path::{Counts, Front, Part, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "limit-counts-load-balancer",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    fix: Applicability::Manual,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_limit_req_module.html",
        "https://nginx.org/en/docs/http/ngx_http_limit_conn_module.html",
        "https://nginx.org/en/docs/http/ngx_http_realip_module.html",
    ],
    page: include_str!("limit_counts_load_balancer.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session, front) in model.fronted_locations() {
        findings.extend(drafts(site, session, &front));
    }
}

fn drafts(site: &Site<'_>, session: &SiteLocation<'_>, front: &Front) -> Vec<Draft> {
    let location = session.location.into_iter();
    let limits = location
        .flat_map(|location| site.limits_on_sessions(location, session.polls(), Some(front)));
    let counting = limits.filter(|one| one.counts == Counts::Everybody).map(|one| one.limit);
    let severity = if site.is_part() { Severity::Warning } else { Severity::Error };
    let draft = |limit: Limit<'_>| {
        let message = "all clients together count as one, by the load balancer's address: beyond the limit they get 503";
        Draft::at(site.place(limit.node), "one limit for everybody", message)
            .of_directive(site, limit.node)
            .and(site.place(limit.zone), "counted by the address of the connection")
            .and(front.place, front.said)
            .because(&session.evidence[0])
            .only(severity)
            .help(help(front))
    };
    counting.map(draft).collect()
}
