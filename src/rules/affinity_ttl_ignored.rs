//! A lifetime for a cookie that nobody sets.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::Grade;
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "affinity-ttl-ignored",
    severity: Severity::Warning,
    grade: Grade::Documented,
    sources: &[
        "kubernetes/ingress-gce:pkg/backends/features/affinity.go",
        "https://cloud.google.com/compute/docs/reference/rest/v1/backendServices",
    ],
    page: include_str!("affinity_ttl_ignored.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (_, session, config) in model.judged_sessions() {
        let ttl = config.accepted(&["sessionAffinity", "affinityCookieTtlSec"]);
        let Some((seconds @ 1.., node)) = ttl else {
            continue;
        };
        let (kind, type_node) = match config.affinity() {
            Some(("GENERATED_COOKIE", _)) => continue,
            Some((kind, node)) => (kind, Some(node)),
            None => ("NONE", None),
        };
        if model.is_set_elsewhere(&config.0, &["sessionAffinity", "affinityType"]) {
            continue;
        }
        let message = format!(
            "sessions are not kept for {seconds} s by this: it is the lifetime of a cookie, and with `{kind}` there is none"
        );
        let mut draft = Draft::at(config.0.at(node), "read by nothing", message)
            .of(&config.0, "spec.sessionAffinity.affinityCookieTtlSec");
        if let Some(node) = type_node {
            draft = draft.and(config.0.at(node), "no cookie");
        }
        let help = "take it out, or write `affinityCookieTtlSec: 0` if a backend service had a lifetime before; \
                    for a cookie write `affinityType: GENERATED_COOKIE`";
        findings.add(draft.because(session.because()).help(help));
    }
}
