//! Changes made in a value that is no text.

use serde_json::{Value as Json, json};

use crate::diagnostic::ValueChange;
use crate::manifest::Step;

/// Makes a change in a value; `None` if it has no such place.
pub(super) fn carry_out(value: &mut Json, change: &ValueChange) -> Option<()> {
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

/// Makes a change that was made for an object as it was before others were made in it: of a map that is set, only what
/// differs from before is carried out.
pub fn carry_out_beside(value: &mut Json, before: &Json, change: &ValueChange) -> Option<()> {
    if let ValueChange::Set { path, value: new @ Json::Object(_) } = change {
        let old =
            path.steps.iter().try_fold(&mut before.clone(), |at, step| inside(at, step)).cloned();
        if let Some(old @ Json::Object(_)) = old {
            let at = path.steps.iter().try_fold(value, |at, step| inside(at, step))?;
            differ(at, &old, new);
            return Some(());
        }
    }
    carry_out(value, change)
}

/// Makes what differs between two values in a third one.
fn differ(value: &mut Json, old: &Json, new: &Json) {
    let (Json::Object(map), Json::Object(old), Json::Object(new)) = (&mut *value, old, new) else {
        *value = new.clone();
        return;
    };
    map.retain(|key, _| !old.contains_key(key) || new.contains_key(key));
    for (key, wanted) in new.iter().filter(|(key, wanted)| old.get(*key) != Some(*wanted)) {
        let was = old.get(key).unwrap_or(&Json::Null);
        differ(map.entry(key.clone()).or_insert(Json::Null), was, wanted);
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Path;

    #[test]
    fn what_another_change_set_stays() {
        let before = json!({"spec": {"selector": {"app": "chat"}}});
        let mut after = before.clone();
        let set = |path: &str, value: Json| ValueChange::Set { path: path.parse().unwrap(), value };
        for change in [set("spec.selector.name", "chat".into()), set("spec.selector", json!({}))] {
            carry_out_beside(&mut after, &before, &change).unwrap();
        }
        assert_eq!(after, json!({"spec": {"selector": {"name": "chat"}}}));
        let change = ValueChange::Remove { path: Path::of_keys(&["spec", "selector"]) };
        carry_out_beside(&mut after, &before, &change).unwrap();
        assert_eq!(after, json!({"spec": {}}));
    }
}
