//! The policies of GKE's Gateways: what they call the settings that a BackendConfig has, too
//! (GoogleCloudPlatform/gke-gateway-api:config/crd).

use super::Object;
use crate::manifest::Node;

/// The kinds, by what they set.
pub const POLICIES: [&str; 2] = ["GCPBackendPolicy", "HealthCheckPolicy"];

/// The kind of policy that has a setting.
pub fn kind_of(keys: &[&str]) -> &'static str {
    let [backend, health] = POLICIES;
    if keys.first() == Some(&"healthCheck") { health } else { backend }
}

/// A setting in a policy, by its name below the `spec` of a BackendConfig.
pub fn setting<'s>(policy: &Object<'s>, keys: &[&str]) -> Option<Node<'s>> {
    let at = |keys: &[&str]| policy.in_spec(&["default"])?.at(keys);
    match keys {
        ["sessionAffinity", "affinityType"] => at(&["sessionAffinity", "type"]),
        ["sessionAffinity", "affinityCookieTtlSec"] => at(&["sessionAffinity", "cookieTtlSec"]),
        ["logging", "enable"] => at(&["logging", "enabled"]),
        ["timeoutSec"] | ["connectionDraining", "drainingTimeoutSec"] => at(keys),
        ["healthCheck", "type"] => at(&["config", "type"]),
        ["healthCheck", field @ ("requestPath" | "host" | "response")] => asked(policy)?.get(field),
        ["healthCheck", "port"] => {
            let asked = asked(policy)?;
            let fixed = asked.get("portSpecification").and_then(Node::as_str);
            asked.get("port").filter(|_| fixed == Some("USE_FIXED_PORT"))
        }
        ["healthCheck", field] => at(&[*field]),
        _ => None,
    }
}

/// What a health check asks for, whatever it speaks.
fn asked<'s>(policy: &Object<'s>) -> Option<Node<'s>> {
    let config = policy.in_spec(&["default", "config"])?;
    let blocks = ["httpHealthCheck", "httpsHealthCheck", "http2HealthCheck"];
    blocks.iter().find_map(|block| config.get(block))
}
