//! Volumes by what is in them: one of another name, mounted at the same place, is the same.

use super::hashed;
use super::lists;
use super::one_of::keys_of;
use crate::kube::Object;
use crate::manifest::{Node, Path};

/// The volumes of a workload that have another name there: ours, and theirs.
#[derive(Debug, Default)]
pub(super) struct Volumes<'s> {
    names: Vec<(&'s str, &'s str)>,
}

impl<'s> Volumes<'s> {
    pub(super) fn of(one: &Object<'s>, other: &Object<'s>) -> Self {
        let pods = |object: &Object<'s>| object.in_spec(&["template", "spec"]);
        let Some((ours, theirs)) = pods(one).zip(pods(other)) else {
            return Self::default();
        };
        let mut names = Vec::new();
        for (own, there) in mounts(ours, theirs) {
            let (Some(own), Some(there)) = (name(own), name(there)) else {
                continue;
            };
            let both = volume(ours, own).zip(volume(theirs, there));
            let is_known = names.iter().any(|(known, _)| *known == own);
            if own != there && !is_known && both.is_some_and(|(own, there)| is_same(own, there)) {
                names.push((own, there));
            }
        }
        Self { names }
    }

    /// What one of ours is called there, where that is another name.
    pub(super) fn other_name(&self, own: Node<'_>) -> Option<&'s str> {
        let own = own.as_str()?;
        self.names.iter().find(|(known, _)| *known == own).map(|(_, there)| *there)
    }

    /// Whether a field is the name of a volume, and both are the same one.
    pub(super) fn is_same_name(&self, path: &Path, ours: Node<'_>, theirs: Node<'_>) -> bool {
        let is_name = matches!(keys_of(path)[..], [.., "volumes" | "volumeMounts", "name"]);
        is_name && self.other_name(ours).is_some_and(|name| theirs.as_str() == Some(name))
    }
}

fn name(node: Node<'_>) -> Option<&str> {
    node.get("name").and_then(Node::as_str)
}

fn volume<'s>(pods: Node<'s>, wanted: &str) -> Option<Node<'s>> {
    let mut all = pods.get("volumes").into_iter().flat_map(Node::items);
    all.find(|volume| name(*volume) == Some(wanted))
}

/// The mounts of ours, each with the one of the same container at the same place.
fn mounts<'s>(ours: Node<'s>, theirs: Node<'s>) -> Vec<(Node<'s>, Node<'s>)> {
    let mut found = Vec::new();
    for (own, there) in pairs("containers", ours, theirs) {
        found.extend(pairs("volumeMounts", own, there));
    }
    found
}

fn pairs<'s>(list: &str, ours: Node<'s>, theirs: Node<'s>) -> Vec<(Node<'s>, Node<'s>)> {
    let both = ours.get(list).zip(theirs.get(list));
    let pairs = both.and_then(|(ours, theirs)| lists::pairs(list, ours, theirs));
    let pairs = pairs.into_iter().flatten();
    pairs.filter_map(|pair| Some((pair.ours, pair.theirs?))).collect()
}

/// Whether both are the same `ConfigMap`, each key under its own name, or an empty directory.
fn is_same(ours: Node<'_>, theirs: Node<'_>) -> bool {
    let both = |key: &str| ours.get(key).zip(theirs.get(key));
    if let Some((ours, theirs)) = both("configMap") {
        let named = name(ours).zip(name(theirs));
        let is_map = |(own, there): (&str, &str)| own == there || hashed::is_same(own, there);
        let mut items = theirs.get("items").into_iter().flat_map(Node::items);
        let is_plain = |item: Node<'_>| {
            let text = |key: &str| item.get(key).and_then(Node::text);
            text("key").is_some() && text("key") == text("path")
        };
        return named.is_some_and(is_map) && items.all(is_plain);
    }
    both("emptyDir").is_some()
}
