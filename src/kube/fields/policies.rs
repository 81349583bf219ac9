//! What Gateways read in place of a BackendConfig: `GCPBackendPolicy`, `GCPGatewayPolicy` and `GCPHTTPFilter`,
//! all `networking.gke.io/v1`.
//!
//! Names, units and defaults differ from a BackendConfig's just enough to be mistaken.

use super::{FIELD, Field, Shape};
use crate::kube::Grade;

const BACKEND_CRD: &str =
    "GoogleCloudPlatform/gke-gateway-api:config/crd/networking.gke.io_gcpbackendpolicies.yaml";
const GATEWAY_CRD: &str =
    "GoogleCloudPlatform/gke-gateway-api:config/crd/networking.gke.io_gcpgatewaypolicies.yaml";

const BACKEND_POLICY: Field =
    Field { kinds: &["GCPBackendPolicy"], sources: &[BACKEND_CRD], ..FIELD };

const GATEWAY_POLICY: Field =
    Field { kinds: &["GCPGatewayPolicy"], sources: &[GATEWAY_CRD], ..FIELD };

const HTTP_FILTER: Field = Field {
    kinds: &["GCPHTTPFilter"],
    sources: &["kubernetes-sigs/ingress2gateway:pkg/i2gw/emitter_intermediate/gce/gce.go"],
    ..FIELD
};

pub(super) const FIELDS: &[Field] = &[
    Field {
        path: "spec.default",
        absent: "nothing is set",
        meaning: "The settings.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.backendPreference",
        shape: Shape::OneOf(&["DEFAULT", "PREFERRED"]),
        default: "DEFAULT",
        absent: "DEFAULT",
        meaning: "Whether this backend is filled before others; for a ServiceExport only.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.connectionDraining",
        absent: "no draining",
        meaning: "How long an endpoint that goes away may finish what it began.",
        checked_by: &["drain-disabled"],
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.connectionDraining.drainingTimeoutSec",
        shape: Shape::Integer { min: 0, max: 3600 },
        default: "0",
        absent: "no draining",
        meaning: "Seconds for requests and WebSockets of an endpoint that is taken away.",
        checked_by: &["drain-disabled"],
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.iap",
        absent: "off",
        meaning: "Identity-Aware Proxy.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.iap.clientID",
        shape: Shape::Text,
        meaning: "The OAuth client; needed with `enabled: true`.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.iap.enabled",
        shape: Shape::Bool,
        default: "false",
        absent: "off",
        meaning: "Whether it is on.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.iap.oauth2ClientSecret",
        meaning: "The secret of the OAuth client; needed with `enabled: true`.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.iap.oauth2ClientSecret.name",
        shape: Shape::Text,
        meaning: "The Secret.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.logging",
        absent: "no logs",
        meaning: "Access logs. Off by default, where a BackendConfig's are on.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.logging.enabled",
        shape: Shape::Bool,
        default: "false",
        absent: "no logs",
        meaning: "Whether requests are logged. A BackendConfig calls it `enable`.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.logging.sampleRate",
        shape: Shape::Integer { min: 0, max: 1_000_000 },
        default: "1000000",
        absent: "every request is logged",
        meaning: "Requests logged of a million; a BackendConfig has a share from 0 to 1.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.maxRatePerEndpoint",
        shape: Shape::Integer { min: 1, max: 1_000_000_000 },
        default: "100000000",
        absent: "100000000",
        meaning: "Requests per second at which a pod counts as full.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.securityPolicy",
        shape: Shape::Text,
        absent: "none",
        meaning: "The Cloud Armor policy.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.sessionAffinity",
        absent: "none",
        meaning: "What brings the requests of a session to the pod that knows it.",
        checked_by: &["session-affinity-missing"],
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.sessionAffinity.cookieTtlSec",
        shape: Shape::Integer { min: 0, max: 1_209_600 },
        default: "0",
        absent: "0: the browser session",
        meaning: "Seconds that the cookie lives; read with GENERATED_COOKIE and HTTP_COOKIE only.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.sessionAffinity.type",
        shape: Shape::OneOf(&[
            "CLIENT_IP",
            "CLIENT_IP_PORT_PROTO",
            "CLIENT_IP_PROTO",
            "GENERATED_COOKIE",
            "HEADER_FIELD",
            "HTTP_COOKIE",
            "NONE",
        ]),
        default: "NONE",
        absent: "no affinity",
        meaning: "Of these CLIENT_IP, GENERATED_COOKIE and NONE work: HEADER_FIELD and HTTP_COOKIE have no field for the name, and the others are not for HTTP.",
        checked_by: &["session-affinity-missing"],
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default.timeoutSec",
        shape: Shape::Integer { min: 1, max: 2_147_483_647 },
        default: "30",
        absent: "30",
        meaning: "Seconds a backend has to answer; with gke-l7-gxlb every WebSocket is closed at it, elsewhere the idle ones.",
        checked_by: &["websocket-cut-by-timeout"],
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.targetRef",
        required: true,
        absent: "the API server refuses it",
        meaning: "The Service, in the same namespace, that this is for. Of two policies the older wins.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.targetRef.group",
        shape: Shape::Text,
        required: true,
        absent: "the API server refuses it",
        meaning: "\"\" for a Service, net.gke.io for a ServiceImport.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.targetRef.kind",
        shape: Shape::Text,
        required: true,
        absent: "the API server refuses it",
        meaning: "Service or ServiceImport.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.targetRef.name",
        shape: Shape::Text,
        required: true,
        absent: "the API server refuses it",
        meaning: "Its name.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.targetRef.namespace",
        shape: Shape::Text,
        absent: "the policy's own",
        meaning: "Its namespace, which must be the policy's own.",
        ..BACKEND_POLICY
    },
    Field {
        path: "spec.default",
        absent: "nothing is set",
        meaning: "The settings.",
        ..GATEWAY_POLICY
    },
    Field {
        path: "spec.default.allowGlobalAccess",
        shape: Shape::Bool,
        default: "false",
        absent: "clients of the region only",
        meaning: "Whether clients of every region reach an internal Gateway.",
        ..GATEWAY_POLICY
    },
    Field {
        path: "spec.default.region",
        shape: Shape::Text,
        meaning: "The region of a multi-cluster Gateway.",
        ..GATEWAY_POLICY
    },
    Field {
        path: "spec.default.sslPolicy",
        shape: Shape::Text,
        absent: "none",
        meaning: "The name of an SSL policy of the project.",
        ..GATEWAY_POLICY
    },
    Field {
        path: "spec.targetRef",
        required: true,
        absent: "the API server refuses it",
        meaning: "The Gateway that this is for.",
        ..GATEWAY_POLICY
    },
    Field {
        path: "spec.cachePolicy",
        absent: "no CDN",
        meaning: "Cloud CDN for one rule of an HTTPRoute; class gke-l7-global-external-managed only.",
        grade: Grade::Reported,
        ..HTTP_FILTER
    },
    Field {
        path: "spec.cachePolicy.cacheMode",
        shape: Shape::OneOf(&["CACHE_ALL_STATIC", "USE_ORIGIN_HEADERS", "FORCE_CACHE_ALL"]),
        meaning: "What may be cached.",
        grade: Grade::Reported,
        ..HTTP_FILTER
    },
    Field {
        path: "spec.cachePolicy.cacheKeyPolicy",
        meaning: "What two requests must share to get one cached answer.",
        grade: Grade::Reported,
        ..HTTP_FILTER
    },
    Field {
        path: "spec.cachePolicy.cacheKeyPolicy.includeQueryString",
        shape: Shape::Bool,
        meaning: "Whether the query is in the key.",
        grade: Grade::Reported,
        ..HTTP_FILTER
    },
    Field {
        path: "spec.cachePolicy.clientTTL",
        shape: Shape::Duration,
        meaning: "How long browsers may keep an answer; a duration, not a number.",
        grade: Grade::Reported,
        ..HTTP_FILTER
    },
    Field {
        path: "spec.cachePolicy.defaultTTL",
        shape: Shape::Duration,
        meaning: "How long an answer without cache headers is kept.",
        grade: Grade::Reported,
        ..HTTP_FILTER
    },
    Field {
        path: "spec.cachePolicy.maxTTL",
        shape: Shape::Duration,
        meaning: "How long an answer is kept at most.",
        grade: Grade::Reported,
        ..HTTP_FILTER
    },
    Field {
        path: "spec.cachePolicy.serveWhileStale",
        shape: Shape::Duration,
        meaning: "How long an expired answer is still served.",
        grade: Grade::Reported,
        ..HTTP_FILTER
    },
];
