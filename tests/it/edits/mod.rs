//! Edits in place: exact bytes of hand-written cases, what is refused, and what holds for random ones.

#![expect(clippy::format_push_string, reason = "texts are put together line by line")]

mod configurations;
mod random;
mod random_nginx;
mod refusals;
pub(crate) mod texts;
mod values;

use sioway::diagnostic::Span;
use sioway::fix::{Applied, Edit, Refused, ValueChange, apply};
use sioway::manifest::{self, Path};

/// An edit in short: `path = json`, `- path`, `list + json`, `list[1] < json`, `path -> key`, `path @ inside = json`.
/// `#1 ` before it means the second object.
fn edit(text: &str, short: &str) -> Edit {
    let (number, short) = match short.strip_prefix('#') {
        Some(rest) => rest.split_once(' ').map(|(n, rest)| (n.parse().unwrap(), rest)).unwrap(),
        None => (0, short),
    };
    let object = object(text, number);
    let change = change(short);
    Edit::Value { object, change }
}

/// The span of an object; of a document if it has no objects.
fn object(text: &str, number: usize) -> Span {
    let stream = manifest::read(text);
    let objects: Vec<Span> = manifest::objects(&stream).map(|one| one.node.span()).collect();
    let roots = stream.documents().filter_map(|one| Some(one.root()?.span()));
    let roots: Vec<Span> = roots.collect();
    let all = if objects.is_empty() { roots } else { objects };
    all.get(number).copied().unwrap_or_default()
}

fn change(short: &str) -> ValueChange {
    let path =
        |text: &str| -> Path { text.trim().parse().unwrap_or_else(|error| panic!("{error}")) };
    let value =
        |text: &str| serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    if let Some(rest) = short.strip_prefix("- ") {
        return ValueChange::Remove { path: path(rest) };
    }
    if let Some((left, to)) = short.split_once(" -> ") {
        let to = to.to_owned();
        return ValueChange::Rename { path: path(left), to };
    }
    if let Some((left, right)) = short.split_once(" @ ") {
        let (inside, right) = right.split_once(" = ").unwrap();
        return ValueChange::SetJson {
            path: path(left),
            inside: path(inside),
            value: value(right),
        };
    }
    if let Some((left, right)) = short.split_once(" = ") {
        return ValueChange::Set { path: path(left), value: value(right) };
    }
    if let Some((left, right)) = short.split_once(" + ") {
        return ValueChange::Append { path: path(left), value: value(right) };
    }
    let (left, right) = short.split_once(" < ").unwrap();
    let mut path = path(left);
    let Some(manifest::Step::Index(index)) = path.steps.pop() else {
        panic!("{short}");
    };
    ValueChange::Insert { path, index, value: value(right) }
}

/// Applies edits in short, one a line, in both orders.
fn edited(text: &str, shorts: &str) -> Result<Applied, Refused> {
    let mut edits: Vec<Edit> = shorts.lines().map(|short| edit(text, short)).collect();
    let outcome = apply(text, &edits);
    edits.reverse();
    assert_eq!(outcome, apply(text, &edits), "the order of the edits decides");
    outcome
}
