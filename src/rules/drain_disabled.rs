//! No time to finish for a pod that goes away.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::Grade;
use crate::kube::controller_defaults::DRAIN;
use crate::manifest::Node;
use crate::path::Part;

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

const MESSAGE: &str = "each rollout cuts the sessions of a pod at once: requests under way are answered 502, WebSockets closed";

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (_, session, config) in model.judged_sessions() {
        let given = config.get(&KEYS);
        if !is_off(given) || model.is_set_elsewhere(&config.0, &KEYS) {
            continue;
        }
        let draft = Draft::at(config.place(&KEYS), beside(given), MESSAGE)
            .of(&config.0, "spec.connectionDraining.drainingTimeoutSec")
            .because(session.because());
        findings.add(draft.help("write `connectionDraining: {drainingTimeoutSec: 60}`"));
    }
    for (_, session, gateway) in model.gateway_sessions() {
        let Some(policy) = gateway.policy else {
            continue;
        };
        let given = policy.in_spec(&["default", KEYS[0], KEYS[1]]);
        if !is_off(given) {
            continue;
        }
        let place = given.map_or_else(|| policy.spec_title(), |node| policy.at(node));
        let draft = Draft::at(place, beside(given), MESSAGE)
            .of(&policy, "spec.default.connectionDraining.drainingTimeoutSec")
            .because(session.because());
        let help = "write `connectionDraining: {drainingTimeoutSec: 60}` below `default`";
        findings.add(draft.help(help));
    }
}

fn is_off(given: Option<Node<'_>>) -> bool {
    given.map_or(Some(i64::from(DRAIN.value)), Node::as_int) == Some(0)
}

fn beside(given: Option<Node<'_>>) -> &'static str {
    match given {
        Some(_) => "off",
        None => "no `drainingTimeoutSec`: off",
    }
}
