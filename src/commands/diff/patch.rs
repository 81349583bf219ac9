//! The smallest edits that take the differences away: as a patch, or written.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use camino::Utf8Path;

use super::builds::kustomization_in;
use crate::commands::files::{make_directory, read_text};
use crate::commands::interrupt;
use crate::commands::paths::{in_repository, place_in_repository};
use crate::commands::stop::{Result, Stop};
use crate::commands::together::{Together, alone};
use crate::diagnostic::{Diagnostic, Edit, Label, Severity, Sources, Span, ValueChange};
use crate::exit::ExitStatus;
use crate::fix::{apply, unified};
use crate::manifest::{self, Document, Node, Path};
use crate::path::Model;
use crate::report::Console;
use crate::rules;
use crate::set::{File, Set};

/// What one app wants changed.
#[derive(Debug, Default, Clone)]
pub(super) struct Wanted {
    /// Edits of files that are there: the file, its text, the edit.
    pub(super) edits: Vec<(String, Arc<str>, Edit)>,
    /// Objects that are not there.
    pub(super) additions: Vec<Addition>,
    /// Files that come with an edit, by their path.
    pub(super) files: Vec<(String, String)>,
    /// What is left to people.
    pub(super) refused: Vec<(Sources, Diagnostic)>,
    /// Files that are one nginx together, edited or not: each with its text.
    pub(super) joined: Vec<(String, Arc<str>)>,
}

/// A file that is to be added.
#[derive(Debug, Clone)]
pub(super) struct Addition {
    /// Whose it is.
    pub(super) app: String,
    /// Where it belongs.
    pub(super) directory: String,
    /// Its name.
    pub(super) name: String,
    /// What is in it.
    pub(super) text: String,
}

/// What all apps want changed, file by file.
#[derive(Debug, Default)]
pub(super) struct Patch {
    /// Files that change: the old text, and the new one.
    pub(super) changed: BTreeMap<String, (Arc<str>, String)>,
    /// Files that are new.
    pub(super) added: BTreeMap<String, String>,
    /// What cannot be changed safely: the text, and why.
    refused: Vec<(Sources, Diagnostic)>,
}

impl Patch {
    /// Puts together what the apps want. A file gets all of its edits or none.
    pub(super) fn of(wanted: Vec<Wanted>) -> Self {
        let mut patch = Self::default();
        let mut edits: BTreeMap<String, (Arc<str>, Vec<Edit>)> = BTreeMap::new();
        let mut additions = Vec::new();
        let mut joined = Vec::new();
        for one in wanted {
            joined.push(one.joined);
            for (file, text, edit) in one.edits {
                edits.entry(file).or_insert_with(|| (text, Vec::new())).1.push(edit);
            }
            additions.extend(one.additions);
            for (file, text) in one.files {
                patch.create(file, text);
            }
            patch.refused.extend(one.refused);
        }
        for addition in additions {
            patch.add(addition, &mut edits);
        }
        for (file, (text, edits)) in edits {
            patch.change(file, text, &edits);
        }
        patch.guard(&joined);
        patch
    }

    /// Takes back the edits after which an nginx would not start: those of all its files, as each may need the other.
    fn guard(&mut self, joined: &[Vec<(String, Arc<str>)>]) {
        let known: HashSet<&String> = joined.iter().flatten().map(|(file, _)| file).collect();
        let alone = self.changed.iter().filter(|(file, _)| !known.contains(file));
        let alone = alone.map(|(file, (text, _))| vec![(file.clone(), text.clone())]);
        let groups: Vec<_> = alone.chain(joined.iter().cloned()).collect();
        for group in groups {
            let is_changed = |(file, _): &&(String, Arc<str>)| self.changed.contains_key(file);
            let changed: Vec<_> = group.iter().filter(is_changed).cloned().collect();
            if changed.is_empty() {
                continue;
            }
            let new = |(file, text): &(String, Arc<str>)| match self.changed.get(file) {
                Some((_, new)) => (file.clone(), Arc::from(new.as_str())),
                None => (file.clone(), text.clone()),
            };
            if reasons(&group.iter().map(new).collect::<Vec<_>>()) > reasons(&group) {
                for (file, text) in changed {
                    self.changed.remove(&file);
                    let why = "nginx would not start with what the edits make of this".to_owned();
                    self.refuse(file, text, (0..0).into(), why);
                }
            }
        }
    }

    /// A new file beside its siblings, which the kustomization.yaml there lists.
    fn add(
        &mut self,
        Addition { app, directory, name, text }: Addition,
        edits: &mut BTreeMap<String, (Arc<str>, Vec<Edit>)>,
    ) {
        let in_directory = |name: &str| match directory.as_str() {
            "" => name.to_owned(),
            _ => format!("{directory}/{name}"),
        };
        // Several apps may lie in one directory.
        let is_taken = self.added.get(&in_directory(&name)).is_some_and(|known| *known != text);
        let name = if is_taken { format!("{app}-{name}") } else { name };
        let kustomization = kustomization_in(Utf8Path::new(&directory));
        let listing = match kustomization.as_ref().map(|file| listed(file, &name)).transpose() {
            Ok(listing) => listing.flatten(),
            Err(stop) => return self.refused.push((Sources::default(), not_listed(&name, &stop))),
        };
        if !self.create(in_directory(&name), text) {
            return;
        }
        if let (Some(kustomization), Some((text, edit))) = (kustomization, listing) {
            let file = in_directory(kustomization.file_name().unwrap_or_default());
            edits.entry(file).or_insert_with(|| (text, Vec::new())).1.push(edit);
        }
    }

    /// Adds a file, unless there is to be another of its name.
    fn create(&mut self, file: String, text: String) -> bool {
        let known = self.added.get(&file);
        if known.is_some_and(|known| *known != text) {
            let message = format!("`{file}` is not added a second time, for another app");
            let mut problem = Diagnostic::bare("edit-refused", message)
                .help("write one app after the other: `sioway diff APP --write`");
            problem.severity = Severity::Warning;
            self.refused.push((Sources::default(), problem));
            return false;
        }
        self.added.insert(file, text);
        true
    }

    fn change(&mut self, file: String, text: Arc<str>, edits: &[Edit]) {
        match apply(&text, edits) {
            Ok(applied) if *applied.text == *text => {}
            Ok(applied) => {
                self.changed.insert(file, (text, applied.text));
            }
            Err(refused) => self.refuse(file, text, refused.span, refused.why),
        }
    }

    fn refuse(&mut self, file: String, text: Arc<str>, span: Span, why: String) {
        let mut sources = Sources::default();
        let source = sources.add(file, text);
        let label = Label::new(source, span, why);
        let message = "this file is left as it is: an edit here would not be safe";
        let mut problem = Diagnostic::at("edit-refused", message, label)
            .help("make the changes by hand: `sioway diff` lists them");
        problem.severity = Severity::Warning;
        self.refused.push((sources, problem));
    }

    /// The patch that `git apply` takes.
    pub(super) fn unified(&self) -> String {
        let name = |file: &String| in_repository(Utf8Path::new(file));
        let changed = self.changed.iter().map(|(file, (old, new))| unified(&name(file), old, new));
        let added = self.added.iter().map(|(file, text)| unified(&name(file), "", text));
        changed.chain(added).collect()
    }

    /// Says where the patch is to be applied, if git would leave out a part of it without a word
    /// (git/git:apply.c, `use_patch`).
    pub(super) fn tell_where(&self, console: Console) {
        let here = place_in_repository();
        if here.is_empty() {
            return;
        }
        let names = self.changed.keys().chain(self.added.keys());
        let names = names.map(|file| in_repository(Utf8Path::new(file)));
        let outside: Vec<String> =
            names.filter(|name| !Utf8Path::new(name).starts_with(here)).collect();
        let Some(first) = outside.first() else {
            return;
        };
        let message = format!(
            "run here, `git apply` leaves out {first} without a word, as it lies outside of this directory"
        );
        let root = vec![".."; Utf8Path::new(here).components().count()].join("/");
        let mut problem = Diagnostic::bare("outside-of-directory", message).help(format!(
            "apply the patch at the root: `sioway diff --format unified | git -C {root} apply`"
        ));
        problem.severity = Severity::Warning;
        console.diagnostics(&Sources::default(), &[problem]);
    }

    /// Writes it: all files, or none.
    ///
    /// A run that is killed is made good by the next one: what a kustomization.yaml lists and is not there yet is
    /// still a difference then, and what is there and not listed would not be.
    pub(super) fn write(&self, console: Console) -> Result {
        alone(|| self.publish())?;
        let changed = self.changed.keys().map(|file| format!("changed {file}"));
        let added = self.added.keys().map(|file| format!("added {file}"));
        changed.chain(added).for_each(|line| console.say(&line));
        Ok(if self.tell_refused(console) { ExitStatus::Findings } else { ExitStatus::Success })
    }

    fn publish(&self) -> Result<()> {
        let mut files = Together::default();
        for (file, (old, new)) in &self.changed {
            interrupt::check()?;
            files.edit(Utf8Path::new(file), old, new.as_bytes())?;
        }
        for (file, text) in &self.added {
            interrupt::check()?;
            let path = Utf8Path::new(file);
            let directory = path.parent().filter(|parent| !parent.as_str().is_empty());
            if let Some(directory) = directory {
                make_directory(directory)?;
            }
            files.create(path, text.as_bytes())?;
        }
        files.publish()
    }

    /// Whether something is left as it is.
    pub(super) fn refuses_any(&self) -> bool {
        !self.refused.is_empty()
    }

    /// Says what is left alone, and whether anything is.
    pub(super) fn tell_refused(&self, console: Console) -> bool {
        for (sources, problem) in &self.refused {
            console.diagnostics(sources, std::slice::from_ref(problem));
        }
        !self.refused.is_empty()
    }
}

/// The edit of a kustomization.yaml after which it lists a file; `None` if there is none, or it does already.
pub(super) fn listed(kustomization: &Utf8Path, name: &str) -> Result<Option<(Arc<str>, Edit)>> {
    let text: Arc<str> = read_text(kustomization)?.into();
    Ok(listing(&text, name).map(|edit| (text.clone(), edit)))
}

/// What is said of a file that would be added, and applied by nobody.
pub(super) fn not_listed(name: &str, stop: &Stop) -> Diagnostic {
    Diagnostic::bare("edit-refused", format!("`{name}` is not added: {stop}"))
        .help("make the kustomization.yaml readable, which has to list it")
}

fn listing(text: &str, name: &str) -> Option<Edit> {
    let stream = manifest::read(text);
    let root = stream.documents().find_map(Document::root)?;
    let mut listed = root.get("resources").into_iter().flat_map(Node::items).filter_map(Node::text);
    if listed.any(|one| one.strip_prefix("./").unwrap_or(one) == name) {
        return None;
    }
    let object = root.span();
    let path = Path::of_keys(&["resources"]);
    let change = ValueChange::Append { path, value: name.into() };
    Some(Edit::Value { object, change })
}

/// How many reasons lint finds for nginx not to start.
fn reasons(texts: &[(String, Arc<str>)]) -> usize {
    let mut sources = Sources::default();
    let ids: Vec<_> =
        texts.iter().map(|(file, text)| sources.add(file.clone(), text.clone())).collect();
    let files: Vec<File<'_>> = ids.iter().map(|id| File::of(&sources, *id, true)).collect();
    let set = Set::new(&files);
    let model = Model::new(&set, &[]);
    let rules = ["nginx-would-not-start", "connection-upgrade-undefined"];
    let rules = rules.into_iter().filter_map(rules::rule);
    rules.map(|rule| rule.findings(&model).len()).sum()
}
