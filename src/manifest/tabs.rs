//! Tabs that indent.
//!
//! The parser lets some of them pass; libyaml and go-yaml do not, and so neither does
//! kubectl: a tab may not stand where a key, a dash or a value could begin on a new
//! line. It may inside quotes, brackets and blocks.

use std::ops::Range;

use super::block::next_line;
use super::complaint;
use super::stream::{Found, Problem, Root};
use super::tape::{Style, Tape};

/// Finds the first such tab in each document, which is then broken.
pub(super) fn refuse(tape: &Tape, part: Range<usize>, found: &mut [Found]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !tape.text[part.clone()].contains('\t') {
        return problems;
    }
    for document in found {
        let inside = match document.root {
            Root::Cell(root) => inside(tape, root),
            Root::Empty => Vec::new(),
            Root::Broken => continue,
        };
        let span = document.span.start..document.span.end;
        if let Some(tab) = first_tab(tape.text, span, &inside) {
            problems.push(complaint::tab_problem(tab));
            document.root = Root::Broken;
        }
    }
    problems
}

/// The parts of a document where a tab means nothing, in order: scalars and brackets of
/// several lines.
fn inside(tape: &Tape, root: u32) -> Vec<Range<usize>> {
    let cells = &tape.cells[root as usize..tape.after(root) as usize];
    let mut parts: Vec<Range<usize>> = Vec::new();
    for cell in cells {
        let (start, end) = (cell.start as usize, cell.end as usize);
        let is_block = matches!(cell.style, Style::BlockMap | Style::BlockList);
        let is_known = parts.last().is_some_and(|last| last.end >= end);
        if !is_block && !is_known && tape.text[start..end].contains(['\n', '\r']) {
            parts.push(start..end);
        }
    }
    parts
}

fn first_tab(text: &str, span: Range<usize>, inside: &[Range<usize>]) -> Option<usize> {
    let mut line = span.start;
    while line < span.end {
        if let Some(tab) = indenting_tab(text, line) {
            let after = inside.partition_point(|part| part.start < tab);
            let is_inside = after > 0 && tab < inside[after - 1].end;
            if !is_inside {
                return Some(tab);
            }
        }
        line = next_line(text, line);
    }
    None
}

/// The tab among the blanks, dashes and question marks that a line begins with. If
/// nothing but a comment follows blanks, only a tab at the very left counts: behind a
/// plain scalar, libyaml lets others pass.
fn indenting_tab(text: &str, line: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut tab, mut has_dash) = (None, false);
    let mut at = line;
    loop {
        match bytes.get(at) {
            Some(b' ') => {}
            Some(b'\t') => tab = tab.or(Some(at)),
            Some(b'-' | b'?') if matches!(bytes.get(at + 1), Some(b' ' | b'\t')) => {
                has_dash = true;
            }
            None | Some(b'\n' | b'\r' | b'#') => {
                return tab.filter(|tab| has_dash || *tab == line);
            }
            Some(_) => return tab,
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;

    #[track_caller]
    fn tab_at(text: &str) -> Option<usize> {
        let problems = read(text).problems;
        let tab = problems.iter().find(|problem| problem.message.contains("tab"));
        tab.map(|problem| problem.span.start)
    }

    #[test]
    fn refuses_tabs_that_indent() {
        assert_eq!(tab_at("\ta: 1\n"), Some(0));
        assert_eq!(tab_at("a:\n\tb: 1\n"), Some(3));
        assert_eq!(tab_at("a:\n  b: 1\n\tc: 2\n"), Some(10));
        assert_eq!(tab_at("-\ta\n"), Some(1));
        assert_eq!(tab_at("a: 1\n\t# why\nb: 1\n"), Some(5));
        assert_eq!(tab_at("a: 1\n\t\nb: 1\n"), Some(5));
    }

    #[test]
    fn allows_tabs_elsewhere() {
        for text in [
            "a:\tb\n",
            "a: b\t# why\n",
            "a: |\n  \tb\n\n  c\n",
            "a: \"b\n  \tc\"\n",
            "a: [\n  \tb\n  ]\n",
            "{\n\t\"a\": 1\n}\n",
        ] {
            let stream = read(text);
            assert!(stream.problems.is_empty(), "{text:?} {:?}", stream.problems);
        }
    }
}
