//! A lifetime for a cookie that nobody sets.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "affinity-ttl-ignored",
    severity: Severity::Warning,
    grade: Grade::Documented,
    fix: Applicability::Safe,
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
        let help = "write `affinityCookieTtlSec: 0`, as a lifetime that is just taken out stays in force; \
                    for a cookie write `affinityType: GENERATED_COOKIE`";
        // Taken out, the lifetime would stay where it is: the controller leaves alone what is not mentioned. And without
        // a type, a cookie may have been meant.
        let zero = config.0.set(&["spec", "sessionAffinity", "affinityCookieTtlSec"], 0);
        let fix = (kind == "CLIENT_IP").then_some(zero);
        let draft = draft.because(session.because()).help(help);
        findings.add(draft.fix(Applicability::Safe, fix));
    }
}
