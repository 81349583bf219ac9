//! What a linter found, in the formats that people and their tools read: one file a format.

#![cfg_attr(
    test,
    allow(
        clippy::needless_raw_string_hashes,
        clippy::too_many_lines,
        reason = "snapbox writes the expected documents into the tests"
    )
)]

mod concise;
mod fingerprint;
mod fixture;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod markdown;
mod sarif;
mod tally;
mod text;

use std::cmp::Reverse;

use super::clean;
use crate::diagnostic::{Diagnostic, Finding, RuleCard, Severity, SourceId, Sources};
use crate::picture::Picture;

pub use json::json_schema;
pub(in crate::report) use junit::escape as junit_escape;
pub use tally::Tally;

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// With the lines of the files, for people.
    #[default]
    Text,
    /// One line a finding: `file:line:column: error[rule]: message`.
    Concise,
    /// For scripts; `sioway schema findings` prints its schema.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// The Code Quality report of GitLab.
    Gitlab,
    /// JUnit XML, for the test reports of GitLab and Jenkins.
    Junit,
    /// For a comment on a pull request.
    Markdown,
    /// One page that needs nothing else, for a browser.
    Html,
}

/// What a run of a linter has to say.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What the labels point into.
    pub sources: &'a Sources,
    /// What the rules found, in the order to show it in.
    pub findings: &'a [Finding],
    /// What could not be read, and so was not checked.
    pub problems: &'a [Diagnostic],
    /// The rules that were in force.
    pub rules: &'a [RuleCard],
    /// How many files were checked.
    pub checked: usize,
    /// The command whose report it is.
    pub command: &'static str,
    /// Where the user stands in their git repository, from its root; empty there, and outside of any.
    pub place: &'a str,
    /// The ways that sessions take, where they are to be drawn: for pages.
    pub pictures: &'a [Picture],
}

/// The report in a format; only [`Format::Text`] knows colours.
///
/// Text, concise and GitHub are empty when there is nothing to say. The others always are whole documents.
pub fn write(format: Format, report: &Report<'_>, color: bool) -> String {
    match format {
        Format::Text => text::write(report, color),
        Format::Concise => concise::write(report),
        Format::Json => json::write(report),
        Format::Sarif => sarif::write(report),
        Format::Github => github::write(report),
        Format::Gitlab => gitlab::write(report),
        Format::Junit => junit::write(report),
        Format::Markdown => markdown::write(report),
        Format::Html => html::write(report),
    }
}

/// A problem or a finding.
#[derive(Debug, Clone, Copy)]
struct Item<'a> {
    diagnostic: &'a Diagnostic,
    /// What a problem does not have.
    finding: Option<&'a Finding>,
}

impl<'a> Report<'a> {
    /// Problems, then findings, as they come.
    fn items(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let problems = self.problems.iter().map(|diagnostic| Item { diagnostic, finding: None });
        problems.chain(
            self.findings
                .iter()
                .map(|finding| Item { diagnostic: &finding.diagnostic, finding: Some(finding) }),
        )
    }

    /// Problems, then findings, the worst first: for formats that do not hold all of them.
    fn worst_first(&self) -> Vec<Item<'a>> {
        let mut items: Vec<Item<'a>> = self.items().collect();
        items.sort_by_key(|item| (item.finding.is_some(), Reverse(item.diagnostic.severity)));
        items
    }

    /// The arguments of the command that makes the repairs.
    fn repaired_by(&self) -> String {
        let switch = if self.command == "lint" { "--fix" } else { "--write" };
        format!("{} {switch}", self.command)
    }

    /// `file:line:column` of the first label.
    fn place(&self, diagnostic: &Diagnostic) -> Option<String> {
        let label = diagnostic.labels.first()?;
        Some(self.sources.locate(label.source, label.span))
    }

    /// The name of the file of the first label, as Git would write it.
    fn file(&self, diagnostic: &Diagnostic) -> Option<&'a str> {
        let label = diagnostic.labels.first()?;
        let name: &'a str = &self.sources.get(label.source).name;
        Some(clean::file_name(name))
    }

    /// The name of a file from the root of the repository: hosts show findings in the files that they know by it.
    fn file_in_repository(&self, source: SourceId) -> String {
        clean::in_repository(self.place, &self.sources.get(source).name)
    }
}

/// The message, and what to do: for formats that show nothing else.
fn advice(diagnostic: &Diagnostic, between: &str) -> String {
    match &diagnostic.help {
        Some(help) => format!("{}{between}help: {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}
