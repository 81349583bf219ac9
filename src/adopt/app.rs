//! Which apps some manifests hold, and which objects are whose.

use super::proxy::Proxy;
use crate::kube::{BackendConfig, Ingress, Object, Route, Service, Workload};
use crate::manifest::Node;
use crate::path::{Backend, ConfigLink, Model, Session};

/// An app, by the Service that its sessions go to.
#[derive(Debug)]
pub(super) struct App<'m, 's> {
    /// What the files come to.
    pub(super) model: &'m Model<'s>,
    /// The Service.
    pub(super) service: Service<'s>,
    /// The port of it that sessions go to.
    pub(super) session: &'m Backend<'s>,
    /// Its other ports that an Ingress leads to.
    pub(super) others: Vec<&'m Backend<'s>>,
    /// The Ingress.
    pub(super) ingress: Ingress<'s>,
    /// nginx, where it is in the app's pods or is its gateway.
    pub(super) proxy: Option<Proxy<'m, 's>>,
    /// Whether nothing but its being alone says that it carries sessions.
    pub(super) is_guess: bool,
}

/// The apps that carry sessions behind a Google load balancer; the only one behind it, where nothing speaks of
/// sessions. `path` is the one that browsers ask for, where the user says it.
pub(super) fn all<'m, 's>(model: &'m Model<'s>, path: Option<&str>) -> Vec<App<'m, 's>> {
    let behind: Vec<&Backend<'s>> =
        model.backends.iter().filter(|one| one.is_behind_gce()).collect();
    let speaks = |one: &&&Backend<'s>| match path {
        Some(path) => leads(one, path),
        None => one.session.is_some(),
    };
    let mut carriers: Vec<&Backend<'s>> = behind.iter().filter(speaks).copied().collect();
    let is_guess = carriers.is_empty();
    let services = services_of(&behind);
    if is_guess && services.len() == 1 {
        carriers = behind.iter().filter(|one| !has_cdn(one)).copied().collect();
        carriers.truncate(1);
    }
    let mut found: Vec<App<'m, 's>> = Vec::new();
    for carrier in best_first(carriers) {
        let known = found.iter().any(|app| app.service.0.is(&carrier.service.0));
        if !known && let Some(app) = app(model, carrier, &behind, path, is_guess) {
            found.push(app);
        }
    }
    found.sort_by_key(|app| app.service.0.name);
    found
}

/// Of the ports of one Service, the one whose sessions are Socket.IO's, and that no CDN is for.
fn best_first<'m, 's>(mut carriers: Vec<&'m Backend<'s>>) -> Vec<&'m Backend<'s>> {
    let is_socketio = |one: &Backend<'s>| one.session.as_ref().is_some_and(Session::is_socketio);
    carriers.sort_by_key(|one| (!is_socketio(one), has_cdn(one)));
    carriers
}

fn services_of<'s>(backends: &[&Backend<'s>]) -> Vec<Service<'s>> {
    let mut found: Vec<Service<'s>> = Vec::new();
    for one in backends {
        if !found.iter().any(|service| service.0.is(&one.service.0)) {
            found.push(one.service);
        }
    }
    found
}

fn has_cdn(backend: &Backend<'_>) -> bool {
    let config = backend.backend_config();
    let enabled = config.and_then(|config| config.get(&["cdn", "enabled"]));
    enabled.and_then(Node::as_bool) == Some(true)
}

/// Whether the longest match for a path leads to a backend.
fn leads(backend: &Backend<'_>, path: &str) -> bool {
    backend.gce_routes().any(|route| {
        let mut rivals: Vec<Route<'_>> = route.ingress.routes();
        rivals.retain(|one| one.host_text() == route.host_text() && one.gce_matches(path));
        rivals.sort_by_key(Route::gce_rank);
        rivals.last().is_some_and(|best| best.node.span() == route.node.span())
    })
}

fn app<'m, 's>(
    model: &'m Model<'s>,
    session: &'m Backend<'s>,
    behind: &[&'m Backend<'s>],
    path: Option<&str>,
    is_guess: bool,
) -> Option<App<'m, 's>> {
    let ingress = session.gce_routes().next()?.ingress;
    let others = behind
        .iter()
        .filter(|one| one.service.0.is(&session.service.0) && !std::ptr::eq(**one, session));
    let mut app = App {
        model,
        service: session.service,
        session,
        others: others.copied().collect(),
        ingress,
        proxy: None,
        is_guess,
    };
    app.proxy = Proxy::of(&app, path);
    app.is_guess &= path.is_none() && app.proxy.as_ref().is_none_or(|proxy| !proxy.is_known);
    Some(app)
}

impl<'s> App<'_, 's> {
    /// The BackendConfig of session traffic: the one in force, or the one that was meant.
    pub(super) fn config(&self) -> Option<&BackendConfig<'s>> {
        self.session.judged_config()
    }

    /// The name of the BackendConfig of session traffic, also of one that is not among the files.
    pub(super) fn config_name(&self) -> Option<&str> {
        match &self.session.config {
            ConfigLink::NotGiven(named) => Some(&named.name),
            _ => self.config().map(|config| config.0.name),
        }
    }

    /// The port of the Service that static files go through.
    pub(super) fn static_backend(&self) -> Option<&Backend<'s>> {
        let apart = |one: &&&Backend<'s>| has_cdn(one) && !has_cdn(self.session);
        self.others.iter().find(apart).copied()
    }

    /// What runs the pods that the Service selects.
    pub(super) fn workload(&self) -> Option<&Workload<'s>> {
        self.session.pods.workloads.first()
    }

    /// An object of a kind that another one names.
    pub(super) fn named(&self, kind: &str, name: &str) -> Option<Object<'s>> {
        let found = self.model.set.find(kind, name, &self.ingress.0).copied();
        found.filter(|object| !object.is_another_vendors())
    }

    /// The FrontendConfig that the Ingress names, if it is among the files.
    pub(super) fn frontend(&self) -> Option<Object<'s>> {
        let name = self.ingress.0.annotation_text("networking.gke.io/v1beta1.FrontendConfig")?;
        self.named("FrontendConfig", name.trim())
    }

    /// The ManagedCertificate of the app: of those that the Ingress names the one for a host of the app's; the first,
    /// where none is among the files.
    pub(super) fn certificate(&self) -> Option<&'s str> {
        let names = self.ingress.0.annotation_text("networking.gke.io/managed-certificates")?;
        let names = || names.split(',').map(str::trim).filter(|name| !name.is_empty());
        let is_for_hosts = |name: &&str| {
            let object = self.named("ManagedCertificate", name);
            let domains = object.and_then(|object| object.in_spec(&["domains"]));
            let mut domains = domains.into_iter().flat_map(Node::items).filter_map(Node::as_str);
            domains
                .any(|domain| self.session.gce_routes().any(|one| one.host_text() == Some(domain)))
        };
        names().find(is_for_hosts).or_else(|| names().next())
    }

    /// Every object that sioway would render, as far as it is there.
    pub(super) fn objects(&self) -> Vec<Object<'s>> {
        let mut found = vec![self.service.0, self.ingress.0];
        found.extend(self.config().map(|config| config.0));
        let apart = self.static_backend().and_then(Backend::backend_config);
        found.extend(apart.map(|config| config.0));
        found.extend(self.proxy.as_ref().and_then(Proxy::config_map));
        found.extend(self.frontend());
        found.extend(self.certificate().and_then(|name| self.named("ManagedCertificate", name)));
        found
    }

    /// The routes of the Ingress that belong to a host, or to none.
    pub(super) fn routes_of(&self, host: Option<&str>) -> Vec<Route<'s>> {
        let mut routes = self.ingress.routes();
        routes.retain(|route| route.path.is_some() && route.host_text() == host);
        routes
    }

    /// Whether a route leads to the port that sessions go to.
    pub(super) fn is_own(&self, route: &Route<'s>, backend: &Backend<'s>) -> bool {
        let name = route.service().and_then(Node::as_str);
        let port = route.port_reference();
        let leads_to = port.and_then(|port| self.service.port(port));
        name == Some(self.service.0.name)
            && leads_to.is_some_and(|port| port.node.span() == backend.port.node.span())
    }
}
