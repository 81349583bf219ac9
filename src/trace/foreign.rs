//! Before nginx stands what is not Google's: another controller's proxy, or a load balancer that passes connections on.

use super::HopKind;
use super::front::name_of;
use super::gate::Gate;
use super::passage::{End, Passage};
use super::way::Way;
use crate::kube::{Controller, Ingress, Way as Rule};
use crate::set::Place;

/// What makes a controller change requests, or answer some of them, in a way that no step reckons with: the ends of
/// annotations' names.
fn changing(controller: Controller) -> &'static [&'static str] {
    match controller {
        // kubernetes/ingress-nginx:docs/user-guide/nginx-configuration/annotations.md
        Controller::IngressNginx => &[
            "nginx.ingress.kubernetes.io/rewrite-target",
            "nginx.ingress.kubernetes.io/configuration-snippet",
            "nginx.ingress.kubernetes.io/server-snippet",
            "nginx.ingress.kubernetes.io/auth-url",
            "nginx.ingress.kubernetes.io/auth-type",
            "nginx.org/rewrites",
        ],
        // kubernetes-sigs/aws-load-balancer-controller:docs/guide/ingress/annotations.md
        Controller::AwsAlb => &["alb.ingress.kubernetes.io/auth-type"],
        // traefik/traefik:docs/content/reference/routing-configuration/kubernetes/ingress.md
        Controller::Traefik => &["traefik.ingress.kubernetes.io/router.middlewares"],
        // jcmoraisjr/haproxy-ingress:docs/content/en/docs/configuration/keys.md,
        // haproxytech/kubernetes-ingress:documentation/annotations.md
        Controller::HaProxy => &[
            "haproxy-ingress.github.io/rewrite-target",
            "haproxy-ingress.github.io/config-backend",
            "haproxy-ingress.github.io/auth-url",
            "haproxy.org/path-rewrite",
            "haproxy.org/backend-config-snippet",
        ],
        Controller::Gce(_) | Controller::Other => &[],
    }
}

/// The hops of an Ingress of another controller.
pub(super) fn of_ingress(ingress: &Ingress<'_>, passage: &mut Passage) {
    let controller = ingress.controller();
    let what = format!("{} serves the Ingress `{}`", name_of(controller), ingress.0.name);
    passage.hop(HopKind::LoadBalancer, what, Some(ingress.0.title()));
    let found = changing(controller).iter().find_map(|key| ingress.0.annotation(key));
    if let Some(entry) = found {
        let why = format!("what `{}` makes of the request is not reckoned with", entry.key());
        untold(&why, ingress.0.at(entry.value()), passage);
    }
}

/// The hops of Traefik's own kind of route.
pub(super) fn of_traefik(rule: &Rule<'_>, passage: &mut Passage) {
    let what = format!("Traefik serves the {}", rule.object.said());
    let place = rule.object.at(rule.path.unwrap_or(rule.rule));
    passage.hop(HopKind::LoadBalancer, what, Some(place));
    if let Some(node) = rule.rule.get("middlewares") {
        let why = "what the `middlewares` make of the request is not reckoned with";
        untold(why, rule.object.at(node), passage);
    }
}

/// What comes after is about another request than the client's.
pub(super) fn untold(why: &str, place: Place, passage: &mut Passage) {
    passage.stop(
        HopKind::LoadBalancer,
        format!("unknown: {why}"),
        End::unknown(why).at(Some(place)),
    );
}

/// No Ingress and no Gateway: the Service may ask for a load balancer of its own.
pub(super) fn not_given(way: &Way<'_, '_>, passage: &mut Passage) {
    let behind = match &way.gate {
        Gate::Nginx { site, .. } => way.model.backends_at(site).next(),
        _ => None,
    };
    let service = way.backend.or(behind).map(|backend| &backend.service);
    let own = service.filter(|service| service.service_type() == "LoadBalancer");
    let Some(service) = own else {
        let why = "the load balancer is not among the files given";
        return passage.doubt(HopKind::LoadBalancer, why, None);
    };
    let node = service.0.in_spec(&["type"]);
    let place = node.map_or_else(|| service.0.title(), |node| service.0.at(node));
    let why = format!(
        "the Service `{}` asks for a load balancer that passes connections on and knows no paths: what it does with a session is not reckoned with",
        service.0.name
    );
    passage.doubt(HopKind::LoadBalancer, why, Some(place));
}
