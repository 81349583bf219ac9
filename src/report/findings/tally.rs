//! How much was found, in numbers and in one line.

use std::collections::BTreeSet;

use super::Report;
use crate::diagnostic::{Applicability, Severity};

/// How much was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Findings that are errors.
    pub errors: usize,
    /// Findings that are warnings.
    pub warnings: usize,
    /// Findings that are worth knowing.
    pub infos: usize,
    /// Files with findings.
    pub affected: usize,
    /// Files that were checked.
    pub checked: usize,
    /// Findings that `--fix` repairs.
    pub safe: usize,
    /// Findings that only `--unsafe-fixes` repairs.
    pub risky: usize,
    /// Things that could not be read.
    pub problems: usize,
}

impl Tally {
    /// Counts a report.
    pub fn of(report: &Report<'_>) -> Self {
        Self {
            errors: with_severity(report, Severity::Error),
            warnings: with_severity(report, Severity::Warning),
            infos: with_severity(report, Severity::Info),
            affected: affected(report),
            checked: report.checked,
            safe: with_fix(report, Applicability::Safe),
            risky: with_fix(report, Applicability::Unsafe),
            problems: report.problems.len(),
        }
    }

    /// All in one line: `2 errors, 1 warning in 3 of 5 files; 1 can be fixed with --fix`.
    pub fn sentence(&self) -> String {
        let mut clauses = vec![format!("{} in {}", self.found(), self.files())];
        clauses.extend(self.fixes());
        if self.problems > 0 {
            let problems = count(self.problems, "problem", "problems");
            clauses.push(format!("{problems} kept sioway from checking everything"));
        }
        clauses.join("; ")
    }

    fn found(&self) -> String {
        let counts = [
            (self.errors, "error", "errors"),
            (self.warnings, "warning", "warnings"),
            (self.infos, "info", "infos"),
        ];
        let found: Vec<String> = counts
            .into_iter()
            .filter(|(number, ..)| *number > 0)
            .map(|(number, one, many)| count(number, one, many))
            .collect();
        if found.is_empty() { "no findings".to_owned() } else { found.join(", ") }
    }

    fn files(&self) -> String {
        let files = count(self.checked, "file", "files");
        if self.affected == 0 { files } else { format!("{} of {files}", self.affected) }
    }

    fn fixes(&self) -> Option<String> {
        match (self.safe, self.risky) {
            (0, 0) => None,
            (safe, 0) => Some(format!("{safe} can be fixed with --fix")),
            (0, risky) => Some(format!("{risky} can be fixed with --unsafe-fixes")),
            (safe, risky) => {
                Some(format!("{safe} can be fixed with --fix, {risky} more with --unsafe-fixes"))
            }
        }
    }
}

fn with_severity(report: &Report<'_>, severity: Severity) -> usize {
    let severities = report.findings.iter().map(|finding| finding.diagnostic.severity);
    severities.filter(|other| *other == severity).count()
}

fn with_fix(report: &Report<'_>, fix: Applicability) -> usize {
    let fixes = report.findings.iter().map(|finding| finding.fix);
    fixes.filter(|other| *other == fix).count()
}

fn affected(report: &Report<'_>) -> usize {
    let diagnostics = report.findings.iter().map(|finding| &finding.diagnostic);
    let files: BTreeSet<&str> =
        diagnostics.filter_map(|diagnostic| report.file(diagnostic)).collect();
    files.len()
}

/// A number of things, in words that agree with it.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_in_number() {
        let mut tally = Tally { checked: 1, ..Tally::default() };
        assert_eq!(tally.sentence(), "no findings in 1 file");
        (tally.errors, tally.affected, tally.checked) = (2, 3, 5);
        tally.warnings = 1;
        assert_eq!(tally.sentence(), "2 errors, 1 warning in 3 of 5 files");
        (tally.safe, tally.risky, tally.problems) = (1, 2, 1);
        assert_eq!(
            tally.sentence(),
            "2 errors, 1 warning in 3 of 5 files; 1 can be fixed with --fix, 2 more with --unsafe-fixes; \
             1 problem kept sioway from checking everything"
        );
    }
}
