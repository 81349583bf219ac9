//! One `Diagnostic` for everything sioway has to say about a text.
//!
//! Broken TOML, an impossible timeout ladder, a failing template: each becomes a
//! [`Diagnostic`] that names the place and the remedy. How it looks is decided in
//! `report`; this module depends on nothing else of sioway but the names of
//! places, [`manifest::Path`](crate::manifest::Path), and everything may depend on it.

mod edit;
mod finding;
mod lines;
mod source;

pub use edit::{Edit, Insertion, NginxChange, Splice, ValueChange};
pub use finding::{Applicability, Finding, ObjectName, RuleCard};
pub use source::{Position, Region, Source, SourceId, Sources, Span};

/// How much a finding matters.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing breaks.
    Info,
    /// Breaks under load, on a rollout, or later.
    Warning,
    /// Does not work.
    Error,
}

/// A place in a source, and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The text that the place is in.
    pub source: SourceId,
    /// Where in that text.
    pub span: Span,
    /// Said beside the place; empty when the message says it all.
    pub text: String,
}

impl Label {
    /// A label at `span` of `source`.
    pub fn new(source: SourceId, span: Span, text: impl Into<String>) -> Self {
        Self { source, span, text: text.into() }
    }
}

/// What is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable name in kebab-case, such as `unknown-key`.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The fact: lower case, no full stop, literals in backticks.
    pub message: String,
    /// The places; the first is the one to jump to.
    pub labels: Vec<Label>,
    /// Facts that belong to it but have no place of their own.
    pub notes: Vec<String>,
    /// The action to take, with the exact text to write.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error whose first label is `at`.
    pub fn at(id: &'static str, message: impl Into<String>, at: Label) -> Self {
        Self { labels: vec![at], ..Self::bare(id, message) }
    }

    /// An error about something that has no text to point into.
    pub fn bare(id: &'static str, message: impl Into<String>) -> Self {
        Self {
            id,
            severity: Severity::Error,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
        }
    }

    /// Adds a second place.
    #[must_use]
    pub fn and(mut self, label: Label) -> Self {
        self.labels.push(label);
        self
    }

    /// Adds a fact that has no place of its own.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
