//! From the span of an object and a path to a value, and whether it may be edited there.

use crate::diagnostic::Span;
use crate::manifest::{Node, Path, Step, Stream};

use super::Refused;
use super::change::Seg;

/// How far a path leads.
#[derive(Debug, Clone)]
pub(super) struct Located<'s> {
    pub(super) document: usize,
    /// To the last value on the way that is there.
    pub(super) steps: Vec<Seg>,
    /// That value.
    pub(super) node: Node<'s>,
    /// The keys that are not there.
    pub(super) absent: Vec<Seg>,
}

impl Located<'_> {
    /// Whether the path leads to something.
    pub(super) fn is_there(&self) -> bool {
        self.absent.is_empty()
    }

    /// All steps from the document's value on.
    pub(super) fn all_steps(&self) -> Vec<Seg> {
        self.steps.iter().chain(&self.absent).cloned().collect()
    }
}

/// Follows a path from an object on.
pub(super) fn locate<'s>(
    stream: &'s Stream<'_>,
    object: Span,
    path: &Path,
) -> Result<Located<'s>, Refused> {
    let mut found = value_at(stream, object)?;
    check(stream, found.node)?;
    for step in &path.steps {
        follow(&mut found, step)?;
        check(stream, found.node)?;
    }
    Ok(found)
}

/// The value that is written at a span.
fn value_at<'s>(stream: &'s Stream<'_>, span: Span) -> Result<Located<'s>, Refused> {
    let lost = || Refused::new(span, "there is no value at this place");
    let document = stream.document_at(span.start).ok_or_else(lost)?;
    let mut node = document.root().ok_or_else(lost)?;
    let mut steps = Vec::new();
    while node.span() != span {
        let (step, next) = towards(node, span).ok_or_else(lost)?;
        steps.push(step);
        node = next;
    }
    Ok(Located { document: document.index, steps, node, absent: Vec::new() })
}

/// The child that contains a span.
fn towards(node: Node<'_>, span: Span) -> Option<(Seg, Node<'_>)> {
    let holds = |child: Node<'_>| child.span().start <= span.start && span.end <= child.span().end;
    if node.is_alias() {
        return None;
    }
    let mut entries = node.entries().filter(|entry| !entry.is_merged());
    if let Some(entry) = entries.find(|entry| holds(entry.value())) {
        return Some((Seg::Key(entry.key().into_owned()), entry.value()));
    }
    let (index, item) = node.items().enumerate().find(|(_, item)| holds(*item))?;
    Some((Seg::Index(index), item))
}

fn follow(found: &mut Located<'_>, step: &Step) -> Result<(), Refused> {
    let node = found.node;
    if !found.is_there() || node.is_null() {
        return absent(found, step);
    }
    let wrong = |why: String| Err(Refused::new(node.span(), why));
    let next = match step {
        Step::Key(_) if !node.is_map() => return wrong("this is not a map".to_owned()),
        Step::Index(_) | Step::Pick { .. } if !node.is_list() => {
            return wrong("this is not a list".to_owned());
        }
        Step::Key(key) => node.get(key).map(|value| (Seg::Key(key.clone()), value)),
        Step::Index(index) => node.item(*index).map(|item| (Seg::Index(*index), item)),
        Step::Pick { key, value } => {
            let mut items = node.items().enumerate();
            let is_it = |item: Node<'_>| item.get(key).and_then(Node::text) == Some(value);
            let found = items.find(|(_, item)| is_it(*item));
            found.map(|(index, item)| (Seg::Index(index), item))
        }
    };
    match next {
        Some((step, next)) => {
            found.steps.push(step);
            found.node = next;
            Ok(())
        }
        None => absent(found, step),
    }
}

fn absent(found: &mut Located<'_>, step: &Step) -> Result<(), Refused> {
    if let Step::Key(key) = step {
        found.absent.push(Seg::Key(key.clone()));
        return Ok(());
    }
    let why = "the list has no such item";
    Err(Refused::new(found.node.span(), why))
}

/// Whether an edit of a value changes what is written here, and nothing else.
fn check(stream: &Stream<'_>, node: Node<'_>) -> Result<(), Refused> {
    let way = node.way();
    let why = if node.is_alias() {
        "this is an alias: the value stands elsewhere, and may be used elsewhere"
    } else if way.aliased {
        "this is reached through an alias: an edit would change other places"
    } else if way.merged {
        "a merge key `<<` brings this: it stands in another map"
    } else if way.anchored {
        "this is anchored: an edit would change every place that uses the anchor"
    } else if node.tag().is_some() {
        "this has a tag, which may not fit the new value"
    } else {
        return Ok(());
    };
    let place = if way.aliased && !node.is_alias() { node.value_span() } else { node.span() };
    debug_assert!(place.end <= stream.text().len());
    Err(Refused::new(place, why))
}
