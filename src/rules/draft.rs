//! How a rule says what it found.

use std::cmp::Reverse;

use super::Rule;
use crate::diagnostic::{
    Applicability, Diagnostic, Edit, Finding, Label, ObjectName, Severity, SourceId,
};
use crate::kube::Object;
use crate::nginx::NodeId;
use crate::path::{Evidence, Site};
use crate::set::Place;

/// Where a label is: the text, and the bytes in it.
type At = (SourceId, usize, usize);

/// What makes two findings one: the rule, the place, and the path of what they are about.
type Known<'f> = (Option<At>, &'static str, &'f str);

/// What one rule has found so far.
#[derive(Debug)]
pub struct Findings {
    rule: &'static Rule,
    found: Vec<Finding>,
}

/// A finding in the making.
#[derive(Debug, Clone)]
#[must_use]
pub struct Draft {
    finding: Finding,
}

impl Findings {
    /// Nothing yet.
    pub fn new(rule: &'static Rule) -> Self {
        Self { rule, found: Vec::new() }
    }

    /// Adds a finding. However many ways lead to a place, the worst is said of it, once.
    pub fn add(&mut self, draft: Draft) {
        let mut finding = draft.finding;
        finding.diagnostic.id = self.rule.id;
        finding.diagnostic.severity = finding.diagnostic.severity.min(self.rule.severity);
        self.found.push(finding);
    }

    /// Adds several.
    pub fn extend(&mut self, drafts: impl IntoIterator<Item = Draft>) {
        drafts.into_iter().for_each(|draft| self.add(draft));
    }

    /// All of them, by their places.
    pub fn into_vec(mut self) -> Vec<Finding> {
        keep_worst(&mut self.found);
        self.found
    }
}

/// Of several findings that are one, keeps the worst. Which of them was found first depends on what else there is, and
/// must not show.
pub(super) fn keep_worst(findings: &mut Vec<Finding>) {
    findings.sort_by(|one, other| {
        known(one).cmp(&known(other)).then_with(|| rank(one).cmp(&rank(other)))
    });
    findings.dedup_by(|later, kept| known(later) == known(kept));
}

fn known(finding: &Finding) -> Known<'_> {
    let label = finding.diagnostic.labels.first();
    (label.map(at), finding.diagnostic.id, &finding.path)
}

fn at(label: &Label) -> At {
    (label.source, label.span.start, label.span.end)
}

/// What matters more comes first, and what is repaired with more care.
type Rank<'f> = (
    (Reverse<Severity>, Reverse<Applicability>),
    Vec<(At, &'f str)>,
    (&'f str, Option<&'f str>, &'f [String], usize),
);

fn rank(finding: &Finding) -> Rank<'_> {
    let said = &finding.diagnostic;
    let labels = said.labels.iter().map(|label| (at(label), &*label.text));
    (
        (Reverse(said.severity), Reverse(finding.fix)),
        labels.collect(),
        (&said.message, said.help.as_deref(), &said.notes, finding.edits.len()),
    )
}

impl Draft {
    /// A finding: the fact as a user will see it, and the place with what is said beside it.
    ///
    /// The message is the consequence ("every WebSocket is closed after 30 s"), lower case, without a full stop.
    pub fn at(place: Place, beside: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            finding: Finding {
                diagnostic: Diagnostic::at("", message, place.label(beside)),
                object: None,
                path: String::new(),
                fix: Applicability::None,
                edits: Vec::new(),
            },
        }
    }

    /// The object that it is about, and the field in it, such as `spec.timeoutSec`; empty for the whole.
    pub fn of(mut self, object: &Object<'_>, path: impl Into<String>) -> Self {
        self.finding.object = Some(object.object_name());
        self.finding.path = path.into();
        self
    }

    /// The directive of nginx that it is about.
    pub fn of_directive(mut self, site: &Site<'_>, node: NodeId) -> Self {
        self.finding.object = site.text_of(node).object().map(Object::object_name);
        self.finding.path = site.path_of(node);
        self
    }

    /// Another name for the object, where there is no manifest of it.
    pub fn of_named(mut self, object: ObjectName, path: impl Into<String>) -> Self {
        self.finding.object = Some(object);
        self.finding.path = path.into();
        self
    }

    /// Another place that belongs to it.
    pub fn and(mut self, place: Place, beside: impl Into<String>) -> Self {
        self.finding.diagnostic.labels.push(place.label(beside));
        self
    }

    /// Why this is taken for session traffic, unless that place is shown already.
    pub fn because(self, evidence: &Evidence) -> Self {
        let shown = |label: &Label| {
            label.source == evidence.place.source && label.span == evidence.place.span
        };
        if self.finding.diagnostic.labels.iter().any(shown) {
            return self;
        }
        self.and(evidence.place, evidence.said)
    }

    /// A fact that has no place of its own.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.finding.diagnostic.notes.push(note.into());
        self
    }

    /// What to do, with the exact text to write.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.finding.diagnostic.help = Some(help.into());
        if self.finding.fix == Applicability::None {
            self.finding.fix = Applicability::Manual;
        }
        self
    }

    /// How sioway can repair it, and whether somebody should look: [`Applicability::Safe`] or
    /// [`Applicability::Unsafe`]. Without edits it stays for a person to do.
    pub fn fix(
        mut self,
        applicability: Applicability,
        edits: impl IntoIterator<Item = (SourceId, Edit)>,
    ) -> Self {
        self.finding.edits.extend(edits);
        if !self.finding.edits.is_empty() {
            self.finding.fix = applicability;
        }
        self
    }

    /// Matters less here than the rule usually does.
    pub fn only(mut self, severity: Severity) -> Self {
        self.finding.diagnostic.severity = severity;
        self
    }
}
