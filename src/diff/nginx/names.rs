//! Names that people choose: an upstream is known by its servers, a variable by the `map` that makes it.

use super::side::Side;
use crate::nginx::{Config, NodeId};

/// What is there under another name: ours, and theirs.
#[derive(Debug, Default)]
pub(super) struct Names {
    upstreams: Vec<(String, String)>,
    /// Without the `$`.
    variables: Vec<(String, String)>,
    /// A definition of ours, and the one that is there.
    pairs: Vec<(NodeId, NodeId)>,
}

impl Names {
    pub(super) fn of(ours: &Side<'_>, theirs: &Side<'_>) -> Self {
        let mut names = Self::default();
        for node in ours.config.all_named("upstream") {
            if let Some(twin) = twin_of_upstream(&ours.config, &theirs.config, node) {
                names.add(&ours.config, &theirs.config, (node, twin));
            }
        }
        for node in ours.config.maps() {
            if let Some(twin) = names.twin_of_map(&ours.config, &theirs.config, node) {
                names.add(&ours.config, &theirs.config, (node, twin));
            }
        }
        names
    }

    fn add(&mut self, ours: &Config<'_>, theirs: &Config<'_>, pair: (NodeId, NodeId)) {
        self.pairs.push(pair);
        let (mine, yours) = (defined(ours, pair.0), defined(theirs, pair.1));
        if let (true, Some(both)) = (mine != yours, mine.zip(yours)) {
            let both = (both.0.to_owned(), both.1.to_owned());
            match ours.name(pair.0) {
                "upstream" => self.upstreams.push(both),
                _ => self.variables.push(both),
            }
        }
    }

    /// The definition that is there of what one of ours defines.
    pub(super) fn twin(&self, ours: NodeId) -> Option<NodeId> {
        self.pairs.iter().find(|(mine, _)| *mine == ours).map(|(_, yours)| *yours)
    }

    /// The name there of what one of our definitions defines.
    pub(super) fn theirs(&self, name: &str) -> String {
        let mut known = self.upstreams.iter().chain(&self.variables);
        known.find(|(mine, _)| mine == name).map_or(name, |(_, yours)| yours).to_owned()
    }

    /// A text of ours with their names.
    pub(super) fn in_their_words(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (mine, yours) in &self.upstreams {
            for scheme in ["http://", "https://"] {
                text = replaced(&text, &format!("{scheme}{mine}"), &format!("{scheme}{yours}"));
            }
        }
        for (mine, yours) in &self.variables {
            text = replaced(&text, &format!("${mine}"), &format!("${yours}"));
            text = text.replace(&format!("${{{mine}}}"), &format!("${{{yours}}}"));
        }
        text
    }

    /// The `map` of theirs for the variable of one of ours: of the same name, or else of the same meaning, or else one
    /// that asks for the same and has the same `default`.
    fn twin_of_map(&self, ours: &Config<'_>, theirs: &Config<'_>, node: NodeId) -> Option<NodeId> {
        let source = self.in_their_words(ours.value(node));
        let asks = |other: &NodeId| theirs.value(*other) == source;
        if let Some(named) = defined(ours, node).and_then(|name| theirs.map_of(name)) {
            return Some(named);
        }
        let mine = self.meaning(ours, node);
        let default = |lines: &[(String, String)]| {
            let mut lines = lines.iter();
            lines.find(|(key, _)| key == "default").map(|(_, value)| value.clone())
        };
        let alike: Vec<NodeId> = theirs.maps().into_iter().filter(asks).collect();
        let plain = Names::default();
        let meant = alike.iter().find(|other| plain.meaning(theirs, **other) == mine);
        let close = || {
            let same = |other: &&NodeId| default(&plain.meaning(theirs, **other)) == default(&mine);
            let is_asked = default(&mine).is_some() && ours.name(node) == "map";
            alike.iter().find(same).filter(|_| is_asked)
        };
        meant.or_else(close).copied()
    }

    /// The lines of a `map`, those that nginx does not ask in turn sorted, in their words.
    fn meaning(&self, config: &Config<'_>, map: NodeId) -> Vec<(String, String)> {
        let line = |line: &NodeId| {
            (config.name(*line).to_owned(), self.in_their_words(config.value(*line)))
        };
        let lines: Vec<_> = config.children(map).iter().map(line).collect();
        let (regexes, mut plain): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|(key, _)| key.starts_with('~'));
        plain.sort();
        plain.into_iter().chain(regexes).collect()
    }
}

/// The name of an upstream, or the variable of a `map`.
pub(super) fn defined<'t>(config: &Config<'t>, node: NodeId) -> Option<&'t str> {
    match config.name(node) {
        "upstream" => Some(config.value(node)),
        _ => config.directive(node).argument(1)?.strip_prefix('$'),
    }
}

/// Whether a text speaks of an upstream or a variable.
pub(super) fn mentions(text: &str, kind: &str, name: &str) -> bool {
    match kind {
        "upstream" => found(text, &format!("://{name}")).is_some(),
        _ => text.contains(&format!("${{{name}}}")) || found(text, &format!("${name}")).is_some(),
    }
}

/// Of the same name, or else with the same servers.
fn twin_of_upstream(ours: &Config<'_>, theirs: &Config<'_>, node: NodeId) -> Option<NodeId> {
    let mine = servers(ours, node);
    let named = theirs.upstream_named(ours.value(node)).map(|found| found.node);
    named.or_else(|| theirs.all_named("upstream").find(|other| servers(theirs, *other) == mine))
}

/// The addresses and ports of an upstream, sorted.
pub(super) fn servers(config: &Config<'_>, upstream: NodeId) -> Vec<(String, Option<u16>)> {
    let peers = config.upstream(upstream).peers;
    let mut servers: Vec<_> =
        peers.iter().map(|peer| (peer.address.to_owned(), peer.port)).collect();
    servers.sort();
    servers
}

/// The first place where a name stands whole.
fn found(text: &str, name: &str) -> Option<usize> {
    let part = |one: char| one.is_ascii_alphanumeric() || matches!(one, '_' | '-' | '.' | ':');
    let mut places = text.match_indices(name).map(|(at, _)| at);
    places.find(|at| !text[at + name.len()..].starts_with(part))
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    let mut rest = text;
    let mut done = String::new();
    while let Some(at) = found(rest, from) {
        done += &rest[..at];
        done += to;
        rest = &rest[at + from.len()..];
    }
    done + rest
}
