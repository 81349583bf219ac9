//! Where session traffic goes through an nginx, by what its configuration itself says.

use std::collections::HashSet;

use super::evidence::{
    Carries, Evidence, comment_says_socketio, names_a_file, names_socketio, sample, socketio_path,
    target_is_socketio, with_comments_above,
};
use super::session::Numbers;
use super::site::{ASSUMED, Site, SiteLocation};
use crate::diagnostic::Span;
use crate::nginx::{Kind, Location, NodeId};
use crate::set::{Mark, NginxText, Place, Remark};

/// Where session traffic goes through a site, by what the configuration itself says.
pub(super) fn sessions<'s>(site: &Site<'s>) -> Vec<SiteLocation<'s>> {
    let mut found: Vec<SiteLocation<'s>> = Vec::new();
    let config = &site.config;
    for node in config.all_named("location") {
        let evidence = evidence(site, node);
        if evidence.is_empty() {
            continue;
        }
        let mark = evidence.iter().find(|one| one.mark != Mark::default());
        let mark = mark.map(|one| one.mark.clone()).unwrap_or_default();
        let Some(path) = mark.path.clone().or_else(|| session_path(site, node)) else {
            continue;
        };
        let server = config.server_of(node);
        let location = site.location_for(server, &path).or(Some(node));
        found.push(SiteLocation {
            server,
            location,
            meant: (location != Some(node)).then_some(node),
            path,
            numbers: Numbers::of(&mark),
            mark,
            evidence,
            object: site.root.object().copied(),
        });
    }
    // A server of that name may also answer an API: where a location says more, that is the one for sessions.
    let definite: HashSet<NodeId> =
        found.iter().filter(|one| is_definite(one)).map(|one| one.server).collect();
    for one in found.iter_mut().filter(|one| definite.contains(&one.server)) {
        one.evidence.retain(|evidence| evidence.said != NAMED);
    }
    // Where a server has Socket.IO's path, a comment elsewhere in it speaks of something else.
    let with_path = |one: &&SiteLocation<'_>| one.evidence.iter().any(|one| one.said == PATH);
    let pathed: HashSet<NodeId> = found.iter().filter(with_path).map(|one| one.server).collect();
    for one in found.iter_mut().filter(|one| pathed.contains(&one.server)) {
        let own = one.meant.or(one.location).map(|node| site.place(node));
        one.evidence.retain(|evidence| {
            evidence.said != COMMENT || own.is_some_and(|own| is_beside(site, own, evidence.place))
        });
    }
    found.retain(|one| !one.evidence.is_empty());
    found
}

/// Whether a location is for Socket.IO by more than the name of what it sends to.
fn is_definite(session: &SiteLocation<'_>) -> bool {
    let definite = |one: &Evidence| one.carries == Carries::SocketIo && one.said != NAMED;
    session.evidence.iter().any(definite)
}

/// What is said of a `proxy_pass` to something that has Socket.IO in its name.
const NAMED: &str = "this is named for Socket.IO";

/// Whether a comment stands on the line of what it is about.
fn is_beside(site: &Site<'_>, own: Place, comment: Place) -> bool {
    let text = site.root.file().text;
    let between = text.get(own.span.start..comment.span.start);
    own.source == comment.source
        && site.root.file().source == own.source
        && between.is_some_and(|between| !between.contains('\n'))
}

/// What is said of a location with Socket.IO's path.
const PATH: &str = "this is Socket.IO's path";

/// What is said of `location ~* \.io`.
const DOT_IO: &str = "this matches Socket.IO's path by its `.io`";

/// What is said of a comment.
const COMMENT: &str = "this comment says so";

/// The path that a browser would ask for to get into a location.
fn session_path(site: &Site<'_>, node: NodeId) -> Option<String> {
    let location = site.config.location(node)?;
    match location.kind {
        Kind::Regex | Kind::RegexIgnoringCase => {
            let sampled = sample(location.path);
            let sampled = sampled.as_deref().map(|path| path.trim_end_matches('/'));
            let below = sampled.map(|path| format!("{path}/socket.io/"));
            let as_it_is = sampled.map(|path| format!("{path}/"));
            let named = names_socketio(location.path);
            let candidates = [
                Some("/socket.io/".to_owned()),
                socketio_path(location.path),
                as_it_is.filter(|_| named),
                below.filter(|_| !named),
            ];
            let fits = |path: &String| {
                path.starts_with('/')
                    && names_socketio(path)
                    && location.regex_matches(path) == Some(true)
            };
            candidates.into_iter().flatten().find(fits)
        }
        Kind::Named => None,
        Kind::Exact => Some(location.path.to_owned()),
        Kind::Prefix | Kind::PrefixFinal => {
            let path = location.path.trim_end_matches('/');
            let below = if names_socketio(path) { "" } else { "/socket.io" };
            Some(format!("{path}{below}/"))
        }
    }
}

/// What says that session traffic goes through a location.
fn evidence(site: &Site<'_>, node: NodeId) -> Vec<Evidence> {
    let config = &site.config;
    let mut found = Vec::new();
    let mut say = |carries, place, said, mark| {
        found.push(Evidence { carries, place, said, mark });
    };
    for (place, mark) in marks(site, node) {
        say(Carries::SocketIo, place, "a mark says so", mark);
    }
    let pass = config.named(node, "proxy_pass").next();
    let location = config.location(node);
    if location.is_some_and(|one| names_socketio(one.path) && names_a_file(one.path)) {
        return Vec::new();
    }
    if location.is_some_and(|one| names_socketio(one.path)) {
        say(Carries::SocketIo, site.place(node), PATH, Mark::default());
    } else if pass.is_some() && location.is_some_and(is_dot_io) {
        say(Carries::SocketIo, site.place(node), DOT_IO, Mark::default());
    } else if let Some(pass) = pass.filter(|pass| is_named(site, node, *pass)) {
        say(Carries::SocketIo, site.place(pass), NAMED, Mark::default());
    } else if let Some(place) = pass.and_then(|_| comment_about(site, node)) {
        say(Carries::SocketIo, place, COMMENT, Mark::default());
    }
    if pass.is_some() {
        let sent = config.headers_sent(node, ASSUMED);
        let upgrade = sent.named("Upgrade").find(|header| !header.value.is_empty());
        if let Some(line) = upgrade.and_then(|header| header.at) {
            say(
                Carries::WebSockets,
                site.place(line),
                "WebSockets go through here",
                Mark::default(),
            );
        }
    }
    found
}

/// Whether a location is `~* \.io`, as countless guides write it: a pattern that names no more of Socket.IO's path.
fn is_dot_io(location: Location<'_>) -> bool {
    let is_regex = matches!(location.kind, Kind::Regex | Kind::RegexIgnoringCase);
    let path = location.path.to_ascii_lowercase();
    let behind = path.split_once(".io").map(|(_, behind)| behind);
    is_regex
        && behind.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        && location.regex_matches("/socket.io/") == Some(true)
}

/// Whether a location sends to something that has Socket.IO in its name. One path alone, such as a health check, is
/// none of Socket.IO's.
fn is_named(site: &Site<'_>, node: NodeId, pass: NodeId) -> bool {
    let location = site.config.location(node);
    location.is_some_and(|one| one.kind != Kind::Exact)
        && target_is_socketio(site.config.value(pass))
}

/// The lines of a text around a location: from the comments right above it to its end.
fn region(site: &Site<'_>, node: NodeId) -> std::ops::Range<usize> {
    let text = site.text_of(node).text();
    let span = site.config.directive(node).span;
    let Span { start, end } = with_comments_above(text, span);
    start..end
}

fn comment_about(site: &Site<'_>, node: NodeId) -> Option<Place> {
    let text = site.text_of(node);
    let region = region(site, node);
    let nested: Vec<_> = nested_spans(site, node);
    let all = &text.tree.comments;
    let first = all.partition_point(|comment| comment.span.start < region.start);
    let within = all[first..].iter().take_while(|comment| comment.span.start < region.end);
    let comments =
        within.filter(|comment| !nested.iter().any(|span| span.contains(&comment.span.start)));
    let mut saying = comments.filter(|comment| {
        comment_says_socketio(&text.text()[comment.span.start..comment.span.end])
    });
    saying.next().map(|comment| text.place(comment.span))
}

/// Comments inside of a nested location speak of that one.
fn nested_spans(site: &Site<'_>, node: NodeId) -> Vec<std::ops::Range<usize>> {
    let nested = site.config.named(node, "location");
    nested.map(|inner| region(site, inner)).collect()
}

/// The marks on a location: on its line, above it, or inside it; and above its server, for the whole of it.
fn marks(site: &Site<'_>, node: NodeId) -> Vec<(Place, Mark)> {
    let text = site.text_of(node);
    let region = region(site, node);
    let within = text.place(region.into()).span;
    let here = text.file().source;
    let remarks = site.set.remarks_in(here).filter(|one| {
        text.holds(one.place)
            && within.start <= one.place.span.start
            && one.place.span.start <= line_end(site, within.end, text)
    });
    remarks
        .filter_map(|one| match &one.remark {
            Remark::Mark(mark) => Some((one.place, mark.clone())),
            _ => None,
        })
        .collect()
}

/// The end of the line that a place of a file is on.
fn line_end(_: &Site<'_>, at: usize, text: &NginxText<'_>) -> usize {
    let file = text.file().text;
    file.get(at..).and_then(|rest| rest.find('\n')).map_or(file.len(), |length| at + length)
}
