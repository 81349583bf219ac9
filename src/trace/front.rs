//! The load balancer: whether one is made at all, and which of its rules a request takes.

use super::HopKind;
use super::entries::Seed;
use super::fault::Fault;
use super::foreign;
use super::gateway::{self, Gateway};
use super::passage::{End, Passage};
use super::refusal::{front_refused, refused};
use super::way::Way;
use crate::kube::controller_defaults::{Handling, IngressClass, LoadBalancer};
use crate::kube::{Controller, Ingress, PathType, PortReference, Route, RouteKind, Way as Rule};
use crate::manifest::Node;
use crate::path::{Backend, Model, Sender, gateway_has_tls, socketio_path};
use crate::set::Place;

/// Who serves a request, and the Service and the port that it is led to.
pub(super) type Led<'s> = (String, Option<(Option<&'s str>, Option<PortReference<'s>>)>);

/// What a request meets first.
#[derive(Debug)]
pub(super) enum Front<'s> {
    /// One of Google's load balancers.
    Gce {
        ingress: Ingress<'s>,
        class: &'static IngressClass,
        route: Option<Route<'s>>,
        /// Other rules that match too, or that a later one of the same host overwrites.
        beaten: Vec<Route<'s>>,
    },
    /// One of them behind a Gateway.
    Gateway(Box<Gateway<'s>>),
    /// An Ingress that the controller makes nothing of.
    Ignored(Ingress<'s>),
    /// Another controller's.
    Foreign(Ingress<'s>, Controller, Option<Route<'s>>),
    /// Traefik's own kind of route.
    Traefik(Box<Rule<'s>>),
    /// Nothing of the kind is among the files given.
    NotGiven,
}

impl<'s> Front<'s> {
    /// The load balancer of a host and a path.
    pub(super) fn find(
        model: &Model<'s>,
        host: Option<&str>,
        path: &str,
        seed: Seed<'_, 's>,
    ) -> Self {
        let Some(ingress) = ingress(model, host, seed) else {
            return match seed {
                Seed::Backend(backend) => Self::without_ingress(model, backend, host, path),
                _ => Self::NotGiven,
            };
        };
        match ingress.controller() {
            Controller::Gce(Handling::Handled(class)) => {
                let (route, beaten) = chosen(&ingress, host, path);
                Self::Gce { ingress, class, route, beaten }
            }
            Controller::Gce(_) => Self::Ignored(ingress),
            other => Self::Foreign(ingress, other, by_another(&ingress, host, path, seed)),
        }
    }

    fn without_ingress(
        model: &Model<'s>,
        backend: &Backend<'s>,
        host: Option<&str>,
        path: &str,
    ) -> Self {
        if let Some(found) = Gateway::find(model, backend, host, path) {
            return Self::Gateway(Box::new(found));
        }
        let traefik = backend.ways.iter().find(|way| way.kind == RouteKind::IngressRoute);
        traefik.map_or(Self::NotGiven, |way| Self::Traefik(Box::new(*way)))
    }

    /// The rule that the request takes.
    pub(super) fn route(&self) -> Option<&Route<'s>> {
        match self {
            Self::Gce { route, .. } | Self::Foreign(_, _, route) => route.as_ref(),
            _ => None,
        }
    }

    /// The load balancer, where it is Google's.
    pub(super) fn load_balancer(&self) -> Option<LoadBalancer> {
        match self {
            Self::Gateway(gateway) => Some(gateway.class.load_balancer),
            other => other.class().map(|class| class.load_balancer),
        }
    }

    /// Where it leads, without the place of the rule; `None` where no file given says.
    pub(super) fn led(&self) -> Option<Led<'s>> {
        let (by, route) = match self {
            Self::Gce { ingress, route, .. } => {
                (format!("{:?}", ingress.controller()), route.as_ref())
            }
            Self::Foreign(ingress, controller, route) => {
                let own = (controller, ingress.0.title());
                (format!("{own:?}"), route.as_ref())
            }
            Self::Gateway(gateway) => (gateway.led(), None),
            Self::Ignored(_) => ("ignored".to_owned(), None),
            Self::Traefik(_) | Self::NotGiven => return None,
        };
        let to = route.map(|route| (route.service_name(), route.port_reference()));
        Some((by, to))
    }

    /// Who sends the requests on; `None` where no file given is about that.
    pub(super) fn sender(&self) -> Option<Sender> {
        match self {
            Self::Gce { ingress, .. } | Self::Foreign(ingress, ..) | Self::Ignored(ingress) => {
                Some(Sender::of_ingress(ingress))
            }
            Self::Gateway(found) => {
                let https = gateway_has_tls(&found.object);
                Some(Sender::google(found.class.load_balancer, https))
            }
            Self::Traefik(rule) => {
                let https = rule.object.in_spec(&["tls"]).map(|_| true);
                Some(Sender::proxy(Controller::Traefik, https))
            }
            Self::NotGiven => None,
        }
    }

    /// The Gateway, where it is one.
    pub(super) fn gateway(&self) -> Option<&Gateway<'s>> {
        match self {
            Self::Gateway(gateway) => Some(gateway),
            _ => None,
        }
    }

    /// The class, where it is Google's and an Ingress asks for it.
    pub(super) fn class(&self) -> Option<&'static IngressClass> {
        match self {
            Self::Gce { class, .. } => Some(class),
            _ => None,
        }
    }
}

/// Whether the host of a rule covers a host: `*.example.com` covers all names below.
pub(super) fn host_matches(rule: &str, host: &str) -> bool {
    match rule.strip_prefix('*') {
        Some(suffix) => host.ends_with(suffix),
        None => rule.eq_ignore_ascii_case(host),
    }
}

fn ingress<'s>(model: &Model<'s>, host: Option<&str>, seed: Seed<'_, 's>) -> Option<Ingress<'s>> {
    let covers = |ingress: &Ingress<'s>| {
        let routes = ingress.routes();
        host.is_none_or(|host| {
            let mut hosts = routes.iter().map(Route::host_text);
            hosts.any(|rule| rule.is_none_or(|rule| host_matches(rule, host)))
        })
    };
    let own: Vec<Ingress<'s>> = match seed {
        Seed::Backend(backend) => backend.routes.iter().map(|route| route.ingress).collect(),
        Seed::Site(_) => return None,
        Seed::Asked => model.ingresses.clone(),
    };
    let gce = own.iter().find(|one| one.is_gce() && covers(one));
    gce.or_else(|| own.iter().find(|one| covers(one))).or(own.first()).copied()
}

/// The rule that another controller takes. What it makes of a path without a type is its own affair, so that nothing is
/// led to the default backend for want of another rule.
fn by_another<'s>(
    ingress: &Ingress<'s>,
    host: Option<&str>,
    path: &str,
    seed: Seed<'_, 's>,
) -> Option<Route<'s>> {
    let route = chosen(ingress, host, path).0?;
    let own = match seed {
        Seed::Backend(backend) => route.service_name() == Some(backend.service.0.name),
        _ => true,
    };
    (own || !route.is_default()).then_some(route)
}

/// The rule that wins, and those that match too.
fn chosen<'s>(
    ingress: &Ingress<'s>,
    host: Option<&str>,
    path: &str,
) -> (Option<Route<'s>>, Vec<Route<'s>>) {
    let all = ingress.routes();
    let is_default = |route: &Route<'s>| route.node.span() == route.backend.span();
    let (default, rules): (Vec<_>, Vec<_>) = all.into_iter().partition(is_default);
    let of_host = of_host(&rules, host);
    let last = of_host.last().and_then(|route| route.host.map(Node::span));
    let counts = |route: &&Route<'s>| route.host.map(Node::span) == last;
    let matching = |route: &&Route<'s>| route.gce_matches(path);
    // Of two rules for one host the later overwrites the earlier (kubernetes/ingress-gce:pkg/utils/gceurlmap.go).
    let best = of_host.iter().filter(counts).filter(matching);
    let best = best.max_by_key(|route| route.gce_rank()).copied();
    let beaten = of_host.iter().filter(matching);
    let other = |route: &&Route<'s>| best.is_none_or(|best| best.node.span() != route.node.span());
    let beaten = beaten.filter(other).copied().collect();
    (best.or(default.first().copied()), beaten)
}

/// The rules of the host: of its own name, else of the longest wildcard, else of any.
fn of_host<'s>(rules: &[Route<'s>], host: Option<&str>) -> Vec<Route<'s>> {
    let Some(host) = host else {
        return rules.to_vec();
    };
    let fits = |route: &&Route<'s>| route.host_text().is_some_and(|rule| host_matches(rule, host));
    let length = |route: &Route<'s>| {
        let text = route.host_text().unwrap_or_default();
        (!text.starts_with('*'), text.len())
    };
    let best = rules.iter().filter(fits).map(length).max();
    let any = |route: &&Route<'s>| route.host_text().is_none();
    match best {
        Some(best) => {
            rules.iter().filter(fits).filter(|one| length(one) == best).copied().collect()
        }
        None => rules.iter().filter(any).copied().collect(),
    }
}

/// The hops of the host and of the rule.
pub(super) fn walk(way: &Way<'_, '_>, passage: &mut Passage) {
    let host = way.host.as_deref().unwrap_or("any host");
    match &way.front {
        Front::NotGiven => foreign::not_given(way, passage),
        Front::Gateway(found) => gateway::walk(way, found, passage),
        Front::Ignored(ingress) => ignored(ingress, passage),
        Front::Traefik(rule) => foreign::of_traefik(rule, passage),
        Front::Foreign(ingress, ..) => foreign::of_ingress(ingress, passage),
        Front::Gce { ingress, class, route, beaten } => {
            let what = format!(
                "{host} must lead to the load balancer of the Ingress `{}`; DNS is not in manifests",
                ingress.0.name
            );
            passage.hop(HopKind::Host, what, Some(ingress.0.title()));
            if let Some((what, end)) =
                refused(way.model, ingress).or_else(|| front_refused(way.model, ingress))
            {
                return passage.stop(HopKind::LoadBalancer, what, end);
            }
            rule(way, class, route.as_ref(), beaten, ingress, passage);
        }
    }
}

/// Why no rule takes a path: the rules, the best first, and the line.
fn untaken(
    way: &Way<'_, '_>,
    beaten: &[Route<'_>],
    ingress: &Ingress<'_>,
) -> (&'static [&'static str], Place) {
    if let Some(route) = beaten.first() {
        return (&["duplicate-host"], route.ingress.0.at(route.node));
    }
    let of_host = |route: &Route<'_>| {
        let rule = route.host_text().zip(way.host.as_deref());
        rule.is_none_or(|(rule, host)| host_matches(rule, host))
    };
    // It stands for its own URL alone, and everything below it is meant.
    let meant = |route: &Route<'_>| {
        let text = route.path_text();
        let alone = route.path_type != PathType::Prefix && !text.contains('*');
        alone && socketio_path(text).is_some() && way.path.starts_with(text)
    };
    let routes = ingress.routes();
    match routes.iter().find(|route| of_host(route) && meant(route)) {
        Some(route) => {
            let place = route.ingress.0.at(route.path.unwrap_or(route.node));
            (&["path-matches-only-itself", "socketio-path-unrouted"], place)
        }
        None => (&["socketio-path-unrouted"], ingress.0.spec_title()),
    }
}

fn rule(
    way: &Way<'_, '_>,
    class: &IngressClass,
    route: Option<&Route<'_>>,
    beaten: &[Route<'_>],
    ingress: &Ingress<'_>,
    passage: &mut Passage,
) {
    let Some(route) = route else {
        let end = End::bad("`404` of the load balancer's default backend").status(404);
        let (rules, place) = untaken(way, beaten, ingress);
        let end = end.rules(rules).at(Some(place));
        let what = format!("{}: no rule takes `{}`", class.load_balancer.name(), way.path);
        return passage.stop(HopKind::LoadBalancer, what, end);
    };
    if way.has(Fault::Unrouted) {
        let end = End::bad("`404` of the load balancer's default backend").status(404);
        let place = route.ingress.0.at(route.path.unwrap_or(route.node));
        let end = end.rule(Fault::Unrouted.rule()).at(Some(place));
        return passage.stop(HopKind::LoadBalancer, "it has no rule for the path", end);
    }
    let text = match route.path_text() {
        "" => "the default backend".to_owned(),
        path => format!("`{path}` ({})", path_type(route.path_type)),
    };
    let why = match beaten.first() {
        Some(other) => format!(", before `{}`: the longest match wins", other.path_text()),
        None => String::new(),
    };
    let what =
        format!("{} (class `{}`): rule {text}{why}", class.load_balancer.name(), class.value);
    passage.hop(
        HopKind::LoadBalancer,
        what,
        Some(route.ingress.0.at(route.path.unwrap_or(route.node))),
    );
}

/// The type as it is written.
pub(super) fn path_type(of: PathType) -> &'static str {
    match of {
        PathType::Prefix => "Prefix",
        PathType::Exact => "Exact",
        PathType::ImplementationSpecific => "ImplementationSpecific",
    }
}

pub(super) fn name_of(controller: Controller) -> &'static str {
    match controller {
        Controller::IngressNginx => "ingress-nginx",
        Controller::AwsAlb => "the AWS Load Balancer Controller",
        Controller::Traefik => "Traefik",
        Controller::HaProxy => "HAProxy",
        _ => "a controller that sioway does not know",
    }
}

fn ignored(ingress: &Ingress<'_>, passage: &mut Passage) {
    let node = ingress.0.in_spec(&["ingressClassName"]);
    let place = node.map_or(ingress.0.title(), |node| ingress.0.at(node));
    let end = End::bad("no answer: no load balancer is made").rule("ingress-class-ignored");
    let what = format!(
        "GKE passes over the Ingress `{}`: it goes by the annotation `kubernetes.io/ingress.class`, not by the class name",
        ingress.0.name
    );
    passage.stop(HopKind::LoadBalancer, what, end.at(Some(place)));
}
