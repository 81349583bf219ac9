//! What nginx sends on, and to which of several servers.

use super::altered::{Altered, keeps_headers_back};
use super::choice::keyed;
use super::fault::Fault;
use super::passage::{End, Passage, Stray};
use super::steps::POLL;
use super::way::{Ask, Way};
use super::{HopKind, Share, limits, store};
use crate::kube::Service;
use crate::nginx::{Balancing, MappedUri, NodeId, ProxyPass, Scene, Upstream, units};
use crate::path::{ASSUMED, Site};
use crate::set::Place;

/// What reaches the server.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    /// The path and the query.
    pub(super) uri: String,
    /// Whether it still asks for a WebSocket.
    pub(super) upgrade: bool,
    /// The line that sends it.
    pub(super) place: Option<Place>,
    /// Milliseconds that nginx waits for a word of the server, and where that is written.
    pub(super) patience: Option<(u64, Option<Place>)>,
    /// Whether the next server is asked when one takes too long.
    pub(super) retries: bool,
    /// The line that changed the path.
    pub(super) rules: Vec<&'static str>,
    /// What it lacks.
    pub(super) altered: Altered,
}

impl Arrival {
    /// What reaches a server that nothing stands before.
    pub(super) fn direct(way: &Way<'_, '_>, ask: &Ask) -> Self {
        Self {
            uri: ask.target(&way.path),
            upgrade: ask.upgrades(),
            place: None,
            patience: None,
            retries: false,
            rules: Vec::new(),
            altered: Altered::default(),
        }
    }
}

/// What is sent on.
pub(super) fn sent(
    way: &Way<'_, '_>,
    site: &Site<'_>,
    at: NodeId,
    scene: &Scene<'_>,
    ask: &Ask,
    passage: &mut Passage,
) -> Option<Arrival> {
    let config = &site.config;
    let pass = config.proxy_pass(at)?;
    let place = Some(site.place(pass.node));
    let uri = match config.map_uri(at, scene) {
        Ok(MappedUri::Sent(uri)) => uri,
        Ok(MappedUri::Refused) => {
            let end =
                End::bad("no answer: nginx does not start").rule("nginx-would-not-start").at(place);
            passage.stop(HopKind::Nginx, "a path in this `proxy_pass` is refused", end);
            return None;
        }
        Err(doubt) => {
            passage.doubt(HopKind::Nginx, doubt.why, place);
            return None;
        }
    };
    let becomes = match &uri {
        same if *same == scene.request.target => "the URI stays as it is".to_owned(),
        other => format!("the URI becomes `{other}`"),
    };
    passage.hop(HopKind::Nginx, becomes, place);
    limits::walk(way, site, at, passage);
    body(way, site, at, ask, passage);
    store::walk(way, site, at, ask, passage);
    let upgrade = headers(site, at, scene, passage) && !way.has(Fault::UpgradeDropped);
    let patience = patience(site, at, ask, passage);
    let patience = match way.fault {
        Some(Fault::ReadTimeout(wait)) => patience.map(|(_, place)| (wait, place)),
        _ => patience,
    };
    let several = balancing(way, site, (at, scene), ask, passage);
    undeclared(way, site, (at, scene), passage);
    let rules =
        if pass.has_variables() && pass.uri.is_some() { vec!["query-lost"] } else { Vec::new() };
    Some(Arrival {
        uri,
        upgrade,
        place,
        patience,
        retries: several && asks_the_next(site, at),
        rules,
        altered: Altered::by(site, at, scene),
    })
}

/// A port of the pod that no container says it listens on.
fn undeclared(
    way: &Way<'_, '_>,
    site: &Site<'_>,
    (at, scene): (NodeId, &Scene<'_>),
    passage: &mut Passage,
) {
    let pass = site.config.proxy_target(at, scene).ok();
    if let Some(found) = pass.and_then(|pass| way.model.undeclared_port(site, &pass)) {
        let port = found.port;
        let what = format!("no container says that it listens on port {port}: if none does, `502`");
        passage.caution(what, Some("upstream-port-unserved"));
    }
}

/// No body limit is below that, in bytes.
const SMALL: u64 = 1_000;

/// `client_max_body_size`.
fn body(way: &Way<'_, '_>, site: &Site<'_>, at: NodeId, ask: &Ask, passage: &mut Passage) {
    if ask.method != "POST" {
        return;
    }
    let effective = site.config.effective(at, "client_max_body_size");
    let text = site.config.effective_value(at, "client_max_body_size", ASSUMED);
    let Some(limit) = text.and_then(units::bytes) else {
        return;
    };
    let place = effective.line().map(|line| site.place(line)).or_else(|| Some(site.place(at)));
    let said = text.unwrap_or_default();
    let small = way.has(Fault::BodyLimit) && ask.body > SMALL;
    if !small && (limit == 0 || ask.body <= limit) {
        return passage.hop(HopKind::Nginx, format!("takes bodies up to `{said}`"), place);
    }
    let end = End::bad("`413` of nginx").status(413).rule("body-limit-too-small").at(place);
    passage.stop(
        HopKind::Nginx,
        format!("takes bodies up to `{said}`: {} bytes are too many", ask.body),
        end,
    );
}

/// The headers that matter; whether it is still asked for a WebSocket.
fn headers(site: &Site<'_>, at: NodeId, scene: &Scene<'_>, passage: &mut Passage) -> bool {
    const TOLD: [&str; 5] =
        ["Host", "Upgrade", "Connection", "X-Forwarded-For", "X-Forwarded-Proto"];
    let sent = site.config.headers_sent(at, ASSUMED);
    let back = keeps_headers_back(site, at).is_some();
    let mut told = Vec::new();
    let value = |name: &str| {
        let header = sent.named(name).next()?;
        let known = site.config.value_at(&header.value, scene).ok();
        let upgrade = ["upgrade", "connection"].contains(&&*name.to_ascii_lowercase());
        let known =
            known.or_else(|| site.value_for_upgrade(&header.value, scene).filter(|_| upgrade));
        Some(known.unwrap_or_else(|| header.value.clone()))
    };
    for name in TOLD {
        // What nginx does not set passes as the client sent it.
        let given = value(name).or_else(|| scene.request.header(name).filter(|_| !back));
        told.extend(
            given.filter(|value| !value.is_empty()).map(|value| format!("`{name}: {value}`")),
        );
    }
    let place = sent.headers.iter().find_map(|header| header.at).map(|line| site.place(line));
    passage.hop(HopKind::Nginx, format!("sends {}", told.join(", ")), place);
    let asks =
        value("connection").is_some_and(|value| value.to_ascii_lowercase().contains("upgrade"));
    let asks = asks && value("upgrade").is_some_and(|value| !value.is_empty());
    let old = site.config.effective_value(at, "proxy_http_version", ASSUMED) == Some("1.0");
    let wanted = scene.request.header("upgrade").is_some();
    if wanted && asks && old {
        passage.caution(
            "nginx asks over HTTP/1.0: Node.js takes that, other servers may not",
            Some("http10-to-upstream"),
        );
    }
    if wanted && site.is_in_doubt(sent.doubt.as_ref()) && !asks {
        let why = "what is around this configuration may forward `Upgrade`";
        passage.doubt(HopKind::Nginx, why, Some(site.place(at)));
    }
    asks
}

/// `proxy_read_timeout`, and whether answers are buffered.
fn patience(
    site: &Site<'_>,
    at: NodeId,
    ask: &Ask,
    passage: &mut Passage,
) -> Option<(u64, Option<Place>)> {
    let place = |name: &str| site.config.effective(at, name).line().map(|line| site.place(line));
    let text = site.config.effective_value(at, "proxy_read_timeout", ASSUMED)?;
    let written = place("proxy_read_timeout");
    let default = if written.is_none() { ", the default" } else { "" };
    passage.hop(HopKind::Nginx, format!("waits {text} for a word of the server{default}"), written);
    if ask.method == "GET"
        && !ask.upgrades()
        && site.config.is_on(at, "proxy_buffering", ASSUMED) == Some(true)
    {
        let what = "buffers answers: later, but whole, as they carry their length";
        passage.hop(HopKind::Nginx, what, place("proxy_buffering"));
    }
    Some((units::milliseconds(text)?, written.or_else(|| Some(site.place(at)))))
}

/// The servers that a request may be sent to.
struct Targets<'s> {
    upstream: Option<Upstream<'s>>,
    /// What stands for them in a sentence.
    names: String,
    /// Whether all are in the pod itself.
    inside: bool,
    /// Whether nginx knows more than one.
    several: bool,
    count: Share,
    place: Option<Place>,
    /// The Service whose name is all that nginx knows.
    service: Option<Service<'s>>,
}

fn targets<'s>(way: &Way<'_, 's>, site: &Site<'s>, pass: &ProxyPass) -> Targets<'s> {
    let upstream = site.config.upstream_named(&pass.host);
    let peer = |host: &str, port: Option<u16>| (host.to_owned(), port);
    let all: Vec<(String, Option<u16>)> = match &upstream {
        Some(one) => one.peers.iter().map(|each| peer(each.address, each.port)).collect(),
        None => vec![peer(&pass.host, pass.port)],
    };
    let service = match all.as_slice() {
        [(host, _)] if !is_local(host) => service_of(way, host),
        _ => None,
    };
    let count = match (all.as_slice(), &service) {
        ([(host, _)], service) if !is_local(host) => {
            service.as_ref().and_then(|service| pods_of(way, service))
        }
        (all, _) => u64::try_from(all.len()).ok().filter(|count| *count > 0),
    };
    let said = |(host, port): &(String, Option<u16>)| match port {
        Some(port) => format!("{host}:{port}"),
        None => host.clone(),
    };
    let node = upstream.as_ref().map_or(pass.node, |one| one.balancing_at.unwrap_or(one.node));
    Targets {
        names: all.iter().map(said).collect::<Vec<_>>().join(", "),
        inside: all.iter().all(|(host, _)| is_local(host)),
        several: all.len() > 1,
        count: Share::among(count),
        place: Some(site.place(node)),
        upstream,
        service,
    }
}

fn is_local(host: &str) -> bool {
    let names = ["localhost", "[::1]"];
    host.starts_with("127.") || host.starts_with("unix:") || names.contains(&host)
}

/// The choice among several servers; whether nginx knows more than one.
fn balancing(
    way: &Way<'_, '_>,
    site: &Site<'_>,
    (at, scene): (NodeId, &Scene<'_>),
    ask: &Ask,
    passage: &mut Passage,
) -> bool {
    let Ok(pass) = site.config.proxy_target(at, scene) else {
        let why = "a variable names the server";
        passage.doubt(HopKind::Nginx, why, Some(site.place(at)));
        return false;
    };
    let targets = targets(way, site, &pass);
    if let Some(begun) = begun_at(way, site, ask, scene).filter(|one| site.are_apart(one, &pass)) {
        let end = End::refused(1, ask.upgrades()).rule("upstream-without-affinity");
        let what = format!("to {}; the session is at {}", targets.names, begun.host);
        passage.stop(HopKind::Nginx, what, end.at(Some(site.place(pass.node))));
        return targets.several;
    }
    if let Some(service) = targets.service.filter(|_| ask.sid && !targets.count.is_safe()) {
        by_service(&service, targets.count, passage);
        return targets.several;
    }
    if !targets.inside {
        // The servers are elsewhere, so it does not matter which nginx is asked.
        passage.strays.clear();
    }
    let (names, place, share) = (&targets.names, targets.place, targets.count);
    if share.is_safe() || !ask.sid {
        passage.hop(HopKind::Nginx, format!("to {names}"), place);
        return targets.several;
    }
    if targets.upstream.as_ref().is_some_and(|one| one.sticky.is_some()) {
        passage.hop(HopKind::Nginx, format!("to one of {names}: by a cookie"), place);
        passage.strays.push(Stray { share, rules: Vec::new(), place, cookies: true, from: None });
        return targets.several;
    }
    let balancing = targets.upstream.as_ref().map_or(Balancing::RoundRobin, |one| one.balancing);
    let choice = keyed(way, site, at, balancing, ask);
    if let Some(rules) = choice.tell(names, place, passage) {
        passage.strays.push(Stray { share, rules, place, cookies: false, from: None });
    }
    targets.several
}

/// Where the session began that a request belongs to.
fn begun_at(way: &Way<'_, '_>, site: &Site<'_>, ask: &Ask, scene: &Scene<'_>) -> Option<ProxyPass> {
    let handshake = Ask { sid: false, body: 0, ..POLL };
    let asked = store::known(way, site, &handshake, scene.request.port);
    let route = site.config.route(&asked).ok()??;
    let at = route.scene.location.filter(|_| ask.sid && route.selection.doubt.is_none())?;
    site.config.proxy_target(at, &route.scene).ok()
}

/// Whether `proxy_next_upstream` holds for a server that takes too long.
fn asks_the_next(site: &Site<'_>, at: NodeId) -> bool {
    let line = site.config.effective(at, "proxy_next_upstream").line();
    line.is_none_or(|line| site.config.arguments(line).any(|word| word == "timeout"))
}

/// The Service of a name that nginx sends to.
fn service_of<'s>(way: &Way<'_, 's>, host: &str) -> Option<Service<'s>> {
    let name = host.split('.').next()?;
    match way.backend.map(|backend| backend.service.0) {
        Some(from) => way.model.service(name, &from),
        None => Some(Service(**way.model.set.candidates("Service", name).first()?)),
    }
}

/// The pods behind a Service.
fn pods_of(way: &Way<'_, '_>, service: &Service<'_>) -> Option<u64> {
    let pods = way
        .model
        .selected_by(service)
        .into_iter()
        .map(crate::kube::Workload::replicas)
        .sum::<Option<i64>>()?;
    u64::try_from(pods).ok().filter(|pods| *pods > 0)
}

/// The choice that kube-proxy makes for the name of a Service.
fn by_service(service: &Service<'_>, share: Share, passage: &mut Passage) {
    let name = service.0.name;
    if let Some(node) = service.keeps_addresses() {
        let what = format!("to the Service `{name}`, which keeps each nginx on one pod");
        return passage.hop(HopKind::Service, what, Some(service.0.at(node)));
    }
    let what = format!("to the Service `{name}`, and from there to any of its pods");
    let place = Some(service.0.title());
    passage.hop(HopKind::Service, what, place);
    passage.strays.clear();
    let rules = vec!["session-affinity-missing", "upstream-without-affinity"];
    passage.strays.push(Stray { share, rules, place, cookies: false, from: None });
}
