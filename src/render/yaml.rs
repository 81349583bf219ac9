//! Values as YAML that every reader reads the same way.
//!
//! kubectl reads YAML 1.1 (`yes` is true, `1_000` is a number), most other tools read
//! 1.2. A string is written bare only where neither can take it for anything else, and
//! in quotes otherwise, with every character escaped that any reader treats specially.
//! minijinja's own JSON mode is not enough: it lets DEL, U+0085 and U+FEFF through.

use std::fmt::{self, Write};

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

/// A key must be short for YAML to take it as one: readers stop at 1,024 bytes.
const KEY_MAX: usize = 1_000;

/// Writes a value in flow style.
pub(super) fn write(out: &mut impl Write, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Bool => Ok(write!(out, "{}", value.is_true())?),
        ValueKind::Number => number(out, value),
        ValueKind::String => Ok(string(out, value.as_str().unwrap_or_default())?),
        ValueKind::Seq | ValueKind::Iterable => sequence(out, value),
        ValueKind::Map => map(out, value),
        kind => Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("{kind} has no place in a manifest"),
        )),
    }
}

fn number(out: &mut impl Write, value: &Value) -> Result<(), Error> {
    let text = value.to_string();
    if value.is_integer() {
        return Ok(out.write_str(&text)?);
    }
    let finite = f64::try_from(value.clone()).is_ok_and(f64::is_finite);
    if !finite || text.contains(['e', 'E']) {
        return Err(refused("a fraction in a manifest is written without exponent"));
    }
    let point = if text.contains('.') { "" } else { ".0" };
    Ok(write!(out, "{text}{point}")?)
}

fn refused(reason: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, reason)
}

fn sequence(out: &mut impl Write, value: &Value) -> Result<(), Error> {
    out.write_char('[')?;
    for (index, item) in value.try_iter()?.enumerate() {
        out.write_str(if index == 0 { "" } else { ", " })?;
        write(out, &item)?;
    }
    Ok(out.write_char(']')?)
}

fn map(out: &mut impl Write, value: &Value) -> Result<(), Error> {
    out.write_char('{')?;
    for (index, key) in value.try_iter()?.enumerate() {
        out.write_str(if index == 0 { "" } else { ", " })?;
        let text = key.as_str().filter(|text| text.len() <= KEY_MAX);
        let text = text.ok_or_else(|| refused("a key of a manifest is a short string"))?;
        double_quoted(out, text)?;
        out.write_str(": ")?;
        write(out, &value.get_item(&key)?)?;
    }
    Ok(out.write_char('}')?)
}

/// Writes a string: bare where that is safe, in single quotes where that reads better, else in double quotes.
pub(super) fn string(out: &mut impl Write, text: &str) -> fmt::Result {
    if is_plain(text) {
        out.write_str(text)
    } else if text.contains('"') && is_single_quotable(text) {
        write!(out, "'{text}'")
    } else {
        double_quoted(out, text)
    }
}

/// Begins with a letter or `/`, holds nothing that YAML gives a meaning, and is no word of YAML 1.1 or 1.2.
fn is_plain(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'/')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(&b))
        && !is_word(text)
}

pub(crate) fn is_word(text: &str) -> bool {
    const WORDS: [&str; 11] =
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];
    text.len() <= 5 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Printable ASCII, without the quote that would end it.
fn is_single_quotable(text: &str) -> bool {
    text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'\'')
}

pub(crate) fn double_quoted(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\t' => out.write_str("\\t")?,
            '\r' => out.write_str("\\r")?,
            c if is_printable(c) => out.write_char(c)?,
            c => escaped(out, c)?,
        }
    }
    out.write_char('"')
}

/// What every reader takes as it stands. Only ASCII and the letters of the basic plane: readers disagree on
/// U+0085, U+2028, U+FEFF and their like.
pub(crate) fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~') || (('\u{a1}'..='\u{d7ff}').contains(&c) && c.is_alphanumeric())
}

fn escaped(out: &mut impl Write, c: char) -> fmt::Result {
    match u32::from(c) {
        code @ 0..=0xff => write!(out, "\\x{code:02x}"),
        code @ 0x100..=0xffff => write!(out, "\\u{code:04x}"),
        code => write!(out, "\\U{code:08x}"),
    }
}

/// A text as a literal block, indented by `indent`; in quotes where a block cannot carry it.
pub(crate) fn block(text: &str, indent: usize) -> String {
    if !is_blockable(text) {
        let mut quoted = String::new();
        double_quoted(&mut quoted, text).expect("a string takes all it is given");
        return quoted;
    }
    let body = text.trim_end_matches('\n');
    let chomping = match text.len() - body.len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    let margin = " ".repeat(indent);
    let mut block = String::with_capacity(text.len() + text.len() / 2);
    block.extend(["|", chomping]);
    for line in text.split_terminator('\n') {
        block.push('\n');
        if !line.is_empty() {
            block.extend([margin.as_str(), line]);
        }
    }
    block
}

/// A literal block carries lines of printable text that begin neither with a blank nor with a line break,
/// since its indentation is told from its first line.
pub(crate) fn is_blockable(text: &str) -> bool {
    let ascii = |b: u8| b == b'\n' || (b' '..=b'~').contains(&b);
    let carried = || text.chars().all(|c| c == '\n' || is_printable(c));
    !text.is_empty() && !text.starts_with([' ', '\n']) && (text.bytes().all(ascii) || carried())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = String::new();
        string(&mut out, text).unwrap();
        out
    }

    #[test]
    fn bare_only_where_no_reader_sees_more_than_a_string() {
        for plain in ["chat", "app.kubernetes.io/name", "CLIENT_IP", "/", "/socket.io/"] {
            assert_eq!(written(plain), plain);
        }
        for quoted in [
            "yes",
            "On",
            "NULL",
            "y",
            "1",
            "1_000",
            "0x1f",
            "1e3",
            "~",
            "",
            "-",
            ".inf",
            "a: b",
            "a #b",
            "=",
            "<<",
            "12:30",
            "2001-01-01",
        ] {
            assert_eq!(written(quoted), format!("\"{quoted}\""));
        }
    }

    #[test]
    fn json_reads_best_in_single_quotes() {
        assert_eq!(written(r#"{"default":"chat"}"#), r#"'{"default":"chat"}'"#);
        assert_eq!(written(r#"it's "so""#), r#""it's \"so\"""#);
    }

    #[test]
    fn characters_that_readers_disagree_on_are_escaped() {
        assert_eq!(
            written("\u{85}\u{2028}\u{feff}\u{7f}\u{1f600}"),
            r#""\x85\u2028\ufeff\x7f\U0001f600""#
        );
    }

    #[test]
    fn blocks_keep_their_line_ends() {
        assert_eq!(block("a\n\n  b\n", 2), "|\n  a\n\n    b");
        assert_eq!(block("a", 2), "|-\n  a");
        assert_eq!(block("a\n\n", 2), "|+\n  a\n");
        assert_eq!(block(" a\n", 2), "\" a\\n\"");
    }
}
