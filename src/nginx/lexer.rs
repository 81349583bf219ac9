//! Words, as nginx cuts them.
//!
//! This is `ngx_conf_read_token` of `nginx/nginx:src/core/ngx_conf_file.c`, byte by byte and with its names for the
//! states, because that function is the only definition of the syntax: `${` is part of a word, `#` starts a comment
//! only where a word could start, a closing quote wants a space, `;`, `{` or `)`. The difference is what happens
//! after an error: nginx stops, this reads on.

use compact_str::CompactString;

use super::problem::{Fault, Problem};
use crate::diagnostic::Span;

/// The size of nginx's read buffer: a word, or a comment, that does not fit ends the start of nginx.
const BUFFER: usize = 4096;

/// After so many quotes without an end the rest of a text is one word: reading on would take quadratic time.
const UNTERMINATED: usize = 8;

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// Without quotes.
    None,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
}

/// One word of a directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word as written, with its quotes.
    pub span: Span,
    /// The word as nginx reads it: without quotes, and with `\"`, `\'`, `\\`, `\t`, `\r` and `\n` resolved.
    pub text: CompactString,
    /// How it is written.
    pub quote: Quote,
}

/// A comment, from its `#` to the end of the line, which it does not contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// The comment as written.
    pub span: Span,
    /// Whether nothing but white space stands before it on its line.
    pub own_line: bool,
}

/// What ended a list of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// `;` at this byte.
    Semicolon(usize),
    /// `{` at this byte.
    Open(usize),
    /// `}` at this byte, where words may be waiting for a `;`.
    Close(usize),
    /// The end of the text.
    Text,
}

/// Reads words, and remembers comments and problems.
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    unterminated: usize,
    pub(super) comments: Vec<Comment>,
    pub(super) problems: Vec<Problem>,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut lexer =
            Self { text, at: 0, unterminated: 0, comments: Vec::new(), problems: Vec::new() };
        if text.starts_with('\u{feff}') {
            lexer.at = '\u{feff}'.len_utf8();
            lexer.report(0, lexer.at, Fault::ByteOrderMark);
        }
        lexer
    }

    /// Goes on at another byte, behind what somebody else has read.
    pub(super) fn skip_to(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn report(&mut self, start: usize, end: usize, fault: Fault) {
        self.problems.push(Problem::new(start, end, fault));
    }

    /// Adds the words up to the next `;`, `{` or `}`.
    pub(super) fn read(&mut self, words: &mut Vec<Word>) -> End {
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            let here = self.at;
            self.at += 1;
            let end = match byte {
                b' ' | b'\t' | b'\r' | b'\n' => None,
                b'#' => {
                    self.comment(here);
                    None
                }
                b';' => Some(End::Semicolon(here)),
                b'{' => Some(End::Open(here)),
                b'}' => Some(End::Close(here)),
                b'"' | b'\'' => self.quoted(here, byte, words),
                _ => self.bare(here, words),
            };
            if let Some(end) = end {
                return end;
            }
        }
        End::Text
    }

    /// The next byte; `None` at the end. `start` is where nginx's buffer must reach back to.
    fn next(&mut self, start: usize) -> Option<u8> {
        let byte = *self.text.as_bytes().get(self.at)?;
        if self.at - start == BUFFER {
            let line = self.text[start..]
                .find(['\n', ' '])
                .map_or(self.text.len(), |length| start + length);
            self.report(start, line, Fault::TooLong);
        }
        self.at += 1;
        Some(byte)
    }

    fn comment(&mut self, here: usize) {
        let rest = &self.text.as_bytes()[here..];
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        self.at = here + length;
        let end = if rest[..length].ends_with(b"\r") { self.at - 1 } else { self.at };
        let before = &self.text[..here];
        let line = before.rfind('\n').map_or(0, |newline| newline + 1);
        self.comments
            .push(Comment { span: (here..end).into(), own_line: before[line..].trim().is_empty() });
        // The newline must still fit into the buffer that the `#` is in.
        if length >= BUFFER && here + BUFFER < self.text.len() {
            self.report(here, end, Fault::TooLong);
        }
    }

    /// A word without quotes that starts at `start`; its first byte is read.
    fn bare(&mut self, start: usize, words: &mut Vec<Word>) -> Option<End> {
        let mut variable = false;
        self.at = start;
        while let Some(byte) = self.next(start) {
            let first = self.at - 1 == start;
            if byte == b'{' && variable {
                continue;
            }
            variable = byte == b'$';
            match byte {
                b'\\' => self.escape(start),
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' if !first => {
                    let here = self.at - 1;
                    words.push(self.word(start, here, Quote::None));
                    match byte {
                        b';' => return Some(End::Semicolon(here)),
                        b'{' => return Some(End::Open(here)),
                        _ => self.one_more(start),
                    }
                    return None;
                }
                _ => {}
            }
        }
        words.push(self.word(start, self.at, Quote::None));
        Some(End::Text)
    }

    /// Behind a word nginx reads one byte more before it lets go of the word.
    fn one_more(&mut self, start: usize) {
        if self.at - start == BUFFER && self.at < self.text.len() {
            self.report(start, self.at - 1, Fault::TooLong);
        }
    }

    /// The byte behind a backslash, whatever it is.
    fn escape(&mut self, start: usize) {
        self.next(start);
    }

    /// A word in quotes, whose opening one is at `open`.
    fn quoted(&mut self, open: usize, quote: u8, words: &mut Vec<Word>) -> Option<End> {
        let start = open + 1;
        let style = if quote == b'"' { Quote::Double } else { Quote::Single };
        let problems = self.problems.len();
        while let Some(byte) = self.next(start) {
            if byte == b'\\' {
                self.escape(start);
            } else if byte == quote {
                words.push(self.word(open, self.at, style));
                return self.behind_quote(open);
            }
        }
        // That the word is long is no news when it has no end.
        self.problems.truncate(problems);
        self.unterminated_quote(open, style, words)
    }

    fn behind_quote(&mut self, open: usize) -> Option<End> {
        let here = self.at;
        match self.next(open + 1)? {
            b' ' | b'\t' | b'\r' | b'\n' => self.one_more(open + 1),
            b';' => return Some(End::Semicolon(here)),
            b'{' => return Some(End::Open(here)),
            b')' => self.at = here,
            _ => {
                self.at = here;
                let length = self.text[here..].chars().next().map_or(1, char::len_utf8);
                self.report(here, here + length, Fault::TextBehindQuote { open });
            }
        }
        None
    }

    /// The word ends with its line, or before a `;` or ` {` at the end of it.
    fn unterminated_quote(
        &mut self,
        open: usize,
        style: Quote,
        words: &mut Vec<Word>,
    ) -> Option<End> {
        self.report(open, open + 1, Fault::UnterminatedQuote);
        self.unterminated += 1;
        if self.unterminated > UNTERMINATED {
            words.push(self.word(open, self.text.len(), style));
            return Some(End::Text);
        }
        let rest = &self.text[open..];
        let line = rest.lines().next().unwrap_or(rest).trim_end();
        let content = line.strip_suffix([';', '{']).unwrap_or(line).trim_end();
        let end = open + content.len().max(1);
        words.push(self.word(open, end, style));
        self.at = end;
        None
    }

    fn word(&self, start: usize, end: usize, quote: Quote) -> Word {
        let raw = &self.text[start..end];
        let content = match quote {
            Quote::None => raw,
            _ if raw.len() > 1 && raw.as_bytes().last() == raw.as_bytes().first() => {
                &raw[1..raw.len() - 1]
            }
            _ => &raw[1..],
        };
        Word { span: (start..end).into(), text: unescape(content), quote }
    }
}

/// Resolves the escapes that nginx knows; any other backslash stays.
fn unescape(raw: &str) -> CompactString {
    if !raw.contains('\\') {
        return raw.into();
    }
    let mut text = CompactString::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let replaced = match rest.as_bytes().get(at + 1) {
            Some(byte @ (b'"' | b'\'' | b'\\')) => char::from(*byte),
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'n') => '\n',
            _ => {
                text.push('\\');
                rest = &rest[at + 1..];
                continue;
            }
        };
        text.push(replaced);
        rest = &rest[at + 2..];
    }
    text.push_str(rest);
    text
}
