//! What is asked of a configuration again and again, looked up once: a large one has thousands of servers.

use std::sync::OnceLock;

use foldhash::HashMap;

use super::config::{Config, NodeId};
use super::contexts::swallowed_names;
use super::location::{Kind, Location};
use super::pattern::Pattern;
use super::server::Ports;
use super::spelling::meant;

/// Up to how many lines a block is searched line by line.
pub(super) const FEW: usize = 16;

/// Where things are.
#[derive(Debug, Clone, Default)]
pub(super) struct Index<'t> {
    /// The lines of large blocks, by their names.
    pub(super) children: HashMap<NodeId, HashMap<&'t str, Vec<NodeId>>>,
    /// All directives, sorted by their names; those of a name in the order in which they come.
    names: Vec<(&'t str, NodeId)>,
    /// The first `include` of each block whose files are not known.
    pub(super) unread: HashMap<NodeId, NodeId>,
    /// The `upstream` of each name, in lower case; of several the first.
    pub(super) upstreams: HashMap<String, NodeId>,
    /// The locations of each block.
    pub(super) locations: HashMap<NodeId, Locations<'t>>,
    /// Where a directive of a name was meant to stand in a block, and what stands there in its place.
    pub(super) meant: HashMap<NodeId, HashMap<&'static str, NodeId>>,
    /// The servers of each port, once somebody asked.
    pub(super) ports: OnceLock<Ports>,
}

/// The locations of a block.
#[derive(Debug, Clone, Default)]
pub(super) struct Locations<'t> {
    /// Those with a path, by it.
    pub(super) plain: HashMap<&'t str, Vec<Location<'t>>>,
    /// Those with a regular expression, in their order.
    pub(super) regexes: Vec<(Location<'t>, OnceLock<Option<Pattern>>)>,
}

impl<'t> Index<'t> {
    /// The index of a configuration whose directives are all there.
    pub(super) fn of(config: &Config<'t>) -> Self {
        let mut index = Self::default();
        for node in config.walk() {
            let name = config.name(node);
            index.names.push((name, node));
            let parent = config.parent(node).filter(|one| config.children(*one).len() > FEW);
            if let Some(parent) = parent {
                let lines = index.children.entry(parent).or_default();
                lines.entry(name).or_default().push(node);
            }
        }
        index.names.sort_unstable();
        for include in config.unread() {
            if let Some(parent) = config.parent(*include) {
                index.unread.entry(parent).or_insert(*include);
            }
        }
        index.add_upstreams(config);
        index.add_locations(config);
        index.add_meant(config);
        index
    }

    /// The directives of a name.
    pub(super) fn named(&self, name: &str) -> &[(&'t str, NodeId)] {
        let start = self.names.partition_point(|(one, _)| *one < name);
        let count = self.names[start..].partition_point(|(one, _)| *one == name);
        &self.names[start..start + count]
    }

    fn add_upstreams(&mut self, config: &Config<'t>) {
        let http = config.http();
        for (_, node) in self.named("upstream").to_vec() {
            if http.is_some() && config.parent(node) == http {
                let name = config.value(node).to_ascii_lowercase();
                self.upstreams.entry(name).or_insert(node);
            }
        }
    }

    fn add_meant(&mut self, config: &Config<'t>) {
        for node in config.walk() {
            let level = config.parent(node);
            let context = level.and_then(|level| config.context(level));
            let (Some(level), Some(context)) = (level, context) else {
                continue;
            };
            let directive = config.directive(node);
            for name in
                swallowed_names(context, directive).into_iter().chain(meant(context, directive))
            {
                self.meant.entry(level).or_default().entry(name).or_insert(node);
            }
        }
    }

    fn add_locations(&mut self, config: &Config<'t>) {
        for (_, node) in self.named("location").to_vec() {
            let (Some(level), Some(location)) = (config.parent(node), config.location(node)) else {
                continue;
            };
            let level = self.locations.entry(level).or_default();
            match location.kind {
                Kind::Named => {}
                Kind::Regex | Kind::RegexIgnoringCase => {
                    level.regexes.push((location, OnceLock::new()));
                }
                _ => level.plain.entry(location.path).or_default().push(location),
            }
        }
    }
}

impl<'t> Locations<'t> {
    /// Those with exactly this path.
    pub(super) fn at(&self, path: &[u8]) -> &[Location<'t>] {
        let found = std::str::from_utf8(path).ok().and_then(|path| self.plain.get(path));
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// The one with the longest path that this begins with.
    pub(super) fn longest_prefix(&self, path: &[u8]) -> Option<&Location<'t>> {
        let is_prefix = |one: &&Location<'_>| one.kind != Kind::Exact;
        let mut lengths = (0..=path.len()).rev();
        lengths.find_map(|length| self.at(&path[..length]).iter().rev().find(is_prefix))
    }
}
