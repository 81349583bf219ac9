//! A value in a stream, and how to look at it.
//!
//! A [`Node`] is two words and a few flags: copy it. Aliases are followed where they
//! stand, so that a rule never meets one; the node remembers the way it was reached by,
//! because an edit there would change other places.

use std::borrow::Cow;

use crate::diagnostic::Span;

use super::embedded::Embedded;
use super::flatten::Pair;
use super::scalar::{Scalar, Value};
use super::stream::Stream;
use super::tape::{FLAT, Style};

/// How a value was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Way {
    /// Through an alias: the text of the value is elsewhere.
    pub aliased: bool,
    /// Through a merge key: the entry is in another map.
    pub merged: bool,
    /// It or a parent has an anchor: aliases elsewhere show the same value.
    pub anchored: bool,
}

impl Way {
    /// Whether changing the value changes what is written here, and nothing else.
    pub fn is_plain(self) -> bool {
        self == Self::default()
    }
}

/// A value.
#[derive(Debug, Clone, Copy)]
pub struct Node<'s> {
    pub(super) stream: &'s Stream<'s>,
    /// The value itself.
    pub(super) cell: u32,
    /// Where it stands: the alias, if it is one.
    place: u32,
    way: Way,
}

impl<'s> Node<'s> {
    pub(super) fn root(stream: &'s Stream<'s>, cell: u32) -> Self {
        Self::reached(stream, cell, Way::default())
    }

    fn reached(stream: &'s Stream<'s>, place: u32, mut way: Way) -> Self {
        let cell = stream.tape.resolved(place);
        way.aliased |= cell != place;
        let anchor = stream.tape.properties_of(cell);
        way.anchored |= anchor.is_some_and(|found| found.anchor.is_some());
        Self { stream, cell, place, way }
    }

    fn child(self, place: u32) -> Self {
        Self::reached(self.stream, place, self.way)
    }

    fn found(self) -> super::tape::Cell {
        self.stream.tape.cells[self.cell as usize]
    }

    /// The stream that it is part of.
    pub fn stream(self) -> &'s Stream<'s> {
        self.stream
    }

    /// The value as written, with quotes or brackets, without anchor and tag. Empty,
    /// behind the colon or the dash, for a value that is not there. For an alias, the
    /// alias. A block scalar reaches from its `|` or `>` to the end of its last line
    /// without the line break.
    pub fn span(self) -> Span {
        self.stream.tape.cells[self.place as usize].span()
    }

    /// The same, but for an alias the value that it stands for.
    pub fn value_span(self) -> Span {
        self.found().span()
    }

    /// How it is written; for an alias, how the value that it stands for is.
    pub fn style(self) -> Style {
        self.found().style
    }

    /// How it was reached.
    pub fn way(self) -> Way {
        self.way
    }

    /// Whether it is an alias.
    pub fn is_alias(self) -> bool {
        self.cell != self.place
    }

    /// Its tag: `!!str` for those of YAML itself, others in full.
    pub fn tag(self) -> Option<&'s str> {
        self.stream.tape.properties_of(self.cell)?.tag.as_deref()
    }

    /// The name of its anchor, without `&`.
    pub fn anchor(self) -> Option<&'s str> {
        let span = self.stream.tape.properties_of(self.cell)?.anchor?;
        self.stream.tape.text.get(span.start + 1..span.end)
    }

    /// Whether it is a map.
    pub fn is_map(self) -> bool {
        self.style().is_map()
    }

    /// Whether it is a list.
    pub fn is_list(self) -> bool {
        self.style().is_list()
    }

    /// The scalar, if it is one.
    pub fn scalar(self) -> Option<Scalar<'s>> {
        let is_scalar = self.style().is_scalar();
        is_scalar.then(|| self.stream.tape.scalar_at(self.cell))
    }

    /// What Kubernetes reads, if it is a scalar.
    pub fn value(self) -> Option<Value<'s>> {
        self.scalar().map(Scalar::kubernetes)
    }

    /// The text of any scalar, decoded, whatever it means: `80` for a number.
    pub fn text(self) -> Option<&'s str> {
        self.scalar().map(Scalar::text)
    }

    /// The text, if Kubernetes reads text.
    pub fn as_str(self) -> Option<&'s str> {
        match self.value()? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if Kubernetes reads a whole one; `1e3` is one.
    pub fn as_int(self) -> Option<i64> {
        match self.value()? {
            Value::Int(number) => Some(number),
            Value::Float(number) => whole(number),
            _ => None,
        }
    }

    /// Whether Kubernetes reads true or false, and which.
    pub fn as_bool(self) -> Option<bool> {
        match self.value()? {
            Value::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// Whether Kubernetes reads nothing.
    pub fn is_null(self) -> bool {
        self.value() == Some(Value::Null)
    }

    /// The text with a way back to the file for each byte, if it is a scalar.
    pub fn embedded(self) -> Option<Embedded<'s>> {
        Embedded::of(self)
    }

    /// The items of a list; nothing for anything else.
    pub fn items(self) -> Items<'s> {
        let list = self.is_list();
        Items { list: self, next: self.cell + 1, end: if list { self.found().link } else { 0 } }
    }

    /// An item of a list, counted from 0.
    pub fn item(self, index: usize) -> Option<Node<'s>> {
        self.items().nth(index)
    }

    /// The entries of a map that count: of a repeated key the last, and what merge keys
    /// bring after the map's own. Nothing for anything else.
    pub fn entries(self) -> Entries<'s> {
        let cell = self.found();
        let flat =
            (cell.flags & FLAT != 0).then(|| self.stream.tape.flat.get(&self.cell)).flatten();
        Entries {
            map: self,
            flat: flat.map(|pairs| pairs.iter()),
            next: self.cell + 1,
            end: if cell.style.is_map() { cell.link } else { 0 },
        }
    }

    /// The entry of a map that has `key`.
    pub fn entry(self, key: &str) -> Option<Entry<'s>> {
        let tape = &self.stream.tape;
        let cell = self.found();
        if cell.flags & FLAT != 0 || !cell.style.is_map() {
            return self.entries().find(|entry| entry.has_key(key));
        }
        let mut at = self.cell + 1;
        while at < cell.link {
            let value = tape.after(at);
            if tape.is_key(at, key) {
                let pair = Pair { key: at, value, merged: false };
                return Some(Entry { map: self, pair });
            }
            at = tape.after(value);
        }
        None
    }

    /// The value that a map has under `key`.
    pub fn get(self, key: &str) -> Option<Node<'s>> {
        self.entry(key).map(Entry::value)
    }

    /// The value that is reached by one key after the other.
    pub fn at(self, keys: &[&str]) -> Option<Node<'s>> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Where `key` of a map is written.
    pub fn key_span(self, key: &str) -> Option<Span> {
        self.entry(key).map(Entry::key_span)
    }

    /// Where `key` of a map and its value are written.
    pub fn pair_span(self, key: &str) -> Option<Span> {
        self.entry(key).map(Entry::pair_span)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "checked: it is whole and within the bounds"
)]
fn whole(number: f64) -> Option<i64> {
    let fits = number.fract() == 0.0 && number.abs() < i64::MAX as f64;
    fits.then_some(number as i64)
}

/// Iterates over the items of a list.
#[derive(Debug, Clone)]
pub struct Items<'s> {
    list: Node<'s>,
    next: u32,
    end: u32,
}

impl<'s> Iterator for Items<'s> {
    type Item = Node<'s>;

    fn next(&mut self) -> Option<Node<'s>> {
        if self.next >= self.end {
            return None;
        }
        let item = self.list.child(self.next);
        self.next = self.list.stream.tape.after(self.next);
        Some(item)
    }
}

/// Iterates over the entries of a map.
#[derive(Debug, Clone)]
pub struct Entries<'s> {
    map: Node<'s>,
    flat: Option<std::slice::Iter<'s, Pair>>,
    next: u32,
    end: u32,
}

impl<'s> Iterator for Entries<'s> {
    type Item = Entry<'s>;

    fn next(&mut self) -> Option<Entry<'s>> {
        let map = self.map;
        if let Some(flat) = &mut self.flat {
            return flat.next().map(|pair| Entry { map, pair: *pair });
        }
        if self.next >= self.end {
            return None;
        }
        let key = self.next;
        let value = map.stream.tape.after(key);
        self.next = map.stream.tape.after(value);
        let merged = false;
        Some(Entry { map, pair: Pair { key, value, merged } })
    }
}

/// An entry of a map.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'s> {
    map: Node<'s>,
    pair: Pair,
}

impl<'s> Entry<'s> {
    /// The key as Kubernetes sees it: always text, so `y` is `true`.
    pub fn key(self) -> Cow<'s, str> {
        self.map.stream.tape.key_text(self.pair.key)
    }

    fn has_key(self, key: &str) -> bool {
        self.map.stream.tape.is_key(self.pair.key, key)
    }

    /// The key as it is written.
    pub fn key_node(self) -> Node<'s> {
        self.reached(self.pair.key)
    }

    /// The value.
    pub fn value(self) -> Node<'s> {
        self.reached(self.pair.value)
    }

    fn reached(self, place: u32) -> Node<'s> {
        let mut way = self.map.way;
        way.merged |= self.pair.merged;
        Node::reached(self.map.stream, place, way)
    }

    /// Whether a merge key brought it.
    pub fn is_merged(self) -> bool {
        self.pair.merged
    }

    /// Where the key is written.
    pub fn key_span(self) -> Span {
        self.map.stream.tape.cells[self.pair.key as usize].span()
    }

    /// Where key and value are written.
    pub fn pair_span(self) -> Span {
        let value = self.map.stream.tape.cells[self.pair.value as usize];
        Span { start: self.key_span().start, end: value.end as usize }
    }
}
