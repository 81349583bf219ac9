//! An nginx configuration, in a file of its own or in a ConfigMap, with the way back to the file.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::diagnostic::{Edit, NginxChange, SourceId, Span};
use crate::kube::Object;
use crate::manifest::{Embedded, Entry, Node};
use crate::nginx::{self, Shape, Tree};

use super::file::is_nginx;
use super::{Content, File, Place};

/// An nginx configuration.
#[derive(Debug)]
pub struct NginxText<'s> {
    /// Where it is.
    pub origin: Origin<'s>,
    /// What it says. Its spans are bytes of the configuration, not of the file; see [`NginxText::place`].
    pub tree: Cow<'s, Tree>,
}

/// Where an nginx configuration is.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "most are the large one")]
pub enum Origin<'s> {
    /// In a file of its own.
    File(&'s File<'s>),
    /// In a ConfigMap.
    ConfigMap {
        /// The ConfigMap.
        object: Object<'s>,
        /// The key, with its value.
        entry: Entry<'s>,
        /// The value as nginx will read it.
        text: Embedded<'s>,
    },
}

impl<'s> NginxText<'s> {
    /// The file that it is in.
    pub fn file(&self) -> &'s File<'s> {
        match &self.origin {
            Origin::File(file) => file,
            Origin::ConfigMap { object, .. } => object.file,
        }
    }

    /// The variables that its `map`s define, each with its `$`.
    pub fn mapped(&self) -> impl Iterator<Item = &str> {
        let maps = self.tree.walk().filter(|one| &*one.name.text == "map");
        maps.filter_map(|map| map.argument(1))
    }

    /// The ConfigMap that it is in.
    pub fn object(&self) -> Option<&Object<'s>> {
        match &self.origin {
            Origin::File(_) => None,
            Origin::ConfigMap { object, .. } => Some(object),
        }
    }

    /// Its text, as nginx reads it.
    pub fn text(&self) -> &str {
        match &self.origin {
            Origin::File(file) => file.text,
            Origin::ConfigMap { text, .. } => text.text(),
        }
    }

    /// The name by which others include it: the path of the file, or the key.
    pub fn name(&self) -> Cow<'s, str> {
        match &self.origin {
            Origin::File(file) => Cow::Borrowed(file.name),
            Origin::ConfigMap { entry, .. } => entry.key(),
        }
    }

    /// The edit that changes it so.
    pub fn edit(&self, change: NginxChange) -> (SourceId, Edit) {
        (self.file().source, Edit::nginx(self.scalar().map(Node::span), change))
    }

    /// The value of a manifest that holds it; `None` where it is a file of its own.
    pub fn scalar(&self) -> Option<Node<'s>> {
        match &self.origin {
            Origin::File(_) => None,
            Origin::ConfigMap { entry, .. } => Some(entry.value()),
        }
    }

    /// Where a part of the configuration is in the file.
    pub fn place(&self, span: Span) -> Place {
        match &self.origin {
            Origin::File(file) => file.place(span),
            Origin::ConfigMap { object, text, .. } => object.file.place(text.span_to_file(span)),
        }
    }
}

/// The configurations of all files, and of all ConfigMaps.
pub(super) fn all<'s>(files: &'s [File<'s>], objects: &[Object<'s>]) -> Vec<NginxText<'s>> {
    let own = files.iter().filter_map(|file| match &file.content {
        Content::Nginx(tree) => {
            Some(NginxText { origin: Origin::File(file), tree: Cow::Borrowed(tree) })
        }
        _ => None,
    });
    let maps = objects.par_iter().filter(|object| object.kind == "ConfigMap");
    let mapped: Vec<NginxText<'s>> = maps.flat_map_iter(in_config_map).collect();
    own.chain(mapped).collect()
}

fn in_config_map<'s>(object: &Object<'s>) -> Vec<NginxText<'s>> {
    let data = object.node.get("data");
    let entries = data.into_iter().flat_map(Node::entries);
    let mut texts: Vec<(NginxText<'s>, bool)> =
        entries.filter_map(|entry| in_entry(object, entry)).collect();
    // What lies beside a configuration of nginx, and is named like one, is a part of it.
    let has_nginx = texts.iter().any(|(_, certain)| *certain);
    let is_part =
        |text: &NginxText<'_>| text.name().ends_with(".conf") && text.tree.problems.is_empty();
    texts.retain(|(text, certain)| *certain || has_nginx && is_part(text));
    texts.into_iter().map(|(text, _)| text).collect()
}

/// A key that may hold a configuration, and whether it certainly does.
fn in_entry<'s>(object: &Object<'s>, entry: Entry<'s>) -> Option<(NginxText<'s>, bool)> {
    let text = entry.value().embedded()?;
    let key = entry.key();
    if !may_be_nginx(&key, text.text()) {
        return None;
    }
    let tree = nginx::parse(text.text());
    let certain =
        is_name_of_nginx(&key) || Shape::of(&tree) != Shape::Unknown && is_nginx(text.text());
    let origin = Origin::ConfigMap { object: *object, entry, text };
    Some((NginxText { origin, tree: Cow::Owned(tree) }, certain))
}

/// Whether it is worth parsing.
fn may_be_nginx(key: &str, text: &str) -> bool {
    let conf = key.contains(".conf") || key.contains("nginx");
    conf && text.contains(['{', ';'])
}

fn is_name_of_nginx(key: &str) -> bool {
    key == "nginx.conf"
}
