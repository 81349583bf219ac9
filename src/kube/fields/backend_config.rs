//! `cloud.google.com/v1` BackendConfig, but for its CDN.
//!
//! One idea runs through it: a block that is left out is not a default. The controller sets defaults when it makes
//! a backend service, and from then on touches only what a block names, so that deleting a block undoes nothing.

use super::{FIELD, Field, Shape};
use crate::kube::Grade;

const TYPES: &str = "kubernetes/ingress-gce:pkg/apis/backendconfig/v1/types.go";
const VALIDATION: &str = "kubernetes/ingress-gce:pkg/backendconfig/validation.go";
const AFFINITY: &str = "kubernetes/ingress-gce:pkg/backends/features/affinity.go";
const CHECKS: &str = "kubernetes/ingress-gce:pkg/translator/healthchecks.go";
const BACKEND_API: &str = "https://cloud.google.com/compute/docs/reference/rest/v1/backendServices";
const CHECK_API: &str = "https://cloud.google.com/compute/docs/reference/rest/v1/healthChecks";

const UNTOUCHED: &str = "the live value stays as it is; removing the block undoes nothing";
const TIMEOUT_KEPT: &str =
    "a backend service that exists keeps its timeout; a new one starts with 30 s";
const CHECK_KEPT: &str = "the live health check keeps its value; a new one starts with the default";

const BACKEND_CONFIG: Field = Field { kinds: &["BackendConfig"], sources: &[TYPES], ..FIELD };

pub(super) const FIELDS: &[Field] = &[
    Field {
        path: "spec.connectionDraining",
        absent: UNTOUCHED,
        meaning: "How long an endpoint that goes away may finish what it began.",
        checked_by: &["drain-disabled"],
        sources: &[TYPES, "kubernetes/ingress-gce:pkg/backends/features/draining.go"],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.connectionDraining.drainingTimeoutSec",
        shape: Shape::Integer { min: 0, max: 3600 },
        default: "0",
        absent: "0 is sent: no draining",
        meaning: "Seconds for requests and WebSockets of an endpoint that is taken away; 0 is off.",
        checked_by: &["drain-disabled"],
        sources: &[BACKEND_API, "kubernetes/ingress-gce:pkg/backends/features/draining.go"],
        grade: Grade::Documented,
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.customRequestHeaders",
        absent: UNTOUCHED,
        meaning: "Headers that the load balancer adds to requests.",
        sources: &[TYPES, "kubernetes/ingress-gce:pkg/backends/features/customrequestheaders.go"],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.customRequestHeaders.headers",
        shape: Shape::List { max: usize::MAX },
        absent: "no headers",
        meaning: "The headers, `Name:value` each.",
        sources: &[TYPES, BACKEND_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.customRequestHeaders.headers[]",
        shape: Shape::Header,
        meaning: "One header; variables such as {client_ip_address} are filled in.",
        sources: &[BACKEND_API],
        grade: Grade::Documented,
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.customResponseHeaders",
        absent: UNTOUCHED,
        meaning: "Headers that the load balancer adds to answers. Not in v1beta1.",
        sources: &[TYPES, "kubernetes/ingress-gce:pkg/backends/features/customresponseheaders.go"],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.customResponseHeaders.headers",
        shape: Shape::List { max: usize::MAX },
        absent: "no headers",
        meaning: "The headers, `Name:value` each.",
        sources: &[TYPES, BACKEND_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.customResponseHeaders.headers[]",
        shape: Shape::Header,
        meaning: "One header.",
        sources: &[BACKEND_API],
        grade: Grade::Documented,
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.healthCheck",
        absent: "a new check takes what the readiness probe says, else the defaults; a live one stays",
        meaning: "How the load balancer finds out which pods may get traffic. Only status 200 is healthy.",
        checked_by: &["health-check-incomplete", "health-path-unanswered"],
        sources: &[TYPES, CHECKS],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.healthCheck.checkIntervalSec",
        shape: Shape::Integer { min: 1, max: 300 },
        default: "15 (NEG), 60 (instance group)",
        absent: CHECK_KEPT,
        meaning: "Seconds from one check to the next.",
        checked_by: &["health-check-incomplete", "health-check-timeout-over-interval"],
        sources: &[CHECKS, CHECK_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.healthCheck.healthyThreshold",
        shape: Shape::Integer { min: 1, max: 10 },
        default: "1",
        absent: CHECK_KEPT,
        meaning: "Good answers in a row that make a pod healthy.",
        sources: &[CHECKS, CHECK_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.healthCheck.port",
        shape: Shape::Integer { min: 1, max: 65_535 },
        default: "each endpoint's own port (NEG)",
        absent: "each endpoint's own port is asked",
        meaning: "A fixed port: one the pod listens on (NEG) or a node port (instance group). The firewall rule that GKE makes opens the serving ports only.",
        checked_by: &["health-path-unanswered"],
        sources: &[CHECKS, CHECK_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.healthCheck.requestPath",
        shape: Shape::UrlPath,
        default: "the readiness probe's path, else /",
        absent: CHECK_KEPT,
        meaning: "The path that is asked for. It must answer 200 itself: a redirect or 204 is unhealthy.",
        checked_by: &["health-path-unanswered"],
        sources: &[CHECKS, CHECK_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.healthCheck.timeoutSec",
        shape: Shape::Integer { min: 1, max: 300 },
        default: "15 (NEG), 60 (instance group)",
        absent: CHECK_KEPT,
        meaning: "Seconds until a check has failed; at most checkIntervalSec, or the API refuses it and the Ingress stops syncing.",
        checked_by: &["health-check-incomplete", "health-check-timeout-over-interval"],
        sources: &[CHECKS, CHECK_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.healthCheck.type",
        shape: Shape::OneOf(&["HTTP", "HTTPS", "HTTP2"]),
        default: "the protocol of the Service port",
        absent: CHECK_KEPT,
        meaning: "The protocol of the check. Any other, TCP as well, is an error that stops the Ingress.",
        checked_by: &["health-check-type-unsupported"],
        sources: &[CHECKS],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.healthCheck.unhealthyThreshold",
        shape: Shape::Integer { min: 1, max: 10 },
        default: "2 (NEG), 10 (instance group)",
        absent: CHECK_KEPT,
        meaning: "Bad answers in a row that make a pod unhealthy.",
        sources: &[CHECKS, CHECK_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.iap",
        absent: UNTOUCHED,
        meaning: "Identity-Aware Proxy. Not together with Cloud CDN.",
        sources: &[TYPES, "kubernetes/ingress-gce:pkg/backends/features/iap.go"],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.iap.enabled",
        shape: Shape::Bool,
        required: true,
        absent: "the API server refuses the block",
        meaning: "Whether it is on; with `cdn.enabled` the Ingress stops syncing.",
        sources: &[VALIDATION, TYPES],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.iap.oauthclientCredentials",
        absent: "Google's own OAuth client is used",
        meaning: "An OAuth client of one's own.",
        sources: &[TYPES],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.iap.oauthclientCredentials.clientID",
        shape: Shape::Text,
        absent: "it is read from the Secret",
        meaning: "The id of the OAuth client; the controller fills it in.",
        sources: &[TYPES, VALIDATION],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.iap.oauthclientCredentials.clientSecret",
        shape: Shape::Text,
        absent: "it is read from the Secret",
        meaning: "The secret of the OAuth client; the controller fills it in.",
        sources: &[TYPES, VALIDATION],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.iap.oauthclientCredentials.secretName",
        shape: Shape::Text,
        required: true,
        absent: "the API server refuses the block",
        meaning: "A Secret with `client_id` and `client_secret`; without either the Ingress stops syncing.",
        sources: &[TYPES, VALIDATION],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.logging",
        absent: "a new backend service logs every request; a live one stays",
        meaning: "Access logs of the load balancer. Not in v1beta1.",
        sources: &[TYPES, "kubernetes/ingress-gce:pkg/backends/features/logging.go"],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.logging.enable",
        shape: Shape::Bool,
        default: "false",
        absent: "false is sent: no logs",
        meaning: "Whether requests are logged. A Gateway's policy calls it `enabled`.",
        sources: &[TYPES, "kubernetes/ingress-gce:pkg/backends/features/logging.go"],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.logging.sampleRate",
        shape: Shape::Number { min: 0.0, max: 1.0 },
        default: "1.0",
        absent: "1.0 where logging is on",
        meaning: "The share of requests that are logged.",
        sources: &[TYPES, "kubernetes/ingress-gce:pkg/backends/features/logging.go"],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.securityPolicy",
        absent: UNTOUCHED,
        meaning: "Cloud Armor. Global load balancers only.",
        sources: &[TYPES, "kubernetes/ingress-gce:pkg/backends/features/securitypolicy.go"],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.securityPolicy.name",
        shape: Shape::Text,
        required: true,
        absent: "the API server refuses the block",
        meaning: "The name of the policy; empty takes it off.",
        sources: &[TYPES],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.sessionAffinity",
        absent: "the live value stays; a backend service that never had one has NONE",
        meaning: "What brings the requests of a session to the pod that knows it.",
        checked_by: &["session-affinity-missing"],
        sources: &[TYPES, AFFINITY],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.sessionAffinity.affinityCookieTtlSec",
        shape: Shape::Integer { min: 0, max: 86_400 },
        default: "0",
        absent: "a TTL that was set once stays live, and each sync updates it anew: write 0",
        meaning: "Seconds that the GENERATED_COOKIE lives, 0 for the browser session. Nothing else reads it, and it is no timeout.",
        checked_by: &[
            "affinity-ttl-ignored",
            "affinity-ttl-too-short",
            "affinity-ttl-out-of-range",
        ],
        sources: &[VALIDATION, AFFINITY, BACKEND_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.sessionAffinity.affinityType",
        shape: Shape::OneOf(&["NONE", "CLIENT_IP", "GENERATED_COOKIE"]),
        default: "NONE",
        absent: "an empty affinity is sent, which is NONE",
        meaning: "By client address, by a cookie of the load balancer (GCLB), or not at all. Best effort: rollouts and load move sessions.",
        checked_by: &["session-affinity-missing"],
        sources: &[VALIDATION, AFFINITY, BACKEND_API],
        ..BACKEND_CONFIG
    },
    Field {
        path: "spec.timeoutSec",
        shape: Shape::Integer { min: 1, max: 2_147_483_647 },
        default: "30",
        absent: TIMEOUT_KEPT,
        meaning: "Seconds a backend has to answer. A classic load balancer closes every WebSocket at it, busy or not; the others close idle ones. Google front ends hold nothing longer than 86400.",
        checked_by: &["websocket-cut-by-timeout", "timeout-beyond-a-day"],
        sources: &[
            BACKEND_API,
            "https://docs.cloud.google.com/load-balancing/docs/https/request-distribution",
            "kubernetes/ingress-gce:pkg/backends/features/timeout.go",
        ],
        grade: Grade::Documented,
        ..BACKEND_CONFIG
    },
];
