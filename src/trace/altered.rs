//! What nginx takes out of a request on its way to the server: its method, its body, its headers.

use super::passage::End;
use super::server::seconds;
use super::upstream::Arrival;
use super::way::{Ask, Way};
use crate::nginx::{NodeId, Scene, units};
use crate::path::{ASSUMED, Setting, Site};
use crate::set::Place;

const RULE: &str = "session-request-altered";

/// What a server refuses a WebSocket without (RFC 6455, section 4.2.1).
const KEYS: [&str; 2] = ["Sec-WebSocket-Key", "Sec-WebSocket-Version"];

/// What a request lacks when it reaches the server, each with the line that takes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Altered {
    /// Another method than the client's.
    method: Option<(String, Place)>,
    body: Option<(Body, Place)>,
    /// The header that a WebSocket is refused without.
    key: Option<(&'static str, Place)>,
}

/// A body that does not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    /// Its length is sent, and it is not.
    Awaited,
    /// Neither is.
    Dropped,
    /// Another one is sent for it.
    Replaced,
    /// It is sent, and its length is not.
    Unannounced,
}

impl Altered {
    pub(super) fn by(site: &Site<'_>, at: NodeId, scene: &Scene<'_>) -> Self {
        Self { method: method(site, at, scene), body: body(site, at), key: key(site, at, scene) }
    }

    /// What the server that has the session makes of it; `None` where nothing that it needs is missing.
    pub(super) fn answer(
        &self,
        way: &Way<'_, '_>,
        ask: &Ask,
        arrival: &Arrival,
    ) -> Option<(String, End)> {
        self.method_answer(ask, arrival)
            .or_else(|| self.key_answer(ask))
            .or_else(|| self.body_answer(way, ask, arrival))
            .map(|(what, end, place)| (what, end.rule(RULE).at(Some(place))))
    }

    fn method_answer(&self, ask: &Ask, arrival: &Arrival) -> Option<(String, End, Place)> {
        let (method, place) = self.method.as_ref()?;
        let what = format!("gets a {method} in place of the {}", ask.method);
        let end = if method.eq_ignore_ascii_case("GET") {
            End::bad("`200`, but as to one more poll: the message does not arrive").status(200)
        } else {
            // Only a GET opens a session, and this holds for every request.
            End::refused(2, arrival.upgrade)
        };
        Some((what, end, *place))
    }

    fn key_answer(&self, ask: &Ask) -> Option<(String, End, Place)> {
        let (key, place) = self.key.filter(|_| ask.upgrades())?;
        let end = End::bad(format!("`400` of the server, which gets no `{key}`")).status(400);
        Some((format!("a WebSocket without `{key}`"), end, place))
    }

    fn body_answer(
        &self,
        way: &Way<'_, '_>,
        ask: &Ask,
        arrival: &Arrival,
    ) -> Option<(String, End, Place)> {
        let (body, place) = self.body.filter(|_| ask.body > 0)?;
        let (what, end) = match body {
            Body::Awaited => ("waits for a body that does not come", given_up(way, arrival)),
            Body::Dropped => ("gets an empty message", unheard()),
            Body::Replaced => ("gets a text that is no message of the client's", unheard()),
            Body::Unannounced => (
                "gets no length, and takes the body for the next request",
                End::bad("`400` of the server, and the message does not arrive").status(400),
            ),
        };
        Some((what.to_owned(), end, place))
    }
}

/// The server takes what is no message of Engine.IO's for a fault of the client's.
fn unheard() -> End {
    End::bad("`200 ok`, but the message does not arrive, and the session ends").status(200)
}

/// Nobody answers: nginx or the load balancer ends it, whoever waits less.
fn given_up(way: &Way<'_, '_>, arrival: &Arrival) -> End {
    let nginx = arrival.patience.map(|(wait, _)| wait);
    let balancer = way.timeout().map(|(seconds, _)| seconds * 1_000);
    match (nginx, balancer) {
        (Some(wait), other) if other.is_none_or(|other| wait <= other) => {
            End::bad(format!("`504` of nginx after {}", seconds(wait))).status(504).after(wait)
        }
        (_, Some(wait)) => {
            End::bad(format!("cut by the load balancer after {}", seconds(wait))).after(wait)
        }
        _ => End::bad("no answer"),
    }
}

fn written(site: &Site<'_>, at: NodeId, name: &str) -> Option<NodeId> {
    match site.setting(at, name) {
        Setting::Written(line) => Some(line),
        _ => None,
    }
}

/// The line that turns something off.
fn off(site: &Site<'_>, at: NodeId, name: &str) -> Option<NodeId> {
    written(site, at, name).filter(|line| units::switch(site.config.value(*line)) == Some(false))
}

fn method(site: &Site<'_>, at: NodeId, scene: &Scene<'_>) -> Option<(String, Place)> {
    let line = written(site, at, "proxy_method")?;
    let method = site.config.value_at(site.config.value(line), scene).ok()?;
    let other = !method.eq_ignore_ascii_case(&scene.request.method);
    other.then(|| (method, site.value_place(line)))
}

fn body(site: &Site<'_>, at: NodeId) -> Option<(Body, Place)> {
    let other = written(site, at, "proxy_set_body");
    if let Some(line) = other.filter(|line| !site.config.value(*line).contains('$')) {
        return Some((Body::Replaced, site.place(line)));
    }
    let dropped = off(site, at, "proxy_pass_request_body");
    let sent = site.config.headers_sent(at, ASSUMED);
    let mut lengths = sent.named("Content-Length").peekable();
    let first = lengths.peek().and_then(|header| header.at);
    let unannounced = first.filter(|_| lengths.all(|header| header.value.is_empty()));
    let body = match (dropped, unannounced) {
        (Some(line), None) => (Body::Awaited, line),
        (Some(line), Some(_)) => (Body::Dropped, line),
        (None, Some(line)) => (Body::Unannounced, line),
        (None, None) => return None,
    };
    Some((body.0, site.place(body.1)))
}

/// The line that keeps the client's headers back.
pub(super) fn keeps_headers_back(site: &Site<'_>, at: NodeId) -> Option<NodeId> {
    off(site, at, "proxy_pass_request_headers")
}

fn key(site: &Site<'_>, at: NodeId, scene: &Scene<'_>) -> Option<(&'static str, Place)> {
    let back = keeps_headers_back(site, at);
    let sent = site.config.headers_sent(at, ASSUMED);
    KEYS.into_iter().find_map(|key| {
        let value = |template: &str| site.config.value_at(template, scene);
        match sent.named(key).next() {
            // What a variable comes to may be anything.
            Some(header) if value(&header.value).is_ok_and(|value| value.is_empty()) => {
                Some((key, site.place(header.at?)))
            }
            None => back.map(|line| (key, site.place(line))),
            Some(_) => None,
        }
    })
}
