//! All edits of a text, joined: for each document what is to become of it.

use serde_json::Value;

use crate::diagnostic::{Edit, NginxChange, Span, ValueChange};
use crate::manifest::{self, Document, Path, Stream};

use super::change::{Change, Clash, END, Rewritten, Seg, difference};
use super::locate::{Located, locate};
use super::style::Blocks;
use super::{Refused, nginx, splice, values};

/// What is to become of each document that is changed at all, in order.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) documents: Vec<(usize, Change)>,
}

impl Plan {
    /// What becomes of a document.
    pub(super) fn of(&self, document: usize) -> Option<&Change> {
        let mut documents = self.documents.iter();
        documents.find(|(index, _)| *index == document).map(|(_, change)| change)
    }

    fn join(&mut self, document: usize, place: Span, change: Change) -> Result<(), Refused> {
        let clash = |_: Clash| Refused::new(place, "two edits want different things of one value");
        let mut documents = self.documents.iter_mut();
        if let Some((_, known)) = documents.find(|(index, _)| *index == document) {
            return known.join(change).map_err(clash);
        }
        self.documents.push((document, change));
        Ok(())
    }
}

/// What is to be changed in the text of one scalar.
#[derive(Debug, Default)]
struct Texts<'e> {
    nginx: Vec<&'e NginxChange>,
    json: Vec<(&'e Path, &'e Value)>,
    yaml: Vec<(Span, &'e ValueChange)>,
}

/// The scalars whose texts are changed.
type Scalars<'s, 'e> = Vec<(Located<'s>, Texts<'e>)>;

/// Joins the edits of a text, which has no problems.
pub(super) fn plan(stream: &Stream<'_>, edits: &[&Edit]) -> Result<Plan, Refused> {
    let mut plan = Plan::default();
    let mut scalars: Scalars<'_, '_> = Vec::new();
    for edit in edits {
        take(stream, edit, &mut plan, &mut scalars)?;
    }
    for (place, texts) in scalars {
        let change = Change { text: Some(rewritten(&place, &texts)?), ..Change::default() };
        let span = place.node.span();
        plan.join(place.document, span, change.below(place.all_steps()))?;
    }
    plan.documents.retain(|(_, change)| !change.is_empty());
    for (document, _) in &plan.documents {
        refuse_duplicates(stream, *document)?;
    }
    Ok(plan)
}

fn take<'s, 'e>(
    stream: &'s Stream<'_>,
    edit: &'e Edit,
    plan: &mut Plan,
    scalars: &mut Scalars<'s, 'e>,
) -> Result<(), Refused> {
    match edit {
        Edit::Nginx { scalar, change } => {
            // The path is empty, but what it ends at is looked at.
            let place = locate(stream, scalar.unwrap_or_default(), &Path::default())?;
            let changes = &mut at(scalars, place).nginx;
            // Several findings may be ended by the same lines.
            if !changes.contains(&change) {
                changes.push(change);
            }
        }
        Edit::Within { scalar, object, change } => {
            let place = locate(stream, *scalar, &Path::default())?;
            at(scalars, place).yaml.push((*object, change));
        }
        Edit::Value { object, change } => {
            if let ValueChange::SetJson { path, inside, value } = change {
                let place = locate(stream, *object, path)?;
                at(scalars, place).json.push((inside, value));
                return Ok(());
            }
            let (place, change) = value_change(stream, *object, change)?;
            plan.join(place.document, place.node.span(), change)?;
        }
    }
    Ok(())
}

/// What is to be changed in the text of the scalar at a place.
fn at<'t, 's, 'e>(texts: &'t mut Scalars<'s, 'e>, place: Located<'s>) -> &'t mut Texts<'e> {
    let is_it = |(other, _): &(Located<'_>, Texts<'_>)| {
        other.node.span() == place.node.span() && other.absent == place.absent
    };
    let index = texts.iter().position(is_it).unwrap_or_else(|| {
        texts.push((place, Texts::default()));
        texts.len() - 1
    });
    &mut texts[index].1
}

fn value_change<'s>(
    stream: &'s Stream<'_>,
    object: Span,
    change: &ValueChange,
) -> Result<(Located<'s>, Change), Refused> {
    let (ValueChange::Set { path, .. }
    | ValueChange::Remove { path }
    | ValueChange::Append { path, .. }
    | ValueChange::Insert { path, .. }
    | ValueChange::Rename { path, .. }
    | ValueChange::SetJson { path, .. }) = change;
    let place = locate(stream, object, path)?;
    let node = place.node;
    let is_there = place.is_there();
    let leaf = match change {
        ValueChange::Set { value, .. } if is_there => difference(node, value),
        ValueChange::Set { value, .. } => Change::made(value.clone()),
        ValueChange::Remove { .. } if !is_there => return Ok((place, Change::default())),
        ValueChange::Remove { .. } if place.steps.is_empty() => {
            let why = "a whole document is not removed";
            return Err(Refused::new(node.span(), why));
        }
        ValueChange::Remove { .. } => Change::gone(),
        ValueChange::Append { value, .. } => added(&place, END, value)?,
        ValueChange::Insert { index, value, .. } => added(&place, *index, value)?,
        ValueChange::Rename { to, .. } => return renamed(stream, object, path, to),
        ValueChange::SetJson { .. } => Change::default(),
    };
    if leaf.is_empty() {
        return Ok((place, leaf));
    }
    let steps = place.all_steps();
    Ok((place, leaf.below(steps)))
}

fn added(place: &Located<'_>, index: usize, value: &Value) -> Result<Change, Refused> {
    let node = place.node;
    if !place.is_there() || node.is_null() {
        return Ok(Change::to(Value::Array(vec![value.clone()])));
    }
    if !node.is_list() {
        return Err(Refused::new(node.span(), "this is not a list"));
    }
    let count = node.items().count();
    let index = if index >= count { END } else { index };
    Ok(Change { added: vec![(index, value.clone())], ..Change::default() })
}

fn renamed<'s>(
    stream: &'s Stream<'_>,
    object: Span,
    path: &Path,
    to: &str,
) -> Result<(Located<'s>, Change), Refused> {
    let place = locate(stream, object, path)?;
    let mut parent = path.clone();
    parent.steps.pop();
    let map = locate(stream, object, &parent)?.node;
    let Some(Seg::Key(key)) = place.steps.last().filter(|_| place.is_there()) else {
        return Ok((place, Change::default()));
    };
    if key == to {
        return Ok((place, Change::default()));
    }
    if let Some(other) = map.key_span(to) {
        let why = format!("the map has `{to}` already");
        return Err(Refused::new(other, why));
    }
    let change = Change { key: Some(to.to_owned()), ..Change::default() };
    let change = change.below(place.steps.clone());
    Ok((place, change))
}

/// The text of a scalar with its changes.
fn rewritten(place: &Located<'_>, texts: &Texts<'_>) -> Result<Rewritten, Refused> {
    let span = place.node.span();
    let text = place.node.as_str().filter(|_| place.is_there());
    let text = text.ok_or_else(|| Refused::new(span, "there is no text here"))?;
    let is_json = !texts.json.is_empty();
    let kinds = [is_json, !texts.nginx.is_empty(), !texts.yaml.is_empty()];
    if kinds.iter().filter(|is| **is).count() > 1 {
        let why = "a text is either JSON, YAML or an nginx configuration";
        return Err(Refused::new(span, why));
    }
    let inner = |refused: Refused| {
        let place = place.node.embedded();
        let span = place.map_or(span, |text| text.span_to_file(refused.span));
        Refused { span, ..refused }
    };
    let splices = if is_json {
        json_splices(text, &texts.json).map_err(|why| Refused::new(span, why))?
    } else if texts.yaml.is_empty() {
        nginx::splices(text, &texts.nginx).map_err(inner)?
    } else {
        yaml_splices(text, &texts.yaml).map_err(inner)?
    };
    Ok(Rewritten { text: splice::applied(text, &splices), splices, is_json })
}

/// The same engine, on the text inside.
fn yaml_splices(
    text: &str,
    changes: &[(Span, &ValueChange)],
) -> Result<Vec<super::Splice>, Refused> {
    let edit = |(object, change): &(Span, &ValueChange)| Edit::Value {
        object: *object,
        change: (*change).clone(),
    };
    let edits: Vec<Edit> = changes.iter().map(edit).collect();
    super::apply(text, &edits).map(|applied| applied.splices)
}

/// The same engine, on the text inside: JSON is YAML.
fn json_splices(text: &str, changes: &[(&Path, &Value)]) -> Result<Vec<super::Splice>, String> {
    check_json(text)?;
    let stream = manifest::read(text);
    let root = stream.document(0).and_then(Document::root);
    let root = root.ok_or("this is not JSON")?;
    let mut plan = Plan::default();
    for (path, value) in changes {
        let change = ValueChange::Set { path: (*path).clone(), value: (*value).clone() };
        let (place, change) =
            value_change(&stream, root.span(), &change).map_err(|refused| refused.why)?;
        plan.join(0, place.node.span(), change).map_err(|refused| refused.why)?;
    }
    let written =
        values::write(&stream, &plan, true, Blocks::Avoided).map_err(|refused| refused.why)?;
    check_json(&splice::applied(text, &written.splices))?;
    Ok(written.splices)
}

fn check_json(text: &str) -> Result<(), String> {
    let outcome = manifest::json::read(text);
    outcome.map_or_else(|error| Err(format!("this is not JSON: {}", error.message)), |_| Ok(()))
}

/// A key that comes twice: readers differ in which one counts.
fn refuse_duplicates(stream: &Stream<'_>, document: usize) -> Result<(), Refused> {
    let Some(document) = stream.document(document) else {
        return Ok(());
    };
    let within = |place: Span| document.span.start <= place.start && place.end <= document.span.end;
    let duplicate = stream.duplicates().find(|twin| within(twin.again));
    duplicate.map_or(Ok(()), |twin| {
        let why = format!("the document has the key `{}` twice in one map", twin.key);
        Err(Refused::new(twin.again, why))
    })
}
