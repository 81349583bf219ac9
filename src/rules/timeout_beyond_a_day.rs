//! A timeout that no front end keeps.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "timeout-beyond-a-day",
    severity: Severity::Info,
    grade: Grade::Documented,
    fix: Applicability::Safe,
    sources: &[
        "https://gcpdiag.dev/rules/lb/BP/2025_002/",
        "https://docs.cloud.google.com/load-balancing/docs/https/request-distribution",
    ],
    page: include_str!("timeout_beyond_a_day.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (backend, session, config) in model.judged_sessions() {
        let longest =
            backend.gce_classes().filter_map(|class| class.load_balancer.longest_connection());
        let Some(longest) = longest.map(|fact| i64::from(fact.value)).min() else {
            continue;
        };
        let Some((seconds, node)) = config.accepted(&["timeoutSec"]) else {
            continue;
        };
        if seconds <= longest {
            continue;
        }
        let message = format!(
            "no connection lasts {seconds} s: Google's front ends close each after {longest} s at the latest, and clients must come back"
        );
        let draft = Draft::at(config.0.at(node), "more than a day", message);
        findings.add(
            draft
                .of(&config.0, "spec.timeoutSec")
                .because(session.because())
                .help(format!("write `timeoutSec: {longest}`"))
                .fix(Applicability::Safe, [config.0.set(&["spec", "timeoutSec"], longest)]),
        );
    }
}
