//! `limit_req` and `limit_conn`, each with the zone that says what is counted.

use super::config::{Config, NodeId};

/// A limit that holds at a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit<'t> {
    /// The `limit_req` or `limit_conn`.
    pub node: NodeId,
    /// The `limit_req_zone` or `limit_conn_zone`.
    pub zone: NodeId,
    /// What is counted by: with variables in it.
    pub key: &'t str,
    /// How much is let through.
    pub most: Most,
}

/// How much a limit lets through, for each value of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Most {
    /// This many requests at once.
    Connections(u64),
    /// Requests over time.
    Requests {
        /// `rate=`, in a minute.
        per_minute: u64,
        /// `burst=`: how many more are let through at once, or wait.
        burst: u64,
    },
}

impl Limit<'_> {
    /// Whether it counts by `$remote_addr`, and nothing else.
    pub fn counts_addresses(&self) -> bool {
        matches!(self.key, "$binary_remote_addr" | "$remote_addr")
    }
}

impl<'t> Config<'t> {
    /// The limits of a location whose zones are known; none if they only count (`limit_req_dry_run on`).
    pub fn limits(&self, location: NodeId) -> Vec<Limit<'t>> {
        let kinds = ["limit_req", "limit_conn"];
        let mut found = Vec::new();
        for kind in kinds {
            let dry = self.effective(location, &format!("{kind}_dry_run")).line();
            if dry.is_some_and(|line| self.value(line).eq_ignore_ascii_case("on")) {
                continue;
            }
            let lines = self.effective(location, kind).lines;
            found.extend(lines.into_iter().filter_map(|line| self.limit(line)));
        }
        found
    }

    fn limit(&self, node: NodeId) -> Option<Limit<'t>> {
        let requests = self.name(node) == "limit_req";
        let name = if requests { self.option(node, "zone=")? } else { self.value(node) };
        let kind = format!("{}_zone", self.name(node));
        let mut zones = self.all_named(&kind);
        let zone = zones.find(|zone| {
            let named = self.option(*zone, "zone=");
            named.and_then(|named| named.split(':').next()) == Some(name)
        })?;
        let most = if requests {
            Most::Requests {
                per_minute: rate(self.option(zone, "rate=")?)?,
                burst: self.option(node, "burst=").map_or(Some(0), |burst| burst.parse().ok())?,
            }
        } else {
            Most::Connections(self.directive(node).argument(1)?.parse().ok()?)
        };
        Some(Limit { node, zone, key: self.value(zone), most })
    }

    pub(super) fn option(&self, node: NodeId, start: &str) -> Option<&'t str> {
        self.arguments(node).find_map(|word| word.strip_prefix(start))
    }
}

/// `5r/s` or `30r/m`, in a minute.
fn rate(text: &str) -> Option<u64> {
    let (number, unit) = text.split_once("r/")?;
    let number: u64 = number.parse().ok()?;
    match unit {
        "s" => number.checked_mul(60),
        "m" => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;

    #[test]
    fn limits_know_their_zones() {
        let text = "limit_req_zone $binary_remote_addr zone=a:1m rate=5r/s; limit_conn_zone $server_name zone=b:1m;
            server { limit_req zone=a burst=5 nodelay; location / { limit_conn b 4; } location /x { limit_req zone=no; } }";
        let tree = parse(text);
        let config = Config::alone(&tree);
        let server = config.servers()[0];
        let [one, other] = config.locations(server)[..] else {
            panic!("two locations");
        };
        let limits = config.limits(one.node);
        assert!(limits[0].counts_addresses() && !limits[1].counts_addresses());
        let requests = Most::Requests { per_minute: 300, burst: 5 };
        assert_eq!([limits[0].most, limits[1].most], [requests, Most::Connections(4)]);
        assert!(config.limits(other.node).is_empty());
    }
}
