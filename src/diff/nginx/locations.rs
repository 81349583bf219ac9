//! Locations: which one of theirs answers what one of ours is for, and where it leads.

use super::Comparison;
use super::meaning::{is_list, is_session, is_taste};
use super::names::servers;
use super::side::Side;
use crate::nginx::{Context, Kind, Location, NodeId, is_inherited, normalise, rows};

/// What decides where a location leads.
const TARGETS: [&str; 5] = ["proxy_pass", "root", "alias", "try_files", "return"];

/// A server of an upstream: address and port.
type Peer = (String, Option<u16>);

impl Comparison<'_> {
    /// A location of ours, beside those of a server.
    pub(super) fn location(&mut self, ours: NodeId, level: NodeId) {
        let Some(mine) = self.ours.config.location(ours) else {
            return self.insert(ours, level);
        };
        let theirs = self.theirs.config.locations(level);
        if let Some(twin) = theirs.iter().find(|other| is_same_path(&mine, other)) {
            return self.inside(ours, twin.node);
        }
        let found = self.answering(&mine, level).filter(|found| self.is_target(ours, *found));
        match found {
            Some(found) if is_session(self.ours.directive(ours)) => {
                let path = self.theirs.config.location(found).map_or("", |one| one.path);
                self.notes = vec![format!("all requests that `location {path}` answers get it")];
                self.inside(ours, found);
                self.notes.clear();
            }
            Some(_) if mine.kind == Kind::Exact => {}
            _ => self.insert(ours, level),
        }
    }

    /// What is in a location. Of those that are not for sessions, only where they lead: the rest is their own affair.
    fn inside(&mut self, ours: NodeId, theirs: NodeId) {
        if is_session(self.ours.directive(ours)) {
            if let Some(mine) =
                self.ours.config.location(ours).filter(|mine| self.is_beaten(mine, theirs))
            {
                self.change(mine.node, theirs);
            }
            self.level(ours, theirs);
            return self.overridden(ours, theirs);
        }
        for &child in self.ours.config.children(ours) {
            if TARGETS.contains(&self.ours.config.name(child)) {
                self.line(child, theirs);
            }
        }
    }

    /// Whether a regular expression takes the requests that a location of theirs would answer.
    fn is_beaten(&self, ours: &Location<'_>, theirs: NodeId) -> bool {
        let server = self.theirs.config.server_of(theirs);
        let uri = normalise(ours.path, true).ok();
        let selected = uri.and_then(|uri| self.theirs.config.select(server, &uri).ok());
        ours.kind == Kind::PrefixFinal && selected.is_some_and(|one| one.beaten == Some(theirs))
    }

    /// What ours set for all locations, and a location of theirs otherwise for itself.
    fn overridden(&mut self, ours: NodeId, theirs: NodeId) {
        let outer: Vec<NodeId> = self.ours.config.levels(ours).skip(1).collect();
        for line in outer.iter().flat_map(|level| self.ours.config.children(*level)) {
            let (name, directive) = (self.ours.config.name(*line), self.ours.directive(*line));
            let is_meant = directive.block.is_none()
                && !is_taste(directive)
                && !is_list(name)
                && is_inherited(name)
                && rows(name).iter().any(|row| row.allows(Context::Location))
                && self.ours.config.named(ours, name).next().is_none();
            let nearer = self.theirs.config.effective(theirs, name).line().filter(|line| {
                let level = self.theirs.config.parent(*line);
                level.is_some_and(|level| self.theirs.config.name(level) == "location")
            });
            if is_meant && nearer.is_some() {
                self.line(*line, theirs);
            }
        }
    }

    /// The location of a server of theirs that answers the path of one of ours.
    fn answering(&self, ours: &Location<'_>, server: NodeId) -> Option<NodeId> {
        let plain = matches!(ours.kind, Kind::Exact | Kind::Prefix | Kind::PrefixFinal);
        let uri = normalise(ours.path, true).ok().filter(|_| plain)?;
        let selection = self.theirs.config.select(server, &uri).ok()?;
        let certain = selection.doubt.is_none() && selection.redirect.is_none();
        selection.location().filter(|_| certain)
    }

    /// Whether a location of theirs leads where one of ours does.
    fn is_target(&self, ours: NodeId, theirs: NodeId) -> bool {
        let mine = self.ours.config.children(ours).iter();
        let mut mine =
            mine.filter(|line| TARGETS.contains(&self.ours.config.name(**line))).peekable();
        mine.peek().is_some()
            && mine.all(|line| {
                let there = self.theirs.config.named(theirs, self.ours.config.name(*line)).next();
                there.is_some_and(|there| self.is_same(*line, there))
            })
    }

    /// Whether both `proxy_pass` send the requests of our location to the same servers, with the same URI.
    pub(super) fn leads_the_same_way(&self, ours: NodeId, theirs: NodeId) -> bool {
        let location = |side: &Side<'_>, pass: NodeId| side.config.parent(pass);
        let mine = location(self.ours, ours).and_then(|node| self.ours.config.location(node));
        let path = mine.filter(|mine| !matches!(mine.kind, Kind::Regex | Kind::RegexIgnoringCase));
        path.is_some_and(|mine| {
            let there = location(self.theirs, theirs);
            let sent = sent(self.ours, mine.node, mine.path);
            sent.is_some()
                && sent == there.and_then(|there| self::sent(self.theirs, there, mine.path))
        })
    }
}

/// Whether two locations are asked for the same path: `^~` only keeps regular expressions away.
fn is_same_path(one: &Location<'_>, other: &Location<'_>) -> bool {
    let plain = |kind: Kind| if kind == Kind::PrefixFinal { Kind::Prefix } else { kind };
    one.path == other.path && plain(one.kind) == plain(other.kind)
}

/// The servers and the URI that a location sends a path to; `None` if that cannot be told from its `proxy_pass`.
fn sent(side: &Side<'_>, location: NodeId, path: &str) -> Option<(String, Vec<Peer>, String)> {
    let pass = side.config.proxy_pass(location)?;
    let rewrites =
        ["rewrite", "if"].iter().any(|name| side.config.named(location, name).next().is_some());
    if pass.has_variables() || rewrites {
        return None;
    }
    let peers = match pass.upstream {
        Some(upstream) => servers(&side.config, upstream),
        None => vec![(pass.host.clone(), pass.port)],
    };
    let known = side.config.location(location)?;
    let uri = match (&pass.uri, known.kind) {
        (None, _) => path.to_owned(),
        (Some(uri), Kind::Exact | Kind::Prefix | Kind::PrefixFinal) => {
            format!("{uri}{}", path.strip_prefix(known.path)?)
        }
        _ => return None,
    };
    Some((pass.scheme, peers, uri))
}
