//! Writes the changes of values: what goes through a document and finds the places.

use serde_json::Value;

use crate::diagnostic::{Span, Splice};
use crate::manifest::{self, Entry, Node, Stream};
use crate::nginx::edits::line_break;

use super::change::{Change, New, Rewritten, Seg, value_of};
use super::plan::Plan;
use super::splice::{Splices, behind_line, trimmed};
use super::style::{Blocks, Style, column, line_before, line_end, line_start, starts_line};
use super::write::{Form, collection_lines, inline, is_collection, string};
use super::{Refused, blocks, flows};

/// What is to be written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) splices: Vec<Splice>,
    /// Parts of the old text whose comments go.
    pub(super) removed: Vec<Span>,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'s> {
    pub(super) node: Node<'s>,
    pub(super) slot: Slot<'s>,
    /// The column of the block that the value is in.
    pub(super) indent: usize,
    pub(super) depth: usize,
    pub(super) form: Form,
}

/// What a value belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot<'s> {
    /// A document.
    Root,
    /// An entry of a map.
    Entry(Entry<'s>),
    /// A list.
    Item,
}

/// Collects splices.
#[derive(Debug)]
pub(super) struct Writer<'s> {
    pub(super) text: &'s str,
    pub(super) style: Style,
    pub(super) splices: Splices,
    pub(super) removed: Vec<Span>,
    /// Where comments begin.
    comments: Vec<Span>,
}

/// Writes what is planned for a text. `json`: the text is JSON through and through.
pub(super) fn write(
    stream: &Stream<'_>,
    plan: &Plan,
    json: bool,
    blocks: Blocks,
) -> Result<Written, Refused> {
    let mut splices = Splices::default();
    let mut removed = Vec::new();
    let mut comments: Vec<Span> = stream.comments().iter().map(|one| one.span).collect();
    for (index, change) in &plan.documents {
        let found = stream.document(*index);
        let Some((document, root)) = found.and_then(|found| Some((found, found.root()?))) else {
            continue;
        };
        let mut writer = Writer {
            text: stream.text(),
            style: Style::of(document, blocks),
            splices,
            removed,
            comments,
        };
        writer.change(&Spot::root(root, json), change)?;
        (splices, removed, comments) = (writer.splices, writer.removed, writer.comments);
    }
    Ok(Written { splices: splices.settled(stream.text())?, removed })
}

impl<'s> Spot<'s> {
    fn root(node: Node<'s>, json: bool) -> Self {
        Self {
            node,
            slot: Slot::Root,
            indent: 0,
            depth: 0,
            form: Form { flow: json, json, tight: false },
        }
    }

    /// A value in this one.
    pub(super) fn child(&self, node: Node<'s>, slot: Slot<'s>, indent: usize, form: Form) -> Self {
        Self { node, slot, indent, form, depth: self.depth + 1 }
    }

    pub(super) fn refused(&self, why: &str) -> Refused {
        Refused::new(self.node.span(), why)
    }
}

impl Writer<'_> {
    /// Writes what becomes of a value.
    pub(super) fn change(&mut self, spot: &Spot<'_>, change: &Change) -> Result<(), Refused> {
        if let Some(New::Value(value)) = &change.new {
            return self.replace(spot, value);
        }
        if let Some(rewritten) = &change.text {
            return self.rewrite(spot, rewritten);
        }
        if change.inside.is_empty() && change.added.is_empty() {
            return Ok(());
        }
        let is_empty = spot.node.items().next().is_none() && spot.node.entries().next().is_none();
        match spot.node.style() {
            manifest::Style::BlockMap => blocks::map(self, spot, change),
            manifest::Style::BlockList => blocks::list(self, spot, change),
            _ if !is_empty => flows::change(self, spot, change),
            _ => {
                let value = change.applied(value_of(spot.node));
                let wrong = "this is not a map, so nothing can be written into it";
                self.replace(spot, &value.ok_or_else(|| spot.refused(wrong))?)
            }
        }
    }

    pub(super) fn splice(
        &mut self,
        spot: &Spot<'_>,
        span: impl Into<Span>,
        text: impl Into<String>,
    ) {
        self.splices.push(spot.depth, span, text);
    }

    /// The comments that begin in a part of the text.
    pub(super) fn comments_in(&self, start: usize, end: usize) -> impl Iterator<Item = Span> {
        let first = self.comments.partition_point(|one| one.start < start);
        let rest = self.comments[first..].iter().copied();
        rest.take_while(move |one| one.start < end)
    }

    /// Writes another value instead of this one.
    fn replace(&mut self, spot: &Spot<'_>, value: &Value) -> Result<(), Refused> {
        if spot.form.flow || !is_collection(value) {
            return self.inline(spot, value);
        }
        let Span { start, end } = spot.node.span();
        match spot.slot {
            Slot::Entry(entry) => self.fill_entry(spot, entry, value),
            Slot::Item => {
                let gap = if start == end { self.style.gap } else { 0 };
                let column = column(self.text, start) + gap;
                self.fill_line(spot, value, column, gap);
                Ok(())
            }
            Slot::Root if starts_line(self.text, start) => {
                self.fill_line(spot, value, column(self.text, start), 0);
                Ok(())
            }
            Slot::Root => Err(spot.refused("the document begins on the line of its `---`")),
        }
    }

    /// A map or a list that begins on the line it stands on.
    fn fill_line(&mut self, spot: &Spot<'_>, value: &Value, column: usize, gap: usize) {
        let span = spot.node.span();
        let lines = collection_lines(value, column, self.style);
        let (first, rest) = lines.split_first().map_or(("", &[][..]), |(a, b)| (a, b));
        let first = format!("{}{}", " ".repeat(gap), first.trim_start());
        self.splice(spot, span, first);
        if !rest.is_empty() {
            let eol = line_break(self.text, span.end);
            let text: String = rest.iter().flat_map(|line| [eol, line]).collect();
            let at = line_end(self.text, span.end);
            self.splice(spot, at..at, text);
        }
    }

    /// A map or a list below its key.
    fn fill_entry(
        &mut self,
        spot: &Spot<'_>,
        entry: Entry<'_>,
        value: &Value,
    ) -> Result<(), Refused> {
        let Span { start, end } = spot.node.span();
        let offset = if value.is_array() { self.style.dash } else { self.style.step };
        let lines = collection_lines(value, spot.indent + offset, self.style);
        let eol = line_break(self.text, end);
        if spot.node.style().is_block() {
            if !starts_line(self.text, start) {
                return Err(spot.refused("this begins on the line of its key"));
            }
            let first = line_start(self.text, start);
            self.splice(spot, first..end, lines.join(eol));
            return Ok(());
        }
        let colon = self.colon(entry, spot)?;
        if start < end {
            self.splice(spot, colon..end, "");
        }
        let text: String = lines.iter().flat_map(|line| [eol, line]).collect();
        let at = line_end(self.text, end);
        self.splice(spot, at..at, text);
        Ok(())
    }

    /// A value on one line.
    fn inline(&mut self, spot: &Spot<'_>, value: &Value) -> Result<(), Refused> {
        let old = spot.node.as_str().map(|_| spot.node.style());
        let written = match value {
            Value::String(text) => {
                if let Some(rewritten) = as_rewritten(spot.node, text) {
                    return self.rewrite(spot, &rewritten);
                }
                string(text, old, spot.form, self.style)
            }
            value => inline(value, spot.form, self.style),
        };
        self.inline_text(spot, &written)
    }

    fn inline_text(&mut self, spot: &Spot<'_>, written: &str) -> Result<(), Refused> {
        let Span { start, end } = spot.node.span();
        if start == end {
            let text = match (self.text[..start].chars().next_back(), spot.slot) {
                (Some(':' | '-'), _) => format!(" {written}"),
                (_, Slot::Entry(_)) if spot.form.flow => format!(": {written}"),
                _ => return Err(spot.refused("the value is missing, and so is its colon")),
            };
            self.splice(spot, start..end, text);
            return Ok(());
        }
        match spot.slot {
            Slot::Entry(entry) if spot.node.style().is_block() && starts_line(self.text, start) => {
                let colon = self.colon(entry, spot)?;
                self.splice(spot, colon..colon, format!(" {written}"));
                let lines = line_before(self.text, start)..line_end(self.text, end);
                self.splice(spot, lines, "");
            }
            _ => self.splice(spot, start..end, written),
        }
        Ok(())
    }

    /// Behind the colon of an entry.
    pub(super) fn colon(&self, entry: Entry<'_>, spot: &Spot<'_>) -> Result<usize, Refused> {
        let end = entry.key_span().end;
        let blanks = self.text[end..].len() - self.text[end..].trim_start().len();
        if self.text[end + blanks..].starts_with(':') {
            return Ok(end + blanks + 1);
        }
        Err(spot.refused("the key has no colon right behind it"))
    }

    /// Changes parts of a text where it is written.
    fn rewrite(&mut self, spot: &Spot<'_>, rewritten: &Rewritten) -> Result<(), Refused> {
        match manifest::edits_within(spot.node, &rewritten.splices) {
            Ok(splices) => {
                for splice in splices {
                    let splice = behind_line(self.text, trimmed(self.text, &splice));
                    self.splice(spot, splice.span, splice.text);
                }
                Ok(())
            }
            // JSON does not care how its characters are written.
            Err(_) if rewritten.is_json && !rewritten.text.contains('\n') => {
                let style = Some(spot.node.style());
                let written = string(&rewritten.text, style, spot.form, self.style);
                self.inline_text(spot, &written)
            }
            Err(why) => Err(spot.refused(why)),
        }
    }
}

/// A new text for a block, as a change of those of its lines that differ.
fn as_rewritten(node: Node<'_>, new: &str) -> Option<Rewritten> {
    let old = node.as_str()?;
    let is_block = node.style() == manifest::Style::Literal;
    let trailing = |text: &str| text.len() - text.trim_end_matches('\n').len();
    // Quotes show blanks at the ends of lines; a block hides them, or takes them for its indentation.
    let hides = new.starts_with([' ', '\n']) || new.lines().any(|line| line.ends_with([' ', '\t']));
    if !is_block
        || hides
        || old.is_empty()
        || trailing(old) != trailing(new)
        || new.trim().is_empty()
    {
        return None;
    }
    let whole = Splice::new(0..old.len(), new);
    Some(Rewritten { splices: vec![trimmed(old, &whole)], text: new.to_owned(), is_json: false })
}

/// What becomes of the value under a key.
pub(super) fn of_key<'c>(change: &'c Change, key: &str) -> Option<&'c Change> {
    change.inside(&Seg::Key(key.to_owned()))
}
