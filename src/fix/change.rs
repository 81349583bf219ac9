//! What is to become of a value: all edits of a document, joined into one tree.

use serde_json::{Map, Value};

use crate::manifest::{Entry, Node, Value as Read};

use super::Splice;

/// A step to a value, worked out: lists are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seg {
    /// Under a key of a map.
    Key(String),
    /// An item of a list.
    Index(usize),
}

/// What becomes of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum New {
    /// This.
    Value(Value),
    /// Nothing: it goes.
    Gone,
}

/// A text that is written in a scalar, changed in places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rewritten {
    /// The places, in the text.
    pub(super) splices: Vec<Splice>,
    /// The text afterwards.
    pub(super) text: String,
    /// Comments of the text that went, by where they began.
    pub(super) is_json: bool,
}

/// What is to become of a value and of what it contains.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Change {
    pub(super) new: Option<New>,
    /// The new name of the key that it stands under.
    pub(super) key: Option<String>,
    pub(super) text: Option<Rewritten>,
    /// Of a map or a list: what becomes of its values. A key that is not there is added.
    pub(super) inside: Vec<(Seg, Change)>,
    /// Of a list: new items, each before the item of this number, or at the end.
    pub(super) added: Vec<(usize, Value)>,
}

/// At the end of a list.
pub(super) const END: usize = usize::MAX;

/// Two edits want different things of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clash;

impl Change {
    pub(super) fn to(value: Value) -> Self {
        Self { new: Some(New::Value(value)), ..Self::default() }
    }

    pub(super) fn gone() -> Self {
        Self { new: Some(New::Gone), ..Self::default() }
    }

    /// What becomes of a value that is not there: a map is made entry by entry, so that others can add to it.
    pub(super) fn made(value: Value) -> Self {
        match value {
            Value::Object(map) if !map.is_empty() => Self {
                inside: map
                    .into_iter()
                    .map(|(key, value)| (Seg::Key(key), Self::made(value)))
                    .collect(),
                ..Self::default()
            },
            value => Self::to(value),
        }
    }

    /// The same, as a change of what contains the value.
    pub(super) fn below(self, steps: Vec<Seg>) -> Self {
        steps
            .into_iter()
            .rev()
            .fold(self, |change, step| Self { inside: vec![(step, change)], ..Self::default() })
    }

    pub(super) fn is_empty(&self) -> bool {
        self == &Self::default()
    }

    pub(super) fn is_gone(&self) -> bool {
        self.new == Some(New::Gone)
    }

    pub(super) fn inside(&self, step: &Seg) -> Option<&Change> {
        let mut inside = self.inside.iter();
        inside.find(|(other, _)| other == step).map(|(_, change)| change)
    }

    /// Takes in another change of the same value.
    pub(super) fn join(&mut self, other: Self) -> Result<(), Clash> {
        if *self == other || other.is_empty() {
            return Ok(());
        }
        if self.is_empty() {
            *self = other;
            return Ok(());
        }
        let settled = |change: &Self| change.new.is_some() || change.text.is_some();
        let alone = |change: &Self| change.inside.is_empty() && change.added.is_empty();
        if settled(self) && settled(&other)
            || settled(self) && !alone(&other)
            || settled(&other) && !alone(self)
            || self.is_gone()
            || other.is_gone()
        {
            return Err(Clash);
        }
        match (&self.key, other.key) {
            (Some(one), Some(two)) if *one != two => return Err(Clash),
            (None, Some(key)) => self.key = Some(key),
            _ => {}
        }
        self.new = self.new.take().or(other.new);
        self.text = self.text.take().or(other.text);
        self.added.extend(other.added);
        for (step, change) in other.inside {
            match self.inside.iter_mut().find(|(known, _)| *known == step) {
                Some((_, known)) => known.join(change)?,
                None => self.inside.push((step, change)),
            }
        }
        Ok(())
    }

    /// What a value is afterwards; `None` if it is not what the change was made for.
    pub(super) fn applied(&self, value: Value) -> Option<Value> {
        if let Some(New::Value(new)) = &self.new {
            return Some(new.clone());
        }
        if let Some(text) = &self.text {
            return value.is_string().then(|| text.text.clone().into());
        }
        if self.inside.is_empty() && self.added.is_empty() {
            return Some(value);
        }
        match value {
            Value::Array(items) => self.list(items),
            Value::Null if !self.added.is_empty() => self.list(Vec::new()),
            Value::Null => self.map(Map::new()),
            Value::Object(map) => self.map(map),
            _ => None,
        }
    }

    fn map(&self, mut map: Map<String, Value>) -> Option<Value> {
        for (step, change) in &self.inside {
            let Seg::Key(key) = step else {
                return None;
            };
            let old = map.get(key).cloned();
            if change.is_gone() || change.key.is_some() {
                map.shift_remove(key)?;
            }
            if !change.is_gone() {
                let name = change.key.as_ref().unwrap_or(key);
                map.insert(name.clone(), change.applied(old.unwrap_or_default())?);
            }
        }
        Some(Value::Object(map))
    }

    fn list(&self, items: Vec<Value>) -> Option<Value> {
        let count = items.len();
        let mut list = Vec::with_capacity(count + self.added.len());
        let new = |wanted: usize| {
            let added = self.added.iter();
            let fits = move |(at, _): &&(usize, Value)| *at == wanted;
            added.filter(fits).map(|(_, value)| value.clone())
        };
        for (index, item) in items.into_iter().enumerate() {
            list.extend(new(index));
            match self.inside(&Seg::Index(index)) {
                Some(change) if change.is_gone() => {}
                Some(change) => list.push(change.applied(item)?),
                None => list.push(item),
            }
        }
        list.extend(new(END));
        let known = |(step, _): &(Seg, Change)| matches!(step, Seg::Index(at) if *at < count);
        self.inside.iter().all(known).then_some(Value::Array(list))
    }
}

/// A value as Kubernetes reads it. Numbers that JSON does not have become text.
pub(super) fn value_of(node: Node<'_>) -> Value {
    if node.is_map() {
        let entries = node.entries();
        return entries.map(|entry| (entry.key().into_owned(), value_of(entry.value()))).collect();
    }
    if node.is_list() {
        return node.items().map(value_of).collect();
    }
    match node.value() {
        None | Some(Read::Null) => Value::Null,
        Some(Read::Bool(truth)) => truth.into(),
        Some(Read::Int(number)) => number.into(),
        Some(Read::Float(number)) if number.is_finite() => number.into(),
        Some(Read::Float(number)) => format!("\0{number}").into(),
        Some(Read::Text(text)) => text.into(),
    }
}

/// What has to be changed of a value for it to become another.
pub(super) fn difference(node: Node<'_>, wanted: &Value) -> Change {
    if value_of(node) == *wanted {
        return Change::default();
    }
    match wanted {
        Value::Object(map) if is_own(node) && node.is_map() => map_difference(node, map),
        Value::Array(items) if is_own(node) && node.is_list() => list_difference(node, items),
        _ => Change::to(wanted.clone()),
    }
}

/// Whether it has entries or items, all written in it.
fn is_own(node: Node<'_>) -> bool {
    let mut children = node.items().chain(node.entries().map(Entry::value)).peekable();
    children.peek().is_some() && children.all(|child| child.way().is_plain())
}

fn map_difference(node: Node<'_>, wanted: &Map<String, Value>) -> Change {
    let mut inside: Vec<(Seg, Change)> = Vec::new();
    for entry in node.entries() {
        let key = entry.key().into_owned();
        let change = wanted.get(&key);
        let change = change.map_or_else(Change::gone, |value| difference(entry.value(), value));
        if !change.is_empty() {
            inside.push((Seg::Key(key), change));
        }
    }
    let new = wanted.iter().filter(|(key, _)| node.get(key).is_none());
    inside.extend(new.map(|(key, value)| (Seg::Key(key.clone()), Change::to(value.clone()))));
    Change { inside, ..Change::default() }
}

fn list_difference(node: Node<'_>, wanted: &[Value]) -> Change {
    let items: Vec<Node<'_>> = node.items().collect();
    let same = |(item, value): &(&Node<'_>, &Value)| value_of(**item) == **value;
    let head = items.iter().zip(wanted).take_while(same).count();
    let rest = items[head..].iter().rev().zip(wanted[head..].iter().rev());
    let tail = rest.take_while(same).count();
    let (old, new) = (&items[head..items.len() - tail], &wanted[head..wanted.len() - tail]);
    let mut change = Change::default();
    for (offset, item) in old.iter().enumerate() {
        let of_item = new.get(offset).map_or_else(Change::gone, |value| difference(*item, value));
        if !of_item.is_empty() {
            change.inside.push((Seg::Index(head + offset), of_item));
        }
    }
    let before = if tail == 0 { END } else { items.len() - tail };
    let more = new.iter().skip(old.len());
    change.added = more.map(|value| (before, value.clone())).collect();
    change
}
