//! What Kustomize does to manifests after they were written: a name that a file lacks may come from an overlay.
//!
//! A rule that says "this is missing" asks here first. Kustomize is not run: what a kustomization lists is followed,
//! and whether one of its patches speaks of a key is read off its text.

use foldhash::{HashMap, HashSet, HashSetExt};

use super::Model;
use crate::diagnostic::{SourceId, Span};
use crate::kube::Object;
use crate::kustomize::{is_kustomization, joined};
use crate::manifest::{Document, Node, Stream, each_map, read};
use crate::set::{File, Set, Tie, directory_of};

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
    /// Those in a directory.
    within: HashMap<String, Vec<usize>>,
    /// The files that are patches.
    patches: HashSet<String>,
}

/// The keys under which other files are listed.
const LISTS: [&str; 4] = ["resources", "bases", "components", "patchesStrategicMerge"];

impl<'s> Kustomizations<'s> {
    pub(super) fn of(set: &'s Set<'s>) -> Self {
        let mut found = Self::default();
        for file in set.files.iter().filter(|file| is_kustomization(file.name)) {
            let documents = file.stream().into_iter().flat_map(Stream::documents);
            for root in documents.filter_map(Document::root) {
                found.take(Kustomization { file, root }, set);
            }
        }
        found
    }

    fn take(&mut self, one: Kustomization<'s>, set: &Set<'s>) {
        let number = self.all.len();
        for path in one.listed().chain(one.patch_files()) {
            set.ask(Tie::File(&path), None);
            self.listed.entry(path).or_default().push(number);
        }
        self.patches.extend(one.patch_files().chain(one.merged_files()));
        if one.file.has_patches() {
            // They have the name of the file that they stand in, and go where it goes.
            self.listed.entry(one.file.name.to_owned()).or_default().push(number);
            self.patches.insert(one.file.name.to_owned());
        }
        self.within.entry(one.directory()).or_default().push(number);
        self.all.push(one);
    }

    /// Whether an object goes through a kustomization.
    pub(super) fn has(&self, object: &Object<'s>) -> bool {
        self.listed.contains_key(object.file.name)
    }

    /// Whether a kustomization names a file as a patch.
    pub(super) fn is_patch(&self, name: &str) -> bool {
        self.patches.contains(name)
    }

    /// A kustomization with the components that it takes in.
    pub(super) fn with_components(&self, one: &Kustomization<'s>) -> Vec<Kustomization<'s>> {
        let components = one.paths_in("components");
        let numbers = components.filter_map(|path| self.within.get(&path)).flatten();
        std::iter::once(*one).chain(numbers.map(|number| self.all[*number])).collect()
    }

    /// Whether a file gets out of the files given without going through a kustomization that `closes` says it of.
    pub(super) fn is_open(
        &self,
        name: &str,
        closes: &mut dyn FnMut(&Kustomization<'s>) -> bool,
    ) -> bool {
        let mut waiting = vec![name.to_owned()];
        let mut seen: HashSet<usize> = HashSet::new();
        while let Some(path) = waiting.pop() {
            let Some(listing) = self.listed.get(&path) else {
                return true;
            };
            for number in listing {
                if seen.insert(*number) && !closes(&self.all[*number]) {
                    waiting.push(self.all[*number].directory());
                }
            }
        }
        false
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
        directory_of(self.file.name).to_owned()
    }

    /// A path that it writes, from where the files' names begin.
    pub(super) fn path_of(&self, entry: &str) -> String {
        joined(&self.directory(), entry)
    }

    /// The paths under a key.
    fn paths_in(&self, key: &str) -> impl Iterator<Item = String> + use<'s> {
        let directory = self.directory();
        let entries = self.root.get(key).into_iter().flat_map(Node::items);
        entries.filter_map(Node::as_str).map(move |entry| joined(&directory, entry))
    }

    /// The files and directories that it takes in.
    fn listed(&self) -> impl Iterator<Item = String> + use<'s> {
        let one = *self;
        LISTS.iter().flat_map(move |key| one.paths_in(key))
    }

    /// The files of what it merges.
    fn merged_files(&self) -> impl Iterator<Item = String> + use<'s> {
        self.paths_in("patchesStrategicMerge")
    }

    /// The resources that it lists itself.
    pub fn resources(&self) -> Vec<String> {
        self.paths_in("resources").collect()
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

    /// Whether the objects that go through it keep their names, for certain.
    pub fn keeps_names(&self) -> bool {
        let renames = ["namePrefix", "nameSuffix"];
        renames.iter().all(|key| self.text(key).is_empty()) && !self.is_beyond_reading()
    }

    /// Whether it may write what nobody can tell from its text: `replacements`, `vars` and the like.
    pub(super) fn is_beyond_reading(&self) -> bool {
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

    /// The files that kustomizations name as patches, as far as they were given.
    pub fn patch_sources(&self) -> HashSet<SourceId> {
        let files = self.kustomizations.patches.iter().filter_map(|name| self.set.file(name));
        files.map(|file| file.source).collect()
    }

    /// Whether something else may write an annotation onto an object: a partial manifest of it, or a patch.
    pub fn is_annotated_elsewhere(&self, object: &Object<'s>, key: &str) -> bool {
        let chain = self.kustomizations_of(object);
        let same = self.set.sharing(object.kind, object.name, object.namespace);
        let mut parts = same
            .iter()
            .filter(|one| !one.is(object) && is_part(one) && one.annotation(key).is_some());
        parts.any(|part| self.is_for(part, &chain))
            || chain.iter().any(|one| one.is_beyond_reading() || self.speaks_of(one, key))
    }

    /// Whether a patch is merged into an object.
    pub(super) fn is_patch_for(&self, part: &Object<'s>, object: &Object<'s>) -> bool {
        !part.is(object) && self.is_for(part, &self.kustomizations_of(object))
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
            || kustomization
                .patch_files()
                .filter_map(|path| self.set.file(&path))
                .any(|file| has(file.text))
    }

    /// Whether an object is wherever another one is: in each environment that this is built for; without Kustomize, in
    /// the same directory or in one namespace that both name.
    pub fn goes_along(&self, object: &Object<'s>, with: &Object<'s>) -> bool {
        let (own, theirs) = (self.kustomizations_of(object), self.kustomizations_of(with));
        if theirs.is_empty() {
            let beside = directory_of(object.file.name) == directory_of(with.file.name);
            let named = object.namespace.is_some() && object.namespace == with.namespace;
            return own.is_empty() && (beside || named);
        }
        let is_top = |one: &&Kustomization<'s>| {
            self.kustomizations.listed.get(&one.directory()).is_none_or(Vec::is_empty)
        };
        let has =
            |one: &Kustomization<'s>| own.iter().any(|other| other.file.source == one.file.source);
        theirs.iter().filter(is_top).all(has)
    }

    /// Whether one of the kustomizations that an object goes through patches anything, or does what nobody can tell.
    pub fn is_patched(&self, object: &Object<'s>) -> bool {
        const KEYS: [&str; 4] =
            ["patches", "patchesStrategicMerge", "patchesJson6902", "replacements"];
        let chain = self.kustomizations_of(object);
        chain.iter().any(|one| {
            one.is_beyond_reading() || KEYS.iter().any(|key| one.root.get(key).is_some())
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

/// Whether a manifest lacks what every whole one of its kind has, as a patch does. Another whole one is another
/// environment's.
pub(super) fn is_part(object: &Object<'_>) -> bool {
    let keys: &[&str] = match object.kind {
        "Service" => &["ports"],
        "Ingress" => &["rules", "defaultBackend", "backend"],
        "Deployment" | "StatefulSet" | "DaemonSet" => &["selector"],
        _ => return object.spec().is_none(),
    };
    keys.iter().all(|key| object.in_spec(&[key]).is_none())
}

/// Where a key is written in the maps of a file, also in patches that a kustomization has as texts, and whether
/// another one stands beside it.
pub fn keys_in(file: &File<'_>, key: &str, other: &str) -> Vec<(Span, bool)> {
    let stream = file.stream().filter(|_| file.has(key));
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
