//! A kind of Google's or of the Gateway API, in an API that does not have it.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Grade, Object};
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "api-version-unserved",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes/ingress-gce:pkg/apis/backendconfig/register.go",
        "kubernetes/ingress-gce:pkg/apis/frontendconfig/v1beta1/register.go",
        "GoogleCloudPlatform/gke-managed-certs:pkg/apis/networking.gke.io/v1/register.go",
        "https://googlecloudplatform.github.io/gke-gateway-api",
        "https://gateway-api.sigs.k8s.io/reference/spec/",
    ],
    page: include_str!("api_version_unserved.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    findings.extend(model.objects().iter().filter_map(finding));
}

fn finding(object: &Object<'_>) -> Option<Draft> {
    let right = object.api_instead()?;
    let value = object.node.get("apiVersion")?;
    let written = value.as_str()?;
    let message = format!(
        "`kubectl apply` refuses this {kind}: no matches for kind \"{kind}\" in version \"{written}\"",
        kind = object.kind
    );
    let draft = Draft::at(object.place(value.span()), "has no such kind", message)
        .of(object, "apiVersion")
        .help(format!("write `apiVersion: {right}`"));
    Some(draft.fix(Applicability::Safe, [object.set(&["apiVersion"], right.as_str())]))
}
