//! Reports for the tests of the formats.

#![cfg(test)]

use super::Report;
use crate::diagnostic::{
    Applicability, Diagnostic, Finding, Label, ObjectName, RuleCard, Severity, SourceId, Sources,
};

/// Texts, findings and problems that a report can be made of.
pub(super) struct Fixture {
    pub(super) sources: Sources,
    pub(super) findings: Vec<Finding>,
    pub(super) problems: Vec<Diagnostic>,
    pub(super) checked: usize,
}

/// The rules of the fixtures.
pub(super) const RULES: [RuleCard; 2] = [
    RuleCard {
        id: "cdn-on-session-traffic",
        severity: Severity::Error,
        summary: "The CDN is on for a backend that carries sessions.",
        page: "# cdn-on-session-traffic\n\nThe CDN is on for a backend that carries sessions.\n",
        grade: "documented",
    },
    RuleCard {
        id: "drain-disabled",
        severity: Severity::Warning,
        summary: "Connections are cut at once.",
        page: "# drain-disabled\n",
        grade: "source",
    },
];

/// Bytes that mean something to a terminal, a shell, XML, HTML, Markdown or GitHub.
pub(super) const HOSTILE: &str = "`a|b` \"<script>\" ]]> &amp; \u{1b}[31m\r\n::error::%25 @user #1 漢字 \u{202e}\u{0}\u{fffe} `odd";

impl Fixture {
    /// Nothing found in two files.
    pub(super) fn empty() -> Self {
        Self { sources: Sources::default(), findings: Vec::new(), problems: Vec::new(), checked: 2 }
    }

    /// Two findings, of which one has a place in two files.
    pub(super) fn two() -> Self {
        let mut fixture = Self::empty();
        let backend =
            fixture.sources.add("./k8s/backend.yaml", "spec:\n  cdn:\n    enabled: true\n");
        let service = fixture.sources.add("k8s/service.yaml", "metadata:\n  name: chat\n");
        let mut error =
            finding("cdn-on-session-traffic", Severity::Error, "the `cdn` is on", backend, 13..26);
        error.diagnostic = error
            .diagnostic
            .and(Label::new(service, (18..22).into(), "carries sessions"))
            .note("answers are cached for an hour")
            .help("write `enabled: false`");
        error.path = "spec.cdn.enabled".into();
        error.fix = Applicability::Safe;
        let mut warning = finding("drain-disabled", Severity::Warning, "no drain", backend, 0..4);
        warning.object = Some(ObjectName { namespace: Some("web".into()), ..object() });
        fixture.findings = vec![error, warning];
        fixture
    }

    /// One finding whose every text is hostile, and a problem of that kind.
    pub(super) fn hostile() -> Self {
        let mut fixture = Self::empty();
        let id = fixture.sources.add("a b,c:|`<é>.yaml", format!("one\n{HOSTILE}\n"));
        let mut finding = finding("drain-disabled", Severity::Info, HOSTILE, id, 4..9);
        finding.diagnostic = finding.diagnostic.note(HOSTILE).help(HOSTILE);
        finding.diagnostic.labels[0].text = HOSTILE.into();
        finding.path = HOSTILE.into();
        fixture.findings.push(finding);
        fixture.problems.push(Diagnostic::bare("unreadable", HOSTILE));
        fixture
    }

    /// So many findings in one file: infos, then warnings, then errors.
    pub(super) fn many(number: usize) -> Self {
        let mut fixture = Self::empty();
        let id = fixture.sources.add("big.yaml", "key: value\n".repeat(number));
        let severity = |index| match index * 3 / number {
            0 => Severity::Info,
            1 => Severity::Warning,
            _ => Severity::Error,
        };
        fixture.findings = (0..number)
            .map(|index| {
                let message = format!("value {index} is wrong");
                finding("drain-disabled", severity(index), &message, id, index * 11..index * 11 + 3)
            })
            .collect();
        fixture
    }

    pub(super) fn report(&self) -> Report<'_> {
        Report {
            sources: &self.sources,
            findings: &self.findings,
            problems: &self.problems,
            rules: &RULES,
            checked: self.checked,
            command: "lint",
            place: "",
            pictures: &[],
        }
    }
}

fn object() -> ObjectName {
    ObjectName { kind: "BackendConfig".into(), namespace: None, name: "chat".into() }
}

fn finding(
    rule: &'static str,
    severity: Severity,
    message: &str,
    source: SourceId,
    span: std::ops::Range<usize>,
) -> Finding {
    let mut diagnostic = Diagnostic::at(rule, message, Label::new(source, span.into(), ""));
    diagnostic.severity = severity;
    Finding {
        diagnostic,
        object: Some(object()),
        path: String::new(),
        fix: Applicability::None,
        edits: Vec::new(),
    }
}
