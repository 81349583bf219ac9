//! What a template of the user's own made, held to what any manifest must be.

use serde::Deserialize;
use serde_yaml::Value;

use super::{Failure, ObjectId, TemplateSet};
use crate::diagnostic::{Diagnostic, Label, Sources};

/// The objects of a manifest, or what keeps it from being one.
///
/// The reader is strict: it refuses a key that is there twice, which others would let win silently.
pub(super) fn objects(
    templates: &TemplateSet,
    name: &str,
    text: &str,
) -> Result<Vec<ObjectId>, Failure> {
    let mut found = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let value = Value::deserialize(document).map_err(|error| {
            let at = error.location().map_or(0, |location| location.index().min(text.len()));
            failed(templates, name, text, at, error.to_string())
        })?;
        let object = object(&value).ok_or_else(|| {
            let reason = "every document has a `kind` and a `metadata.name`".to_owned();
            failed(templates, name, text, 0, reason)
        })?;
        found.push(object);
    }
    if found.is_empty() {
        return Err(failed(templates, name, text, 0, "there is no object in it".to_owned()));
    }
    Ok(found)
}

fn object(value: &Value) -> Option<ObjectId> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let kind = value.get("kind").and_then(text)?;
    let metadata = value.get("metadata");
    let name = match kind.as_str() {
        "Kustomization" => String::new(),
        _ => metadata?.get("name").and_then(text)?,
    };
    let namespace =
        metadata.and_then(|metadata| metadata.get("namespace")).and_then(text).unwrap_or_default();
    Some(ObjectId { kind, namespace, name })
}

/// An object that two files of an app define, if there is one.
pub(super) fn duplicate<'a>(
    templates: &TemplateSet,
    objects: impl Iterator<Item = (&'a str, &'a ObjectId)>,
) -> Option<Failure> {
    let mut seen: Vec<(&str, &ObjectId)> = Vec::new();
    for (file, object) in objects {
        if let Some((earlier, _)) = seen.iter().find(|(_, other)| *other == object) {
            let message = format!(
                "{earlier} and {file} define the same object, {} `{}`",
                object.kind, object.name
            );
            let diagnostic = Diagnostic::bare("template-output", message)
                .help(format!("rename one of them in {}", templates.shown(file)));
            return Some(Failure { sources: Sources::default(), diagnostic: Box::new(diagnostic) });
        }
        seen.push((file, object));
    }
    None
}

fn failed(templates: &TemplateSet, name: &str, text: &str, at: usize, reason: String) -> Failure {
    let mut sources = Sources::default();
    let source = sources.add(format!("what {} made", templates.shown(name)), text);
    let at = text.floor_char_boundary(at);
    let label = Label::new(source, (at..at).into(), reason);
    let message = format!("the template `{name}.j2` did not make a manifest");
    Failure { sources, diagnostic: Box::new(Diagnostic::at("template-output", message, label)) }
}
