//! Values as text, in the habits of a document.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::manifest::{self, Scalar};
use crate::render::yaml::{block, double_quoted, is_blockable, is_printable, is_word};

use super::style::Style;

/// Where a value is to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Form {
    /// Within brackets.
    pub(super) flow: bool,
    /// Within brackets that hold JSON.
    pub(super) json: bool,
    /// Within brackets without a blank behind colons and commas.
    pub(super) tight: bool,
}

/// A value on one line.
pub(super) fn inline(value: &Value, form: Form, style: Style) -> String {
    let inner = Form { flow: true, ..form };
    match value {
        Value::String(text) => string(text, None, form, style),
        Value::Array(items) => {
            let items = items.iter().map(|item| inline(item, inner, style));
            format!("[{}]", items.collect::<Vec<_>>().join(comma(form)))
        }
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| entry(key, value, inner, style));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(comma(form)))
        }
        other => other.to_string(),
    }
}

/// An entry within brackets.
pub(super) fn entry(name: &str, value: &Value, form: Form, style: Style) -> String {
    let colon = if form.tight && form.json { ":" } else { ": " };
    format!("{}{colon}{}", key(name, form), inline(value, form, style))
}

/// What stands between two items within brackets.
pub(super) fn comma(form: Form) -> &'static str {
    if form.tight { "," } else { ", " }
}

/// A key.
pub(super) fn key(name: &str, form: Form) -> String {
    if form.json {
        return json_string(name);
    }
    if is_plain(name, form.flow) && !name.contains(' ') {
        return name.to_owned();
    }
    quoted(name)
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    double_quoted(&mut out, text).expect("a string takes all it is given");
    out
}

/// A text on one line, in the quotes of the text that it replaces, if they carry it.
pub(super) fn string(text: &str, old: Option<manifest::Style>, form: Form, style: Style) -> String {
    if form.json {
        return json_string(text);
    }
    let single = || format!("'{}'", text.replace('\'', "''"));
    let quotes_all = style.quotes_all && !form.flow;
    match old {
        Some(manifest::Style::Single) if is_single_quotable(text) => single(),
        Some(manifest::Style::Double | manifest::Style::Single) => quoted(text),
        Some(_) if is_plain(text, form.flow) => text.to_owned(),
        None if is_plain(text, form.flow) && !quotes_all => text.to_owned(),
        _ if !is_single_quotable(text) || text.contains('\'') => quoted(text),
        _ if style.single || text.contains('"') => single(),
        _ => quoted(text),
    }
}

/// What single quotes carry as it is.
pub(super) fn is_single_quotable(text: &str) -> bool {
    text.chars().all(is_printable)
}

/// Whether all readers take a text without quotes for the text itself.
///
/// More than rendered files allow themselves, as people write `nginx:1.27` and `30s` without quotes. Which words,
/// numbers and dates are more than text is asked of both schemas.
pub(super) fn is_plain(text: &str, flow: bool) -> bool {
    let begins = |first: u8| first.is_ascii_alphanumeric() || first == b'/';
    let carried = |byte: u8| {
        byte.is_ascii_alphanumeric() || b"._/-:@+=$~ ".contains(&byte) && !(flow && byte == b':')
    };
    let scalar = Scalar::plain(text);
    let is_text = scalar.is_text() && matches!(scalar.yaml12(), manifest::Value::Text(_));
    text.bytes().next().is_some_and(begins)
        && text.bytes().all(carried)
        && !text.contains(": ")
        && !text.contains("  ")
        && !text.ends_with([':', ' '])
        && is_text
        && !is_word(text)
        && !is_like_number(text)
}

/// Digits with something between them: some readers see a date, a time, or a number.
fn is_like_number(text: &str) -> bool {
    let number = |byte: u8| byte.is_ascii_hexdigit() || b"xXoOTtZz_:+-. ".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_digit()) && text.bytes().all(number)
}

/// A text as JSON that is YAML too.
fn json_string(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            letter if is_printable(letter) => out.push(letter),
            letter => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out + "\""
}

/// Whether a value takes lines of its own.
pub(super) fn is_collection(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => false,
    }
}

/// The lines of an entry of a map, the first one too indented by `indent`.
pub(super) fn entry_lines(name: &str, value: &Value, indent: usize, style: Style) -> Vec<String> {
    let head = format!("{}{}:", " ".repeat(indent), key(name, Form::default()));
    match value {
        Value::Object(map) if !map.is_empty() => {
            let mut lines = vec![head];
            lines.extend(map_lines(map, indent + style.step, style));
            lines
        }
        Value::Array(items) if !items.is_empty() => {
            let mut lines = vec![head];
            lines.extend(list_lines(items, indent + style.dash, style));
            lines
        }
        scalar => scalar_lines(&head, scalar, indent + style.step, style),
    }
}

/// A scalar behind its key or dash.
fn scalar_lines(head: &str, value: &Value, indent: usize, style: Style) -> Vec<String> {
    let written = match value {
        Value::String(text) if style.blocks && text.contains('\n') && is_blockable(text) => {
            block(text, indent)
        }
        value => inline(value, Form::default(), style),
    };
    let text = format!("{head} {written}");
    text.split('\n').map(str::to_owned).collect()
}

/// The lines of a map.
pub(super) fn map_lines(map: &Map<String, Value>, indent: usize, style: Style) -> Vec<String> {
    let entries = map.iter();
    entries.flat_map(|(key, value)| entry_lines(key, value, indent, style)).collect()
}

/// The lines of a list whose dashes are indented by `indent`.
pub(super) fn list_lines(items: &[Value], indent: usize, style: Style) -> Vec<String> {
    let items = items.iter();
    items.flat_map(|item| item_lines(item, indent, style)).collect()
}

/// The lines of an item of a list.
pub(super) fn item_lines(item: &Value, indent: usize, style: Style) -> Vec<String> {
    let inner = indent + 1 + style.gap;
    if !is_collection(item) {
        let blanks = " ".repeat(style.gap - 1);
        let head = format!("{}-{blanks}", " ".repeat(indent));
        return scalar_lines(&head, item, inner, style);
    }
    let mut lines = collection_lines(item, inner, style);
    if let Some(first) = lines.first_mut() {
        first.replace_range(indent..=indent, "-");
    }
    lines
}

/// The lines of a map or a list that begin at a column.
pub(super) fn collection_lines(value: &Value, indent: usize, style: Style) -> Vec<String> {
    match value {
        Value::Object(map) => map_lines(map, indent, style),
        Value::Array(items) => list_lines(items, indent, style),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_is_what_all_readers_take_for_text() {
        for text in [
            "chat",
            "nginx:1.27",
            "30s",
            "a b",
            "CLIENT_IP",
            "http://a/b",
            "1Gi",
            "10.8.0.0/14",
            "0s",
        ] {
            assert!(is_plain(text, false), "{text}");
        }
        for text in [
            "yes",
            "1_000",
            "2001-01-01",
            "12:30",
            "a: b",
            "a #b",
            "-x",
            "*x",
            "a:",
            "1e3",
            "0x1f",
            "",
            " a",
            "a  b",
            "=",
            "<<",
            "null",
            "1.5",
            "10.8.0.0",
            "0b11",
            "1:20",
            "{a}",
            "a,",
            "NaN",
        ] {
            assert!(!is_plain(text, false), "{text}");
        }
        assert!(!is_plain("a:b", true));
    }
}
