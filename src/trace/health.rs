//! The health check: a pod that fails it gets no request at all.

use super::gate::Gate;
use super::gateway::Gateway;
use super::passage::{End, Passage};
use super::start::Closed;
use super::way::Way;
use super::{HopKind, Step, StepKind};
use crate::kube::controller_defaults::{HEALTHY_STATUS, LoadBalancer};
use crate::kube::{Container, policy};
use crate::manifest::Node;
use crate::nginx::{Answer, Outcome, Request};
use crate::path::{Backend, FRONT_ENDS, HealthPort, Site};
use crate::set::Place;

/// What is asked.
struct Check {
    path: String,
    port: Option<i64>,
    port_place: Option<Place>,
    place: Option<Place>,
    by: &'static str,
}

/// The step, and why no pod is healthy, if that is certain.
pub(super) fn step(way: &Way<'_, '_>) -> (Option<Step>, Option<End>) {
    let (Some(balancer), Some(backend)) = (way.front.load_balancer(), way.backend) else {
        return (None, None);
    };
    let check = match way.front.gateway() {
        None => check(way, backend),
        Some(gateway) => match of_gateway(gateway, backend) {
            Some(check) => check,
            None => return (None, None),
        },
    };
    let mut passage = Passage::default();
    let what =
        format!("asks each pod for `{}`, over HTTP and by its address ({})", check.path, check.by);
    passage.hop(HopKind::LoadBalancer, what, check.place);
    way.doubts_config(&mut passage);
    answered(way, &check, &mut passage);
    let unhealthy = passage.end.as_ref().map(|end| for_all(balancer, end));
    let good = End::good("`200`: healthy").status(HEALTHY_STATUS.value);
    let request = format!("GET {}", check.path);
    (Some(passage.step(StepKind::Health, request, good)), unhealthy)
}

/// What every other request gets meanwhile.
fn for_all(balancer: LoadBalancer, end: &End) -> End {
    let status = balancer.status_without_backends();
    let all =
        End::bad(format!("`{status}` of the load balancer, as no pod is healthy")).status(status);
    all.rules(&end.rules).at(end.place)
}

/// BackendConfig, else the readiness probe of the container that has the port, else `/`
/// (kubernetes/ingress-gce:pkg/translator/healthchecks.go).
fn check(way: &Way<'_, '_>, backend: &Backend<'_>) -> Check {
    let serving = backend.pods.port_number(&backend.port);
    let config = way.config();
    let port = config.and_then(|config| config.number(&["healthCheck", "port"]));
    let port_place = config.zip(port).map(|(config, (_, node))| config.0.at(node));
    let port = port.map(|(port, _)| port).or(serving);
    let path = config.and_then(|config| {
        let node = config.get(&["healthCheck", "requestPath"])?;
        Some((node.text()?.to_owned(), config.0.at(node)))
    });
    if let Some((path, place)) = path {
        return Check { path, port, port_place, place: Some(place), by: "the BackendConfig" };
    }
    let (path, place, by) = match serving.and_then(|serving| probe(backend, serving)) {
        Some((path, place)) => (path, Some(place), "the readiness probe"),
        None => ("/".to_owned(), way.config_place(), "the default"),
    };
    Check { path, port, port_place, place, by }
}

/// The `HealthCheckPolicy`, else `/`: a Gateway infers nothing from probes. `None` where the policy is not among the files
/// given, or asks otherwise than by HTTP.
fn of_gateway(gateway: &Gateway<'_>, backend: &Backend<'_>) -> Option<Check> {
    let policy = gateway.health?;
    let kind = policy::setting(&policy, &["healthCheck", "type"]).and_then(Node::as_str);
    if kind.is_some_and(|kind| kind != "HTTP") {
        return None;
    }
    let found = |key: &str| policy::setting(&policy, &["healthCheck", key]);
    let port = found("port");
    let path = found("requestPath");
    Some(Check {
        path: path.and_then(Node::text).unwrap_or("/").to_owned(),
        port: port.and_then(Node::as_int).or(backend.pods.port_number(&backend.port)),
        port_place: port.map(|port| policy.at(port)),
        place: Some(path.map_or_else(|| policy.spec_title(), |path| policy.at(path))),
        by: if path.is_some() { "the HealthCheckPolicy" } else { "the default" },
    })
}

fn probe(backend: &Backend<'_>, serving: i64) -> Option<(String, Place)> {
    for workload in &backend.pods.workloads {
        for container in workload.containers() {
            let get = container.0.at(&["readinessProbe", "httpGet"]);
            if let Some(path) = get
                .filter(|get| asks_port(&container, *get, serving))
                .and_then(|get| get.get("path"))
            {
                return Some((path.text()?.to_owned(), workload.0.at(path)));
            }
        }
    }
    None
}

fn asks_port(container: &Container<'_>, get: Node<'_>, serving: i64) -> bool {
    let named = |node: &Node<'_>| {
        let number = node.get("containerPort").and_then(Node::as_int);
        number == Some(serving)
    };
    let ports = container.ports();
    let serves = ports.iter().find(|port| named(port));
    let asked = get.get("port");
    let by_name = serves.and_then(|port| port.get("name")).and_then(Node::as_str);
    serves.is_some()
        && asked.is_some_and(|asked| {
            asked.as_int() == Some(serving) || (by_name.is_some() && asked.as_str() == by_name)
        })
}

fn answered(way: &Way<'_, '_>, check: &Check, passage: &mut Passage) {
    let site = match &way.gate {
        Gate::Nginx { site, .. } => *site,
        Gate::Closed(Closed { what, place, rules }) => {
            let end = End::bad("unhealthy").rules(rules).at(*place);
            return passage.stop(HopKind::Pod, what.clone(), end);
        }
        Gate::Direct { .. } if is_engines(way, check) => {
            let end = End::bad("`400` of Socket.IO: no pod is ever healthy").status(400);
            let end = end.rule("health-path-unanswered").at(check.place);
            let what = "the path is Socket.IO's, and this is no handshake";
            return passage.stop(HopKind::Server, what, end);
        }
        Gate::Direct { .. } => {
            let why = format!("what the app answers to `{}` is in none of the files", check.path);
            return passage.doubt(HopKind::Server, why, check.place);
        }
        Gate::Unknown(why, place) => return passage.doubt(HopKind::Pod, why.clone(), *place),
    };
    let port = check.port.and_then(|port| u16::try_from(port).ok());
    let Some(port) = port.filter(|port| !site.config.on_port(*port).is_empty()) else {
        return elsewhere(way, check, passage);
    };
    by_nginx(site, check, port, passage);
}

/// Whether the path is below Socket.IO's, which answers what is no handshake with 400.
fn is_engines(way: &Way<'_, '_>, check: &Check) -> bool {
    let session = way.backend.and_then(|backend| backend.session.as_ref());
    let mut paths = session.into_iter().flat_map(|session| &session.paths);
    let below = paths.any(|path| check.path.starts_with(path.as_str()));
    below && !check.path.contains("transport=polling") && check.port_place.is_none()
}

/// The check asks a port that is not nginx's.
fn elsewhere(way: &Way<'_, '_>, check: &Check, passage: &mut Passage) {
    let configured = way.backend.and_then(|backend| way.model.configured_as(backend));
    let served = configured.zip(check.port).is_none_or(|(configured, port)| {
        way.model.health_port(configured, port) != HealthPort::Unserved
    });
    if served {
        let why = "the health check's port is none that nginx listens on";
        return passage.doubt(HopKind::Pod, why, check.place);
    }
    let end = End::bad("unhealthy: nobody in the pods listens on the port that is asked");
    let end = end.rule("health-port-unserved").at(check.port_place.or(check.place));
    passage.stop(HopKind::Pod, "the port asked is the Service's, not the pods'", end);
}

/// The check comes by address, so to the default server.
fn by_nginx(site: &Site<'_>, check: &Check, port: u16, passage: &mut Passage) {
    let request = Request {
        host: "10.8.1.17".to_owned(),
        remote_addr: FRONT_ENDS[0].to_owned(),
        ..Request::get(port, &check.path)
    };
    let route = match site.config.route(&request) {
        Ok(Some(route)) => route,
        Ok(None) => return,
        Err(doubt) => {
            return passage.doubt(HopKind::Nginx, doubt.why, doubt.at.map(|node| site.place(node)));
        }
    };
    let at = route.scene.location.or(route.selection.location()).unwrap_or(route.server.server);
    let status = match &route.outcome {
        Outcome::Returned(returned) => Some((returned.code, returned.at)),
        Outcome::SlashAdded(_) => Some((301, at)),
        Outcome::Circle => Some((500, at)),
        Outcome::Internal => Some((404, at)),
        Outcome::Location => None,
    };
    match status {
        Some((200, node)) => {
            passage.hop(HopKind::Nginx, "answers 200 by itself", Some(site.place(node)));
        }
        Some((status, node)) => {
            let end =
                End::bad(format!("`{status}` of nginx: no pod is ever healthy")).status(status);
            let end = end
                .rules(&["health-location-missing", "health-path-unanswered"])
                .at(Some(site.place(node)));
            passage.stop(HopKind::Nginx, format!("answers {status}"), end);
        }
        None => no_own_answer(site, check, at, passage),
    }
}

fn no_own_answer(site: &Site<'_>, check: &Check, at: crate::nginx::NodeId, passage: &mut Passage) {
    let place = Some(site.place(at));
    match site.config.answer(at) {
        Answer::Pass { .. } => {
            let why = format!(
                "nginx asks the app for `{}`, whose answer is in none of the files",
                check.path
            );
            passage.doubt(HopKind::Nginx, why, place);
        }
        Answer::Files { at: None } if check.path != "/" => {
            let end = End::bad("`404` of nginx: no pod is ever healthy").status(404);
            let end = end.rules(&["health-location-missing", "health-path-unanswered"]).at(place);
            passage.stop(HopKind::Nginx, "looks for a file that is not there", end);
        }
        _ => {
            let why = format!(
                "nginx looks for files for `{}`, which are none of those given",
                check.path
            );
            passage.doubt(HopKind::Nginx, why, place);
        }
    }
}
