//! How a directive of nginx is changed for one location, and for nothing else.

use crate::diagnostic::{Applicability, Edit, Insertion, NginxChange, SourceId};
use crate::nginx::NodeId;
use crate::path::{Site, SiteLocation};

/// An edit, and the text that it is for.
pub(super) type Repair = (SourceId, Edit);

/// The edit after which a directive that may come once has a value at a location: its own line is changed, or it gets
/// one, so that what stands around it holds on for the others. `None` where an included file has the line.
pub(super) fn set(site: &Site<'_>, location: NodeId, name: &str, value: &str) -> Option<Repair> {
    let config = &site.config;
    let Some(own) = config.named(location, name).last() else {
        return Some(insert(site, location, &format!("{name} {value};")));
    };
    (config.file(own) == config.file(location)).then(|| arguments(site, own, value))
}

/// The edit after which a line has other arguments.
pub(super) fn arguments(site: &Site<'_>, line: NodeId, value: &str) -> Repair {
    let directive = site.config.directive(line).span;
    site.text_of(line).edit(NginxChange::SetArguments { directive, text: value.to_owned() })
}

/// Whether a line is a location's own, and in no file that others may include too.
pub(super) fn is_own(site: &Site<'_>, location: NodeId, line: NodeId) -> bool {
    let config = &site.config;
    config.parent(line) == Some(location) && config.file(line) == config.file(location)
}

/// New lines in a location, behind its `proxy_pass` if it has one.
pub(super) fn insert(site: &Site<'_>, location: NodeId, text: &str) -> Repair {
    let config = &site.config;
    let mut passes = config.named(location, "proxy_pass");
    let pass = passes.find(|pass| config.file(*pass) == config.file(location));
    let place = match pass {
        Some(pass) => Insertion::After(config.directive(pass).span),
        None => Insertion::End(Some(config.directive(location).span)),
    };
    site.text_of(location).edit(NginxChange::Insert { place, text: text.to_owned() })
}

/// Whether a location is there for Socket.IO alone: what it is repaired with concerns nobody else.
pub(super) fn is_for_sessions_alone(site: &Site<'_>, session: &SiteLocation<'_>) -> bool {
    let location = session.location.and_then(|node| site.config.location(node));
    location.is_some_and(|location| location.path == session.path)
}

/// [`Applicability::Safe`] where that is so, as others may rely on what is there.
pub(super) fn for_sessions(site: &Site<'_>, session: &SiteLocation<'_>) -> Applicability {
    if is_for_sessions_alone(site, session) { Applicability::Safe } else { Applicability::Unsafe }
}
