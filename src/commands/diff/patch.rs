//! The smallest edits that take the differences away: as a patch, or written.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8Path;

use super::builds::kustomization_in;
use crate::commands::files::{create, read_text, replace};
use crate::commands::stop::Result;
use crate::diagnostic::{Diagnostic, Edit, Label, Severity, Sources, ValueChange};
use crate::exit::ExitStatus;
use crate::fix::{apply, unified};
use crate::manifest::{self, Document, Path};
use crate::report::Console;

/// What one app wants changed.
#[derive(Debug, Default, Clone)]
pub(super) struct Wanted {
    /// Edits of files that are there: the file, its text, the edit.
    pub(super) edits: Vec<(String, Arc<str>, Edit)>,
    /// Objects that are not there: the directory, the file's name, its text.
    pub(super) additions: Vec<(String, String, String)>,
    /// Files that come with an edit, by their path.
    pub(super) files: Vec<(String, String)>,
    /// What is left to people.
    pub(super) refused: Vec<(Sources, Diagnostic)>,
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
        for one in wanted {
            for (file, text, edit) in one.edits {
                edits.entry(file).or_insert_with(|| (text, Vec::new())).1.push(edit);
            }
            additions.extend(one.additions);
            for (file, text) in one.files {
                patch.create(file, text);
            }
            patch.refused.extend(one.refused);
        }
        for (directory, name, text) in additions {
            patch.add(&directory, &name, text, &mut edits);
        }
        for (file, (text, edits)) in edits {
            patch.change(file, text, &edits);
        }
        patch
    }

    /// A new file beside its siblings, which the kustomization.yaml there lists.
    fn add(
        &mut self,
        directory: &str,
        name: &str,
        text: String,
        edits: &mut BTreeMap<String, (Arc<str>, Vec<Edit>)>,
    ) {
        let in_directory = |name: &str| match directory {
            "" => name.to_owned(),
            _ => format!("{directory}/{name}"),
        };
        if !self.create(in_directory(name), text) {
            return;
        }
        if let Some(kustomization) = kustomization_in(Utf8Path::new(directory))
            && let Some((text, edit)) = listed(&kustomization, name)
        {
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
            Err(refused) => {
                let mut sources = Sources::default();
                let source = sources.add(file, text);
                let label = Label::new(source, refused.span, refused.why);
                let message = "this file is left as it is: an edit here would not be safe";
                let mut problem = Diagnostic::at("edit-refused", message, label)
                    .help("make the changes by hand: `sioway diff` lists them");
                problem.severity = Severity::Warning;
                self.refused.push((sources, problem));
            }
        }
    }

    /// The patch that `git apply` takes.
    pub(super) fn unified(&self) -> String {
        let changed = self.changed.iter().map(|(file, (old, new))| unified(file, old, new));
        let added = self.added.iter().map(|(file, text)| unified(file, "", text));
        changed.chain(added).collect()
    }

    /// Writes it. Each file is replaced whole, or left alone.
    pub(super) fn write(&self, console: Console) -> Result {
        for (file, (_, new)) in &self.changed {
            replace(Utf8Path::new(file), new.as_bytes())?;
            console.say(&format!("changed {file}"));
        }
        for (file, text) in &self.added {
            create(Utf8Path::new(file), text.as_bytes())?;
            console.say(&format!("added {file}"));
        }
        Ok(if self.tell_refused(console) { ExitStatus::Findings } else { ExitStatus::Success })
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

/// The edit of a kustomization.yaml after which it lists a file; `None` if there is none.
pub(super) fn listed(kustomization: &Utf8Path, name: &str) -> Option<(Arc<str>, Edit)> {
    let text: Arc<str> = read_text(kustomization).ok()?.into();
    let stream = manifest::read(&text);
    let object = stream.documents().find_map(Document::root)?.span();
    let path = Path::of_keys(&["resources"]);
    let change = ValueChange::Append { path, value: name.into() };
    Some((text.clone(), Edit::Value { object, change }))
}
