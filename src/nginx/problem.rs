//! What is wrong with the syntax of a text, in words that say what to do.

use crate::diagnostic::Span;

/// A place at which nginx would refuse to read a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// Which fault it is.
    pub fault: Fault,
    /// The fact: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// The faults that a text can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The text starts with a byte order mark, which nginx takes for the start of a directive's name.
    ByteOrderMark,
    /// A directive without its `;` before a `}` or the end of the text.
    MissingSemicolon,
    /// A `;` or `{` without a word before it.
    NothingBefore {
        /// The byte that stands there.
        byte: u8,
    },
    /// A `}` that closes nothing.
    UnmatchedClose,
    /// A `{` that nothing closes.
    Unclosed,
    /// A quote that is never closed.
    UnterminatedQuote,
    /// A closing quote with text right behind it.
    TextBehindQuote {
        /// The byte at which the quote was opened.
        open: usize,
    },
    /// A word or a comment of 4,096 bytes or more.
    TooLong,
    /// More than [`DEPTH`](super::DEPTH) blocks inside each other.
    TooDeep,
}

impl Problem {
    pub(super) fn new(start: usize, end: usize, fault: Fault) -> Self {
        let (message, help) = fault.words();
        Self { span: (start..end).into(), fault, message, help: help.to_owned() }
    }
}

impl Fault {
    fn words(self) -> (String, &'static str) {
        if let Self::NothingBefore { byte } = self {
            let message = format!("`{}` with no directive before it", char::from(byte));
            return (message, "remove it, or write the directive it belongs to");
        }
        let (message, help) = match self {
            Self::ByteOrderMark => (
                "the file starts with a byte order mark, which nginx takes for a directive",
                "save the file as UTF-8 without BOM",
            ),
            Self::MissingSemicolon => ("directive without `;`", "end the directive with `;`"),
            Self::UnmatchedClose => {
                ("`}` without a matching `{`", "remove it, or open the block it should close")
            }
            Self::Unclosed => ("`{` without a matching `}`", "close the block with `}`"),
            Self::UnterminatedQuote => (
                "quote without an end",
                "close the quote, or write `\\` before it if it belongs to the text",
            ),
            Self::TextBehindQuote { .. } => (
                "text right behind a closing quote",
                "put the whole word into the quotes, or a space behind them",
            ),
            Self::TooLong => (
                "longer than the 4,096 bytes that nginx reads at once",
                "shorten it, or break the value over several directives",
            ),
            _ => {
                ("blocks nested more than 100 deep", "nest less: no directive of nginx needs this")
            }
        };
        (message.to_owned(), help)
    }
}
