//! JSON patches: steps that change an object one after the other (RFC 6902), as Kustomize carries them out.
//!
//! Kustomize uses the fourth version of evanphx/json-patch, which is more lenient than the standard: `replace` adds a
//! key that a map lacks, `copy` takes a missing one for null, and -1 counts from the end of a list.

use serde_json::Value as Json;

use super::value::{Data, Origin, Value};

/// Why a step cannot be carried out, and which.
pub(super) type Failed = (Origin, String);

/// What Kustomize reads where nothing is.
const NULL: Data = Data::Scalar(Json::Null);

/// Carries out the steps of a patch.
pub(super) fn apply(object: &mut Value, steps: &Value) -> Result<(), Failed> {
    steps.items().iter().try_for_each(|step| one(object, step))
}

fn one(object: &mut Value, step: &Value) -> Result<(), Failed> {
    let failed = |why: &str| (step.origin, why.to_owned());
    let path = pointer(step, "path").ok_or_else(|| failed("the step has no path"))?;
    let from = || pointer(step, "from").ok_or_else(|| failed("the step says no `from`"));
    let value = || step.get("value").cloned().ok_or_else(|| failed("the step has no value"));
    match step.str_at(&["op"]) {
        Some("add") => add(object, &path, value()?, step),
        Some("replace") => replace(object, &path, value()?, step),
        Some("remove") => remove(object, &path, step).map(|_| ()),
        Some("move") => {
            let moved = remove(object, &from()?, step)?;
            add(object, &path, moved, step)
        }
        Some("copy") => {
            let data = read(object, &from()?, step)?.map_or(NULL, |value| value.data.clone());
            let origin = step.origin.computed("a JSON patch copies it");
            add(object, &path, Value { data, origin }, step)
        }
        Some("test") => {
            let wanted = value()?.json();
            let same = read(object, &path, step)?.map_or(Json::Null, Value::json) == wanted;
            if same { Ok(()) } else { Err(failed("the test of this step fails")) }
        }
        _ => Err(failed("the step has no operation that there is")),
    }
}

/// The parts of a pointer.
fn pointer(step: &Value, key: &str) -> Option<Vec<String>> {
    let text = step.str_at(&[key])?;
    let parts = text.split('/').skip(1);
    Some(parts.map(|part| part.replace("~1", "/").replace("~0", "~")).collect())
}

fn missing(path: &[String], step: &Value) -> Failed {
    (step.origin, format!("the object has no `/{}`", path.join("/")))
}

/// What a pointer leads to; nothing for a key that its map lacks.
fn read<'v>(
    object: &'v mut Value,
    path: &[String],
    step: &Value,
) -> Result<Option<&'v Value>, Failed> {
    let Some((last, parent)) = path.split_last() else {
        return Ok(Some(object));
    };
    match &found(object, parent, step)?.data {
        Data::Map(map) => Ok(map.get(last)),
        Data::List(items) => {
            let index = place(last, items.len()).filter(|index| *index < items.len());
            index.map(|index| Some(&items[index])).ok_or_else(|| missing(path, step))
        }
        Data::Scalar(_) => Err(missing(path, step)),
    }
}

/// The place in a list of this length that a part of a pointer names.
fn place(part: &str, length: usize) -> Option<usize> {
    match part.strip_prefix('-') {
        Some(back) => length.checked_sub(back.parse::<usize>().ok()?),
        None => part.parse().ok(),
    }
}

fn found<'v>(
    object: &'v mut Value,
    path: &[String],
    step: &Value,
) -> Result<&'v mut Value, Failed> {
    let inner = path.iter().try_fold(object, |value, part| match &mut value.data {
        Data::Map(map) => map.get_mut(part),
        Data::List(items) => {
            let index = place(part, items.len())?;
            items.get_mut(index)
        }
        Data::Scalar(_) => None,
    });
    inner.ok_or_else(|| missing(path, step))
}

/// Sets what is there, or a key that its map lacks.
fn replace(object: &mut Value, path: &[String], new: Value, step: &Value) -> Result<(), Failed> {
    if let Some((last, parent)) = path.split_last()
        && let Data::Map(map) = &mut found(object, parent, step)?.data
    {
        map.set(last, new);
        return Ok(());
    }
    *found(object, path, step)? = new;
    Ok(())
}

fn add(object: &mut Value, path: &[String], new: Value, step: &Value) -> Result<(), Failed> {
    let Some((last, parent)) = path.split_last() else {
        *object = new;
        return Ok(());
    };
    match &mut found(object, parent, step)?.data {
        Data::Map(map) => map.set(last, new),
        Data::List(items) if last == "-" => items.push(new),
        Data::List(items) => {
            let index = place(last, items.len() + 1).filter(|index| *index <= items.len());
            items.insert(index.ok_or_else(|| missing(path, step))?, new);
        }
        Data::Scalar(_) => return Err(missing(path, step)),
    }
    Ok(())
}

fn remove(object: &mut Value, path: &[String], step: &Value) -> Result<Value, Failed> {
    let (last, parent) = path.split_last().ok_or_else(|| missing(path, step))?;
    let origin = step.origin.computed("a JSON patch removes it");
    let removed = match &mut found(object, parent, step)?.data {
        Data::Map(map) if map.get(last).is_some() => map.take_out(last, origin),
        Data::List(items) => {
            let index = place(last, items.len()).filter(|index| *index < items.len());
            index.map(|index| items.remove(index))
        }
        _ => None,
    };
    removed.ok_or_else(|| missing(path, step))
}
