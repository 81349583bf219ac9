//! What lies below some paths: files, and kustomizations that build something of them. None of it is held.

use std::collections::{BTreeMap, HashSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::builds::{absolute, kustomization_in};
use super::existing::Existing;
use crate::commands::files::read_any;
use crate::commands::lint::gather::{Gathered, Listed, list};
use crate::commands::paths::{absolute as resolved, shown};
use crate::commands::stop::{Result, Stop};
use crate::commands::streams::Stream;
use crate::diagnostic::Diagnostic;
use crate::kustomize::{is_kustomization, named};
use crate::set::directory_of;

/// What lies below some paths, unread.
#[derive(Debug, Default)]
pub(super) struct Layout {
    listed: Listed,
    units: Vec<Unit>,
    /// Where new files go if nothing that is there tells.
    home: String,
}

/// What is read together, if any of it is.
#[derive(Debug)]
enum Unit {
    /// The files of a directory, by their numbers.
    Files(Vec<usize>),
    /// What the kustomization.yaml of a directory builds, and the manifests beside it.
    Root(String),
}

impl Layout {
    /// Everything below some paths; `None` where there are no paths. Where there is a kustomization.yaml, what it
    /// builds takes the place of the files.
    pub(super) fn of(paths: &[Utf8PathBuf]) -> Result<Option<Self>> {
        if paths.is_empty() {
            return Ok(None);
        }
        let is_home = |path: &&Utf8PathBuf| Stream::of(path).is_none() && !path.is_file();
        let home = paths.iter().find(is_home).map(|path| shown(path));
        let home = home.unwrap_or_else(|| {
            let first = paths.iter().find(|path| Stream::of(path).is_none());
            first.map_or(String::new(), |path| directory_of(&shown(path)).to_owned())
        });
        let stays = |path: &&Utf8PathBuf| Stream::of(path).is_some() || path.exists();
        let there: Vec<Utf8PathBuf> = paths.iter().filter(stays).cloned().collect();
        let (roots, plain) = parted(there);
        let mut roots: Vec<String> =
            roots.iter().map(|root| resolved(root).into_string()).collect();
        let mut listed = if plain.is_empty() { Listed::default() } else { list(&plain)? };
        if let Some(problem) = listed.unread() {
            return Err(Stop::call(problem.clone()));
        }
        // A file that somebody names is meant as it is.
        if plain.iter().any(|path| path.is_dir()) {
            roots.extend(roots_within(&mut listed)?);
        }
        let units = units(&listed, roots);
        Ok(Some(Self { listed, units, home }))
    }

    /// Whether it is to be read as one.
    pub(super) fn is_one(&self) -> bool {
        !self.listed.streams.is_empty()
    }

    /// How much of it can be read apart.
    pub(super) fn len(&self) -> usize {
        self.units.len()
    }

    /// The first kustomization: where nothing that is there tells, new files go there.
    pub(super) fn first_root(&self) -> Option<usize> {
        self.units.iter().position(|unit| matches!(unit, Unit::Root(_)))
    }

    /// What is to be said of links that are not followed.
    pub(super) fn notes(&self) -> &[Diagnostic] {
        &self.listed.unreadable
    }

    /// Reads all of it.
    pub(super) fn whole(&self) -> Result<Existing> {
        let mut gathered = self.stream();
        gathered.unreadable.extend_from_slice(self.notes());
        self.existing(gathered, 0..self.units.len())
    }

    /// Reads some of it, in the order of the whole, without what is said of links.
    pub(super) fn read(&self, units: impl Iterator<Item = usize>) -> Result<Existing> {
        self.existing(self.stream(), units)
    }

    fn stream(&self) -> Gathered {
        let mut gathered = Gathered::default();
        gathered.take_streams(&self.listed.streams);
        gathered
    }

    fn existing(
        &self,
        mut gathered: Gathered,
        units: impl Iterator<Item = usize>,
    ) -> Result<Existing> {
        let (mut files, mut roots): (Vec<usize>, Vec<&str>) = (Vec::new(), Vec::new());
        for unit in units {
            match &self.units[unit] {
                Unit::Files(numbers) => files.extend(numbers),
                Unit::Root(root) => roots.push(root),
            }
        }
        files.sort_unstable();
        let files = files.into_iter().map(|number| &self.listed.files[number]);
        gathered.add_numbered(files.enumerate())?;
        Existing::of(gathered, &roots, self.home.clone())
    }
}

/// The kustomizations among the files that no other one lists; what goes through one is no longer a file.
fn roots_within(listed: &mut Listed) -> Result<Vec<String>> {
    let mut all_named = HashSet::new();
    let mut directories = Vec::new();
    for (path, _) in listed.files.iter().filter(|(path, _)| is_kustomization(path.as_str())) {
        let text = read_any(path)?.unwrap_or_default();
        let path = absolute(path)?;
        all_named.extend(named(&path, &text).into_iter().map(|one| one.path));
        directories.push((directory_of(&path).to_owned(), text.contains("kind: Component")));
    }
    if directories.is_empty() {
        return Ok(Vec::new());
    }
    let governing: HashSet<&str> = directories.iter().map(|(one, _)| one.as_str()).collect();
    listed.files.retain(|(path, _)| {
        let path = absolute(path).unwrap_or_default();
        let mut around = Utf8Path::new(&path).ancestors().skip(1);
        !all_named.contains(&path) && !around.any(|one| governing.contains(one.as_str()))
    });
    let is_root =
        |(directory, component): &(String, bool)| !component && !all_named.contains(directory);
    Ok(directories.iter().filter(|one| is_root(one)).map(|(one, _)| one.clone()).collect())
}

/// The files, directory by directory, and then the kustomizations.
fn units(listed: &Listed, roots: Vec<String>) -> Vec<Unit> {
    let mut directories: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, (path, _)) in listed.files.iter().enumerate() {
        directories.entry(directory_of(path.as_str())).or_default().push(number);
    }
    let files = directories.into_values().map(Unit::Files);
    files.chain(roots.into_iter().map(Unit::Root)).collect()
}

/// The directories that have a kustomization.yaml, and all else.
fn parted(paths: Vec<Utf8PathBuf>) -> (Vec<Utf8PathBuf>, Vec<Utf8PathBuf>) {
    let (mut roots, mut plain) = (Vec::new(), Vec::new());
    for path in paths {
        if Stream::of(&path).is_some() {
            plain.push(path);
        } else if path.is_dir() && kustomization_in(&path).is_some() {
            roots.push(path);
        } else if path.is_file() && is_kustomization(path.as_str()) {
            roots.push(path.parent().map(Utf8Path::to_owned).unwrap_or_default());
        } else {
            plain.push(path);
        }
    }
    (roots, plain)
}
