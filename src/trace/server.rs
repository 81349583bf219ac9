//! The Socket.IO server: whether a request is for it, and what it answers.

use super::HopKind;
use super::entries::DEFAULT_PATH;
use super::fault::Fault;
use super::gate::Gate;
use super::nginx;
use super::passage::{End, Passage};
use super::start::Closed;
use super::upstream::Arrival;
use super::way::{Ask, Way};
use crate::kube::controller_defaults::LoadBalancer;

/// A request from the browser to the server's answer; what reaches the server, if anything does.
pub(super) fn walk(way: &Way<'_, '_>, ask: &Ask) -> (Passage, Option<Arrival>) {
    let mut passage = Passage::default();
    way.to_the_pod(ask, &mut passage);
    if passage.end.is_some() {
        return (passage, None);
    }
    let http2 = backend_speaks_http2(way).filter(|_| ask.upgrades());
    if let Some(place) = http2 {
        let end = End::bad("`502`").status(502).rule("http2-to-backend").at(Some(place));
        passage.stop(HopKind::Service, "HTTP/2 to the pod, which knows no Upgrade", end);
        return (passage, None);
    }
    let arrival = through_gate(way, ask, &mut passage);
    if let (Some(arrival), None) = (&arrival, &passage.end) {
        answer(way, ask, arrival, &mut passage);
    }
    (passage, arrival)
}

fn through_gate(way: &Way<'_, '_>, ask: &Ask, passage: &mut Passage) -> Option<Arrival> {
    match &way.gate {
        Gate::Nginx { site, port, assumed } => {
            if *assumed {
                let what = format!(
                    "taken for the nginx of these pods: it listens on {port}, and no workload given mounts it"
                );
                let place = site.config.servers().first().map(|node| site.place(*node));
                passage.hop(HopKind::Nginx, what, place);
            }
            nginx::walk(way, site, *port, ask, passage)
        }
        Gate::Direct { what, place, caution } => {
            passage.hop(HopKind::Pod, what.clone(), *place);
            if let Some(caution) = caution {
                passage.caution(caution, Some("target-port-unserved"));
            }
            Some(Arrival::direct(way, ask))
        }
        Gate::Closed(Closed { what, place, rules }) => {
            let end = match way.front.load_balancer().map(LoadBalancer::status_without_backends) {
                Some(status) => End::bad(format!("`{status}`")).status(status),
                None => End::bad("no answer of a pod"),
            };
            let end = end.rules(rules).at(*place);
            passage.stop(HopKind::Pod, what.clone(), end);
            None
        }
        Gate::Unknown(why, place) => {
            passage.doubt(HopKind::Pod, why.clone(), *place);
            Some(Arrival::direct(way, ask))
        }
    }
}

/// The annotation that asks for HTTP/2 to the port.
fn backend_speaks_http2(way: &Way<'_, '_>) -> Option<crate::set::Place> {
    way.front.class()?;
    let backend = way.backend?;
    if way.has(Fault::Http2) {
        return Some(backend.service.0.annotations_title());
    }
    let (_, protocol, place) = backend.protocol()?;
    (protocol == "HTTP2").then_some(place)
}

/// What the server answers, in the order in which Engine.IO looks
/// (socketio/socket.io:packages/engine.io/lib/server.ts, `verify`).
fn answer(way: &Way<'_, '_>, ask: &Ask, arrival: &Arrival, passage: &mut Passage) {
    let (path, query) = arrival.uri.split_once('?').unwrap_or((&arrival.uri, ""));
    let query = if way.has(Fault::QueryLost) { "" } else { query };
    let Some(mounted) = mounted(way, path, passage) else {
        return;
    };
    if !mounted && may_be_mapped(way) {
        let what =
            format!("not known whether what is in the pod makes the server's own path of `{path}`");
        return passage.hop(HopKind::Server, what, None);
    }
    if !mounted {
        return not_mounted(way, ask, path, arrival, passage);
    }
    if !query.split('&').any(|one| one.starts_with("transport=")) {
        let end = End::refused(0, arrival.upgrade)
            .rules(&arrival.rules)
            .rule("query-lost")
            .at(arrival.place);
        return passage.stop(HopKind::Server, format!("`{}` has lost its query", arrival.uri), end);
    }
    let astray = passage.share(true).filter(|_| ask.sid);
    if ask.upgrades() && !arrival.upgrade {
        let mut end = End::refused(3, false).rule("upgrade-not-forwarded").at(arrival.place);
        if let Some(share) = astray {
            end = end.caution(format!(
                "another pod answers {} {share}",
                End::refused(1, false).outcome.text
            ));
            end = with_rules_of_strays(end, passage);
        }
        return passage.stop(HopKind::Server, "a WebSocket without `Upgrade`", end);
    }
    let cookieless = passage.share(false).filter(|_| ask.sid);
    if let Some(share) = astray {
        let end = with_rules_of_strays(End::refused(1, arrival.upgrade).share(share), passage);
        let end = match passage.astray_from() {
            Some(from) => end.because(format!("from {from} s after the first request on")),
            None => end,
        };
        return passage.stop(HopKind::Server, "another pod does not know the session", end);
    }
    if let Some((what, end)) = arrival.altered.answer(way, ask, arrival) {
        return passage.stop(HopKind::Server, what, end);
    }
    passage.hop(HopKind::Server, "knows the request", None);
    if let Some(share) = cookieless {
        let refused = End::refused(1, arrival.upgrade).outcome.text;
        passage.caution(format!("a client that keeps no cookies gets {refused} {share}"), None);
    }
    too_slow(way, ask, arrival, passage);
}

fn with_rules_of_strays(mut end: End, passage: &Passage) -> End {
    for stray in passage.strays.iter().filter(|stray| !stray.cookies && !stray.share.is_safe()) {
        end = end.rules(&stray.rules).at(stray.place);
    }
    end
}

/// Whether the server is mounted where the request arrives; `None` where nobody says.
fn mounted(way: &Way<'_, '_>, path: &str, passage: &mut Passage) -> Option<bool> {
    if way.has(Fault::MountedElsewhere) {
        return Some(false);
    }
    if let Some((mount, place)) = &way.mount {
        passage.hop(HopKind::Server, format!("mounted at `{mount}`"), Some(*place));
        return Some(path.starts_with(mount.as_str()));
    }
    if path.starts_with(DEFAULT_PATH) {
        passage.hop(
            HopKind::Server,
            format!("mounted at `{DEFAULT_PATH}`, its default: no file says otherwise"),
            None,
        );
        return Some(true);
    }
    let never = path.starts_with("//") || !path.contains("socket.io/");
    if never {
        return Some(false);
    }
    let why = format!(
        "whether the server is mounted at `{path}` is in none of the files: a comment `# sioway: socketio path={} server-path=…` says it",
        way.path
    );
    passage.doubt(HopKind::Server, why, None);
    None
}

/// What stands before the server is not known, so it may send another path to it.
fn may_be_mapped(way: &Way<'_, '_>) -> bool {
    matches!(way.gate, Gate::Unknown(..)) && !way.has(Fault::MountedElsewhere)
}

fn not_mounted(way: &Way<'_, '_>, ask: &Ask, path: &str, arrival: &Arrival, passage: &mut Passage) {
    let proxied = matches!(way.gate, Gate::Nginx { .. });
    let end = match (ask.upgrades() && arrival.upgrade, proxied) {
        (true, true) => End::bad("`502` of nginx after 1 s").status(502).after(1_000),
        (true, false) => End::bad("closed without an answer after 1 s").after(1_000),
        (false, _) => End::bad("`404` of the app, or no answer where it has none").status(404),
    };
    let end = end.rule("prefix-not-mapped").at(arrival.place);
    passage.stop(HopKind::Server, format!("`{path}` is none of its own"), end);
}

/// Who gives up first on an answer that takes its time.
fn too_slow(way: &Way<'_, '_>, ask: &Ask, arrival: &Arrival, passage: &mut Passage) {
    if ask.waits == 0 {
        return;
    }
    let balancer = way.timeout().map(|(seconds, place)| (seconds * 1_000, place));
    let proxy = arrival.patience.filter(|(wait, _)| *wait <= ask.waits);
    let balancer = balancer.filter(|(wait, _)| *wait <= ask.waits);
    // What holds for tunnels holds for WebSockets alone.
    let told = way.silences().into_iter().filter(|(_, key, _)| !key.contains("tunnel"));
    if let Some((wait, _, place)) =
        told.filter(|(wait, ..)| *wait <= ask.waits).min_by_key(|one| one.0)
        && proxy.is_none_or(|(proxy, _)| wait < proxy)
    {
        let text =
            format!("given up by the load balancer after {}, and the session ends", seconds(wait));
        let end = End::bad(text).after(wait).rule("ingress-timeout-too-short").at(Some(place));
        return passage.stop(HopKind::Server, format!("answers after {}", seconds(ask.waits)), end);
    }
    let end = match (proxy, balancer) {
        (Some((wait, place)), other) if other.is_none_or(|(balancer, _)| wait <= balancer) => {
            let end = if arrival.retries {
                End::refused(1, false)
                    .because(format!("nginx asks the next server after {}", seconds(wait)))
            } else {
                End::bad(format!("`504` of nginx after {}, and the session ends", seconds(wait)))
                    .status(504)
            };
            end.after(wait).rule("read-timeout-too-short").at(place)
        }
        (_, Some((wait, place))) => {
            let text =
                format!("cut by the load balancer after {}, and the session ends", seconds(wait));
            End::bad(text).after(wait).rule("websocket-cut-by-timeout").at(place)
        }
        _ => return,
    };
    passage.stop(HopKind::Server, format!("answers after {}", seconds(ask.waits)), end);
}

/// Milliseconds as people say them.
pub(super) fn seconds(milliseconds: u64) -> String {
    match (milliseconds % 1_000, milliseconds / 1_000) {
        (0, seconds) if seconds >= 3_600 && seconds.is_multiple_of(3_600) => {
            format!("{} h", seconds / 3_600)
        }
        (0, seconds) => format!("{seconds} s"),
        _ => format!("{milliseconds} ms"),
    }
}
