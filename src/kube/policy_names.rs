//! What a BackendConfig says in other words than the policies of the Gateway API.

/// A field of a BackendConfig that a policy does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renamed {
    /// The kind of the policy.
    pub kind: &'static str,
    /// The block below `spec` that it is found in.
    pub block: &'static [&'static str],
    /// Its name there.
    pub field: &'static str,
    /// What to write in its place.
    pub instead: &'static str,
    /// The same field under its own name in the same block, if that is all that differs.
    pub name: Option<&'static str>,
}

const fn renamed(
    kind: &'static str,
    block: &'static [&'static str],
    field: &'static str,
    instead: &'static str,
) -> Renamed {
    Renamed { kind, block, field, instead, name: None }
}

impl Renamed {
    const fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }
}

const BACKEND: &str = "GCPBackendPolicy";
const HEALTH: &str = "HealthCheckPolicy";
const DEFAULT: &[&str] = &["default"];
const AFFINITY: &[&str] = &["default", "sessionAffinity"];

/// Every such field (GoogleCloudPlatform/gke-gateway-api:config/crd).
pub const RENAMED: &[Renamed] = &[
    renamed(BACKEND, AFFINITY, "affinityType", "`type`").named("type"),
    renamed(BACKEND, AFFINITY, "affinityCookieTtlSec", "`cookieTtlSec`").named("cookieTtlSec"),
    renamed(BACKEND, &["default", "logging"], "enable", "`enabled`").named("enabled"),
    renamed(BACKEND, DEFAULT, "healthCheck", "a HealthCheckPolicy for the same Service"),
    renamed(BACKEND, DEFAULT, "cdn", "a GCPHTTPFilter that the HTTPRoute names"),
    renamed(
        BACKEND,
        &["default", "iap"],
        "oauthclientCredentials",
        "`oauth2ClientSecret: {name: …}` and `clientID`",
    ),
    renamed(BACKEND, &[], "timeoutSec", "it below `default`"),
    renamed(BACKEND, &[], "sessionAffinity", "it below `default`, with `type`"),
    renamed(BACKEND, &[], "connectionDraining", "it below `default`"),
    renamed(BACKEND, &[], "securityPolicy", "it below `default`"),
    renamed(
        HEALTH,
        DEFAULT,
        "requestPath",
        "`config: {type: HTTP, httpHealthCheck: {requestPath: …}}`",
    ),
    renamed(HEALTH, DEFAULT, "port", "`config: {type: HTTP, httpHealthCheck: {port: …}}`"),
    renamed(HEALTH, DEFAULT, "type", "`config: {type: …}`"),
    renamed(HEALTH, DEFAULT, "healthCheck", "its fields below `default` and `config`"),
];
