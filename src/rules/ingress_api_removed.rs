//! An Ingress in an API that clusters no longer have.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::{Grade, Ingress, Object, Route};
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "ingress-api-removed",
    severity: Severity::Error,
    grade: Grade::Documented,
    sources: &["https://kubernetes.io/docs/reference/using-api/deprecation-guide/#ingress-v122"],
    page: include_str!("ingress_api_removed.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    findings.extend(model.ingresses().iter().filter_map(|one| finding(&one.0)));
    findings.extend(model.ingresses().iter().flat_map(Ingress::routes).filter_map(|one| old(&one)));
}

/// A backend as the versions of the beta had it, in the version that has another.
fn old(route: &Route<'_>) -> Option<Draft> {
    let object = &route.ingress.0;
    let key = ["serviceName", "servicePort"].into_iter().find_map(|key| {
        let span = route.backend.key_span(key)?;
        Some((key, span))
    });
    let ((key, span), new) = key.zip((object.version == "v1").then_some(object))?;
    let message = format!(
        "`kubectl apply` refuses this Ingress: a backend of `{}/v1` has no `{key}`",
        new.group
    );
    let draft = Draft::at(new.place(span), "of the beta", message)
        .of(new, route.path_name(&format!("backend.{key}")));
    Some(draft.help("write the backend as `service: {name: …, port: {number: …}}`"))
}

fn finding(object: &Object<'_>) -> Option<Draft> {
    let removed = object.version == "v1beta1";
    let version = object.node.get("apiVersion").filter(|_| removed)?;
    let message = format!(
        "`kubectl apply` fails: Kubernetes 1.22 and later have no `{}/v1beta1` Ingress",
        object.group
    );
    let help = "write `apiVersion: networking.k8s.io/v1`, `pathType` for each path, and backends as `service: {name: …, port: {number: …}}`";
    let draft = Draft::at(object.at(version), "removed", message).of(object, "apiVersion");
    Some(draft.help(help))
}
