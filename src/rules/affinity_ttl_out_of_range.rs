//! A lifetime that the controller refuses.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::kube::controller_defaults::AFFINITY_TTL_MAX;
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "affinity-ttl-out-of-range",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Unsafe,
    sources: &["kubernetes/ingress-gce:pkg/backendconfig/validation.go"],
    page: include_str!("affinity_ttl_out_of_range.md"),
    check,
};

const KEYS: [&str; 3] = ["spec", "sessionAffinity", "affinityCookieTtlSec"];

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let most = i64::from(AFFINITY_TTL_MAX.value);
    for config in model.backend_configs() {
        let ttl = config.number(&["sessionAffinity", "affinityCookieTtlSec"]);
        let Some((seconds, node)) = ttl.filter(|(seconds, _)| !(0..=most).contains(seconds)) else {
            continue;
        };
        let message = format!(
            "every Ingress that uses this BackendConfig stops syncing: the lifetime of {seconds} s is refused"
        );
        let beside = format!("not between 0 and {most}");
        let help = format!("write 0, for the browser's session, or at most {most}: a day");
        findings.add(
            Draft::at(config.0.at(node), beside, message)
                .of(&config.0, "spec.sessionAffinity.affinityCookieTtlSec")
                .help(help)
                .fix(Applicability::Unsafe, (seconds > most).then(|| config.0.set(&KEYS, most))),
        );
    }
}
