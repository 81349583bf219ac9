//! No time to finish for a pod that goes away.

use super::grace_shorter_than_drain::grace;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::kube::controller_defaults::DRAIN;
use crate::manifest::Node;
use crate::path::{Backend, Part};

pub(super) static RULE: Rule = Rule {
    id: "drain-disabled",
    severity: Severity::Warning,
    grade: Grade::Documented,
    fix: Applicability::Safe,
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
    for (backend, session, config) in model.judged_sessions() {
        let given = config.get(&KEYS);
        if !is_off(given) || model.is_set_elsewhere(&config.0, &KEYS) {
            continue;
        }
        let draft = Draft::at(config.place(&KEYS), beside(given), MESSAGE)
            .of(&config.0, "spec.connectionDraining.drainingTimeoutSec")
            .because(session.because());
        let seconds = wanted(backend);
        let help = format!("write `connectionDraining: {{drainingTimeoutSec: {seconds}}}`");
        let fix = config.0.set(&["spec", KEYS[0], KEYS[1]], seconds);
        findings.add(draft.help(help).fix(applicability(given), (seconds > 0).then_some(fix)));
    }
    for (backend, session, gateway) in model.gateway_sessions() {
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
        let seconds = wanted(backend);
        let help = format!(
            "write `connectionDraining: {{drainingTimeoutSec: {seconds}}}` below `default`"
        );
        let fix = policy.set(&["spec", "default", KEYS[0], KEYS[1]], seconds);
        findings.add(draft.help(help).fix(applicability(given), (seconds > 0).then_some(fix)));
    }
}

/// A minute, or as long as the pods are left alone: after that there is nothing to drain.
fn wanted(backend: &Backend<'_>) -> i64 {
    let graces = backend.pods.workloads.iter().filter_map(grace);
    graces.map(|(seconds, _)| seconds).min().map_or(60, |seconds| seconds.min(60))
}

/// A 0 that somebody wrote is a choice.
fn applicability(given: Option<Node<'_>>) -> Applicability {
    if given.is_some() { Applicability::Unsafe } else { Applicability::Safe }
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
