//! Where values are, when the parser reports something else.
//!
//! Values that are not there, lists as far left as their key, block scalars: all that
//! is found by looking again at the text behind the value before.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::StructureStyle;

use super::super::block::{Block, next_line};
use super::super::tape::Style;
use super::Complete;

impl<'t> Complete<'_, 't> {
    /// The place of a value that is not there: behind its colon or its dash.
    pub(super) fn absent(&self, reported: usize) -> Range<usize> {
        let text = self.tape.text;
        let at = match self.tape.innermost().map(|cell| cell.style) {
            Some(Style::BlockList) => self.behind_dash().unwrap_or(reported),
            Some(style) if style.is_map() && !self.tape.key_is_next() => {
                let rest = &text[reported..];
                let colon = rest.trim_start_matches([' ', '\t']);
                match colon.strip_prefix(':') {
                    Some(after) => text.len() - after.len(),
                    None => reported,
                }
            }
            _ => reported,
        };
        at..at
    }

    /// Finds the dash behind the last value, over comments.
    fn behind_dash(&self) -> Option<usize> {
        let bytes = self.tape.text.as_bytes();
        let mut at = self.tape.reach as usize;
        loop {
            match bytes.get(at)? {
                b'-' => return Some(at + 1),
                b'#' => at = next_line(self.tape.text, at),
                b' ' | b'\t' | b'\n' | b'\r' => at += 1,
                _ => return None,
            }
        }
    }

    /// At the end of a file without a last line break there is none to keep, for go-yaml
    /// and libyaml; the parser adds one.
    pub(super) fn as_go_ends_it(&self, text: Cow<'t, str>, span: &Range<usize>) -> Cow<'t, str> {
        let source = self.tape.text;
        let Some(before) = text.strip_suffix('\n') else {
            return text;
        };
        let start = self.block_start().filter(|_| span.end >= source.len());
        let block = start.map(|start| Block::read(source, start, span.end, &text));
        let is_cut = block.is_some_and(|block| {
            let ended = block.lines.iter().filter(|line| line.is_ended()).count();
            let open = block.lines.iter().find(|line| !line.is_ended());
            let is_blank = before.trim_end_matches('\n').is_empty();
            open.is_some_and(|line| !line.content.is_empty() || is_blank && text.len() > ended)
        });
        if is_cut { Cow::Owned(before.to_owned()) } else { text }
    }

    pub(super) fn block_span(&self, span: &Range<usize>, text: &str) -> Range<usize> {
        let Some(start) = self.block_start() else {
            return span.clone();
        };
        start..Block::read(self.tape.text, start, span.end, text).end()
    }

    /// Finds the `|` or `>` behind the last value, over anchors, tags and comments.
    fn block_start(&self) -> Option<usize> {
        let bytes = self.tape.text.as_bytes();
        let mut at = self.tape.reach as usize;
        loop {
            match bytes.get(at)? {
                b'|' | b'>' => return Some(at),
                b'#' => at = next_line(self.tape.text, at),
                b'&' | b'!' => {
                    let word = bytes[at..].iter();
                    at += word.take_while(|byte| !byte.is_ascii_whitespace()).count();
                }
                _ => at += 1,
            }
        }
    }

    /// A list that stands as far left as its key is reported behind its first dash.
    pub(super) fn list_start(&self, style: StructureStyle, reported: usize) -> usize {
        let is_value = !self.tape.key_is_next()
            && self.tape.innermost().is_some_and(|cell| cell.style == Style::BlockMap);
        if !is_value || style == StructureStyle::Flow {
            return reported;
        }
        let mut line = next_line(self.tape.text, self.tape.reach as usize);
        while line < reported {
            let spaces = self.tape.text[line..].bytes().take_while(|byte| *byte == b' ');
            let start = line + spaces.count();
            if start < reported && self.tape.text.as_bytes()[start] == b'-' {
                return start;
            }
            line = next_line(self.tape.text, line);
        }
        reported
    }
}
