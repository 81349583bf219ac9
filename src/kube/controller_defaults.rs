//! The numbers that hold when nobody writes one, and what each of Google's load balancers does with a WebSocket.
//!
//! Every constant is a [`Fact`]: a value with the public text that it was read in. Rules print the text, so that
//! nobody has to believe sioway.

use super::Grade;

/// A value and the evidence of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact<T> {
    /// The value.
    pub value: T,
    /// How good the evidence is.
    pub grade: Grade,
    /// Where it can be read.
    pub source: &'static str,
}

const fn fact<T: Copy>(value: T, grade: Grade, source: &'static str) -> Fact<T> {
    Fact { value, grade, source }
}

const REQUEST_DISTRIBUTION: &str =
    "https://docs.cloud.google.com/load-balancing/docs/https/request-distribution";
const BACKEND_SERVICES: &str =
    "https://cloud.google.com/compute/docs/reference/rest/v1/backendServices";
const HEALTH_CHECKS: &str = "kubernetes/ingress-gce:pkg/translator/healthchecks.go";

/// Seconds until a backend's answer, or a WebSocket, is given up: the backend service's `timeoutSec`.
pub const BACKEND_TIMEOUT: Fact<u32> =
    fact(30, Grade::Documented, "https://cloud.google.com/load-balancing/docs/backend-service");

/// The greatest `timeoutSec` that the API takes.
pub const BACKEND_TIMEOUT_MAX: Fact<u32> = fact(2_147_483_647, Grade::Documented, BACKEND_SERVICES);

/// Seconds after which a Google front end closes every connection, whatever the timeout says.
pub const LONGEST_CONNECTION: Fact<u32> =
    fact(86_400, Grade::Documented, "https://gcpdiag.dev/rules/lb/BP/2025_002/");

/// Seconds that the load balancer keeps an idle connection to a backend. Fixed; not for WebSockets.
pub const BACKEND_KEEPALIVE: Fact<u32> = fact(600, Grade::Documented, REQUEST_DISTRIBUTION);

/// Seconds that the classic load balancer keeps an idle connection of a client.
pub const CLIENT_KEEPALIVE: Fact<u32> = fact(610, Grade::Documented, REQUEST_DISTRIBUTION);

/// The greatest `affinityCookieTtlSec` that the controller takes. The API itself takes 1,209,600.
pub const AFFINITY_TTL_MAX: Fact<u32> =
    fact(86_400, Grade::Source, "kubernetes/ingress-gce:pkg/backendconfig/validation.go");

/// Seconds of connection draining without a setting: none.
pub const DRAIN: Fact<u32> = fact(0, Grade::Documented, BACKEND_SERVICES);

/// The greatest `drainingTimeoutSec`.
pub const DRAIN_MAX: Fact<u32> = fact(3_600, Grade::Documented, BACKEND_SERVICES);

/// Seconds from the beginning of a pod's end to SIGKILL without a setting.
pub const POD_GRACE: Fact<u32> = fact(
    30,
    Grade::Documented,
    "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
);

/// The session affinity without a setting.
pub const AFFINITY: Fact<&str> = fact("NONE", Grade::Documented, BACKEND_SERVICES);

/// Requests per second and endpoint at which the controller calls an endpoint full; affinity may be broken beyond.
pub const MAX_RATE_PER_ENDPOINT: Fact<u32> =
    fact(1, Grade::Source, "kubernetes/ingress-gce:pkg/backends/neg_linker.go");

/// The only status that a health check takes for healthy.
pub const HEALTHY_STATUS: Fact<u16> = fact(
    200,
    Grade::Documented,
    "https://cloud.google.com/load-balancing/docs/health-check-concepts",
);

/// Where health checks and the front ends of external load balancers come from.
pub const PROBE_RANGES: Fact<[&str; 2]> = fact(
    ["130.211.0.0/22", "35.191.0.0/16"],
    Grade::Source,
    "kubernetes/ingress-gce:docs/faq/gce.md",
);

/// The annotation that an Ingress names its class with.
pub const CLASS_ANNOTATION: Fact<&str> = fact(
    "kubernetes.io/ingress.class",
    Grade::Source,
    "kubernetes/ingress-gce:pkg/annotations/ingress.go",
);

/// The health check that the controller makes where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthCheck {
    /// Seconds between two checks.
    pub interval: u32,
    /// Seconds until a check has failed.
    pub timeout: u32,
    /// Good answers in a row that make an endpoint healthy.
    pub healthy: u32,
    /// Bad answers in a row that make it unhealthy.
    pub unhealthy: u32,
}

/// The health check of a NEG, which asks the pods.
///
/// Google's page on Ingress features lists 5 s and 2; the code below is what runs.
pub const NEG_HEALTH_CHECK: Fact<HealthCheck> = fact(
    HealthCheck { interval: 15, timeout: 15, healthy: 1, unhealthy: 2 },
    Grade::Source,
    HEALTH_CHECKS,
);

/// The health check of an instance group, which asks the nodes.
pub const INSTANCE_GROUP_HEALTH_CHECK: Fact<HealthCheck> = fact(
    HealthCheck { interval: 60, timeout: 60, healthy: 1, unhealthy: 10 },
    Grade::Source,
    HEALTH_CHECKS,
);

/// Seconds that are added to a readiness probe's period where it becomes the check of an instance group.
pub const INSTANCE_GROUP_PROBE_EXTRA: Fact<u32> = fact(60, Grade::Source, HEALTH_CHECKS);

/// One of Google's HTTP load balancers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoadBalancer {
    /// The classic Application Load Balancer.
    Classic,
    /// The global external Application Load Balancer.
    GlobalExternal,
    /// The regional external Application Load Balancer.
    RegionalExternal,
    /// The internal Application Load Balancer.
    Internal,
}

/// When a WebSocket is closed by the load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WebSocketCut {
    /// At the backend's timeout, however busy it is: pings do not help.
    AtTimeout,
    /// When nothing passed for the backend's timeout: a ping keeps it open.
    WhenIdle,
}

impl LoadBalancer {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classic => "the classic Application Load Balancer",
            Self::GlobalExternal => "the global external Application Load Balancer",
            Self::RegionalExternal => "the regional external Application Load Balancer",
            Self::Internal => "the internal Application Load Balancer",
        }
    }

    /// The `loadBalancingScheme` of its backend services.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Classic => "EXTERNAL",
            Self::GlobalExternal | Self::RegionalExternal => "EXTERNAL_MANAGED",
            Self::Internal => "INTERNAL_MANAGED",
        }
    }

    /// When it closes a WebSocket.
    pub fn websocket_cut(self) -> Fact<WebSocketCut> {
        match self {
            Self::Classic => fact(
                WebSocketCut::AtTimeout,
                Grade::Documented,
                "socketio/socket.io-website:docs/categories/02-Server/behind-a-reverse-proxy.md",
            ),
            Self::GlobalExternal | Self::RegionalExternal => {
                fact(WebSocketCut::WhenIdle, Grade::Documented, REQUEST_DISTRIBUTION)
            }
            Self::Internal => fact(
                WebSocketCut::WhenIdle,
                Grade::Documented,
                "https://docs.cloud.google.com/load-balancing/docs/l7-internal",
            ),
        }
    }

    /// Seconds after which even a busy WebSocket is closed. Google's pages say none for regional and internal ones.
    pub fn longest_connection(self) -> Option<Fact<u32>> {
        match self {
            Self::Classic => Some(LONGEST_CONNECTION),
            Self::GlobalExternal => Some(fact(86_400, Grade::Documented, REQUEST_DISTRIBUTION)),
            Self::RegionalExternal | Self::Internal => None,
        }
    }

    /// Whether its requests come from the proxy-only subnet, whose range is the network's own choice
    /// (<https://docs.cloud.google.com/load-balancing/docs/https/request-distribution>). Health checks never do.
    pub fn has_own_subnet(self) -> bool {
        matches!(self, Self::RegionalExternal | Self::Internal)
    }

    /// Whether Cloud CDN can stand in front of its backends.
    pub fn has_cdn(self) -> bool {
        matches!(self, Self::Classic | Self::GlobalExternal)
    }

    /// The status that it answers with when no endpoint is healthy.
    pub fn status_without_backends(self) -> u16 {
        match self {
            Self::Classic => 502,
            Self::GlobalExternal | Self::RegionalExternal | Self::Internal => 503,
        }
    }
}

/// Whether something works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Support {
    /// It works.
    Yes,
    /// It does nothing, or stops the controller.
    No,
    /// No public text says.
    Unknown,
}

/// A class of Ingress that ingress-gce handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IngressClass {
    /// The value of the annotation.
    pub value: &'static str,
    /// What it makes.
    pub load_balancer: LoadBalancer,
    /// Whether a FrontendConfig works.
    pub frontend_config: Support,
    /// Whether gke-managed-certs attaches certificates.
    pub managed_certificates: Support,
    /// Whether NEGs are used even where the Service does not ask for them.
    pub forces_neg: bool,
    /// Whether clusters may have it switched off.
    pub behind_flag: bool,
    /// Where that can be read.
    pub source: &'static str,
}

/// The classes that ingress-gce makes load balancers for. An absent or empty annotation is the first.
pub const INGRESS_CLASSES: &[IngressClass] = &[
    IngressClass {
        value: "gce",
        load_balancer: LoadBalancer::Classic,
        frontend_config: Support::Yes,
        managed_certificates: Support::Yes,
        forces_neg: false,
        behind_flag: false,
        source: "kubernetes/ingress-gce:pkg/utils/utils.go",
    },
    IngressClass {
        value: "gce-internal",
        load_balancer: LoadBalancer::Internal,
        // A redirect is an error there (pkg/loadbalancers/url_maps.go); Google's own check refuses any.
        frontend_config: Support::No,
        managed_certificates: Support::No,
        forces_neg: true,
        behind_flag: false,
        source: "kubernetes/ingress-gce:cmd/check-gke-ingress/app/ingress/rule.go",
    },
    IngressClass {
        value: "gce-regional-external",
        load_balancer: LoadBalancer::RegionalExternal,
        frontend_config: Support::Unknown,
        managed_certificates: Support::No,
        forces_neg: true,
        behind_flag: true,
        source: "kubernetes/ingress-gce:pkg/utils/utils.go",
    },
];

/// What ingress-gce does with an Ingress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// It makes a load balancer.
    Handled(&'static IngressClass),
    /// It keeps instance groups for Multi Cluster Ingress, and makes no load balancer.
    MultiCluster,
    /// No annotation, but a class name: it passes over it, whatever the name is.
    PassedOver,
    /// It is another controller's.
    Foreign,
}

/// What ingress-gce does with an Ingress of this annotation `kubernetes.io/ingress.class` and this
/// `spec.ingressClassName` (`IsGCEIngress` in kubernetes/ingress-gce:pkg/utils/utils.go).
pub fn handling(annotation: Option<&str>, class_name: Option<&str>) -> Handling {
    match (annotation.unwrap_or_default(), class_name) {
        ("", None) => Handling::Handled(&INGRESS_CLASSES[0]),
        ("", Some(_)) => Handling::PassedOver,
        ("gce-multi-cluster", _) => Handling::MultiCluster,
        (class, _) => INGRESS_CLASSES
            .iter()
            .find(|known| known.value == class)
            .map_or(Handling::Foreign, Handling::Handled),
    }
}

/// A class of Gateway that GKE handles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatewayClass {
    /// The `spec.gatewayClassName`.
    pub name: &'static str,
    /// What it makes.
    pub load_balancer: LoadBalancer,
    /// Whether a `GCPHTTPFilter` can put Cloud CDN in front.
    pub cdn_filter: bool,
    /// Where that can be read.
    pub source: &'static str,
}

const CAPABILITIES: &str =
    "https://cloud.google.com/kubernetes-engine/docs/how-to/gatewayclass-capabilities";

const fn gateway(
    name: &'static str,
    load_balancer: LoadBalancer,
    cdn_filter: bool,
) -> GatewayClass {
    GatewayClass { name, load_balancer, cdn_filter, source: CAPABILITIES }
}

/// The Gateway classes of GKE. None of them reads a BackendConfig or a FrontendConfig.
pub const GATEWAY_CLASSES: &[GatewayClass] = &[
    gateway("gke-l7-global-external-managed", LoadBalancer::GlobalExternal, true),
    gateway("gke-l7-global-external-managed-mc", LoadBalancer::GlobalExternal, true),
    gateway("gke-l7-gxlb", LoadBalancer::Classic, false),
    gateway("gke-l7-gxlb-mc", LoadBalancer::Classic, false),
    gateway("gke-l7-regional-external-managed", LoadBalancer::RegionalExternal, false),
    gateway("gke-l7-regional-external-managed-mc", LoadBalancer::RegionalExternal, false),
    gateway("gke-l7-rilb", LoadBalancer::Internal, false),
    gateway("gke-l7-rilb-mc", LoadBalancer::Internal, false),
];

/// The Gateway class of a name.
pub fn gateway_class(name: &str) -> Option<&'static GatewayClass> {
    GATEWAY_CLASSES.iter().find(|class| class.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(annotation: Option<&str>, class_name: Option<&str>) -> Option<LoadBalancer> {
        match handling(annotation, class_name) {
            Handling::Handled(class) => Some(class.load_balancer),
            _ => None,
        }
    }

    #[test]
    fn no_class_at_all_is_the_classic_load_balancer() {
        assert_eq!(class(None, None), Some(LoadBalancer::Classic));
        assert_eq!(class(Some(""), None), Some(LoadBalancer::Classic));
        assert_eq!(class(Some("gce"), Some("gce")), Some(LoadBalancer::Classic));
    }

    #[test]
    fn a_class_name_alone_is_passed_over() {
        assert_eq!(handling(None, Some("gce")), Handling::PassedOver);
        assert_eq!(handling(Some(""), Some("gce-internal")), Handling::PassedOver);
    }

    #[test]
    fn other_classes_are_others() {
        assert_eq!(handling(Some("nginx"), None), Handling::Foreign);
        assert_eq!(handling(Some("GCE"), None), Handling::Foreign);
        assert_eq!(handling(Some("gce-multi-cluster"), None), Handling::MultiCluster);
        assert_eq!(class(Some("gce-internal"), None), Some(LoadBalancer::Internal));
    }

    #[test]
    fn only_the_classic_load_balancer_cuts_busy_websockets() {
        for ingress in INGRESS_CLASSES {
            let cut = ingress.load_balancer.websocket_cut().value;
            assert_eq!(cut == WebSocketCut::AtTimeout, ingress.value == "gce");
        }
        let classic = gateway_class("gke-l7-gxlb").expect("the class is known");
        assert_eq!(classic.load_balancer, LoadBalancer::Classic);
    }
}
