//! No time to finish for a pod that goes away.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::Grade;
use crate::kube::controller_defaults::DRAIN;
use crate::manifest::Node;
use crate::path::Model;

pub(super) static RULE: Rule = Rule {
    id: "drain-disabled",
    severity: Severity::Warning,
    grade: Grade::Documented,
    sources: &[
        "https://cloud.google.com/load-balancing/docs/enabling-connection-draining",
        "kubernetes/ingress-gce:pkg/backends/features/draining.go",
    ],
    page: include_str!("drain_disabled.md"),
    check,
};

const KEYS: [&str; 2] = ["connectionDraining", "drainingTimeoutSec"];

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (_, session, config) in model.judged_sessions() {
        let given = config.get(&KEYS);
        let seconds = given.map_or(Some(i64::from(DRAIN.value)), Node::as_int);
        if seconds != Some(0) {
            continue;
        }
        let beside = match given {
            Some(_) => "off",
            None => "no `drainingTimeoutSec`: off",
        };
        let message = "each rollout cuts the sessions of a pod at once: requests under way are answered 502, WebSockets closed";
        let draft = Draft::at(config.place(&KEYS), beside, message)
            .of(&config.0, "spec.connectionDraining.drainingTimeoutSec")
            .because(session.because());
        findings.add(draft.help("write `connectionDraining: {drainingTimeoutSec: 60}`"));
    }
}
