//! A port of a Service as something leads to it: what a load balancer, or an nginx in the cluster, sends to.

use rayon::prelude::*;

use super::Model;
use super::evidence::{
    AppFacts, Carries, Evidence, comment_says_socketio, names_socketio, socketio_path,
    with_comments_above,
};
use super::pods::Pods;
use super::session::{Numbers, Session};
use super::site::Site;
use super::ways;
use crate::kube::{
    Attachment, BackendConfig, Named, Object, PortReference, Route, Service, ServicePort, Way,
};
use crate::manifest::Node;
use crate::set::{Mark, Place, Remark, nearness};

/// A port of a Service, and all that belongs to it.
#[derive(Debug)]
pub struct Backend<'s> {
    /// The Service.
    pub service: Service<'s>,
    /// The port.
    pub port: ServicePort<'s>,
    /// The ways that Ingresses lead here.
    pub routes: Vec<Route<'s>>,
    /// The ways that other kinds of routes lead here.
    pub ways: Vec<Way<'s>>,
    /// The nginx configurations that send here: the index of the site, and of its session.
    pub proxies: Vec<(usize, usize)>,
    /// The annotation that names BackendConfigs.
    pub attachment: Option<Attachment<'s>>,
    /// The BackendConfig of this port.
    pub config: ConfigLink<'s>,
    /// A BackendConfig that somebody meant for it: one that its Ingress names, where nothing reads that.
    pub meant: Option<BackendConfig<'s>>,
    /// The pods.
    pub pods: Pods<'s>,
    /// The nginx in its pods: indexes of sites.
    pub sites: Vec<usize>,
    /// The sessions that go through it; `None` where nothing speaks of any.
    pub session: Option<Session>,
}

/// The BackendConfig of a port.
#[derive(Debug, Clone)]
pub enum ConfigLink<'s> {
    /// The annotation names none for this port.
    None,
    /// It names one that is not among the files given.
    NotGiven(Named),
    /// It names this one.
    Found(BackendConfig<'s>, Named),
}

/// What a backend says of the sessions of a site in its pods.
pub(super) struct SiteNews {
    pub(super) site: usize,
    pub(super) port: Option<i64>,
    pub(super) host: Option<String>,
    pub(super) path: String,
    pub(super) evidence: Evidence,
    pub(super) numbers: Numbers,
}

impl<'s> Backend<'s> {
    /// The ways that Google's load balancers come.
    pub fn gce_routes(&self) -> impl Iterator<Item = &Route<'s>> {
        self.routes.iter().filter(|route| route.ingress.is_gce())
    }

    /// Whether a Google load balancer sends here.
    pub fn is_behind_gce(&self) -> bool {
        self.gce_routes().next().is_some()
    }

    /// Its BackendConfig, if it is among the files given.
    pub fn backend_config(&self) -> Option<&BackendConfig<'s>> {
        match &self.config {
            ConfigLink::Found(config, _) => Some(config),
            _ => None,
        }
    }

    /// The BackendConfig to judge: the one in force, or the one that was meant to be.
    pub fn judged_config(&self) -> Option<&BackendConfig<'s>> {
        self.backend_config().or(self.meant.as_ref())
    }

    /// Whether there may be more than one pod; unknown counts as yes.
    pub fn may_have_several_pods(&self) -> bool {
        let said = self.session.as_ref().filter(|_| self.pods.workloads.is_empty());
        let said = said.and_then(|session| i64::try_from(session.numbers.replicas?).ok());
        self.pods.most().or(said).is_none_or(|most| most > 1)
    }

    /// Where its port is written, or its Service where nothing is.
    pub fn port_place(&self) -> Place {
        self.service.0.at(self.port.node)
    }
}

/// A place that leads to a port of a Service.
#[derive(Clone, Copy)]
enum Lead<'s> {
    Route(Route<'s>),
    Way(Way<'s>),
    Proxy(usize, usize),
    /// Nothing leads to it among the files given, but somebody speaks of it.
    Spoken,
}

/// A port of a Service, and something that leads to it.
type Led<'s> = (Service<'s>, ServicePort<'s>, Lead<'s>);

/// Every backend of a model, in the order of the files.
pub(super) fn all<'s>(model: &Model<'s>) -> Vec<Backend<'s>> {
    let mut leads = leads(model);
    let place = |(service, port, _): &Led<'s>| {
        let start = service.0.node.span().start;
        (service.0.file.source, start, port.node.span().start)
    };
    leads.par_sort_by_key(place);
    let ports: Vec<&[Led<'s>]> = leads.chunk_by(|one, next| place(one) == place(next)).collect();
    ports.into_par_iter().filter_map(|leads| backend(model, leads)).collect()
}

/// All that leads to a port of a Service.
fn leads<'s>(model: &Model<'s>) -> Vec<Led<'s>> {
    let routes = model.routes.par_iter().flatten_iter().filter_map(|route| {
        let (service, port) = resolve(model, route)?;
        Some((service, port, Lead::Route(*route)))
    });
    let ways = ways::resolved(model).map(|(way, service, port)| (service, port, Lead::Way(way)));
    let sites = model.sites.par_iter().enumerate();
    let proxied = sites.flat_map_iter(|(index, site)| proxied(model, index, site));
    let spoken = model.services.par_iter().filter_map(|service| spoken_of(model, service));
    routes.chain(ways).chain(proxied).chain(spoken).collect()
}

fn resolve<'s>(model: &Model<'s>, route: &Route<'s>) -> Option<(Service<'s>, ServicePort<'s>)> {
    let name = route.service()?.as_str()?;
    let service = model.service(name, &route.ingress.0)?;
    Some((service, service.port(route.port_reference()?)?))
}

/// The Services that an nginx sends session traffic to by their names.
fn proxied<'s>(model: &Model<'s>, index: usize, site: &Site<'s>) -> Vec<Led<'s>> {
    let mut found = Vec::new();
    for (number, session) in site.sessions.iter().enumerate() {
        for (host, port) in session.location.map(|node| site.targets(node)).unwrap_or_default() {
            let Some(service) = service_at(model, &host, site) else { continue };
            let reference = PortReference::Number(i64::from(port.unwrap_or(80)));
            let port = service.port(reference);
            found.extend(port.map(|port| (service, port, Lead::Proxy(index, number))));
        }
    }
    found
}

/// The Service of a name within the cluster: `chat`, `chat.team`, `chat.team.svc.cluster.local`. Without a namespace it
/// is one of nginx's own.
fn service_at<'s>(model: &Model<'s>, host: &str, site: &Site<'s>) -> Option<Service<'s>> {
    let mut parts = host.split('.');
    let (name, namespace) = (parts.next().unwrap_or_default(), parts.next());
    let home = site.containers.first().map(|(workload, _)| workload.0);
    let home = home.or(site.root.object().copied());
    let namespace = namespace.or(home.and_then(|home| home.namespace));
    let services = model.set.sharing("Service", name, namespace).into_iter();
    let near = |one: &&Object<'s>| nearness(one.file.name, site.root.file().name);
    services.rev().max_by_key(near).copied().map(Service)
}

/// The first port of a Service that a mark or an app.toml speaks of.
fn spoken_of<'s>(model: &Model<'s>, service: &Service<'s>) -> Option<Led<'s>> {
    let marked = marks_on(model, &service.0).next().is_some();
    let port = service.ports().into_iter().next();
    let port = port.filter(|_| marked || app_of(model, service).is_some())?;
    Some((*service, port, Lead::Spoken))
}

fn backend<'s>(model: &Model<'s>, leads: &[Led<'s>]) -> Option<Backend<'s>> {
    let (service, port, _) = *leads.first()?;
    let attachment = Attachment::of(&service.0);
    let named = attachment.as_ref().and_then(|attachment| attachment.for_port(&port)).cloned();
    let config = match named {
        None => ConfigLink::None,
        Some(named) => match in_namespace(model, &service, &named.name) {
            Some(config) => ConfigLink::Found(BackendConfig(config), named),
            None => ConfigLink::NotGiven(named),
        },
    };
    let workloads = model.selected_by(&service).into_iter().copied().collect();
    let mut backend = Backend {
        sites: Vec::new(),
        meant: None,
        pods: Pods::of(model, workloads),
        routes: Vec::new(),
        ways: Vec::new(),
        proxies: Vec::new(),
        session: None,
        service,
        port,
        attachment,
        config,
    };
    for (_, _, lead) in leads {
        match *lead {
            Lead::Route(route) => backend.routes.push(route),
            Lead::Way(way) => backend.ways.push(way),
            Lead::Proxy(site, session) => backend.proxies.push((site, session)),
            Lead::Spoken => {}
        }
    }
    backend.sites = sites_in(model, &backend.pods);
    if backend.attachment.is_none() {
        backend.meant = backend.routes.iter().find_map(|route| named_on(model, &route.ingress.0));
    }
    backend.session = Session::of(evidence(model, &backend), app_of(model, &service));
    Some(backend)
}

fn in_namespace<'s>(model: &Model<'s>, service: &Service<'s>, name: &str) -> Option<Object<'s>> {
    model.config_named(name, &service.0)
}

/// The BackendConfig that an Ingress names in an annotation that is read on Services only.
fn named_on<'s>(model: &Model<'s>, ingress: &Object<'s>) -> Option<BackendConfig<'s>> {
    let attachment = Attachment::of(ingress)?;
    let named = attachment.names().into_iter();
    let mut found = named.filter_map(|named| model.config_named(&named.name, ingress));
    found.next().map(BackendConfig)
}

/// The nginx of pods.
pub(super) fn sites_in(model: &Model<'_>, pods: &Pods<'_>) -> Vec<usize> {
    let mut found: Vec<usize> = pods
        .workloads
        .iter()
        .filter_map(|workload| model.sites_of.get(&super::place_of(&workload.0)))
        .flatten()
        .copied()
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The app.toml that describes a Service: of several environments, the one whose manifests it is among.
fn app_of<'m>(model: &Model<'m>, service: &Service<'_>) -> Option<&'m AppFacts> {
    let is_its =
        |app: &&AppFacts| service.0.namespace.is_none_or(|namespace| namespace == app.namespace);
    let apps = model.by_service.get(service.0.name)?;
    let apps = || apps.iter().copied().filter(is_its);
    apps().find(|app| app.holds(service.0.file.name)).or_else(|| apps().next())
}

/// The marks in a document: those on the object as a whole.
fn marks_on<'m>(
    model: &'m Model<'_>,
    object: &Object<'_>,
) -> impl Iterator<Item = (Place, &'m Mark)> {
    let span = object.document;
    let remarks = model.set.remarks_in(object.file.source);
    let inside = remarks.filter(move |one| {
        let place = one.place;
        span.start <= place.span.start && place.span.end <= span.end
    });
    inside.filter_map(|one| match &one.remark {
        Remark::Mark(mark) => Some((one.place, mark)),
        _ => None,
    })
}

/// What says that sessions go through a backend.
fn evidence(model: &Model<'_>, backend: &Backend<'_>) -> Vec<Evidence> {
    let mut found: Vec<Evidence> = backend
        .routes
        .iter()
        .flat_map(|route| on_route(model, route))
        .chain(backend.ways.iter().filter_map(ways::evidence))
        .collect();
    let config = backend.judged_config().map(|config| config.0);
    let workloads = backend.pods.workloads.iter().map(|one| one.0);
    for object in std::iter::once(backend.service.0).chain(config).chain(workloads) {
        let marked = |(place, mark): (Place, &Mark)| Evidence::of_mark(place, mark);
        found.extend(marks_on(model, &object).map(marked));
        found.extend(comment_in(&object, object.document));
    }
    for way in &backend.ways {
        let marks = marks_on(model, &way.object);
        found.extend(marks.map(|(place, mark)| Evidence::of_mark(place, mark)));
        let span = with_comments_above(way.object.file.text, way.rule.span());
        found.extend(comment_in(&way.object, span));
    }
    found.extend(app_of(model, &backend.service).map(|app| Evidence {
        carries: Carries::SocketIo,
        place: app.place,
        said: "this app is described here",
        mark: app.mark.clone(),
    }));
    let sites = backend.sites.iter().map(|site| &model.sites[*site]);
    let inside = sites.flat_map(|site| site.sessions.iter());
    let before =
        backend.proxies.iter().map(|(site, session)| &model.sites[*site].sessions[*session]);
    for session in inside.chain(before) {
        let with_path = session.evidence.iter().cloned().map(|mut one| {
            let socketio = one.carries == Carries::SocketIo;
            one.mark.path = one.mark.path.or_else(|| socketio.then(|| session.path.clone()));
            one
        });
        found.extend(with_path);
    }
    found.retain(|one| speaks_of(model, one, backend));
    found
}

/// Whether evidence on a whole Service speaks of this port of it: where a Service has several, the sessions are
/// behind the one that their path leads to.
fn speaks_of(model: &Model<'_>, evidence: &Evidence, backend: &Backend<'_>) -> bool {
    if backend.routes.is_empty() || backend.service.ports().len() < 2 {
        return true;
    }
    let path = evidence.mark.path.as_deref().unwrap_or("/socket.io/");
    backend.routes.iter().any(|route| is_route_of(model, route, path))
}

/// What an Ingress says of one of its ways.
fn on_route(model: &Model<'_>, route: &Route<'_>) -> Vec<Evidence> {
    let object = route.ingress.0;
    let mut found = Vec::new();
    if let Some(path) = route.path.filter(|_| names_socketio(route.path_text())) {
        found.push(Evidence {
            carries: Carries::SocketIo,
            place: object.at(path),
            said: "this is Socket.IO's path",
            mark: Mark { path: socketio_path(route.path_text()), ..Mark::default() },
        });
    }
    for (place, mark) in marks_on(model, &object) {
        let here = mark
            .path
            .as_deref()
            .map_or_else(|| near(&object, place, route), |path| is_route_of(model, route, path));
        if here {
            found.push(Evidence::of_mark(place, mark));
        }
    }
    let span = with_comments_above(object.file.text, route.node.span());
    let comment = comment_in(&object, span);
    found.extend(comment.filter(|_| found.is_empty() && !has_socketio_path(model, route)));
    found
}

/// Whether a way through the same Ingress has Socket.IO's path: a comment elsewhere speaks of something else.
fn has_socketio_path(model: &Model<'_>, route: &Route<'_>) -> bool {
    let hosts = model.routes_of.get(&super::place_of(&route.ingress.0));
    let mut routes = hosts.into_iter().flat_map(|hosts| hosts.values()).flatten();
    routes.any(|one| names_socketio(one.path_text()))
}

/// Whether a route is the one that a path takes, of all of its Ingress.
fn is_route_of(model: &Model<'_>, route: &Route<'_>, path: &str) -> bool {
    let rivals = model.routes_of.get(&super::place_of(&route.ingress.0));
    let rivals = rivals.and_then(|hosts| hosts.get(&route.host_text()));
    let fitting = rivals.into_iter().flatten().filter(|one| one.gce_matches(path));
    let best = fitting.max_by_key(|one| one.gce_rank());
    best.is_some_and(|best| best.node.span() == route.node.span())
}

/// Whether a mark without a path stands at this route, or at the Ingress as a whole.
fn near(object: &Object<'_>, place: Place, route: &Route<'_>) -> bool {
    let span = with_comments_above(object.file.text, route.node.span());
    let rules = object.in_spec(&["rules"]).map(Node::span);
    let at_a_route = rules.is_some_and(|rules| rules.start <= place.span.start);
    (span.start <= place.span.start && place.span.start < line_end(object.file.text, span.end))
        || !at_a_route
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| at + length)
}

/// A comment in a part of a file that says that Socket.IO goes through here.
fn comment_in(object: &Object<'_>, span: crate::diagnostic::Span) -> Option<Evidence> {
    if !object.file.mentions_socketio {
        return None;
    }
    let end = line_end(object.file.text, span.end);
    let comments = object.file.stream()?.comments();
    let within = comments.iter().filter(|one| span.start <= one.span.start && one.span.start < end);
    let mut saying = within.filter(|one| {
        let text = &object.file.text[one.span.start..one.span.end];
        !text.contains("sioway:") && comment_says_socketio(text)
    });
    saying.next().map(|comment| Evidence {
        carries: Carries::SocketIo,
        place: object.place(comment.span),
        said: "this comment says so",
        mark: Mark::default(),
    })
}

/// What the backends know of the sessions of the nginx in their pods.
pub(super) fn news(model: &Model<'_>) -> Vec<SiteNews> {
    model.backends.par_iter().flat_map_iter(news_of).collect()
}

fn news_of(backend: &Backend<'_>) -> Vec<SiteNews> {
    let mut news = Vec::new();
    let Some(session) = backend.session.as_ref().filter(|_| !backend.sites.is_empty()) else {
        return news;
    };
    let port = backend.pods.port_number(&backend.port);
    let host = backend.routes.iter().find_map(Route::host_text);
    for evidence in &session.evidence {
        let Some(path) = &evidence.mark.path else {
            continue;
        };
        news.extend(backend.sites.iter().map(|site| SiteNews {
            site: *site,
            port,
            host: host.map(str::to_owned),
            path: path.clone(),
            evidence: evidence.clone(),
            numbers: session.numbers,
        }));
    }
    news
}
