//! Values as words of an nginx configuration.
//!
//! nginx has no way to write a `$` that is not a variable, and stops reading a word at
//! 4,096 bytes: such a text is refused, not mangled. Variables are the templates' own.

use std::fmt::{self, Write};

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

/// Below the 4,096 bytes at which nginx gives up, with room for quotes.
const WORD_MAX: usize = 4_000;

/// Writes a value as one word.
pub(super) fn write(out: &mut impl Write, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Number if value.is_integer() => Ok(write!(out, "{value}")?),
        ValueKind::String => word(out, value.as_str().unwrap_or_default()),
        kind => Err(refused(format!("{kind} is no word of an nginx configuration"))),
    }
}

fn word(out: &mut impl Write, text: &str) -> Result<(), Error> {
    if text.contains('$') {
        return Err(refused("nginx reads `$` as a variable and has no way to escape it"));
    }
    if text.chars().any(char::is_control) {
        return Err(refused("a control character has no place in an nginx configuration"));
    }
    if text.len() > WORD_MAX {
        return Err(refused("nginx reads no word of more than 4,096 bytes"));
    }
    let written = if is_bare(text) { out.write_str(text) } else { quoted(out, text) };
    Ok(written?)
}

fn refused(reason: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, reason)
}

/// A `~` means a regular expression where it stands first, and nothing inside a path. A path may be the rest of a
/// word, as in `http://socketio/~/`, where quotes would be part of it.
fn is_bare(text: &str) -> bool {
    let is_path = text.starts_with('/');
    !text.is_empty()
        && text.bytes().all(|b| {
            b.is_ascii_alphanumeric() || b"._/-:,+%@".contains(&b) || (is_path && b == b'~')
        })
}

fn quoted(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.write_char('\\')?;
        }
        out.write_char(c)?;
    }
    out.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Result<String, Error> {
        let mut out = String::new();
        word(&mut out, text).map(|()| out)
    }

    #[test]
    fn bare_or_quoted() {
        assert_eq!(written("/socket.io/").unwrap(), "/socket.io/");
        assert_eq!(written("/~io/").unwrap(), "/~io/");
        assert_eq!(written("~io").unwrap(), "\"~io\"");
        assert_eq!(written("a b").unwrap(), "\"a b\"");
        assert_eq!(written("a;}\"\\").unwrap(), r#""a;}\"\\""#);
        assert_eq!(written("").unwrap(), "\"\"");
    }

    #[test]
    fn what_nginx_cannot_carry_is_refused() {
        for bad in ["$host", "a\nb", &"a".repeat(5_000)] {
            assert!(written(bad).is_err());
        }
    }
}
