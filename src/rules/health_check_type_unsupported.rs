//! A kind of health check that the controller does not make.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::kube::is_placeholder;
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "health-check-type-unsupported",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes/ingress-gce:pkg/translator/healthchecks.go",
        "kubernetes/ingress-gce#1067",
    ],
    page: include_str!("health_check_type_unsupported.md"),
    check,
};

const TYPES: [&str; 3] = ["HTTP", "HTTPS", "HTTP2"];

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for config in model.backend_configs() {
        let Some(node) = config.get(&["healthCheck", "type"]) else {
            continue;
        };
        let Some(given) =
            node.as_str().filter(|given| !TYPES.contains(given) && !is_placeholder(given))
        else {
            continue;
        };
        let message = format!(
            "every Ingress that uses this BackendConfig stops syncing: there is no health check of type `{given}`"
        );
        let upper = given.to_ascii_uppercase();
        let meant = TYPES.into_iter().find(|one| *one == upper);
        let fix = meant.map(|meant| config.0.set(&["spec", "healthCheck", "type"], meant));
        findings.add(
            Draft::at(config.0.at(node), "`HTTP`, `HTTPS` or `HTTP2`", message)
                .of(&config.0, "spec.healthCheck.type")
                .help(format!("write `type: {}`", meant.unwrap_or("HTTP")))
                .fix(Applicability::Safe, fix),
        );
    }
}
