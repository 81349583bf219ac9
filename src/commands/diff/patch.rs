//! The smallest edits that take the differences away: as a patch, or written.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::commands::files::{create, replace};
use crate::commands::stop::Result;
use crate::diagnostic::{Diagnostic, Edit, Label, Severity, Sources, ValueChange};
use crate::exit::ExitStatus;
use crate::fix::{apply, unified};
use crate::manifest::{self, Document, Path};
use crate::report::Console;

/// What one app wants changed.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Edits of files that are there: the file, its text, the edit.
    pub(super) edits: Vec<(String, Arc<str>, Edit)>,
    /// Objects that are not there: the directory, the file's name, its text.
    pub(super) additions: Vec<(String, String, String)>,
}

/// What all apps want changed, file by file.
#[derive(Debug, Default)]
pub(super) struct Patch {
    /// Files that change: the old text, and the new one.
    changed: BTreeMap<String, (Arc<str>, String)>,
    /// Files that are new.
    added: BTreeMap<String, String>,
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
        let kustomization = in_directory("kustomization.yaml");
        if let Some((text, edit)) = listed(&kustomization, name) {
            edits.entry(kustomization).or_insert_with(|| (text, Vec::new())).1.push(edit);
        }
        self.added.insert(in_directory(name), text);
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

    /// Says what is left alone, and whether anything is.
    pub(super) fn tell_refused(&self, console: Console) -> bool {
        for (sources, problem) in &self.refused {
            console.diagnostics(sources, std::slice::from_ref(problem));
        }
        !self.refused.is_empty()
    }
}

/// The edit of a kustomization.yaml after which it lists a file; `None` if there is none.
fn listed(kustomization: &str, name: &str) -> Option<(Arc<str>, Edit)> {
    let text: Arc<str> = std::fs::read_to_string(Utf8PathBuf::from(kustomization)).ok()?.into();
    let stream = manifest::read(&text);
    let object = stream.documents().find_map(Document::root)?.span();
    let path = Path::of_keys(&["resources"]);
    let change = ValueChange::Append { path, value: name.into() };
    Some((text.clone(), Edit::Value { object, change }))
}
