//! `worker_connections` under nginx's own default.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::Grade;
use crate::nginx::{NodeId, ROOT};
use crate::path::{Part, Site};

pub(super) static RULE: Rule = Rule {
    id: "too-few-connections",
    severity: Severity::Warning,
    grade: Grade::Reproduced,
    sources: &["https://nginx.org/en/docs/ngx_core_module.html#worker_connections"],
    page: include_str!("too_few_connections.md"),
    check,
};

/// nginx's default. Who writes less has chosen to; who writes nothing may not know.
const DEFAULT: u64 = 512;

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for site in model.sites().iter().filter(|site| !site.sessions.is_empty()) {
        findings.extend(finding(site));
    }
}

fn finding(site: &Site<'_>) -> Option<Draft> {
    let config = &site.config;
    let events = config.named(ROOT, "events").next();
    let events = events.filter(|_| !site.is_part())?;
    // A connection is an open file too.
    let written = config.named(events, "worker_connections");
    let written = written.chain(config.named(ROOT, "worker_rlimit_nofile"));
    let numbers = written.filter_map(|line| Some((config.value(line).parse().ok()?, line)));
    let (each, line): (u64, NodeId) = numbers.min()?;
    let processes = config.named(ROOT, "worker_processes").next();
    // `auto` is the number of CPUs of the node.
    let count = processes.map_or(Some(1), |line| config.value(line).parse::<u64>().ok());
    if each.saturating_mul(count.unwrap_or(1)) >= DEFAULT {
        return None;
    }
    let draft = Draft::at(site.value_place(line), "", message(each, count));
    let draft = match processes {
        Some(line) => draft.and(site.place(line), "as many processes have that many each"),
        None => draft,
    };
    let help = "write `worker_connections 4096;`, and `worker_rlimit_nofile 8192;` at the top";
    let because = &site.sessions[0].evidence[0];
    Some(draft.of_directive(site, line).because(because).help(help))
}

fn message(each: u64, count: Option<u64>) -> String {
    let most = each / 2 * count.unwrap_or(1);
    let each = if count.is_some() { "" } else { " for each CPU" };
    format!(
        "there is room for {most} WebSockets{each}, and further clients are refused: each takes two connections"
    )
}
