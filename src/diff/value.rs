//! Comparing values as Kubernetes reads them.

use serde_json::{Map, Value as Json};

use super::Change;
use super::defaults::is_default;
use super::hashed;
use super::lists;
use super::why::why;
use crate::diagnostic::{Edit, ValueChange};
use crate::kube::Object;
use crate::manifest::{Node, Path, Step, Value};
use crate::set::Place;

/// The annotations whose text is JSON.
const JSON_ANNOTATIONS: [&str; 4] = [
    "cloud.google.com/backend-config",
    "beta.cloud.google.com/backend-config",
    "cloud.google.com/neg",
    "cloud.google.com/app-protocols",
];

/// What differs between two objects, nginx configurations left out.
pub(super) fn changes(one: &Object<'_>, other: &Object<'_>) -> Vec<Change> {
    let mut comparison = Comparison { one, other, changes: Vec::new() };
    for entry in one.node.entries() {
        let key = entry.key();
        // Who renders an older or a newer version of an API means the same object.
        if matches!(&*key, "apiVersion" | "kind") {
            continue;
        }
        let path = Path::of_keys(&[&key]);
        comparison.compare(entry.value(), other.node.get(&key), path, other.node);
    }
    comparison.changes
}

struct Comparison<'c, 's> {
    one: &'c Object<'s>,
    other: &'c Object<'s>,
    changes: Vec<Change>,
}

impl<'s> Comparison<'_, 's> {
    /// `around` is the value there that the field belongs into.
    fn compare(&mut self, ours: Node<'s>, theirs: Option<Node<'s>>, path: Path, around: Node<'s>) {
        if self.is_somebody_elses(&path) {
            return;
        }
        match theirs {
            // Of a name and a number there may be one alone.
            Some(theirs) if is_service_port(&path) => {
                if !same(ours, theirs) {
                    self.add(ours, Some(theirs), path, around);
                }
            }
            Some(theirs) if ours.is_map() && theirs.is_map() => self.maps(ours, theirs, &path),
            Some(theirs) if ours.is_list() && theirs.is_list() => self.lists(ours, theirs, path),
            Some(theirs) if same(ours, theirs) || same_json(ours, theirs, &path) => {}
            Some(theirs) if same_reference(ours, theirs, &path) => {}
            None if is_nothing(ours) || is_default(self.one.kind, &path, ours) => {}
            theirs => self.add(ours, theirs, path, around),
        }
    }

    fn maps(&mut self, ours: Node<'s>, theirs: Node<'s>, path: &Path) {
        for entry in ours.entries() {
            let key = entry.key();
            let path = path.clone().then(Step::Key(key.clone().into_owned()));
            self.compare(entry.value(), theirs.get(&key), path, theirs);
        }
    }

    fn lists(&mut self, ours: Node<'s>, theirs: Node<'s>, path: Path) {
        let list = match path.steps.last() {
            Some(Step::Key(key)) => key.clone(),
            _ => String::new(),
        };
        let picks: Option<Vec<Step>> = ours.items().map(|item| lists::pick(&list, item)).collect();
        match picks {
            Some(picks) if !picks.is_empty() => {
                for (item, pick) in ours.items().zip(picks) {
                    let there = lists::picked(theirs, &pick);
                    self.compare(item, there, path.clone().then(pick), theirs);
                }
            }
            _ if lists::is_set(&list) => {
                let missing = |item: &Node<'s>| !theirs.items().any(|other| same(*item, other));
                if ours.items().any(|item| missing(&item)) {
                    self.add(ours, Some(theirs), path, theirs);
                }
            }
            _ if same(ours, theirs) => {}
            _ => self.add(ours, Some(theirs), path, theirs),
        }
    }

    /// nginx configurations are compared as such. A manifest that names no namespace may go into any.
    fn is_somebody_elses(&self, path: &Path) -> bool {
        let keys: Vec<&str> = path
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::Key(key) => Some(key.as_str()),
                _ => None,
            })
            .collect();
        match keys[..] {
            ["data", ..] => self.one.kind == "ConfigMap",
            ["metadata", "namespace"] => self.other.namespace.is_none(),
            ["metadata", "name"] => true,
            _ => false,
        }
    }

    fn add(&mut self, ours: Node<'s>, theirs: Option<Node<'s>>, path: Path, around: Node<'s>) {
        let place = |object: &Object<'s>, node: Node<'s>| -> Place { object.at(node) };
        let there = match theirs {
            Some(theirs) => place(self.other, theirs),
            None => self.block(around),
        };
        self.changes.push(Change {
            path: path.to_string(),
            old: theirs.map(|theirs| said(&json(theirs))),
            new: said(&json(ours)),
            there: Some(there),
            here: place(self.one, ours),
            why: why(self.one.kind, &path),
            edit: (self.other.file.source, self.edit(path, ours, theirs.is_some())),
        });
    }

    /// An item that a list does not have is put behind the others; anything else is set where it belongs.
    fn edit(&self, path: Path, ours: Node<'s>, is_there: bool) -> Edit {
        let (object, value) = (self.other.node.span(), json(ours));
        match path.steps.split_last() {
            Some((Step::Pick { .. }, list)) if !is_there => {
                let path = list.iter().cloned().collect();
                Edit::Value { object, change: ValueChange::Append { path, value } }
            }
            _ => Edit::set(object, path, value),
        }
    }

    /// A place for a block that is too large to be shown: its first line.
    fn block(&self, around: Node<'s>) -> Place {
        let span = around.span();
        let text = &self.other.file.text[span.start..span.end];
        let end = text.find('\n').map_or(span.end, |length| span.start + length);
        self.other.place((span.start..end).into())
    }
}

/// Whether a path is that of the port in a backend of an Ingress.
fn is_service_port(path: &Path) -> bool {
    let mut last = path.steps.iter().rev().map_while(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        _ => None,
    });
    last.next() == Some("port") && last.next() == Some("service")
}

/// Whether both name the same object, with a hash on the other side.
fn same_reference(ours: Node<'_>, theirs: Node<'_>, path: &Path) -> bool {
    let both = ours.as_str().zip(theirs.as_str());
    both.is_some_and(|(one, other)| hashed::is_same(one, other)) && hashed::is_reference(path)
}

/// Whether both are the same JSON, in an annotation that holds JSON.
pub(super) fn same_json(ours: Node<'_>, theirs: Node<'_>, path: &Path) -> bool {
    let is_json = matches!(path.steps.last(), Some(Step::Key(key)) if JSON_ANNOTATIONS.contains(&key.as_str()));
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

fn is_nothing(node: Node<'_>) -> bool {
    node.is_null()
}

/// A value as JSON, the way Kubernetes would get it.
pub(super) fn json(node: Node<'_>) -> Json {
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
