//! For scripts: everything that is known of a finding, in a shape that has a version and a schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::{Report, Tally};
use crate::diagnostic::{Applicability, Diagnostic, Finding, Label, ObjectName, Severity, Sources};
use crate::report::clean::quiet_json;

/// What `sioway lint --format json` writes. Later versions may add keys; they remove none without a new version.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "sioway findings")]
struct Document<'a> {
    /// The version of this shape.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// What the rules found.
    findings: Vec<Entry<'a>>,
    /// What could not be read, and so was not checked.
    problems: Vec<Problem<'a>>,
    /// How much was found.
    summary: Summary,
}

/// A finding.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    /// The rule, which `sioway explain` explains.
    rule: &'a str,
    /// How much it matters.
    severity: Severity,
    /// What is wrong.
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    /// The Kubernetes object that it is about; null for a plain nginx configuration.
    object: Option<&'a ObjectName>,
    /// The field or directive; empty for a whole object.
    path: &'a str,
    /// Who can repair it.
    fix: Applicability,
    /// Other places that belong to it.
    related: Vec<Related<'a>>,
    /// What to do.
    help: Option<&'a str>,
    /// Facts that have no place of their own.
    notes: &'a [String],
    /// How good the evidence for the rule is: `source`, `documented`, `reproduced` or `reported`.
    grade: Option<&'a str>,
}

/// What could not be read.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Problem<'a> {
    /// A stable name.
    id: &'a str,
    /// How much it matters.
    severity: Severity,
    /// What is wrong.
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    /// Other places that belong to it.
    related: Vec<Related<'a>>,
    /// What to do.
    help: Option<&'a str>,
    /// Facts that have no place of their own.
    notes: &'a [String],
}

/// Where, from the first character to one past the last. Lines and columns count from 1, columns in characters.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    /// The file; null, as are the numbers, when it has no place.
    file: Option<&'a str>,
    /// The first line.
    line: Option<usize>,
    /// The first column.
    column: Option<usize>,
    /// The last line.
    end_line: Option<usize>,
    /// The column after the last.
    end_column: Option<usize>,
}

/// Another place that belongs to a finding.
#[derive(Debug, Serialize, JsonSchema)]
struct Related<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    /// What to say about it; may be empty.
    message: &'a str,
}

/// How much was found.
#[derive(Debug, Serialize, JsonSchema)]
struct Summary {
    /// Findings that are errors.
    errors: usize,
    /// Findings that are warnings.
    warnings: usize,
    /// Findings that are worth knowing.
    infos: usize,
    /// Files that were checked.
    files: usize,
    /// Files with findings.
    affected: usize,
    /// Findings that `--fix` repairs.
    fixable: usize,
}

/// The schema (draft-07) of what `--format json` writes.
pub fn json_schema() -> serde_json::Value {
    let settings = SchemaSettings::draft07().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Document<'_>>();
    schema.to_value()
}

/// The document.
pub(super) fn write(report: &Report<'_>) -> String {
    let document = Document {
        version: 1,
        findings: entries(report),
        problems: problems(report),
        summary: summary(&Tally::of(report)),
    };
    let text = serde_json::to_string_pretty(&document).expect("numbers and strings are valid JSON");
    quiet_json(&text) + "\n"
}

fn summary(tally: &Tally) -> Summary {
    Summary {
        errors: tally.errors,
        warnings: tally.warnings,
        infos: tally.infos,
        files: tally.checked,
        affected: tally.affected,
        fixable: tally.safe,
    }
}

fn entries<'a>(report: &Report<'a>) -> Vec<Entry<'a>> {
    let grades: BTreeMap<&str, &'a str> =
        report.rules.iter().map(|rule| (rule.id, rule.grade)).collect();
    let grade = |finding: &Finding| grades.get(finding.diagnostic.id).copied();
    let findings = report.findings.iter();
    findings.map(|finding| entry(report.sources, finding, grade(finding))).collect()
}

fn problems<'a>(report: &Report<'a>) -> Vec<Problem<'a>> {
    let problems = report.problems.iter();
    problems.map(|diagnostic| problem(report.sources, diagnostic)).collect()
}

fn entry<'a>(sources: &'a Sources, finding: &'a Finding, grade: Option<&'a str>) -> Entry<'a> {
    let diagnostic = &finding.diagnostic;
    Entry {
        rule: diagnostic.id,
        severity: diagnostic.severity,
        message: &diagnostic.message,
        place: first_place(sources, diagnostic),
        object: finding.object.as_ref(),
        path: &finding.path,
        fix: finding.fix,
        related: related(sources, diagnostic),
        help: diagnostic.help.as_deref(),
        notes: &diagnostic.notes,
        grade,
    }
}

fn problem<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Problem<'a> {
    Problem {
        id: diagnostic.id,
        severity: diagnostic.severity,
        message: &diagnostic.message,
        place: first_place(sources, diagnostic),
        related: related(sources, diagnostic),
        help: diagnostic.help.as_deref(),
        notes: &diagnostic.notes,
    }
}

fn first_place<'a>(sources: &'a Sources, diagnostic: &Diagnostic) -> Place<'a> {
    let label = diagnostic.labels.first();
    label.map_or_else(Place::default, |label| place(sources, label))
}

fn place<'a>(sources: &'a Sources, label: &Label) -> Place<'a> {
    let region = sources.region(label.source, label.span);
    Place {
        file: Some(&sources.get(label.source).name),
        line: Some(region.start.line),
        column: Some(region.start.column),
        end_line: Some(region.end.line),
        end_column: Some(region.end.column),
    }
}

fn related<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Vec<Related<'a>> {
    let others = diagnostic.labels.iter().skip(1);
    others.map(|label| other(sources, label)).collect()
}

fn other<'a>(sources: &'a Sources, label: &'a Label) -> Related<'a> {
    Related { place: place(sources, label), message: &label.text }
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData as _, assert_data_eq, str};

    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn shows_findings_and_their_other_places() {
        let fixture = Fixture::two();
        assert_data_eq!(
            write(&fixture.report()).raw(),
            str![[r#"
{
  "version": 1,
  "findings": [
    {
      "rule": "cdn-on-session-traffic",
      "severity": "error",
      "message": "the `cdn` is on",
      "file": "./k8s/backend.yaml",
      "line": 3,
      "column": 1,
      "endLine": 3,
      "endColumn": 14,
      "object": {
        "kind": "BackendConfig",
        "namespace": null,
        "name": "chat"
      },
      "path": "spec.cdn.enabled",
      "fix": "safe",
      "related": [
        {
          "file": "k8s/service.yaml",
          "line": 2,
          "column": 9,
          "endLine": 2,
          "endColumn": 13,
          "message": "carries sessions"
        }
      ],
      "help": "write `enabled: false`",
      "notes": [
        "answers are cached for an hour"
      ],
      "grade": "documented"
    },
    {
      "rule": "drain-disabled",
      "severity": "warning",
      "message": "no drain",
      "file": "./k8s/backend.yaml",
      "line": 1,
      "column": 1,
      "endLine": 1,
      "endColumn": 5,
      "object": {
        "kind": "BackendConfig",
        "namespace": "web",
        "name": "chat"
      },
      "path": "",
      "fix": "none",
      "related": [],
      "help": null,
      "notes": [],
      "grade": "source"
    }
  ],
  "problems": [],
  "summary": {
    "errors": 1,
    "warnings": 1,
    "infos": 0,
    "files": 2,
    "affected": 1,
    "fixable": 1
  }
}

"#]]
            .raw()
        );
    }

    #[test]
    fn shows_hostile_text_as_text() {
        let fixture = Fixture::hostile();
        assert_data_eq!(write(&fixture.report()).raw(), str![[r#"
{
  "version": 1,
  "findings": [
    {
      "rule": "drain-disabled",
      "severity": "info",
      "message": "`a|b` \"<script>\" ]]> &amp; \u001b[31m\r\n::error::%25 @user #1 漢字 \u202e\u0000￾ `odd",
      "file": "a b,c:|`<é>.yaml",
      "line": 2,
      "column": 1,
      "endLine": 2,
      "endColumn": 6,
      "object": {
        "kind": "BackendConfig",
        "namespace": null,
        "name": "chat"
      },
      "path": "`a|b` \"<script>\" ]]> &amp; \u001b[31m\r\n::error::%25 @user #1 漢字 \u202e\u0000￾ `odd",
      "fix": "none",
      "related": [],
      "help": "`a|b` \"<script>\" ]]> &amp; \u001b[31m\r\n::error::%25 @user #1 漢字 \u202e\u0000￾ `odd",
      "notes": [
        "`a|b` \"<script>\" ]]> &amp; \u001b[31m\r\n::error::%25 @user #1 漢字 \u202e\u0000￾ `odd"
      ],
      "grade": "source"
    }
  ],
  "problems": [
    {
      "id": "unreadable",
      "severity": "error",
      "message": "`a|b` \"<script>\" ]]> &amp; \u001b[31m\r\n::error::%25 @user #1 漢字 \u202e\u0000￾ `odd",
      "file": null,
      "line": null,
      "column": null,
      "endLine": null,
      "endColumn": null,
      "related": [],
      "help": null,
      "notes": []
    }
  ],
  "summary": {
    "errors": 0,
    "warnings": 0,
    "infos": 1,
    "files": 2,
    "affected": 1,
    "fixable": 0
  }
}

"#]].raw());
    }

    #[test]
    fn says_nothing_of_nothing() {
        let fixture = Fixture::empty();
        assert_data_eq!(
            write(&fixture.report()).raw(),
            str![[r#"
{
  "version": 1,
  "findings": [],
  "problems": [],
  "summary": {
    "errors": 0,
    "warnings": 0,
    "infos": 0,
    "files": 2,
    "affected": 0,
    "fixable": 0
  }
}

"#]]
            .raw()
        );
    }

    #[test]
    fn the_schema_names_every_key() {
        let schema = json_schema();
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        assert_eq!(schema["properties"]["version"]["const"], 1);
        let entry = &schema["definitions"]["Entry"]["required"];
        assert_data_eq!(
            entry.to_string(),
            str![[
                r#"["rule","severity","message","file","line","column","endLine","endColumn","object","path","fix","related","help","notes","grade"]"#
            ]]
        );
    }
}
