//! Changes made in a value that is no text.

use serde_json::{Value as Json, json};

use crate::diagnostic::ValueChange;
use crate::manifest::Step;

/// Makes a change in a value; `None` if it has no such place.
pub fn carry_out(value: &mut Json, change: &ValueChange) -> Option<()> {
    match change {
        ValueChange::Set { path, value: new } => {
            let (last, steps) = path.steps.split_last()?;
            let parent = steps.iter().try_fold(value, |at, step| inside(at, step))?;
            match last {
                Step::Key(key) => {
                    parent.as_object_mut()?.insert(key.clone(), new.clone());
                }
                _ => *inside(parent, last)? = new.clone(),
            }
        }
        ValueChange::Append { path, value: new } => {
            let list = path.steps.iter().try_fold(value, |at, step| inside(at, step))?;
            if list.is_null() {
                *list = Json::Array(Vec::new());
            }
            list.as_array_mut()?.push(new.clone());
        }
        ValueChange::Remove { path } => {
            let (Step::Key(key), steps) = path.steps.split_last()? else {
                return None;
            };
            let parent = steps.iter().try_fold(value, |at, step| inside(at, step))?;
            parent.as_object_mut()?.shift_remove(key);
        }
        ValueChange::SetJson { path, inside: within, value: new } if within.steps.is_empty() => {
            let text = path.steps.iter().try_fold(value, |at, step| inside(at, step))?;
            *text = new.to_string().into();
        }
        _ => return None,
    }
    Some(())
}

/// The value at a step; a key that is not there is added.
fn inside<'v>(value: &'v mut Json, step: &Step) -> Option<&'v mut Json> {
    match step {
        Step::Key(key) => {
            if value.is_null() {
                *value = json!({});
            }
            Some(value.as_object_mut()?.entry(key.clone()).or_insert(Json::Null))
        }
        Step::Index(index) => value.get_mut(*index),
        Step::Pick { key, value: name } => {
            let is_it = |item: &&mut Json| item.get(key).is_some_and(|one| is_text(one, name));
            value.as_array_mut()?.iter_mut().find(is_it)
        }
    }
}

fn is_text(value: &Json, text: &str) -> bool {
    match value {
        Json::String(own) => own == text,
        other => other.to_string().as_str() == text,
    }
}
