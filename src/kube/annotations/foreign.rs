//! Prefixes of controllers that a Google load balancer has nothing to do with.
//!
//! Each of them is taught in many tutorials as the cure for Socket.IO, and does nothing on a GCE Ingress.

/// Another controller, and where its keys are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Controller {
    /// Its name.
    pub name: &'static str,
    /// What its keys begin with.
    pub prefix: &'static str,
    /// Where they are listed.
    pub source: &'static str,
}

const fn controller(prefix: &'static str, name: &'static str, source: &'static str) -> Controller {
    Controller { name, prefix, source }
}

static CONTROLLERS: &[Controller] = &[
    controller(
        "nginx.ingress.kubernetes.io/",
        "ingress-nginx",
        "kubernetes/ingress-nginx:docs/user-guide/nginx-configuration/annotations.md",
    ),
    controller(
        "nginx.org/",
        "F5's NGINX Ingress Controller",
        "https://docs.nginx.com/nginx-ingress-controller/",
    ),
    controller(
        "nginx.com/",
        "F5's NGINX Ingress Controller",
        "https://docs.nginx.com/nginx-ingress-controller/",
    ),
    controller(
        "alb.ingress.kubernetes.io/",
        "the AWS Load Balancer Controller",
        "kubernetes-sigs/aws-load-balancer-controller:docs/guide/ingress/annotations.md",
    ),
    controller(
        "service.beta.kubernetes.io/aws-",
        "AWS's controllers",
        "kubernetes-sigs/aws-load-balancer-controller:docs/guide/service/annotations.md",
    ),
    controller(
        "service.beta.kubernetes.io/azure-",
        "Azure's cloud provider",
        "kubernetes-sigs/cloud-provider-azure:site/content/en/topics/loadbalancer.md",
    ),
    controller(
        "appgw.ingress.kubernetes.io/",
        "Azure's Application Gateway Ingress Controller",
        "Azure/application-gateway-kubernetes-ingress:docs/annotations.md",
    ),
    controller(
        "traefik.ingress.kubernetes.io/",
        "Traefik",
        "traefik/traefik:docs/content/reference/routing-configuration/kubernetes/ingress.md",
    ),
    controller(
        "haproxy.org/",
        "HAProxy Technologies' Ingress Controller",
        "haproxytech/kubernetes-ingress:documentation/annotations.md",
    ),
    controller(
        "haproxy-ingress.github.io/",
        "HAProxy Ingress",
        "jcmoraisjr/haproxy-ingress:docs/content/en/docs/configuration/keys.md",
    ),
    controller(
        "konghq.com/",
        "the Kong Ingress Controller",
        "Kong/kubernetes-ingress-controller:internal/annotations/annotations.go",
    ),
    controller(
        "projectcontour.io/",
        "Contour",
        "projectcontour/contour:site/content/docs/main/config/annotations.md",
    ),
    // ingress-gce writes its status under this prefix and reads nothing there; the status keys are in the table.
    controller(
        "ingress.kubernetes.io/",
        "Ingress controllers of 2016 to 2018, such as early ingress-nginx",
        "kubernetes/kubernetes#51711",
    ),
];

/// The controller that a key belongs to.
pub(super) fn controller_of(key: &str) -> Option<&'static Controller> {
    CONTROLLERS.iter().find(|one| key.starts_with(one.prefix))
}
