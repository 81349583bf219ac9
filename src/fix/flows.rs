//! Maps and lists within brackets, on one line or on several: JSON too.

use serde_json::Value;

use crate::diagnostic::Span;
use crate::manifest;
use crate::nginx::edits::line_break;

use super::Refused;
use super::blocks::rename;
use super::change::{Change, END, Seg};
use super::style::{column, line_end, line_start, next_line};
use super::values::{Slot, Spot, Writer, of_key};
use super::write::{Form, comma, entry, inline, is_collection, key};

/// An entry or an item.
#[derive(Debug, Clone, Copy)]
struct Part {
    start: usize,
    end: usize,
    gone: bool,
}

/// Writes what becomes of a map or a list that is not empty.
pub(super) fn change(
    writer: &mut Writer<'_>,
    spot: &Spot<'_>,
    change: &Change,
) -> Result<(), Refused> {
    let span = spot.node.span();
    if !writer.text[span.start..].starts_with(['{', '[']) {
        return Err(spot.refused("a map without braces: write them first"));
    }
    let form = form_of(writer.text, spot);
    let parts = parts(writer, spot, change, form)?;
    let flow = Flow { spot, parts, form, lined: false };
    let lined = flow.is_lined(writer.text);
    let flow = Flow { lined, ..flow };
    flow.write(writer, change);
    Ok(())
}

/// How things are written within these brackets.
fn form_of(text: &str, spot: &Spot<'_>) -> Form {
    let mut entries = spot.node.entries().peekable();
    let is_map = entries.peek().is_some();
    let quoted = entries
        .all(|entry| entry.key_node().style() == manifest::Style::Double && !entry.is_merged());
    let entry = spot.node.entries().next();
    let mut items = spot.node.items();
    let behind = match (entry, items.next(), items.next()) {
        (Some(entry), ..) => Some((entry.key_span().end, entry.value().span())),
        (None, Some(first), Some(second)) => Some((first.span().end, second.span())),
        _ => None,
    };
    let tight = behind.map(|(end, next)| !text[end..next.start.max(end)].contains([' ', '\n']));
    Form {
        flow: true,
        json: if is_map { quoted } else { spot.form.json },
        tight: tight.unwrap_or(spot.form.tight),
    }
}

fn parts(
    writer: &mut Writer<'_>,
    spot: &Spot<'_>,
    change: &Change,
    form: Form,
) -> Result<Vec<Part>, Refused> {
    let mut parts = Vec::new();
    for entry in spot.node.entries().filter(|entry| !entry.is_merged()) {
        let of_entry = of_key(change, &entry.key());
        let gone = of_entry.is_some_and(Change::is_gone);
        if let Some(of_entry) = of_entry.filter(|_| !gone) {
            let inner = Spot { form, ..*spot };
            rename(writer, &inner, entry, of_entry);
            let place = Slot::Entry(entry);
            writer.change(&spot.child(entry.value(), place, spot.indent, form), of_entry)?;
        }
        let Span { start, end } = entry.pair_span();
        parts.push(Part { start, end, gone });
    }
    for (index, item) in spot.node.items().enumerate() {
        let of_item = change.inside(&Seg::Index(index));
        let gone = of_item.is_some_and(Change::is_gone);
        if let Some(of_item) = of_item.filter(|_| !gone) {
            writer.change(&spot.child(item, Slot::Item, spot.indent, form), of_item)?;
        }
        let Span { start, end } = item.span();
        parts.push(Part { start, end, gone });
    }
    Ok(parts)
}

struct Flow<'a, 's> {
    spot: &'a Spot<'s>,
    parts: Vec<Part>,
    form: Form,
    /// Each part has a line of its own.
    lined: bool,
}

impl Flow<'_, '_> {
    fn is_lined(&self, text: &str) -> bool {
        let Span { start, end } = self.spot.node.span();
        let mut line = line_start(text, start);
        let own = self.parts.iter().all(|part| {
            let before = std::mem::replace(&mut line, line_start(text, part.end));
            line_start(text, part.start) > before && starts_text(text, part.start)
        });
        own && line_start(text, end - 1) > line && starts_text(text, end - 1)
    }

    fn write(&self, writer: &mut Writer<'_>, change: &Change) {
        for index in 0..self.parts.len() {
            let new = self.new_items(writer, change, index);
            self.insert(writer, index, &new);
        }
        let mut new = self.new_entries(writer, change);
        new.extend(self.new_items(writer, change, END));
        let Some(kept) = self.parts.iter().rposition(|part| !part.gone) else {
            self.emptied(writer, &new);
            return;
        };
        if self.lined {
            self.remove_lines(writer, kept, new.is_empty());
        } else {
            self.remove_runs(writer);
        }
        if !new.is_empty() {
            self.append(writer, kept, &new);
        }
    }

    fn new_entries(&self, writer: &Writer<'_>, change: &Change) -> Vec<String> {
        let added = change.inside.iter().filter_map(|(step, change)| match step {
            Seg::Key(key) if self.spot.node.get(key).is_none() => {
                Some((key, change.applied(Value::Null)?))
            }
            _ => None,
        });
        added.map(|(name, value)| self.entry(writer, name, &value)).collect()
    }

    fn new_items(&self, writer: &Writer<'_>, change: &Change, wanted: usize) -> Vec<String> {
        let added = change.added.iter().filter(|(at, _)| *at == wanted);
        added.map(|(_, value)| self.value(writer, value, self.margin(writer.text))).collect()
    }

    /// An entry, on several lines if the others have their own.
    fn entry(&self, writer: &Writer<'_>, name: &str, value: &Value) -> String {
        if !self.lined || !is_collection(value) {
            return entry(name, value, self.form, writer.style);
        }
        let value = self.value(writer, value, self.margin(writer.text));
        let colon = if self.form.tight && self.form.json { ":" } else { ": " };
        format!("{}{colon}{value}", key(name, self.form))
    }

    /// A value; a map takes several lines where the parts around it do.
    fn value(&self, writer: &Writer<'_>, value: &Value, margin: usize) -> String {
        let Value::Object(map) = value else {
            return inline(value, self.form, writer.style);
        };
        if !self.lined || map.is_empty() {
            return inline(value, self.form, writer.style);
        }
        let eol = self.eol(writer.text);
        let inner = margin + self.step(writer.text);
        let colon = if self.form.tight && self.form.json { ":" } else { ": " };
        let entries = map.iter().map(|(name, value)| {
            let value = self.value(writer, value, inner);
            format!("{eol}{}{}{colon}{value}", " ".repeat(inner), key(name, self.form))
        });
        let entries: Vec<String> = entries.collect();
        format!("{{{}{eol}{}}}", entries.join(","), " ".repeat(margin))
    }

    /// How the line ends that the brackets begin on.
    fn eol(&self, text: &str) -> &'static str {
        line_break(text, self.spot.node.span().start)
    }

    /// The column at which the parts stand on their lines.
    fn margin(&self, text: &str) -> usize {
        self.parts.last().map_or(0, |part| column(text, part.start))
    }

    fn step(&self, text: &str) -> usize {
        let close = column(text, self.spot.node.span().end - 1);
        self.margin(text).saturating_sub(close).max(1)
    }

    /// New items before the one of a number.
    fn insert(&self, writer: &mut Writer<'_>, index: usize, new: &[String]) {
        if new.is_empty() {
            return;
        }
        let at = self.parts[index].start;
        let between = self.between(writer);
        let text: String = new.iter().flat_map(|one| [one, between.as_str()]).collect();
        writer.splice(self.spot, at..at, text);
    }

    fn between(&self, writer: &Writer<'_>) -> String {
        if self.lined {
            let margin = " ".repeat(self.margin(writer.text));
            return format!(",{}{margin}", self.eol(writer.text));
        }
        comma(self.form).to_owned()
    }

    /// New parts behind the last that stays.
    fn append(&self, writer: &mut Writer<'_>, kept: usize, new: &[String]) {
        let between = self.between(writer);
        let end = self.parts[kept].end;
        if !self.lined {
            let text: String = new.iter().flat_map(|one| [between.as_str(), one]).collect();
            writer.splice(self.spot, end..end, text);
            return;
        }
        let trailing = self.comma_behind(writer.text, kept);
        if trailing.is_none() {
            writer.splice(self.spot, end..end, ",");
        }
        let is_last = kept + 1 == self.parts.len();
        let at = line_end(writer.text, trailing.unwrap_or(end));
        let margin = " ".repeat(self.margin(writer.text));
        let close = if is_last && trailing.is_some() { "," } else { "" };
        let text = format!("{}{margin}{}{close}", self.eol(writer.text), new.join(&between));
        writer.splice(self.spot, at..at, text);
    }

    /// Where the comma behind a part ends, if there is one.
    fn comma_behind(&self, text: &str, index: usize) -> Option<usize> {
        let end = self.parts[index].end;
        let rest = &text[end..];
        let blanks = rest.len() - rest.trim_start().len();
        rest[blanks..].starts_with(',').then_some(end + blanks + 1)
    }

    /// Takes out whole lines, and the comma before them if nothing follows.
    fn remove_lines(&self, writer: &mut Writer<'_>, kept: usize, none_new: bool) {
        let last = self.parts.len() - 1;
        for part in self.parts.iter().filter(|part| part.gone) {
            let line = line_start(writer.text, part.start);
            let span = line..next_line(writer.text, part.end);
            writer.removed.push(span.clone().into());
            writer.splice(self.spot, span, "");
        }
        let trailing = self.comma_behind(writer.text, last).is_some();
        let comma = self.comma_behind(writer.text, kept);
        let comma = comma.filter(|_| kept < last && none_new && !trailing);
        if let Some(comma) = comma {
            writer.splice(self.spot, comma - 1..comma, "");
        }
    }

    /// Takes out parts with one of the commas around them.
    fn remove_runs(&self, writer: &mut Writer<'_>) {
        let mut before: Option<usize> = None;
        let mut index = 0;
        while index < self.parts.len() {
            let rest = &self.parts[index..];
            let width = rest.iter().take_while(|part| part.gone).count();
            if width == 0 {
                before = Some(rest[0].end);
                index += 1;
                continue;
            }
            let span = match (rest.get(width), before) {
                (Some(next), _) => rest[0].start..next.start,
                (None, before) => before.unwrap_or(rest[0].start)..rest[width - 1].end,
            };
            writer.splice(self.spot, span, "");
            index += width;
        }
    }

    /// Nothing of what was there stays.
    fn emptied(&self, writer: &mut Writer<'_>, new: &[String]) {
        let (Some(first), Some(last)) = (self.parts.first(), self.parts.last()) else {
            return;
        };
        let Span { start, end } = self.spot.node.span();
        if new.is_empty() {
            let span = start + 1..end - 1;
            if self.lined {
                writer.removed.push(span.clone().into());
            }
            writer.splice(self.spot, span, "");
        } else {
            let text = new.join(&self.between(writer));
            writer.splice(self.spot, first.start..last.end, text);
        }
    }
}

/// Whether a byte is the first on its line that is no blank.
fn starts_text(text: &str, at: usize) -> bool {
    text[line_start(text, at)..at].trim().is_empty()
}
