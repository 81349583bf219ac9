//! `service.*kubernetes.io/`: what the controllers of passthrough load balancers write on a Service.

use super::{AnnotationKey, Reader, setting};

const L4: &str = "kubernetes/ingress-gce:pkg/l4/annotations/service.go";
const SERVICE: &[&str] = &["Service"];

pub(super) const KEYS: &[AnnotationKey] = &[
    setting(
        "service.alpha.kubernetes.io/app-protocols",
        SERVICE,
        Reader::IngressGce,
        "kubernetes/ingress-gce:pkg/annotations/service.go",
        "The older key of `cloud.google.com/app-protocols`, which it wins over.",
    ),
    setting(
        "service.kubernetes.io/backend-service",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The backend service.",
    )
    .written(),
    setting(
        "service.kubernetes.io/firewall-rule",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The firewall rule of the traffic.",
    )
    .written(),
    setting(
        "service.kubernetes.io/firewall-rule-deny",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The firewall rule that denies the rest.",
    )
    .written(),
    setting(
        "service.kubernetes.io/firewall-rule-deny-ipv6",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The firewall rule that denies the rest of IPv6.",
    )
    .written(),
    setting(
        "service.kubernetes.io/firewall-rule-for-hc",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The firewall rule of the health checks.",
    )
    .written(),
    setting(
        "service.kubernetes.io/firewall-rule-for-hc-ipv6",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The firewall rule of the health checks of IPv6.",
    )
    .written(),
    setting(
        "service.kubernetes.io/firewall-rule-ipv6",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The firewall rule of the traffic of IPv6.",
    )
    .written(),
    setting(
        "service.kubernetes.io/healthcheck",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The health check.",
    )
    .written(),
    setting(
        "service.kubernetes.io/l3-forwarding-rule",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The forwarding rule of all protocols.",
    )
    .written(),
    setting(
        "service.kubernetes.io/l3-forwarding-rule-ipv6",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The forwarding rule of all protocols of IPv6.",
    )
    .written(),
    setting(
        "service.kubernetes.io/tcp-forwarding-rule",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The forwarding rule of TCP.",
    )
    .written(),
    setting(
        "service.kubernetes.io/tcp-forwarding-rule-ipv6",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The forwarding rule of TCP over IPv6.",
    )
    .written(),
    setting(
        "service.kubernetes.io/udp-forwarding-rule",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The forwarding rule of UDP.",
    )
    .written(),
    setting(
        "service.kubernetes.io/udp-forwarding-rule-ipv6",
        SERVICE,
        Reader::IngressGce,
        L4,
        "The forwarding rule of UDP over IPv6.",
    )
    .written(),
];
