//! The Service, and the backends that the load balancer makes of its ports.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ObjectNames, derived};
use crate::spec::{
    Affinity, Bytes, Feature, LabelKey, LabelValue, Platform, Port, Seconds, Spec, UrlPath,
};

/// The Service port that session traffic goes through.
const SESSION_PORT: Port = Port::new(80);
/// The Service port that static files go through: another number makes another backend
/// (kubernetes/ingress-gce:pkg/utils/serviceport.go).
const STATIC_PORT: Port = Port::new(81);

/// How long a static file may take. The load balancer's own default.
const STATIC_TIMEOUT: Seconds = Seconds::new(30);

/// The Service that the load balancer sends to.
#[derive(Debug, Clone, Serialize)]
pub struct Service {
    /// The pods it selects.
    pub selector: BTreeMap<LabelKey, LabelValue>,
    /// Its ports.
    pub ports: Vec<ServicePort>,
    /// The BackendConfig of each port by name, where they have several.
    pub backend_configs: BTreeMap<&'static str, String>,
    /// The container port that all of them lead to.
    pub target_port: Port,
    /// Whether clients inside the cluster are kept on one pod.
    pub client_ip_affinity: bool,
}

/// A port of the Service, and the BackendConfig of the backend made of it.
#[derive(Debug, Clone, Serialize)]
pub struct ServicePort {
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub port: Port,
    /// The BackendConfig.
    pub backend_config: String,
}

/// One backend of the load balancer.
#[derive(Debug, Clone, Serialize)]
pub struct Backend {
    /// The name of its BackendConfig.
    pub name: String,
    /// Whether it carries sessions; if not, it serves static files through Cloud CDN.
    pub session: bool,
    /// `timeoutSec`.
    pub timeout: u64,
    /// `drainingTimeoutSec`.
    pub drain: u64,
    /// The affinity.
    pub affinity: Affinity,
    /// `affinityCookieTtlSec`.
    pub affinity_ttl: u64,
    /// The health check.
    pub health: HealthCheck,
    /// What its settings are there for.
    pub because: Because,
}

/// What a backend's settings are there for.
#[derive(Debug, Clone, Serialize)]
pub struct Because {
    /// Clients may poll, and so need affinity.
    pub polling: bool,
    /// The load balancer has a CDN that might have been on.
    pub cdn_possible: bool,
    /// The load balancer closes a WebSocket at the timeout even while it is in use.
    pub cut_at_timeout: bool,
}

/// A complete health check: a partial one fails the controller's whole sync.
#[derive(Debug, Clone, Serialize)]
pub struct HealthCheck {
    /// `requestPath`.
    pub path: UrlPath,
    /// `port`: one that the pod listens on.
    pub port: Port,
    /// `checkIntervalSec`.
    pub interval: u64,
    /// `timeoutSec`.
    pub timeout: u64,
    /// `healthyThreshold`.
    pub healthy: u32,
    /// `unhealthyThreshold`.
    pub unhealthy: u32,
}

impl Service {
    pub(super) fn new(spec: &Spec, names: &ObjectNames) -> Self {
        let mut ports = vec![ServicePort {
            name: "http",
            port: SESSION_PORT,
            backend_config: names.backend_config.clone(),
        }];
        if !spec.cdn.static_paths.is_empty() {
            let backend_config = names.static_backend_config.clone();
            ports.push(ServicePort { name: "static", port: STATIC_PORT, backend_config });
        }
        let gateway = derived::is_gateway(spec);
        Self {
            selector: if gateway {
                super::gateway::selector(names)
            } else {
                derived::selector(spec)
            },
            backend_configs: ports
                .iter()
                .map(|port| (port.name, port.backend_config.clone()))
                .collect(),
            ports,
            target_port: derived::target_port(spec),
            // A gateway places sessions itself, whichever of its pods a client reaches.
            client_ip_affinity: derived::needs_affinity(spec) && !gateway,
        }
    }

    /// The port that session traffic goes through.
    pub fn session_port() -> Port {
        SESSION_PORT
    }

    /// The port that static files go through.
    pub fn static_port() -> Port {
        STATIC_PORT
    }
}

impl Backend {
    pub(super) fn all(spec: &Spec, platform: &Platform, names: &ObjectNames) -> Vec<Self> {
        let cut_at_timeout = platform.cuts_websockets();
        let mut backends = vec![Self {
            name: names.backend_config.clone(),
            session: true,
            timeout: spec.session.max_age.get(),
            drain: spec.session.drain.get(),
            affinity: spec.session.affinity,
            affinity_ttl: spec.session.affinity_ttl.get(),
            health: HealthCheck::new(spec),
            because: Because {
                polling: spec.socketio.transports.polling(),
                cdn_possible: platform.supports(Feature::CloudCdn),
                cut_at_timeout,
            },
        }];
        if !spec.cdn.static_paths.is_empty() {
            backends.push(Self {
                name: names.static_backend_config.clone(),
                session: false,
                timeout: STATIC_TIMEOUT.get(),
                drain: spec.session.drain.get(),
                affinity: Affinity::None,
                affinity_ttl: 0,
                health: HealthCheck::new(spec),
                because: Because { polling: false, cdn_possible: true, cut_at_timeout },
            });
        }
        backends
    }
}

impl HealthCheck {
    fn new(spec: &Spec) -> Self {
        let health = &spec.health;
        Self {
            path: health.path.clone(),
            port: derived::target_port(spec),
            interval: health.interval.get(),
            timeout: health.timeout.get(),
            healthy: health.healthy.get(),
            unhealthy: health.unhealthy.get(),
        }
    }
}

/// The smallest whole number of mebibytes that holds a message: nginx's `client_max_body_size`.
pub(super) fn body_limit(max_message: Bytes) -> Bytes {
    const MEBIBYTE: u64 = 1 << 20;
    Bytes::new(max_message.get().div_ceil(MEBIBYTE) * MEBIBYTE)
}
