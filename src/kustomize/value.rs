//! A value in the making, of which every part knows the place that set it.

use serde_json::Value as Json;

use crate::diagnostic::Span;
use crate::manifest::{Embedded, Node, Value as Read};
use crate::set::Place;

/// Where a value was set, and how it can be set there anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    /// The place in the file.
    pub(super) place: Place,
    pub(super) how: How,
}

/// How a value is written where it was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// As a value of YAML or JSON, at the place.
    Written,
    /// As a value of YAML that is the text of a scalar: the scalar, and the value in its text.
    Within {
        /// In the file.
        scalar: Span,
        /// In the text.
        inner: Span,
    },
    /// It is the text of a whole file.
    File,
    /// As `key=value`.
    Literal,
    /// As a line of a file of variables.
    Line,
    /// It follows from something else: why it cannot be set there.
    Computed(&'static str),
}

/// Why nothing can be set in a map that a kustomization.yaml made to hold something else.
pub(super) const MADE: &str = "a kustomization.yaml makes it for all objects";

/// A value and its origin.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) data: Data,
    pub(super) origin: Origin,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Data {
    Scalar(Json),
    List(Vec<Value>),
    Map(Map),
}

/// A map in the order of its keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Map {
    pub(super) entries: Vec<(String, Value)>,
    /// What a patch took out, and where.
    pub(super) gone: Vec<(String, Origin)>,
}

/// The text that values are read from.
#[derive(Clone, Copy)]
pub(super) struct Text<'t> {
    pub(super) file: crate::diagnostic::SourceId,
    /// The scalar that holds the text, where it is not the file itself.
    pub(super) within: Option<(&'t Embedded<'t>, Span)>,
}

impl Text<'_> {
    /// The origin of what is written at a span of the text.
    pub(super) fn origin(&self, span: Span) -> Origin {
        let place = |span| Place { source: self.file, span };
        match self.within {
            None => Origin { place: place(span), how: How::Written },
            Some((text, scalar)) => Origin {
                place: place(text.span_to_file(span)),
                how: How::Within { scalar, inner: span },
            },
        }
    }
}

impl Origin {
    /// The same place, where nothing can be set.
    pub(super) fn computed(self, why: &'static str) -> Self {
        Self { how: How::Computed(why), ..self }
    }

    /// Whether something stands within what stands here.
    pub(super) fn holds(self, other: Self) -> bool {
        let within =
            |outer: Span, inner: Span| outer.start <= inner.start && inner.end <= outer.end;
        self.place.source == other.place.source
            && match (self.how, other.how) {
                (How::Written, How::Written) => within(self.place.span, other.place.span),
                (
                    How::Within { scalar, inner },
                    How::Within { scalar: other_scalar, inner: other },
                ) => scalar == other_scalar && within(inner, other),
                _ => false,
            }
    }
}

impl Value {
    /// A value as Kubernetes reads it.
    pub(super) fn read(node: Node<'_>, text: Text<'_>) -> Self {
        let origin = text.origin(node.span());
        let data = if node.is_map() {
            let entries = node.entries();
            let read = |entry: crate::manifest::Entry<'_>| {
                (entry.key().into_owned(), Self::read(entry.value(), text))
            };
            Data::Map(Map { entries: entries.map(read).collect(), gone: Vec::new() })
        } else if node.is_list() {
            Data::List(node.items().map(|item| Self::read(item, text)).collect())
        } else {
            Data::Scalar(scalar(node))
        };
        Self { data, origin }
    }

    pub(super) fn text_of(text: impl Into<String>, origin: Origin) -> Self {
        Self { data: Data::Scalar(Json::String(text.into())), origin }
    }

    pub(super) fn empty_map(origin: Origin) -> Self {
        Self { data: Data::Map(Map::default()), origin }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.data, Data::Scalar(Json::Null))
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar(Json::String(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> &[Value] {
        match &self.data {
            Data::List(items) => items,
            _ => &[],
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.map()?.get(key)
    }

    pub(super) fn at(&self, keys: &[&str]) -> Option<&Value> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    pub(super) fn str_at(&self, keys: &[&str]) -> Option<&str> {
        self.at(keys)?.as_str()
    }

    /// The map that this is made into, where it is none.
    pub(super) fn make_map(&mut self, origin: Origin) -> &mut Map {
        if self.map().is_none() {
            *self = Self::empty_map(if self.is_null() { self.origin } else { origin });
        }
        match &mut self.data {
            Data::Map(map) => map,
            Data::Scalar(_) | Data::List(_) => unreachable!("it was made a map above"),
        }
    }

    /// The value below some keys; maps are made on the way, by whoever stands where `origin` says.
    pub(super) fn make(&mut self, keys: &[&str], origin: Origin) -> &mut Value {
        let origin = match origin.how {
            How::Computed(_) => origin,
            _ => origin.computed(MADE),
        };
        keys.iter().fold(self, |value, key| {
            let map = value.make_map(origin);
            map.entry(key, origin)
        })
    }

    pub(super) fn json(&self) -> Json {
        match &self.data {
            Data::Scalar(value) => value.clone(),
            Data::List(items) => items.iter().map(Self::json).collect(),
            Data::Map(map) => {
                let entries = map.entries.iter();
                entries.map(|(key, value)| (key.clone(), value.json())).collect()
            }
        }
    }

    /// Whether all of it stands where it itself does.
    pub(super) fn is_of_one_piece(&self) -> bool {
        let inside = |child: &Self| self.origin.holds(child.origin) && child.is_of_one_piece();
        match &self.data {
            Data::Scalar(_) => true,
            Data::List(items) => items.iter().all(inside),
            Data::Map(map) => {
                map.gone.is_empty() && map.entries.iter().all(|(_, child)| inside(child))
            }
        }
    }
}

impl Map {
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|(other, _)| other == key).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.entries.iter_mut().find(|(other, _)| other == key).map(|(_, value)| value)
    }

    /// The value of a key, an empty one where there is none.
    fn entry(&mut self, key: &str, origin: Origin) -> &mut Value {
        let known = self.entries.iter().position(|(other, _)| other == key);
        let index = known.unwrap_or_else(|| {
            let nothing = Value { data: Data::Scalar(Json::Null), origin };
            self.entries.push((key.to_owned(), nothing));
            self.entries.len() - 1
        });
        &mut self.entries[index].1
    }

    pub(super) fn set(&mut self, key: &str, value: Value) {
        self.gone.retain(|(other, _)| other != key);
        let origin = value.origin;
        *self.entry(key, origin) = value;
    }

    /// Takes a key out, and remembers who did.
    pub(super) fn take_out(&mut self, key: &str, origin: Origin) -> Option<Value> {
        let index = self.entries.iter().position(|(other, _)| other == key);
        self.gone.retain(|(other, _)| other != key);
        self.gone.push((key.to_owned(), origin));
        index.map(|index| self.entries.remove(index).1)
    }
}

/// A scalar as Kubernetes gets it.
fn scalar(node: Node<'_>) -> Json {
    match node.value() {
        Some(Read::Text(text)) => text.into(),
        Some(Read::Int(number)) => number.into(),
        Some(Read::Float(number)) => number.into(),
        Some(Read::Bool(truth)) => truth.into(),
        Some(Read::Null) | None => Json::Null,
    }
}
