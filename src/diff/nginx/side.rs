//! One of the two nginx that are compared.

use crate::diff::nginx::step;
use crate::kube::Object;
use crate::nginx::{Config, Directive, NodeId, ROOT};
use crate::path::nginx_of;
use crate::set::{NginxText, Place, Set};

/// An nginx with all of its files.
pub(super) struct Side<'c> {
    pub(super) config: Config<'c>,
    texts: &'c [NginxText<'c>],
}

impl<'c> Side<'c> {
    /// The nginx that a ConfigMap is a part of; `None` if none begins with what is in it.
    pub(super) fn of(set: &'c Set<'c>, map: &Object<'c>) -> Option<Self> {
        Some(Self { config: nginx_of(set, map)?, texts: &set.nginx })
    }

    pub(super) fn directive(&self, node: NodeId) -> &'c Directive {
        self.config.directive(node)
    }

    /// The text that a directive is in; of the top level, the one that has the first server, or else the first.
    pub(super) fn text_of(&self, node: NodeId) -> &'c NginxText<'c> {
        let server = || self.config.named(ROOT, "server").next();
        let node = if node == ROOT { server().unwrap_or(ROOT) } else { node };
        &self.texts[self.config.file(node).0]
    }

    /// Where a directive is: its name and its arguments.
    pub(super) fn place(&self, node: NodeId) -> Place {
        self.text_of(node).place(self.directive(node).head_span())
    }

    /// Where the arguments of a directive are.
    pub(super) fn value_place(&self, node: NodeId) -> Place {
        let directive = self.directive(node);
        self.text_of(node).place(directive.value_span().unwrap_or(directive.name.span))
    }

    /// The arguments of a directive as they are written.
    pub(super) fn value(&self, node: NodeId) -> &'c str {
        let span = self.directive(node).value_span();
        span.map_or("", |span| &self.text_of(node).text()[span.start..span.end])
    }

    /// A directive without a block, as it is written.
    pub(super) fn line(&self, node: NodeId) -> String {
        let span = self.directive(node).head_span();
        format!("{};", &self.text_of(node).text()[span.start..span.end])
    }

    /// A directive by the blocks of its file: `data["nginx.conf"].http.server.listen`.
    pub(super) fn path_of(&self, node: NodeId) -> String {
        let prefix = self.prefix(node);
        let file = self.config.file(node);
        let own = |level: &NodeId| *level != ROOT && self.config.file(*level) == file;
        let mut levels: Vec<NodeId> = self.config.levels(node).take_while(own).collect();
        levels.reverse();
        levels.iter().fold(prefix, |path, level| step(&path, self.directive(*level)))
    }

    /// The text that a directive is in, as the beginning of a path.
    pub(super) fn prefix(&self, node: NodeId) -> String {
        let text = self.text_of(node);
        match text.object() {
            Some(_) => format!("data[\"{}\"]", text.name()),
            None => String::new(),
        }
    }

    /// Whether nginx reads a line more than once, because its file is included in several places.
    pub(super) fn is_shared(&self, node: NodeId) -> bool {
        let name = self.config.name(node);
        let same = |other: &NodeId| {
            *other != node
                && self.config.file(*other) == self.config.file(node)
                && self.directive(*other).span == self.directive(node).span
        };
        self.config.all_named(name).any(|other| same(&other))
    }

    /// Whether a line stands right in a block, or in a file that is included there.
    pub(super) fn is_in(&self, line: NodeId, level: NodeId) -> bool {
        self.config.parent(line) == Some(level)
    }
}
