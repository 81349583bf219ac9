//! What is the same value to Kubernetes, and what a value is in JSON.

use serde_json::{Map, Value as Json};

use super::{entries, hashed};
use crate::manifest::{Node, Path, Step, Value};

/// Whether two maps are the same but for the hashes of the names in them.
pub(super) fn same_references(ours: Node<'_>, theirs: Node<'_>, path: &Path) -> bool {
    let mut own = ours.entries().peekable();
    own.peek().is_some()
        && own.all(|entry| {
            let key = entry.key();
            let path = path.clone().then(Step::Key(key.clone().into_owned()));
            theirs.get(&key).is_some_and(|other| {
                same(entry.value(), other)
                    || same_reference(entry.value(), other, &path)
                    || same_references(entry.value(), other, &path)
            })
        })
}

/// Whether both name the same object, with a hash on the other side.
pub(super) fn same_reference(ours: Node<'_>, theirs: Node<'_>, path: &Path) -> bool {
    let both = ours.as_str().zip(theirs.as_str());
    both.is_some_and(|(one, other)| hashed::is_same(one, other)) && hashed::is_reference(path)
}

/// Whether both are the same JSON, in an annotation that holds JSON.
pub(super) fn same_json(ours: Node<'_>, theirs: Node<'_>, path: &Path) -> bool {
    let is_json =
        matches!(path.steps.last(), Some(Step::Key(key)) if entries::JSON.contains(&key.as_str()));
    let read = |node: Node<'_>| serde_json::from_str::<Json>(node.text()?).ok();
    is_json && read(ours).is_some() && read(ours) == read(theirs)
}

/// Whether both are the same to Kubernetes.
pub(super) fn same(one: Node<'_>, other: Node<'_>) -> bool {
    match (one.value(), other.value()) {
        (Some(one), Some(other)) => same_scalar(&one, &other),
        (None, None) => json(one) == json(other),
        _ => false,
    }
}

/// A port may be written as text, and a number with a point is the same number.
fn same_scalar(one: &Value<'_>, other: &Value<'_>) -> bool {
    match (one, other) {
        (Value::Int(int), Value::Float(float)) | (Value::Float(float), Value::Int(int)) => {
            float.to_string() == int.to_string()
        }
        _ => one == other,
    }
}

/// A value as JSON, the way Kubernetes would get it.
pub fn json(node: Node<'_>) -> Json {
    if node.is_map() {
        let entries = node.entries().map(|entry| (entry.key().into_owned(), json(entry.value())));
        return Json::Object(entries.collect::<Map<String, Json>>());
    }
    if node.is_list() {
        return Json::Array(node.items().map(json).collect());
    }
    match node.value() {
        Some(Value::Text(text)) => text.into(),
        Some(Value::Int(number)) => number.into(),
        Some(Value::Float(number)) => number.into(),
        Some(Value::Bool(truth)) => truth.into(),
        Some(Value::Null) | None => Json::Null,
    }
}

/// A value on one line.
pub(super) fn said(value: &Json) -> String {
    value.to_string()
}
