//! Edits of a base, made in a partial manifest of the overlay's own instead: it reaches nobody else.

use camino::Utf8Path;
use serde_json::Value as Json;

use super::builds::Build;
use super::existing::Existing;
use super::landed::{Landed, shown_directory, within};
use crate::diagnostic::{Edit, SourceId, ValueChange};
use crate::diff::{ObjectDiff, carry_out_beside, json};
use crate::fix::apply;
use crate::kube::Object;
use crate::kustomize::partial;
use crate::manifest::{self, Document, Path};

/// Moves the edits of an object that are in some texts into a partial manifest, as far as one can say them.
pub(super) fn lay_over(
    diff: &ObjectDiff<'_>,
    landed: &mut Landed,
    existing: &Existing,
    (is_shared, why): (&dyn Fn(SourceId) -> bool, &str),
) {
    let Some((object, build)) =
        diff.theirs.and_then(|object| Some((object, existing.build_of(object.file.source)?)))
    else {
        return;
    };
    let before = json(object.node);
    let mut after = before.clone();
    let mut moved = Vec::new();
    for (index, change) in diff.changes.iter().enumerate() {
        let is_meant = landed.changes[index].source().is_some_and(is_shared);
        let Ok((_, Edit::Value { change, .. })) = &change.edit else {
            continue;
        };
        let mut new = after.clone();
        if is_meant && carry_out_beside(&mut new, &before, change).is_some() {
            after = new;
            moved.push(index);
        }
    }
    let said = partial(object.kind, &before, &after).filter(|_| !moved.is_empty());
    let Some(file) = said.and_then(|said| file_of(&object, build, existing, &said)) else {
        return;
    };
    let Some(edit) = listing(build, existing, &file.0) else {
        return;
    };
    let whole = (within(&shown_directory(build), &file.0), file.1);
    for index in moved {
        landed.changes[index].lay_over(edit.clone(), whole.clone(), why);
    }
}

/// The name and the text of the partial manifest.
fn file_of(
    object: &Object<'_>,
    build: &Build,
    existing: &Existing,
    said: &Json,
) -> Option<(String, String)> {
    let before = build.built.name_before(existing.sources(), object.name);
    let (name, namespace) = build.built.known_as(before.as_deref(), object.node.span().start)?;
    let api = object.node.get("apiVersion")?.as_str()?;
    let mut text = format!("apiVersion: {api}\nkind: {}\nmetadata:\n  name: {name}\n", object.kind);
    if !namespace.is_empty() {
        text.extend(["  namespace: ", namespace, "\n"]);
    }
    let root = manifest::read(&text).documents().find_map(Document::root)?.span();
    let mut edits = Vec::new();
    for (key, value) in said.as_object()? {
        match value.as_object().filter(|_| key == "metadata") {
            Some(inner) => {
                edits.extend(inner.iter().map(|(inner, value)| set(root, &[key, inner], value)));
            }
            None => edits.push(set(root, &[key], value)),
        }
    }
    let text = apply(&text, &edits).ok()?.text;
    let kind = object.kind.to_lowercase();
    let names = [format!("{kind}-patch.yaml"), format!("{name}-{kind}-patch.yaml")];
    let is_free = |file: &String| !Utf8Path::new(&within(&shown_directory(build), file)).exists();
    names.into_iter().find(is_free).map(|file| (file, text))
}

fn set(root: crate::diagnostic::Span, keys: &[&str], value: &Json) -> Edit {
    Edit::set(root, Path::of_keys(keys), value.clone())
}

/// The edit after which the kustomization.yaml that is built lays a file over its object.
fn listing(build: &Build, existing: &Existing, file: &str) -> Option<(SourceId, Edit)> {
    let source = build.built.layers.first()?.source;
    let stream = manifest::read(&existing.sources().get(source).text);
    let object = stream.documents().find_map(Document::root)?.span();
    let value = serde_json::json!({ "path": file });
    let change = ValueChange::Append { path: Path::of_keys(&["patches"]), value };
    Some((source, Edit::Value { object, change }))
}
