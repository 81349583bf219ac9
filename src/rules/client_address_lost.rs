//! The app gets the load balancer's address in place of the client's.

use super::hash_sees_load_balancer::{by_address, help};
use super::location::arguments;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{Limit, NodeId};
use crate::path::{ClientAddress, Front, Part, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "client-address-lost",
    severity: Severity::Warning,
    grade: Grade::Reproduced,
    fix: Applicability::Unsafe,
    sources: &[
        "https://docs.cloud.google.com/load-balancing/docs/https",
        "https://nginx.org/en/docs/http/ngx_http_realip_module.html",
    ],
    page: include_str!("client_address_lost.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session, front) in model.fronted_locations() {
        findings.extend(finding(site, session, &front));
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>, front: &Front) -> Option<Draft> {
    let (location, _) = site.pass_of(session)?;
    let draft = match site.client_address(session, front) {
        ClientAddress::Client => None,
        ClientAddress::Proxy => overwritten(site, location),
        ClientAddress::Balancer(line) => not_passed_over(site, session, line, front),
    }?;
    let draft = draft.and(front.place, front.said);
    Some(draft.because(&session.evidence[0]))
}

fn overwritten(site: &Site<'_>, location: NodeId) -> Option<Draft> {
    let sent = site.config.headers_sent(location, site.version());
    let mut headers = sent.named("X-Forwarded-For");
    let line = headers.find(|header| header.value == "$remote_addr")?.at?;
    let message =
        "the app sees the load balancer as the only client: `X-Forwarded-For` is overwritten";
    let draft = Draft::at(site.place(line), "the client's address is lost here", message);
    let help = "write `proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;`";
    // The list begins with what the client said of itself: what the app takes of it matters from then on.
    let value = "X-Forwarded-For $proxy_add_x_forwarded_for";
    let fix = arguments(site, line, value);
    Some(draft.of_directive(site, line).help(help).fix(Applicability::Unsafe, [fix]))
}

/// What limits and hashes make of it is said at their lines.
fn not_passed_over(
    site: &Site<'_>,
    session: &SiteLocation<'_>,
    line: NodeId,
    front: &Front,
) -> Option<Draft> {
    let limits = site.config.limits(session.location?);
    let counted = limits.iter().any(Limit::counts_addresses);
    if counted || by_address(site, session).is_some() {
        return None;
    }
    let message = "every client has the load balancer's address: it stands last in `X-Forwarded-For`, and is not passed over";
    let beside = "these addresses alone do not lead to the client";
    let draft = Draft::at(site.place(line), beside, message);
    Some(draft.of_directive(site, line).help(help(front)))
}
