//! What the controllers of other load balancers need to be told to keep a client on one pod.

use crate::manifest::Node;
use crate::set::Place;

use super::{Controller, Object, Route, Service, Way, annotation_path};

/// A hop that keeps no client on a pod, and what would.
#[derive(Debug, Clone)]
pub struct Loose<'s> {
    /// The object to change.
    pub object: Object<'s>,
    /// Where in it.
    pub place: Place,
    /// The field.
    pub path: String,
    /// What is said beside the place.
    pub beside: &'static str,
    /// What to write.
    pub help: &'static str,
    /// Whether nothing outside of these manifests can set it.
    pub sure: bool,
}

/// A key of an object and its text.
fn text<'s>(object: &Object<'s>, key: &str) -> Option<&'s str> {
    object.annotation_text(key)
}

/// What is missing where an annotation would say it: at its value if it says something else.
fn at_annotation<'s>(
    object: &Object<'s>,
    key: &str,
    beside: &'static str,
    help: &'static str,
) -> Loose<'s> {
    let place = object.annotation(key);
    let place = place.map_or_else(|| object.annotations_title(), |one| object.at(one.value()));
    Loose { object: *object, place, path: annotation_path(key), beside, help, sure: true }
}

/// What is missing on a way through an Ingress; nothing where the controller is not known.
pub fn loose<'s>(route: &Route<'s>, service: &Service<'s>) -> Option<Loose<'s>> {
    let ingress = &route.ingress.0;
    match route.ingress.controller() {
        Controller::IngressNginx => nginx(ingress, service),
        Controller::AwsAlb => alb(ingress, &service.0),
        Controller::Traefik => traefik(&service.0),
        Controller::HaProxy => haproxy(ingress, &service.0),
        Controller::Gce(_) | Controller::Other => None,
    }
}

/// kubernetes/ingress-nginx:docs/user-guide/nginx-configuration/annotations.md
fn nginx<'s>(ingress: &Object<'s>, service: &Service<'s>) -> Option<Loose<'s>> {
    const AFFINITY: &str = "nginx.ingress.kubernetes.io/affinity";
    let on = |key: &str| text(ingress, &format!("nginx.ingress.kubernetes.io/{key}"));
    // F5's controller answers to the same class names, and has other keys and a global configuration.
    let is_f5s = |key: &str| key.starts_with("nginx.org/") || key.starts_with("nginx.com/");
    if ingress.annotations().any(|one| is_f5s(&one.key())) || on("canary") == Some("true") {
        return None;
    }
    let by = on("upstream-hash-by").filter(|by| !by.is_empty());
    if by.is_some_and(changes_with_requests) && on("affinity") != Some("cookie") {
        let beside = "not the same for each request of a session: the first one has no `sid`";
        let help =
            "write the annotation `nginx.ingress.kubernetes.io/affinity: cookie` in its place";
        let key = "nginx.ingress.kubernetes.io/upstream-hash-by";
        return Some(at_annotation(ingress, key, beside, help));
    }
    let by_service =
        on("service-upstream") == Some("true") && service.client_ip_affinity().is_some();
    let kept = on("affinity") == Some("cookie")
        || by.is_some()
        || on("load-balance") == Some("ip_hash")
        || by_service;
    (!kept).then(|| {
        let help = "write the annotation `nginx.ingress.kubernetes.io/affinity: cookie` on the Ingress that has this path";
        at_annotation(ingress, AFFINITY, "no `affinity`", help)
    })
}

/// Whether a key to hash by has a part that differs from request to request of one session.
fn changes_with_requests(key: &str) -> bool {
    const CHANGING: [&str; 4] = ["arg_sid", "arg_t", "request_id", "msec"];
    let mut names = key.split('$').skip(1).map(|name| {
        let name = name.strip_prefix('{').unwrap_or(name);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        &name[..end.unwrap_or(name.len())]
    });
    names.any(|name| CHANGING.contains(&name))
}

/// kubernetes-sigs/aws-load-balancer-controller:docs/guide/ingress/annotations.md
fn alb<'s>(ingress: &Object<'s>, service: &Object<'s>) -> Option<Loose<'s>> {
    const ATTRIBUTES: &str = "alb.ingress.kubernetes.io/target-group-attributes";
    const TYPE: &str = "alb.ingress.kubernetes.io/target-type";
    let home = |key: &str| [service, ingress].into_iter().find(|one| text(one, key).is_some());
    let attributes = home(ATTRIBUTES).and_then(|one| text(one, ATTRIBUTES));
    let sticks = attributes
        .is_some_and(|all| all.split(',').any(|one| one.trim() == "stickiness.enabled=true"));
    if !sticks {
        let help = "write `stickiness.enabled=true` into `alb.ingress.kubernetes.io/target-group-attributes`, with `alb.ingress.kubernetes.io/target-type: ip`";
        let at = home(ATTRIBUTES).unwrap_or(ingress);
        let loose = at_annotation(at, ATTRIBUTES, "without `stickiness.enabled=true`", help);
        return Some(loose);
    }
    let direct = home(TYPE).and_then(|one| text(one, TYPE)) == Some("ip");
    (!direct).then(|| {
        let at = home(TYPE).or_else(|| home(ATTRIBUTES)).unwrap_or(ingress);
        let help = "write the annotation `alb.ingress.kubernetes.io/target-type: ip`";
        let beside = "a client is kept on a node, and kube-proxy takes any pod from there";
        Loose { sure: false, ..at_annotation(at, TYPE, beside, help) }
    })
}

/// traefik/traefik:docs/content/reference/routing-configuration/kubernetes/ingress.md
fn traefik<'s>(service: &Object<'s>) -> Option<Loose<'s>> {
    const STICKY: &str = "traefik.ingress.kubernetes.io/service.sticky.cookie";
    const NATIVE: &str = "traefik.ingress.kubernetes.io/service.nativelb";
    let kept = text(service, STICKY) == Some("true") || text(service, NATIVE) == Some("true");
    let help = "write the annotation `traefik.ingress.kubernetes.io/service.sticky.cookie: \"true\"` on the Service";
    (!kept).then(|| at_annotation(service, STICKY, "no `service.sticky.cookie`", help))
}

/// jcmoraisjr/haproxy-ingress:docs/content/en/docs/configuration/keys.md,
/// haproxytech/kubernetes-ingress:documentation/annotations.md; a ConfigMap may set the same for all.
fn haproxy<'s>(ingress: &Object<'s>, service: &Object<'s>) -> Option<Loose<'s>> {
    const AFFINITY: &str = "haproxy-ingress.github.io/affinity";
    let has = |key: &str, wanted: &str| {
        let texts = [ingress, service].map(|one| text(one, key));
        texts.into_iter().flatten().any(|text| text.starts_with(wanted))
    };
    let kept = has(AFFINITY, "cookie")
        || has("ingress.kubernetes.io/affinity", "cookie")
        || has("haproxy-ingress.github.io/balance-algorithm", "source")
        || has("haproxy.org/cookie-persistence", "")
        || has("haproxy.org/cookie-persistence-no-dynamic", "")
        || has("haproxy.org/load-balance", "source")
        || has("haproxy.org/backend-config-snippet", "");
    (!kept).then(|| {
        let help = "write `haproxy-ingress.github.io/affinity: cookie`, or `haproxy.org/cookie-persistence: SERVERID` for HAProxy Technologies' controller";
        let beside = "no affinity by cookie or address";
        Loose {
            sure: false,
            ..at_annotation(ingress, AFFINITY, beside, help)
        }
    })
}

/// What is missing on a way through Traefik's own route.
pub fn loose_way<'s>(way: &Way<'s>) -> Option<Loose<'s>> {
    let kept = way.backend.at(&["sticky", "cookie"]).is_some()
        || way.backend.get("nativeLB").and_then(Node::as_bool) == Some(true);
    (!kept).then_some(())?;
    Some(Loose {
        object: way.object,
        place: way.object.at(way.service()?),
        path: "spec.routes.services.sticky.cookie".to_owned(),
        beside: "no `sticky`",
        help: "write `sticky: {cookie: {}}` beside the Service's name",
        sure: true,
    })
}
