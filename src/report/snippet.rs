//! A diagnostic as rustc would print it: the line itself, the place underlined, the remedy below.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity, SourceId, Sources};

/// The diagnostic with its lines; styled, which a stream without colour takes off again.
pub(super) fn render(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.id);
    let mut elements: Vec<Element<'_>> = snippets(sources, diagnostic);
    elements.extend(
        diagnostic
            .notes
            .iter()
            .map(|note| Level::NOTE.message(note.as_str()).into()),
    );
    elements.extend(
        diagnostic
            .help
            .iter()
            .map(|help| Level::HELP.message(help.as_str()).into()),
    );
    let group: Group<'_> = title.elements(elements);
    Renderer::styled().render(&[group])
}

/// One snippet for each text, in the order of the first label in it.
fn snippets<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Vec<Element<'a>> {
    let mut texts: Vec<SourceId> = Vec::new();
    for label in &diagnostic.labels {
        if !texts.contains(&label.source) {
            texts.push(label.source);
        }
    }
    texts
        .into_iter()
        .map(|text| snippet(sources, diagnostic, text).into())
        .collect()
}

fn snippet<'a>(
    sources: &'a Sources,
    diagnostic: &'a Diagnostic,
    text: SourceId,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let source = sources.get(text);
    let annotations = diagnostic
        .labels
        .iter()
        .enumerate()
        .filter(|(_, label)| label.source == text);
    let annotations = annotations.map(|(index, label)| {
        let kind = if index == 0 {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let annotation = kind.span(label.span.start..label.span.end);
        if label.text.is_empty() {
            annotation
        } else {
            annotation.label(label.text.as_str())
        }
    });
    Snippet::source(&*source.text)
        .path(&*source.name)
        .annotations(annotations)
}
