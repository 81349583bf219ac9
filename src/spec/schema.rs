//! JSON Schemas of the TOML files, for editors: draft-07, which the editors' plug-ins read.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json};

use super::profile::ProfileFile;
use super::{Spec, Workspace};

/// The schema of app.toml.
pub fn app_schema() -> Json {
    schema_of::<Spec>(false)
}

/// The schema of sioway.toml.
pub fn workspace_schema() -> Json {
    schema_of::<Workspace>(false)
}

/// The schema of a profile.
pub fn profile_schema() -> Json {
    schema_of::<ProfileFile>(false)
}

/// The schema of a type; inline, or with definitions of its own.
pub(super) fn schema_of<T: JsonSchema>(inline: bool) -> Json {
    let mut settings = SchemaSettings::draft07();
    settings.inline_subschemas = inline;
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    remove_null(&mut schema);
    schema
}

/// TOML has no null: an optional key is one that may be left out.
fn remove_null(value: &mut Json) {
    match value {
        Json::Array(items) => {
            items.retain(|item| !is_null(item));
            items.iter_mut().for_each(remove_null);
        }
        Json::Object(entries) => {
            entries.retain(|_, entry| !entry.is_null());
            entries.values_mut().for_each(remove_null);
            collapse(entries, "type");
            collapse(entries, "anyOf");
        }
        _ => {}
    }
}

fn is_null(schema: &Json) -> bool {
    schema.is_null() || schema == "null" || schema.get("type").is_some_and(|kind| kind == "null")
}

/// A choice of one is no choice.
fn collapse(entries: &mut Map<String, Json>, key: &str) {
    let Some(Json::Array(choices)) = entries.get_mut(key) else {
        return;
    };
    let [only] = &mut choices[..] else { return };
    let only = only.take();
    match only {
        // In draft-07 a reference hides what stands beside it.
        Json::Object(only) if key == "anyOf" => {
            entries.remove(key);
            if only.contains_key("$ref") {
                entries.insert("allOf".into(), Json::Array(vec![Json::Object(only)]));
            } else {
                entries.extend(only);
            }
        }
        only => drop(entries.insert(key.into(), only)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_may_be_null() {
        for schema in [app_schema(), workspace_schema(), profile_schema()] {
            assert!(!schema.to_string().contains("null"), "{schema}");
        }
    }
}
