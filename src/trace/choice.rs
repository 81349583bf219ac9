//! Whether two requests of a session come to the same of several servers.

use super::HopKind;
use super::gate::Gate;
use super::nginx::{request, value_of};
use super::passage::Passage;
use super::way::{Ask, Way};
use crate::nginx::{Balancing, Doubt, NodeId, Request, fleeting};
use crate::path::{ClientAddress, Front, Site};

const SCATTERS: &str = "upstream-without-affinity";
const BY_PROXY: &str = "hash-sees-load-balancer";

/// How one of several servers is chosen.
pub(super) struct Choice {
    /// In words.
    pub(super) how: String,
    /// What becomes of sessions.
    pub(super) fate: Fate,
}

/// What becomes of the requests of a session.
pub(super) enum Fate {
    /// All come to one server.
    Kept,
    /// They do not: the rule.
    Scattered(&'static str),
    /// They do as long as nothing else happens: what, and the rule.
    Perhaps(&'static str, &'static str),
    /// The files do not tell.
    Unknown(String),
}

/// Whether two requests of a session come to the same server: their keys are compared.
pub(super) fn keyed(
    way: &Way<'_, '_>,
    site: &Site<'_>,
    at: NodeId,
    balancing: Balancing<'_>,
    ask: &Ask,
) -> Choice {
    let scattered = |how: &str| Choice { how: how.to_owned(), fate: Fate::Scattered(SCATTERS) };
    let key = match balancing {
        Balancing::Hash { key, .. } => key,
        Balancing::IpHash => "$remote_addr",
        Balancing::LeastConnections => return scattered("the least busy"),
        Balancing::Random => return scattered("at random"),
        Balancing::RoundRobin => return scattered("in turn"),
        Balancing::Other(name) => return scattered(name),
    };
    if let Some(name) = fleeting(key) {
        let why = match name {
            "arg_sid" | "cookie_io" => "the handshake did not have",
            _ => "differs from request to request",
        };
        return scattered(&format!("by hash of `{key}`, which {why}"));
    }
    by_hash(way, site, at, key, ask)
}

fn by_hash(way: &Way<'_, '_>, site: &Site<'_>, at: NodeId, key: &str, ask: &Ask) -> Choice {
    let how = format!("by hash of `{key}`");
    let Gate::Nginx { port, .. } = way.gate else {
        return Choice { how, fate: Fate::Scattered(SCATTERS) };
    };
    let first = Ask { method: "GET", transport: "polling", sid: false, body: 0, waits: 0 };
    let begun = request(way, site, &first, port);
    let later = request(way, site, ask, port);
    let value = |one| value_of(site, at, key, one);
    let (begun_by, later_by) = match (value(&begun), value(&later)) {
        (Ok(begun), Ok(later)) => (begun, later),
        (Err(doubt), _) | (_, Err(doubt)) => {
            let fate = of_unknown(way, site, at, key, &doubt);
            return Choice { how, fate };
        }
    };
    if begun_by != later_by {
        let how = format!("{how}, which the handshake did not have");
        return Choice { how, fate: Fate::Scattered(SCATTERS) };
    }
    // Another connection of the same client may come from another address of what is before.
    let another = way.sender(site).addresses().map_or("", |[_, one]| one);
    let other = Request { remote_addr: another.to_owned(), ..begun.clone() };
    if value(&other).is_ok_and(|other| other == begun_by) {
        return Choice { how, fate: Fate::Kept };
    }
    let google = way.sender(site).is_google();
    let fate = if google { Fate::Scattered(BY_PROXY) } else { Fate::Perhaps(ONE_PROXY, BY_PROXY) };
    Choice { how: format!("{how}, which is the load balancer's own"), fate }
}

const ONE_PROXY: &str = "every client has the address of the proxy before nginx: one server gets them all, and a second proxy sends a session's requests to another, with `400 {\"code\":1}`";

const ONE_BALANCER: &str =
    "every client has the load balancer's address, so one server gets them all";

/// A key that has no known value: by `real_ip` it may be the client's address all the same.
fn of_unknown(way: &Way<'_, '_>, site: &Site<'_>, at: NodeId, key: &str, doubt: &Doubt) -> Fate {
    let real_ip = doubt.at.is_some_and(|line| site.config.name(line) == "set_real_ip_from");
    if !real_ip {
        let why =
            format!("whether `{key}` is the same in all requests of a session: {}", doubt.why);
        return Fate::Unknown(why);
    }
    let front = way.front.route().map(Front::of_route).or_else(|| way.model.front_of(site));
    match front.map(|front| site.address_at(at, &front)) {
        Some(ClientAddress::Proxy) if way.sender(site).is_google() => Fate::Scattered(BY_PROXY),
        Some(ClientAddress::Proxy) => Fate::Perhaps(ONE_PROXY, BY_PROXY),
        Some(ClientAddress::Balancer(_)) => Fate::Perhaps(ONE_BALANCER, BY_PROXY),
        Some(ClientAddress::Client) | None => Fate::Kept,
    }
}

impl Choice {
    /// What the passage is told; the rules of requests that go astray.
    pub(super) fn tell(
        self,
        names: &str,
        place: Option<crate::set::Place>,
        passage: &mut Passage,
    ) -> Option<Vec<&'static str>> {
        passage.hop(HopKind::Nginx, format!("to one of {names}: {}", self.how), place);
        match self.fate {
            Fate::Kept => None,
            Fate::Scattered(rule) => Some(vec![rule]),
            Fate::Perhaps(what, rule) => {
                passage.caution(what, Some(rule));
                None
            }
            Fate::Unknown(why) => {
                passage.doubt(HopKind::Nginx, why, place);
                None
            }
        }
    }
}
