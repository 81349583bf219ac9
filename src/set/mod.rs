//! The files that were given, read: manifests, the objects in them, nginx configurations, and what people wrote
//! into comments for sioway.
//!
//! Nothing is judged here. A [`Set`] only borrows: the texts are the caller's, and a set can be shared between
//! threads.

mod file;
mod groups;
mod mark;
mod nginx_text;
mod patches;
mod reach;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::OnceLock;

use foldhash::{HashMap, HashMapExt};
use memchr::memchr_iter;
use rayon::prelude::*;

pub use file::{Content, File, is_stream};
pub use groups::{by_directory, settle};
pub use mark::{Allow, Mark, Remark, Remarked};
pub use nginx_text::{NginxText, Origin};
pub use reach::{Reach, Tie};

use self::reach::Questions;
use crate::diagnostic::{Label, SourceId, Span};
use crate::kube::{Object, Workload};

/// A place in one of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub source: SourceId,
    /// The bytes in it.
    pub span: Span,
}

impl Place {
    /// The place with something to say beside it.
    pub fn label(self, text: impl Into<String>) -> Label {
        Label::new(self.source, self.span, text)
    }
}

/// Everything that was given.
#[derive(Debug)]
pub struct Set<'s> {
    /// The files, in the order they were given.
    pub files: &'s [File<'s>],
    /// The objects of all manifests, in order.
    pub objects: Vec<Object<'s>>,
    /// The nginx configurations, in files of their own and in ConfigMaps.
    pub nginx: Vec<NginxText<'s>>,
    /// What comments say to sioway.
    pub remarks: Vec<Remarked>,
    by_name: HashMap<(&'s str, &'s str), Vec<usize>>,
    by_kind: HashMap<&'s str, Vec<usize>>,
    /// The configurations of each ConfigMap, by where that begins.
    by_map: HashMap<(SourceId, usize), Vec<usize>>,
    by_source: HashMap<SourceId, Vec<usize>>,
    /// What runs pods, by the ConfigMaps that these mount.
    by_mounted: HashMap<&'s str, Vec<usize>>,
    /// The configurations in files of their own, by the files' names.
    nginx_files: BTreeMap<&'s str, usize>,
    /// The kustomization.yaml of each directory.
    kustomizations: HashMap<&'s str, &'s File<'s>>,
    /// The files by their names.
    by_file: HashMap<&'s str, &'s File<'s>>,
    /// The objects of each directory, once somebody asks.
    by_directory: OnceLock<HashMap<String, Vec<usize>>>,
    /// What was asked for, if there are other groups of files that may have an answer.
    questions: Option<Questions>,
}

impl<'s> Set<'s> {
    /// The set of some files of many: it notes what others may have to say to it. See [`Reach`].
    pub fn of_group(files: &'s [File<'s>]) -> Self {
        Self { questions: Some(Questions::default()), ..Self::new(files) }
    }

    /// The set of some files.
    pub fn new(files: &'s [File<'s>]) -> Self {
        let objects: Vec<Object<'s>> = files.par_iter().flat_map_iter(File::objects).collect();
        let texts = || {
            let nginx = nginx_text::all(files, &objects);
            let remarks = mark::all(files, &nginx);
            (nginx, remarks)
        };
        let indexes = || {
            let named = objects.iter().map(|object| (object.kind, object.name));
            (index(named), index(objects.iter().map(|object| object.kind)), mounted(&objects))
        };
        let ((nginx, remarks), (by_name, by_kind, by_mounted)) = rayon::join(texts, indexes);
        let maps = nginx.iter().map(|text| text.object().map(key));
        Self {
            files,
            by_name,
            by_kind,
            by_mounted,
            by_map: index(maps)
                .into_iter()
                .filter_map(|(key, found)| Some((key?, found)))
                .collect(),
            by_source: index(remarks.iter().map(|remark| remark.place.source)),
            nginx_files: nginx.iter().enumerate().filter_map(own_file).collect(),
            kustomizations: files.iter().filter_map(kustomization).collect(),
            by_file: files.iter().map(|file| (file.name, file)).collect(),
            by_directory: OnceLock::new(),
            objects,
            nginx,
            remarks,
            questions: None,
        }
    }

    /// Notes that another file may have to do with an answer.
    pub fn ask(&self, tie: Tie<'_>, namespace: Option<&str>) {
        if let Some(questions) = &self.questions {
            questions.ask(tie, namespace);
        }
    }

    /// Notes that the name of another file's object may be meant by this one.
    pub fn ask_alike(&self, kind: &'static str, name: &str) {
        if let Some(questions) = &self.questions {
            questions.ask_alike(kind, name);
        }
    }

    /// What was asked so far.
    pub fn reach(&self) -> Reach {
        Reach::of(self.questions.as_ref())
    }

    /// What comments in a file say to sioway.
    pub fn remarks_in(&self, source: SourceId) -> impl Iterator<Item = &Remarked> {
        let found = self.by_source.get(&source).map(Vec::as_slice);
        found.unwrap_or_default().iter().map(|index| &self.remarks[*index])
    }

    /// The file of a name.
    pub fn file(&self, name: &str) -> Option<&'s File<'s>> {
        self.ask(Tie::File(name), None);
        self.by_file.get(name).copied()
    }

    /// The kustomization.yaml in a directory.
    pub fn kustomization_in(&self, directory: &str) -> Option<&'s File<'s>> {
        self.ask(Tie::File(directory), None);
        self.kustomizations.get(directory).copied()
    }

    /// The objects of a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Object<'s>> {
        let found = self.by_kind.get(kind).map(Vec::as_slice);
        found.unwrap_or_default().iter().map(|index| &self.objects[*index])
    }

    /// The objects in the files of a directory, but not of those within it.
    pub fn in_directory(&self, directory: &str) -> impl Iterator<Item = &Object<'s>> {
        let directory_of = |object: &Object<'_>| directory_of(object.file.name).to_owned();
        let directories = self.objects.iter().map(directory_of);
        let all = self.by_directory.get_or_init(|| index(directories));
        let found = all.get(directory).map(Vec::as_slice);
        found.unwrap_or_default().iter().map(|index| &self.objects[*index])
    }

    /// What runs pods that mount a ConfigMap of this name.
    pub fn mounting(&self, map: &str) -> impl Iterator<Item = Workload<'s>> {
        let found = self.by_mounted.get(map).map(Vec::as_slice).unwrap_or_default();
        found.iter().filter_map(|index| Workload::of(&self.objects[*index]))
    }

    /// The nginx configurations in a ConfigMap, as indexes.
    pub fn nginx_in(&self, map: &Object<'s>) -> &[usize] {
        self.by_map.get(&key(map)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The nginx configuration in a file of that name, as an index.
    pub fn nginx_file(&self, name: &str) -> Option<usize> {
        self.ask(Tie::File(name), None);
        self.nginx_files.get(name).copied()
    }

    /// The nginx configurations in files of their own whose names begin so, as indexes, by their names.
    pub fn nginx_files(&self, start: &str) -> impl Iterator<Item = usize> {
        self.ask(Tie::NginxBelow(directory_of(start)), None);
        let from = self.nginx_files.range::<str, _>((Bound::Included(start), Bound::Unbounded));
        from.take_while(move |(name, _)| name.starts_with(start)).map(|(_, index)| *index)
    }

    /// The object of a kind and a name that `from` means: in its namespace, and the one that lies nearest to it
    /// where a repository has several, such as one for each environment.
    ///
    /// A manifest that names no namespace may go into any.
    pub fn find(&self, kind: &str, name: &str, from: &Object<'s>) -> Option<&Object<'s>> {
        self.sharing(kind, name, from.namespace)
            .into_iter()
            .max_by_key(|object| nearness(object.file.name, from.file.name))
    }

    /// The objects of a kind and a name that may be in a namespace: a manifest that names none may go into any.
    pub fn sharing<'a>(
        &'a self,
        kind: &str,
        name: &str,
        namespace: Option<&str>,
    ) -> Vec<&'a Object<'s>> {
        self.ask(Tie::Object(kind, name), namespace);
        let mut found = self.beside(kind, name);
        found.retain(|object| {
            namespace.is_none() || object.namespace.is_none_or(|own| Some(own) == namespace)
        });
        found
    }

    /// The objects of a kind and a name, wherever they are.
    pub fn candidates<'a>(&'a self, kind: &str, name: &str) -> Vec<&'a Object<'s>> {
        self.sharing(kind, name, None)
    }

    /// The objects of a kind and a name, for whoever looks at one directory only: a group of files has all of it.
    pub fn beside<'a>(&'a self, kind: &str, name: &str) -> Vec<&'a Object<'s>> {
        let found = self.by_name.get(&(kind, name)).map(Vec::as_slice);
        let found = found.unwrap_or_default().iter();
        found.map(|index| &self.objects[*index]).collect()
    }
}

fn own_file<'s>((index, text): (usize, &NginxText<'s>)) -> Option<(&'s str, usize)> {
    matches!(text.origin, Origin::File(_)).then_some((text.file().name, index))
}

fn kustomization<'s>(file: &'s File<'s>) -> Option<(&'s str, &'s File<'s>)> {
    let name = file.name.rsplit('/').next().unwrap_or(file.name);
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
        .then_some((directory_of(file.name), file))
}

/// Where an object begins.
fn key(object: &Object<'_>) -> (SourceId, usize) {
    (object.file.source, object.node.span().start)
}

fn mounted<'s>(objects: &[Object<'s>]) -> HashMap<&'s str, Vec<usize>> {
    let mut mounted: HashMap<&'s str, Vec<usize>> = HashMap::new();
    for (at, object) in objects.iter().enumerate() {
        for map in Workload::of(object).into_iter().flat_map(|one| one.config_maps()) {
            mounted.entry(map).or_default().push(at);
        }
    }
    mounted
}

/// Where each key comes.
fn index<K: Eq + std::hash::Hash>(keys: impl Iterator<Item = K>) -> HashMap<K, Vec<usize>> {
    let mut index: HashMap<K, Vec<usize>> = HashMap::new();
    for (at, key) in keys.enumerate() {
        index.entry(key).or_default().push(at);
    }
    index
}

/// The directory of a file; empty for one without any.
pub fn directory_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// How near two files lie to each other: the same file first, then by how much of their path they share.
pub fn nearness(one: &str, other: &str) -> (bool, usize, std::cmp::Reverse<usize>) {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let directories = |path: &[u8]| memchr_iter(b'/', path).count();
    let (own, others) = (one.as_bytes(), other.as_bytes());
    let shared = directories(&own[..same]);
    let apart = directories(own) + directories(others) - 2 * shared;
    (one == other, shared, std::cmp::Reverse(apart))
}
