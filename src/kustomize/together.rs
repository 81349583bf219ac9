//! Edits that land in one place, made one.
//!
//! Several fields of one item may be missing from a partial manifest that has no such item yet: each of them would
//! bring the item along.

use serde_json::Value as Json;

use crate::diagnostic::{Edit, SourceId, ValueChange};

/// Joins edits that set the same field, or append the same item, as far as what they say goes together.
pub fn together(edits: Vec<(SourceId, Edit)>) -> Vec<(SourceId, Edit)> {
    let mut joined: Vec<(SourceId, Edit)> = Vec::new();
    for (source, edit) in edits {
        let mut known = joined.iter_mut().filter(|(other, _)| *other == source);
        if !known.any(|(_, other)| join(other, &edit)) {
            joined.push((source, edit));
        }
    }
    joined
}

fn join(one: &mut Edit, other: &Edit) -> bool {
    match (one, other) {
        (Edit::Value { object: here, change }, Edit::Value { object: there, change: more })
            if here == there =>
        {
            join_changes(change, more)
        }
        (
            Edit::Within { scalar, object, change },
            Edit::Within { scalar: other, object: there, change: more },
        ) if scalar == other && object == there => join_changes(change, more),
        _ => false,
    }
}

fn join_changes(one: &mut ValueChange, other: &ValueChange) -> bool {
    match (one, other) {
        (
            ValueChange::Set { path, value: Json::Array(items) },
            ValueChange::Set { path: there, value: Json::Array(more) },
        ) if path == there => {
            for item in more {
                add(items, item);
            }
            true
        }
        (ValueChange::Append { path, value }, ValueChange::Append { path: there, value: more })
            if path == there && is_one_item(value, more) =>
        {
            merge(value, more);
            true
        }
        _ => false,
    }
}

fn add(items: &mut Vec<Json>, item: &Json) {
    match items.iter_mut().find(|other| is_one_item(other, item)) {
        Some(known) => merge(known, item),
        None => items.push(item.clone()),
    }
}

/// Whether two maps are parts of one: they begin with the same name, and contradict each other nowhere.
fn is_one_item(one: &Json, other: &Json) -> bool {
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else {
        return one == other;
    };
    let named = one.keys().next().is_some_and(|key| other.keys().next() == Some(key));
    let agrees = |(key, value): (&String, &Json)| match other.get(key) {
        Some(more) if !value.is_object() && !value.is_array() => value == more,
        _ => true,
    };
    named && one.iter().all(agrees)
}

fn merge(one: &mut Json, other: &Json) {
    match (one, other) {
        (Json::Object(map), Json::Object(more)) => {
            for (key, value) in more {
                merge(map.entry(key.clone()).or_insert(Json::Null), value);
            }
        }
        (Json::Array(items), Json::Array(more)) => {
            for item in more {
                add(items, item);
            }
        }
        (one, other) => *one = other.clone(),
    }
}
