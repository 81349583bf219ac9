//! `upstream` blocks.

use super::config::{Config, NodeId};
use super::units;
use super::variables;

/// How an upstream chooses among its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Balancing<'t> {
    /// In turn: what happens if nothing is written.
    RoundRobin,
    /// `ip_hash`
    IpHash,
    /// `hash KEY [consistent]`
    Hash {
        /// The key, with variables in it.
        key: &'t str,
        /// Whether it is `consistent`.
        consistent: bool,
    },
    /// `least_conn`
    LeastConnections,
    /// `random`
    Random,
    /// A directive of a commercial or foreign module, such as `least_time`.
    Other(&'t str),
}

/// A `server` of an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer<'t> {
    /// The directive.
    pub node: NodeId,
    /// A name, an address, or `unix:` and a path.
    pub address: &'t str,
    /// The port; `None` for a socket. 80 if none is written.
    pub port: Option<u16>,
    /// `weight=`, 1 if it is not written.
    pub weight: u64,
    /// `max_fails=`, 1 if it is not written.
    pub max_fails: u64,
    /// `fail_timeout=` in milliseconds, 10,000 if it is not written.
    pub fail_timeout: u64,
    /// Whether it is only used if the others fail.
    pub backup: bool,
    /// Whether it is never used.
    pub down: bool,
    /// Whether its name is looked up again while nginx runs.
    pub resolve: bool,
}

/// An `upstream`, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream<'t> {
    /// The directive.
    pub node: NodeId,
    /// Its name.
    pub name: &'t str,
    /// Its servers.
    pub peers: Vec<Peer<'t>>,
    /// How it chooses among them.
    pub balancing: Balancing<'t>,
    /// The line that says so.
    pub balancing_at: Option<NodeId>,
    /// `sticky cookie …` and its kin, since 1.29.6.
    pub sticky: Option<NodeId>,
    /// `keepalive`
    pub keepalive: Option<NodeId>,
    /// `zone`
    pub zone: Option<NodeId>,
    /// An `include` whose files are not known.
    pub unread: Option<NodeId>,
}

impl<'t> Config<'t> {
    /// The upstreams for HTTP.
    pub fn upstreams(&self) -> Vec<Upstream<'t>> {
        let Some(http) = self.http() else {
            return Vec::new();
        };
        self.named(http, "upstream").map(|node| self.upstream(node)).collect()
    }

    /// The upstream of a name, which nginx compares without regard to case.
    pub fn upstream_named(&self, name: &str) -> Option<Upstream<'t>> {
        let node = *self.index.upstreams.get(&name.to_ascii_lowercase())?;
        Some(self.upstream(node))
    }

    /// An `upstream`, read.
    pub fn upstream(&self, node: NodeId) -> Upstream<'t> {
        let one = |name: &str| self.named(node, name).next();
        let balancing = self
            .children(node)
            .iter()
            .rev()
            .find_map(|line| self.balancing(*line).map(|balancing| (balancing, *line)));
        Upstream {
            node,
            name: self.value(node),
            peers: self.named(node, "server").map(|line| self.peer(line)).collect(),
            balancing: balancing.map_or(Balancing::RoundRobin, |(balancing, _)| balancing),
            balancing_at: balancing.map(|(_, line)| line),
            sticky: one("sticky"),
            keepalive: one("keepalive"),
            zone: one("zone"),
            unread: self.unread_in(node),
        }
    }

    fn balancing(&self, line: NodeId) -> Option<Balancing<'t>> {
        Some(match self.name(line) {
            "ip_hash" => Balancing::IpHash,
            "least_conn" => Balancing::LeastConnections,
            "random" => Balancing::Random,
            "hash" => Balancing::Hash {
                key: self.value(line),
                consistent: self.directive(line).argument(1) == Some("consistent"),
            },
            other @ ("least_time" | "fair" | "queue") => Balancing::Other(other),
            _ => return None,
        })
    }

    fn peer(&self, node: NodeId) -> Peer<'t> {
        let (address, port) = address(self.value(node));
        let says = |flag: &str| self.arguments(node).skip(1).any(|argument| argument == flag);
        let value = |key: &str| {
            let mut rest = self.arguments(node).skip(1);
            rest.find_map(|argument| argument.strip_prefix(key)?.strip_prefix('='))
        };
        let number = |key: &str| value(key).and_then(|text| text.parse().ok());
        Peer {
            node,
            address,
            port,
            weight: number("weight").unwrap_or(1),
            max_fails: number("max_fails").unwrap_or(1),
            fail_timeout: value("fail_timeout").and_then(units::milliseconds).unwrap_or(10_000),
            backup: says("backup"),
            down: says("down"),
            resolve: says("resolve"),
        }
    }
}

/// The name and the port of `name:port`, `[::1]:port`, `name` or `unix:/path`.
pub(super) fn address(text: &str) -> (&str, Option<u16>) {
    if text.starts_with("unix:") {
        return (text, None);
    }
    let behind_bracket = text.find(']').unwrap_or(0);
    match text[behind_bracket..].find(':') {
        Some(colon) => {
            let colon = behind_bracket + colon;
            (&text[..colon], text[colon + 1..].parse().ok())
        }
        None => (text, Some(80)),
    }
}
/// The variable in a key that is not the same in all requests of a session, if there is one.
pub fn fleeting(key: &str) -> Option<&str> {
    variables(key).into_iter().find(|name| FLEETING.contains(name))
}

/// Variables that differ between two requests of a session.
const FLEETING: [&str; 14] = [
    "arg_sid",
    "arg_t",
    "args",
    "connection",
    "connection_requests",
    "cookie_io",
    "msec",
    "pid",
    "query_string",
    "remote_port",
    "request",
    "request_id",
    "request_time",
    "request_uri",
];
