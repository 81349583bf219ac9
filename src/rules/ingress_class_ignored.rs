//! GKE passes over an Ingress that names its class in the field alone.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity, ValueChange};
use crate::kube::controller_defaults::{CLASS_ANNOTATION, Handling};
use crate::kube::{Controller, Grade, Ingress};
use crate::manifest::Path;
use crate::path::{Model, Part};

pub(super) static RULE: Rule = Rule {
    id: "ingress-class-ignored",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes/ingress-gce:pkg/utils/utils.go",
        "https://cloud.google.com/kubernetes-engine/docs/concepts/ingress#deprecated_annotation",
    ],
    page: include_str!("ingress_class_ignored.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let ingresses = model.ingresses().iter();
    findings.extend(ingresses.filter_map(|ingress| finding(model, ingress)));
}

/// An `IngressClass` of that name among the files may be another controller's.
fn finding(model: &Model<'_>, ingress: &Ingress<'_>) -> Option<Draft> {
    let class = ingress.class_name()?;
    let passed_over = ingress.controller() == Controller::Gce(Handling::PassedOver);
    if !passed_over || !model.set.candidates("IngressClass", class).is_empty() {
        return None;
    }
    let node = ingress.0.in_spec(&["ingressClassName"])?;
    let message = "no load balancer is made: GKE passes over an Ingress that says its class in `ingressClassName` alone";
    let help = format!("write the annotation `{}: {class}` in place of it", CLASS_ANNOTATION.value);
    let draft = Draft::at(ingress.0.at(node), "not read by GKE", message)
        .of(&ingress.0, "spec.ingressClassName")
        .help(help)
        .fix(
            Applicability::Safe,
            [
                ingress.0.edit(ValueChange::Remove {
                    path: Path::of_keys(&["spec", "ingressClassName"]),
                }),
                ingress.0.set_annotation(CLASS_ANNOTATION.value, class),
            ],
        );
    Some(draft)
}
