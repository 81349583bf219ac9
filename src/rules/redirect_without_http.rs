//! A redirect of requests that are not let in.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Grade, Ingress};
use crate::path::{Model, Part};

const ALLOW: &str = "kubernetes.io/ingress.allow-http";

pub(super) static RULE: Rule = Rule {
    id: "redirect-without-http",
    severity: Severity::Warning,
    grade: Grade::Source,
    fix: Applicability::Unsafe,
    sources: &[
        "kubernetes/ingress-gce:pkg/loadbalancers/l7.go",
        "kubernetes/ingress-gce:pkg/loadbalancers/target_proxies.go",
    ],
    page: include_str!("redirect_without_http.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let served = model.ingresses().iter().filter(|one| one.is_gce());
    findings.extend(served.filter_map(|ingress| finding(model, ingress)));
}

/// What Go's `strconv.ParseBool` takes for false; anything else leaves HTTP on.
fn is_false(text: &str) -> bool {
    matches!(text, "0" | "f" | "F" | "false" | "FALSE" | "False")
}

fn finding(model: &Model<'_>, ingress: &Ingress<'_>) -> Option<Draft> {
    let allow = ingress.0.annotation(ALLOW)?;
    is_false(allow.value().text()?).then_some(())?;
    let (frontend, redirect) = model.redirect_of(ingress)?;
    let message = "whoever types `http://` gets no answer: without HTTP there is no port 80, and nothing that could redirect";
    let draft = Draft::at(ingress.0.at(allow.value()), "closes port 80", message)
        .of(&ingress.0, crate::kube::annotation_path(ALLOW))
        .and(frontend.at(redirect), "has nothing to redirect")
        .help("take the annotation out: the redirect lets nothing through in plain text")
        .fix(Applicability::Unsafe, [ingress.0.remove_annotation(ALLOW)]);
    Some(draft)
}
