//! What a trace says, in the formats that people and their tools read.

mod json;
mod markdown;
mod text;

use super::Report;
use crate::diagnostic::Sources;
use crate::set::Place;
use crate::trace::{Step, Trace, Verdict};

pub use json::json_schema;

/// What a run of `trace` has to say.
#[derive(Debug)]
pub struct TraceReport<'a> {
    /// The texts that places are in.
    pub sources: &'a Sources,
    /// Session by session.
    pub traces: &'a [Trace],
    /// Whether every hop is shown at every step.
    pub verbose: bool,
}

impl Report for TraceReport<'_> {
    fn text(&self, color: bool) -> String {
        text::write(self, color)
    }

    fn json(&self) -> String {
        json::write(self)
    }

    fn markdown(&self) -> String {
        markdown::write(self)
    }
}

impl TraceReport<'_> {
    /// Whether a fault is predicted anywhere.
    pub fn predicts_a_fault(&self) -> bool {
        self.traces.iter().any(|trace| trace.verdict() == Verdict::Bad)
    }

    /// `file:line` of a place.
    fn line(&self, place: Place) -> String {
        let position = self.sources.position(place.source, place.span.start);
        format!("{}:{}", self.sources.get(place.source).name, position.line)
    }
}

/// What stands at the head of a trace.
fn heading(trace: &Trace) -> String {
    let host = trace.host.as_deref().unwrap_or("any host, ");
    let also = match trace.also.as_slice() {
        [] => String::new(),
        others => format!(" (and {})", others.join(", ")),
    };
    format!("{host}{}{also}: {}", trace.path, trace.pods)
}

/// The closing line, which agrees with the exit status.
fn tally(trace: &Trace) -> String {
    let count = |verdict| trace.steps.iter().filter(|step| step.outcome.verdict == verdict).count();
    let parts = [
        (count(Verdict::Bad), "bad"),
        (count(Verdict::NotReached), "not reached"),
        (count(Verdict::Unknown), "unknown"),
        (count(Verdict::Good), "good"),
    ];
    let told = parts.iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, what)| format!("{count} {what}")).collect();
    format!("{} steps: {}", trace.steps.len(), told.join(", "))
}

/// The steps that people should see first: the first fault, if there is one.
fn first_fault(trace: &Trace) -> Option<&Step> {
    trace.steps.iter().find(|step| step.outcome.verdict == Verdict::Bad)
}
