//! `HealthCheckPolicy` (`networking.gke.io/v1`): the health check of a Service behind a Gateway.
//!
//! Nothing is taken from readiness probes there, so that without this policy `/` is asked.

use super::{FIELD, Field, Shape};

const CHECK_CRD: &str =
    "GoogleCloudPlatform/gke-gateway-api:config/crd/networking.gke.io_healthcheckpolicies.yaml";

const HEALTH_CHECK_POLICY: Field =
    Field { kinds: &["HealthCheckPolicy"], sources: &[CHECK_CRD], ..FIELD };

pub(super) const FIELDS: &[Field] = &[
    Field {
        path: "spec.default",
        absent: "the check of a Service without a policy: / each 15 s",
        meaning: "The settings.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.checkIntervalSec",
        shape: Shape::Integer { min: 1, max: 300 },
        default: "5",
        absent: "5; without any policy it is 15",
        meaning: "Seconds from one check to the next.",
        checked_by: &["health-check-timeout-over-interval"],
        ..HEALTH_CHECK_POLICY
    },
    Field { path: "spec.default.config", meaning: "What is asked.", ..HEALTH_CHECK_POLICY },
    Field {
        path: "spec.default.config.type",
        shape: Shape::OneOf(&["TCP", "HTTP", "HTTPS", "HTTP2", "GRPC"]),
        meaning: "The protocol; exactly the block of that name goes with it.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.healthyThreshold",
        shape: Shape::Integer { min: 1, max: 10 },
        default: "2",
        absent: "2",
        meaning: "Good answers in a row that make a pod healthy.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.logConfig",
        absent: "no logs",
        meaning: "Logs of the checks.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.logConfig.enabled",
        shape: Shape::Bool,
        default: "false",
        absent: "no logs",
        meaning: "Whether checks are logged.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.timeoutSec",
        shape: Shape::Integer { min: 1, max: 300 },
        default: "5",
        absent: "5",
        meaning: "Seconds until a check has failed; at most checkIntervalSec.",
        checked_by: &["health-check-timeout-over-interval"],
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.unhealthyThreshold",
        shape: Shape::Integer { min: 1, max: 10 },
        default: "2",
        absent: "2",
        meaning: "Bad answers in a row that make a pod unhealthy.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.targetRef",
        required: true,
        absent: "the API server refuses it",
        meaning: "The Service, in the same namespace, that this is for.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpHealthCheck",
        meaning: "A check by HTTP.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpHealthCheck.host",
        shape: Shape::Text,
        default: "the endpoint's address",
        absent: "the endpoint's address is sent",
        meaning: "The Host header.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpHealthCheck.port",
        shape: Shape::Integer { min: 1, max: 65_535 },
        default: "the serving port",
        absent: "the serving port is asked",
        meaning: "A fixed port; needs portSpecification USE_FIXED_PORT.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpHealthCheck.portSpecification",
        shape: Shape::OneOf(&["USE_FIXED_PORT", "USE_NAMED_PORT", "USE_SERVING_PORT"]),
        default: "USE_SERVING_PORT",
        absent: "the serving port is asked",
        meaning: "Which port is asked.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpHealthCheck.proxyHeader",
        shape: Shape::OneOf(&["NONE", "PROXY_V1"]),
        default: "NONE",
        absent: "none",
        meaning: "Whether a PROXY header is sent first.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpHealthCheck.requestPath",
        shape: Shape::UrlPath,
        default: "/",
        absent: "/",
        meaning: "The path that must answer 200.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpHealthCheck.response",
        shape: Shape::Text,
        absent: "any answer of status 200 is healthy",
        meaning: "The text that the answer begins with.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpsHealthCheck",
        meaning: "A check by HTTPS.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpsHealthCheck.host",
        shape: Shape::Text,
        default: "the endpoint's address",
        absent: "the endpoint's address is sent",
        meaning: "The Host header.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpsHealthCheck.port",
        shape: Shape::Integer { min: 1, max: 65_535 },
        default: "the serving port",
        absent: "the serving port is asked",
        meaning: "A fixed port; needs portSpecification USE_FIXED_PORT.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpsHealthCheck.portSpecification",
        shape: Shape::OneOf(&["USE_FIXED_PORT", "USE_NAMED_PORT", "USE_SERVING_PORT"]),
        default: "USE_SERVING_PORT",
        absent: "the serving port is asked",
        meaning: "Which port is asked.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpsHealthCheck.proxyHeader",
        shape: Shape::OneOf(&["NONE", "PROXY_V1"]),
        default: "NONE",
        absent: "none",
        meaning: "Whether a PROXY header is sent first.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpsHealthCheck.requestPath",
        shape: Shape::UrlPath,
        default: "/",
        absent: "/",
        meaning: "The path that must answer 200.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.httpsHealthCheck.response",
        shape: Shape::Text,
        absent: "any answer of status 200 is healthy",
        meaning: "The text that the answer begins with.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.http2HealthCheck",
        meaning: "A check by HTTP2.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.http2HealthCheck.host",
        shape: Shape::Text,
        default: "the endpoint's address",
        absent: "the endpoint's address is sent",
        meaning: "The Host header.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.http2HealthCheck.port",
        shape: Shape::Integer { min: 1, max: 65_535 },
        default: "the serving port",
        absent: "the serving port is asked",
        meaning: "A fixed port; needs portSpecification USE_FIXED_PORT.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.http2HealthCheck.portSpecification",
        shape: Shape::OneOf(&["USE_FIXED_PORT", "USE_NAMED_PORT", "USE_SERVING_PORT"]),
        default: "USE_SERVING_PORT",
        absent: "the serving port is asked",
        meaning: "Which port is asked.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.http2HealthCheck.proxyHeader",
        shape: Shape::OneOf(&["NONE", "PROXY_V1"]),
        default: "NONE",
        absent: "none",
        meaning: "Whether a PROXY header is sent first.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.http2HealthCheck.requestPath",
        shape: Shape::UrlPath,
        default: "/",
        absent: "/",
        meaning: "The path that must answer 200.",
        ..HEALTH_CHECK_POLICY
    },
    Field {
        path: "spec.default.config.http2HealthCheck.response",
        shape: Shape::Text,
        absent: "any answer of status 200 is healthy",
        meaning: "The text that the answer begins with.",
        ..HEALTH_CHECK_POLICY
    },
];
