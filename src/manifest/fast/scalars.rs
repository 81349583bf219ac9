//! Scalars on one line.

use super::super::escape::escape;
use super::super::tape::Style;
use super::{Fast, LONG_KEY, Sure, Unsure};

/// A scalar that was found, but is not part of the tree yet.
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    style: Style,
    decoded: Option<Box<str>>,
}

/// What a byte may mean where text is expected.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Text,
    /// It ends the text in some places: `:`, `#`, quotes, brackets, breaks.
    Mark,
    /// It begins a character that must be looked at.
    Look,
    /// It is left to the complete reader.
    Strange,
}

const CLASSES: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut classes = [Class::Text; 256];
    let mut byte = 0;
    while byte < 0x20 {
        classes[byte] = Class::Strange;
        byte += 1;
    }
    classes[0x7f] = Class::Strange;
    classes[b'\n' as usize] = Class::Mark;
    classes[b'\r' as usize] = Class::Mark;
    let marks = b":#'\"\\,[]{}";
    let mut at = 0;
    while at < marks.len() {
        classes[marks[at] as usize] = Class::Mark;
        at += 1;
    }
    classes[0xC2] = Class::Look;
    classes[0xE2] = Class::Look;
    classes[0xEF] = Class::Look;
    classes
}

impl Fast<'_, '_> {
    /// Finds the next byte that may mean something, from `at` on.
    fn next_mark(&self, mut at: usize) -> Sure<usize> {
        loop {
            let Some(&byte) = self.bytes.get(at) else {
                return Ok(at);
            };
            match CLASSES[byte as usize] {
                Class::Text => at += 1,
                Class::Mark => return Ok(at),
                Class::Look => at += self.usual_character(at)?,
                Class::Strange => return Err(Unsure),
            }
        }
    }

    /// The length of the character at `at`. Control characters, byte order marks, and
    /// what some versions of YAML take for line breaks are left to the complete reader.
    fn usual_character(&self, at: usize) -> Sure<usize> {
        let byte = |offset: usize| self.bytes.get(at + offset).copied().unwrap_or(0);
        match (byte(0), byte(1), byte(2)) {
            (0xC2, 0..0xA0, _)
            | (0xE2, 0x80, 0xA8 | 0xA9)
            | (0xEF, 0xBB, 0xBF)
            | (0xEF, 0xBF, 0xBE | 0xBF) => Err(Unsure),
            (0xC2, ..) => Ok(2),
            _ => Ok(3),
        }
    }

    /// The end of the line, where anything may stand but strange characters.
    pub(super) fn scan_line(&self, mut at: usize) -> Sure<usize> {
        loop {
            let Some(&byte) = self.bytes.get(at) else {
                return Ok(at);
            };
            match (CLASSES[byte as usize], byte) {
                (Class::Mark, b'\n') => return Ok(at),
                (Class::Mark, b'\r') if self.is_gap(at) => return Ok(at),
                (Class::Mark, b'\r') => return Err(Unsure),
                (Class::Text | Class::Mark, _) | (Class::Strange, b'\t') => at += 1,
                (Class::Look, _) => at += self.usual_character(at)?,
                (Class::Strange, _) => return Err(Unsure),
            }
        }
    }

    /// Reads a scalar, and the spaces behind it.
    pub(super) fn scan_scalar(&mut self) -> Sure<Found> {
        let found = match self.peek() {
            Some(b'"') => self.double()?,
            Some(b'\'') => self.single()?,
            _ => self.plain(false)?,
        };
        self.at = found.end;
        self.skip_spaces();
        Ok(found)
    }

    /// The same between brackets.
    pub(super) fn scan_flow_scalar(&mut self) -> Sure<Found> {
        let found = match self.peek() {
            Some(b'"') => self.double()?,
            Some(b'\'') => self.single()?,
            _ => self.plain(true)?,
        };
        self.at = found.end;
        Ok(found)
    }

    pub(super) fn take(&mut self, found: Found) -> Sure<()> {
        self.tape.scalar(found.start..found.end, found.style, found.decoded)?;
        Ok(())
    }

    pub(super) fn key(&mut self, found: Found) -> Sure<()> {
        let length = found.end - found.start;
        if length > LONG_KEY || &self.bytes[found.start..found.end] == b"<<" {
            return Err(Unsure);
        }
        self.take(found)
    }

    fn plain(&self, in_flow: bool) -> Sure<Found> {
        let start = self.at;
        self.plain_start(start)?;
        let mut at = start;
        loop {
            at = self.next_mark(at)?;
            match self.bytes.get(at) {
                Some(b':') if self.is_gap(at + 1) => break,
                Some(b':') if self.bytes[at + 1] == b'\r' => return Err(Unsure),
                Some(b':') if in_flow && is_bracket(self.bytes[at + 1]) => break,
                Some(b':') if self.bytes[at + 1] == b'\t' => return Err(Unsure),
                Some(b'#') if self.bytes[at - 1] == b' ' => break,
                Some(b'\r') if !self.is_gap(at) => return Err(Unsure),
                None | Some(b'\n' | b'\r') => break,
                Some(&byte) if in_flow && is_bracket(byte) => break,
                Some(_) => at += 1,
            }
        }
        let spaces = self.bytes[start..at].iter().rev();
        let end = at - spaces.take_while(|byte| **byte == b' ').count();
        Ok(self.found(start, end, Style::Plain, None))
    }

    /// Only what can never be anything else begins a plain scalar here.
    fn plain_start(&self, at: usize) -> Sure<()> {
        match self.bytes.get(at) {
            Some(b'-') => match self.bytes.get(at + 1) {
                Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-') => Ok(()),
                _ => Err(Unsure),
            },
            Some(
                b'0'..=b'9'
                | b'a'..=b'z'
                | b'A'..=b'Z'
                | b'_'
                | b'/'
                | b'.'
                | b'$'
                | b'('
                | b')'
                | b'+'
                | b';'
                | b'<'
                | b'='
                | b'^'
                | b'~'
                | b'\\'
                | 0x80..,
            ) => Ok(()),
            _ => Err(Unsure),
        }
    }

    fn found(&self, start: usize, end: usize, style: Style, decoded: Option<String>) -> Found {
        debug_assert!(end >= start && end <= self.bytes.len());
        Found { start, end, style, decoded: decoded.map(String::into_boxed_str) }
    }

    fn single(&self) -> Sure<Found> {
        let start = self.at;
        let mut decoded: Option<String> = None;
        let mut run = start + 1;
        let mut at = run;
        loop {
            at = self.next_mark(at)?;
            match (self.bytes.get(at), self.bytes.get(at + 1)) {
                (Some(b'\''), Some(b'\'')) => {
                    let text = decoded.get_or_insert_default();
                    text.push_str(&self.tape.text[run..=at]);
                    at += 2;
                    run = at;
                }
                (Some(b'\''), _) => break,
                (None | Some(b'\n' | b'\r'), _) => return Err(Unsure),
                _ => at += 1,
            }
        }
        if let Some(text) = &mut decoded {
            text.push_str(&self.tape.text[run..at]);
        }
        Ok(self.found(start, at + 1, Style::Single, decoded))
    }

    fn double(&self) -> Sure<Found> {
        let start = self.at;
        let mut decoded: Option<String> = None;
        let mut run = start + 1;
        let mut at = run;
        loop {
            at = self.next_mark(at)?;
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    let (character, length) = escape(&self.tape.text[at..]).ok_or(Unsure)?;
                    let text = decoded.get_or_insert_default();
                    text.push_str(&self.tape.text[run..at]);
                    text.push(character);
                    at += length;
                    run = at;
                }
                None | Some(b'\n' | b'\r') => return Err(Unsure),
                Some(_) => at += 1,
            }
        }
        if let Some(text) = &mut decoded {
            text.push_str(&self.tape.text[run..at]);
        }
        Ok(self.found(start, at + 1, Style::Double, decoded))
    }
}

fn is_bracket(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
}
