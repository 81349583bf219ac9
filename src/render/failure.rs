//! A template that fails, as a diagnostic that points into it.

use minijinja::{Error, ErrorKind, Value};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{EMBEDDED, Renderer, TemplateSet};
use crate::diagnostic::{Diagnostic, Label, Sources};

/// Why an app could not be rendered.
#[derive(Debug)]
pub struct Failure {
    /// The template's text.
    pub sources: Sources,
    /// What is wrong with it.
    pub diagnostic: Box<Diagnostic>,
}

impl Renderer {
    /// The text that a template makes of a context.
    ///
    /// A panic of the template engine becomes a diagnostic too: a template may be the user's.
    pub(super) fn text(&self, name: &str, context: Value) -> Result<String, Failure> {
        let rendered =
            catch_unwind(AssertUnwindSafe(|| self.environment.get_template(name)?.render(context)));
        let error = match rendered {
            Ok(Ok(text)) => return Ok(text),
            Ok(Err(error)) => error,
            Err(_) => Error::new(ErrorKind::InvalidOperation, "the template engine gave up"),
        };
        Err(explain(&self.style.templates, name, &error))
    }
}

/// The innermost error knows the place best: the outer ones only say who included whom.
fn innermost(error: &Error) -> &Error {
    let inner = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Error>());
    inner.filter(|inner| inner.name().is_some()).map_or(error, innermost)
}

fn explain(templates: &TemplateSet, name: &str, error: &Error) -> Failure {
    let error = innermost(error);
    let name = error.name().unwrap_or(name).trim_end_matches(".j2");
    let text = templates.text(name).unwrap_or_default();
    let mut sources = Sources::default();
    let source = sources.add(templates.shown(name), text);
    let span = place(text, error);
    let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let label = Label::new(source, span.into(), reason);
    let diagnostic =
        Diagnostic::at("template-failed", format!("the template `{name}.j2` failed"), label);
    let diagnostic = match help(templates, error) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    };
    Failure { sources, diagnostic: Box::new(diagnostic) }
}

/// Comments may have been left out before compiling, so the line is looked up by its number only where the
/// byte range fits the text.
fn place(text: &str, error: &Error) -> std::ops::Range<usize> {
    let line = error.line().unwrap_or(1).saturating_sub(1);
    let start = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
    match error.range() {
        Some(range)
            if range.start >= start && range.end <= end && text.is_char_boundary(range.start) =>
        {
            range
        }
        _ => start..end,
    }
}

fn help(templates: &TemplateSet, error: &Error) -> Option<String> {
    match error.kind() {
        ErrorKind::TemplateNotFound => {
            let names: Vec<&str> =
                EMBEDDED.iter().map(|(name, _)| *name).chain(templates.additional()).collect();
            Some(format!("there are {}", names.join(", ")))
        }
        ErrorKind::UndefinedError => {
            Some("`sioway templates show` prints the embedded one, with the names it uses".into())
        }
        ErrorKind::OutOfFuel => Some("a loop in it does not end".into()),
        _ => None,
    }
}
