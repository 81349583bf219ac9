//! What nginx refuses about two directives together: a name that is taken, or one that nothing defines.

use foldhash::{HashMap, HashMapExt};

use super::config::{Config, NodeId};
use super::contexts::{Violation, ViolationKind};
use super::location::Kind;

impl Config<'_> {
    /// The second of two upstreams, locations or default servers of the same name, and zones that nothing defines.
    pub(super) fn clashes(&self) -> Vec<Violation> {
        let mut found = twice(&self.named_upstreams(), "upstream");
        found.extend(twice(&self.default_servers(), "default server"));
        for level in self.walk().filter(|node| matches!(self.name(*node), "server" | "location")) {
            found.extend(twice(&self.plain_locations(level), "location"));
        }
        if self.unread().is_empty() && self.shape() == super::Shape::Full {
            found.extend(self.walk().filter_map(|node| self.unknown_zone(node)));
        }
        found
    }

    fn named_upstreams(&self) -> Vec<(String, NodeId)> {
        let upstreams = self.upstreams().into_iter();
        upstreams.map(|one| (one.name.to_ascii_lowercase(), one.node)).collect()
    }

    fn default_servers(&self) -> Vec<(String, NodeId)> {
        let listens = self.servers().into_iter().flat_map(|server| self.listens(server));
        listens
            .filter(|listen| listen.default_server && !self.is_quic(listen.node))
            .filter_map(|listen| {
                Some((format!("{}:{}", listen.address, listen.port?), listen.node?))
            })
            .collect()
    }

    /// QUIC has sockets of its own.
    fn is_quic(&self, listen: Option<NodeId>) -> bool {
        let mut words = listen.into_iter().flat_map(|node| self.arguments(node));
        words.any(|word| word == "quic")
    }

    /// Regular expressions may be there twice: the first one wins.
    fn plain_locations(&self, level: NodeId) -> Vec<(String, NodeId)> {
        let locations = self.locations(level).into_iter();
        locations
            .filter_map(|one| {
                let prefix = match one.kind {
                    Kind::Exact => "= ",
                    Kind::Prefix | Kind::PrefixFinal => "",
                    Kind::Regex | Kind::RegexIgnoringCase | Kind::Named => return None,
                };
                Some((format!("{prefix}{}", one.path), one.node))
            })
            .collect()
    }

    /// A limit or a cache whose shared memory nothing declares: `zero size shared memory zone`.
    fn unknown_zone(&self, node: NodeId) -> Option<Violation> {
        let (name, declaring, key) = match self.name(node) {
            "limit_req" => (self.option(node, "zone=")?, "limit_req_zone", "zone="),
            "limit_conn" => (self.value(node), "limit_conn_zone", "zone="),
            "proxy_cache" if self.value(node) != "off" => {
                (self.value(node), "proxy_cache_path", "keys_zone=")
            }
            _ => return None,
        };
        let declares = |zone: NodeId| {
            let declared = self.option(zone, key).and_then(|zone| zone.split(':').next());
            declared == Some(name)
        };
        let known = name.contains('$') || self.all_named(declaring).any(declares);
        (!known).then(|| Violation {
            node,
            kind: ViolationKind::UnknownZone,
            message: format!("no `{declaring}` declares the zone `{name}`"),
        })
    }
}

/// The second one of each name.
fn twice(names: &[(String, NodeId)], what: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut seen = HashMap::new();
    for (name, node) in names {
        let first = *seen.entry(name).or_insert(*node);
        if first != *node {
            found.push(Violation {
                node: *node,
                kind: ViolationKind::Duplicate { first },
                message: format!("there is another {what} `{name}`"),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;

    #[test]
    fn names_are_taken_once() {
        let text = "events {} http {
            upstream a { server b; } upstream A { server c; }
            server { listen 80 default_server; location / {} location = / {} location ^~ / {} location ~ x {} location ~ x {} }
            server { listen 80 default_server; listen 81 default_server; limit_req zone=no; proxy_cache $any; }
        }";
        let tree = parse(text);
        let config = Config::alone(&tree);
        let messages: Vec<String> = config.clashes().into_iter().map(|one| one.message).collect();
        assert_eq!(
            messages,
            [
                "there is another upstream `a`",
                "there is another default server `*:80`",
                "there is another location `/`",
                "no `limit_req_zone` declares the zone `no`",
            ]
        );
    }
}
