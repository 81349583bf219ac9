//! `worker_connections` under nginx's own default.

use super::location::{Repair, arguments};
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Insertion, NginxChange, Severity};
use crate::kube::Grade;
use crate::nginx::{NodeId, ROOT};
use crate::path::{Part, Site};

pub(super) static RULE: Rule = Rule {
    id: "too-few-connections",
    severity: Severity::Warning,
    grade: Grade::Reproduced,
    fix: Applicability::Unsafe,
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
    let limits = [(events, "worker_connections", "4096"), (ROOT, "worker_rlimit_nofile", "8192")];
    let numbers = limits.into_iter().filter_map(|(level, name, wanted)| {
        let line = config.named(level, name).next()?;
        Some((config.value(line).parse::<u64>().ok()?, line, wanted))
    });
    let (each, line, wanted) = numbers.min()?;
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
    let fix = [Some(arguments(site, line, wanted)), more_files(site, events)];
    let draft = draft.of_directive(site, line).because(because).help(help);
    Some(draft.fix(Applicability::Unsafe, fix.into_iter().flatten()))
}

/// `worker_rlimit_nofile`, where nothing says how many files a process may have open.
fn more_files(site: &Site<'_>, events: NodeId) -> Option<Repair> {
    let config = &site.config;
    let place = Insertion::Before(config.directive(events).span);
    let text = "worker_rlimit_nofile 8192;".to_owned();
    let change = NginxChange::Insert { place, text };
    let given = config.named(ROOT, "worker_rlimit_nofile").next().is_some();
    (!given).then(|| site.text_of(events).edit(change))
}

fn message(each: u64, count: Option<u64>) -> String {
    let most = each / 2 * count.unwrap_or(1);
    let each = if count.is_some() { "" } else { " for each CPU" };
    format!(
        "there is room for {most} WebSockets{each}, and further clients are refused: each takes two connections"
    )
}
