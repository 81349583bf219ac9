//! For scripts: version 1 of the shape that `sioway schema blame` prints.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::{BlameReport, todo};
use crate::blame::{self, Symptom};
use crate::diagnostic::Applicability;
use crate::report::clean::quiet_json;

/// What `sioway blame --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "sioway blame")]
struct Document<'a> {
    /// Of this shape; other keys may be added without a new one.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// What was probed.
    url: &'a str,
    /// The session of the files that was compared with it: host and path.
    session: &'a str,
    /// The checks that failed.
    symptoms: Vec<Failed<'a>>,
    /// What explains them: who explains most comes first.
    candidates: Vec<Candidate<'a>>,
    /// What would explain some of them, or is wrong in the files, but for what was seen.
    excluded: Vec<Candidate<'a>>,
    /// What to know besides.
    notes: &'a [String],
}

/// A check that failed.
#[derive(Debug, Serialize, JsonSchema)]
struct Failed<'a> {
    /// Its id, as `probe` has it.
    check: &'a str,
    /// What should hold.
    claim: &'a str,
    /// What was seen.
    seen: &'a str,
    /// Whether a candidate explains it.
    explained: bool,
}

/// Something that explains failures.
#[derive(Debug, Serialize, JsonSchema)]
struct Candidate<'a> {
    /// `in-files`: the files predict it. `not-in-files`: what runs differs from them. `possible`: in the files, and
    /// named by the probe, but no prediction covers it.
    kind: &'static str,
    /// The rule that it goes by.
    rule: Option<&'static str>,
    /// What is wrong.
    what: &'a str,
    /// The file: of the line that is wrong, or that what runs does not obey.
    file: Option<&'a str>,
    /// The line.
    line: Option<usize>,
    /// The column.
    column: Option<usize>,
    /// What it explains.
    explains: Vec<Compared<'a>>,
    /// What speaks against it.
    against: Vec<Compared<'a>>,
    /// What to do.
    todo: String,
    /// Who can repair the files.
    fix: Applicability,
}

/// What was to be expected, beside what was seen.
#[derive(Debug, Serialize, JsonSchema)]
struct Compared<'a> {
    /// The check.
    check: &'a str,
    /// What was to be expected.
    predicted: &'a str,
    /// What was seen.
    seen: &'a str,
    /// What of it does not fit, where the kind of failure does.
    but: Option<&'a str>,
}

/// The schema (draft-07) of what `--format json` writes.
pub fn json_schema() -> serde_json::Value {
    let settings = SchemaSettings::draft07().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Document<'_>>();
    schema.to_value()
}

pub(super) fn write(report: &BlameReport<'_>) -> String {
    let blame = report.blame;
    let document = Document {
        version: 1,
        url: report.url,
        session: &blame.session,
        symptoms: blame.symptoms.iter().map(failed).collect(),
        candidates: blame.candidates.iter().map(|one| candidate(report, one)).collect(),
        excluded: blame.excluded.iter().map(|one| candidate(report, one)).collect(),
        notes: &blame.notes,
    };
    let text = serde_json::to_string_pretty(&document).expect("numbers and strings are valid JSON");
    quiet_json(&text) + "\n"
}

fn failed(symptom: &Symptom) -> Failed<'_> {
    let Symptom { check, claim, seen, explained } = symptom;
    Failed { check, claim, seen, explained: *explained }
}

fn candidate<'a>(report: &BlameReport<'a>, one: &'a blame::Candidate) -> Candidate<'a> {
    let sources = report.sources;
    let position = one.place.map(|place| sources.position(place.source, place.span.start));
    Candidate {
        kind: one.kind.id(),
        rule: one.rule,
        what: &one.what,
        file: one.place.map(|place| &*sources.get(place.source).name),
        line: position.map(|at| at.line),
        column: position.map(|at| at.column),
        explains: one.explains.iter().map(compared).collect(),
        against: one.against.iter().map(compared).collect(),
        todo: todo(one),
        fix: one.fix,
    }
}

fn compared(one: &blame::Compared) -> Compared<'_> {
    let blame::Compared { check, predicted, seen, but } = one;
    Compared { check, predicted, seen, but: but.as_deref() }
}
