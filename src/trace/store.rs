//! nginx's own cache: whether the answer to one request is given to another.
//!
//! Whatever stands in `proxy_cache_key` is filled in for requests of this client and of another one: what comes to the
//! same is answered the same.

use super::gate::Gate;
use super::nginx::{request, value_of};
use super::passage::{End, Passage};
use super::steps::POLL;
use super::way::{Ask, Way};
use super::{HopKind, cdn};
use crate::nginx::{Cache, NodeId, Request, Stores};
use crate::path::Site;
use crate::set::Place;

const RULE: &str = "session-traffic-cached";

/// Sessions that several clients get.
pub(super) struct Shared {
    pub(super) rules: &'static [&'static str],
    pub(super) place: Option<Place>,
    /// Whether a request for a WebSocket may get what is stored, which nobody says.
    pub(super) may_answer_upgrades: bool,
}

/// What gives one client's session to others; `None` if nothing does.
pub(super) fn shared(way: &Way<'_, '_>) -> Option<Shared> {
    if cdn::shares_sessions(way) {
        let rules = &["cdn-key-drops-query", "cdn-on-session-traffic"];
        let place = way.config().and_then(|config| Some(config.0.at(config.get(&["cdn"])?)));
        return Some(Shared { rules, place, may_answer_upgrades: true });
    }
    let Gate::Nginx { site, port, .. } = way.gate else {
        return None;
    };
    let handshake = Ask { sid: false, ..POLL };
    let asked = known(way, site, &handshake, port);
    let route = site.config.route(&asked).ok()??;
    let at = route.scene.location?;
    let keys = Keys::of(way, site, at, port)?;
    let place = Some(site.place(keys.cache.at));
    let shared = Shared { rules: &[RULE], place, may_answer_upgrades: false };
    (keys.stores_all() && keys.is_blind()).then_some(shared)
}

/// The keys of a cache that is in force.
struct Keys<'a, 's> {
    site: &'a Site<'s>,
    at: NodeId,
    cache: Cache,
    /// Of this client's handshake, and of another's.
    handshake: [Option<String>; 2],
}

impl<'a, 's> Keys<'a, 's> {
    fn of(way: &Way<'_, 's>, site: &'a Site<'s>, at: NodeId, port: u16) -> Option<Self> {
        let cache = site.config.cache_of(at, site.version())?;
        let first = known(way, site, &Ask { sid: false, ..POLL }, port);
        let other = of_another(&first, true);
        let handshake = [first, other].map(|one| key_of(site, at, cache, &one));
        Some(Self { site, at, cache, handshake })
    }

    fn key(&self, request: &Request) -> Option<String> {
        key_of(self.site, self.at, self.cache, request)
    }

    fn stores_all(&self) -> bool {
        self.cache.stores == Stores::Everything
    }

    /// Whether handshakes of all clients are one.
    fn is_blind(&self) -> bool {
        let [own, other] = &self.handshake;
        own.is_some() && own == other
    }

    /// Whether the cache is not asked for this request.
    fn is_bypassed(&self, request: &Request) -> bool {
        let line = self.site.config.effective(self.at, "proxy_cache_bypass").line();
        let mut values = line.into_iter().flat_map(|line| self.site.config.arguments(line));
        let value = |template: &str| value_of(self.site, self.at, template, request);
        values.any(|template| value(template).map_or(true, |value| !matches!(&*value, "" | "0")))
    }
}

/// The request without anything that a client need not send: so it is the same for two of them.
pub(super) fn known(way: &Way<'_, '_>, site: &Site<'_>, ask: &Ask, port: u16) -> Request {
    Request { open: false, ..request(way, site, ask, port) }
}

fn key_of(site: &Site<'_>, at: NodeId, cache: Cache, request: &Request) -> Option<String> {
    let written = cache.key.map(|line| site.config.value(line));
    value_of(site, at, written.unwrap_or("$scheme$proxy_host$request_uri"), request).ok()
}

/// The same request later, or another client's.
fn of_another(request: &Request, client: bool) -> Request {
    let mut other = request.clone();
    other.target = other.target.replace("&t=T", "&t=U");
    if client {
        other.target = other.target.replace("&sid=SID", "&sid=DIS");
        let address = |(name, value): &(String, String)| {
            (name.clone(), value.replace("198.51.100.7", "198.51.100.8"))
        };
        other.headers = other.headers.iter().map(address).collect();
    }
    other
}

/// The hop of the cache.
pub(super) fn walk(
    way: &Way<'_, '_>,
    site: &Site<'_>,
    at: NodeId,
    ask: &Ask,
    passage: &mut Passage,
) {
    if ask.method != "GET" {
        return;
    }
    if let Some(line) = site.lets_others_store(at).filter(|_| !ask.upgrades()) {
        let place = Some(site.place(line));
        passage.hop(HopKind::Nginx, "`expires` in place of Socket.IO's `no-store`", place);
        let caution = "a cache on the way may give the answer to another client";
        passage.caution(caution, Some(RULE));
    }
    let Gate::Nginx { port, .. } = way.gate else {
        return;
    };
    let Some(keys) = Keys::of(way, site, at, port) else {
        return;
    };
    let place = Some(site.place(keys.cache.key.unwrap_or(keys.cache.at)));
    let asked = known(way, site, ask, port);
    if keys.is_bypassed(&asked) {
        return passage.hop(HopKind::Nginx, "the cache is not asked (`proxy_cache_bypass`)", place);
    }
    match keys.cache.stores {
        Stores::Nothing => {
            passage.hop(HopKind::Nginx, "a cache that stores nothing by itself", place);
        }
        Stores::WhatIsNotForbidden => kept_out(&keys, &asked, ask, place, passage),
        Stores::Everything => stored(&keys, &asked, ask, place, passage),
    }
}

/// Socket.IO says `no-store` since 4.7.3.
fn kept_out(
    keys: &Keys<'_, '_>,
    asked: &Request,
    ask: &Ask,
    place: Option<Place>,
    passage: &mut Passage,
) {
    let what = "a cache that Socket.IO's `no-store` (since 4.7.3) keeps the answer out of";
    passage.hop(HopKind::Nginx, what, place);
    let again = keys.key(asked) == keys.key(&of_another(asked, true));
    if again && !ask.upgrades() {
        let caution = "before Socket.IO 4.7.3 the answer is stored, and given to other clients";
        passage.caution(caution, Some(RULE));
    }
}

/// Every answer is stored.
fn stored(
    keys: &Keys<'_, '_>,
    asked: &Request,
    ask: &Ask,
    place: Option<Place>,
    passage: &mut Passage,
) {
    let key = keys.key(asked);
    let as_handshake = key.is_some() && keys.handshake.contains(&key) && keys.is_blind();
    let as_before = key.is_some() && key == keys.key(&of_another(asked, false));
    let text = if ask.upgrades() {
        if !as_handshake {
            return passage.hop(HopKind::Nginx, "a cache that has no answer for it", place);
        }
        "`200`, the stored answer to a handshake, and no WebSocket"
    } else if as_handshake && ask.sid {
        "`200`, but the stored handshake again, without a message"
    } else if as_handshake {
        "`200 0{sid}` of another client's session: its requests get `400 {\"code\":1}` when that session has ended"
    } else if as_before && ask.sid && !keys.is_blind() {
        "`200`, but the answer to an earlier poll again"
    } else {
        let what = "a cache that stores every answer, under a key that no other request has";
        return passage.hop(HopKind::Nginx, what, place);
    };
    let what = "a cache that stores every answer, and has one for this key";
    passage.stop(HopKind::Nginx, what, End::bad(text).status(200).rule(RULE).at(place));
}
