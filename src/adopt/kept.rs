//! What stays inside of nginx's locations.

use super::remainder::{Comparison, Fate, Remainder, cut};
use crate::kube::Object;
use crate::nginx::NodeId;

/// What sioway says in its own locations, or leaves to everybody's taste.
const OURS: [&str; 12] = [
    "access_log",
    "client_max_body_size",
    "default_type",
    "proxy_buffering",
    "proxy_http_version",
    "proxy_pass",
    "proxy_read_timeout",
    "proxy_send_timeout",
    "proxy_next_upstream",
    "return",
    "root",
    "try_files",
];

/// The headers that it sends on.
const HEADERS: [&str; 6] =
    ["Connection", "Host", "Upgrade", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP"];

/// The directives of locations that are compared, which sioway does not render: they stay. `whole` is what stays
/// with all that is in it.
pub(super) fn directives(of: &Comparison<'_, '_, '_>, whole: &[Remainder]) -> Vec<Remainder> {
    let Some(proxy) = &of.app.proxy else {
        return Vec::new();
    };
    let (site, config) = (proxy.site, &proxy.site.config);
    let object = site.root.object().map_or_else(String::new, Object::said);
    let mut found = Vec::new();
    for location in config.locations(proxy.server) {
        let path = site.path_of(location.node);
        let is_listed =
            |one: &Remainder| path == one.path || path.starts_with(&format!("{}.", one.path));
        if whole.iter().any(is_listed) {
            continue;
        }
        let children = config.children(location.node).iter();
        let foreign = children.filter(|node| !is_ours(of, **node));
        found.extend(foreign.map(|node| Remainder {
            fate: Fate::Kept,
            object: object.clone(),
            path: site.path_of(*node),
            what: cut(proxy.text_of(*node)),
            place: Some(of.locate(site.place(*node))),
            why: "no key says it, and nothing that sioway renders takes its place".to_owned(),
            rule: None,
        }));
    }
    found
}

fn is_ours(of: &Comparison<'_, '_, '_>, node: NodeId) -> bool {
    let Some(proxy) = &of.app.proxy else {
        return false;
    };
    let config = &proxy.site.config;
    let header = config.value(node);
    match config.name(node) {
        "proxy_set_header" => HEADERS.iter().any(|one| one.eq_ignore_ascii_case(header)),
        // Nested locations are compared by themselves.
        "location" => true,
        name => OURS.contains(&name),
    }
}
