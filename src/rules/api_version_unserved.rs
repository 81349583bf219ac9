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

/// A kind, its group, and the versions that have it, the one to write first.
struct Served {
    kind: &'static str,
    group: &'static str,
    versions: &'static [&'static str],
}

const GKE: &str = "networking.gke.io";
const GATEWAY: &str = "gateway.networking.k8s.io";

const KINDS: &[Served] = &[
    Served { kind: "BackendConfig", group: "cloud.google.com", versions: &["v1", "v1beta1"] },
    Served { kind: "FrontendConfig", group: GKE, versions: &["v1beta1"] },
    Served { kind: "ManagedCertificate", group: GKE, versions: &["v1", "v1beta2", "v1beta1"] },
    Served { kind: "GCPBackendPolicy", group: GKE, versions: &["v1"] },
    Served { kind: "GCPGatewayPolicy", group: GKE, versions: &["v1"] },
    Served { kind: "HealthCheckPolicy", group: GKE, versions: &["v1"] },
    Served { kind: "Gateway", group: GATEWAY, versions: &["v1", "v1beta1"] },
    Served { kind: "HTTPRoute", group: GATEWAY, versions: &["v1", "v1beta1"] },
];

/// Groups that have none of these kinds but their own. Another vendor's may have a kind of the same name.
const GROUPS: [&str; 7] =
    ["", "cloud.google.com", "extensions", "apps", GATEWAY, GKE, "networking.k8s.io"];

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    findings.extend(model.objects().iter().filter_map(finding));
}

fn finding(object: &Object<'_>) -> Option<Draft> {
    let served = KINDS.iter().find(|one| one.kind == object.kind)?;
    let has = served.group == object.group && served.versions.contains(&object.version);
    // An early version of a kind that a controller of the cluster may still serve.
    let early = served.group == object.group && object.version.contains("alpha");
    if has || early || !GROUPS.contains(&object.group) {
        return None;
    }
    let value = object.node.get("apiVersion")?;
    let written = value.as_str()?;
    let right = format!("{}/{}", served.group, served.versions.first()?);
    let message = format!(
        "`kubectl apply` refuses this {kind}: no matches for kind \"{kind}\" in version \"{written}\"",
        kind = object.kind
    );
    let draft = Draft::at(object.place(value.span()), "has no such kind", message)
        .of(object, "apiVersion")
        .help(format!("write `apiVersion: {right}`"));
    Some(draft.fix(Applicability::Safe, [object.set(&["apiVersion"], right.as_str())]))
}
