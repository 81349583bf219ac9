//! What Google's load balancers make of a backend.

use std::collections::{HashMap, HashSet};

use super::{Backend, Model, Pods};
use crate::kube::controller_defaults::{
    HealthCheck, INSTANCE_GROUP_HEALTH_CHECK, IngressClass, LoadBalancer, NEG_HEALTH_CHECK,
};
use crate::kube::{Attachment, BackendConfig, Ingress, Object, Route, Service, ServicePort};
use crate::manifest::Node;
use crate::set::Content;

/// A port of a Service with its BackendConfig, whether an Ingress leads to it or not.
#[derive(Debug, Clone)]
pub struct Configured<'s> {
    /// The Service.
    pub service: Service<'s>,
    /// The port.
    pub port: ServicePort<'s>,
    /// Its BackendConfig.
    pub config: BackendConfig<'s>,
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
            pods: self.pods.clone(),
            sites: self.sites.clone(),
            neg: self.uses_neg(),
        })
    }
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
    pub fn configured(&self) -> Vec<Configured<'s>> {
        let mut found: Vec<Configured<'s>> =
            self.backends.iter().filter_map(Backend::configured).collect();
        let place = |service: &Service<'s>, port: &ServicePort<'s>| {
            (service.0.file.name, port.node.span().start)
        };
        let known: HashSet<(&str, usize)> =
            self.backends.iter().map(|backend| place(&backend.service, &backend.port)).collect();
        for service in &self.services {
            let Some(attachment) = Attachment::of(&service.0) else {
                continue;
            };
            let unrouted =
                service.ports().into_iter().filter(|port| !known.contains(&place(service, port)));
            found.extend(unrouted.filter_map(|port| self.unrouted(service, port, &attachment)));
        }
        found
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

    /// The ways of all Ingresses, by the Service that each names.
    pub fn routes_by_service(&self) -> HashMap<&'s str, Vec<Route<'s>>> {
        let mut found: HashMap<&str, Vec<Route<'s>>> = HashMap::new();
        for route in self.ingresses.iter().flat_map(Ingress::routes) {
            if let Some(name) = route.service().and_then(Node::as_str) {
                found.entry(name).or_default().push(route);
            }
        }
        found
    }

    /// An HTTPRoute of a Gateway that leads to a Service.
    pub fn http_route_to(&self, service: &Service<'s>) -> Option<&Object<'s>> {
        let leads = |route: &&Object<'s>| {
            let rules = route.in_spec(&["rules"]).into_iter().flat_map(Node::items);
            let mut backends =
                rules.filter_map(|rule| rule.get("backendRefs")).flat_map(Node::items);
            let named = |one: Node<'s>| one.get("name").and_then(Node::as_str);
            backends.any(|one| named(one) == Some(service.0.name))
                && route.shares_namespace_with(&service.0)
        };
        self.set.of_kind("HTTPRoute").find(leads)
    }

    /// Whether what Google's controller reads of a Service matters: a Google Ingress leads to it, or nothing given
    /// tells who does.
    pub fn may_be_googles(&self, service: &Service<'s>, ways: Option<&Vec<Route<'s>>>) -> bool {
        match ways {
            Some(ways) => ways.iter().any(|route| route.ingress.is_gce()),
            None => service.service_type() != "LoadBalancer",
        }
    }

    /// Every BackendConfig.
    pub fn backend_configs(&self) -> impl Iterator<Item = BackendConfig<'s>> {
        let objects = self.set.of_kind("BackendConfig");
        objects.filter(|object| object.group == "cloud.google.com").copied().map(BackendConfig)
    }

    /// The BackendConfig of a name that an object means: the whole of it before a patch, then the nearest.
    pub(super) fn config_named(&self, name: &str, from: &Object<'s>) -> Option<Object<'s>> {
        let named = self.set.candidates("BackendConfig", name).into_iter();
        let near = |object: &&Object<'s>| {
            (!self.is_patch(object), crate::set::nearness(object.file.name, from.file.name))
        };
        named.filter(|object| object.shares_namespace_with(from)).max_by_key(near).copied()
    }

    /// The same with the patches that kustomizations merge into each BackendConfig: of these only what they write
    /// can be judged.
    pub fn patched_sessions(&self) -> Vec<(&Backend<'s>, &super::Session, BackendConfig<'s>)> {
        let judged = self.judged_sessions();
        let patches = |(backend, session, config): (_, _, &BackendConfig<'s>)| {
            let named = self.set.candidates("BackendConfig", config.0.name).into_iter().copied();
            let own = config.0;
            let parts = named.filter(move |one| self.is_patch(one) && self.is_patch_for(one, &own));
            parts.map(move |part| (backend, session, BackendConfig(part)))
        };
        judged.flat_map(patches).collect()
    }

    /// The backends that carry sessions behind a Google load balancer, with the BackendConfig to judge.
    pub fn judged_sessions(
        &self,
    ) -> impl Iterator<Item = (&Backend<'s>, &super::Session, &BackendConfig<'s>)> {
        self.session_backends().filter_map(|(backend, session)| {
            let config = backend.judged_config()?;
            backend.is_behind_gce().then_some((backend, session, config))
        })
    }

    /// Whether every file beside an object could be read, so that what is not found there is not there.
    pub fn is_read_around(&self, object: &Object<'s>) -> bool {
        let directory = |name: &'s str| name.rsplit_once('/').map_or("", |(path, _)| path);
        let here = directory(object.file.name);
        let beside = self.set.files.iter().filter(|file| directory(file.name) == here);
        beside.into_iter().all(|file| match &file.content {
            Content::Manifest(stream) => stream.problems.is_empty(),
            Content::Template(_) => false,
            Content::Nginx(_) | Content::Other => true,
        })
    }
}
