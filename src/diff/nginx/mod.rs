//! Comparing nginx configurations by what is in effect.
//!
//! A setting is right where nginx takes it, whichever block or file it stands in: what a location inherits is no
//! difference. What is not there is added, and what only the other side has stays, also where a new line would hide
//! it. Names that people choose are no difference: an upstream is known by its servers, a variable by its `map`. What
//! nobody uses is not missed. A location that is there under another path, and already answers the Socket.IO path with
//! the same URI for the same server, is the one that is repaired.

mod balancing;
mod lines;
mod locations;
pub(super) mod meaning;
mod names;
mod reason;
mod resolving;
mod side;
mod source;
mod writable;

use super::Change;
use crate::diagnostic::{Edit, NginxChange};
use crate::kube::Object;
use crate::manifest::Node;
use crate::nginx::{Directive, Kind, NodeId, ROOT, Shape};
use crate::set::{NginxText, Set};

use self::meaning::{is_list, is_taste, ports_of, words};
use self::names::{Names, defined, mentions};
use self::side::Side;
use self::writable::Room;

/// What differs between the nginx configurations of two ConfigMaps.
pub(super) fn changes<'c>(
    ours: &'c Set<'c>,
    theirs: &'c Set<'c>,
    one: &Object<'c>,
    other: &Object<'c>,
) -> Vec<Change> {
    let own = || ours.nginx_in(one).iter().map(|index| &ours.nginx[*index]);
    let Some(mine) = Side::of(ours, one) else {
        // Parts that nothing of ours includes are compared as they are.
        let text = |key: &str| other.node.at(&["data", key]).and_then(Node::text);
        let differs = |part: &&NginxText<'_>| text(&part.name()) != Some(part.text());
        return own().filter(differs).map(|part| missing(part, one, other, true)).collect();
    };
    let whole = |side: &Side<'_>| side.config.shape() == Shape::Full;
    let yours = Side::of(theirs, other);
    // Pods of ours begin with a whole nginx.conf, whatever other files there are.
    let beside = whole(&mine)
        && ours.mounting(one.name).next().is_some()
        && yours.as_ref().is_some_and(|side| !whole(side));
    if let Some(yours) = yours.filter(|_| !beside) {
        let room = Room::of((ours, one), (theirs, other));
        return Comparison { hosts: hosts(ours), ..Comparison::new(&mine, &yours, room) }.run();
    }
    let is_free = beside || theirs.nginx_in(other).is_empty();
    own().map(|text| missing(text, one, other, is_free)).collect()
}

/// A configuration where there is none, or none that nginx could begin with.
fn missing(text: &NginxText<'_>, one: &Object<'_>, other: &Object<'_>, is_free: bool) -> Change {
    let path = crate::manifest::Path::of_keys(&["data", &text.name()]);
    let taken = other.node.at(&["data", &text.name()]).is_some();
    let edit = (other.file.source, Edit::set(other.node.span(), path.clone(), text.text()));
    Change {
        path: path.to_string(),
        old: None,
        new: Some(format!("{} lines of nginx configuration", text.text().lines().count())),
        there: Some(other.title()),
        here: one.title(),
        why: super::Why::default(),
        edit: if is_free && !taken {
            Ok(edit)
        } else {
            Err("it cannot be told which configuration includes what is here".to_owned())
        },
        notes: Vec::new(),
    }
}

struct Comparison<'c> {
    ours: &'c Side<'c>,
    theirs: &'c Side<'c>,
    names: Names,
    room: Room<'c>,
    /// What requests name that are for the app.
    hosts: Vec<&'c str>,
    changes: Vec<Change>,
    /// Upstreams and maps of ours, each with the block of theirs that it belongs into.
    definitions: Vec<(NodeId, NodeId)>,
    /// What is to be said of all changes in the location that is compared.
    notes: Vec<String>,
}

impl<'c> Comparison<'c> {
    fn new(ours: &'c Side<'c>, theirs: &'c Side<'c>, room: Room<'c>) -> Self {
        Self {
            ours,
            theirs,
            names: Names::of(ours, theirs),
            room,
            hosts: Vec::new(),
            changes: Vec::new(),
            definitions: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn run(mut self) -> Vec<Change> {
        match (self.ours.config.shape(), self.theirs.config.http()) {
            (Shape::Full, _) if self.theirs.config.shape() == Shape::Full => self.level(ROOT, ROOT),
            (Shape::Full, there) => {
                self.around(there.unwrap_or(ROOT));
                let http = self.ours.config.http();
                http.zip(there).into_iter().for_each(|(ours, there)| self.level(ours, there));
            }
            (_, Some(there)) => self.level(ROOT, there),
            (_, None) => {
                let why = "there is no `http` that this belongs into";
                self.leave(ROOT, ROOT, why);
            }
        }
        self.define();
        self.resolver();
        // Two locations of ours may be one of theirs.
        let mut seen = Vec::new();
        self.changes.retain(|change| {
            let known = seen.contains(&(change.path.clone(), change.new.clone()));
            seen.push((change.path.clone(), change.new.clone()));
            !known
        });
        self.changes.sort_by_key(|change| change.here.span.start);
        self.changes
    }

    /// What a whole nginx.conf says around `http`, beside fragments that cannot.
    fn around(&mut self, theirs: NodeId) {
        for &child in self.ours.config.children(ROOT) {
            if self.ours.config.name(child) != "http" && !is_taste(self.ours.directive(child)) {
                let why = "only an nginx.conf can say it, and this is included in one that is not here; \
                           `nginx.form = \"conf.d\"` describes it as it is";
                self.left(child, theirs, why);
            }
        }
    }

    /// All that one of our blocks holds, which is left to people.
    fn leave(&mut self, ours: NodeId, theirs: NodeId, why: &str) {
        for &child in self.ours.config.children(ours) {
            if !is_taste(self.ours.directive(child)) {
                self.left(child, theirs, why);
            }
        }
    }

    /// What a block of ours holds, beside the block of theirs.
    fn level(&mut self, ours: NodeId, theirs: NodeId) {
        let mut lists: Vec<&str> = Vec::new();
        for &child in self.ours.config.children(ours) {
            let directive = self.ours.directive(child);
            let name = &*directive.name.text;
            match (&directive.block, name) {
                _ if is_taste(directive) && !self.is_closed(name, theirs) => {}
                (Some(_), "map" | "upstream") => self.definitions.push((child, theirs)),
                (Some(_), "location") => self.location(child, self.answering_health(child, theirs)),
                (Some(_), _) => self.block(child, theirs),
                (None, _) if is_list(name) => {
                    if !lists.contains(&name) {
                        lists.push(name);
                        self.list(name, ours, theirs);
                    }
                }
                (None, _) => self.line(child, theirs),
            }
        }
    }

    /// Whether nginx could not start with what theirs say.
    fn is_closed(&self, name: &str, level: NodeId) -> bool {
        let line = self.theirs.config.effective(level, name).line();
        self.room.is_closed(name, line.and_then(|line| self.theirs.directive(line).argument(0)))
    }

    fn block(&mut self, ours: NodeId, level: NodeId) {
        let directive = self.ours.directive(ours);
        let same = self.theirs.config.named(level, &directive.name.text);
        let same: Vec<NodeId> = same
            .filter(|other| {
                let other = self.theirs.directive(*other);
                other.block.is_some() && (is_alone(directive) || words(other) == words(directive))
            })
            .collect();
        match self.likest(directive, &same) {
            Some(other) => self.level(ours, other),
            None => self.insert(ours, level),
        }
    }

    /// Of several that may be meant, the one for the same port. Of several servers without it none is.
    fn likest(&self, ours: &Directive, same: &[NodeId]) -> Option<NodeId> {
        let ports = ports_of(ours);
        let listens = |other: &&NodeId| {
            let listens = self.theirs.config.named(**other, "listen");
            let mut there = listens.flat_map(|line| ports_of(self.theirs.directive(line)));
            there.any(|port| ports.contains(&port))
        };
        let first = same.first().filter(|_| ports.is_empty() || same.len() == 1);
        let named = self.for_host(&ports).filter(|server| same.contains(server));
        named.or_else(|| same.iter().find(listens).or(first).copied())
    }

    /// The server of theirs on some port that answers requests for the app.
    fn for_host(&self, ports: &[&str]) -> Option<NodeId> {
        let ports = ports.iter().filter_map(|port| port.parse().ok());
        let mut asked = ports.flat_map(|port| self.hosts.iter().map(move |host| (port, *host)));
        asked.find_map(|(port, host)| {
            self.theirs.config.server_for(port, host).ok()?.map(|chosen| chosen.server)
        })
    }

    /// The block of theirs that a location belongs into: what is rendered for one path alone is for health checks, which
    /// come by address and are answered by the default server.
    fn answering_health(&self, location: NodeId, level: NodeId) -> NodeId {
        let kind = self.ours.config.location(location).map(|location| location.kind);
        let server = self.ours.config.parent(location).map(|server| self.ours.directive(server));
        let ports = server.map(ports_of).filter(|_| kind == Some(Kind::Exact)).unwrap_or_default();
        let mut ports = ports.iter().filter_map(|port| port.parse().ok());
        let config = &self.theirs.config;
        let on_port = |port: &u16| config.on_port(*port).iter().any(|(server, _)| *server == level);
        let port = ports.find(on_port);
        port.and_then(|port| config.default_server(port)).map_or(level, |chosen| chosen.server)
    }

    /// What locations and servers use. What is there is compared; what is not is added where something that is
    /// written uses it.
    fn define(&mut self) {
        let mut definitions = std::mem::take(&mut self.definitions);
        definitions.retain(|(ours, _)| self.is_meant(*ours));
        let (there, mut absent): (Vec<_>, Vec<_>) =
            definitions.into_iter().partition(|(ours, _)| self.names.twin(*ours).is_some());
        for (ours, _) in there {
            if let Some(twin) = self.names.twin(ours) {
                let before = self.changes.len();
                self.definition(ours, twin);
                self.bar(ours, before);
            }
        }
        while let Some(at) = absent.iter().position(|(ours, _)| self.uses(*ours).next().is_some()) {
            let (ours, level) = absent.remove(at);
            let before = self.changes.len();
            self.insert(ours, level);
            self.bar(ours, before);
        }
    }

    /// Whether something of ours that is compared uses a definition; what only logs use is taste.
    fn is_meant(&self, ours: NodeId) -> bool {
        let config = &self.ours.config;
        let name = defined(config, ours).unwrap_or_default();
        let uses = |line: NodeId| {
            !is_taste(self.ours.directive(line))
                && config.arguments(line).any(|word| mentions(word, config.name(ours), name))
        };
        config.walk().any(|line| line != ours && uses(line))
    }

    /// Leaves to people what uses a definition that is left to them: nginx would not start without it.
    fn bar(&mut self, ours: NodeId, since: usize) {
        if self.changes[since..].iter().all(|change| change.edit.is_ok()) {
            return;
        }
        let name = defined(&self.ours.config, ours).unwrap_or_default();
        let used: Vec<usize> = self.uses(ours).collect();
        for at in used {
            self.changes[at].edit = Err(format!("it needs `{name}`, which is left to people"));
        }
    }

    /// The changes of which something that is to be written speaks of a definition of ours.
    fn uses(&self, ours: NodeId) -> impl Iterator<Item = usize> {
        let kind = self.ours.config.name(ours);
        let name = defined(&self.ours.config, ours).map(|name| self.names.theirs(name));
        let speaks = move |change: &Change| match (&change.edit, &name) {
            (
                Ok((
                    _,
                    Edit::Nginx {
                        change:
                            NginxChange::SetArguments { text, .. }
                            | NginxChange::Replace { text, .. }
                            | NginxChange::Insert { text, .. },
                        ..
                    },
                )),
                Some(name),
            ) => mentions(text, kind, name),
            _ => false,
        };
        self.changes.iter().enumerate().filter(move |(_, one)| speaks(one)).map(|(at, _)| at)
    }
}

/// The hosts of the rendered routes.
fn hosts<'c>(ours: &Set<'c>) -> Vec<&'c str> {
    let rules = ours.of_kind("Ingress").filter_map(|one| one.in_spec(&["rules"]));
    let hosts = rules.flat_map(Node::items).filter_map(|rule| rule.get("host")?.as_str());
    let routes = ours.of_kind("HTTPRoute").filter_map(|one| one.in_spec(&["hostnames"]));
    hosts.chain(routes.flat_map(Node::items).filter_map(Node::as_str)).collect()
}

/// Whether there is one of a block, or the arguments do not tell.
fn is_alone(directive: &Directive) -> bool {
    matches!(&*directive.name.text, "http" | "events" | "server")
}

pub(super) fn step(path: &str, directive: &Directive) -> String {
    let arguments = words(directive);
    let name = match (&directive.block, arguments.is_empty()) {
        (Some(_), false) => format!("{}[{}]", directive.name.text, arguments.join(" ")),
        (None, false) if matches!(&*directive.name.text, "proxy_set_header" | "add_header") => {
            format!("{}[{}]", directive.name.text, arguments[0])
        }
        _ if directive.name.text.is_empty() => "''".to_owned(),
        _ => directive.name.text.to_string(),
    };
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests;
