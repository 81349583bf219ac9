//! What Google's load balancers make of a backend.

use std::collections::HashSet;

use rayon::prelude::*;

use super::{Backend, Model, Pods};
use crate::diagnostic::SourceId;
use crate::kube::controller_defaults::{
    HealthCheck, INSTANCE_GROUP_HEALTH_CHECK, IngressClass, LoadBalancer, NEG_HEALTH_CHECK, Support,
};
use crate::kube::{
    Attachment, BackendConfig, FRONTEND_CONFIG_KEY, Ingress, Object, Route, Service, ServicePort,
};
use crate::manifest::Node;
use crate::set::{Content, NginxText, Tie, directory_of, nearness};

/// A port of a Service with its BackendConfig, whether an Ingress leads to it or not.
#[derive(Debug, Clone)]
pub struct Configured<'s> {
    /// The Service.
    pub service: Service<'s>,
    /// The port.
    pub port: ServicePort<'s>,
    /// Its BackendConfig.
    pub config: BackendConfig<'s>,
    /// Whether the Service names it; otherwise its Ingress does, where nothing reads that.
    pub in_force: bool,
    /// The pods.
    pub pods: Pods<'s>,
    /// The nginx in them: indexes of sites.
    pub sites: Vec<usize>,
    /// Whether NEGs are used; `None` where that depends on the cluster.
    pub neg: Option<bool>,
}

impl<'s> Backend<'s> {
    /// The classes of Google's Ingresses that lead here.
    pub fn gce_classes(&self) -> impl Iterator<Item = &'static IngressClass> {
        self.routes.iter().filter_map(|route| route.ingress.gce_class())
    }

    /// Whether the classic load balancer is among those that send here.
    pub fn is_behind_classic(&self) -> bool {
        self.gce_classes().any(|class| class.load_balancer == LoadBalancer::Classic)
    }

    /// Whether NEGs are used; `None` where that depends on the cluster.
    pub fn uses_neg(&self) -> Option<bool> {
        let forced = self.gce_classes().any(|class| class.forces_neg);
        if forced { Some(true) } else { uses_neg(&self.service) }
    }

    fn configured(&self) -> Option<Configured<'s>> {
        Some(Configured {
            service: self.service,
            port: self.port,
            config: *self.judged_config()?,
            in_force: self.backend_config().is_some(),
            pods: self.pods.clone(),
            sites: self.sites.clone(),
            neg: self.uses_neg(),
        })
    }
}

/// The names of the Services that an HTTPRoute leads to, each with it.
pub(super) fn http_route<'s>(route: &Object<'s>) -> Vec<(&'s str, Object<'s>)> {
    let rules = route.in_spec(&["rules"]).into_iter().flat_map(Node::items);
    let backends = rules.filter_map(|rule| rule.get("backendRefs")).flat_map(Node::items);
    let names = backends.filter_map(|one| one.get("name").and_then(Node::as_str));
    names.map(|name| (name, *route)).collect()
}

/// GKE writes the annotation onto new Services of most clusters; an instance group takes no `ClusterIP`.
fn uses_neg(service: &Service<'_>) -> Option<bool> {
    let says = service.0.annotation("cloud.google.com/neg").is_some();
    match (service.asks_for_neg(), says, service.service_type()) {
        (true, ..) | (false, false, "ClusterIP") => Some(true),
        (false, true, _) => Some(false),
        (false, false, _) => None,
    }
}

impl Configured<'_> {
    /// The health checks that the controller may begin with.
    pub fn health_defaults(&self) -> Vec<HealthCheck> {
        let (neg, group) = (NEG_HEALTH_CHECK.value, INSTANCE_GROUP_HEALTH_CHECK.value);
        match self.neg {
            Some(true) => vec![neg],
            Some(false) => vec![group],
            None => vec![neg, group],
        }
    }
}

impl<'s> Model<'s> {
    /// Every port of a Service that has a BackendConfig, or one that was meant for it.
    pub(super) fn all_configured(&self) -> Vec<Configured<'s>> {
        let place = |service: &Service<'s>, port: &ServicePort<'s>| {
            (service.0.file.source, port.node.span().start)
        };
        let known: HashSet<(SourceId, usize)> =
            self.backends.iter().map(|backend| place(&backend.service, &backend.port)).collect();
        let unrouted = self.services.par_iter().flat_map_iter(|service| {
            let ports = Attachment::of(&service.0).map(|attachment| {
                let ports = service.ports().into_iter();
                let ports = ports.filter(|port| !known.contains(&place(service, port)));
                ports.filter_map(move |port| self.unrouted(service, port, &attachment))
            });
            ports.into_iter().flatten().collect::<Vec<_>>()
        });
        self.backends.par_iter().filter_map(Backend::configured).chain(unrouted).collect()
    }

    fn unrouted(
        &self,
        service: &Service<'s>,
        port: ServicePort<'s>,
        attachment: &Attachment<'s>,
    ) -> Option<Configured<'s>> {
        let named = attachment.for_port(&port)?;
        let config = self.config_named(&named.name, &service.0)?;
        let workloads = self.selected_by(service).into_iter().copied().collect();
        let pods = Pods::of(self, workloads);
        Some(Configured {
            service: *service,
            port,
            config: BackendConfig(config),
            in_force: true,
            sites: super::backend::sites_in(self, &pods),
            pods,
            neg: uses_neg(service),
        })
    }

    /// Whether an nginx of some pods listens on a port, or may: what it includes may not be known.
    pub fn nginx_listens(&self, sites: &[usize], port: i64) -> bool {
        let mut sites = sites.iter().map(|site| &self.sites[*site].config);
        sites.any(|config| {
            let listens = u16::try_from(port).is_ok_and(|port| !config.on_port(port).is_empty());
            listens || !config.unread().is_empty()
        })
    }

    /// The ways of all Ingresses to a Service; `None` where there is none.
    pub fn routes_to(&self, service: &Service<'s>) -> Option<Vec<Route<'s>>> {
        self.set.ask(Tie::Leads(service.0.name), service.0.namespace);
        let found = self.routes_to.get(service.0.name)?.iter();
        let found: Vec<Route<'s>> =
            found.filter(|way| way.ingress.0.shares_namespace_with(&service.0)).copied().collect();
        (!found.is_empty()).then_some(found)
    }

    /// An HTTPRoute of a Gateway that leads to a Service.
    pub fn http_route_to(&self, service: &Service<'s>) -> Option<&Object<'s>> {
        self.set.ask(Tie::Leads(service.0.name), service.0.namespace);
        let mut routes = self.http_routes_to.get(service.0.name)?.iter();
        routes.find(|route| route.shares_namespace_with(&service.0))
    }

    /// Whether what Google's controller reads of a Service matters: a Google Ingress leads to it, or nothing given
    /// tells who does.
    pub fn may_be_googles(&self, service: &Service<'s>, ways: Option<&[Route<'s>]>) -> bool {
        match ways {
            Some(ways) => ways.iter().any(|route| route.ingress.is_gce()),
            None => service.service_type() != "LoadBalancer",
        }
    }

    /// Every BackendConfig.
    pub fn every_backend_config(&self) -> impl Iterator<Item = BackendConfig<'s>> {
        let objects = self.set.of_kind("BackendConfig");
        objects.filter(|object| object.group == "cloud.google.com").copied().map(BackendConfig)
    }

    /// Whether any BackendConfig is among the files given.
    pub fn has_backend_configs(&self) -> bool {
        self.set.ask(Tie::Kind("BackendConfig"), None);
        self.every_backend_config().next().is_some()
    }

    /// The ports of Services that share the BackendConfig of one.
    pub fn sharing_config<'m>(
        &'m self,
        one: &Configured<'s>,
    ) -> impl Iterator<Item = &'m Configured<'s>> {
        let config = one.config.0;
        self.set.ask(Tie::Names(config.name), config.namespace);
        self.configured.iter().filter(move |other| other.config.0.is(&config))
    }

    /// Whether all that a BackendConfig is known to be for are sessions, so that a change of it concerns nobody else.
    pub fn is_for_sessions_alone(&self, config: &BackendConfig<'s>) -> bool {
        self.set.ask(Tie::Names(config.0.name), config.0.namespace);
        let others = self.others_configs.get_or_init(|| {
            let sessions = self.backends.iter().filter(|backend| backend.session.is_some());
            let ours: HashSet<_> =
                sessions.map(|backend| super::place_of(&backend.service.0)).collect();
            let others =
                self.services.iter().filter(|one| !ours.contains(&super::place_of(&one.0)));
            let attached = others.filter_map(|one| Some((one, Attachment::of(&one.0)?)));
            let configs = attached.flat_map(|(service, attachment)| {
                let named = attachment.names().into_iter();
                let found = named.filter_map(|named| self.config_named(&named.name, &service.0));
                found.collect::<Vec<_>>()
            });
            configs.map(|config| super::place_of(&config)).collect()
        });
        !others.contains(&super::place_of(&config.0))
    }

    /// The BackendConfig of a name that an object means: the whole of it before a patch, then the nearest.
    pub fn config_named(&self, name: &str, from: &Object<'s>) -> Option<Object<'s>> {
        let named = self.set.sharing("BackendConfig", name, from.namespace).into_iter();
        let named = named.filter(|object| !object.is_another_vendors());
        let named = named.filter(|object| self.may_mean(from, object));
        let near = |object: &&Object<'s>| {
            (!self.is_patch(object), nearness(object.file.name, from.file.name))
        };
        named.max_by_key(near).copied()
    }

    /// The FrontendConfig of an Ingress that redirects to HTTPS, and what turns that on.
    pub fn redirect_of(&self, ingress: &Ingress<'s>) -> Option<(Object<'s>, Node<'s>)> {
        let name = ingress.0.annotation_text(FRONTEND_CONFIG_KEY)?;
        let frontend = self.set.find("FrontendConfig", name, &ingress.0)?;
        let redirect = frontend.in_spec(&["redirectToHttps", "enabled"])?;
        let on = redirect.as_bool() == Some(true) && !frontend.is_another_vendors();
        on.then_some((*frontend, redirect))
    }

    /// The same on a load balancer that the controller refuses it of, so that it makes no front end
    /// (kubernetes/ingress-gce:pkg/loadbalancers/url_maps.go).
    pub fn redirect_refused(&self, ingress: &Ingress<'s>) -> Option<(Object<'s>, Node<'s>)> {
        let class = ingress.gce_class()?;
        let (frontend, redirect) = self.redirect_of(ingress)?;
        let refused = class.frontend_config == Support::No && frontend.api_instead().is_none();
        refused.then_some((frontend, redirect))
    }

    /// Whether any nginx is among the files given.
    pub fn has_nginx(&self) -> bool {
        self.set.ask(Tie::Nginx, None);
        !self.sites.is_empty()
    }

    /// Whether a `map` of any nginx given defines a variable.
    pub fn is_mapped(&self, variable: &str) -> bool {
        self.set.ask(Tie::Variable(variable), None);
        self.set.nginx.iter().flat_map(NginxText::mapped).any(|name| name == variable)
    }

    /// Whether every file beside an object could be read, so that what is not found there is not there.
    pub fn is_read_around(&self, object: &Object<'s>) -> bool {
        let here = directory_of(object.file.name);
        let beside = self.set.files.iter().filter(|file| directory_of(file.name) == here);
        beside.into_iter().all(|file| match &file.content {
            Content::Manifest(stream) => stream.problems.is_empty(),
            Content::Template(_) => false,
            Content::Nginx(_) | Content::Other => true,
        })
    }
}
