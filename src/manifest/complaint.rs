//! What is said about a text that cannot be read.

use std::ops::Range;

use granit_parser::{ErrorKind, ScanError};

use super::limits;
use super::stream::Problem;

/// The problem behind an error of the parser, which was given the text from `base` on.
pub(super) fn of(error: &ScanError, text: &str, base: usize) -> Problem {
    let at = base + error.marker().byte_offset().unwrap_or(0);
    let at = text.floor_char_boundary(at.min(text.len()));
    let end = at + text[at..].chars().next().map_or(0, char::len_utf8);
    let here = at..end;
    if let Some(tab) = tab_before(text, at) {
        return tab_problem(tab);
    }
    let (message, help) = words(error.kind());
    // Some errors are reported where the scalar with the tab begins.
    if let (Some(TAB), Some(tab)) = (message, text[at..].find('\t')) {
        return tab_problem(at + tab);
    }
    match message {
        Some(message) => Problem::new(here.into(), message).help(help),
        None => Problem::new(here.into(), error.info()),
    }
}

/// The fact and the remedy for the errors that people make.
fn words(kind: &ErrorKind) -> (Option<&'static str>, &'static str) {
    match kind {
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::InvalidIndentation
        | ErrorKind::BlockSequenceEntryNotAllowed => (
            Some("the indentation of this line fits none of the lines before it"),
            "line it up with the keys or dashes that it belongs to",
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            Some("a `key: value` was expected here"),
            "write the colon behind the key, or quote the text",
        ),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabInIndentation => (Some(TAB), TAB_HELP),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => (
            Some("the quote that opens here is never closed"),
            "close it, on the same line if it can be",
        ),
        ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::UnclosedFlowCollection { .. } => {
            (Some("a bracket is never closed"), "add the missing `]` or `}`")
        }
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => (
            Some("a `,` or the closing bracket was expected here"),
            "separate items by commas; quote a text that begins with a bracket",
        ),
        ErrorKind::RecursionLimitExceeded => {
            (Some("lists and maps are nested too deeply"), "at most 128 levels are read")
        }
        ErrorKind::BomInsideDocument => (
            Some("a byte order mark in the middle of a document"),
            "save the file as UTF-8 without a byte order mark",
        ),
        ErrorKind::UnexpectedCharacter { .. } => {
            (Some("this character cannot begin a value"), "quote the text")
        }
        _ => (None, ""),
    }
}

const TAB: &str = "a tab cannot indent YAML";
const TAB_HELP: &str = "indent with spaces";

/// A tab that indents.
pub(super) fn tab_problem(at: usize) -> Problem {
    Problem::new((at..at + 1).into(), TAB).help(TAB_HELP)
}

/// A tab among the blanks that the line of `at` begins with.
fn tab_before(text: &str, at: usize) -> Option<usize> {
    let line = text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let blanks = text[line..].bytes();
    let blanks = blanks.take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let tab = text[line..line + blanks].find('\t')?;
    Some(line + tab)
}

/// An alias without an anchor before it.
pub(super) fn unknown_alias(name: &str, span: Range<usize>) -> Problem {
    Problem::new(span.into(), format!("`*{name}` has no `&{name}` before it"))
        .help("quote the text if it is no alias")
}

/// An alias inside what it stands for.
pub(super) fn contains_itself(span: Range<usize>) -> Problem {
    Problem::new(span.into(), "a value that contains itself")
        .help("write the value out instead of this alias")
}

/// A text that goes on behind a comment.
pub(super) fn comment_in_text(span: Range<usize>) -> Problem {
    Problem::new(span.into(), "a comment in the middle of a text").help("quote the text")
}

/// Aliases of aliases.
pub(super) fn bomb(span: Range<usize>) -> Problem {
    let message = format!("aliases stand for more than {} values", limits::EXPANDED);
    Problem::new(span.into(), message).help("write the values out")
}

/// A list or a map as a key; often a template.
pub(super) fn key_is_no_scalar(text: &str, at: usize) -> Problem {
    let is_template = text[at..].starts_with('{') && text[..at].ends_with('{');
    let width = text[at..].chars().next().map_or(0, char::len_utf8);
    let problem = Problem::new((at..at + width).into(), "a list or a map cannot be a key");
    problem.help(if is_template {
        "`{{ … }}` is a template: render it first, or quote it"
    } else {
        "quote the key"
    })
}

/// More than is read at all.
pub(super) fn too_large(text: &str) -> Problem {
    let message = format!(
        "the file has {} MiB; at most {} MiB are read",
        text.len() >> 20,
        limits::FILE >> 20
    );
    Problem::new((0..0).into(), message).help("split the file")
}

/// So many problems that the rest is not read.
pub(super) fn enough(at: usize) -> Problem {
    let message = format!("more than {} problems: the rest is not read", limits::PROBLEMS);
    Problem::new((at..at).into(), message)
}
