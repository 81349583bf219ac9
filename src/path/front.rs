//! What stands before an nginx, and whose address nginx then takes for the client's.

use super::sender::gateway_has_tls;
use super::site::{Site, SiteLocation};
use super::{Backend, Model};
use crate::kube::controller_defaults::{LoadBalancer, PROBE_RANGES};
use crate::kube::{Controller, Ingress, Route};
use crate::nginx::{NodeId, Shape};
use crate::set::Place;

/// What stands before an nginx, and the place that says so.
#[derive(Debug, Clone, Copy)]
pub struct Front {
    /// Whether it is a load balancer of Google's; another proxy otherwise.
    pub is_google: bool,
    /// Whose proxy it is, where it is another's and an Ingress was given.
    pub controller: Option<Controller>,
    /// Where that is said.
    pub place: Place,
    /// In words, to stand beside the place.
    pub said: &'static str,
    /// Whether it takes TLS off, where an Ingress was given.
    pub has_tls: Option<bool>,
    /// Whether it is one whose requests come from the proxy-only subnet.
    pub has_own_subnet: bool,
    is_internal: bool,
}

/// Whose address `$remote_addr` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAddress {
    /// The client's, or nobody can tell.
    Client,
    /// That of the proxy whose connection it is: Google's front ends have many.
    Proxy,
    /// The load balancer's own, for every client, because of this line.
    Balancer(NodeId),
}

impl<'s> Model<'s> {
    /// What stands before an nginx; `None` where nothing speaks of anything.
    pub fn front_of(&self, site: &Site<'s>) -> Option<Front> {
        *site.front.get_or_init(|| self.find_front(site))
    }

    fn find_front(&self, site: &Site<'s>) -> Option<Front> {
        let routes: Vec<&Route<'s>> = self
            .backends_at(site)
            .filter(|backend| leads_to(backend, site))
            .flat_map(|backend| &backend.routes)
            .collect();
        let google = routes.iter().find(|route| route.ingress.is_gce());
        let by_route = google.or(routes.first()).map(|route| Front::of_route(route));
        by_route
            .filter(|front| front.is_google)
            .or_else(|| self.gateway_before(site))
            .or_else(|| trusted(site))
            .or_else(|| comment(site))
            .or(by_route)
            .or_else(|| expected(site))
    }
}

impl<'s> Model<'s> {
    /// One of GKE's Gateways that leads to an nginx.
    fn gateway_before(&self, site: &Site<'s>) -> Option<Front> {
        let backends = self.backends_at(site).filter(|backend| leads_to(backend, site));
        let mut ways = backends.flat_map(|one| &one.ways);
        ways.find_map(|way| {
            let (gateway, class) = self.gke_gateways(&way.object).into_iter().next()?;
            let place = way.object.at(way.service().unwrap_or(way.rule));
            let google = front(true, place, SENDS_HERE).by(class.load_balancer);
            Some(Front { has_tls: gateway_has_tls(&gateway), ..google })
        })
    }
}

/// What is said of a rule that leads to an nginx.
const SENDS_HERE: &str = "the load balancer sends here";

/// Whether the requests for a backend come to an nginx in its pods, and not to another container there.
fn leads_to(backend: &Backend<'_>, site: &Site<'_>) -> bool {
    let port = backend.pods.port_number(&backend.port);
    let port = port.and_then(|port| u16::try_from(port).ok());
    port.is_some_and(|port| !site.config.on_port(port).is_empty())
}

impl Front {
    /// The load balancer or the proxy that a way through an Ingress is taken by.
    pub fn of_route(route: &Route<'_>) -> Self {
        let node = route.service().unwrap_or(route.node);
        let own = front(route.ingress.is_gce(), route.ingress.0.at(node), SENDS_HERE);
        let own = Self {
            controller: Some(route.ingress.controller()),
            has_tls: Some(has_tls(&route.ingress)),
            ..own
        };
        route.ingress.load_balancer().map_or(own, |balancer| own.by(balancer))
    }

    /// The same as the one that this load balancer of Google's is.
    fn by(self, balancer: LoadBalancer) -> Self {
        let is_internal = balancer == LoadBalancer::Internal;
        Self { has_own_subnet: balancer.has_own_subnet(), is_internal, ..self }
    }
}

/// Whether browsers come by https, as far as an Ingress says it.
pub fn has_tls(ingress: &Ingress<'_>) -> bool {
    const KEYS: [&str; 3] = [
        "networking.gke.io/managed-certificates",
        "ingress.gcp.kubernetes.io/pre-shared-cert",
        "networking.gke.io/certmap",
    ];
    let object = &ingress.0;
    object.in_spec(&["tls"]).is_some() || KEYS.iter().any(|key| object.annotation(key).is_some())
}

fn front(is_google: bool, place: Place, said: &'static str) -> Front {
    Front {
        is_google,
        controller: None,
        place,
        said,
        has_tls: None,
        has_own_subnet: false,
        is_internal: false,
    }
}

/// Addresses that nobody else has.
fn trusted(site: &Site<'_>) -> Option<Front> {
    let config = &site.config;
    let mut lines = config.walk().filter(|node| config.name(*node) == "set_real_ip_from");
    let line = lines.find(|line| is_google(config.value(*line)))?;
    let said = "Google's load balancers come from here";
    Some(front(true, site.place(line), said))
}

fn comment(site: &Site<'_>) -> Option<Front> {
    let text = site.root;
    let mut comments = text.tree.comments.iter();
    let says = |words: &str| {
        let words = words.to_ascii_lowercase();
        let google = ["google", "gke", "gclb"];
        let balancer = ["load balancer", "load-balancer", "loadbalancer", "ingress"];
        let has = |list: &[&str]| list.iter().any(|word| words.contains(word));
        has(&google) && has(&balancer) && !has(&["not ", "no ", "without", "instead"])
    };
    let found =
        comments.find(|comment| says(&text.text()[comment.span.start..comment.span.end]))?;
    Some(front(true, text.place(found.span), "this comment speaks of a load balancer of Google's"))
}

/// Lines that make sense behind a proxy only.
fn expected(site: &Site<'_>) -> Option<Front> {
    let config = &site.config;
    // The log format of nginx's own images names the header, and means nothing by it.
    let line = config.walk().find(|node| {
        let name = config.name(*node);
        let mut values = config.arguments(*node);
        name == "set_real_ip_from"
            || (name != "log_format" && values.any(|value| value.contains("$http_x_forwarded_")))
    })?;
    let said = "this is for an nginx behind a proxy";
    Some(front(false, site.place(line), said))
}

fn is_google(range: &str) -> bool {
    PROBE_RANGES.value.contains(&range) || range.starts_with("2600:2d00:")
}

fn is_private(range: &str) -> bool {
    let second = range.strip_prefix("172.").and_then(|rest| {
        let (second, _) = rest.split_once('.')?;
        second.parse::<u8>().ok()
    });
    ["10.", "192.168.", "127.", "169.254.", "unix:", "fd", "fc"]
        .iter()
        .any(|start| range.starts_with(start))
        || second.is_some_and(|second| (16..32).contains(&second))
}

impl Site<'_> {
    /// Whose address `$remote_addr` is at a location behind something.
    pub fn client_address(&self, session: &SiteLocation<'_>, front: &Front) -> ClientAddress {
        self.address_at(session.location.unwrap_or(session.server), front)
    }

    /// The same for a location, or for a server.
    pub fn address_at(&self, level: NodeId, front: &Front) -> ClientAddress {
        let trusted = self.config.effective(level, "set_real_ip_from");
        if trusted.lines.is_empty() {
            // nginx's own images trust nobody.
            let known = trusted.doubt.is_none_or(|doubt| doubt.at.is_none());
            let outer = matches!(self.config.shape(), Shape::Full | Shape::Http);
            return if known && outer { ClientAddress::Proxy } else { ClientAddress::Client };
        }
        if trusted.doubt.is_some() || !front.is_google {
            return ClientAddress::Client;
        }
        self.through_google(level, &trusted.lines, front)
    }

    /// Google adds the client's address and its own to `X-Forwarded-For`, and sends no other header with it.
    fn through_google(&self, level: NodeId, trusted: &[NodeId], front: &Front) -> ClientAddress {
        let written = |name: &str| {
            let line = self.config.effective(level, name).line();
            line.map(|line| self.config.value(line).to_ascii_lowercase())
        };
        match written("real_ip_header").as_deref() {
            None | Some("x-real-ip") => return ClientAddress::Proxy,
            Some("x-forwarded-for") => {}
            Some(_) => return ClientAddress::Client,
        }
        // Nothing that nginx trusts sends: the header is not read.
        let google_alone = trusted.iter().all(|line| is_google(self.config.value(*line)));
        if front.has_own_subnet && google_alone {
            return ClientAddress::Proxy;
        }
        let knows_balancer = trusted.iter().any(|line| {
            let range = self.config.value(*line);
            !is_google(range) && (front.is_internal || !is_private(range))
        });
        let recursive = written("real_ip_recursive").as_deref() == Some("on");
        match trusted.last() {
            Some(line) if !(knows_balancer && recursive) => ClientAddress::Balancer(*line),
            _ => ClientAddress::Client,
        }
    }
}
