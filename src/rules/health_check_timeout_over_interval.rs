//! A health check that the API refuses.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Grade, Object};
use crate::manifest::Node;
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "health-check-timeout-over-interval",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Unsafe,
    sources: &[
        "kubernetes/ingress-gce:pkg/translator/healthchecks.go",
        "hashicorp/vault-helm#190",
        "GoogleCloudPlatform/gke-gateway-api:config/crd/networking.gke.io_healthcheckpolicies.yaml",
    ],
    page: include_str!("health_check_timeout_over_interval.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for config in model.backend_configs() {
        let interval = config.accepted(&["healthCheck", "checkIntervalSec"]);
        let timeout = config.accepted(&["healthCheck", "timeoutSec"]);
        let (Some((interval, other)), Some((timeout, node))) = (interval, timeout) else {
            continue;
        };
        if timeout <= interval {
            continue;
        }
        let message = format!(
            "every Ingress that uses this BackendConfig stops syncing: the API refuses a check that lasts {timeout} s and begins each {interval} s"
        );
        let draft = Draft::at(config.0.at(node), "longer than the interval", message)
            .and(config.0.at(other), "the interval")
            .of(&config.0, "spec.healthCheck.timeoutSec");
        let fix = config.0.set(&["spec", "healthCheck", "timeoutSec"], interval);
        let help = format!("write `timeoutSec: {interval}` or less");
        findings.add(draft.help(help).fix(Applicability::Unsafe, [fix]));
    }
    let policies = model.of_kind("HealthCheckPolicy");
    findings.extend(policies.filter_map(by_policy));
}

/// Seconds that hold in a `HealthCheckPolicy` without a setting, for the interval and for the timeout alike.
const POLICY_DEFAULT: i64 = 5;

fn by_policy(policy: &Object<'_>) -> Option<Draft> {
    let given = |key: &str| policy.in_spec(&["default", key]);
    let seconds = |node: Option<Node<'_>>| node.map_or(Some(POLICY_DEFAULT), Node::as_int);
    let (long, often) = (given("timeoutSec"), given("checkIntervalSec"));
    let (timeout, interval) = (seconds(long)?, seconds(often)?);
    let node = long.or(often).filter(|_| timeout > interval)?;
    let message = format!(
        "this check is never set up: the API refuses one that lasts {timeout} s and begins each {interval} s"
    );
    let (beside, path) = match long {
        Some(_) => ("longer than the interval", "spec.default.timeoutSec"),
        None => (
            "shorter than `timeoutSec`, which is 5 without a setting",
            "spec.default.checkIntervalSec",
        ),
    };
    let draft = Draft::at(policy.at(node), beside, message).of(policy, path);
    let draft = match (long, often) {
        (Some(_), Some(often)) => draft.and(policy.at(often), "the interval"),
        (Some(_), None) => draft.note("without `checkIntervalSec` the interval is 5 s"),
        _ => draft,
    };
    let fix = (interval > 0).then(|| policy.set(&["spec", "default", "timeoutSec"], interval));
    let help = format!("write `timeoutSec: {}` or less", interval.max(1));
    Some(draft.help(help).fix(Applicability::Unsafe, fix))
}
