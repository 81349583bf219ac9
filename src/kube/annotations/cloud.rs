//! `cloud.google.com/`, with its alpha and beta forms.

use super::{AnnotationKey, Reader, setting};

const L7: &str = "kubernetes/ingress-gce:pkg/annotations/service.go";
const L4: &str = "kubernetes/ingress-gce:pkg/l4/annotations/service.go";
const NEG: &str = "kubernetes/ingress-gce:pkg/negannotation/negannotation.go";
const CCM: &str = "kubernetes/cloud-provider-gcp:providers/gce/gce_annotations.go";
const SERVICE: &[&str] = &["Service"];

pub(super) const KEYS: &[AnnotationKey] = &[
    setting(
        "alpha.cloud.google.com/load-balancer-backend-share",
        SERVICE,
        Reader::CloudProvider,
        CCM,
        "Share backend services between internal passthrough load balancers.",
    ),
    setting(
        "beta.cloud.google.com/backend-config",
        &["Service", "MultiClusterService"],
        Reader::IngressGce,
        L7,
        "The older key of `cloud.google.com/backend-config`, read only where that one is absent.",
    ),
    setting(
        "cloud.google.com/app-protocols",
        SERVICE,
        Reader::IngressGce,
        L7,
        "JSON from port name to the protocol that the load balancer speaks to it.",
    ),
    setting(
        "cloud.google.com/backend-config",
        &["Service", "MultiClusterService"],
        Reader::IngressGce,
        L7,
        "JSON that names the BackendConfig of each Service port: `ports` by name or number, else `default`.",
    ),
    setting(
        "cloud.google.com/l4-rbs",
        SERVICE,
        Reader::IngressGce,
        L4,
        "`enabled`: the external passthrough load balancer of this Service uses a backend service.",
    ),
    setting(
        "cloud.google.com/load-balancer-backend-share",
        SERVICE,
        Reader::CloudProvider,
        CCM,
        "The older key of `alpha.cloud.google.com/load-balancer-backend-share`.",
    ),
    setting(
        "cloud.google.com/load-balancer-resource-labels",
        SERVICE,
        Reader::CloudProvider,
        CCM,
        "Labels for the forwarding rules of a Service of type LoadBalancer.",
    ),
    setting(
        "cloud.google.com/load-balancer-type",
        SERVICE,
        Reader::IngressGce,
        "kubernetes/ingress-gce:pkg/l4/annotations/gce_annotations.go",
        "The older key of `networking.gke.io/load-balancer-type`.",
    ),
    setting(
        "cloud.google.com/neg",
        SERVICE,
        Reader::IngressGce,
        NEG,
        "JSON: `ingress` has the load balancer reach the pods themselves, `exposed_ports` makes NEGs of one's own.",
    ),
    setting(
        "cloud.google.com/neg-status",
        SERVICE,
        Reader::IngressGce,
        NEG,
        "The NEGs of this Service and their zones.",
    )
    .written(),
    setting(
        "cloud.google.com/network-tier",
        SERVICE,
        Reader::IngressGce,
        L4,
        "`Standard` or `Premium` network for a Service of type LoadBalancer.",
    ),
];
