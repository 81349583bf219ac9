//! The files of a build, and which further files a kustomization.yaml names.

use std::collections::BTreeMap;

use crate::diagnostic::SourceId;
use crate::manifest::{self, Document, Node, Stream};
use crate::set::directory_of;

/// The files that a build may read. Whoever reads files fills it, with what [`named`] asks for.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    files: BTreeMap<String, SourceId>,
    /// The kustomization.yaml of each directory.
    directories: BTreeMap<String, SourceId>,
    /// What is there and is no text.
    binaries: Vec<String>,
}

/// A path that a kustomization.yaml names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// From where the kustomization.yaml's own path begins.
    pub path: String,
    /// Whether it may be a directory with a kustomization.yaml of its own.
    pub may_be_directory: bool,
}

impl Tree {
    /// Takes in a text by its path.
    pub fn add(&mut self, path: &str, source: SourceId) {
        if is_kustomization(path) {
            self.directories.insert(directory_of(path).to_owned(), source);
        }
        self.files.insert(path.to_owned(), source);
    }

    /// Takes in a file that is no text.
    pub fn add_binary(&mut self, path: &str) {
        self.binaries.push(path.to_owned());
    }

    /// A text by its path.
    pub fn file(&self, path: &str) -> Option<SourceId> {
        self.files.get(path).copied()
    }

    /// Every text, with its path, in the order of paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, SourceId)> {
        self.files.iter().map(|(path, source)| (path.as_str(), *source))
    }

    /// What is there and is no text.
    pub fn binaries(&self) -> impl Iterator<Item = &str> {
        self.binaries.iter().map(String::as_str)
    }

    /// The kustomization.yaml of a directory.
    pub fn kustomization(&self, directory: &str) -> Option<SourceId> {
        self.directories.get(directory).copied()
    }

    /// Whether a file is there, and is no text.
    pub(super) fn is_binary(&self, path: &str) -> bool {
        self.binaries.iter().any(|other| other == path)
    }
}

/// What a kustomization.yaml names: files, and directories with a kustomization.yaml of their own.
pub fn named(path: &str, text: &str) -> Vec<Named> {
    let stream = manifest::read(text);
    let Some(root) = root(&stream) else {
        return Vec::new();
    };
    let directory = directory_of(path);
    let resources =
        ["resources", "bases", "components"].into_iter().flat_map(|key| texts(root, key));
    let resources = resources.map(|entry| (entry, true));
    let merged = texts(root, "patchesStrategicMerge").filter(|entry| !is_inline(entry));
    let patches = ["patches", "patchesJson6902"].into_iter().flat_map(move |key| items(root, key));
    let patches = patches.filter_map(|patch| patch.get("path")?.as_str());
    // What makes a Secret is nobody's business here.
    let sources = items(root, "configMapGenerator").flat_map(generated);
    let files = merged.chain(patches).chain(sources).map(|entry| (entry, false));
    let all = resources.chain(files).filter(|(entry, _)| !is_remote(entry));
    all.map(|(entry, may_be_directory)| Named { path: joined(directory, entry), may_be_directory })
        .collect()
}

/// The files that a generator reads.
fn generated(generator: Node<'_>) -> impl Iterator<Item = &str> {
    let files = texts(generator, "files").map(|entry| file_entry(entry).1);
    let single = generator.get("env").and_then(Node::as_str);
    files.chain(texts(generator, "envs")).chain(single)
}

/// The key and the path of an entry of `files`.
pub(super) fn file_entry(entry: &str) -> (&str, &str) {
    let name = |path: &'_ str| path.rsplit('/').next().map_or(0, |name| path.len() - name.len());
    entry.split_once('=').unwrap_or_else(|| (&entry[name(entry)..], entry))
}

/// The items of a list.
pub(super) fn items<'s>(map: Node<'s>, key: &str) -> impl Iterator<Item = Node<'s>> + use<'s> {
    map.get(key).into_iter().flat_map(Node::items)
}

fn texts<'s>(map: Node<'s>, key: &str) -> impl Iterator<Item = &'s str> + use<'s> {
    items(map, key).filter_map(Node::as_str)
}

/// What a kustomization.yaml says.
pub(super) fn root<'s>(stream: &'s Stream<'_>) -> Option<Node<'s>> {
    stream.documents().find_map(Document::root).filter(|root| root.is_map())
}

/// Whether an entry of `patchesStrategicMerge` is the patch itself.
pub(super) fn is_inline(entry: &str) -> bool {
    entry.contains('\n') || entry.contains(": ")
}

/// Whether a resource is to be fetched from elsewhere
/// (kubernetes-sigs/kustomize:api/internal/git/repospec.go).
pub(super) fn is_remote(entry: &str) -> bool {
    let first = entry.split('/').next().unwrap_or_default();
    entry.contains("://")
        || entry.contains("?ref=")
        || entry.starts_with("git@")
        || entry.starts_with("git::")
        || matches!(first, "github.com" | "gitlab.com" | "bitbucket.org")
}

/// Whether a file is a kustomization.yaml by its name.
pub fn is_kustomization(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
}

/// A path that is written in a file of a directory.
pub fn joined(directory: &str, entry: &str) -> String {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    let absolute = directory.starts_with('/') || entry.starts_with('/');
    if entry.starts_with('/') {
        parts.clear();
    }
    for part in entry.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined() {
        assert_eq!(joined("k8s/overlays/a", "../../base"), "k8s/base");
        assert_eq!(joined("", "./service.yaml"), "service.yaml");
        assert_eq!(joined("/abs/a", "../b/c.yaml"), "/abs/b/c.yaml");
        assert_eq!(joined("a", "../../b"), "../b");
        assert_eq!(joined("a", "/b/c"), "/b/c");
    }

    #[test]
    fn what_is_named_is_found() {
        let text = "resources: [../../base, https://x/y, a.yaml]\npatches: [{path: p.yaml}]\n\
            configMapGenerator: [{name: n, files: [nginx.conf, k=d/f], envs: [.env]}]\n\
            patchesStrategicMerge: [m.yaml, \"kind: X\\nmetadata: {}\"]\n";
        let named = named("k/prod/kustomization.yaml", text);
        let said: Vec<(&str, bool)> =
            named.iter().map(|one| (one.path.as_str(), one.may_be_directory)).collect();
        assert_eq!(
            said,
            [
                ("base", true),
                ("k/prod/a.yaml", true),
                ("k/prod/m.yaml", false),
                ("k/prod/p.yaml", false),
                ("k/prod/nginx.conf", false),
                ("k/prod/d/f", false),
                ("k/prod/.env", false),
            ]
        );
    }
}
