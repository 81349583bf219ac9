//! Strict JSON with the place of every value: what annotations hold.
//!
//! YAML readers take more than JSON; the controllers that read these annotations take
//! JSON only (`encoding/json` of Go). So this accepts and refuses what `serde_json`
//! does, which tests hold it to.

use std::borrow::Cow;

use crate::diagnostic::Span;

/// Deeper lists and maps are refused, as by `serde_json`.
const DEPTH: usize = 128;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub struct Json<'t> {
    /// Where it is, quotes and brackets included.
    pub span: Span,
    /// What it is.
    pub kind: Kind<'t>,
}

/// The kinds of values.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(Cow<'t, str>),
    /// `[…]`.
    List(Vec<Json<'t>>),
    /// `{…}`, with repeated keys as often as they come.
    Map(Vec<Member<'t>>),
}

/// A member of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Member<'t> {
    /// Its key.
    pub key: Cow<'t, str>,
    /// Where the key is, with quotes.
    pub key_span: Span,
    /// Its value.
    pub value: Json<'t>,
}

/// Why a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Where.
    pub span: Span,
    /// The fact.
    pub message: &'static str,
}

impl<'t> Json<'t> {
    /// The members of a map; nothing for anything else.
    pub fn members(&self) -> &[Member<'t>] {
        match &self.kind {
            Kind::Map(members) => members,
            _ => &[],
        }
    }

    /// The items of a list; nothing for anything else.
    pub fn items(&self) -> &[Json<'t>] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The value under a key of a map. Of a repeated key the last counts.
    pub fn get(&self, key: &str) -> Option<&Json<'t>> {
        let mut members = self.members().iter().rev();
        members.find(|member| member.key == key).map(|member| &member.value)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// True or false, if it is one of them.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }
}

/// Reads a text as JSON.
///
/// # Errors
///
/// If the text is not exactly one JSON value: the first place where it is not.
pub fn read(text: &str) -> Result<Json<'_>, Invalid> {
    let mut reader = Reader { text, at: 0, depth: DEPTH };
    let value = reader.value()?;
    reader.skip_blanks();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.invalid("something follows the value")),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    /// The character at this place is wrong.
    fn invalid(&self, message: &'static str) -> Invalid {
        let start = self.text.floor_char_boundary(self.at);
        let width = self.text[start..].chars().next().map_or(0, char::len_utf8);
        Invalid { span: (start..start + width).into(), message }
    }

    fn value(&mut self) -> Result<Json<'t>, Invalid> {
        self.skip_blanks();
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.map()?,
            Some(b'[') => self.list()?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'a'..=b'z') => self.word()?,
            Some(b'\'') => return Err(self.invalid("JSON has double quotes only")),
            None => return Err(self.invalid("a value is missing at the end")),
            Some(_) => return Err(self.invalid("a value was expected here")),
        };
        Ok(Json { span: (start..self.at).into(), kind })
    }

    fn word(&mut self) -> Result<Kind<'t>, Invalid> {
        let words =
            [("null", Kind::Null), ("true", Kind::Bool(true)), ("false", Kind::Bool(false))];
        for (word, kind) in words {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(kind);
            }
        }
        Err(self.invalid("texts need double quotes"))
    }

    fn list(&mut self) -> Result<Kind<'t>, Invalid> {
        self.enter()?;
        let mut items = Vec::new();
        while self.another(b']', items.is_empty(), "a `,` or `]` was expected here")? {
            items.push(self.value()?);
        }
        self.depth += 1;
        Ok(Kind::List(items))
    }

    fn map(&mut self) -> Result<Kind<'t>, Invalid> {
        self.enter()?;
        let mut members = Vec::new();
        while self.another(b'}', members.is_empty(), "a `,` or `}` was expected here")? {
            members.push(self.member()?);
        }
        self.depth += 1;
        Ok(Kind::Map(members))
    }

    fn member(&mut self) -> Result<Member<'t>, Invalid> {
        self.skip_blanks();
        if self.peek() != Some(b'"') {
            return Err(self.invalid("a key in double quotes was expected here"));
        }
        let start = self.at;
        let key = self.string()?;
        let key_span = (start..self.at).into();
        self.skip_blanks();
        if self.peek() != Some(b':') {
            return Err(self.invalid("a `:` was expected here"));
        }
        self.at += 1;
        let value = self.value()?;
        Ok(Member { key, key_span, value })
    }

    fn enter(&mut self) -> Result<(), Invalid> {
        self.depth -= 1;
        if self.depth == 0 {
            return Err(self.invalid("lists and maps are nested too deeply"));
        }
        self.at += 1;
        Ok(())
    }

    /// Steps to the next item, or over the closing bracket.
    fn another(
        &mut self,
        close: u8,
        is_first: bool,
        expected: &'static str,
    ) -> Result<bool, Invalid> {
        self.skip_blanks();
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            Some(b',') if !is_first => {
                self.at += 1;
                self.skip_blanks();
                if self.peek() == Some(close) {
                    return Err(self.invalid("JSON has no comma before a closing bracket"));
                }
                Ok(true)
            }
            Some(_) if is_first => Ok(true),
            None => Err(self.invalid("a bracket is never closed")),
            Some(_) => Err(self.invalid(expected)),
        }
    }

    fn number(&mut self) -> Result<Kind<'t>, Invalid> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let zero = self.peek() == Some(b'0');
        let whole = self.digits()?;
        if zero && whole > 1 {
            return Err(self.invalid("a number cannot begin with 0"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        match self.text[start..self.at].parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Kind::Number(number)),
            _ => Err(self.invalid("the number is too large")),
        }
    }

    fn digits(&mut self) -> Result<usize, Invalid> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        match self.at - start {
            0 => Err(self.invalid("a digit was expected here")),
            count => Ok(count),
        }
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Invalid> {
        self.at += 1;
        let mut run = self.at;
        let mut decoded: Option<String> = None;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    let text = decoded.get_or_insert_default();
                    text.push_str(&self.text[run..self.at]);
                    text.push(self.escape()?);
                    run = self.at;
                }
                Some(0..0x20) => {
                    return Err(self.invalid("write control characters as escapes, such as `\\n`"));
                }
                Some(_) => self.at += 1,
                None => return Err(self.invalid("a quote is never closed")),
            }
        }
        let rest = &self.text[run..self.at];
        self.at += 1;
        Ok(match decoded {
            None => Cow::Borrowed(rest),
            Some(text) => Cow::Owned(text + rest),
        })
    }

    fn escape(&mut self) -> Result<char, Invalid> {
        let rest = &self.text[self.at..];
        let is_known = matches!(
            rest.as_bytes().get(1),
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' | b'u')
        );
        match super::escape::escape(rest).filter(|_| is_known) {
            Some((character, width)) => {
                self.at += width;
                Ok(character)
            }
            None => Err(self.invalid("JSON has no such escape")),
        }
    }
}
