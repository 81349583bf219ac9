//! The manifests that are there.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::super::lint::gather::{Gathered, gather};
use super::super::paths::{check_within, shown};
use super::super::stop::{Result, Stop};
use super::builds::{Build, absolute};
use crate::commands::files::read_any;
use crate::commands::together::sweep_all;
use crate::diagnostic::{Diagnostic, Severity, SourceId, Sources};
use crate::diff::{ObjectDiff, Unclear};
use crate::kube::Object;
use crate::kustomize::{Tree, is_kustomization};
use crate::manifest::{Document, Stream};
use crate::set::{File, directory_of, is_stream};

/// The manifests that are there: their texts, to be read where they are compared.
#[derive(Debug, Default)]
pub(super) struct Existing {
    gathered: Gathered,
    tree: Tree,
    /// What kustomizations build.
    pub(super) builds: Vec<Build>,
    /// Where new files go if nothing that is there tells.
    home: String,
}

impl Existing {
    /// Files that were read, and what some kustomizations build, by their directories.
    pub(super) fn of(gathered: Gathered, roots: &[&str], home: String) -> Result<Self> {
        let mut existing = Self { home, ..Self::readable(gathered)? };
        for root in roots {
            existing.add(root)?;
        }
        Ok(existing)
    }

    /// Nothing yet, in a directory that is still to be made.
    pub(super) fn absent(directory: &Utf8Path) -> Self {
        Self { home: shown(directory), ..Self::default() }
    }

    /// The files as they are, whatever builds something else of them.
    pub(super) fn plain(paths: &[Utf8PathBuf]) -> Result<Self> {
        Self::readable(gather(paths)?)
    }

    fn readable(gathered: Gathered) -> Result<Self> {
        if let Some(problem) = gathered.unread() {
            return Err(Stop::call(problem.clone()));
        }
        Ok(Self { gathered, ..Self::default() })
    }

    /// Builds a kustomization, and takes in the manifests beside it that it does not list.
    fn add(&mut self, root: &str) -> Result<()> {
        let build = Build::of(root, &mut self.tree, &mut self.gathered.sources)?;
        self.builds.push(build);
        self.unlisted(root)
    }

    /// The manifests beside a kustomization.yaml that it does not list, unless it builds an object of theirs.
    fn unlisted(&mut self, root: &str) -> Result<()> {
        let Ok(entries) = Utf8Path::new(root).read_dir_utf8() else {
            return Ok(());
        };
        let mut paths: Vec<Utf8PathBuf> =
            entries.flatten().map(|entry| entry.path().to_owned()).collect();
        paths.sort();
        let is_manifest = |path: &Utf8PathBuf| {
            matches!(path.extension(), Some("yaml" | "yml"))
                && path.is_file()
                && !is_kustomization(path.as_str())
                && self.tree.file(path.as_str()).is_none()
        };
        let paths: Vec<Utf8PathBuf> = paths.into_iter().filter(is_manifest).collect();
        for path in paths {
            check_within(&path, Utf8Path::new(root))?;
            let Ok(text) = read_any(&path)? else {
                continue;
            };
            if !self.builds_any_of(&text) {
                self.gathered.take(shown(&path), text, false);
            }
        }
        Ok(())
    }

    fn builds_any_of(&self, text: &str) -> bool {
        let mut sources = Sources::default();
        let id = sources.add("unlisted.yaml", text);
        let other = File::of(&sources, id, true);
        let built = self.built();
        let built: Vec<Object<'_>> = built.iter().flat_map(File::objects).collect();
        let same = |one: &Object<'_>, other: &Object<'_>| {
            (one.kind, one.name) == (other.kind, other.name) && one.shares_namespace_with(other)
        };
        other.objects().any(|other| built.iter().any(|one| same(one, &other)))
    }

    /// Their texts.
    pub(super) fn sources(&self) -> &Sources {
        &self.gathered.sources
    }

    /// The texts that notes point into; none where there are no notes.
    pub(super) fn sources_of(&self, notes: &[Diagnostic]) -> Sources {
        if notes.is_empty() { Sources::default() } else { self.sources().clone() }
    }

    /// The files, read: what was built first.
    pub(super) fn files(&self) -> Vec<File<'_>> {
        let mut files = self.built();
        files.extend(self.gathered.read(&self.gathered.sources));
        files
    }

    /// The files that Kustomize builds something of.
    pub(super) fn built_of(&self) -> impl Iterator<Item = &str> {
        self.tree.files().map(|(path, _)| path).chain(self.tree.binaries())
    }

    /// Removes what a run left beside these files that was killed while it wrote them.
    pub(super) fn sweep(&self) {
        let names = self.gathered.named().map(|(_, name, _)| Utf8Path::new(name));
        sweep_all(names.chain(self.tree.files().map(|(path, _)| Utf8Path::new(path))));
    }

    /// Refuses manifests that cannot be read, as what is in them would be taken for missing; says which are templates.
    pub(super) fn check(&self, files: &[File<'_>]) -> Result<Vec<Diagnostic>> {
        let mut notes = self.gathered.problems(files);
        let is_broken = |problem: &Diagnostic| problem.severity == Severity::Error;
        if notes.iter().any(is_broken) {
            notes.sort_by_key(is_broken);
            return Err(Stop::input(self.sources(), notes));
        }
        let says_nothing = |file: &File<'_>| {
            let documents = file.stream().into_iter().flat_map(Stream::documents);
            let mut roots = documents.filter_map(Document::root);
            roots.all(|root| root.get("kind").is_none())
        };
        // What made it may have failed.
        if files.iter().any(|file| is_stream(file.name) && says_nothing(file)) {
            let message = "there is no manifest in what came from a stream";
            let problem = Diagnostic::bare("empty-stream", message);
            return Err(Stop::call(problem.help("see what the command before the pipe says")));
        }
        Ok(notes)
    }

    /// Whether something is to be said of the files themselves.
    pub(super) fn is_troubled(&self, files: &[File<'_>]) -> bool {
        !self.gathered.problems(files).is_empty()
    }

    fn built(&self) -> Vec<File<'_>> {
        let read = |build: &Build| File::of(&self.gathered.sources, build.source, true);
        self.builds.iter().map(read).collect()
    }

    /// The build that a text is of.
    pub(super) fn build_of(&self, source: SourceId) -> Option<&Build> {
        self.builds.iter().find(|build| build.source == source)
    }

    /// The directory that new files go into.
    pub(super) fn home(&self, diffs: &[ObjectDiff<'_>]) -> String {
        let found = diffs.iter().find_map(|diff| diff.theirs.map(|object| object.file.name));
        match (found, self.builds.first()) {
            (Some(file), _) => directory_of(file).to_owned(),
            (None, Some(build)) => {
                let directory = shown(Utf8Path::new(&build.directory));
                if directory == "." { String::new() } else { directory }
            }
            (None, None) if self.home == "." => String::new(),
            (None, None) => self.home.clone(),
        }
    }

    /// The build whose kustomization.yaml lies beside a file and does not list it.
    pub(super) fn unlisting(&self, object: &Object<'_>) -> Option<&Build> {
        if self.build_of(object.file.source).is_some() || self.builds.is_empty() {
            return None;
        }
        let path = absolute(Utf8Path::new(object.file.name)).ok()?;
        self.builds.iter().find(|build| build.directory == directory_of(&path))
    }

    /// Refuses to choose between several objects that fit.
    pub(super) fn check_clear(&self, unclear: &[Unclear<'_>]) -> Result<()> {
        let Some(first) = unclear.first() else {
            return Ok(());
        };
        let message = "it cannot be told which of several objects is meant";
        let mut problem = Diagnostic::bare("several-objects", message).help(meant(first));
        for Unclear { ours, fits } in unclear {
            let places: Vec<String> = fits.iter().map(|one| self.place_of(one)).collect();
            problem = problem.note(format!("{} is in {}", ours.said(), places.join(", ")));
        }
        Err(Stop::call(problem))
    }

    /// Where an object is: what is built is so by a directory.
    fn place_of(&self, object: &Object<'_>) -> String {
        let source = object.file.source;
        if self.build_of(source).is_some() {
            return directory_or_here(object.file.name).to_owned();
        }
        self.sources().locate(source, object.title().span)
    }

    /// What would be there if some files had other texts, and others were added.
    pub(super) fn with(
        &self,
        changed: &BTreeMap<String, String>,
        added: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let mut new = Self { home: self.home.clone(), ..Self::default() };
        let text = |name: &str, old: &str| changed.get(name).map_or(old, String::as_str).to_owned();
        for (path, source) in self.tree.files() {
            let old = self.sources().get(source);
            let source = new.gathered.sources.add(&*old.name, text(&old.name, &old.text));
            new.tree.add(path, source);
        }
        for path in self.tree.binaries() {
            new.tree.add_binary(path);
        }
        for (source, name, asked) in self.gathered.named() {
            let text = text(name, &self.sources().get(source).text);
            let source = new.gathered.take(name.to_owned(), text, asked);
            new.tree.add(&absolute(Utf8Path::new(name))?, source);
        }
        for (name, text) in added {
            let source = new.gathered.sources.add(&**name, &**text);
            new.tree.add(&absolute(Utf8Path::new(name))?, source);
        }
        for build in &self.builds {
            let again = Build::again(&build.directory, &new.tree, &mut new.gathered.sources)?;
            new.builds.push(again);
        }
        Ok(new)
    }
}

/// What tells objects apart of which several fit: their directories, their files, or nothing but their namespaces.
fn meant(unclear: &Unclear<'_>) -> String {
    let namespaces = "write into each of the manifests the namespace that it is for";
    let is_one = |names: Vec<&str>| names.windows(2).all(|pair| pair[0] == pair[1]);
    let files = || unclear.fits.iter().map(|one| one.file.name);
    let Some(file) = files().next().filter(|_| !is_one(files().collect())) else {
        return namespaces.to_owned();
    };
    let directories = unclear.fits.iter().map(|one| directory_of(one.file.name));
    let path = if is_one(directories.collect()) { file } else { directory_or_here(file) };
    format!(
        "say which are meant: `--against {path}`, or `against` of an environment in sioway.toml; or {namespaces}"
    )
}

fn directory_or_here(file: &str) -> &str {
    Some(directory_of(file)).filter(|directory| !directory.is_empty()).unwrap_or(".")
}
