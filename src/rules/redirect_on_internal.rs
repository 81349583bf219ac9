//! A redirect that an internal load balancer does not have.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{FRONTEND_CONFIG_KEY, Grade, Ingress, annotation_path};
use crate::path::{Model, Part};

pub(super) static RULE: Rule = Rule {
    id: "redirect-on-internal",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Manual,
    sources: &[
        "kubernetes/ingress-gce:pkg/loadbalancers/url_maps.go",
        "kubernetes/ingress-gce:cmd/check-gke-ingress/app/ingress/rule.go",
    ],
    page: include_str!("redirect_on_internal.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    findings.extend(model.ingresses().iter().filter_map(|ingress| finding(model, ingress)));
}

fn finding(model: &Model<'_>, ingress: &Ingress<'_>) -> Option<Draft> {
    let (frontend, redirect) = model.redirect_refused(ingress)?;
    let entry = ingress.0.annotation(FRONTEND_CONFIG_KEY)?;
    let message = "the Ingress gets no address: the controller refuses the redirect to HTTPS of an internal load balancer, and makes no front end";
    let draft = Draft::at(ingress.0.at(entry.value()), "redirects to HTTPS", message)
        .of(&ingress.0, annotation_path(FRONTEND_CONFIG_KEY))
        .and(frontend.at(redirect), "turned on here")
        .help("take the annotation out: an internal load balancer redirects nobody");
    Some(draft)
}
