//! Edits of an object: what [`fix`](crate::fix) has to do for a field to become another.

use serde_json::Value;

use crate::diagnostic::{Edit, SourceId, ValueChange};
use crate::manifest::{Entry, Node, Path, Step, path_below};

use super::Object;

/// An edit, and the file that it is for.
type Change = (SourceId, Edit);

const ANNOTATIONS: [&str; 2] = ["metadata", "annotations"];

impl<'s> Object<'s> {
    /// The edit that makes a change.
    pub fn edit(&self, change: ValueChange) -> Change {
        (self.file.source, Edit::Value { object: self.node.span(), change })
    }

    /// The edit after which a field has a value; what is above it is made where it is not there.
    pub fn set(&self, keys: &[&str], value: impl Into<Value>) -> Change {
        self.edit(ValueChange::Set { path: Path::of_keys(keys), value: value.into() })
    }

    /// The edit after which an annotation has a text.
    pub fn set_annotation(&self, key: &str, text: impl Into<String>) -> Change {
        self.set(&[ANNOTATIONS[0], ANNOTATIONS[1], key], text.into())
    }

    /// The edit after which there is no such annotation.
    pub fn remove_annotation(&self, key: &str) -> Change {
        self.edit(ValueChange::Remove { path: annotation(key) })
    }

    /// The edit after which an annotation has another key; `None` where it has that key too.
    pub fn rename_annotation(&self, key: &str, to: &str) -> Option<Change> {
        let change = ValueChange::Rename { path: annotation(key), to: to.to_owned() };
        self.annotation(to).is_none().then(|| self.edit(change))
    }

    /// The edit after which the JSON of an annotation has a value at some keys.
    pub fn set_json(&self, key: &str, inside: &[&str], value: impl Into<Value>) -> Change {
        self.edit(ValueChange::SetJson {
            path: annotation(key),
            inside: Path::of_keys(inside),
            value: value.into(),
        })
    }

    /// The edit after which a value that is there, at whatever depth, is another; `None` if it is not written in
    /// this object itself.
    pub fn set_node(&self, node: Node<'s>, value: impl Into<Value>) -> Option<Change> {
        let path = path_below(self.node, node.span())?;
        Some(self.edit(ValueChange::Set { path, value: value.into() }))
    }

    /// The edit after which a map that is there has a value under a key.
    pub fn set_in(&self, map: Node<'s>, key: &str, value: impl Into<Value>) -> Option<Change> {
        let path = path_below(self.node, map.span())?.then(Step::Key(key.to_owned()));
        Some(self.edit(ValueChange::Set { path, value: value.into() }))
    }

    /// The edit after which an entry of a map has another key; `None` where the map has that key too.
    pub fn rename_in(&self, map: Node<'s>, entry: Entry<'s>, to: &str) -> Option<Change> {
        let path = path_below(self.node, map.span())?.then(Step::Key(entry.key().into_owned()));
        let change = ValueChange::Rename { path, to: to.to_owned() };
        map.get(to).is_none().then(|| self.edit(change))
    }
}

fn annotation(key: &str) -> Path {
    Path::of_keys(&[ANNOTATIONS[0], ANNOTATIONS[1], key])
}
