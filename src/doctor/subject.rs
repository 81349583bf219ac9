//! What is examined: the ports of Services that sessions go through.

use super::cloud::last;
use super::cluster::neg;
use super::{BackendService, Case};
use crate::kube::backend_name::{is_name_of, node_port};
use crate::kube::{
    Attachment, BackendConfig, Ingress, Object, PortReference, Route, RouteKind, Service,
    ServicePort,
};
use crate::path::{Backend, Model, Session};

/// A port of a Service that sessions go through.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// As the files describe it, or the cluster where they describe none.
    pub backend: &'a Backend<'a>,
    /// The sessions.
    pub session: &'a Session,
    /// Whether the files describe it.
    pub(super) of_files: bool,
}

/// How a BackendConfig is attached to a port.
#[derive(Debug, Clone)]
pub(super) enum Attached<'a> {
    /// There is no such Service.
    NoService,
    /// The Service has no such port.
    NoPort,
    /// The Service names none for the port.
    Nothing(Service<'a>),
    /// It names this one, which is not there.
    NotThere(String),
    /// It names this one.
    There(BackendConfig<'a>),
}

/// The subjects of a case.
pub fn subjects<'a>(case: &Case<'a>) -> Vec<Subject<'a>> {
    let of = |model: &'a Model<'a>, of_files| {
        let sessions = model.whole().session_backends();
        sessions.map(move |(backend, session)| Subject { backend, session, of_files })
    };
    // Other apps may have their manifests beside those of the one that is examined.
    let is_meant = |one: &Subject<'a>| case.service.is_none_or(|own| one.service().0.name == own);
    let found: Vec<Subject<'a>> = of(case.files, true).filter(is_meant).collect();
    match case.live {
        Some(live) if found.is_empty() => of(live, false).filter(is_meant).collect(),
        _ => found,
    }
}

impl<'a> Subject<'a> {
    /// The Service.
    pub fn service(&self) -> &Service<'a> {
        &self.backend.service
    }

    /// `Service chat, port 80`.
    pub(super) fn said(&self) -> String {
        format!("{}, port {}", self.service().0.said(), self.backend.port.said())
    }

    /// Its namespace, where somebody says it: the files, who asks, else the cluster.
    pub fn namespace(&self, case: &Case<'a>) -> Option<&'a str> {
        let own = self.service().0.namespace.or(case.namespace);
        own.or_else(|| self.live_service(case)?.0.namespace)
    }

    /// The Service as it is in the cluster.
    pub(super) fn live_service(&self, case: &Case<'a>) -> Option<Service<'a>> {
        service_in(case.live?, &self.service().0)
    }

    /// Whether a backend service is by its name that of this port; `None` where it takes to know more for that.
    pub(super) fn is_named(&self, case: &Case<'a>, name: &str) -> Option<bool> {
        if let Some(port) = node_port(name) {
            let live = self.live_service(case)?;
            let own = port_in(&live, &self.backend.port)?.node.get("nodePort")?.as_int()?;
            return Some(own == port);
        }
        let (namespace, port) = (self.namespace(case)?, self.backend.port.number?);
        Some(is_name_of(name, namespace, self.service().0.name, port))
    }

    /// How a BackendConfig is attached in the cluster; `None` where that was not read.
    pub(super) fn live_config(&self, case: &Case<'a>) -> Option<Attached<'a>> {
        let (live, cluster) = (case.live?, case.cluster.said()?);
        let Some(service) = service_in(live, &self.service().0) else {
            return cluster.is_whole("Service").then_some(Attached::NoService);
        };
        let Some(port) = port_in(&service, &self.backend.port) else {
            return Some(Attached::NoPort);
        };
        let attachment = Attachment::of(&service.0);
        let named = attachment.as_ref().and_then(|one| one.for_port(&port));
        let Some(named) = named else {
            return Some(Attached::Nothing(service));
        };
        if let Some(config) = config_in(live, &named.name, &service.0) {
            return Some(Attached::There(config));
        }
        let name = named.name.clone();
        cluster.is_whole("BackendConfig").then_some(Attached::NotThere(name))
    }

    /// Whether the same BackendConfig is attached in the cluster as in the files, in whatever words.
    pub(super) fn is_attached_alike(&self, case: &Case<'a>) -> bool {
        let own = self.backend.backend_config().filter(|_| self.of_files);
        match (own, self.live_config(case)) {
            (Some(own), Some(Attached::There(live))) => own.0.name == live.0.name,
            _ => false,
        }
    }

    /// The ways that Google's load balancers come: by the files, else by the cluster.
    pub(super) fn routes(&self, case: &Case<'a>) -> Vec<Route<'a>> {
        let own: Vec<Route<'a>> = self.backend.gce_routes().copied().collect();
        match case.live {
            Some(live) if own.is_empty() => {
                let routes = live.ingresses.iter().filter(|one| one.is_gce());
                let here = |route: &Route<'a>| {
                    let service = &self.service().0;
                    route.service_name() == Some(service.name)
                        && route.ingress.0.shares_namespace_with(service)
                };
                routes.flat_map(Ingress::routes).filter(here).collect()
            }
            _ => own,
        }
    }

    /// Whether the load balancer of another vendor sends here, and none of Google's.
    pub(super) fn is_behind_others(&self, case: &Case<'a>) -> bool {
        self.routes(case).is_empty() && !self.backend.routes.is_empty() && !self.has_http_routes()
    }

    /// The HTTPRoutes that lead here, each once.
    pub fn http_routes(&self) -> impl Iterator<Item = Object<'a>> + use<'a> {
        let ways = self.backend.ways.iter().filter(|way| way.kind == RouteKind::HttpRoute);
        let mut found: Vec<Object<'a>> = Vec::new();
        for way in ways {
            if !found.iter().any(|one| one.is(&way.object)) {
                found.push(way.object);
            }
        }
        found.into_iter()
    }

    pub(super) fn has_http_routes(&self) -> bool {
        self.http_routes().next().is_some()
    }

    /// Whether a backend service of a Gateway sends to the NEG of this port. What the Gateway's controller writes
    /// into the description it does not say; the NEGs are named by the other controller, and by the port
    /// (kubernetes/ingress-gce:pkg/utils/namer/namer.go).
    pub(super) fn has_groups_of(&self, case: &Case<'a>, service: BackendService<'_>) -> bool {
        let cluster = case.cluster.said();
        let live = cluster
            .and_then(|all| all.get("Service", self.namespace(case), self.service().0.name))
            .zip(self.backend.port.number)
            .and_then(|(live, port)| neg(live, port));
        service.groups().map(last).any(|group| match &live {
            Some((own, _)) => own == group,
            None => self.is_named(case, group) == Some(true),
        })
    }

    /// The Ingresses of these ways, each once.
    pub(super) fn ingresses(&self, case: &Case<'a>) -> Vec<Object<'a>> {
        let mut found: Vec<Object<'a>> = Vec::new();
        for route in self.routes(case) {
            if !found.iter().any(|one| one.is(&route.ingress.0)) {
                found.push(route.ingress.0);
            }
        }
        found
    }
}

fn service_in<'a>(model: &'a Model<'a>, wanted: &Object<'_>) -> Option<Service<'a>> {
    let named = model.set.candidates("Service", wanted.name).into_iter().copied();
    let mut fitting = named.filter(|one| {
        one.group.is_empty() && (wanted.namespace.is_none() || one.namespace == wanted.namespace)
    });
    fitting.next().map(Service)
}

fn port_in<'a>(service: &Service<'a>, wanted: &ServicePort<'_>) -> Option<ServicePort<'a>> {
    let number = wanted.number.map(PortReference::Number);
    number.and_then(|number| service.port(number))
}

fn config_in<'a>(
    model: &'a Model<'a>,
    name: &str,
    service: &Object<'a>,
) -> Option<BackendConfig<'a>> {
    let named = model.set.candidates("BackendConfig", name).into_iter();
    let named = named.filter(|one| !one.is_another_vendors());
    let mut fitting = named.filter(|one| one.namespace == service.namespace);
    fitting.next().copied().map(BackendConfig)
}
