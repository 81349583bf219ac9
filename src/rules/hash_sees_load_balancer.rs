//! A hash of the client's address that is a proxy's.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::nginx::{Balancing, NodeId};
use crate::path::{ClientAddress, Front, Part, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "hash-sees-load-balancer",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    fix: Applicability::Manual,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_realip_module.html",
        "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#ip_hash",
        "https://docs.cloud.google.com/load-balancing/docs/https",
    ],
    page: include_str!("hash_sees_load_balancer.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (site, session, front) in model.fronted_locations() {
        findings.extend(finding(site, session, &front).filter(|_| session.polls()));
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>, front: &Front) -> Option<Draft> {
    let line = by_address(site, session)?;
    let address = site.client_address(session, front);
    let (message, severity) = consequence(address, front)?;
    // The `nginx.conf` around a part may know better.
    let severity = if site.is_part() { Severity::Warning } else { severity };
    let beside = "this hashes the address of the connection";
    let draft = Draft::at(site.place(line), beside, message)
        .of_directive(site, line)
        .only(severity)
        .and(front.place, front.said)
        .help(help(front));
    Some(match address {
        ClientAddress::Balancer(trust) => draft.and(site.place(trust), NOT_TRUSTED),
        _ => draft,
    })
}

const NOT_TRUSTED: &str =
    "the load balancer's own address is not among these, or `real_ip_recursive` is off";

/// What becomes of sessions, and how bad that is.
fn consequence(address: ClientAddress, front: &Front) -> Option<(&'static str, Severity)> {
    match address {
        ClientAddress::Client => None,
        ClientAddress::Proxy if front.is_google => Some((
            "sessions change servers whenever another of Google's front ends sends: 400, Session ID unknown",
            Severity::Error,
        )),
        ClientAddress::Proxy => Some((
            "every client has the address of the proxy: one server gets them all, and a second proxy breaks sessions",
            Severity::Warning,
        )),
        ClientAddress::Balancer(_) => Some((
            "every client has the load balancer's address, so one server gets them all",
            Severity::Warning,
        )),
    }
}

/// What makes `$remote_addr` the client's behind Google's load balancer.
pub(super) fn help(front: &Front) -> &'static str {
    if front.has_own_subnet { HELP_BY_SUBNET } else { HELP }
}

const HELP_BY_SUBNET: &str = "write `set_real_ip_from` for the range of the proxy-only subnet and the load balancer's own address, `real_ip_header X-Forwarded-For;` and `real_ip_recursive on;`";

const HELP: &str = "write `set_real_ip_from` for 130.211.0.0/22, 35.191.0.0/16 and the load balancer's own address, `real_ip_header X-Forwarded-For;` and `real_ip_recursive on;`";

/// The line that makes an upstream choose by address.
pub(super) fn by_address(site: &Site<'_>, session: &SiteLocation<'_>) -> Option<NodeId> {
    let (_, pass) = site.pass_of(session)?;
    let upstream = site.several_servers(&pass)?;
    match upstream.balancing {
        Balancing::IpHash | Balancing::Hash { key: "$remote_addr" | "$binary_remote_addr", .. } => {
            upstream.balancing_at
        }
        _ => None,
    }
}
