//! `proxy_cache`: whether answers get into it, and under which key.

use super::config::{Config, NodeId};
use super::defaults::Version;
use super::template::variables;

/// The cache that the answers of a location go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cache {
    /// The `proxy_cache`.
    pub at: NodeId,
    /// The `proxy_cache_key`; without one nginx takes the whole URL.
    pub key: Option<NodeId>,
    /// Whether two queries are two answers; yes, if nobody can tell.
    pub keeps_query: bool,
    /// What is stored.
    pub stores: Stores,
}

/// What a cache stores of answers that do not say how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stores {
    /// Nothing.
    Nothing,
    /// All that do not forbid it, such as by `no-store`.
    WhatIsNotForbidden,
    /// Also those that forbid it.
    Everything,
}

impl Config<'_> {
    /// The cache of a location, unless something keeps everything out of it: no buffering, or `proxy_no_cache`.
    pub fn cache_of(&self, location: NodeId, version: Version) -> Option<Cache> {
        let at = self.certain(location, "proxy_cache")?;
        let buffers = self.is_on(location, "proxy_buffering", version) != Some(false);
        if self.value(at) == "off" || !buffers || self.is_kept_out(location) {
            return None;
        }
        let key = self.certain(location, "proxy_cache_key");
        Some(Cache {
            at,
            key,
            keeps_query: key.is_none_or(|key| self.keeps_query(key)),
            stores: self.stores(location),
        })
    }

    fn certain(&self, location: NodeId, name: &str) -> Option<NodeId> {
        let effective = self.effective(location, name);
        effective.line().filter(|_| effective.doubt.is_none())
    }

    fn stores(&self, location: NodeId) -> Stores {
        let line = self.certain(location, "proxy_ignore_headers");
        let mut names = line.into_iter().flat_map(|line| self.arguments(line));
        let ignores = names.any(|name| name.eq_ignore_ascii_case("Cache-Control"));
        match (self.certain(location, "proxy_cache_valid"), ignores) {
            (None, _) => Stores::Nothing,
            (Some(_), false) => Stores::WhatIsNotForbidden,
            (Some(_), true) => Stores::Everything,
        }
    }

    /// Whether something other than `Upgrade`, which only WebSockets send, keeps answers out.
    fn is_kept_out(&self, location: NodeId) -> bool {
        let line = self.certain(location, "proxy_no_cache");
        let mut values = line.into_iter().flat_map(|line| self.arguments(line));
        values.any(|value| !matches!(value, "$http_upgrade" | "0" | ""))
    }

    /// Whether a key has more in it than the path and the host.
    fn keeps_query(&self, key: NodeId) -> bool {
        const WITHOUT: [&str; 7] =
            ["scheme", "proxy_host", "host", "http_host", "uri", "document_uri", "request_method"];
        let names = variables(self.value(key));
        names.iter().any(|name| !WITHOUT.contains(name))
    }
}
