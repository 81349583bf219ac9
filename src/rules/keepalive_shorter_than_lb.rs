//! nginx closes connections that Google's load balancer still holds open.

use super::location::{Repair, arguments};
use super::wording::time;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Insertion, NginxChange, Severity};
use crate::kube::Grade;
use crate::kube::controller_defaults::BACKEND_KEEPALIVE;
use crate::nginx::NodeId;
use crate::path::{Front, Part, Site, SiteLocation};

pub(super) static RULE: Rule = Rule {
    id: "keepalive-shorter-than-lb",
    severity: Severity::Warning,
    grade: Grade::Documented,
    fix: Applicability::Safe,
    sources: &[
        BACKEND_KEEPALIVE.source,
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#keepalive_timeout",
        "kubernetes/ingress-gce#34",
    ],
    page: include_str!("keepalive_shorter_than_lb.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let fronted = model.fronted_locations();
    for (site, session, front) in fronted.filter(|(_, _, front)| front.is_google) {
        findings.extend(finding(site, session, &front));
    }
}

fn finding(site: &Site<'_>, session: &SiteLocation<'_>, front: &Front) -> Option<Draft> {
    let level = session.location.unwrap_or(session.server);
    let (timeout, line) = site.time(level, "keepalive_timeout")?;
    // With 0 nginx says so in every answer, and the load balancer does not use the connection again.
    if timeout == 0 || timeout > u64::from(BACKEND_KEEPALIVE.value) * 1_000 {
        return None;
    }
    let held = BACKEND_KEEPALIVE.value;
    let message = format!(
        "now and then a request gets 502: nginx closes idle connections after {}, and the load balancer uses them for {held} s",
        time(timeout)
    );
    let node = line.unwrap_or(session.server);
    let place = line.map_or_else(|| site.place(node), |line| site.value_place(line));
    let beside = match line {
        Some(_) => format!("not over {held} s"),
        None => format!("no `keepalive_timeout`: {} without one", time(timeout)),
    };
    let draft = Draft::at(place, beside, message).of_directive(site, node);
    let draft = draft.and(front.place, front.said).help("write `keepalive_timeout 650s;`");
    // A file that several include is for more than this server.
    let shared =
        line.is_some_and(|line| site.config.file(line) != site.config.file(session.server));
    let kind = if shared { Applicability::Unsafe } else { Applicability::Safe };
    Some(draft.fix(kind, repair(site, session.server, line)))
}

/// The line, where it has no second argument, which is told to clients; or a new one behind `listen`.
fn repair(site: &Site<'_>, server: NodeId, line: Option<NodeId>) -> Option<Repair> {
    let config = &site.config;
    if let Some(line) = line {
        let alone = config.arguments(line).count() == 1;
        return alone.then(|| arguments(site, line, "650s"));
    }
    let same_file = |line: &NodeId| config.file(*line) == config.file(server);
    let place = match config.named(server, "listen").filter(same_file).last() {
        Some(listen) => Insertion::After(config.directive(listen).span),
        None => Insertion::Start(Some(config.directive(server).span)),
    };
    let text = "keepalive_timeout 650s;".to_owned();
    Some(site.text_of(server).edit(NginxChange::Insert { place, text }))
}
