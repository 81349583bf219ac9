//! The picture of a session that files speak of: the stations of its way with what is known of each, and what the
//! trace foretells of them.

use super::affinity::affinity_of;
use super::entries::{self, Entry};
use super::front::{Front, name_of};
use super::gate::Gate;
use super::server::seconds;
use super::way::Way;
use super::{HopKind, Options, Step, StepKind, Trace, Verdict, build, rungs};
use crate::kube::controller_defaults::AFFINITY;
use crate::path::{Model, Site, SiteLocation};
use crate::picture::{Picture, State, Station};
use crate::set::Place;

/// So many faults of one station are told.
const FAULTS: usize = 3;

/// Where a station stands among the others.
const BALANCER: usize = 1;
const SERVICE: usize = 2;
const NGINX: usize = 3;
const SERVER: usize = 4;

/// The picture of every session that the files speak of, or of the one that the options name.
pub fn pictures(model: &Model<'_>, options: &Options) -> Vec<Picture> {
    let entries = entries::all(model, options);
    entries.into_iter().map(|entry| picture(model, entry, options)).collect()
}

fn picture<'m, 's>(model: &'m Model<'s>, entry: Entry<'m, 's>, options: &Options) -> Picture {
    let way = Way::of(model, &entry, options);
    let stations =
        [Some(browser(&way)), Some(balancer(&way)), service(&way), gate(&way), Some(server(&way))];
    let rungs = rungs::of(&way);
    let trace = build::trace(model, entry, options);
    let host = trace.host.as_deref().unwrap_or("any host");
    let title = format!("{host}{}", trace.path);
    Picture { title, stations: with_faults(stations, &trace, model), rungs }
}

fn browser(way: &Way<'_, '_>) -> Station {
    let host = way.host.clone().unwrap_or_else(|| "any host".to_owned());
    Station::right("Browser", vec![host, format!("path {}", way.path)])
}

fn balancer(way: &Way<'_, '_>) -> Station {
    let name = "Load balancer";
    let (fact, state) = match &way.front {
        Front::Gce { class, .. } => (class.load_balancer.name().to_owned(), State::Right),
        Front::Gateway(gateway) => (gateway.class.load_balancer.name().to_owned(), State::Right),
        Front::Ignored(ingress) => {
            (format!("no controller takes the Ingress {}", ingress.0.name), State::Broken)
        }
        Front::Foreign(_, controller, _) => (name_of(*controller).to_owned(), State::Right),
        Front::Traefik(_) => ("Traefik".to_owned(), State::Right),
        Front::NotGiven => ("not among the files given".to_owned(), State::Unknown),
    };
    let mut station = Station { state, ..Station::right(name, vec![fact]) };
    if way.front.load_balancer().is_some() {
        station.facts.extend(settings(way));
    }
    if let Some((config, _)) = way.config_not_given() {
        station.facts.push(format!("the BackendConfig {config} is not among the files given"));
        station.state = State::Unknown;
    }
    station
}

/// What the BackendConfig in force says, and the defaults where it says nothing.
fn settings(way: &Way<'_, '_>) -> Vec<String> {
    let Some((timeout, _)) = way.timeout() else {
        return Vec::new();
    };
    let number = |keys: &[&str]| way.setting(keys);
    let by_default = |given: bool| if given { "" } else { ", the default" };
    let affinity = match way.front.gateway() {
        Some(gateway) => affinity_of(gateway).map(|one| one.0),
        None => way.config().and_then(|config| Some(config.affinity()?.0)),
    };
    let drain = number(&["connectionDraining", "drainingTimeoutSec"]).map(|(drain, _)| drain);
    let cdn = way.config().and_then(|config| config.get(&["cdn", "enabled"])?.as_bool());
    let mut facts = vec![
        format!("timeout {timeout} s{}", by_default(number(&["timeoutSec"]).is_some())),
        format!(
            "affinity {}{}",
            affinity.unwrap_or(AFFINITY.value),
            by_default(affinity.is_some())
        ),
        format!("drain {} s{}", drain.unwrap_or(0), by_default(drain.is_some())),
    ];
    facts.extend((cdn == Some(true)).then(|| "CDN on".to_owned()));
    facts
}

fn service(way: &Way<'_, '_>) -> Option<Station> {
    let backend = way.backend?;
    let port = backend.pods.port_number(&backend.port);
    let port = port.map_or("a port of a name".to_owned(), |port| format!("port {port}"));
    let pods = match way.pods {
        None => "how many pods is not among the files given".to_owned(),
        Some(1) => "1 pod".to_owned(),
        Some(pods) => format!("{pods} pods"),
    };
    let said = backend.port.said().replace('`', "");
    let facts = vec![format!("port {said} to {port} of the pod"), pods];
    Some(Station::right(format!("Service {}", backend.service.0.name), facts))
}

/// nginx, or why nobody knows what stands there; `None` where the server itself does.
fn gate(way: &Way<'_, '_>) -> Option<Station> {
    match &way.gate {
        Gate::Nginx { site, port, .. } => Some(nginx(way, site, *port)),
        Gate::Direct { .. } => None,
        Gate::Closed(closed) => {
            let station = Station::right("In the pod", vec![closed.what.clone()]);
            Some(Station { state: State::Broken, ..station })
        }
        Gate::Unknown(why, _) => {
            let station = Station::right("In the pod", vec![why.clone()]);
            Some(Station { state: State::Unknown, ..station })
        }
    }
}

fn nginx(way: &Way<'_, '_>, site: &Site<'_>, port: u16) -> Station {
    let mut facts = vec![format!("listens on {port}")];
    let level = session_at(way, site).map(|session| session.location.unwrap_or(session.server));
    let timeout = level.and_then(|level| site.time(level, "proxy_read_timeout"));
    facts.extend(timeout.map(|(time, line)| {
        let by_default = if line.is_some() { "" } else { ", the default" };
        format!("read timeout {}{by_default}", seconds(time))
    }));
    Station::right("nginx", facts)
}

/// The session of a way within an nginx.
pub(super) fn session_at<'m, 's>(
    way: &Way<'_, '_>,
    site: &'m Site<'s>,
) -> Option<&'m SiteLocation<'s>> {
    let mut sessions = site.sessions.iter();
    sessions.find(|one| one.path == way.path)
}

fn server(way: &Way<'_, '_>) -> Station {
    let numbers = &way.numbers;
    let mut facts: Vec<String> =
        way.mount.iter().map(|(mount, _)| format!("mounted at {mount}")).collect();
    facts.push(format!(
        "pings each {}, waits {} for the answer",
        seconds(numbers.ping_interval),
        seconds(numbers.ping_timeout)
    ));
    Station::right("Socket.IO server", facts)
}

/// The stations, each with the steps that its files spoil.
fn with_faults(stations: [Option<Station>; 5], trace: &Trace, model: &Model<'_>) -> Vec<Station> {
    let mut stations = stations;
    for step in &trace.steps {
        let verdict = step.outcome.verdict;
        // Pods that are not given are unknown, and not the Service that selects them.
        let pods = verdict == Verdict::Unknown && step.step == StepKind::Rollout;
        let at = if pods { SERVER } else { station_of(step, model) };
        // Where the server itself stands behind the Service, nginx is not there to be blamed.
        let at = if stations[at].is_some() { at } else { SERVER };
        let Some(station) = &mut stations[at] else { continue };
        match verdict {
            Verdict::Bad => {
                station.state = State::Broken;
                let text = step.outcome.text.replace('`', "");
                station.faults.push(format!("{}: {text}", step.step.title()));
            }
            Verdict::Unknown if station.state == State::Right => station.state = State::Unknown,
            _ => {}
        }
    }
    let mut stations: Vec<Station> = stations.into_iter().flatten().collect();
    for station in &mut stations {
        shorten(&mut station.faults);
    }
    stations
}

fn shorten(faults: &mut Vec<String>) {
    let more = faults.len().saturating_sub(FAULTS);
    faults.truncate(FAULTS);
    faults.extend((more > 0).then(|| format!("{more} more of the steps")));
}

/// The station whose file decides a step; where no line does, the one that the step ends at.
fn station_of(step: &Step, model: &Model<'_>) -> usize {
    if let Some(place) = step.decided_by {
        return by_place(place, model);
    }
    match step.hops.last().map(|hop| hop.hop) {
        None | Some(HopKind::Server) => SERVER,
        Some(HopKind::Nginx | HopKind::Pod) => NGINX,
        Some(HopKind::Service | HopKind::Endpoints) => SERVICE,
        Some(
            HopKind::Host
            | HopKind::LoadBalancer
            | HopKind::Cdn
            | HopKind::Affinity
            | HopKind::Timeout,
        ) => BALANCER,
    }
}

/// The station that a line of a file is about.
fn by_place(place: Place, model: &Model<'_>) -> usize {
    let holds = |object: &&crate::kube::Object<'_>| {
        let document = object.document;
        object.file.source == place.source
            && document.start <= place.span.start
            && place.span.end <= document.end
    };
    match model.set.objects.iter().find(holds).map(|object| object.kind) {
        None | Some("ConfigMap") => NGINX,
        Some("Service") => SERVICE,
        Some("Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Pod") => SERVER,
        Some(_) => BALANCER,
    }
}
