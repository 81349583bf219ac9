//! What a platform is like: the `[platform]` table of the profile at the root of a chain.

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use super::decode::{Reason, decode};
use super::schema::schema_of;
use super::wording::{in_words, suggest_sibling};
use super::{AddressRange, Host, LabelKey, MetricPrefix, ResourceType, Seconds, Table};
use crate::diagnostic::{Diagnostic, Label};

/// What a platform is like. Set by platform profiles; no app sets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(transform = none_required)]
pub struct Platform {
    /// What the load balancer is called in messages.
    pub load_balancer: String,
    /// The Ingress class that stands for it.
    pub ingress_class: String,
    /// When the load balancer closes a WebSocket.
    pub websocket_lifetime: WebSocketLifetime,
    /// The longest that a load balancer which cuts WebSockets holds one.
    pub longest_connection: Seconds,
    /// How long the load balancer keeps an idle connection to a backend. nginx must keep it longer.
    pub backend_keepalive: Seconds,
    /// The addresses that the load balancer's requests come from; empty where they are the network's own choice.
    pub trusted_proxies: Vec<AddressRange>,
    /// The Ingress annotation that names a reserved address.
    pub static_ip_annotation: LabelKey,
    /// What the load balancer can do beyond routing.
    pub supports: Vec<Feature>,
    /// The domain of the cluster's Service names.
    pub cluster_domain: Host,
    /// What the types of the load balancer's metrics in Cloud Monitoring begin with.
    pub metrics: MetricPrefix,
    /// The monitored resource of those metrics.
    pub metric_resource: ResourceType,
    /// The monitored resource of its request log.
    pub log_resource: ResourceType,
    /// The monitored resource of metrics that are made of that log.
    pub log_metric_resource: ResourceType,
    /// Annotation keys, or prefixes that end with `*`, that sioway writes itself or that belong to controllers.
    pub reserved_annotations: Vec<String>,
}

/// What a load balancer may be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Feature {
    /// Redirect to HTTPS and hold to an SSL policy, by a FrontendConfig.
    FrontendConfig,
    /// Take a ManagedCertificate.
    ManagedCertificate,
    /// Serve HTTP beside HTTPS on one address.
    HttpAndHttps,
    /// Cloud CDN.
    CloudCdn,
}

/// When a load balancer closes a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum WebSocketLifetime {
    /// At the backend's timeout, idle or not.
    CutAtTimeout,
    /// At the backend's timeout, when idle.
    CutWhenIdle,
}

impl Platform {
    /// Whether the load balancer can do that.
    pub fn supports(&self, feature: Feature) -> bool {
        self.supports.contains(&feature)
    }

    /// Whether the load balancer closes a WebSocket even while it is in use.
    pub fn cuts_websockets(&self) -> bool {
        self.websocket_lifetime == WebSocketLifetime::CutAtTimeout
    }
}

/// A profile that extends another gives what differs; only the whole chain must give all.
pub(super) fn none_required(schema: &mut Schema) {
    schema.remove("required");
}

/// Reads the merged `[platform]` of a chain, or says everything that is wrong with it.
pub(super) fn read(table: &Table) -> Result<Platform, Vec<Diagnostic>> {
    decode(table).map_err(|misfits| {
        let shaped =
            misfits.iter().filter(|misfit| !matches!(misfit.reason, Reason::MissingKey(_)));
        shaped.map(|misfit| in_words(misfit, suggest_sibling)).chain(missing(table)).collect()
    })
}

fn missing(table: &Table) -> Vec<Diagnostic> {
    let schema = schema_of::<Platform>(true);
    let keys = schema["properties"].as_object().expect("a platform has keys").keys();
    let first = table.entries().first().map(|entry| entry.key_at);
    let problem = |key: &String| {
        let message = format!("`[platform]` has no `{key}`");
        let problem = match first {
            Some(at) => Diagnostic::at(
                "missing-key",
                message,
                Label::new(at.source, at.span, "in this table"),
            ),
            None => Diagnostic::bare("missing-key", message),
        };
        problem.help("a profile that extends \"gke\" gives only what differs from it")
    };
    keys.filter(|key| table.get(key).is_none()).map(problem).collect()
}
