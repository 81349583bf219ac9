//! How to tell that what is there has the fault that a reason names: what its rule asks, of the value that is there and
//! of the app that is described.

use super::Case;
use crate::kube::controller_defaults::{
    BACKEND_TIMEOUT, DRAIN, NEG_HEALTH_CHECK, POD_GRACE, WebSocketCut,
};
use crate::kube::{BACKEND_CONFIG_KEY, BETA_KEY, Ingress, Object, Service, TargetPort, Workload};
use crate::manifest::{Node, Path, Step, find};
use crate::path::{Backend, Numbers, Session};
use crate::rules::websocket_cut_by;
use crate::set::Set;

/// The URL path of the rule of an Ingress that a path leads into.
pub(super) fn path_of(path: &Path) -> Option<&str> {
    picked(path, "path")
}

fn picked<'p>(path: &'p Path, wanted: &str) -> Option<&'p str> {
    path.steps.iter().find_map(|step| match step {
        Step::Pick { key, value } if key == wanted => Some(value.as_str()),
        _ => None,
    })
}

pub(super) fn always(_: &Case<'_, '_>) -> bool {
    true
}

pub(super) fn never(_: &Case<'_, '_>) -> bool {
    false
}

pub(super) fn is_absent(case: &Case<'_, '_>) -> bool {
    !case.is_there
}

impl<'a, 'c> Case<'a, 'c> {
    /// A number below the `spec` that is there.
    fn number(&self, keys: &[&str]) -> Option<i64> {
        self.other.in_spec(keys).and_then(Node::as_int)
    }

    fn text(&self, keys: &[&str]) -> Option<&'a str> {
        self.other.in_spec(keys).and_then(Node::as_str)
    }

    /// The session traffic that the object is for.
    fn sessions(&self) -> Option<(&'a Backend<'c>, &'a Session)> {
        self.ground.sessions_of(self.one)
    }

    fn class_cuts(&self, wanted: WebSocketCut) -> bool {
        let cut = |(backend, _): (&Backend<'_>, &Session)| {
            let mut classes = backend.gce_classes();
            classes.any(|class| class.load_balancer.websocket_cut().value == wanted)
        };
        self.sessions().is_some_and(cut)
    }
}

/// Whether Cloud CDN is on for polling, where the load balancer has one.
pub(super) fn has_cdn(case: &Case<'_, '_>) -> bool {
    let on = case.other.in_spec(&["cdn", "enabled"]).and_then(Node::as_bool) == Some(true);
    on && case.sessions().is_some_and(|(backend, session)| {
        session.polls() && backend.gce_classes().any(|class| class.load_balancer.has_cdn())
    })
}

pub(super) fn has_no_drain(case: &Case<'_, '_>) -> bool {
    let given = case.other.in_spec(&["connectionDraining", "drainingTimeoutSec"]);
    let seconds = given.map_or(Some(i64::from(DRAIN.value)), Node::as_int);
    seconds == Some(0) && case.sessions().is_some()
}

/// Whether one half of the times is given, and does not go with the default of the other.
pub(super) fn is_half(case: &Case<'_, '_>) -> bool {
    let seconds = |key: &str| case.number(&["healthCheck", key]);
    let default = NEG_HEALTH_CHECK.value;
    let missing = match case.path.steps.last() {
        Some(Step::Key(key)) => key.as_str(),
        _ => "",
    };
    match (seconds("checkIntervalSec"), seconds("timeoutSec")) {
        (Some(interval), None) => missing == "timeoutSec" && interval < i64::from(default.timeout),
        (None, Some(timeout)) => {
            missing == "checkIntervalSec" && timeout > i64::from(default.interval)
        }
        _ => false,
    }
}

pub(super) fn is_too_long(case: &Case<'_, '_>) -> bool {
    let seconds = |key: &str| case.number(&["healthCheck", key]);
    let both = seconds("timeoutSec").zip(seconds("checkIntervalSec"));
    both.is_some_and(|(timeout, interval)| timeout > interval)
}

/// Whether the health check asks the Service's port, where the pods listen on another.
pub(super) fn is_services_port(case: &Case<'_, '_>) -> bool {
    let Some(port) = case.number(&["healthCheck", "port"]) else {
        return false;
    };
    let Some((backend, _)) = case.sessions() else {
        return false;
    };
    let mine = backend.service;
    let theirs = case.ground.theirs.find("Service", mine.0.name, case.other).copied();
    let services: Vec<Service<'_>> =
        [Some(mine), theirs.map(Service)].into_iter().flatten().collect();
    let ports = || services.iter().flat_map(Service::ports);
    let is_target = ports().any(|one| one.target_port() == Some(TargetPort::Number(port)));
    let is_number = ports().any(|one| one.number == Some(port));
    let named = ports().any(|one| matches!(one.target_port(), Some(TargetPort::Name(_))));
    let pods = pods_of(case, &mine);
    let declares = pods.iter().any(|one| one.container_ports().contains(&port));
    let resolved = !named || !pods.is_empty();
    is_number && resolved && !is_target && !declares && !is_listened_on(case, port)
}

/// The pods that are there for a Service of ours.
fn pods_of<'c>(case: &Case<'_, 'c>, service: &Service<'_>) -> Vec<Workload<'c>> {
    let selector = service.selector();
    selector.map(|labels| case.ground.workloads(&labels, case.other)).unwrap_or_default()
}

/// Whether an nginx that is there listens on a port, or includes what may.
fn is_listened_on(case: &Case<'_, '_>, port: i64) -> bool {
    let port = port.to_string();
    let mut directives = case.ground.theirs.nginx.iter().flat_map(|text| text.tree.walk());
    directives.any(|one| {
        let first = one.argument(0).unwrap_or_default();
        &*one.name.text == "listen" && first.rsplit(':').next() == Some(port.as_str())
    })
}

/// Whether the health check asks for Socket.IO's own path, with no nginx before it.
pub(super) fn is_engines(case: &Case<'_, '_>) -> bool {
    let asked = case.text(&["healthCheck", "requestPath"]).unwrap_or("/");
    let has_nginx = |set: &Set<'_>| !set.nginx.is_empty();
    let (ours, theirs) = (case.ground.ours, case.ground.theirs);
    let below = |(_, session): (&Backend<'_>, &Session)| {
        session.paths.iter().any(|path| asked.starts_with(path.as_str()))
    };
    !asked.contains("transport=polling")
        && !has_nginx(ours)
        && !has_nginx(theirs)
        && case.sessions().is_some_and(below)
}

pub(super) fn has_no_affinity(case: &Case<'_, '_>) -> bool {
    let none = matches!(case.text(&["sessionAffinity", "affinityType"]), None | Some("NONE" | ""));
    none && case.sessions().is_some_and(|(backend, session)| {
        session.polls() && backend.may_have_several_pods() && !has_one_pod(case, &backend.service)
    })
}

/// Whether all pods that are there for a Service are one.
fn has_one_pod(case: &Case<'_, '_>, service: &Service<'_>) -> bool {
    let pods = pods_of(case, service);
    let count: Option<i64> = pods.iter().map(Workload::replicas).sum();
    let scaled = case.ground.theirs.of_kind("HorizontalPodAutoscaler").next().is_some();
    !pods.is_empty() && count.is_some_and(|count| count <= 1) && !scaled
}

/// Whether a lifetime is set where there is no cookie.
pub(super) fn has_idle_lifetime(case: &Case<'_, '_>) -> bool {
    let set = case.number(&["sessionAffinity", "affinityCookieTtlSec"]).unwrap_or(0) > 0;
    let kind = case.text(&["sessionAffinity", "affinityType"]);
    set && kind != Some("GENERATED_COOKIE") && case.sessions().is_some()
}

pub(super) fn is_cut_at_timeout(case: &Case<'_, '_>) -> bool {
    is_cut(case, WebSocketCut::AtTimeout)
}

pub(super) fn is_cut_when_idle(case: &Case<'_, '_>) -> bool {
    !case.class_cuts(WebSocketCut::AtTimeout) && is_cut(case, WebSocketCut::WhenIdle)
}

fn is_cut(case: &Case<'_, '_>, cut: WebSocketCut) -> bool {
    let given = case.other.in_spec(&["timeoutSec"]);
    let seconds = given.map_or(Some(i64::from(BACKEND_TIMEOUT.value)), Node::as_int);
    // What is rendered is how long a WebSocket is to last.
    let wanted = case.one.in_spec(&["timeoutSec"]).and_then(Node::as_int);
    let max_age = wanted.and_then(|seconds| u64::try_from(seconds).ok());
    let fault = |(_, session): (&Backend<'_>, &Session)| {
        let numbers = Numbers { max_age, ..session.numbers };
        let session = Session { numbers, ..session.clone() };
        seconds.is_some_and(|seconds| websocket_cut_by(cut, &session, seconds).is_some())
    };
    case.class_cuts(cut) && case.sessions().is_some_and(fault)
}

/// Whether pods are killed before a drain of ours is over.
pub(super) fn is_shorter_than_drain(case: &Case<'_, '_>) -> bool {
    let given = case.other.in_spec(&["template", "spec", "terminationGracePeriodSeconds"]);
    let grace = given.map_or(Some(i64::from(POD_GRACE.value)), Node::as_int);
    let drain = |config: &Object<'_>| {
        config.in_spec(&["connectionDraining", "drainingTimeoutSec"]).and_then(Node::as_int)
    };
    let drains = case.ground.ours.of_kind("BackendConfig").filter_map(drain).max();
    grace.zip(drains).is_some_and(|(grace, drain)| grace < drain)
}

pub(super) fn has_no_redirect(case: &Case<'_, '_>) -> bool {
    let on = |object: &Object<'_>| {
        object.in_spec(&["redirectToHttps", "enabled"]).and_then(Node::as_bool) == Some(true)
    };
    on(case.one) && !on(case.other)
}

/// Whether the redirect is one after which clients repeat a POST as a GET: 301, which is the default, 302 and 303
/// (kubernetes/ingress-gce:pkg/apis/frontendconfig/v1beta1/types.go, RFC 9110 section 15.4).
pub(super) fn changes_method(case: &Case<'_, '_>) -> bool {
    let code = case.text(&["redirectToHttps", "responseCodeName"]);
    let redirects = case.other.in_spec(&["redirectToHttps", "enabled"]);
    redirects.and_then(Node::as_bool) == Some(true)
        && matches!(
            code.unwrap_or_default(),
            "" | "MOVED_PERMANENTLY_DEFAULT" | "FOUND" | "SEE_OTHER"
        )
}

pub(super) fn is_passed_over(case: &Case<'_, '_>) -> bool {
    let class = case.text(&["ingressClassName"]);
    !case.is_there && class.is_some_and(|class| class.starts_with("gce"))
}

pub(super) fn leads_sessions_elsewhere(case: &Case<'_, '_>) -> bool {
    let (there, here) = (route_there(case), route_here(case));
    here.is_some() && there.map(|route| route.0) != here.map(|route| route.0)
}

pub(super) fn leads_elsewhere(case: &Case<'_, '_>) -> bool {
    // A whole host is not there.
    path_of(case.path).is_none() && !case.is_there || route_there(case) != route_here(case)
}

/// A Service, and how its port is named.
type Lead<'a> = (Option<&'a str>, Option<String>);

fn route_there<'a>(case: &Case<'a, '_>) -> Option<Lead<'a>> {
    route(case, case.other)
}

fn route_here<'a>(case: &Case<'a, '_>) -> Option<Lead<'a>> {
    route(case, case.one)
}

/// Where an Ingress leads the requests that a field is about; names of a port count as its number.
fn route<'a>(case: &Case<'a, '_>, object: &'a Object<'a>) -> Option<Lead<'a>> {
    let path = path_of(case.path)?;
    let route = Ingress::new(*object).gce_route(picked(case.path, "host"), path)?;
    let name = route.service_name();
    let reference = route.port_reference();
    let services = name.map(|name| case.ground.services(name, object)).unwrap_or_default();
    let number =
        reference.and_then(|port| services.iter().find_map(|service| service.port(port)?.number));
    let port = number.map(|number| number.to_string());
    Some((name, port.or_else(|| reference.map(|port| format!("{port:?}")))))
}

pub(super) fn is_loose_and_cut(case: &Case<'_, '_>) -> bool {
    is_loose(case) && case.class_cuts(WebSocketCut::AtTimeout)
}

/// Whether no BackendConfig is attached to a Service that sessions go to.
pub(super) fn is_loose(case: &Case<'_, '_>) -> bool {
    let attached =
        [BACKEND_CONFIG_KEY, BETA_KEY].iter().any(|key| case.other.annotation(key).is_some());
    !attached && case.sessions().is_some()
}

/// Whether requests go to nodes; GKE asks for NEGs by itself where nobody says anything and the type is `ClusterIP`.
pub(super) fn asks_for_no_neg(case: &Case<'_, '_>) -> bool {
    let service = Service(*case.other);
    let is_said = service.0.annotation("cloud.google.com/neg").is_some();
    let by_itself = !is_said && service.service_type() == "ClusterIP";
    let forced = |(backend, _): (&Backend<'_>, &Session)| {
        backend.gce_classes().all(|class| class.forces_neg)
    };
    !service.asks_for_neg() && !by_itself && case.sessions().is_some_and(|one| !forced(one))
}

/// Whether a Service that is there has ports on the nodes, and may have an address outside of the cluster.
pub(super) fn has_ports_of_nodes(case: &Case<'_, '_>) -> bool {
    matches!(case.text(&["type"]), Some("NodePort" | "LoadBalancer"))
}

/// Whether the port that is changed leads to one that no container of the pods that are there says it has.
pub(super) fn is_unserved(case: &Case<'_, '_>) -> bool {
    let Some(item) = item_of(case) else {
        return false;
    };
    let service = Service(*case.other);
    let mut ports = service.ports().into_iter();
    let target =
        ports.find(|port| port.node.span() == item.span()).and_then(|port| port.target_port());
    let pods = service.selector().map(|labels| case.ground.workloads(&labels, case.other));
    let pods = pods.unwrap_or_default();
    let declared = pods.iter().any(|one| !one.container_ports().is_empty());
    let is_behind = case.sessions().is_some();
    let served = match target {
        Some(TargetPort::Number(port)) => {
            pods.iter().any(|one| one.container_ports().contains(&port))
                || is_listened_on(case, port)
        }
        Some(name) => pods.iter().any(|one| one.port_number(name).is_some()),
        None => true,
    };
    is_behind && declared && !served
}

/// The item of a list of ports that a path leads into, as it is there.
fn item_of<'a>(case: &Case<'a, '_>) -> Option<Node<'a>> {
    let to = case.path.steps.get(..3)?;
    find(case.other.node, &to.iter().cloned().collect())
}
