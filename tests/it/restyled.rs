//! Manifests as people would have written them: the values of rendered ones, in random styles, with comments
//! everywhere, one a file or many in one.

use std::fmt::Write as _;

use serde_json::Value;

use crate::edits::texts::Dice;

/// Files, each with its text, in which the comments are `# c1`, `# c2`, and so on.
pub(crate) struct Restyled {
    /// By name.
    pub(crate) files: Vec<(String, String)>,
}

/// Writes objects as somebody would have.
pub(crate) fn restyled(dice: &mut Dice, objects: &[Value]) -> Restyled {
    let mut pen = Pen::new(dice);
    let files = match pen.dice.roll(4) {
        0 => vec![("all.yaml".to_owned(), pen.stream(objects))],
        1 => {
            let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects});
            vec![("list.yaml".to_owned(), pen.stream(&[list]))]
        }
        _ => {
            let mut files = Vec::new();
            for (index, object) in objects.iter().enumerate() {
                let kind = object["kind"].as_str().unwrap_or_default().to_lowercase();
                files.push((format!("{index}-{kind}.yml"), pen.file(object)));
            }
            files
        }
    };
    Restyled { files }
}

/// How one person writes.
struct Pen<'d> {
    dice: &'d mut Dice,
    /// Blanks from a map to the map in it.
    step: usize,
    /// Blanks from a key to the dashes of its list.
    dash: usize,
    /// Blanks in a block of nginx.
    unit: &'static str,
    /// One comment in so many lines.
    comments: usize,
    /// One small map in so many is in braces.
    flows: usize,
    number: usize,
    out: String,
}

impl<'d> Pen<'d> {
    fn new(dice: &'d mut Dice) -> Self {
        let step = *dice.of(&[2, 2, 4, 3]);
        Self {
            step,
            dash: if dice.chance(2) { 0 } else { step },
            unit: ["  ", "    ", "\t"][dice.roll(3)],
            comments: *dice.of(&[3, 6, 1000]),
            flows: *dice.of(&[2, 10, 1000]),
            dice,
            number: 0,
            out: String::new(),
        }
    }

    fn file(&mut self, object: &Value) -> String {
        self.stream(std::slice::from_ref(object))
    }

    fn stream(&mut self, objects: &[Value]) -> String {
        self.out.clear();
        for (index, object) in objects.iter().enumerate() {
            if index > 0 || self.dice.chance(3) {
                self.out += "---";
                self.end();
            }
            self.map(object, 0, false);
            self.lead(0);
        }
        let text = std::mem::take(&mut self.out);
        if self.dice.chance(6) { text.replace('\n', "\r\n") } else { text }
    }

    /// Comments and empty lines before something.
    fn lead(&mut self, indent: usize) {
        while self.dice.chance(self.comments) {
            self.number += 1;
            let _ = writeln!(self.out, "{}# c{}", " ".repeat(indent), self.number);
        }
        if self.dice.chance(12) {
            self.out.push('\n');
        }
    }

    /// The end of a line, maybe with a comment.
    fn end(&mut self) {
        if self.dice.chance(self.comments) {
            self.number += 1;
            let blanks = if self.dice.chance(2) { " " } else { "   " };
            let _ = write!(self.out, "{blanks}# c{}", self.number);
        }
        self.out.push('\n');
    }

    /// The entries of a map; the first stands where the text ends if `inline`.
    fn map(&mut self, map: &Value, indent: usize, inline: bool) {
        for (index, (key, value)) in map.as_object().unwrap().iter().enumerate() {
            if index > 0 || !inline {
                self.lead(indent);
                self.out += &" ".repeat(indent);
            }
            let key = self.text(key);
            let _ = write!(self.out, "{key}:");
            self.value(value, indent, false);
        }
    }

    /// What stands behind a colon or a dash, in a line that is indented so.
    fn value(&mut self, value: &Value, indent: usize, in_list: bool) {
        let is_small = value.to_string().len() < 70;
        match value {
            Value::Object(map) if map.is_empty() => self.line(" {}"),
            Value::Array(items) if items.is_empty() => self.line(" []"),
            Value::Object(_) | Value::Array(_) if is_small && self.dice.chance(self.flows) => {
                let flow = format!(" {}", flow(value));
                self.line(&flow);
            }
            Value::Object(_) if in_list => {
                self.out.push(' ');
                self.map(value, indent + 2, true);
            }
            Value::Object(_) => {
                self.end();
                self.map(value, indent + self.step, false);
            }
            Value::Array(items) => {
                self.end();
                for item in items {
                    self.lead(indent + self.dash);
                    let _ = write!(self.out, "{}-", " ".repeat(indent + self.dash));
                    self.value(item, indent + self.dash, true);
                }
            }
            Value::String(text) if is_block(text) => self.block(text, indent),
            Value::String(text) => {
                let text = format!(" {}", self.text(text));
                self.line(&text);
            }
            other => self.line(&format!(" {other}")),
        }
    }

    fn line(&mut self, text: &str) {
        self.out += text;
        self.end();
    }

    /// A text on one line.
    fn text(&mut self, text: &str) -> String {
        let single = text.chars().all(|c| !c.is_control() && c.is_ascii());
        match self.dice.roll(4) {
            0 => quoted(text),
            1 if single => format!("'{}'", text.replace('\'', "''")),
            _ if is_word(text) => text.to_owned(),
            _ => quoted(text),
        }
    }

    /// Lines as they are, those of nginx in this person's indentation and with comments.
    fn block(&mut self, text: &str, indent: usize) {
        self.line(" |");
        let margin = " ".repeat(indent + self.step);
        for line in text.lines() {
            let deep = line.len() - line.trim_start().len();
            let inner = self.unit.repeat(deep / 4);
            let rest = line.trim_start();
            if rest.is_empty() {
                self.out.push('\n');
                continue;
            }
            let _ = write!(self.out, "{margin}{inner}{rest}");
            if rest.ends_with([';', '{', '}']) && self.dice.chance(self.comments) {
                self.number += 1;
                let _ = write!(self.out, " # c{}", self.number);
            }
            self.out.push('\n');
        }
    }
}

/// A value within brackets, in quotes throughout.
pub(crate) fn flow(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries =
                map.iter().map(|(key, value)| format!("{}: {}", quoted(key), flow(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

/// Whether a text can be told line by line.
fn is_block(text: &str) -> bool {
    let lines_end = text.ends_with('\n') && !text.ends_with("\n\n");
    let is_plain = |c: char| c == '\n' || c.is_ascii() && !c.is_ascii_control();
    let starts = text.starts_with(|c: char| !c.is_whitespace());
    // What begins so is JSON.
    let starts = starts && !text.starts_with('{');
    lines_end && starts && text.chars().all(is_plain) && text.contains(['{', ';'])
}

/// A text that all readers take for itself without quotes.
fn is_word(text: &str) -> bool {
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let inner = |c: char| c.is_ascii_alphanumeric() || "/.-_".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(inner)
        && !words.contains(&text.to_lowercase().as_str())
}

fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            ' '..='~' => out.push(character),
            other => {
                let _ = write!(out, "\\U{:08x}", u32::from(other));
            }
        }
    }
    out + "\""
}
