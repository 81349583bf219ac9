//! How nginx is made to pass on the headers that ask for a WebSocket.

use super::location::{Repair, arguments};
use crate::diagnostic::{Applicability, Insertion, NginxChange};
use crate::nginx::NodeId;
use crate::path::{Site, UNDEFINED};

const HEADER: &str = "proxy_set_header";

/// The map that the documentation of nginx gives.
const MAP: &str = "map $http_upgrade $connection_upgrade {\n    default upgrade;\n    '' close;\n}";

/// The headers that ask for a WebSocket, and the `map` for them where there is none yet.
pub(super) fn repair(
    site: &Site<'_>,
    location: NodeId,
    missing: &[&str],
) -> (Applicability, Vec<Repair>) {
    let Some((variable, map)) = connection_variable(site, location) else {
        return (Applicability::Manual, Vec::new());
    };
    let line = |name: &&str| match *name {
        "Upgrade" => "Upgrade $http_upgrade".to_owned(),
        name => format!("{name} {variable}"),
    };
    let lines: Vec<String> = missing.iter().map(line).collect();
    let (applicability, edits) = headers(site, location, &lines);
    (applicability, map.into_iter().chain(edits).collect())
}

/// Headers go where the others of the location are set, so that it keeps those: its own, or the ones of a block
/// around it, which others may share.
pub(super) fn headers(
    site: &Site<'_>,
    location: NodeId,
    lines: &[String],
) -> (Applicability, Vec<Repair>) {
    let mut levels = site.config.levels(location);
    let level = levels.find(|level| site.config.named(*level, HEADER).next().is_some());
    let level = level.unwrap_or(location);
    let (there, absent): (Vec<&String>, Vec<&String>) =
        lines.iter().partition(|line| written(site, level, line).is_some());
    let set = there.into_iter().filter_map(|line| set(site, level, line));
    let edits = set.chain(added(site, location, level, &absent));
    // What stands in a file of its own is included by others too.
    let own = |line| site.config.file(line) == site.config.file(location);
    let alone = level == location && site.config.named(level, HEADER).all(own);
    let applicability = if alone { Applicability::Safe } else { Applicability::Unsafe };
    (applicability, edits.collect())
}

/// The line that sets the same header at a level.
fn written(site: &Site<'_>, level: NodeId, line: &str) -> Option<NodeId> {
    let name = line.split(' ').next()?;
    let mut lines = site.config.named(level, HEADER);
    lines.find(|node| site.config.value(*node).eq_ignore_ascii_case(name))
}

/// A header that is set to something else.
fn set(site: &Site<'_>, level: NodeId, line: &str) -> Option<Repair> {
    let node = written(site, level, line)?;
    Some(arguments(site, node, line))
}

/// New lines, behind the other headers or else behind the `proxy_pass`.
fn added(site: &Site<'_>, location: NodeId, level: NodeId, lines: &[&String]) -> Option<Repair> {
    let pass = site.config.proxy_pass(location)?.node;
    let last = site.config.named(level, HEADER).last().unwrap_or(pass);
    let place = Insertion::After(site.config.directive(last).span);
    let lines = lines.iter().map(|line| format!("{HEADER} {line};"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let edit = || site.text_of(last).edit(NginxChange::Insert { place, text: text.clone() });
    (!text.is_empty()).then(edit)
}

/// The variable that says `upgrade` or `close`, and its `map` where there is none yet.
fn connection_variable<'s>(site: &Site<'s>, location: NodeId) -> Option<(&'s str, Option<Repair>)> {
    let config = &site.config;
    let says_upgrade = |map: &NodeId| {
        let mapped = config.mapped(*map, "websocket");
        config.value(*map) == "$http_upgrade"
            && mapped.is_ok_and(|mapped| mapped.value.eq_ignore_ascii_case("upgrade"))
    };
    if let Some(map) = config.all_named("map").find(says_upgrade) {
        return Some((config.directive(map).argument(1)?, None));
    }
    if config.map_of(UNDEFINED).is_some() {
        return None;
    }
    Some(("$connection_upgrade", Some(map_before(site, location)?)))
}

/// The `map`, before the first server of the file that a line is in: `None` where no server is around the line.
pub(super) fn map_before(site: &Site<'_>, line: NodeId) -> Option<Repair> {
    let config = &site.config;
    let own = config.levels(line).find(|level| config.name(*level) == "server")?;
    let same_file = |server: &NodeId| config.file(*server) == config.file(own);
    let around = config.parent(own)?;
    let first = config.named(around, "server").find(same_file).unwrap_or(own);
    let place = Insertion::Before(config.directive(first).span);
    let text = MAP.to_owned();
    Some(site.text_of(first).edit(NginxChange::Insert { place, text }))
}
