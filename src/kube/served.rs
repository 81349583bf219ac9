//! Which API has a kind of Google's, or of the Gateway API.

use super::Object;

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

impl Object<'_> {
    /// The API to write, where this one does not have the kind, so that the API server refuses the object.
    pub fn api_instead(&self) -> Option<String> {
        let served = KINDS.iter().find(|one| one.kind == self.kind)?;
        let own = served.group == self.group;
        // An early version of a kind that a controller of the cluster may still serve.
        let early = own && self.version.contains("alpha");
        let has = own && served.versions.contains(&self.version);
        if has || early || !GROUPS.contains(&self.group) {
            return None;
        }
        Some(format!("{}/{}", served.group, served.versions.first()?))
    }

    /// Whether it is of another vendor's kind that has the name of one of these.
    pub fn is_another_vendors(&self) -> bool {
        let known = KINDS.iter().any(|one| one.kind == self.kind);
        known && !GROUPS.contains(&self.group)
    }
}
