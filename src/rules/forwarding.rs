//! How nginx is made to pass on the headers that ask for a WebSocket.

use super::connection_upgrade_undefined::NAME;
use crate::diagnostic::{Applicability, Edit, Insertion, NginxChange, SourceId};
use crate::nginx::NodeId;
use crate::path::Site;

/// An edit, and the text that it is for.
type Repair = (SourceId, Edit);

const HEADER: &str = "proxy_set_header";

/// The map that the documentation of nginx gives.
const MAP: &str = "map $http_upgrade $connection_upgrade {\n    default upgrade;\n    '' close;\n}";

/// The headers go where the others of the location are set, so that it keeps those: its own, or the ones of a block
/// around it, which others may share.
pub(super) fn repair(
    site: &Site<'_>,
    location: NodeId,
    pass: NodeId,
    missing: &[&str],
) -> (Applicability, Vec<Repair>) {
    let Some((variable, map)) = connection_variable(site, location) else {
        return (Applicability::Manual, Vec::new());
    };
    let mut levels = site.config.levels(location);
    let level = levels.find(|level| site.config.named(*level, HEADER).next().is_some());
    let level = level.unwrap_or(location);
    let line = |name: &&str| match *name {
        "Upgrade" => "Upgrade $http_upgrade".to_owned(),
        name => format!("{name} {variable}"),
    };
    let lines: Vec<String> = missing.iter().map(line).collect();
    let (there, absent): (Vec<&String>, Vec<&String>) =
        lines.iter().partition(|line| written(site, level, line).is_some());
    let set = there.into_iter().filter_map(|line| set(site, level, line));
    let edits = map.into_iter().chain(set).chain(added(site, level, pass, &absent));
    let applicability = if level == location { Applicability::Safe } else { Applicability::Unsafe };
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
    let directive = site.config.directive(node).span;
    let text = line.to_owned();
    Some(site.text_of(node).edit(NginxChange::SetArguments { directive, text }))
}

/// New lines, behind the other headers or else behind the `proxy_pass`.
fn added(site: &Site<'_>, level: NodeId, pass: NodeId, lines: &[&String]) -> Option<Repair> {
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
    if config.map_of(NAME).is_some() {
        return None;
    }
    let mut levels = config.levels(location);
    let server = levels.find(|level| config.name(*level) == "server")?;
    let place = Insertion::Before(config.directive(server).span);
    let text = MAP.to_owned();
    let edit = site.text_of(server).edit(NginxChange::Insert { place, text });
    Some(("$connection_upgrade", Some(edit)))
}
