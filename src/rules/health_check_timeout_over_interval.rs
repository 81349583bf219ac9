//! A health check that the API refuses.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::Grade;
use crate::path::Model;

pub(super) static RULE: Rule = Rule {
    id: "health-check-timeout-over-interval",
    severity: Severity::Error,
    grade: Grade::Source,
    sources: &["kubernetes/ingress-gce:pkg/translator/healthchecks.go", "hashicorp/vault-helm#190"],
    page: include_str!("health_check_timeout_over_interval.md"),
    check,
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for config in model.backend_configs() {
        let interval = config.number(&["healthCheck", "checkIntervalSec"]);
        let timeout = config.number(&["healthCheck", "timeoutSec"]);
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
        findings.add(draft.help(format!("write `timeoutSec: {}` or less", interval.max(1))));
    }
}
