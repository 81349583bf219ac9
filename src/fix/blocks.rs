//! Maps and lists whose entries have lines of their own.

use serde_json::Value;

use crate::manifest::{self, Entry, Node};
use crate::nginx::edits::line_break;

use super::Refused;
use super::change::{Change, END, Seg};
use super::style::{column, line_before, line_end, line_start, next_line, starts_line};
use super::values::{Slot, Spot, Writer, of_key};
use super::write::{entry_lines, item_lines, key, string};

/// An entry or an item.
#[derive(Debug)]
struct Part {
    /// Where its key, or its dash, begins.
    start: usize,
    /// Where its value ends.
    end: usize,
    gone: bool,
    /// Its key; empty for an item.
    name: String,
}

/// Writes what becomes of a map.
pub(super) fn map(
    writer: &mut Writer<'_>,
    spot: &Spot<'_>,
    change: &Change,
) -> Result<(), Refused> {
    let indent = column(writer.text, spot.node.span().start);
    let entries = spot.node.entries().filter(|entry| !entry.is_merged());
    let parts: Vec<Part> = entries
        .map(|entry| {
            let text = writer.text;
            Part::of_entry(text, spot.node, entry, of_key(change, &entry.key()))
        })
        .collect();
    if spot.node.entries().any(Entry::is_merged) && parts.iter().any(|part| part.gone) {
        return Err(spot.refused("a merge key `<<` of this map may bring the entry back"));
    }
    for entry in spot.node.entries() {
        let of_entry = of_key(change, &entry.key()).filter(|change| !change.is_gone());
        if let Some(of_entry) = of_entry {
            rename(writer, spot, entry, of_entry);
            let place = Slot::Entry(entry);
            let inner = spot.child(entry.value(), place, indent, spot.form);
            writer.change(&inner, of_entry)?;
        }
    }
    let added = change.inside.iter().filter_map(|(step, change)| match step {
        Seg::Key(key) if spot.node.get(key).is_none() => Some((key, change.applied(Value::Null)?)),
        _ => None,
    });
    let lines = added.flat_map(|(key, value)| entry_lines(key, &value, indent, writer.style));
    let lines: Vec<String> = lines.collect();
    Block::new(spot, parts, "{}").write(writer, &lines)
}

/// Writes what becomes of a list.
pub(super) fn list(
    writer: &mut Writer<'_>,
    spot: &Spot<'_>,
    change: &Change,
) -> Result<(), Refused> {
    let indent = column(writer.text, spot.node.span().start);
    let dashes = dashes(writer.text, spot.node, indent)?;
    let mut parts = Vec::new();
    for (index, (item, dash)) in spot.node.items().zip(dashes).enumerate() {
        let of_item = change.inside(&Seg::Index(index));
        parts.push(Part::of_item(item, dash, of_item));
        if let Some(of_item) = of_item.filter(|change| !change.is_gone()) {
            writer.change(&spot.child(item, Slot::Item, indent, spot.form), of_item)?;
        }
    }
    let style = writer.style;
    let lines = |wanted: usize| -> Vec<String> {
        let added = change.added.iter().filter(|(at, _)| *at == wanted);
        added.flat_map(|(_, value)| item_lines(value, indent, style)).collect()
    };
    let block = Block::new(spot, parts, "[]");
    for index in 0..block.parts.len() {
        block.insert(writer, index, &lines(index))?;
    }
    block.write(writer, &lines(END))
}

impl Part {
    fn of_entry(text: &str, map: Node<'_>, entry: Entry<'_>, change: Option<&Change>) -> Self {
        Self {
            start: start_of(text, map, entry.key_span().start),
            end: entry.pair_span().end,
            gone: change.is_some_and(Change::is_gone),
            name: entry.key().into_owned(),
        }
    }

    fn of_item(item: Node<'_>, dash: usize, change: Option<&Change>) -> Self {
        Self {
            start: dash,
            end: item.span().end,
            gone: change.is_some_and(Change::is_gone),
            name: String::new(),
        }
    }
}

/// Gives a key its new name, in the quotes of the old one.
pub(super) fn rename(writer: &mut Writer<'_>, spot: &Spot<'_>, entry: Entry<'_>, change: &Change) {
    if let Some(name) = &change.key {
        let old = entry.key_node().style();
        let written = if old == manifest::Style::Plain {
            key(name, spot.form)
        } else {
            string(name, Some(old), spot.form, writer.style)
        };
        writer.splice(spot, entry.key_span(), written);
    }
}

/// Where an entry begins: at its `?`, `&anchor` or tag, if it has one.
fn start_of(text: &str, map: Node<'_>, key: usize) -> usize {
    let first = map.span().start;
    if line_start(text, first) == line_start(text, key) {
        return first;
    }
    let line = line_start(text, key);
    line + text[line..].bytes().take_while(|byte| *byte == b' ').count()
}

/// Where the items of a list have their dashes.
fn dashes(text: &str, list: Node<'_>, column: usize) -> Result<Vec<usize>, Refused> {
    let mut found = Vec::new();
    let mut at = list.span().start;
    for item in list.items() {
        let start = item.span().start;
        if !found.is_empty() {
            at = next_line(text, at);
            let is_dash = |line: usize| {
                text.as_bytes().get(line + column) == Some(&b'-')
                    && starts_line(text, line + column)
            };
            while !is_dash(at) && at < start {
                at = next_line(text, at);
            }
            at += column;
        }
        if at > start || text.as_bytes().get(at) != Some(&b'-') {
            return Err(Refused::new(item.span(), "the dash of this item was not found"));
        }
        found.push(at);
        at = item.span().end;
    }
    Ok(found)
}

struct Block<'a, 's> {
    spot: &'a Spot<'s>,
    parts: Vec<Part>,
    empty: &'static str,
}

impl<'a, 's> Block<'a, 's> {
    fn new(spot: &'a Spot<'s>, parts: Vec<Part>, empty: &'static str) -> Self {
        Self { spot, parts, empty }
    }

    /// Takes out what goes, and writes new lines behind the rest.
    fn write(&self, writer: &mut Writer<'_>, lines: &[String]) -> Result<(), Refused> {
        let kept = self.parts.iter().rposition(|part| !part.gone);
        let Some(kept) = kept else {
            return self.emptied(writer, lines);
        };
        self.remove(writer, lines.is_empty());
        if lines.is_empty() {
            return Ok(());
        }
        let end = if kept + 1 == self.parts.len() {
            self.spot.node.span().end
        } else {
            self.parts[kept].end
        };
        let at = line_end(writer.text, end);
        if at == writer.text.len() {
            self.end_block(writer);
        }
        let eol = line_break(writer.text, at);
        let text: String = lines.iter().flat_map(|line| [eol, line]).collect();
        writer.splice(self.spot, at..at, text);
        Ok(())
    }

    /// New items before the item of a number: behind the one before it, so that comments stay with their items.
    fn insert(
        &self,
        writer: &mut Writer<'_>,
        index: usize,
        lines: &[String],
    ) -> Result<(), Refused> {
        if lines.is_empty() {
            return Ok(());
        }
        let before = self.parts[..index].iter().rev().find(|part| !part.gone);
        if let Some(before) = before {
            let at = line_end(writer.text, before.end);
            let eol = line_break(writer.text, at);
            let text: String = lines.iter().flat_map(|line| [eol, line]).collect();
            writer.splice(self.spot, at..at, text);
            return Ok(());
        }
        let first = self.parts[0].start;
        if !starts_line(writer.text, first) {
            return Err(self.spot.refused("the list begins on the line of what it is in"));
        }
        let line = line_start(writer.text, first);
        let at = comments_above(writer, line, first - line).unwrap_or(line);
        let eol = line_break(writer.text, at);
        let text: String = lines.iter().flat_map(|line| [line.as_str(), eol]).collect();
        writer.splice(self.spot, at..at, text);
        Ok(())
    }

    fn remove(&self, writer: &mut Writer<'_>, with_comments: bool) {
        for (index, part) in self.parts.iter().enumerate() {
            if !part.gone {
                continue;
            }
            if starts_line(writer.text, part.start) {
                self.remove_lines(writer, part, with_comments);
            } else if self.remove_first(writer, index) {
                let kept = self.parts.iter().position(|part| !part.gone);
                let rest = kept.map_or(&[][..], |kept| &self.parts[kept..]);
                for part in rest.iter().filter(|part| part.gone) {
                    self.remove_lines(writer, part, with_comments);
                }
                return;
            }
        }
    }

    /// The first entry, which stands behind a dash: the next one takes its place, with all between them, and true;
    /// or the dash stays alone on its line, if there are comments between.
    fn remove_first(&self, writer: &mut Writer<'_>, index: usize) -> bool {
        let part = &self.parts[index];
        let line_end = line_end(writer.text, part.end);
        let next = self.parts.iter().find(|part| !part.gone);
        let next = next.map_or(line_end, |next| next.start);
        let has_comments = writer.comments_in(line_end, next).next().is_some();
        let dash = writer.text[..part.start].trim_end_matches(' ').len();
        let span = if has_comments { dash..line_end } else { part.start..next };
        writer.removed.push(span.clone().into());
        writer.splice(self.spot, span, "");
        !has_comments
    }

    /// Whole lines, with the break before them where nothing follows: new lines may come there.
    fn remove_lines(&self, writer: &mut Writer<'_>, part: &Part, with_comments: bool) {
        let line = line_start(writer.text, part.start);
        let start = Some(line)
            .filter(|_| with_comments)
            .and_then(|line| self.own_comments(writer, part, line))
            .unwrap_or(line);
        let mut behind = self.parts.iter().filter(|other| other.start > part.start);
        let end = line_end(writer.text, part.end);
        let span = if end < writer.text.len() && behind.all(|other| other.gone) {
            line_before(writer.text, start)..end
        } else {
            start..next_line(writer.text, part.end)
        };
        writer.removed.push(span.clone().into());
        writer.splice(self.spot, span, "");
    }

    /// The comments above an entry, if they are about it alone: they name its key, and no other of the map.
    fn own_comments(&self, writer: &Writer<'_>, part: &Part, line: usize) -> Option<usize> {
        let start = comments_above(writer, line, part.start - line)?;
        let said = &writer.text[start..line];
        let is_named = |part: &Part| !part.name.is_empty() && has_word(said, &part.name);
        let others = self.parts.iter().filter(|other| other.start != part.start);
        (is_named(part) && !others.into_iter().any(is_named)).then_some(start)
    }

    /// Nothing stays.
    fn emptied(&self, writer: &mut Writer<'_>, lines: &[String]) -> Result<(), Refused> {
        let span = self.spot.node.span();
        let eol = line_break(writer.text, span.end);
        if !starts_line(writer.text, span.start) || matches!(self.spot.slot, Slot::Root) {
            let end = line_end(writer.text, span.end);
            let text = lines.join(eol);
            let (end, text) = match lines {
                [] => (span.end, self.empty),
                _ => (end, text.trim_start()),
            };
            writer.removed.push((span.start..end).into());
            writer.splice(self.spot, span.start..end, text);
            return Ok(());
        }
        if lines.is_empty() {
            let Slot::Entry(entry) = self.spot.slot else {
                writer.removed.push(span);
                writer.splice(self.spot, span, self.empty);
                return Ok(());
            };
            let colon = writer.colon(entry, self.spot)?;
            writer.splice(self.spot, colon..colon, format!(" {}", self.empty));
        } else {
            let at = line_before(writer.text, span.start);
            let text: String = lines.iter().flat_map(|line| [eol, line]).collect();
            writer.splice(self.spot, at..at, text);
        }
        self.remove(writer, lines.is_empty());
        Ok(())
    }

    /// A block scalar at the end of a file that has no line break there would get one: `|` becomes `|-`.
    fn end_block(&self, writer: &mut Writer<'_>) {
        let last = last_leaf(self.spot.node);
        let is_block = matches!(last.style(), manifest::Style::Literal | manifest::Style::Folded);
        if !is_block || last.text().is_none_or(|text| text.ends_with('\n')) {
            return;
        }
        let start = last.span().start + 1;
        let header = &writer.text[start..];
        let width = header.bytes().take_while(|byte| b"+-123456789".contains(byte)).count();
        match header[..width].find(['+', '-']) {
            Some(at) => writer.splice(self.spot, start + at..start + at + 1, "-"),
            None => writer.splice(self.spot, start + width..start + width, "-"),
        }
    }
}

/// The value that is written last.
fn last_leaf(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    while !node.is_alias() {
        let entries = node.entries().filter(|entry| !entry.is_merged());
        let children = entries.map(Entry::value).chain(node.items());
        match children.max_by_key(|child| child.span().end) {
            Some(last) => node = last,
            None => break,
        }
    }
    node
}

/// Where the comments begin that stand right above a line, at a column.
fn comments_above(writer: &Writer<'_>, line: usize, column: usize) -> Option<usize> {
    let mut start = line;
    while start > 0 {
        let above = line_start(writer.text, start - 1);
        let at = above + column;
        let is_comment = writer.comments_in(at, at + 1).next().is_some();
        if above >= start || !is_comment || !starts_line(writer.text, at) {
            break;
        }
        start = above;
    }
    (start < line).then_some(start)
}

/// Whether a text has a word, and not as a part of another.
fn has_word(text: &str, word: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || "_-".contains(letter);
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_letter) && !after.is_some_and(is_letter)
    })
}
