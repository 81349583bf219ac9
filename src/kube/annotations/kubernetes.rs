//! The keys of an Ingress under the names of Kubernetes itself, and of a `ServiceAccount`.

use super::{AnnotationKey, Grade, Reader, setting};

const INGRESS_KEYS: &str = "kubernetes/ingress-gce:pkg/annotations/ingress.go";
const INGRESS: &[&str] = &["Ingress"];

pub(super) const KEYS: &[AnnotationKey] = &[
    setting(
        "iam.gke.io/gcp-service-account",
        &["ServiceAccount"],
        Reader::WorkloadIdentity,
        "https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity",
        "The Google service account that pods of this ServiceAccount act as.",
    ).graded(Grade::Documented),
    setting(
        "ingress.gcp.kubernetes.io/instance-groups",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "The instance groups behind an Ingress of class gce-multi-cluster.",
    ).written(),
    setting(
        "ingress.gcp.kubernetes.io/pre-shared-cert",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "Names of SSL certificates of the project, with commas between; gke-managed-certs writes it as well.",
    ),
    setting(
        "ingress.kubernetes.io/backends",
        INGRESS,
        Reader::IngressGce,
        "kubernetes/ingress-gce:pkg/loadbalancers/l7.go",
        "JSON from backend service to HEALTHY (one endpoint is enough), UNHEALTHY or Unknown.",
    ).written(),
    setting(
        "ingress.kubernetes.io/forwarding-rule",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "The forwarding rule of port 80.",
    ).written(),
    setting(
        "ingress.kubernetes.io/https-forwarding-rule",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "The forwarding rule of port 443.",
    ).written(),
    setting(
        "ingress.kubernetes.io/https-target-proxy",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "The target HTTPS proxy.",
    ).written(),
    setting(
        "ingress.kubernetes.io/redirect-url-map",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "The URL map that redirects to HTTPS.",
    ).written(),
    setting(
        "ingress.kubernetes.io/ssl-cert",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "The SSL certificates in use.",
    ).written(),
    setting(
        "ingress.kubernetes.io/static-ip",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "The address that the controller reserved.",
    ).written(),
    setting(
        "ingress.kubernetes.io/target-proxy",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "The target HTTP proxy.",
    ).written(),
    setting(
        "ingress.kubernetes.io/url-map",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "The URL map.",
    ).written(),
    setting(
        "kubernetes.io/ingress.allow-http",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "`false`: no front end on port 80, so no redirect either.",
    ),
    setting(
        "kubernetes.io/ingress.class",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "Which controller and load balancer: absent, empty or `gce`, `gce-internal`, `gce-regional-external`.",
    ).shared(),
    setting(
        "kubernetes.io/ingress.global-static-ip-name",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "The name of a reserved global address; not together with the regional one.",
    ),
    setting(
        "kubernetes.io/ingress.regional-static-ip-name",
        INGRESS,
        Reader::IngressGce,
        INGRESS_KEYS,
        "The name of a reserved regional address, for internal and regional load balancers.",
    ),
];
