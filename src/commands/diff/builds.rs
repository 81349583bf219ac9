//! What is there by way of a kustomization.yaml: read with all that it leads to, and built.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};
use ignore::WalkBuilder;

use crate::commands::files::{Unread, aside, read_any};
use crate::commands::paths::{check_within, shown};
use crate::commands::stop::{Doing, Result, Stop};
use crate::diagnostic::{SourceId, Sources};
use crate::kustomize::{Built, Tree, build, is_kustomization, joined, named};

/// A kustomization.yaml, built.
#[derive(Debug)]
pub(super) struct Build {
    /// The text of what it builds.
    pub(super) source: SourceId,
    /// Where each part of it comes from.
    pub(super) built: Built,
    /// Its directory, absolute.
    pub(super) directory: String,
    /// What each kustomization around it lists, once somebody asks.
    around: OnceLock<Listings>,
}

/// What each kustomization.yaml lists, by its directory.
type Listings = BTreeMap<String, BTreeSet<String>>;

/// The kustomization.yaml of a directory on disk.
pub(super) fn kustomization_in(directory: &Utf8Path) -> Option<Utf8PathBuf> {
    let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    names.iter().map(|name| directory.join(name)).find(|path| path.is_file())
}

/// A path without its detours, absolute: one file has one name.
pub(super) fn absolute(path: &Utf8Path) -> Result<String> {
    let here = env::current_dir().doing("find", Utf8Path::new("the current directory"))?;
    let here = here.to_str().unwrap_or_default();
    Ok(joined(here, path.as_str()))
}

impl Build {
    /// Builds the kustomization.yaml of a directory. What it leads to is read, unless it was before.
    pub(super) fn of(directory: &str, tree: &mut Tree, sources: &mut Sources) -> Result<Self> {
        load(directory, tree, sources)?;
        Self::again(directory, tree, sources)
    }

    /// Builds from what was read.
    pub(super) fn again(directory: &str, tree: &Tree, sources: &mut Sources) -> Result<Self> {
        let name = shown(Utf8Path::new(directory));
        let built = build(tree, sources, directory, &name)
            .map_err(|problems| Stop::input(sources, problems))?;
        // A name that tells where it was built: objects pair with what lies near.
        let file = if name == "." { String::new() } else { format!("{name}/") };
        let source = sources.add(format!("{file}kustomization.yaml"), built.text.as_str());
        Ok(Self { source, built, directory: directory.to_owned(), around: OnceLock::new() })
    }

    /// The directories of other kustomizations that build from what one of these brings in, as far as they lie below
    /// the directory that all parts of this build have in common: those that no other lists. What lists this build
    /// itself is none of them.
    pub(super) fn others(&self, layer: usize) -> Vec<String> {
        let Some(lists) = self.around() else {
            return Vec::new();
        };
        let above = closure(lists, &self.directory);
        let mut others = self.reached(lists, layer);
        others.retain(|path| !above.contains(path));
        let is_listed = |path: &&String| others.iter().any(|other| lists[other].contains(*path));
        let tops = others.iter().filter(|path| !is_listed(path));
        tops.map(|path| shown(Utf8Path::new(path))).collect()
    }

    /// The same, with those that others list: each may be built for itself.
    pub(super) fn builders(&self, layer: usize) -> Vec<String> {
        let reached = self.around().map(|lists| self.reached(lists, layer)).unwrap_or_default();
        reached.iter().map(|path| shown(Utf8Path::new(path))).collect()
    }

    fn own(&self) -> Vec<&str> {
        self.built.layers.iter().map(|layer| layer.directory.as_str()).collect()
    }

    /// What each kustomization.yaml around lists.
    fn around(&self) -> Option<&Listings> {
        let common = common(&self.own())?;
        Some(self.around.get_or_init(|| listings(&common)))
    }

    /// The kustomizations that build from what a layer brings in, but those of this build.
    fn reached(&self, lists: &Listings, layer: usize) -> BTreeSet<String> {
        let own = self.own();
        let mut reached = closure(lists, own[layer]);
        reached.retain(|path| !own.contains(&path.as_str()));
        reached
    }
}

/// A directory, and the kustomizations that list it, or list one that does.
fn closure(lists: &Listings, directory: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::from([directory.to_owned()]);
    loop {
        let more: Vec<String> = lists
            .iter()
            .filter(|(directory, listed)| {
                !reached.contains(*directory) && !listed.is_disjoint(&reached)
            })
            .map(|(directory, _)| directory.clone())
            .collect();
        if more.is_empty() {
            return reached;
        }
        reached.extend(more);
    }
}

/// The directory that some have in common; none where that is the root of all files.
fn common(directories: &[&str]) -> Option<String> {
    let parts = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
    let shared = directories.iter().map(|path| parts(path)).reduce(|one, other| {
        one.into_iter().zip(other).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    });
    Some(shared?.join("/")).filter(|path| !path.is_empty())
}

/// What each kustomization.yaml below a directory lists.
fn listings(directory: &str) -> Listings {
    let mut lists = BTreeMap::new();
    for entry in WalkBuilder::new(directory).require_git(false).build().flatten() {
        let Some(path) =
            Utf8Path::from_path(entry.path()).filter(|path| is_kustomization(path.as_str()))
        else {
            continue;
        };
        if let (Some(parent), Ok(Ok(text))) = (path.parent(), read_any(path)) {
            let listed = named(path.as_str(), &text).into_iter().map(|one| one.path);
            lists.insert(parent.to_string(), listed.collect());
        }
    }
    lists
}

/// Reads a kustomization.yaml, and all that it leads to.
fn load(directory: &str, tree: &mut Tree, sources: &mut Sources) -> Result<()> {
    let top = Utf8Path::new(directory);
    let mut waiting = vec![directory.to_owned()];
    while let Some(directory) = waiting.pop() {
        if tree.kustomization(&directory).is_some() {
            continue;
        }
        let Some(path) = kustomization_in(Utf8Path::new(&directory)) else {
            continue;
        };
        check_within(&path, top)?;
        let Some(text) = take(&path, tree, sources)? else {
            continue;
        };
        for one in named(path.as_str(), &sources.get(text).text.clone()) {
            let path = Utf8Path::new(&one.path);
            if one.may_be_directory && path.is_dir() {
                waiting.push(one.path);
            } else if path.is_file() && tree.file(&one.path).is_none() {
                check_within(path, top)?;
                take(path, tree, sources)?;
            } else if aside(path).is_file() {
                // A run that was killed listed it, and did not come to give it its name: nothing is in it yet.
                tree.add(&one.path, sources.add(shown(path), ""));
            }
        }
    }
    Ok(())
}

fn take(path: &Utf8Path, tree: &mut Tree, sources: &mut Sources) -> Result<Option<SourceId>> {
    match read_any(path)? {
        Ok(text) => {
            let source = sources.add(shown(path), text);
            tree.add(path.as_str(), source);
            Ok(Some(source))
        }
        Err(Unread::NotText(_)) => {
            tree.add_binary(path.as_str());
            Ok(None)
        }
        Err(unread) => Err(Stop::call(unread.diagnostic(path))),
    }
}
