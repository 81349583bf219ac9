//! The health check: a pod that fails it gets no request at all.

use super::gate::Gate;
use super::gateway::Gateway;
use super::passage::{End, Passage};
use super::start::Closed;
use super::way::Way;
use super::{HopKind, Step, StepKind, Verdict};
use crate::kube::controller_defaults::{HEALTHY_STATUS, LoadBalancer};
use crate::kube::policy;
use crate::manifest::Node;
use crate::nginx::{Answer, NodeId, Outcome, Route};
use crate::path::{AskedBy, Backend, BadAnswer, HealthCheck, HealthPort, Probed, Site, Spoken};
use crate::set::Place;

/// What is asked.
struct Check<'s> {
    asked: HealthCheck<'s>,
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
        Some(gateway) => of_gateway(gateway, backend),
    };
    let Some(check) = check else {
        return (None, None);
    };
    let mut passage = Passage::default();
    let spoken = check.asked.spoken.name();
    let host = check.asked.host.map_or("by its address".to_owned(), |host| format!("as `{host}`"));
    let what =
        format!("asks each pod for `{}`, over {} and {} ({})", check.path, spoken, host, check.by);
    passage.hop(HopKind::LoadBalancer, what, check.place);
    // What is not given may ask for something else.
    let good = if way.doubts_config(&mut passage) {
        End::good(format!("`{}` is asked for", check.path))
    } else {
        answered(way, &check, &mut passage);
        End::good("`200`: healthy").status(HEALTHY_STATUS.value)
    };
    let certain = passage.end.as_ref().filter(|end| end.outcome.verdict == Verdict::Bad);
    let unhealthy = certain.map(|end| for_all(balancer, end));
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

/// What the Ingress controller makes of the BackendConfig in force; `None` where it asks otherwise than by HTTP.
fn check<'s>(way: &Way<'_, 's>, backend: &Backend<'s>) -> Option<Check<'s>> {
    let asked = backend.health_check(way.config())?;
    let by = match asked.by {
        AskedBy::Config => "the BackendConfig",
        AskedBy::Readiness => "the readiness probe",
        AskedBy::Default => "the default",
    };
    Some(Check {
        asked,
        path: asked.path.to_owned(),
        port: asked.port,
        port_place: asked.port_place,
        place: asked.place.or_else(|| way.config_place()),
        by,
    })
}

/// The `HealthCheckPolicy`, else `/`: a Gateway infers nothing from probes. `None` where the policy is not among the files
/// given, or asks otherwise than by HTTP, or for a text besides.
fn of_gateway<'s>(gateway: &Gateway<'s>, backend: &Backend<'s>) -> Option<Check<'s>> {
    let policy = gateway.health?;
    let kind = policy::setting(&policy, &["healthCheck", "type"]).and_then(Node::as_str);
    let spoken = Spoken::named(kind.unwrap_or("HTTP"))?;
    let found = |key: &str| policy::setting(&policy, &["healthCheck", key]);
    // Then it is the text that counts.
    if found("response").is_some() {
        return None;
    }
    let port = found("port");
    let path = found("requestPath");
    let number = port.and_then(Node::as_int).or(backend.pods.port_number(&backend.port));
    let asked = HealthCheck {
        path: path.and_then(Node::as_str).unwrap_or("/"),
        place: None,
        by: AskedBy::Default,
        port: number,
        port_place: None,
        spoken,
        host: found("host").and_then(Node::as_str),
    };
    Some(Check {
        asked,
        path: path.and_then(Node::text).unwrap_or("/").to_owned(),
        port: number,
        port_place: port.map(|port| policy.at(port)),
        place: Some(path.map_or_else(|| policy.spec_title(), |path| policy.at(path))),
        by: if path.is_some() { "the HealthCheckPolicy" } else { "the default" },
    })
}

fn answered(way: &Way<'_, '_>, check: &Check<'_>, passage: &mut Passage) {
    let site = match &way.gate {
        Gate::Nginx { site, .. } => *site,
        Gate::Closed(Closed { what, place, rules }) => {
            let end = End::bad("unhealthy").rules(rules).at(*place);
            return passage.stop(HopKind::Pod, what.clone(), end);
        }
        Gate::Direct { .. } | Gate::Unknown(..) if is_engines(way, check) => {
            return by_engine(check, passage);
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
    if let Some(at) = check.asked.ends_at_engine(site) {
        let what = "hands it to the app, as it does with sessions";
        passage.hop(HopKind::Nginx, what, Some(site.place(at)));
        return by_engine(check, passage);
    }
    by_nginx(site, check, port, passage);
}

/// Socket.IO answers by itself.
fn by_engine(check: &Check<'_>, passage: &mut Passage) {
    let end = End::bad("`400` of Socket.IO: no pod is ever healthy").status(400);
    let end = end.rule("health-path-unanswered").at(check.place);
    passage.stop(HopKind::Server, "the path is Socket.IO's, and this is no handshake", end);
}

/// Whether the path is below Socket.IO's, which answers what is no handshake with 400.
fn is_engines(way: &Way<'_, '_>, check: &Check<'_>) -> bool {
    let session = way.backend.and_then(|backend| backend.session.as_ref());
    let refused = session.is_some_and(|session| session.refuses(&check.path));
    refused && is_of_requests(way, check) && !may_be_nginx(way)
}

/// Whether the port asked is that of the requests.
fn is_of_requests(way: &Way<'_, '_>, check: &Check<'_>) -> bool {
    let serving = way.backend.and_then(|backend| backend.pods.port_number(&backend.port));
    check.port_place.is_none() || check.port == serving
}

/// Whether nothing tells what the pods run, and it may be an nginx.
fn may_be_nginx(way: &Way<'_, '_>) -> bool {
    let known = way.backend.is_some_and(|backend| !backend.pods.workloads.is_empty());
    let unknown = matches!(way.gate, Gate::Unknown(..));
    unknown && (known || way.model.has_nginx())
}

/// The check asks a port that is not nginx's.
fn elsewhere(way: &Way<'_, '_>, check: &Check<'_>, passage: &mut Passage) {
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
fn by_nginx(site: &Site<'_>, check: &Check<'_>, port: u16, passage: &mut Passage) {
    match check.asked.answer_on(site, port) {
        Probed::Good => passage.hop(HopKind::Nginx, "answers 200 by itself", at(site, check, port)),
        Probed::Bad(bad) => refused(site, &bad, passage),
        Probed::Unknown => unknown(site, check, port, passage),
    }
}

/// Where nginx decides what the answer is.
fn at(site: &Site<'_>, check: &Check<'_>, port: u16) -> Option<Place> {
    let request = check.asked.request(site, port);
    let route = site.config.route(&request).ok()??;
    Some(site.place(match &route.outcome {
        Outcome::Returned(returned) => returned.at,
        _ => level(&route),
    }))
}

fn level(route: &Route<'_>) -> NodeId {
    route.scene.location.or(route.selection.location()).unwrap_or(route.server.server)
}

/// The answer is not 200: for certain, if nothing that is not given can answer in its place.
fn refused(site: &Site<'_>, bad: &BadAnswer, passage: &mut Passage) {
    let (said, place) = (bad.said(), Some(site.place(bad.at)));
    let unless = match (bad.certain, site.is_whole()) {
        (true, true) => {
            let end = if bad.closes() {
                End::bad("no answer, as nginx closes the connection: no pod is ever healthy")
            } else {
                let status = bad.status;
                End::bad(format!("`{status}` of nginx: no pod is ever healthy")).status(status)
            };
            let end = end.at(place);
            let end = end.rules(&["health-location-missing", "health-path-unanswered"]);
            return passage.stop(HopKind::Nginx, format!("answers {said}"), end);
        }
        (false, _) => "there is a file of that name",
        (true, false) => "a server that is not given is asked",
    };
    let why = format!("nginx answers {said}, and no pod is healthy then, unless {unless}");
    let end = End::unknown(why).at(place);
    let end = if site.is_whole() { end.rule("health-location-missing") } else { end };
    passage.stop(HopKind::Nginx, format!("answers {said}, unless {unless}"), end);
}

/// Nobody can tell what the answer is.
fn unknown(site: &Site<'_>, check: &Check<'_>, port: u16, passage: &mut Passage) {
    let path = &check.path;
    let (why, node) = match site.config.route(&check.asked.request(site, port)) {
        Ok(Some(route)) => match &route.selection.doubt {
            Some(doubt) => (doubt.why.clone(), doubt.at),
            None => (without_answer(site, level(&route), path), Some(level(&route))),
        },
        Ok(None) => ("nginx refuses the request line".to_owned(), None),
        Err(doubt) => (doubt.why, doubt.at),
    };
    passage.doubt(HopKind::Nginx, why, node.map(|node| site.place(node)));
}

fn without_answer(site: &Site<'_>, at: NodeId, path: &str) -> String {
    match site.config.answer(at) {
        Answer::Pass { .. } => {
            format!("nginx asks the app for `{path}`, whose answer is in none of the files")
        }
        _ => format!("nginx looks for files for `{path}`, which are none of those given"),
    }
}
