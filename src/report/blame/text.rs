//! For people at two in the morning: what failed, the line to open, and why it is that one.

use std::fmt::Write as _;

use super::{BEYOND, BlameReport, todo, unexplained};
use crate::blame::{Candidate, Compared};
use crate::report::clean::{one_line, shorten};
use crate::report::wrap::wrapped;

/// So much is shown of what was seen; `--verbose` shows all.
const LONGEST: usize = 240;

const RED: &str = "31";
const BOLD: &str = "1";

pub(super) fn write(report: &BlameReport<'_>, color: bool) -> String {
    let blame = report.blame;
    let mut out = format!(
        "{}\n",
        paint(&one_line(&format!("{} beside {}", report.url, blame.session)), BOLD, color)
    );
    for symptom in &blame.symptoms {
        let _ = writeln!(out, "{} {} [{}]", paint("✗", RED, color), symptom.claim, symptom.check);
        out += &wrapped("", &report.seen(&symptom.seen));
    }
    if !blame.candidates.is_empty() {
        let _ = writeln!(out, "\n{}", paint("to blame", BOLD, color));
    }
    for (index, candidate) in blame.candidates.iter().enumerate() {
        write_candidate(&mut out, report, index + 1, candidate, color);
    }
    if !blame.excluded.is_empty() {
        let _ = writeln!(out, "\n{}", paint("does not fit", BOLD, color));
    }
    for candidate in &blame.excluded {
        let _ = writeln!(out, "- {}", one_line(&report.headline(candidate)));
        against(&mut out, report, candidate);
    }
    let _ = writeln!(out);
    let left = unexplained(blame);
    if !left.is_empty() {
        let _ = writeln!(out, "unexplained: {}", one_line(&left.join(", ")));
        out += &wrapped("", BEYOND);
    }
    for note in &blame.notes {
        let _ = writeln!(out, "note: {}", one_line(note));
    }
    let _ = writeln!(out, "{}", report.tally());
    out
}

fn write_candidate(
    out: &mut String,
    report: &BlameReport<'_>,
    number: usize,
    candidate: &Candidate,
    color: bool,
) {
    let headline = one_line(&report.headline(candidate));
    let _ = writeln!(out, "{number}. {}", paint(&headline, RED, color));
    for one in &candidate.explains {
        *out += &fits(report, one);
    }
    against(out, report, candidate);
    let todo = todo(candidate);
    if !todo.is_empty() {
        *out += &wrapped("do: ", &one_line(&todo));
    }
}

fn fits(report: &BlameReport<'_>, one: &Compared) -> String {
    let said = report.seen(&one.predicted);
    let mut text = wrapped("fits ", &format!("[{}]: {said}", one.check));
    if let Some(but) = &one.but {
        text += &wrapped("but ", &one_line(but));
    }
    text
}

fn against(out: &mut String, report: &BlameReport<'_>, candidate: &Candidate) {
    for one in &candidate.against {
        let (predicted, seen) = (report.seen(&one.predicted), report.seen(&one.seen));
        let words = format!("[{}]: it foretells {predicted}; seen was {seen}", one.check);
        *out += &wrapped("against it ", &words);
    }
}

impl BlameReport<'_> {
    /// What somebody said, on one line and not too long.
    fn seen(&self, text: &str) -> String {
        let line = one_line(text);
        if self.verbose { line } else { shorten(&line, LONGEST).into_owned() }
    }
}

fn paint(text: &str, style: &str, color: bool) -> String {
    if color { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
}
