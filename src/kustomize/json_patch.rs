//! JSON patches: steps that change an object one after the other (RFC 6902).

use super::value::{Data, Origin, Value};

/// Why a step cannot be carried out, and which.
pub(super) type Failed = (Origin, String);

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
        Some("replace") => {
            *found(object, &path, step)? = value()?;
            Ok(())
        }
        Some("remove") => remove(object, &path, step).map(|_| ()),
        Some("move") => {
            let moved = remove(object, &from()?, step)?;
            add(object, &path, moved, step)
        }
        Some("copy") => {
            let copy = found(object, &from()?, step)?.clone();
            let origin = step.origin.computed("a JSON patch copies it");
            add(object, &path, Value { origin, ..copy }, step)
        }
        Some("test") => {
            let wanted = value()?.json();
            let same = found(object, &path, step)?.json() == wanted;
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

fn found<'v>(
    object: &'v mut Value,
    path: &[String],
    step: &Value,
) -> Result<&'v mut Value, Failed> {
    let inner = path.iter().try_fold(object, |value, part| match &mut value.data {
        Data::Map(map) => map.get_mut(part),
        Data::List(items) => items.get_mut(part.parse::<usize>().ok()?),
        Data::Scalar(_) => None,
    });
    inner.ok_or_else(|| missing(path, step))
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
            let index = last.parse::<usize>().ok().filter(|index| *index <= items.len());
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
            let index = last.parse::<usize>().ok().filter(|index| *index < items.len());
            index.map(|index| items.remove(index))
        }
        _ => None,
    };
    removed.ok_or_else(|| missing(path, step))
}
