//! The Code Quality report of GitLab: a list of what Code Climate calls issues, of which GitLab reads these keys.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>. GitLab compares the report of a merge
//! request with that of its target by the fingerprints, and shows what is new.

use serde::Serialize;

use super::fingerprint::Fingerprints;
use super::{Item, Report, advice};
use crate::diagnostic::Severity;
use crate::report::clean::{printable, quiet_json};

/// What has no place of its own needs one here.
const NOWHERE: &str = ".";

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// The whole document: a list, empty where there is nothing to say.
pub(super) fn write(report: &Report<'_>) -> String {
    let mut fingerprints = Fingerprints::default();
    let issues: Vec<Issue<'_>> =
        report.items().map(|item| issue(report, item, &mut fingerprints)).collect();
    let text = serde_json::to_string_pretty(&issues).expect("numbers and strings are valid JSON");
    quiet_json(&text) + "\n"
}

fn issue<'a>(report: &Report<'a>, item: Item<'a>, fingerprints: &mut Fingerprints) -> Issue<'a> {
    let diagnostic = item.diagnostic;
    let label = diagnostic.labels.first();
    let path = label.map(|label| report.file_in_repository(label.source));
    let path = path.unwrap_or_else(|| NOWHERE.to_owned());
    let begin =
        label.map_or(1, |label| report.sources.position(label.source, label.span.start).line);
    Issue {
        description: printable(&advice(diagnostic, "\n")),
        check_name: diagnostic.id,
        fingerprint: match item.finding {
            Some(finding) => fingerprints.of(finding, &path),
            None => fingerprints.of_problem(diagnostic, &path),
        },
        severity: severity(diagnostic.severity),
        location: Location { path, lines: Lines { begin } },
    }
}

/// Of GitLab's five levels: `info`, `minor`, `major`, `critical`, `blocker`.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData as _, assert_data_eq, str};

    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn shows_findings_and_their_places() {
        let fixture = Fixture::two();
        assert_data_eq!(
            write(&fixture.report()).raw(),
            str![[r#"
[
  {
    "description": "the `cdn` is on\nhelp: write `enabled: false`",
    "check_name": "cdn-on-session-traffic",
    "fingerprint": "939c4faf2856c5e4144eab8aaa8191a4:1",
    "severity": "critical",
    "location": {
      "path": "k8s/backend.yaml",
      "lines": {
        "begin": 3
      }
    }
  },
  {
    "description": "no drain",
    "check_name": "drain-disabled",
    "fingerprint": "ee50a588233d42fbe97570166cc693fd:1",
    "severity": "major",
    "location": {
      "path": "k8s/backend.yaml",
      "lines": {
        "begin": 1
      }
    }
  }
]

"#]]
            .raw()
        );
    }

    #[test]
    fn shows_hostile_text_as_text() {
        let fixture = Fixture::hostile();
        assert_data_eq!(write(&fixture.report()).raw(), str![[r#"
[
  {
    "description": "`a|b` \"<script>\" ]]> &amp; ␛[31m\n::error::%25 @user #1 漢字 �␀￾ `odd",
    "check_name": "unreadable",
    "fingerprint": "9d97ce5f5270f57dbf10b0d9e25762a6:1",
    "severity": "critical",
    "location": {
      "path": ".",
      "lines": {
        "begin": 1
      }
    }
  },
  {
    "description": "`a|b` \"<script>\" ]]> &amp; ␛[31m\n::error::%25 @user #1 漢字 �␀￾ `odd\nhelp: `a|b` \"<script>\" ]]> &amp; ␛[31m\n::error::%25 @user #1 漢字 �␀￾ `odd",
    "check_name": "drain-disabled",
    "fingerprint": "c7d66fe30ae6bd9868be8b5f43757d2a:1",
    "severity": "info",
    "location": {
      "path": "a b,c:|`<é>.yaml",
      "lines": {
        "begin": 2
      }
    }
  }
]

"#]].raw());
    }

    #[test]
    fn is_an_empty_list_for_nothing() {
        assert_eq!(write(&Fixture::empty().report()), "[]\n");
    }

    #[test]
    fn a_finding_keeps_its_fingerprint_wherever_its_line_goes() {
        let prints = |fixture: &Fixture| -> Vec<String> {
            let issues: Vec<serde_json::Value> =
                serde_json::from_str(&write(&fixture.report())).unwrap();
            issues.iter().map(|issue| issue["fingerprint"].to_string()).collect()
        };
        let fixture = Fixture::two();
        let mut moved = Fixture::two();
        for finding in &mut moved.findings {
            for label in &mut finding.diagnostic.labels {
                label.span = (0..1).into();
            }
        }
        assert_eq!(prints(&fixture), prints(&moved));
        let many = prints(&Fixture::many(90));
        let different: std::collections::BTreeSet<&String> = many.iter().collect();
        assert_eq!(different.len(), 90, "what agrees in all but its line is numbered");
    }
}
