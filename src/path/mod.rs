//! The way of a request, assembled from the files that were given: Ingress rule, Service port, BackendConfig,
//! pods, nginx, Socket.IO server.
//!
//! The files are five teams' settings, each silent about the others. A [`Model`] is what they come to together.
//! Rules ask it, never raw YAML: what one file promises, what another one makes of that, and where a link is
//! missing among the files given.

mod backend;
mod carriers;
mod engine;
mod environments;
mod evidence;
mod front;
mod gce;
mod health;
mod joined;
mod kustomize;
mod limits;
mod loose;
mod misplaced;
mod mounted_keys;
mod part;
mod patches;
mod pod_ports;
mod pods;
mod probed;
mod reach;
mod request;
mod sender;
mod servers;
mod session;
mod setting;
mod site;
mod site_files;
mod site_sessions;
mod starting;
mod stored;
mod unmounted;
mod ways;
mod whereabouts;
mod writable;

use std::sync::OnceLock;

use foldhash::{HashMap, HashMapExt, HashSet};
use rayon::prelude::*;

pub use backend::{Backend, ConfigLink};
pub use evidence::{AppFacts, Carries, Evidence, socketio_path, with_comments_above};
pub use front::{ClientAddress, Front, has_tls};
pub use gce::Configured;
pub use health::{HealthMisfit, HealthPort};
pub use joined::nginx_of;
pub use kustomize::{Kustomization, keys_in};
pub use limits::{Counts, SessionLimit};
pub use misplaced::Misplaced;
pub use mounted_keys::{MissingKey, Unmounted};
pub use part::Part;
pub use patches::Patch;
pub use pod_ports::Undeclared;
pub use pods::Pods;
pub use probed::{AskedBy, BadAnswer, HealthCheck, Probed, Unhealthy};
pub use request::{FRONT_ENDS, SessionRequest, forwarded, target};
pub use sender::{Sender, gateway_has_tls};
pub use session::{Numbers, Session};
pub use setting::Setting;
pub use site::{ASSUMED, Site, SiteLocation};
pub use starting::{Spoken, UNDEFINED, Unreachable};
pub use ways::AtGateway;
pub use whereabouts::Whereabouts;
pub use writable::{NeededFile, Unwritable, default_file};

use self::backend::SiteNews;
use crate::diagnostic::SourceId;
use crate::kube::{Ingress, Object, Route, Service, Workload};
use crate::manifest::Node;
use crate::set::{Set, Tie};

/// The ways through an Ingress, by their hosts.
type ByHost<'s> = HashMap<Option<&'s str>, Vec<Route<'s>>>;

/// What the files come to.
#[derive(Debug)]
pub struct Model<'s> {
    /// The files.
    pub set: &'s Set<'s>,
    /// Every Ingress.
    pub ingresses: Vec<Ingress<'s>>,
    /// Every Service.
    pub services: Vec<Service<'s>>,
    /// What runs pods.
    pub workloads: Vec<Workload<'s>>,
    /// Every nginx, put together from its files.
    pub sites: Vec<Site<'s>>,
    /// Every port of a Service that an Ingress leads to, and those that only a mark or an app.toml speaks of.
    pub backends: Vec<Backend<'s>>,
    /// The apps that descriptions speak of.
    pub apps: &'s [AppFacts],
    by_selector: HashMap<(&'s str, &'s str), Vec<usize>>,
    by_service: HashMap<&'s str, Vec<&'s AppFacts>>,
    /// What scales a workload, by its name.
    autoscalers: HashMap<&'s str, Vec<Object<'s>>>,
    /// The HTTPRoutes, by the names of the Services that they lead to.
    http_routes_to: HashMap<&'s str, Vec<Object<'s>>>,
    /// The policies of GKE's, by the name of what they are attached to.
    policies_on: HashMap<&'s str, Vec<Object<'s>>>,
    /// Every port of a Service that has a BackendConfig, or one that was meant for it.
    pub configured: Vec<Configured<'s>>,
    /// The nginx of each workload, by where that begins.
    sites_of: HashMap<(SourceId, usize), Vec<usize>>,
    /// The ways through each Ingress by their hosts, by where it begins.
    routes_of: HashMap<(SourceId, usize), ByHost<'s>>,
    /// The ways through each Ingress.
    routes: Vec<Vec<Route<'s>>>,
    /// The ways through Ingresses, by the name of the Service that each leads to.
    routes_to: HashMap<&'s str, Vec<Route<'s>>>,
    /// The backend of each way through an Ingress, by where that is written.
    backend_at: HashMap<(SourceId, usize), usize>,
    /// The backends whose pods hold a site, by the site's index.
    backends_of: HashMap<usize, Vec<usize>>,
    kustomizations: kustomize::Kustomizations<'s>,
    environments: environments::Whole<'s>,
    /// The BackendConfigs of backends without sessions, once somebody asked.
    others_configs: OnceLock<HashSet<(SourceId, usize)>>,
    /// The nginx configurations that nobody mounts, once somebody asked.
    unmounted: OnceLock<unmounted::Unmounted>,
}

impl<'s> Model<'s> {
    /// Puts the files together.
    pub fn new(set: &'s Set<'s>, apps: &'s [AppFacts]) -> Self {
        let mut model = Self::apart(set, apps);
        model.ingresses =
            kubernetes_own(set, "Ingress").map(|object| model.ingress(&object)).collect();
        model.routes = model.ingresses.par_iter().map(Ingress::routes).collect();
        let named = |route: &Route<'s>| Some((route.service_name()?, *route));
        let by_service = || index(model.routes.iter().flatten().filter_map(named));
        let by_hosts = || model.ingresses.iter().zip(&model.routes).map(by_host).collect();
        let sites = || site_files::all(&model);
        let (sites, (routes_to, routes_of)) =
            rayon::join(sites, || rayon::join(by_service, by_hosts));
        (model.sites, model.routes_to, model.routes_of) = (sites, routes_to, routes_of);
        model.sites_of = index(model.sites.iter().enumerate().flat_map(|(index, site)| {
            let containers = site.containers.iter();
            containers.map(move |(workload, _)| (place_of(&workload.0), index))
        }));
        model.backends = backend::all(&model);
        (model.backend_at, model.backends_of) =
            rayon::join(|| by_route(&model.backends), || by_site(&model.backends));
        model.tell_sites();
        model.configured = model.all_configured();
        model
    }

    /// What each file says by itself.
    fn apart(set: &'s Set<'s>, apps: &'s [AppFacts]) -> Self {
        let workloads = || {
            let found: Vec<Workload<'s>> =
                set.objects.par_iter().filter_map(Workload::of).collect();
            let labels = found.iter().enumerate().flat_map(|(at, workload)| {
                workload.pod_labels().into_iter().map(move |label| (label, at))
            });
            let by_selector = index(labels);
            (found, by_selector)
        };
        let (kustomizations, (workloads, by_selector)) =
            rayon::join(|| kustomize::Kustomizations::of(set), workloads);
        Self {
            set,
            ingresses: Vec::new(),
            services: kubernetes_own(set, "Service").map(Service).collect(),
            workloads,
            sites: Vec::new(),
            backends: Vec::new(),
            configured: Vec::new(),
            by_service: index(apps.iter().map(|app| (app.service.as_str(), app))),
            apps,
            by_selector,
            autoscalers: index(set.of_kind("HorizontalPodAutoscaler").map(autoscaled)),
            http_routes_to: index(set.of_kind("HTTPRoute").flat_map(gce::http_route)),
            policies_on: index(set.objects.iter().filter_map(attached)),
            sites_of: HashMap::new(),
            backends_of: HashMap::new(),
            routes: Vec::new(),
            routes_to: HashMap::new(),
            routes_of: HashMap::new(),
            backend_at: HashMap::new(),
            environments: environments::whole(set, &kustomizations),
            kustomizations,
            others_configs: OnceLock::new(),
            unmounted: OnceLock::new(),
        }
    }

    /// Tells the nginx in pods of the paths that other files speak of.
    fn tell_sites(&mut self) {
        let mut news: Vec<Vec<SiteNews>> = Vec::new();
        news.resize_with(self.sites.len(), Vec::new);
        for one in backend::news(self) {
            news[one.site].push(one);
        }
        let told = self.sites.par_iter_mut().zip(news);
        told.for_each(|(site, news)| news.into_iter().for_each(|one| site.hear(one)));
    }

    /// The workloads whose pods a Service selects, the nearest to it where a repository has several of one name.
    pub fn selected_by(&self, service: &Service<'s>) -> Vec<&Workload<'s>> {
        let Some(selector) = service.selector() else {
            return Vec::new();
        };
        if let Some((key, value)) = telling(&selector) {
            self.set.ask(Tie::Label(key, value), service.0.namespace);
        }
        // Of all its labels, the one that the fewest pods have.
        let labelled = selector
            .iter()
            .map(|label| self.by_selector.get(label).map(Vec::as_slice).unwrap_or_default());
        let first = labelled.min_by_key(|found| found.len());
        let mut found: Vec<&Workload<'s>> = first
            .into_iter()
            .flatten()
            .map(|index| &self.workloads[*index])
            .filter(|one| one.is_selected_by(&selector) && one.0.shares_namespace_with(&service.0))
            .filter(|one| self.may_mean(&service.0, &one.0))
            .collect();
        let near = |one: &Workload<'s>| crate::set::nearness(one.0.file.name, service.0.file.name);
        let nearest = found.iter().map(|one| near(one)).max();
        found.retain(|one| Some(near(one)) == nearest);
        found
    }

    /// An Ingress. One without a class is Google's where it leads to a Service that is written for Google's load
    /// balancer, whatever else its annotations speak of.
    pub fn ingress(&self, object: &Object<'s>) -> Ingress<'s> {
        let ingress = Ingress::new(*object);
        let is_googles = |service: Service<'s>| service.is_for_google();
        let led = ingress.is_in_doubt()
            && ingress.routes().iter().filter_map(|one| self.service_of(one)).any(is_googles);
        if led { ingress.towards_google() } else { ingress }
    }

    /// The Service of a name that an object means: the whole of it before a part, as patches have.
    pub fn service(&self, name: &str, from: &Object<'s>) -> Option<Service<'s>> {
        let named = self.set.sharing("Service", name, from.namespace).into_iter();
        let named = named.filter(|object| self.may_mean(from, object));
        let near = |object: &&Object<'s>| {
            let whole = object.in_spec(&["ports"]).is_some();
            (whole, crate::set::nearness(object.file.name, from.file.name))
        };
        named.max_by_key(near).copied().map(Service)
    }

    /// The Service that a way through an Ingress means.
    pub fn service_of(&self, route: &Route<'s>) -> Option<Service<'s>> {
        self.service(route.service_name()?, &route.ingress.0)
    }

    /// The backend that a way through an Ingress leads to, if it is among the files given.
    pub fn backend_of(&self, route: &Route<'s>) -> Option<&Backend<'s>> {
        self.backend_at.get(&place_of_route(route)).map(|at| &self.backends[*at])
    }

    /// The way that Google's load balancer takes for a host of an Ingress and a URL path: see [`Ingress::gce_route`].
    pub fn gce_route(
        &self,
        ingress: &Ingress<'s>,
        host: Option<&str>,
        path: &str,
    ) -> Option<Route<'s>> {
        let hosts = self.routes_of.get(&place_of(&ingress.0))?;
        let own = hosts.get(&host).into_iter().flatten().filter(|one| one.gce_matches(path));
        let default = hosts.get(&None).into_iter().flatten().filter(|one| one.is_default());
        own.chain(default).max_by_key(|one| (!one.is_default(), one.gce_rank())).copied()
    }

    /// The backends whose pods hold an nginx.
    pub fn backends_at(&self, site: &Site<'s>) -> impl Iterator<Item = &Backend<'s>> {
        let found = self.backends_of.get(&site.index).map(Vec::as_slice);
        found.unwrap_or_default().iter().map(|index| &self.backends[*index])
    }
}

/// The objects of a kind of Kubernetes' own: Knative and others have kinds of the same names.
fn kubernetes_own<'s>(set: &Set<'s>, kind: &str) -> impl Iterator<Item = Object<'s>> {
    let own =
        |object: &&Object<'s>| matches!(object.group, "" | "networking.k8s.io" | "extensions");
    set.of_kind(kind).filter(own).copied()
}

/// Of a selector's labels, the one that says most: other files are asked for that one alone.
fn telling<'s>(selector: &[(&'s str, &'s str)]) -> Option<(&'s str, &'s str)> {
    selector.iter().copied().max_by_key(|(_, value)| value.len())
}

/// All that comes under each key.
fn index<K: Eq + std::hash::Hash, V>(pairs: impl Iterator<Item = (K, V)>) -> HashMap<K, Vec<V>> {
    let mut index: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in pairs {
        index.entry(key).or_default().push(value);
    }
    index
}

/// The backend of each way through an Ingress; of several the first.
fn by_route(backends: &[Backend<'_>]) -> HashMap<(SourceId, usize), usize> {
    let mut found = HashMap::new();
    for (at, backend) in backends.iter().enumerate() {
        for route in &backend.routes {
            found.entry(place_of_route(route)).or_insert(at);
        }
    }
    found
}

/// The backends of each site.
fn by_site(backends: &[Backend<'_>]) -> HashMap<usize, Vec<usize>> {
    index(backends.iter().enumerate().flat_map(|(at, backend)| {
        let sites = backend.sites.iter();
        sites.map(move |site| (*site, at))
    }))
}

/// The ways through an Ingress, by their hosts.
fn by_host<'s>(
    (ingress, routes): (&Ingress<'s>, &Vec<Route<'s>>),
) -> ((SourceId, usize), ByHost<'s>) {
    (place_of(&ingress.0), index(routes.iter().map(|route| (route.host_text(), *route))))
}

/// Where a way through an Ingress is written.
fn place_of_route(route: &Route<'_>) -> (SourceId, usize) {
    (route.ingress.0.file.source, route.node.span().start)
}

/// Where an object begins.
fn place_of(object: &Object<'_>) -> (SourceId, usize) {
    (object.file.source, object.node.span().start)
}

/// A policy of GKE's, by the name of what it is attached to.
fn attached<'s>(object: &Object<'s>) -> Option<(&'s str, Object<'s>)> {
    let is_policy = object.group == "networking.gke.io" && object.kind.ends_with("Policy");
    let name = object.in_spec(&["targetRef", "name"]).filter(|_| is_policy)?;
    Some((name.as_str()?, *object))
}

/// An autoscaler by the name of what it scales.
fn autoscaled<'s>(object: &Object<'s>) -> (&'s str, Object<'s>) {
    let name = object.in_spec(&["scaleTargetRef", "name"]);
    (name.and_then(Node::as_str).unwrap_or_default(), *object)
}
