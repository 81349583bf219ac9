//! The way of one session, as far as no request changes it.

use super::entries::{Entry, Seed};
use super::fault::Fault;
use super::front::Front;
use super::gate::Gate;
use super::passage::{Doubt, End, Passage};
use super::{HopKind, Options, affinity, cdn, front, guard};
use crate::kube::controller_defaults::{BACKEND_TIMEOUT, LONGEST_CONNECTION};
use crate::kube::{BackendConfig, Route, silences};
use crate::path::{
    Backend, ConfigLink, Evidence, Model, Numbers, Sender, Site, socketio_path, target,
};
use crate::set::{Mark, Place};

/// The way of one session.
#[derive(Debug)]
pub(super) struct Way<'m, 's> {
    pub(super) model: &'m Model<'s>,
    pub(super) host: Option<String>,
    pub(super) path: String,
    pub(super) front: Front<'s>,
    pub(super) backend: Option<&'m Backend<'s>>,
    pub(super) gate: Gate<'m, 's>,
    pub(super) numbers: Numbers,
    /// Where the server is mounted, if somebody says it.
    pub(super) mount: Option<(String, Place)>,
    /// How many pods the Service has.
    pub(super) pods: Option<u64>,
    /// Why the pods answer nothing, if that is certain.
    pub(super) unhealthy: Option<End>,
    /// A fault that is supposed.
    pub(super) fault: Option<Fault>,
    /// The rule that leads the path to another Service than the one whose sessions these are.
    pub(super) elsewhere: Option<Route<'s>>,
}

/// A request of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) method: &'static str,
    pub(super) transport: &'static str,
    /// Whether it carries a session id.
    pub(super) sid: bool,
    /// The bytes of its body.
    pub(super) body: u64,
    /// Milliseconds that the server may take to answer.
    pub(super) waits: u64,
}

impl Ask {
    /// Whether it asks for a WebSocket.
    pub(super) fn upgrades(&self) -> bool {
        self.transport == "websocket"
    }

    /// The path and the query.
    pub(super) fn target(&self, path: &str) -> String {
        target(path, self.upgrades(), self.sid)
    }

    /// The request line for people.
    pub(super) fn said(&self, path: &str) -> String {
        let upgrade = if self.upgrades() { " + Upgrade: websocket" } else { "" };
        format!("{} {}{upgrade}", self.method, self.target(path))
    }
}

impl<'m, 's> Way<'m, 's> {
    pub(super) fn of(model: &'m Model<'s>, entry: &Entry<'m, 's>, options: &Options) -> Self {
        let front = Front::find(model, entry.host.as_deref(), &entry.path, entry.seed);
        let backend = backend_of(model, &front, entry.seed);
        let gate = Gate::find(model, backend, entry.seed, options);
        let elsewhere = elsewhere(model, &front, entry);
        let spoken: Vec<&Evidence> = evidence(backend, &gate, &entry.path);
        let mark =
            spoken.iter().find(|one| one.mark.max_message.is_some() || one.mark.polling.is_some());
        let session = backend.and_then(|backend| backend.session.as_ref());
        let numbers = session.map(|session| session.numbers);
        let mut numbers = numbers
            .unwrap_or_else(|| Numbers::of(&mark.map_or(Mark::default(), |one| one.mark.clone())));
        numbers.ping_interval = options.ping_interval.unwrap_or(numbers.ping_interval);
        let mount = spoken.iter().find_map(|one| Some((one.mark.server_path.clone()?, one.place)));
        let own = match entry.seed {
            Seed::Backend(own) => Some(own),
            _ => None,
        };
        let counted = backend.or(own).and_then(|backend| backend.pods.most());
        let counted = counted.and_then(|most| u64::try_from(most).ok());
        let supposed = match options.fault {
            Some(Fault::Replicas(pods)) => Some(pods),
            _ => None,
        };
        Self {
            model,
            host: entry.host.clone(),
            path: entry.path.clone(),
            front,
            backend,
            gate,
            numbers,
            mount,
            pods: supposed.or(options.replicas.map(u64::from)).or(counted),
            unhealthy: None,
            fault: options.fault,
            elsewhere,
        }
    }

    /// The BackendConfig in force: only Google's load balancers read one.
    pub(super) fn config(&self) -> Option<&'m BackendConfig<'s>> {
        self.front.class().filter(|_| !self.has(Fault::ConfigNotInForce))?;
        self.backend?.backend_config()
    }

    /// The BackendConfig that is named but not given.
    pub(super) fn config_not_given(&self) -> Option<(&'m str, Place)> {
        self.front.class().filter(|_| !self.has(Fault::ConfigNotInForce))?;
        let backend = self.backend?;
        let ConfigLink::NotGiven(named) = &backend.config else {
            return None;
        };
        let attachment = backend.attachment.as_ref()?;
        Some((&named.name, attachment.place(&backend.service.0, named.span)))
    }

    /// The hop of a BackendConfig that is named but not given; whether there is one.
    pub(super) fn doubts_config(&self, passage: &mut Passage) -> bool {
        let Some((name, place)) = self.config_not_given() else {
            return false;
        };
        let why = format!("the BackendConfig `{name}` is not among the files given");
        let rule = Some("backendconfig-missing");
        passage.doubt_of(HopKind::LoadBalancer, Doubt { why, place: Some(place), rule });
        true
    }

    /// Who sends an nginx its requests.
    pub(super) fn sender(&self, site: &Site<'s>) -> Sender {
        self.front.sender().unwrap_or_else(|| self.model.sender_of(site))
    }

    /// The load balancer's timeout in seconds, and where it is written.
    pub(super) fn timeout(&self) -> Option<(u64, Option<Place>)> {
        self.front.load_balancer()?;
        if self.config_not_given().is_some() || self.doubt_of_timeout().is_some() {
            return None;
        }
        let written = self
            .setting(&["timeoutSec"])
            .and_then(|(seconds, place)| Some((u64::try_from(seconds).ok()?, Some(place))));
        let (seconds, place) =
            written.unwrap_or((BACKEND_TIMEOUT.value.into(), self.config_place()));
        let seconds = match self.fault {
            Some(Fault::Timeout(supposed)) => supposed,
            _ => seconds,
        };
        Some((seconds.min(LONGEST_CONNECTION.value.into()), place))
    }

    /// A number in the BackendConfig in force, or in the policy of a Gateway; by its name in the former.
    pub(super) fn setting(&self, keys: &[&str]) -> Option<(i64, Place)> {
        if let Some(gateway) = self.front.gateway() {
            return gateway.number(keys);
        }
        let config = self.config()?;
        let (number, node) = config.number(keys)?;
        Some((number, config.0.at(node)))
    }

    /// What another controller is told to bear of silence: milliseconds, the annotation and its place.
    pub(super) fn silences(&self) -> Vec<(u64, String, Place)> {
        let (Front::Foreign(_, _, Some(route)), Some(backend)) = (&self.front, self.backend) else {
            return Vec::new();
        };
        let told = silences(route, Some(&backend.service)).into_iter();
        let told = told
            .map(|one| (one.time, one.entry.key().into_owned(), one.object.at(one.entry.value())));
        told.collect()
    }

    /// Why the timeout of a Gateway is not known.
    pub(super) fn doubt_of_timeout(&self) -> Option<(String, Place)> {
        let gateway =
            self.front.gateway().filter(|_| !matches!(self.fault, Some(Fault::Timeout(_))))?;
        gateway.doubt_of_timeout(self.backend?.service.0.name)
    }

    /// Where a setting of the BackendConfig, or of the policy, would be written.
    pub(super) fn config_place(&self) -> Option<Place> {
        let backend = self.backend?;
        if let Some(gateway) = self.front.gateway() {
            return Some(gateway.place());
        }
        Some(match self.config() {
            Some(config) => config.0.spec_title(),
            None => backend.service.0.annotations_title(),
        })
    }

    /// The hops up to the pod.
    pub(super) fn to_the_pod(&self, ask: &Ask, passage: &mut Passage) {
        front::walk(self, passage);
        if passage.end.is_some() {
            return;
        }
        if let Some(route) = &self.elsewhere {
            return led_elsewhere(route, passage);
        }
        let Some(backend) = self.backend else {
            return self.without_backend(passage);
        };
        if self.front.load_balancer().is_some() {
            self.doubts_config(passage);
            guard::walk(self, passage);
            cdn::walk(self, ask, passage);
            if passage.end.is_some() {
                return;
            }
        }
        if ask.sid {
            affinity::walk(self, backend, ask, passage);
        }
        self.hop_timeout(passage);
        if let Some(end) = &self.unhealthy {
            return passage.stop(HopKind::Endpoints, "no endpoint is healthy", end.clone());
        }
        self.hop_service(backend, passage);
    }

    fn without_backend(&self, passage: &mut Passage) {
        if let Some(route) = self.front.route() {
            let name = route.service().and_then(crate::manifest::Node::as_str).unwrap_or("?");
            let why = format!("the Service `{name}` is not among the files given");
            let place = route.ingress.0.at(route.service().unwrap_or(route.node));
            passage.doubt(HopKind::Service, why, Some(place));
        }
    }

    fn hop_timeout(&self, passage: &mut Passage) {
        if let Some((seconds, place)) = self.timeout() {
            let written = self.setting(&["timeoutSec"]).is_some();
            let default = if written { "" } else { ", the default" };
            passage.hop(
                HopKind::Timeout,
                format!("the load balancer waits {seconds} s{default}"),
                place,
            );
        }
    }

    fn hop_service(&self, backend: &Backend<'_>, passage: &mut Passage) {
        let service = &backend.service;
        if self.front.gateway().is_some() {
            let what = "NEG: straight to a pod, as a Gateway has no other";
            passage.hop(HopKind::Endpoints, what, Some(service.0.title()));
        }
        if let Some(class) = self.front.class() {
            let what = match (service.asks_for_neg(), class.forces_neg, service.service_type()) {
                (true, ..) => "NEG: straight to a pod",
                (_, true, _) => "NEG: straight to a pod, as this class has no other",
                (.., "ClusterIP") => {
                    "NEG, if GKE asks for it by itself: `cloud.google.com/neg` is not there"
                }
                _ if service.may_get_neg() => {
                    "instance group: to a node, and from there to any pod; unless GKE asks for a NEG by itself"
                }
                _ => "instance group: to a node, and from there to any pod",
            };
            passage.hop(HopKind::Endpoints, what, Some(service.0.annotations_title()));
        }
        let port = backend.pods.port_number(&backend.port);
        let port = port.map_or("of a name".to_owned(), |port| port.to_string());
        let what = format!(
            "Service `{}`, port {}: to port {port} of the pod",
            service.0.name,
            backend.port.said()
        );
        passage.hop(HopKind::Service, what, Some(backend.port_place()));
    }
}

/// The port of a Service that the rule leads to.
fn backend_of<'m, 's>(
    model: &'m Model<'s>,
    front: &Front<'s>,
    seed: Seed<'m, 's>,
) -> Option<&'m Backend<'s>> {
    let led = front.route().and_then(|route| {
        let same = |backend: &&Backend<'s>| {
            let mut routes = backend.routes.iter();
            routes.any(|one| {
                one.node.span() == route.node.span() && one.ingress.0.is(&route.ingress.0)
            })
        };
        model.backends.iter().find(same)
    });
    match (front, seed) {
        (
            Front::NotGiven
            | Front::Gateway(_)
            | Front::Traefik(_)
            | Front::Ignored(_)
            | Front::Foreign(_, _, None),
            Seed::Backend(backend),
        ) => Some(backend),
        _ => led,
    }
}

/// The path ends at another Service.
fn led_elsewhere(route: &Route<'_>, passage: &mut Passage) {
    let name = route.service_name().unwrap_or("?");
    let place = route.path.or_else(|| route.service()).unwrap_or(route.node);
    let end = End::bad(format!("what the Service `{name}` answers, and no session"));
    let end = end.rule("socketio-path-unrouted").at(Some(route.ingress.0.at(place)));
    let what = format!("the path leads to the Service `{name}`, which is not that of the sessions");
    passage.stop(HopKind::Service, what, end);
}

/// The rule that takes a path which a Service's sessions are said to have, where no host leads it to that Service.
fn elsewhere<'s>(model: &Model<'s>, front: &Front<'s>, entry: &Entry<'_, 's>) -> Option<Route<'s>> {
    let Seed::Backend(backend) = entry.seed else {
        return None;
    };
    let said = backend.session.as_ref()?.paths.contains(&entry.path);
    let own = |route: &Route<'s>| route.service_name() == Some(backend.service.0.name);
    let taken = front.route().filter(|route| said && !own(route))?;
    let here = backend.routes.iter().any(|route| {
        let led = model.gce_route(&route.ingress, route.host_text(), &entry.path);
        led.is_some_and(|led| own(&led))
    });
    let named = socketio_path(taken.path_text()).is_some();
    (front.class().is_some() && !here && !named).then_some(*taken)
}

/// What is said of a session of this path.
fn evidence<'m>(
    backend: Option<&'m Backend<'_>>,
    gate: &Gate<'m, '_>,
    path: &str,
) -> Vec<&'m Evidence> {
    let of_backend = backend.and_then(|backend| backend.session.as_ref());
    let of_backend = of_backend.into_iter().flat_map(|session| session.evidence.iter());
    let of_site = match gate {
        Gate::Nginx { site, .. } => site.sessions.as_slice(),
        _ => &[],
    };
    let of_site = of_site.iter().flat_map(|session| session.evidence.iter());
    let here = |one: &&Evidence| one.mark.path.as_deref().is_none_or(|own| own == path);
    of_backend.chain(of_site).filter(here).collect()
}
