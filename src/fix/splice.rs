//! Splices: bytes that are replaced by others.

use crate::diagnostic::{Span, Splice};

use super::Refused;

/// Splices in the making: insertions at one place come in the order of their depth, the deepest first.
#[derive(Debug, Default)]
pub(super) struct Splices {
    found: Vec<(usize, Splice)>,
}

impl Splices {
    pub(super) fn push(&mut self, depth: usize, span: impl Into<Span>, text: impl Into<String>) {
        self.found.push((depth, Splice::new(span, text)));
    }

    /// In the order of the text, those that change nothing left out.
    pub(super) fn settled(mut self, old: &str) -> Result<Vec<Splice>, Refused> {
        self.found.sort_by_key(|(depth, splice)| {
            let Span { start, end } = splice.span;
            (start, start < end, usize::MAX - depth)
        });
        let mut settled: Vec<Splice> = Vec::new();
        for (_, splice) in self.found {
            let Span { start, end } = splice.span;
            if settled.last().is_some_and(|last| last.span.end > start) {
                return Err(Refused::new(splice.span, "two edits overlap here"));
            }
            if old[start..end] != splice.text {
                settled.push(splice);
            }
        }
        Ok(settled)
    }
}

/// The text with its splices, which are in order.
pub(super) fn applied(text: &str, splices: &[Splice]) -> String {
    let mut new = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for splice in splices {
        new.push_str(&text[at..splice.span.start]);
        new.push_str(&splice.text);
        at = splice.span.end;
    }
    new.push_str(&text[at..]);
    new
}

/// A splice without the beginning and the end that old and new have in common.
pub(super) fn trimmed(old: &str, splice: &Splice) -> Splice {
    let part = &old[splice.span.start..splice.span.end];
    let head = common(part.chars(), splice.text.chars());
    let (part, new) = (&part[head..], &splice.text[head..]);
    let tail = common(part.chars().rev(), new.chars().rev());
    let start = splice.span.start + head;
    Splice::new(start..splice.span.end - tail, &new[..new.len() - tail])
}

/// New lines as they stand behind the line before them: further lines that come there follow them then.
pub(super) fn behind_line(old: &str, splice: Splice) -> Splice {
    let Span { start, end } = splice.span;
    let eol = if old[..start].ends_with("\r\n") { "\r\n" } else { "\n" };
    match splice.text.strip_suffix(eol) {
        Some(lines) if start == end && old[..start].ends_with(eol) => {
            let at = start - eol.len();
            Splice::new(at..at, format!("{eol}{lines}"))
        }
        _ => splice,
    }
}

/// How many bytes two texts begin with in common.
fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}
