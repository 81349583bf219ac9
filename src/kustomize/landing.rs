//! From a difference in what was built back to the file where it is to be taken away.
//!
//! A value that is there is changed where it was set. A field that nobody sets goes into the partial manifest that
//! the built kustomization.yaml lays over this one object, if there is one and the field can be said there; else to
//! where the object itself is.

use serde_json::{Map as JsonMap, Value as Json};

use super::build::Built;
use super::configuration;
use super::generate::GENERATED;
use super::merge::keys_of;
use super::references;
use super::resource::Resource;
use super::value::{Data, How, MADE, Origin, Value};
use crate::diagnostic::{Edit, SourceId, Sources, ValueChange};
use crate::kube::Object;
use crate::manifest::{self, Node, Path, Step};
use crate::set::Place;

/// Where a difference in what was built is, and how it is taken away.
#[derive(Debug, Clone)]
pub struct Landing {
    /// What sets the value, or the block that it belongs into.
    pub place: Place,
    /// What takes the difference away.
    pub outcome: Result<Addition, Unset>,
}

/// An edit, which may need a new file.
#[derive(Debug, Clone)]
pub struct Addition {
    /// The text that is edited.
    pub source: SourceId,
    /// The edit.
    pub edit: Edit,
    /// A new file beside the edited one: its name, and its text.
    pub file: Option<(String, String)>,
}

/// Why a difference is left to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unset {
    /// Lower case, no full stop.
    pub why: &'static str,
}

/// Where a field goes that nobody sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lay {
    /// Into the partial manifest that the built kustomization.yaml lays over the object, if there is one.
    #[default]
    Over,
    /// To where the object is, whoever else builds from it.
    Under,
}

/// What is wanted at the end of a path.
#[derive(Debug, Clone, Copy)]
enum Wanted<'e> {
    Set(&'e Json),
    Append(&'e Json),
}

impl Built {
    /// Where the object is written that begins at a byte of the text; of a generated one, what generates it.
    pub fn home(&self, start: usize) -> Option<Place> {
        let resource = self.resource(start)?;
        let named = resource.value.at(&["metadata", "name"]);
        Some(resource.generated.or(named.map(|name| name.origin))?.place)
    }

    /// The kustomization that brought a file in.
    pub fn layer_of(&self, source: SourceId) -> Option<usize> {
        self.owners.get(&source).copied()
    }

    /// The name under which an object has to be added beside the kustomization.yaml that is built, to have another in
    /// the end; `None` if it cannot have that.
    pub fn name_before(&self, sources: &Sources, name: &str) -> Option<String> {
        let source = self.layers.first()?.source;
        let stream = manifest::read(&sources.get(source).text);
        let root = super::tree::root(&stream)?;
        let text = |key| root.get(key).and_then(Node::as_str).unwrap_or_default();
        let rest = name.strip_prefix(text("namePrefix"))?;
        rest.strip_suffix(text("nameSuffix")).map(str::to_owned)
    }

    pub(super) fn resource(&self, start: usize) -> Option<&Resource> {
        let index = self.starts.iter().position(|other| *other == start)?;
        self.resources.get(index)
    }

    /// Where an edit of an object that was built has to be made, and where the place is that it was made for.
    pub fn landing(
        &self,
        sources: &Sources,
        object: &Object<'_>,
        edit: &Edit,
        (there, lay): (Option<Place>, Lay),
    ) -> Option<Landing> {
        let resource = self.resource(object.node.span().start)?;
        match edit {
            Edit::Nginx { scalar, change } => {
                configuration::landing(sources, resource, object, (*scalar)?, change, there)
            }
            Edit::Value { change: ValueChange::Set { path, value }, .. } => {
                let value = self.before(resource, &path.steps, value);
                Some(self.value(sources, resource, &path.steps, (Wanted::Set(&value), lay)))
            }
            Edit::Value { change: ValueChange::Append { path, value }, .. } => {
                let value = self.before(resource, &path.steps, value);
                Some(self.value(sources, resource, &path.steps, (Wanted::Append(&value), lay)))
            }
            Edit::Value { change: ValueChange::SetJson { path, inside, value }, .. } => {
                let trail = trail(&resource.value, &path.steps);
                let last = trail.last().filter(|_| trail.len() > path.steps.len())?;
                let (path, inside, value) = (Path::default(), inside.clone(), value.clone());
                let outcome = at(last.origin, ValueChange::SetJson { path, inside, value });
                Some(Landing { place: last.origin.place, outcome })
            }
            Edit::Value { .. } | Edit::Within { .. } => None,
        }
    }

    /// A value as it is to be written for Kustomize to make this one of it: the names of others as those are written,
    /// which it follows.
    fn before(&self, resource: &Resource, steps: &[Step], value: &Json) -> Json {
        let key = |step: &Step| match step {
            Step::Key(key) => Some(key.clone()),
            _ => None,
        };
        let keys: Vec<String> = steps.iter().filter_map(key).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let written = |kind: &str, name: &str| {
            let is_it = |one: &&Resource| one.kind() == kind && one.name() == name;
            let found = self.resources.iter().find(is_it)?;
            Some(found.original().0.to_owned())
        };
        references::before(resource.kind(), &keys, value.clone(), &written)
    }

    fn value(
        &self,
        sources: &Sources,
        resource: &Resource,
        steps: &[Step],
        (wanted, lay): (Wanted<'_>, Lay),
    ) -> Landing {
        let trail = trail(&resource.value, steps);
        let last = trail.last().copied().unwrap_or(&resource.value);
        let rest = &steps[trail.len() - 1..];
        if let (Wanted::Set(value), []) = (wanted, rest) {
            return Landing { place: last.origin.place, outcome: replaced(last, value) };
        }
        let place = first_line(sources, last.origin.place);
        if rest.is_empty() && is_patched(resource.kind(), last, steps) {
            let outcome = Err(Unset { why: "a JSON patch changes items of this list" });
            return Landing { place, outcome };
        }
        if let Some(origin) = rest.first().and_then(|step| taken_out(last, step)) {
            let value = nested(&rest[1..], wanted, None);
            let outcome = set(origin, Path::default(), &value);
            return Landing { place: origin.place, outcome };
        }
        let made = trail.iter().rposition(|value| value.origin.how != How::Computed(MADE));
        let depth = made.unwrap_or_default();
        if trail[depth].origin.how == How::Computed(GENERATED) {
            return Landing { place, outcome: generated(sources, resource, steps, wanted) };
        }
        let over = (lay == Lay::Over)
            .then(|| self.in_patch(resource, steps, trail[depth].origin, wanted))
            .flatten();
        if let Some((origin, added)) = over {
            return Landing { place: first_line(sources, origin.place), outcome: Ok(added) };
        }
        Landing { place, outcome: absent(trail[depth].origin, &steps[depth..], wanted) }
    }

    /// The edit of the partial manifest that the built kustomization.yaml lays over this object, where it is a base
    /// that would be changed otherwise.
    fn in_patch(
        &self,
        resource: &Resource,
        steps: &[Step],
        origin: Origin,
        wanted: Wanted<'_>,
    ) -> Option<(Origin, Addition)> {
        if self.layer_of(origin.place.source) == Some(0) {
            return None;
        }
        let own = |patch: &&super::resource::Applied| patch.layer == 0 && patch.is_sole;
        let patch = resource.patches.iter().find(own)?;
        let appends = matches!(wanted, Wanted::Append(_));
        let is_whole = appends && names_of(resource.kind(), steps, steps.len()).is_empty();
        if is_whole || !is_mergeable(resource.kind(), steps) {
            return None;
        }
        let trail = trail(&patch.root, steps);
        let known = trail.len() - 1;
        let (last, rest) = (trail.last()?, &steps[known..]);
        let keys = rest.iter().take_while(|step| matches!(step, Step::Key(_))).count();
        let value = nested(&rest[keys..], wanted, Some((resource, steps)));
        let added = match (wanted, rest) {
            (Wanted::Append(item), []) => append(last.origin, Path::default(), item),
            (Wanted::Set(_), []) => return None,
            (_, [Step::Pick { .. }, ..]) => {
                append(last.origin, Path::default(), value.as_array()?.first()?)
            }
            _ => set(last.origin, rest[..keys].iter().cloned().collect(), &value),
        };
        added.ok().map(|added| (last.origin, added))
    }
}

/// Whether a list without names has items that stand elsewhere: what it is written with is not what it is.
fn is_patched(kind: &str, list: &Value, steps: &[Step]) -> bool {
    let is_elsewhere = |item: &Value| !list.origin.holds(item.origin);
    names_of(kind, steps, steps.len()).is_empty() && list.items().iter().any(is_elsewhere)
}

/// Whether a partial manifest can say what a path leads to. A list without names it could only say as a whole, and
/// with another name it would say another item.
fn is_mergeable(kind: &str, steps: &[Step]) -> bool {
    let fits = |(index, step): (usize, &Step)| match step {
        Step::Key(_) => true,
        Step::Index(_) => false,
        Step::Pick { key, .. } => {
            let keys = names_of(kind, steps, index);
            let renames = matches!(steps.get(index + 1), Some(Step::Key(next)) if keys.contains(&next.as_str()));
            keys.contains(&key.as_str()) && !renames
        }
    };
    steps.iter().enumerate().all(fits)
}

/// The keys that tell the items apart of the list that a step picks from.
fn names_of(kind: &str, steps: &[Step], index: usize) -> &'static [&'static str] {
    match index.checked_sub(1).map(|before| &steps[before]) {
        Some(Step::Key(list)) => keys_of(kind, list).unwrap_or_default(),
        _ => &[],
    }
}

/// The values on the way, from the whole to the last one that is there.
fn trail<'v>(root: &'v Value, steps: &[Step]) -> Vec<&'v Value> {
    let mut trail = vec![root];
    for step in steps {
        match step_into(trail[trail.len() - 1], step) {
            Some(next) => trail.push(next),
            None => break,
        }
    }
    trail
}

fn step_into<'v>(value: &'v Value, step: &Step) -> Option<&'v Value> {
    match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.items().get(*index),
        Step::Pick { key, value: wanted } => value
            .items()
            .iter()
            .find(|item| item.get(key).and_then(scalar_text).as_ref() == Some(wanted)),
    }
}

fn scalar_text(value: &Value) -> Option<String> {
    match &value.data {
        Data::Scalar(Json::String(text)) => Some(text.clone()),
        Data::Scalar(other) => Some(other.to_string()),
        _ => None,
    }
}

/// Who took a key out.
fn taken_out(map: &Value, step: &Step) -> Option<Origin> {
    let Step::Key(key) = step else {
        return None;
    };
    map.map()?.gone.iter().find(|(other, _)| other == key).map(|(_, origin)| *origin)
}

/// The edit after which a value that is there is another.
fn replaced(value: &Value, new: &Json) -> Result<Addition, Unset> {
    if !value.is_of_one_piece() {
        return Err(Unset { why: "several places set parts of it" });
    }
    set(value.origin, Path::default(), new)
}

/// The edit after which there is a field below a value.
fn absent(origin: Origin, rest: &[Step], wanted: Wanted<'_>) -> Result<Addition, Unset> {
    let is_key = |step: &Step| matches!(step, Step::Key(_));
    if !rest.iter().all(is_key) {
        return Err(Unset { why: "the list that it belongs into is not there" });
    }
    let path: Path = rest.iter().cloned().collect();
    match wanted {
        Wanted::Set(value) => set(origin, path, value),
        Wanted::Append(item) => append(origin, path, item),
    }
}

/// What stands below some steps, as one value. An item of a list keeps the names by which it is known, which the
/// object tells that was built.
fn nested(rest: &[Step], wanted: Wanted<'_>, of: Option<(&Resource, &[Step])>) -> Json {
    let Some((first, inner)) = rest.split_first() else {
        return match wanted {
            Wanted::Set(value) => value.clone(),
            Wanted::Append(item) => Json::Array(vec![item.clone()]),
        };
    };
    let inside = nested(inner, wanted, of);
    match first {
        Step::Key(key) => Json::Object(std::iter::once((key.clone(), inside)).collect()),
        Step::Index(_) => inside,
        Step::Pick { key, value } => {
            let named = of.and_then(|(resource, steps)| names(resource, steps, rest.len()));
            let mut item = named.unwrap_or_default();
            if item.is_empty() {
                item.insert(key.clone(), value.clone().into());
            }
            item.extend(inside.as_object().cloned().into_iter().flatten());
            Json::Array(vec![Json::Object(item)])
        }
    }
}

/// The names of the item of a list that a path picks where so many of its steps are left.
fn names(resource: &Resource, steps: &[Step], left: usize) -> Option<JsonMap<String, Json>> {
    let index = steps.len().checked_sub(left)?;
    let item = *trail(&resource.value, &steps[..=index]).get(index + 1)?;
    let keys = names_of(resource.kind(), steps, index).iter();
    let named = keys.filter_map(|key| Some(((*key).to_owned(), item.get(key)?.json())));
    Some(named.collect())
}

/// Something new in a ConfigMap that is generated: said to the generator.
fn generated(
    sources: &Sources,
    resource: &Resource,
    steps: &[Step],
    wanted: Wanted<'_>,
) -> Result<Addition, Unset> {
    let unset = Unset { why: GENERATED };
    let entry = resource.generated.ok_or(unset)?;
    let keys: Option<Vec<&str>> = steps
        .iter()
        .map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let (keys, Wanted::Set(value)) = (keys.ok_or(unset)?, wanted) else {
        return Err(unset);
    };
    match keys[..] {
        ["metadata", "labels" | "annotations", ..] => {
            let options = std::iter::once("options").chain(keys[1..].iter().copied());
            set(entry, Path::of_keys(&options.collect::<Vec<_>>()), value)
        }
        ["data", name] if !sources.get(entry.place.source).name.is_empty() => {
            let text = value.as_str().ok_or(unset)?;
            let added = append(entry, Path::of_keys(&["files"]), &name.into())?;
            Ok(Addition { file: Some((name.to_owned(), text.to_owned())), ..added })
        }
        _ => Err(unset),
    }
}

fn set(origin: Origin, path: Path, value: &Json) -> Result<Addition, Unset> {
    at(origin, ValueChange::Set { path, value: value.clone() })
}

fn append(origin: Origin, path: Path, item: &Json) -> Result<Addition, Unset> {
    at(origin, ValueChange::Append { path, value: item.clone() })
}

/// A change of what stands at an origin.
fn at(origin: Origin, change: ValueChange) -> Result<Addition, Unset> {
    let source = origin.place.source;
    let edit = match origin.how {
        How::Written => Edit::Value { object: origin.place.span, change },
        How::Within { scalar, inner } => Edit::Within { scalar, object: inner, change },
        How::File | How::Literal => return Err(Unset { why: "it is a text as a whole" }),
        How::Line => return Err(Unset { why: "a file of variables sets it" }),
        How::Computed(why) => return Err(Unset { why }),
    };
    Ok(Addition { source, edit, file: None })
}

/// The first line of a block that is too large to be shown.
pub(super) fn first_line(sources: &Sources, place: Place) -> Place {
    let text = &sources.get(place.source).text[place.span.start..place.span.end];
    let end = text.find('\n').map_or(place.span.end, |length| place.span.start + length);
    Place { span: (place.span.start..end).into(), ..place }
}
