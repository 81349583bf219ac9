//! The tree of a stream as one flat list of cells, and how it is built.
//!
//! A cell is 16 bytes. A collection is followed by its children, and knows where they
//! end; so a file costs one allocation, and a value that nobody looks at costs nothing
//! more. Scalars point into the text; only those whose text differs from what is
//! written are kept apart. An alias is a cell that points at another: nothing is ever
//! copied, and a bomb stays as small as it was written.
//!
//! Both readers build through [`Tape`], so what they have in common is decided once:
//! limits, duplicate keys, merge keys.

use std::collections::HashMap;
use std::ops::Range;

use crate::diagnostic::Span;

use super::flatten::{self, Pair};
use super::limits;
use super::scalar::Scalar;
use super::stream::{Comment, Problem};

/// Nothing to point at.
pub(super) const NONE: u32 = u32::MAX;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `text`, without quotes; also a value that is not there at all.
    Plain,
    /// `'text'`.
    Single,
    /// `"text"`.
    Double,
    /// `|` and lines that are kept.
    Literal,
    /// `>` and lines that are folded.
    Folded,
    /// `key: value` on lines of their own.
    BlockMap,
    /// `{key: value}`.
    FlowMap,
    /// `- item` on lines of their own.
    BlockList,
    /// `[item]`.
    FlowList,
    /// `*name`: the value is somewhere else.
    Alias,
}

impl Style {
    /// Whether it is a map.
    pub fn is_map(self) -> bool {
        matches!(self, Self::BlockMap | Self::FlowMap)
    }

    /// Whether it is a list.
    pub fn is_list(self) -> bool {
        matches!(self, Self::BlockList | Self::FlowList)
    }

    /// Whether it is text of some kind.
    pub fn is_scalar(self) -> bool {
        !self.is_map() && !self.is_list() && self != Self::Alias
    }

    /// Whether it is a list or a map whose extent shows in the indentation.
    pub fn is_block(self) -> bool {
        matches!(self, Self::BlockMap | Self::BlockList)
    }
}

/// The entries of the map are in [`Tape::flat`].
pub(super) const FLAT: u8 = 1;
/// There is an entry in [`Tape::properties`].
pub(super) const PROPERTIES: u8 = 2;
/// A key whose text is not read as text.
pub(super) const ODD_KEY: u8 = 4;

/// A value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) start: u32,
    pub(super) end: u32,
    /// A collection: the cell after its last child. An alias: its target. A scalar: its
    /// text in [`Tape::decoded`], if that is not what is written.
    pub(super) link: u32,
    pub(super) style: Style,
    pub(super) flags: u8,
}

impl Cell {
    pub(super) fn span(self) -> Span {
        (self.start as usize..self.end as usize).into()
    }
}

/// The anchor and the tag of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Properties {
    pub(super) cell: u32,
    pub(super) anchor: Option<Span>,
    pub(super) tag: Option<String>,
}

/// Two entries of one map that have the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Twins {
    pub(super) first: u32,
    pub(super) again: u32,
}

/// The cells of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tape<'t> {
    pub(super) text: &'t str,
    pub(super) cells: Vec<Cell>,
    pub(super) decoded: Vec<Box<str>>,
    /// Ordered by cell.
    pub(super) properties: Vec<Properties>,
    pub(super) comments: Vec<Comment>,
    pub(super) twins: Vec<Twins>,
    /// The effective entries of maps with duplicate or merge keys, by cell.
    pub(super) flat: HashMap<u32, Box<[Pair]>>,
    /// The keys of [`Tape::flat`], in the order in which they came.
    flat_order: Vec<u32>,
    /// How many entries are in [`Tape::flat`].
    pub(super) flattened: usize,
    /// Where the value that was finished last ends.
    pub(super) reach: u32,
    open: Vec<Open>,
    pub(super) keys: Vec<Key>,
}

/// A collection that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    cell: u32,
    /// Where its keys begin in [`Tape::keys`].
    keys: u32,
    key_is_next: bool,
    has_merge: bool,
}

/// A key, and a number that differs for most keys that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) mark: u32,
    pub(super) cell: u32,
}

/// How much there was at some moment, to go back to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    cells: usize,
    decoded: usize,
    properties: usize,
    comments: usize,
    twins: usize,
    flat: usize,
    flattened: usize,
}

impl Moment {
    /// How many cells there were.
    pub(super) fn cells(self) -> usize {
        self.cells
    }
}

impl<'t> Tape<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            cells: Vec::with_capacity((text.len() / 16).min(1 << 16)),
            decoded: Vec::new(),
            properties: Vec::new(),
            comments: Vec::new(),
            twins: Vec::new(),
            flat: HashMap::new(),
            flat_order: Vec::new(),
            flattened: 0,
            reach: 0,
            open: Vec::new(),
            keys: Vec::new(),
        }
    }

    pub(super) fn moment(&self) -> Moment {
        Moment {
            cells: self.cells.len(),
            decoded: self.decoded.len(),
            properties: self.properties.len(),
            comments: self.comments.len(),
            twins: self.twins.len(),
            flat: self.flat_order.len(),
            flattened: self.flattened,
        }
    }

    /// Forgets the values since `moment`, and the comments too.
    pub(super) fn go_back(&mut self, moment: Moment) {
        self.forget_values(moment);
        self.comments.truncate(moment.comments);
    }

    /// Forgets the values since `moment`; comments stay.
    pub(super) fn forget_values(&mut self, moment: Moment) {
        self.cells.truncate(moment.cells);
        self.decoded.truncate(moment.decoded);
        self.properties.truncate(moment.properties);
        self.twins.truncate(moment.twins);
        for cell in self.flat_order.drain(moment.flat..) {
            self.flat.remove(&cell);
        }
        self.flattened = moment.flattened;
        self.open.clear();
        self.keys.clear();
    }

    /// Puts the comments from number `from` on in the order of the text.
    pub(super) fn sort_comments(&mut self, from: usize) {
        self.comments[from..].sort_by_key(|comment| comment.span.start);
    }

    /// Gives back what only reading needs.
    pub(super) fn settled(&mut self) {
        self.open = Vec::new();
        self.keys = Vec::new();
        self.reach = 0;
    }

    /// How many collections are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Whether the next value is the key of an entry.
    pub(super) fn key_is_next(&self) -> bool {
        self.open.last().is_some_and(|open| open.key_is_next)
    }

    /// The innermost collection.
    pub(super) fn innermost(&self) -> Option<Cell> {
        self.open.last().map(|open| self.cells[open.cell as usize])
    }

    /// Takes in a comment; `Err` when there are too many.
    pub(super) fn add_comment(&mut self, span: Span, own_line: bool) -> Result<(), Problem> {
        if self.comments.len() >= limits::COMMENTS {
            return Err(Problem::too_many(span.start, "comments", limits::COMMENTS));
        }
        self.comments.push(Comment { span, own_line });
        Ok(())
    }

    /// Begins a collection.
    pub(super) fn open(&mut self, start: usize, style: Style) -> Result<u32, Problem> {
        if self.open.len() >= limits::DEPTH {
            return Err(Problem::too_deep(start));
        }
        let cell = self.push(start..start, NONE, style)?;
        self.open.push(Open {
            cell,
            keys: narrow(self.keys.len()),
            key_is_next: style.is_map(),
            has_merge: false,
        });
        Ok(cell)
    }

    /// Ends the innermost collection; a block ends where its last value does.
    pub(super) fn close(&mut self, end: Option<usize>) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        self.reach = end.map_or(self.reach, narrow);
        let after = narrow(self.cells.len());
        let cell = &mut self.cells[open.cell as usize];
        cell.end = self.reach;
        cell.link = after;
        let keys = open.keys as usize..self.keys.len();
        let outcome = self.settle(open, keys);
        self.keys.truncate(open.keys as usize);
        outcome
    }

    /// Takes in a scalar. `decoded` is its text, unless that is what is written.
    pub(super) fn scalar(
        &mut self,
        span: Range<usize>,
        style: Style,
        decoded: Option<Box<str>>,
    ) -> Result<u32, Problem> {
        let is_key = self.key_is_next();
        let link = decoded.map_or(NONE, |text| {
            self.decoded.push(text);
            narrow(self.decoded.len() - 1)
        });
        let cell = self.push(span, link, style)?;
        if is_key {
            self.note_key(cell);
        }
        Ok(cell)
    }

    /// Takes in an alias of a value that was read before.
    pub(super) fn alias(&mut self, span: Range<usize>, target: u32) -> Result<u32, Problem> {
        let is_key = self.key_is_next();
        let cell = self.push(span, target, Style::Alias)?;
        if is_key {
            self.note_key(cell);
        }
        Ok(cell)
    }

    fn push(&mut self, span: Range<usize>, link: u32, style: Style) -> Result<u32, Problem> {
        if self.cells.len() >= limits::VALUES {
            return Err(Problem::too_many(span.start, "values", limits::VALUES));
        }
        if let Some(open) = self.open.last_mut() {
            let is_map = self.cells[open.cell as usize].style.is_map();
            open.key_is_next = is_map && !open.key_is_next;
        }
        self.reach = narrow(span.end);
        self.cells.push(Cell { start: narrow(span.start), end: self.reach, link, style, flags: 0 });
        Ok(narrow(self.cells.len() - 1))
    }

    fn note_key(&mut self, cell: u32) {
        let text = self.scalar_text(self.resolved(cell));
        let mark = mark(text.as_bytes());
        if self.cells[cell as usize].style == Style::Plain {
            if text == "<<" {
                self.note_merge();
            } else if !Scalar::plain(text).is_text() {
                self.cells[cell as usize].flags |= ODD_KEY;
            }
        }
        // Keys that are not text are compared by what they become.
        let odd = self.cells[self.resolved(cell) as usize].flags & (ODD_KEY | PROPERTIES) != 0;
        let mark = if odd { 0 } else { mark.max(1) };
        self.keys.push(Key { mark, cell });
    }

    fn note_merge(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.has_merge = true;
        }
    }

    /// Settles which entries count, where that is not simply all of them.
    fn settle(&mut self, open: Open, keys: Range<usize>) -> Result<(), Problem> {
        let before = self.twins.len();
        self.find_twins(keys);
        if self.twins.len() == before && !open.has_merge {
            return Ok(());
        }
        let pairs = flatten::effective(self, open.cell)?;
        self.flattened += pairs.len();
        self.cells[open.cell as usize].flags |= FLAT;
        self.flat.insert(open.cell, pairs.into_boxed_slice());
        self.flat_order.push(open.cell);
        Ok(())
    }
}

/// File offsets fit: [`limits::FILE`] sees to it.
pub(super) fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// A number that differs for most texts that differ.
fn mark(text: &[u8]) -> u32 {
    let word = |at: usize| text.get(at).map_or(0, |byte| u32::from(*byte));
    let length = text.len();
    let ends = word(0) | word(length / 2) << 8 | word(length.wrapping_sub(2)) << 16;
    (ends ^ word(length.wrapping_sub(1)) << 23)
        .wrapping_add(narrow(length).wrapping_mul(0x9E37_79B1))
}
