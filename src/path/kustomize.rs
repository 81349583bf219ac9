//! What Kustomize does to manifests after they were written: a name that a file lacks may come from an overlay.
//!
//! A rule that says "this is missing" asks here first. Kustomize is not run: what a kustomization lists is followed,
//! and whether one of its patches speaks of a key is read off its text.

use std::collections::HashMap;

use super::Model;
use crate::diagnostic::Span;
use crate::kube::Object;
use crate::manifest::{Document, Node, Stream, each_map, read};
use crate::set::{File, Set};

/// A kustomization.yaml.
#[derive(Debug, Clone, Copy)]
pub struct Kustomization<'s> {
    /// The file.
    pub file: &'s File<'s>,
    /// What it says.
    pub root: Node<'s>,
}

/// Every kustomization, and what each lists.
#[derive(Debug, Default)]
pub(super) struct Kustomizations<'s> {
    all: Vec<Kustomization<'s>>,
    /// Who lists a file, or the directory of another kustomization.
    listed: HashMap<String, Vec<usize>>,
}

/// The keys under which other files are listed.
const LISTS: [&str; 4] = ["resources", "bases", "components", "patchesStrategicMerge"];

impl<'s> Kustomizations<'s> {
    pub(super) fn of(set: &'s Set<'s>) -> Self {
        let mut found = Self::default();
        for file in set.files.iter().filter(|file| is_kustomization(file.name)) {
            let documents = file.stream().into_iter().flat_map(Stream::documents);
            for root in documents.filter_map(Document::root) {
                found.take(Kustomization { file, root });
            }
        }
        found
    }

    fn take(&mut self, one: Kustomization<'s>) {
        let number = self.all.len();
        for path in one.listed().chain(one.patch_files()) {
            self.listed.entry(path).or_default().push(number);
        }
        self.all.push(one);
    }

    /// The kustomizations that a file goes through, the innermost first.
    fn governing(&self, name: &str) -> Vec<Kustomization<'s>> {
        let mut waiting = vec![name.to_owned()];
        let mut found: Vec<usize> = Vec::new();
        while let Some(path) = waiting.pop() {
            for number in self.listed.get(&path).into_iter().flatten() {
                if !found.contains(number) {
                    found.push(*number);
                    waiting.push(self.all[*number].directory());
                }
            }
        }
        found.into_iter().map(|number| self.all[number]).collect()
    }
}

impl<'s> Kustomization<'s> {
    /// The directory that it is in.
    fn directory(&self) -> String {
        let name = self.file.name;
        name.rsplit_once('/').map_or(String::new(), |(directory, _)| directory.to_owned())
    }

    /// The files and directories that it takes in.
    fn listed(&self) -> impl Iterator<Item = String> + use<'s> {
        let (root, directory) = (self.root, self.directory());
        let lists = LISTS.iter().filter_map(move |key| root.get(key));
        lists
            .flat_map(Node::items)
            .filter_map(Node::as_str)
            .map(move |entry| joined(&directory, entry))
    }

    /// The resources that it lists itself.
    pub fn resources(&self) -> Vec<String> {
        let entries = self.root.get("resources").into_iter().flat_map(Node::items);
        let names = entries.filter_map(Node::as_str);
        names.map(|entry| joined(&self.directory(), entry)).collect()
    }

    /// The files of its patches.
    fn patch_files(&self) -> impl Iterator<Item = String> + use<'s> {
        let (root, directory) = (self.root, self.directory());
        let lists = ["patches", "patchesJson6902"];
        let entries = lists.into_iter().filter_map(move |key| root.get(key));
        entries
            .flat_map(Node::items)
            .filter_map(|patch| patch.get("path")?.as_str())
            .map(move |entry| joined(&directory, entry))
    }

    /// A text of it, such as `namePrefix`; empty where there is none.
    fn text(&self, key: &str) -> &'s str {
        self.root.get(key).and_then(Node::as_str).unwrap_or_default()
    }

    /// Whether it may write what nobody can tell from its text: `replacements`, `vars` and the like.
    fn is_beyond_reading(&self) -> bool {
        const KEYS: [&str; 6] =
            ["replacements", "vars", "configurations", "transformers", "generators", "helmCharts"];
        KEYS.iter().any(|key| self.root.get(key).is_some())
    }
}

impl<'s> Model<'s> {
    /// The kustomizations that an object goes through, as far as they were given.
    pub fn kustomizations_of(&self, object: &Object<'s>) -> Vec<Kustomization<'s>> {
        self.kustomizations.governing(object.file.name)
    }

    /// Every kustomization.
    pub fn kustomizations(&self) -> &[Kustomization<'s>] {
        &self.kustomizations.all
    }

    /// Whether something else may write an annotation onto an object: a partial manifest of it, or a patch.
    pub fn is_annotated_elsewhere(&self, object: &Object<'s>, key: &str) -> bool {
        let chain = self.kustomizations_of(object);
        let same = self.set.candidates(object.kind, object.name);
        let mut parts = same.iter().filter(|one| {
            !one.is(object) && one.in_spec(&["ports"]).is_none() && one.annotation(key).is_some()
        });
        parts.any(|part| self.is_for(part, &chain))
            || chain.iter().any(|one| one.is_beyond_reading() || self.speaks_of(one, key))
    }

    /// Whether a part of an object may be for what goes through these kustomizations.
    fn is_for(&self, part: &Object<'s>, chain: &[Kustomization<'s>]) -> bool {
        let own = self.kustomizations_of(part);
        let shared = |one: &Kustomization<'s>| {
            let mut chain = chain.iter();
            chain.any(|other| other.file.source == one.file.source)
        };
        own.is_empty() || own.iter().any(shared)
    }

    fn speaks_of(&self, kustomization: &Kustomization<'s>, key: &str) -> bool {
        let escaped = key.replace('/', "~1");
        let has = |text: &str| text.contains(key) || text.contains(&escaped);
        has(kustomization.file.text)
            || kustomization.patch_files().any(|path| {
                let mut files = self.set.files.iter();
                files.any(|file| file.name == path && has(file.text))
            })
    }

    /// The name that Kustomize gives an object, if it is another and nothing is in doubt.
    pub fn renamed(&self, object: &Object<'s>) -> Option<String> {
        let chain = self.kustomizations_of(object);
        let name = chain.iter().fold(object.name.to_owned(), |name, one| {
            format!("{}{name}{}", one.text("namePrefix"), one.text("nameSuffix"))
        });
        let beyond = chain.iter().any(Kustomization::is_beyond_reading);
        (name != object.name && !beyond).then_some(name)
    }

    /// Whether Kustomize sets the namespace of an object.
    pub fn is_moved(&self, object: &Object<'s>) -> bool {
        let chain = self.kustomizations_of(object);
        chain.iter().any(|one| !one.text("namespace").is_empty())
    }
}

/// Where a key is written in the maps of a file, also in patches that a kustomization has as texts, and whether
/// another one stands beside it.
pub fn keys_in(file: &File<'_>, key: &str, other: &str) -> Vec<(Span, bool)> {
    let stream = file.stream().filter(|_| file.text.contains(key));
    let documents = stream.into_iter().flat_map(Stream::documents);
    let roots = documents.filter_map(Document::root);
    roots.flat_map(|root| keys_below(root, key, other, true)).collect()
}

fn keys_below(root: Node<'_>, key: &str, other: &str, patches: bool) -> Vec<(Span, bool)> {
    let mut found = Vec::new();
    each_map(root, &mut |map| {
        let beside = map.get(other).is_some();
        found.extend(map.key_span(key).map(|span| (span, beside)));
        let patch = map.get("patch").filter(|_| patches);
        if let Some(text) = patch.and_then(Node::embedded) {
            let stream = read(text.text());
            let roots = stream.documents().filter_map(Document::root);
            let inner = roots.flat_map(|root| keys_below(root, key, other, false));
            found.extend(inner.map(|(span, beside)| (text.span_to_file(span), beside)));
        }
    });
    found
}

/// Whether a file is one by its name.
fn is_kustomization(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
}

/// A path that is written in a directory.
fn joined(directory: &str, entry: &str) -> String {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in entry.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let absolute = directory.starts_with('/');
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn paths_are_joined() {
        assert_eq!(joined("k8s/overlays/a", "../../base"), "k8s/base");
        assert_eq!(joined("", "./service.yaml"), "service.yaml");
        assert_eq!(joined("/abs/a", "../b/c.yaml"), "/abs/b/c.yaml");
        assert_eq!(joined("a", "../../b"), "../b");
    }
}
