//! What is not there: files of its own, beside those that are.

use camino::Utf8Path;

use super::existing::Existing;
use super::landed::{shown_directory, within};
use crate::diagnostic::{Diagnostic, Edit, ValueChange};
use crate::diff::ObjectDiff;
use crate::fix::apply;
use crate::kube::Object;
use crate::manifest::{self, Document, Path};
use crate::set::File;

/// A new file for an object: its name, and its text. What Kustomize puts around the name is left out.
pub(super) fn addition(
    object: &Object<'_>,
    home: &str,
    existing: &Existing,
    kin: &Kin,
) -> Result<(String, String), Box<Diagnostic>> {
    // The first line says that sioway owns the file: here somebody else does.
    let lines = object.file.text.split_inclusive('\n');
    let text: String = lines.filter(|line| !line.starts_with("# Rendered by sioway")).collect();
    let problem = |why: String| {
        Box::new(Diagnostic::bare("edit-refused", format!("{} is not added: {why}", object.said())))
    };
    if let Some(why) = kin.clash(object) {
        return Err(problem(why));
    }
    let build = existing.builds.iter().find(|build| shown_directory(build) == home);
    let before = match build {
        Some(build) => build.built.name_before(existing.sources(), object.name),
        None => Some(object.name.to_owned()),
    };
    let before = before.ok_or_else(|| {
        problem(format!("Kustomize gives no object the name `{}` there", object.name))
    })?;
    let text = if before == object.name {
        text
    } else {
        renamed(&text, &before).ok_or_else(|| problem("it cannot be renamed".to_owned()))?
    };
    let text = if kin.have_no_namespace { without_namespace(&text).unwrap_or(text) } else { text };
    let is_free = |name: &&String| !Utf8Path::new(&within(home, name)).exists();
    let own = format!("{before}-{}", object.file.name);
    let names = [object.file.name.to_owned(), own];
    let name = names.iter().find(is_free);
    let name = name.ok_or_else(|| problem(format!("there is another {}", names[1])))?;
    Ok((name.clone(), text))
}

/// A manifest with another name.
fn renamed(text: &str, name: &str) -> Option<String> {
    let stream = manifest::read(text);
    let object = stream.documents().find_map(Document::root)?.span();
    let edit = Edit::set(object, Path::of_keys(&["metadata", "name"]), name);
    apply(text, &[edit]).ok().map(|applied| applied.text)
}

/// A manifest without its namespace.
fn without_namespace(text: &str) -> Option<String> {
    let stream = manifest::read(text);
    let object = stream.documents().find_map(Document::root)?.span();
    let path = Path::of_keys(&["metadata", "namespace"]);
    let edit = Edit::Value { object, change: ValueChange::Remove { path } };
    apply(text, &[edit]).ok().map(|applied| applied.text)
}

/// The objects that a new one comes to lie beside.
pub(super) struct Kin {
    /// Whether they name no namespace: whoever applies them gives them theirs, and the new one has to be with them.
    have_no_namespace: bool,
    /// What is built: kinds, names, and namespaces.
    built: Vec<(String, String, String)>,
}

impl Kin {
    pub(super) fn of(diffs: &[ObjectDiff<'_>], existing: &Existing) -> Self {
        let paired: Vec<_> = diffs.iter().filter(|diff| diff.ours.is_some()).collect();
        let mut there = paired.iter().filter_map(|diff| diff.theirs).peekable();
        let have_no_namespace = there.peek().is_some() && there.all(|one| one.namespace.is_none());
        let is_any_absent = paired.iter().any(|diff| diff.theirs.is_none());
        let files = if existing.builds.is_empty() || !is_any_absent {
            Vec::new()
        } else {
            existing.files()
        };
        let known = |object: Object<'_>| {
            let namespace = object.namespace.unwrap_or_default().to_owned();
            (object.kind.to_owned(), object.name.to_owned(), namespace)
        };
        let built = files.iter().flat_map(File::objects).map(known).collect();
        Self { have_no_namespace, built }
    }

    /// Why an object cannot be built beside these: Kustomize would put it where another is.
    fn clash(&self, object: &Object<'_>) -> Option<String> {
        let is_it = |(kind, name, _): &&(String, String, String)| {
            kind == object.kind && name == object.name
        };
        let (.., namespace) = self.built.iter().find(is_it)?;
        let own = object.namespace.unwrap_or("default");
        Some(format!(
            "Kustomize builds one of this name in the namespace `{namespace}`, and app.toml asks for `{own}`: say there which is meant"
        ))
    }
}
