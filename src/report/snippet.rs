//! A diagnostic as rustc would print it: the line itself, the place underlined, the remedy below.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Renderer, Snippet};

use super::clean::one_line;

use crate::diagnostic::{Diagnostic, Label, Severity, SourceId, Sources};

/// The diagnostic with its lines; styled, which a stream without colour takes off again.
pub(super) fn render(sources: &Sources, diagnostic: &Diagnostic) -> String {
    render_with(&Renderer::styled(), sources, diagnostic)
}

/// The diagnostic with its lines, without colours.
pub(super) fn render_plain(sources: &Sources, diagnostic: &Diagnostic) -> String {
    render_with(&Renderer::plain(), sources, diagnostic)
}

fn render_with(renderer: &Renderer, sources: &Sources, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level.primary_title(one_line(&diagnostic.message)).id(diagnostic.id);
    let mut elements: Vec<Element<'_>> = snippets(sources, diagnostic);
    elements.extend(diagnostic.notes.iter().map(|note| Level::NOTE.message(one_line(note)).into()));
    elements.extend(diagnostic.help.iter().map(|help| Level::HELP.message(one_line(help)).into()));
    let group: Group<'_> = title.elements(elements);
    renderer.render(&[group])
}

/// One snippet for each text, in the order of the first label in it.
fn snippets<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Vec<Element<'a>> {
    let mut texts: Vec<SourceId> = Vec::new();
    for label in &diagnostic.labels {
        if !texts.contains(&label.source) {
            texts.push(label.source);
        }
    }
    texts.into_iter().map(|text| snippet(sources, diagnostic, text).into()).collect()
}

fn snippet<'a>(
    sources: &'a Sources,
    diagnostic: &'a Diagnostic,
    id: SourceId,
) -> Snippet<'a, Annotation<'a>> {
    let source = sources.get(id);
    let labels = diagnostic.labels.iter().enumerate().filter(|(_, label)| label.source == id);
    let window = window(&source.text, labels.clone().map(|(_, label)| label));
    let annotations = labels.map(|(index, label)| {
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let span = within(&source.text, label);
        annotation(kind.span(span.start - window.start..span.end - window.start), label)
    });
    Snippet::source(quiet(&source.text[window.clone()]))
        .line_start(sources.position(id, window.start).line)
        .path(one_line(&source.name))
        .annotations(annotations)
}

fn annotation<'a>(place: Annotation<'a>, label: &Label) -> Annotation<'a> {
    if label.text.is_empty() { place } else { place.label(one_line(&label.text)) }
}

/// The lines that the labels are in. The renderer reads all that it is given, which for many findings in one long
/// text must not be the text.
fn window<'a>(text: &str, labels: impl Iterator<Item = &'a Label>) -> Range<usize> {
    let (mut first, mut last) = (text.len(), 0);
    for span in labels.map(|label| within(text, label)) {
        first = first.min(span.start);
        last = last.max(span.end);
    }
    // What is missing at the end is shown on the last line.
    let first = text.floor_char_boundary(first.min(text.len().saturating_sub(1)));
    let start = text[..first].rfind('\n').map_or(0, |at| at + 1);
    let end = text[last..].find('\n').map_or(text.len(), |at| last + at + 1);
    start..end
}

/// Lines without the control characters that the renderer lets through. What stands for one is as long as it was.
fn quiet(lines: &str) -> Cow<'_, str> {
    let steers = |character: char| ('\u{80}'..='\u{9f}').contains(&character);
    if lines.contains(steers) {
        Cow::Owned(lines.replace(steers, "·"))
    } else {
        Cow::Borrowed(lines)
    }
}

/// The span of a label, held to its text: a place that is a little off is better than none.
fn within(text: &str, label: &Label) -> Range<usize> {
    let start = text.floor_char_boundary(label.span.start);
    let end = text.ceil_char_boundary(label.span.end.min(text.len()));
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Span;

    #[test]
    fn places_that_are_off_are_shown_nearby() {
        let mut sources = Sources::default();
        let id = sources.add("a\n.yaml", "é: 1\nb: 2\n");
        for (start, end) in [(1, 1), (0, 1), (10, 11), (11, 11), (90, 99), (99, 90)] {
            let label = Label::new(id, Span { start, end }, "here");
            let text = render_plain(&sources, &Diagnostic::at("off", "off", label));
            assert!(text.contains(": ") && text.contains("here"), "{start}..{end}\n{text}");
        }
    }

    #[test]
    fn nothing_quoted_steers_the_terminal() {
        let mut sources = Sources::default();
        let id = sources.add("\u{1b}]a", "a: \u{9b}31m\u{1b}[0m\n");
        let label = Label::new(id, (0..1).into(), "\u{1b}[1m\nx");
        let diagnostic = Diagnostic::at("steers", "\u{1b}c", label).note("\u{9b}2J").help("\u{7}");
        let text = render_plain(&sources, &diagnostic);
        let steers = |character: char| character.is_control() && character != '\n';
        assert!(!text.contains(steers), "{text:?}");
        assert!(text.contains("^ ␛[1m x"), "{text}");
    }
}
