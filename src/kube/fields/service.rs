//! The fields of Service and Ingress that a Socket.IO app behind a Google load balancer depends on.

use super::{FIELD, Field, Shape};
use crate::kube::Grade;

const SERVICE_API: &str =
    "https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/";
const INGRESS_API: &str =
    "https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/";
const TRANSLATOR: &str = "kubernetes/ingress-gce:pkg/controller/translator/translator.go";
const URL_MAP: &str = "kubernetes/ingress-gce:pkg/utils/gceurlmap.go";

const SERVICE: Field =
    Field { kinds: &["Service"], sources: &[SERVICE_API], grade: Grade::Documented, ..FIELD };

const INGRESS: Field =
    Field { kinds: &["Ingress"], sources: &[INGRESS_API], grade: Grade::Documented, ..FIELD };

pub(super) const FIELDS: &[Field] = &[
    Field {
        path: "spec.externalTrafficPolicy",
        shape: Shape::OneOf(&["Cluster", "Local"]),
        default: "Cluster",
        absent: "a node hands on to pods of other nodes too",
        meaning: "Which pods a node port reaches. Without NEGs, Local is what keeps a session on its node.",
        checked_by: &["neg-not-requested"],
        ..SERVICE
    },
    Field {
        path: "spec.ports",
        shape: Shape::List { max: usize::MAX },
        absent: "no backend",
        meaning: "The ports. Each port number that an Ingress refers to is a backend service of its own.",
        ..SERVICE
    },
    Field { path: "spec.ports[]", meaning: "One port.", ..SERVICE },
    Field {
        path: "spec.ports[].appProtocol",
        shape: Shape::Text,
        absent: "HTTP",
        meaning: "A hint for implementations. ingress-gce reads `cloud.google.com/app-protocols` instead.",
        checked_by: &["http2-to-backend"],
        sources: &[TRANSLATOR, SERVICE_API],
        ..SERVICE
    },
    Field {
        path: "spec.ports[].name",
        shape: Shape::Text,
        absent: "only a Service of one port may do without",
        meaning: "What annotations refer to: a BackendConfig by name, else by number; a protocol by name alone.",
        checked_by: &["backendconfig-port-unmatched"],
        ..SERVICE
    },
    Field {
        path: "spec.ports[].nodePort",
        shape: Shape::Integer { min: 1, max: 65_535 },
        default: "chosen from 30000 to 32767",
        absent: "one is chosen",
        meaning: "The port on every node; the load balancer uses it where there are no NEGs.",
        ..SERVICE
    },
    Field {
        path: "spec.ports[].port",
        shape: Shape::Integer { min: 1, max: 65_535 },
        required: true,
        absent: "the API server refuses it",
        meaning: "The port that an Ingress refers to.",
        checked_by: &["backendconfig-port-unmatched"],
        ..SERVICE
    },
    Field {
        path: "spec.ports[].targetPort",
        shape: Shape::NumberOrText,
        default: "the port itself",
        absent: "the same number as `port`",
        meaning: "The port in the pod, by number or by the name of a container port.",
        checked_by: &["target-port-unserved"],
        ..SERVICE
    },
    Field {
        path: "spec.selector",
        absent: "endpoints are somebody else's business",
        meaning: "The labels of the pods.",
        ..SERVICE
    },
    Field {
        path: "spec.sessionAffinity",
        shape: Shape::OneOf(&["ClientIP", "None"]),
        default: "None",
        absent: "None",
        meaning: "Read by kube-proxy and passthrough load balancers. An Ingress never reads it, and NEG traffic bypasses kube-proxy.",
        checked_by: &["service-affinity-ineffective"],
        sources: &[SERVICE_API, "kubernetes/kubernetes#53886"],
        ..SERVICE
    },
    Field {
        path: "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
        shape: Shape::Integer { min: 1, max: 86_400 },
        default: "10800",
        absent: "10800",
        meaning: "Seconds that sessionAffinity ClientIP lasts; as little use behind an Ingress.",
        checked_by: &["service-affinity-ineffective"],
        ..SERVICE
    },
    Field {
        path: "spec.type",
        shape: Shape::OneOf(&["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]),
        default: "ClusterIP",
        absent: "ClusterIP",
        meaning: "ClusterIP needs NEGs behind an Ingress: otherwise the Ingress stops syncing.",
        checked_by: &["neg-not-requested"],
        sources: &[TRANSLATOR],
        ..SERVICE
    },
    Field {
        path: "spec.defaultBackend",
        absent: "GKE's own backend, which answers 404",
        meaning: "Where requests go that no rule matches.",
        ..INGRESS
    },
    Field {
        path: "spec.ingressClassName",
        shape: Shape::Text,
        absent: "the annotation decides",
        meaning: "ingress-gce handles no class by this field: with it and without the annotation `kubernetes.io/ingress.class` the Ingress is passed over.",
        checked_by: &["ingress-class-ignored"],
        sources: &["kubernetes/ingress-gce:pkg/utils/utils.go"],
        grade: Grade::Source,
        ..INGRESS
    },
    Field {
        path: "spec.rules",
        shape: Shape::List { max: usize::MAX },
        absent: "everything goes to the default backend",
        meaning: "Hosts and paths.",
        ..INGRESS
    },
    Field {
        path: "spec.rules[].host",
        shape: Shape::Text,
        absent: "every host",
        meaning: "The host. Of two rules for one host the last wins, whole.",
        checked_by: &["duplicate-host"],
        sources: &[URL_MAP],
        grade: Grade::Source,
        ..INGRESS
    },
    Field {
        path: "spec.rules[].http.paths",
        shape: Shape::List { max: usize::MAX },
        required: true,
        absent: "the API server refuses it",
        meaning: "The paths of the host. The longest match wins, not the first.",
        checked_by: &["socketio-path-unrouted"],
        grade: Grade::Documented,
        ..INGRESS
    },
    Field {
        path: "spec.rules[].http.paths[].backend.service.name",
        shape: Shape::Text,
        absent: "the API server refuses it",
        meaning: "The Service, in the same namespace.",
        checked_by: &["service-not-found"],
        ..INGRESS
    },
    Field {
        path: "spec.rules[].http.paths[].backend.service.port.name",
        shape: Shape::Text,
        absent: "the number is used",
        meaning: "The port by name.",
        checked_by: &["service-not-found"],
        ..INGRESS
    },
    Field {
        path: "spec.rules[].http.paths[].backend.service.port.number",
        shape: Shape::Integer { min: 1, max: 65_535 },
        absent: "the name is used",
        meaning: "The port by number, the Service's own and not the pod's.",
        checked_by: &["service-not-found"],
        ..INGRESS
    },
    Field {
        path: "spec.rules[].http.paths[].path",
        shape: Shape::UrlPath,
        absent: "with ImplementationSpecific: everything; otherwise an error",
        meaning: "The path. It reaches the pod as it is: nothing is stripped.",
        checked_by: &["path-matches-only-itself", "wildcard-in-prefix-path", "prefix-not-mapped"],
        sources: &[TRANSLATOR],
        grade: Grade::Source,
        ..INGRESS
    },
    Field {
        path: "spec.rules[].http.paths[].pathType",
        shape: Shape::OneOf(&["Exact", "ImplementationSpecific", "Prefix"]),
        required: true,
        absent: "the API server refuses it",
        meaning: "Prefix /a matches /a and /a/*. ImplementationSpecific is taken word for word: /a/ matches /a/ alone, and /* must be written.",
        checked_by: &["path-matches-only-itself", "wildcard-in-prefix-path"],
        sources: &[TRANSLATOR],
        grade: Grade::Source,
        ..INGRESS
    },
    Field {
        path: "spec.tls",
        shape: Shape::List { max: usize::MAX },
        absent: "no front end on port 443, unless annotations name a certificate",
        meaning: "The Secrets with certificates.",
        ..INGRESS
    },
    Field {
        path: "spec.tls[].secretName",
        shape: Shape::Text,
        meaning: "A Secret of type kubernetes.io/tls.",
        ..INGRESS
    },
];
