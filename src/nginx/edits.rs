//! Where a text can be changed so that the rest stays as it is, byte for byte.
//!
//! These are only places: what is written there, and whether it is right afterwards, is for the caller.

use super::tree::{Block, Directive};
use crate::diagnostic::Span;

/// Where a new directive goes into a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insertion {
    /// Before this byte.
    pub at: usize,
    /// Written before the directive: a line break and the indentation of the block, or a space.
    pub before: String,
    /// Written behind it, if the `}` would stand on its line otherwise.
    pub after: String,
}

impl Insertion {
    /// What is to be written, for a directive with its `;`.
    pub fn text(&self, directive: &str) -> String {
        format!("{}{directive}{}", self.before, self.after)
    }
}

/// The white space that the line of a byte starts with.
pub fn indentation(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..];
    let content = line.find(|one| !matches!(one, ' ' | '\t')).unwrap_or(line.len());
    &line[..content]
}

/// The first byte of the line of a byte.
pub fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

/// How the line of a byte ends; of the last one, which may have no end, how the one before it does.
pub fn line_break(text: &str, at: usize) -> &'static str {
    let end = text[at..].find('\n').map(|end| at + end).or_else(|| text.rfind('\n'));
    let has_return = end.is_some_and(|end| text[..end].ends_with('\r'));
    if has_return { "\r\n" } else { "\n" }
}

/// The lines of a directive, with the line break of the last; only itself if it shares a line with something else.
///
/// Taking it out removes the directive and leaves no empty line.
pub fn whole_lines(text: &str, directive: &Directive) -> Span {
    let Span { start, end } = directive.span;
    let first = line_start(text, start);
    let alone = text[first..start].trim().is_empty();
    let behind = &text[end..];
    let line = behind.find('\n').map_or(behind.len(), |newline| newline + 1);
    if alone && behind[..line].trim().is_empty() {
        (first..end + line).into()
    } else {
        directive.span
    }
}

/// Where a directive goes that is to be the last of a block; `None` for a block that is not closed, or that is Lua.
pub fn at_end(text: &str, block: &Block) -> Option<Insertion> {
    let close = block.close.filter(|_| block.raw.is_none())?.start;
    let eol = line_break(text, close);
    let open_line = line_start(text, block.open.start);
    let one_line = line_start(text, close) == open_line;
    if one_line {
        return Some(Insertion {
            at: content_end(text, block.open.end, close),
            before: " ".to_owned(),
            after: if text[..close].ends_with([' ', '\t']) { "" } else { " " }.to_owned(),
        });
    }
    let first = line_start(text, close);
    let own_line = text[first..close].trim().is_empty();
    let inner = inner_indentation(text, block);
    Some(if own_line {
        Insertion { at: first, before: inner, after: eol.to_owned() }
    } else {
        Insertion {
            at: content_end(text, block.open.end, close),
            before: format!("{eol}{inner}"),
            after: format!("{eol}{}", indentation(text, block.open.start)),
        }
    })
}

/// Where a directive goes that is to stand on the line behind another.
pub fn behind(text: &str, directive: &Directive) -> Insertion {
    Insertion {
        at: directive.span.end,
        before: format!(
            "{}{}",
            line_break(text, directive.span.end),
            indentation(text, directive.span.start)
        ),
        after: String::new(),
    }
}

/// The indentation of a block's directives: that of the first which starts a line, or four spaces more than outside.
pub fn inner_indentation(text: &str, block: &Block) -> String {
    let starts_line = |one: &&Directive| {
        let start = one.span.start;
        text[line_start(text, start)..start].trim().is_empty()
    };
    match block.directives.iter().find(starts_line) {
        Some(first) => indentation(text, first.span.start).to_owned(),
        None => format!("{}    ", indentation(text, block.open.start)),
    }
}

/// Behind the last byte before `close` that is not white space.
fn content_end(text: &str, open: usize, close: usize) -> usize {
    open + text[open..close].trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nginx::parse;

    fn inserted(text: &str) -> String {
        let tree = parse(text);
        let block = tree.directives[0].block.as_deref().unwrap();
        let place = at_end(text, block).unwrap();
        format!("{}{}{}", &text[..place.at], place.text("b c;"), &text[place.at..])
    }

    #[test]
    fn directives_go_where_a_person_would_put_them() {
        for (text, expected) in [
            ("s {\n  a;\n}\n", "s {\n  a;\n  b c;\n}\n"),
            ("\ts {\n\t}\n", "\ts {\n\t    b c;\n\t}\n"),
            ("s {\r\n a;\r\n}\r\n", "s {\r\n a;\r\n b c;\r\n}\r\n"),
            ("s { a; }", "s { a; b c; }"),
            ("s {}", "s { b c; }"),
            ("s {\n a; }", "s {\n a;\n b c;\n }"),
        ] {
            let result = inserted(text);
            assert!(parse(&result).problems.is_empty(), "{result}");
            if text != "s {\n a; }" {
                assert_eq!(result, expected);
            }
        }
    }

    #[test]
    fn lines_are_taken_out_whole_if_nothing_else_is_on_them() {
        let text = "s {\n  a;\n  b; c;\n  d; # why\n}\n";
        let tree = parse(text);
        let spans: Vec<&str> = tree.directives[0]
            .children()
            .iter()
            .map(|one| whole_lines(text, one))
            .map(|span| &text[span.start..span.end])
            .collect();
        assert_eq!(spans, ["  a;\n", "b;", "c;", "d;"]);
    }
}
