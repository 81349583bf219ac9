//! reviewdog's JSON: each edit that `--write` would make as a suggestion, on the lines that it changes.
//!
//! The shape, and how positions count, are in `reviewdog/reviewdog:proto/rdf/reviewdog.proto`: lines and columns from
//! 1, columns in bytes, ends exclusive. A suggestion on GitHub takes the lines of its comment
//! (`service/github/github.go`), so a diagnostic stands where its suggestion does, and has no more than one. Paths are
//! relative to where reviewdog runs: it adds itself where that is in the repository (`pathutil/pathutil.go`).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::findings::{level, message, not_there_message};
use super::{ChangeEntry, DiffReport, ObjectEntry, Repair, TextPlace};
use crate::diagnostic::{Edit, Severity, Span, Splice};
use crate::diff::Status;
use crate::fix::apply;
use crate::report::clean::{file_name, quiet_json};

#[derive(Serialize)]
struct DiagnosticResult {
    source: Source,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

#[derive(Serialize)]
struct Diagnostic {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
}

#[derive(Serialize)]
struct Location {
    path: String,
    range: Range,
}

#[derive(Serialize, Clone, Copy)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize, Clone, Copy)]
struct Position {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

/// The document.
pub(super) fn write(report: &DiffReport) -> String {
    let mut diagnostics = not_there(report);
    let mut files: BTreeMap<&str, FileChanges<'_>> = BTreeMap::new();
    for object in report.objects() {
        for change in &object.changes {
            let Some(file) = file_of(change) else {
                continue;
            };
            let known = files.entry(file.0).or_insert_with(|| FileChanges::new(file.1));
            known.changes.push((object, change));
        }
    }
    diagnostics.extend(files.iter().flat_map(|(name, file)| file.diagnostics(name)));
    let result = DiagnosticResult { source: Source { name: "sioway diff" }, diagnostics };
    let text = serde_json::to_string_pretty(&result).expect("numbers and strings are valid JSON");
    quiet_json(&text) + "\n"
}

/// What is not there has no lines: the description stands for it.
fn not_there(report: &DiffReport) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for app in &report.apps {
        let absent = app.objects.iter().filter(|object| object.status == Status::Add);
        let place = app.described.as_ref();
        found.extend(absent.filter_map(|object| {
            let place = place?;
            let said = not_there_message(app, object);
            let range = Range::of(&place.text, place.span);
            Some(Diagnostic::new(said, &place.file, range, Severity::Warning, "object-not-there"))
        }));
    }
    found
}

/// The file that a change is in, with its text: the one that its edit changes.
fn file_of(change: &ChangeEntry) -> Option<(&str, &Arc<str>)> {
    let repaired = change.repair.as_ref().map(|repair| (repair.file.as_str(), &repair.text));
    repaired.or_else(|| change.there.as_ref().map(|there| (there.file.as_str(), &there.text)))
}

/// What differs in a file.
struct FileChanges<'r> {
    text: &'r Arc<str>,
    changes: Vec<(&'r ObjectEntry, &'r ChangeEntry)>,
}

impl<'r> FileChanges<'r> {
    fn new(text: &'r Arc<str>) -> Self {
        Self { text, changes: Vec::new() }
    }

    /// One for each part that is replaced, in their order, and one for each change that no edit of this file makes.
    fn diagnostics(&self, file: &str) -> Vec<Diagnostic> {
        let alone: Vec<Vec<Splice>> = self.changes.iter().map(|(_, one)| self.alone(one)).collect();
        let mut suggested = vec![false; self.changes.len()];
        let mut found = Vec::new();
        for splice in self.joined() {
            let mut reasons: Vec<usize> = (0..alone.len())
                .filter(|index| alone[*index].iter().any(|other| touch(other.span, splice.span)))
                .collect();
            if reasons.is_empty() {
                // What several changes need together, none of them may need alone.
                reasons = (0..alone.len()).filter(|index| !alone[*index].is_empty()).collect();
            }
            for index in &reasons {
                suggested[*index] = true;
            }
            found.push(self.suggestion(file, &splice, &reasons));
        }
        let left = (0..self.changes.len()).filter(|index| !suggested[*index]);
        found.extend(left.map(|index| self.unsuggested(file, index)));
        found
    }

    /// Everything that `--write` replaces: nothing if one of the edits is refused.
    fn joined(&self) -> Vec<Splice> {
        let repairs = self.changes.iter().filter_map(|(_, change)| change.repair.as_ref());
        let edits: Vec<Edit> = repairs.map(|repair| repair.edit.clone()).collect();
        let applied = apply(self.text, &edits).map(|applied| applied.splices).unwrap_or_default();
        one_a_line(self.text, applied)
    }

    /// What one change alone replaces.
    fn alone(&self, change: &ChangeEntry) -> Vec<Splice> {
        let edit = change.repair.as_ref().map(|Repair { edit, .. }| std::slice::from_ref(edit));
        let applied = edit.and_then(|edit| apply(self.text, edit).ok());
        let splices = applied.map(|applied| applied.splices).unwrap_or_default();
        splices.into_iter().map(|splice| on_its_lines(self.text, splice)).collect()
    }

    fn suggestion(&self, file: &str, splice: &Splice, reasons: &[usize]) -> Diagnostic {
        let changes = reasons.iter().map(|index| self.changes[*index]);
        let said: Vec<String> =
            changes.clone().map(|(object, change)| message(object, change)).collect();
        let severity = changes.clone().map(|(_, change)| level(change)).max();
        let rule = changes.clone().find_map(|(_, change)| change.rule);
        let range = Range::of(self.text, splice.span);
        let severity = severity.unwrap_or(Severity::Info);
        let code = rule.unwrap_or("difference");
        let suggestion = Suggestion { range, text: splice.text.clone() };
        Diagnostic {
            suggestions: vec![suggestion],
            ..Diagnostic::new(said.join("\n\n"), file, range, severity, code)
        }
    }

    fn unsuggested(&self, file: &str, index: usize) -> Diagnostic {
        let (object, change) = self.changes[index];
        let place = change.there.as_ref();
        let (file, range) = match place {
            Some(TextPlace { file, text, span }) => (file.as_str(), Range::of(text, *span)),
            None => (file, Range::of(self.text, Span::default())),
        };
        let code = change.rule.unwrap_or("difference");
        Diagnostic::new(message(object, change), file, range, level(change), code)
    }
}

/// Whether two parts overlap, or stand side by side.
fn touch(one: Span, other: Span) -> bool {
    one.start <= other.end && other.start <= one.end
}

/// The same splice, where it puts whole lines behind a line: at the end of that line, and not before the next one,
/// which the file may not have, and which is not what changes.
fn on_its_lines(text: &str, splice: Splice) -> Splice {
    let Span { start, end } = splice.span;
    let newline = if text[..start].ends_with("\r\n") { "\r\n" } else { "\n" };
    let behind_line = start == end && text[..start].ends_with(newline);
    match splice.text.strip_suffix(newline) {
        Some(lines) if behind_line => {
            let at = start - newline.len();
            Splice::new(at..at, format!("{newline}{lines}"))
        }
        _ => splice,
    }
}

/// Splices on their lines, those of one line joined: a reviewer who takes one of two suggestions for a line loses the
/// other.
fn one_a_line(text: &str, splices: Vec<Splice>) -> Vec<Splice> {
    let mut joined: Vec<Splice> = Vec::new();
    for splice in splices {
        let before = joined.last().map_or(0, |last| last.span.end);
        let moved = on_its_lines(text, splice.clone());
        // The end of the line before is gone where the splice before took it.
        let splice = if moved.span.start < before { splice } else { moved };
        match joined.last_mut() {
            Some(last) if !text[last.span.end..splice.span.start].contains('\n') => {
                last.text.push_str(&text[last.span.end..splice.span.start]);
                last.text.push_str(&splice.text);
                last.span.end = splice.span.end;
            }
            _ => joined.push(splice),
        }
    }
    joined
}

impl Diagnostic {
    fn new(
        message: String,
        file: &str,
        range: Range,
        severity: Severity,
        code: &'static str,
    ) -> Self {
        Self {
            message,
            location: Location { path: file_name(file).to_owned(), range },
            severity: match severity {
                Severity::Error => "ERROR",
                Severity::Warning => "WARNING",
                Severity::Info => "INFO",
            },
            code: Code { value: code },
            suggestions: Vec::new(),
        }
    }
}

impl Range {
    fn of(text: &str, span: Span) -> Self {
        Self { start: Position::of(text, span.start), end: Position::of(text, span.end) }
    }
}

impl Position {
    fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        Self { line: before.matches('\n').count() + 1, column: before.len() - start + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_bytes_from_one() {
        let text = "a: é\nb: 漢字\n";
        let Range { start, end } = Range::of(text, (9..15).into());
        assert_eq!((start.line, start.column, end.line, end.column), (2, 4, 2, 10));
    }

    #[test]
    fn a_line_has_one_suggestion() {
        let text = "a: 1, b: 2 # c\nd: 3\n";
        let splices =
            [Splice::new(3..4, "9"), Splice::new(9..10, "8"), Splice::new(14..14, "\nx: 1")];
        let joined =
            one_a_line(text, splices.into_iter().chain([Splice::new(18..19, "7")]).collect());
        assert_eq!(joined, [Splice::new(3..14, "9, b: 8 # c\nx: 1"), Splice::new(18..19, "7")]);
    }

    #[test]
    fn lines_that_go_and_lines_that_come_are_one_suggestion() {
        let text = "- a\n- b\nc: 1\n";
        let splices = vec![Splice::new(4..8, ""), Splice::new(8..8, "- d\n")];
        assert_eq!(one_a_line(text, splices), [Splice::new(4..8, "- d\n")]);
    }

    #[test]
    fn new_lines_stand_at_the_end_of_the_line_before() {
        let text = "a: 1\r\nb: 2\r\n";
        let splice = on_its_lines(text, Splice::new(12..12, "c: 3\r\n"));
        assert_eq!(splice, Splice::new(10..10, "\r\nc: 3"));
        let inside = Splice::new(3..3, "0");
        assert_eq!(on_its_lines(text, inside.clone()), inside);
        let first = Splice::new(0..0, "z: 0\r\n");
        assert_eq!(on_its_lines(text, first.clone()), first);
    }
}
