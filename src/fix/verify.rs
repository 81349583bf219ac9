//! Reads the outcome again: it must be what was wanted, and nothing else may have changed.

use serde_json::Value;

use crate::diagnostic::Span;
use crate::manifest::{self, Document, Stream};

use super::Refused;
use super::change::{Change, value_of};
use super::plan::Plan;
use super::values::Written;

/// Compares a text with its edits to what they were to make of it.
pub(super) fn values(
    old: &Stream<'_>,
    new: &str,
    plan: &Plan,
    written: &Written,
) -> Result<(), Refused> {
    let place = written.splices.first().map_or((0..0).into(), |one| one.span);
    let refused = |why: String| Refused::new(place, format!("cannot be edited in place: {why}"));
    let new = manifest::read(new);
    if let Some(problem) = new.problems.first() {
        return Err(refused(format!("the outcome would be broken: {}", problem.message)));
    }
    if new.documents().len() != old.documents().len() {
        return Err(refused("the outcome would have other documents".to_owned()));
    }
    if new.duplicates().count() != old.duplicates().count() {
        return Err(refused("a key would come twice".to_owned()));
    }
    for (before, after) in old.documents().zip(new.documents()) {
        let change = plan.of(before.index);
        is_as_wanted(before, after, change)
            .and_then(|()| second_opinion(before, after, change))
            .map_err(refused)?;
    }
    comments(old, &new, &written.removed)
}

fn text_of(document: Document<'_>) -> &str {
    &document.stream().text()[document.span.start..document.span.end]
}

fn is_as_wanted(
    before: Document<'_>,
    after: Document<'_>,
    change: Option<&Change>,
) -> Result<(), String> {
    let Some(change) = change else {
        let same = text_of(before) == text_of(after);
        return same.then_some(()).ok_or("another document would change".to_owned());
    };
    let value = |document: Document<'_>| document.root().map(value_of);
    let wanted = value(before).and_then(|value| change.applied(value));
    if wanted.is_some() && wanted == value(after) {
        return Ok(());
    }
    Err("the outcome would be read as something else".to_owned())
}

/// The same question to another reader, if it can read the document at all.
fn second_opinion(
    before: Document<'_>,
    after: Document<'_>,
    change: Option<&Change>,
) -> Result<(), String> {
    let Some(change) = change else {
        return Ok(());
    };
    let wanted = read_by_other(text_of(before)).and_then(|value| change.applied(value));
    match (wanted, read_by_other(text_of(after))) {
        (Some(wanted), Some(found)) if wanted == found => Ok(()),
        (None, _) => Ok(()),
        _ => Err("another reader of YAML would read the outcome as something else".to_owned()),
    }
}

fn read_by_other(text: &str) -> Option<Value> {
    let text = text.trim_start_matches('\u{feff}');
    let mut documents = serde_yaml::Deserializer::from_str(text);
    let first = documents.next()?;
    let value: serde_yaml::Value = serde::Deserialize::deserialize(first).ok()?;
    if documents.next().is_some() {
        return None;
    }
    as_json(value)
}

fn as_json(value: serde_yaml::Value) -> Option<Value> {
    use serde_yaml::Value as Read;
    Some(match value {
        Read::Null => Value::Null,
        Read::Bool(truth) => truth.into(),
        Read::String(text) => text.into(),
        Read::Number(number) => serde_json::to_value(number).ok().filter(|one| !one.is_null())?,
        Read::Sequence(items) => {
            let items: Option<Vec<Value>> = items.into_iter().map(as_json).collect();
            items?.into()
        }
        Read::Mapping(map) => {
            let entries = map.into_iter().map(|(key, value)| match key {
                Read::String(key) => Some((key, as_json(value)?)),
                _ => None,
            });
            let map: Option<serde_json::Map<String, Value>> = entries.collect();
            Value::Object(map?)
        }
        Read::Tagged(_) => return None,
    })
}

/// All comments are there, in their order, but for those of what was removed.
fn comments(old: &Stream<'_>, new: &Stream<'_>, removed: &[Span]) -> Result<(), Refused> {
    let said = |stream: &Stream<'_>, span: Span| stream.text()[span.start..span.end].to_owned();
    let is_removed = |span: Span| {
        let mut removed = removed.iter();
        removed.any(|part| part.start <= span.start && span.end <= part.end)
    };
    let kept = old.comments().iter().filter(|one| !is_removed(one.span));
    let mut after = new.comments().iter();
    for comment in kept {
        let next = after.next().map(|next| said(new, next.span));
        if next != Some(said(old, comment.span)) {
            let why = "cannot be edited in place: this comment would be lost";
            return Err(Refused::new(comment.span, why));
        }
    }
    if after.next().is_some() {
        let why = "cannot be edited in place: a part would become a comment";
        return Err(Refused::new((0..0).into(), why));
    }
    Ok(())
}
