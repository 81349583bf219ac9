//! Keys by their dotted path, such as `session.max-age` or `nginx.location[0].path`.

use std::sync::OnceLock;

use schemars::JsonSchema;
use serde_json::Value as Json;

use super::schema::schema_of;
use super::{Entry, Spec, Table, Value, Workspace};

/// A key of `app.toml`, as the schema tells it.
#[derive(Debug, Clone)]
pub struct Key {
    /// The dotted path; a key inside a list has `[]` after the list's.
    pub path: String,
    /// What it means.
    pub doc: String,
    /// Its type and range, in words.
    pub kind: String,
}

impl Table {
    /// The entry under a dotted path; an index in brackets picks from a list, and quotes hold a key with dots.
    pub fn find(&self, path: &str) -> Option<&Entry> {
        let (head, rest) = split_head(path)?;
        let (key, index) = split_index(head)?;
        let entry = self.get(key)?;
        let inner = match (index, &entry.node.value) {
            (None, value) => value,
            (Some(index), Value::Array(items)) => &items.get(index)?.value,
            (Some(_), _) => return None,
        };
        match (rest, inner) {
            (None, _) => Some(entry),
            (Some(rest), Value::Table(table)) => table.find(rest),
            (Some(_), _) => None,
        }
    }
}

fn split_head(path: &str) -> Option<(&str, Option<&str>)> {
    if let Some(quoted) = path.strip_prefix('"') {
        let (key, rest) = quoted.split_once('"')?;
        return Some((key, rest.strip_prefix('.')));
    }
    Some(path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest))))
}

fn split_index(head: &str) -> Option<(&str, Option<usize>)> {
    match head.split_once('[') {
        None => Some((head, None)),
        Some((key, index)) => Some((key, Some(index.strip_suffix(']')?.parse().ok()?))),
    }
}

/// The kind of a key that only holds others.
const TABLE: &str = "table";

impl Key {
    /// Whether the key has a value of its own, and does not only hold other keys.
    pub fn is_leaf(&self) -> bool {
        self.kind != TABLE
    }

    /// Whether the key is inside a list.
    pub fn is_in_list(&self) -> bool {
        self.path.contains("[]")
    }
}

/// Every key of `app.toml`, in the order of the model.
pub fn app_keys() -> &'static [Key] {
    static KEYS: OnceLock<Vec<Key>> = OnceLock::new();
    KEYS.get_or_init(keys_of::<Spec>)
}

/// Every key of `sioway.toml`, in the order of the model.
pub fn workspace_keys() -> Vec<Key> {
    keys_of::<Workspace>()
}

fn keys_of<T: JsonSchema>() -> Vec<Key> {
    let mut keys = Vec::new();
    collect(&schema_of::<T>(true), "", &mut keys);
    keys
}

fn collect(schema: &Json, prefix: &str, keys: &mut Vec<Key>) {
    let Some(properties) = schema.get("properties").and_then(Json::as_object) else {
        return;
    };
    for (name, property) in properties {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let doc = property.get("description").and_then(Json::as_str).unwrap_or_default();
        keys.push(Key { path: path.clone(), doc: doc.to_owned(), kind: kind_of(property) });
        collect(property, &path, keys);
        if let Some(items) = property.get("items") {
            collect(items, &format!("{path}[]"), keys);
        }
        if let Some(values) = values(property) {
            collect(values, &format!("{path}.NAME"), keys);
        }
    }
}

/// The schema of the values of a table whose keys are the user's own.
fn values(schema: &Json) -> Option<&Json> {
    let patterns = schema.get("patternProperties").and_then(Json::as_object);
    let by_pattern = patterns.and_then(|all| all.values().next());
    by_pattern.or_else(|| schema.get("additionalProperties"))
}

fn kind_of(schema: &Json) -> String {
    let constants = |choices: &Vec<Json>| -> Option<Vec<String>> {
        choices.iter().map(|choice| choice.get("const").map(Json::to_string)).collect()
    };
    if let Some(choices) = schema.get("oneOf").and_then(Json::as_array).and_then(constants) {
        return choices.join(", ");
    }
    if let Some(choices) = schema.get("anyOf").and_then(Json::as_array) {
        return choices.iter().map(kind_of).collect::<Vec<_>>().join(" or ");
    }
    if let Some(choices) = schema.get("enum").and_then(Json::as_array) {
        return choices.iter().map(Json::to_string).collect::<Vec<_>>().join(", ");
    }
    if let Some(title) = schema.get("title").and_then(Json::as_str) {
        return title.to_owned();
    }
    let kind = schema.get("type").and_then(Json::as_str);
    match (kind, schema.get("minimum"), schema.get("maximum")) {
        (Some("integer"), Some(min), Some(max)) => format!("{min} to {max}"),
        (Some("object"), ..) if schema.get("properties").is_some() => TABLE.into(),
        (Some("object"), ..) => format!("table of {}", values_of(schema)),
        (Some("array"), ..) => match schema.get("items") {
            Some(items) => format!("list of {}", kind_of(items)),
            None => "list".into(),
        },
        (kind, ..) => kind.unwrap_or("any").into(),
    }
}

/// What the values of a table are whose keys are the user's own.
fn values_of(schema: &Json) -> String {
    values(schema).map_or_else(String::new, kind_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_every_key_and_documents_it() {
        let keys = app_keys();
        for path in [
            "name",
            "socketio.server-path",
            "session.affinity",
            "nginx.location[].proxy-port",
            "workload.image",
        ] {
            assert!(keys.iter().any(|key| key.path == path), "{path}");
        }
        for key in keys {
            assert!(!key.doc.is_empty(), "{} has no documentation", key.path);
        }
    }
}
