//! What the conditions around a line of nginx rest on.

use std::collections::BTreeSet;

use crate::nginx::{NodeId, variables};
use crate::path::Site;

/// Whether no client decides that nginx comes to a line, by a cookie, an address or a name of its own.
pub(super) fn follows_from_the_request(site: &Site<'_>, at: NodeId) -> bool {
    const KNOWN: [&str; 13] = [
        "request_method",
        "args",
        "is_args",
        "query_string",
        "uri",
        "document_uri",
        "request_uri",
        "arg_EIO",
        "arg_transport",
        "http_upgrade",
        "http_connection",
        "http_x_forwarded_proto",
        "arg_sid",
    ];
    conditions(site, at).into_iter().all(|name| match name {
        "scheme" | "https" => !takes_tls(site),
        "server_port" => has_one_port(site),
        _ => KNOWN.contains(&name),
    })
}

/// Whether some server takes TLS: what asks for the scheme then may be written for that one.
pub(super) fn takes_tls(site: &Site<'_>) -> bool {
    let mut listens = site.config.servers().into_iter().flat_map(|one| site.config.listens(one));
    listens.any(|listen| listen.ssl)
}

fn has_one_port(site: &Site<'_>) -> bool {
    let listens = site.config.servers().into_iter().flat_map(|one| site.config.listens(one));
    listens.map(|listen| listen.port).collect::<BTreeSet<_>>().len() == 1
}

/// Whether a line rests on how the connection came, http or https, or to which port.
pub(super) fn asks_for_scheme(site: &Site<'_>, at: NodeId) -> bool {
    let asks = |name: &&str| ["scheme", "https", "server_port"].contains(name);
    conditions(site, at).iter().any(asks)
}

/// The variables that the conditions around a line rest on; of those of `map` and `set`, what gives them their values.
fn conditions<'s>(site: &Site<'s>, at: NodeId) -> Vec<&'s str> {
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    let mut left = asked(site, at);
    while let Some(name) = left.pop() {
        if !seen.insert(name) {
            continue;
        }
        match behind(site, name) {
            Some(names) => left.extend(names),
            None => found.push(name),
        }
    }
    found
}

/// The variables in the conditions around a line.
fn asked<'s>(site: &Site<'s>, at: NodeId) -> Vec<&'s str> {
    let ifs = site.config.levels(at).filter(|level| site.config.name(*level) == "if");
    ifs.flat_map(|level| site.config.arguments(level)).flat_map(variables).collect()
}

/// What a variable of a `map` or of `set` rests on; `None` for others.
fn behind<'s>(site: &Site<'s>, name: &str) -> Option<Vec<&'s str>> {
    let config = &site.config;
    if let Some(map) = config.map_of(name) {
        let lines = std::iter::once(&map).chain(config.children(map));
        return Some(lines.flat_map(|line| variables(config.value(*line))).collect());
    }
    let own = |line: &NodeId| config.value(*line).strip_prefix('$') == Some(name);
    let lines: Vec<NodeId> = config.all_named("set").filter(own).collect();
    let names = |line: &NodeId| {
        let value = config.directive(*line).argument(1).unwrap_or_default();
        variables(value).into_iter().chain(asked(site, *line))
    };
    (!lines.is_empty()).then(|| lines.iter().flat_map(names).collect())
}
