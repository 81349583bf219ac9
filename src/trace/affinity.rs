//! Which pod the load balancer chooses for a request that belongs to a session.

use super::fault::Fault;
use super::front::Front;
use super::gateway::{self, Gateway};
use super::passage::{Passage, Stray};
use super::way::{Ask, Way};
use super::{HopKind, Share};
use crate::kube::{Controller, Ingress, Loose, loose, loose_way, policy};
use crate::path::Backend;
use crate::set::Place;

/// How a session keeps its pod.
enum Keeps {
    /// By the client's address.
    Address,
    /// By a cookie.
    Cookie(&'static str),
    /// It does not.
    Not,
    /// The files do not tell.
    Unknown(String),
}

/// The hop of the affinity.
pub(super) fn walk(way: &Way<'_, '_>, backend: &Backend<'_>, ask: &Ask, passage: &mut Passage) {
    let (keeps, place) = match &way.front {
        Front::Gce { .. } => of_gce(way, backend),
        Front::Gateway(gateway) => match of_gateway(way, gateway) {
            Some(found) => found,
            None if Share::among(way.pods).is_safe() => return,
            None => {
                return gateway::doubt_affinity(gateway, backend.service.0.name, passage);
            }
        },
        Front::Foreign(ingress, controller, route) => {
            let missing = route.as_ref().and_then(|route| loose(route, &backend.service));
            missing.as_ref().map_or_else(|| of_others(ingress, *controller, backend), not_kept)
        }
        Front::Traefik(rule) => {
            let place = Some(rule.object.at(rule.service().unwrap_or(rule.rule)));
            let kept = || (Keeps::Cookie("a cookie of Traefik's"), place);
            loose_way(rule).as_ref().map_or_else(kept, not_kept)
        }
        Front::Ignored(_) | Front::NotGiven => return,
    };
    let share = Share::among(way.pods);
    let pods = how_many(way);
    match keeps {
        Keeps::Unknown(why) if share.is_safe() => {
            passage.hop(HopKind::Affinity, format!("{why}; {pods}"), place);
        }
        Keeps::Unknown(why) => passage.doubt(HopKind::Affinity, why, place),
        Keeps::Address => {
            let what = format!("CLIENT_IP, best effort: a client's address keeps its pod ({pods})");
            passage.hop(HopKind::Affinity, what, place);
            node_hop(way, backend, share, passage);
        }
        Keeps::Cookie(name) => {
            let what = format!("{name}: a client that keeps the cookie keeps its pod ({pods})");
            passage.hop(HopKind::Affinity, what, place);
            passage.strays.push(Stray {
                share,
                rules: Vec::new(),
                place,
                cookies: true,
                from: None,
            });
            cookie_ends(way, share, ask, passage);
            node_hop(way, backend, share, passage);
        }
        Keeps::Not => none(way, backend, share, &pods, place, passage),
    }
}

fn how_many(way: &Way<'_, '_>) -> String {
    match way.pods {
        None => "how many pods there are is not among the files given".to_owned(),
        Some(1) => "one pod".to_owned(),
        Some(pods) => format!("{pods} pods"),
    }
}

/// The cookie that ends before the session does. A session that polls on meets that for certain where it is soon.
fn cookie_ends(way: &Way<'_, '_>, share: Share, ask: &Ask, passage: &mut Passage) {
    let keys = ["sessionAffinity", "affinityCookieTtlSec"];
    let Some((seconds @ 1.., place)) = way.setting(&keys) else {
        return;
    };
    let lost = way.numbers.outlives_cookie(seconds);
    let Some(surely) = lost.filter(|_| !share.is_safe() && way.numbers.polling) else {
        return;
    };
    let rule = "affinity-ttl-too-short";
    if surely && ask.waits > 0 {
        let what = format!(
            "the cookie ends {seconds} s after the first request: the next poll gets another one, and another pod {share}"
        );
        passage.hop(HopKind::Affinity, what, Some(place));
        let (rules, place) = (vec![rule], Some(place));
        let from = Some(seconds);
        return passage.strays.push(Stray { share, rules, place, cookies: false, from });
    }
    let text = format!(
        "a client that still polls {seconds} s after its first request gets another cookie, and with it `400 {{\"code\":1}}` {share}"
    );
    passage.caution(text, Some(rule));
}

fn none(
    way: &Way<'_, '_>,
    backend: &Backend<'_>,
    share: Share,
    pods: &str,
    place: Option<Place>,
    passage: &mut Passage,
) {
    if share.is_safe() {
        return passage.hop(HopKind::Affinity, format!("none, and {pods}"), place);
    }
    let what = format!("none ({pods}): another pod than the session's {share}");
    passage.hop(HopKind::Affinity, what, place);
    let (rules, place) = match way.front.gateway() {
        Some(gateway) => (gateway::reasons(gateway, affinity_of(gateway).map(|one| one.0)), place),
        None if way.front.load_balancer().is_none() => (vec!["session-affinity-missing"], place),
        None => reasons(way, backend, place),
    };
    passage.strays.push(Stray { share, rules, place, cookies: false, from: None });
}

fn of_gce(way: &Way<'_, '_>, backend: &Backend<'_>) -> (Keeps, Option<Place>) {
    if let Some((name, place)) = way.config_not_given() {
        let why = format!("the BackendConfig `{name}` is not among the files given");
        return (Keeps::Unknown(why), Some(place));
    }
    let affinity = way.config().and_then(|config| {
        let (kind, node) = config.affinity()?;
        Some((kind, config.0.at(node)))
    });
    match affinity {
        Some((_, place)) if way.has(Fault::NoAffinity) => (Keeps::Not, Some(place)),
        Some(("CLIENT_IP", place)) => (Keeps::Address, Some(place)),
        Some(("GENERATED_COOKIE", place)) => (Keeps::Cookie("GENERATED_COOKIE"), Some(place)),
        Some((_, place)) => (Keeps::Not, Some(place)),
        None if backend.attachment.is_none() => {
            (Keeps::Not, Some(backend.service.0.annotations_title()))
        }
        None => (Keeps::Not, way.config_place()),
    }
}

/// What the policy of a Gateway says; `None` where it is not among the files given.
fn of_gateway(way: &Way<'_, '_>, gateway: &Gateway<'_>) -> Option<(Keeps, Option<Place>)> {
    gateway.policy?;
    Some(match affinity_of(gateway) {
        Some((_, place)) if way.has(Fault::NoAffinity) => (Keeps::Not, Some(place)),
        Some(("CLIENT_IP", place)) => (Keeps::Address, Some(place)),
        Some(("GENERATED_COOKIE", place)) => (Keeps::Cookie("GENERATED_COOKIE"), Some(place)),
        Some((_, place)) => (Keeps::Not, Some(place)),
        None => (Keeps::Not, Some(gateway.place())),
    })
}

/// The affinity that the policy of a Gateway asks for.
pub(super) fn affinity_of<'s>(gateway: &Gateway<'s>) -> Option<(&'s str, Place)> {
    let policy = gateway.policy?;
    let node = policy::setting(&policy, &["sessionAffinity", "affinityType"])?;
    Some((node.as_str()?, policy.at(node)))
}

/// Why there is none: the rules, the best first, and the line that decides.
fn reasons(
    way: &Way<'_, '_>,
    backend: &Backend<'_>,
    place: Option<Place>,
) -> (Vec<&'static str>, Option<Place>) {
    let service = &backend.service;
    let mut rules = Vec::new();
    let mut decides = place;
    match (&backend.attachment, backend.backend_config()) {
        (None, _) => {
            if let Some(meant) = &backend.meant {
                rules.extend(["backendconfig-on-ingress", "backendconfig-not-attached"]);
                decides = annotation_on_ingress(backend).or(Some(meant.0.title()));
            } else if way
                .model
                .every_backend_config()
                .any(|one| one.0.shares_namespace_with(&service.0))
            {
                rules.push("backendconfig-not-attached");
            }
        }
        (Some(attachment), None) => {
            rules.push("backendconfig-port-unmatched");
            decides = Some(service.0.at(attachment.entry.value()));
        }
        (Some(_), Some(_)) => {}
    }
    rules.push("session-affinity-missing");
    if service.client_ip_affinity().is_some() && !rules.contains(&"backendconfig-not-attached") {
        rules.push("service-affinity-ineffective");
    }
    (rules, decides)
}

fn annotation_on_ingress(backend: &Backend<'_>) -> Option<Place> {
    let mut routes = backend.routes.iter();
    routes.find_map(|route| {
        let object = &route.ingress.0;
        let entry = object.annotation(crate::kube::BACKEND_CONFIG_KEY)?;
        Some(object.at(entry.value()))
    })
}

/// <https://cloud.google.com/kubernetes-engine/docs/how-to/container-native-load-balancing>
const BY_ITSELF: &str =
    "only where GKE asks for no NEG by itself, as it does for new Services in most clusters";

/// Through a node the affinity of the load balancer ends there.
fn node_hop(way: &Way<'_, '_>, backend: &Backend<'_>, share: Share, passage: &mut Passage) {
    if way.front.gateway().is_some() {
        return;
    }
    let service = &backend.service;
    let straight = service.asks_for_neg() || way.front.class().is_none_or(|class| class.forces_neg);
    let straight = straight || service.service_type() == "ClusterIP";
    if (straight && !way.has(Fault::ToNodes)) || share.is_safe() {
        return;
    }
    let place = Some(service.0.annotations_title());
    let policy = service.0.in_spec(&["externalTrafficPolicy"]);
    if policy.is_some_and(|policy| policy.as_str() == Some("Local")) {
        let what = "`externalTrafficPolicy: Local`: the node keeps it, if it runs one pod of these";
        return passage.hop(HopKind::Affinity, what, place);
    }
    let what = format!(
        "no NEG: the affinity is to a node, which sends it to any pod: another one {share}"
    );
    passage.hop(HopKind::Affinity, what, place);
    if service.may_get_neg() && !way.has(Fault::ToNodes) {
        passage.caution(BY_ITSELF, None);
    }
    let rules = vec!["neg-not-requested"];
    passage.strays.push(Stray { share, rules, place, cookies: false, from: None });
}

/// A hop of another controller's that keeps no client on a pod, as the rules know it.
fn not_kept(missing: &Loose<'_>) -> (Keeps, Option<Place>) {
    let keeps = if missing.sure { Keeps::Not } else { Keeps::Unknown(missing.beside.to_owned()) };
    (keeps, Some(missing.place))
}

/// Where other controllers read their affinity: the annotation, and what it must say.
fn of_others(
    ingress: &Ingress<'_>,
    controller: Controller,
    backend: &Backend<'_>,
) -> (Keeps, Option<Place>) {
    let keys: &[(&str, &str)] = match controller {
        Controller::IngressNginx => &[("nginx.ingress.kubernetes.io/affinity", "cookie")],
        Controller::AwsAlb => {
            &[("alb.ingress.kubernetes.io/target-group-attributes", "stickiness.enabled=true")]
        }
        Controller::Traefik => &[("traefik.ingress.kubernetes.io/service.sticky.cookie", "true")],
        Controller::HaProxy => &[
            ("haproxy-ingress.github.io/affinity", "cookie"),
            ("haproxy.org/cookie-persistence", ""),
        ],
        _ => &[],
    };
    for object in [&ingress.0, &backend.service.0] {
        for (key, wanted) in keys {
            let found = object.annotation(key).filter(|entry| {
                let text = entry.value().text();
                text.is_some_and(|text| text.contains(wanted))
            });
            if let Some(entry) = found {
                return (
                    Keeps::Cookie("a cookie of the controller's"),
                    Some(object.at(entry.value())),
                );
            }
        }
    }
    let why = "whether this controller keeps a session on its pod is not known: none of the annotations for it is there";
    (Keeps::Unknown(why.to_owned()), Some(ingress.0.annotations_title()))
}
