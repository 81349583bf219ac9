//! SARIF 2.1.0, for code scanning.
//!
//! What GitHub reads of it, and its limits:
//! <https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support>.

mod fixes;
mod log;
mod tests;
mod uri;

use std::collections::BTreeMap;

use self::log::{
    Artifact, Configuration, Details, Help, Id, Invocation, Location, Log, Logical, Message,
    Notification, Physical, ResultProperties, Rule, RuleProperties, Run, SarifRegion, SarifResult,
    Tool,
};
use super::fingerprint::Fingerprints;
use super::tally::count;
use super::{Report, advice, severity_word};
use crate::diagnostic::{Diagnostic, Finding, Label, RuleCard, Severity, SourceId};
use crate::report::clean::quiet_json;

/// The name is sioway's own on purpose. GitHub's action computes the one that GitHub goes by from the line itself,
/// and warns of every result that brings another: <https://github.com/github/codeql-action/issues/4052>.
const FINGERPRINT: &str = "siowayFinding/v1";

/// GitHub refuses a run with more results.
const MOST_RESULTS: usize = 25_000;

/// GitHub refuses more than 10 MB, packed by gzip, which makes a fifth or less of results: most of their text are
/// keys and file names.
const MOST_BYTES: usize = 40_000_000;

/// GitHub refuses a result with more locations, of which the first is one.
const MOST_RELATED: usize = 999;

/// GitHub's limit for descriptions.
const LONGEST_DESCRIPTION: usize = 1_024;

/// No limit of GitHub's, but of what anybody reads.
const LONGEST_MESSAGE: usize = 4_096;

/// The document.
pub(super) fn write(report: &Report<'_>) -> String {
    // GitHub refuses the whole file for one result without a location.
    let (placed, unplaced): (Vec<&Finding>, Vec<&Finding>) =
        report.findings.iter().partition(|finding| !finding.diagnostic.labels.is_empty());
    let results = limit(results(report, &placed));
    let mut notifications = notifications(report, &unplaced);
    if results.len() < placed.len() {
        notifications.push(left_out(placed.len() - results.len()));
    }
    let log = Log::of(Run {
        tool: Tool::of(report.rules.iter().map(rule).collect()),
        invocations: [Invocation {
            execution_successful: report.problems.is_empty(),
            tool_execution_notifications: notifications,
        }],
        automation_details: details(report.command),
        column_kind: "unicodeCodePoints",
        results,
    });
    let text = serde_json::to_string(&log).expect("numbers and strings are valid JSON");
    quiet_json(&text) + "\n"
}

/// What is said of the run itself: what could not be read, and what has no place.
fn notifications<'a>(report: &Report<'a>, unplaced: &[&'a Finding]) -> Vec<Notification<'a>> {
    let unplaced = unplaced.iter().map(|finding| &finding.diagnostic);
    let told = report.problems.iter().chain(unplaced);
    told.map(|diagnostic| notification(report, diagnostic)).collect()
}

fn results<'a>(report: &Report<'a>, findings: &[&'a Finding]) -> Vec<SarifResult<'a>> {
    let indices = report.rules.iter().enumerate();
    let indices: BTreeMap<&str, usize> = indices.map(|(index, rule)| (rule.id, index)).collect();
    let mut fingerprints = Fingerprints::default();
    findings
        .iter()
        .map(|finding| {
            let label = finding.diagnostic.labels.first();
            let file = label.map(|label| report.file_in_repository(label.source));
            SarifResult {
                rule_id: finding.diagnostic.id,
                rule_index: indices.get(finding.diagnostic.id).copied(),
                level: level(finding.diagnostic.severity),
                message: message(&finding.diagnostic),
                locations: first_location(report, finding).into_iter().collect(),
                related_locations: related_locations(report, &finding.diagnostic),
                partial_fingerprints: BTreeMap::from([(
                    FINGERPRINT,
                    fingerprints.of(finding, &file.unwrap_or_default()),
                )]),
                fixes: fixes::of(report, finding),
                properties: ResultProperties { fix: finding.fix },
            }
        })
        .collect()
}

fn first_location<'a>(report: &Report<'a>, finding: &'a Finding) -> Option<Location<'a>> {
    let label = finding.diagnostic.labels.first()?;
    Some(Location { logical: logical(finding), ..location(report, label) })
}

fn related_locations<'a>(report: &Report<'a>, diagnostic: &Diagnostic) -> Vec<Location<'a>> {
    let labels = diagnostic.labels.iter().enumerate().skip(1);
    labels
        .take(MOST_RELATED)
        .map(|(id, label)| Location {
            id: Some(id),
            message: said(&label.text),
            ..location(report, label)
        })
        .collect()
}

/// The worst of the results, where they are more than GitHub takes.
fn limit(mut results: Vec<SarifResult<'_>>) -> Vec<SarifResult<'_>> {
    let size =
        |result: &SarifResult<'_>| serde_json::to_string(result).map_or(0, |text| text.len());
    let sizes: usize = results.iter().map(size).sum();
    if results.len() <= MOST_RESULTS && sizes <= MOST_BYTES {
        return results;
    }
    results.sort_by_key(|result| match result.level {
        "error" => 0,
        "warning" => 1,
        _ => 2,
    });
    let mut total = 0;
    let fits = |result: &&SarifResult<'_>| {
        total += size(result);
        total <= MOST_BYTES
    };
    let fitting = results.iter().take(MOST_RESULTS).take_while(fits).count();
    results.truncate(fitting);
    results
}

fn left_out(number: usize) -> Notification<'static> {
    let results = count(number, "result", "results");
    let text = format!(
        "{results} left out, the mildest, since code scanning takes {MOST_RESULTS} and 10 MB"
    );
    Notification {
        descriptor: Id { id: "results-left-out" },
        level: "warning",
        message: Message::of(&text, LONGEST_MESSAGE),
        locations: Vec::new(),
    }
}

fn rule(card: &RuleCard) -> Rule<'_> {
    let summary = || Message::of(card.summary, LONGEST_DESCRIPTION);
    Rule {
        id: card.id,
        name: card.id,
        short_description: summary(),
        full_description: summary(),
        help: Help { text: card.page, markdown: card.page },
        default_configuration: Configuration { level: level(card.severity) },
        properties: RuleProperties {
            tags: tags(card),
            problem_severity: match card.severity {
                Severity::Info => "recommendation",
                severity => severity_word(severity),
            },
        },
    }
}

fn tags(card: &RuleCard) -> Vec<String> {
    let evidence = (!card.grade.is_empty()).then(|| format!("evidence/{}", card.grade));
    ["reliability".to_owned()].into_iter().chain(evidence).collect()
}

fn message(diagnostic: &Diagnostic) -> Message {
    Message::of(&advice(diagnostic, "\n\n"), LONGEST_MESSAGE)
}

fn said(text: &str) -> Option<Message> {
    (!text.is_empty()).then(|| Message::of(text, LONGEST_MESSAGE))
}

fn location<'a>(report: &Report<'a>, label: &Label) -> Location<'a> {
    Location {
        id: None,
        physical: Physical {
            artifact_location: artifact(report, label.source),
            region: SarifRegion::of(report.sources.region(label.source, label.span)),
        },
        logical: Vec::new(),
        message: None,
    }
}

/// A file, by its name.
fn artifact(report: &Report<'_>, source: SourceId) -> Artifact {
    let (uri, uri_base_id) = uri::of(&report.file_in_repository(source));
    Artifact { uri, uri_base_id }
}

/// What code scanning keeps the results of another command apart by: all up to the last slash is the category.
fn details(command: &str) -> Option<Details> {
    (command != "lint").then(|| Details { id: format!("sioway-{command}/") })
}

/// The object and the field in it.
fn logical(finding: &Finding) -> Vec<Logical<'_>> {
    let object = finding.object.iter().flat_map(|object| {
        let namespace = object.namespace.as_deref();
        [object.kind.as_str()].into_iter().chain(namespace).chain([object.name.as_str()])
    });
    let path = Some(finding.path.as_str()).filter(|path| !path.is_empty());
    let full: Vec<&str> = object.chain(path).collect();
    if full.is_empty() {
        return Vec::new();
    }
    let kind = if path.is_some() { "property" } else { "object" };
    vec![Logical { name: full[full.len() - 1], fully_qualified_name: full.join("/"), kind }]
}

fn notification<'a>(report: &Report<'a>, diagnostic: &'a Diagnostic) -> Notification<'a> {
    Notification {
        descriptor: Id { id: diagnostic.id },
        level: level(diagnostic.severity),
        message: message(diagnostic),
        locations: diagnostic.labels.iter().take(1).map(|label| location(report, label)).collect(),
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        severity => severity_word(severity),
    }
}
