//! A directive of ours as it is to be written there.

use super::Comparison;
use super::meaning::{dependent, is_list, is_taste, key};
use crate::diagnostic::Span;
use crate::nginx::edits::{indentation, line_start, whole_lines};
use crate::nginx::{Directive, NodeId};

impl Comparison<'_> {
    /// A directive of ours as it is written, from the start of its line, without what is deeper than it stands, in
    /// their words. Its locations keep what they would inherit at `level` of what they set themselves.
    pub(super) fn source(&self, ours: NodeId, level: NodeId) -> String {
        let text = self.ours.text_of(ours).text();
        let directive = self.ours.directive(ours);
        let start = line_start(text, directive.span.start);
        let margin = directive.span.start - start;
        let mut splices: Vec<(Span, String)> = Vec::new();
        dependent(directive, &mut |one| splices.push((whole_lines(text, one), String::new())));
        self.kept_in(directive, level, &mut |close, line| splices.push(before(text, close, &line)));
        splices.sort_by_key(|(span, _)| span.start);
        let mut whole = text[start..directive.span.end].to_owned();
        for (span, new) in splices.iter().rev() {
            whole.replace_range(span.start - start..span.end - start, new);
        }
        let lines = whole.split('\n');
        let plain = lines.map(|line| line.get(margin..).unwrap_or_else(|| line.trim_start()));
        self.names.in_their_words(&plain.collect::<Vec<_>>().join("\n"))
    }

    /// The lines that are inherited at a level of theirs, and that a location of ours would hide, each with where that
    /// location ends.
    fn kept_in(&self, block: &Directive, level: NodeId, add: &mut impl FnMut(usize, String)) {
        let close = block.block.as_deref().and_then(|block| block.close);
        if let Some(close) = close.filter(|_| &*block.name.text == "location") {
            for (name, own) in lists_of(block) {
                for line in self.theirs.config.effective(level, name).lines {
                    if !own.contains(&key(self.theirs.directive(line))) {
                        add(close.start, self.theirs.line(line));
                    }
                }
            }
        }
        for child in block.children() {
            self.kept_in(child, level, add);
        }
    }
}

/// A line as the last of a block that is closed at a byte.
fn before(text: &str, close: usize, line: &str) -> (Span, String) {
    let start = line_start(text, close);
    let margin = indentation(text, close);
    if start + margin.len() == close {
        return ((start..start).into(), format!("{margin}    {line}\n"));
    }
    ((close..close).into(), format!("{line} "))
}

/// The lists that a block has lines of, with what tells these apart.
fn lists_of(block: &Directive) -> Vec<(&str, Vec<String>)> {
    let mut lists: Vec<(&str, Vec<String>)> = Vec::new();
    let lines = block.children().iter().filter(|one| is_list(&one.name.text) && !is_taste(one));
    for line in lines {
        let name = &*line.name.text;
        match lists.iter_mut().find(|(other, _)| *other == name) {
            Some((_, keys)) => keys.push(key(line)),
            None => lists.push((name, vec![key(line)])),
        }
    }
    lists
}
