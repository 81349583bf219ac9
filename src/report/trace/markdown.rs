//! For a comment on a pull request: a table of the steps, and the hops folded below it.

use std::fmt::Write as _;

use super::{TraceReport, heading, tally};
use crate::report::clean::{one_line, shorten};
use crate::report::markdown::{self, LONGEST, units};
use crate::trace::{Hop, Step, Trace, Verdict};

/// Kept free for what is said at the end.
const RESERVE: usize = 500;

/// So much of a text stands in one cell or line.
const LONGEST_CELL: usize = 400;

/// The comment: as many traces as fit, and of those that do not, how many.
pub(super) fn write(report: &TraceReport<'_>) -> String {
    let mut out = "<!-- sioway trace -->\n".to_owned();
    for (index, trace) in report.traces.iter().enumerate() {
        let table = table(report, trace);
        if units(&out) + units(&table) + RESERVE > LONGEST {
            let left = report.traces.len() - index;
            let _ = writeln!(
                out,
                "\n{left} more left out, since a comment holds {LONGEST} characters; `sioway trace` shows all of them."
            );
            return out;
        }
        out += &table;
        let hops = hops(report, trace);
        if units(&out) + units(&hops) + RESERVE <= LONGEST {
            out += &hops;
        }
    }
    out
}

fn table(report: &TraceReport<'_>, trace: &Trace) -> String {
    let mut out = format!("### sioway trace: {}\n\n", prose(&heading(trace)));
    out += "| | step | outcome | because of |\n|---|---|---|---|\n";
    for step in &trace.steps {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            mark(step.outcome.verdict),
            step.step.title(),
            prose(&step.outcome.text),
            because(report, step),
        );
    }
    let _ = writeln!(out, "\n{}\n", tally(trace));
    out
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "ok",
        Verdict::Bad => "**fault**",
        Verdict::Unknown => "unknown",
        Verdict::NotReached => "not reached",
    }
}

fn because(report: &TraceReport<'_>, step: &Step) -> String {
    let place = step.decided_by.map(|place| code(&report.line(place)));
    let rules = step.rules.iter().map(|rule| code(rule));
    place.into_iter().chain(rules).collect::<Vec<_>>().join(" ")
}

/// Every hop once: what an earlier step has shown is only named.
fn hops(report: &TraceReport<'_>, trace: &Trace) -> String {
    let mut out = "<details><summary>hop by hop</summary>\n\n".to_owned();
    let mut seen: Vec<&Hop> = Vec::new();
    for step in &trace.steps {
        let _ = writeln!(out, "**{}** {}\n", step.step.title(), code(&step.request));
        let (old, new): (Vec<&Hop>, Vec<&Hop>) =
            step.hops.iter().partition(|hop| seen.contains(hop));
        for hop in &new {
            let place = hop.place.map(|place| format!(" {}", code(&report.line(place))));
            let _ = writeln!(
                out,
                "- {}: {}{}",
                hop.hop.id(),
                prose(&hop.what),
                place.unwrap_or_default()
            );
        }
        if !old.is_empty() {
            let mut names: Vec<&str> = old.iter().map(|hop| hop.hop.id()).collect();
            names.dedup();
            let _ = writeln!(out, "- as above: {}", names.join(", "));
        }
        for caution in &step.outcome.cautions {
            let _ = writeln!(out, "- but: {}", prose(caution));
        }
        let _ = writeln!(out);
        seen.extend(new);
    }
    out + "</details>\n\n"
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { markdown::code(&cell(text)) }
}

/// A sentence, with code where it has backticks.
fn prose(text: &str) -> String {
    markdown::prose(&cell(text))
}

/// As much of a text as stands in one cell or line.
fn cell(text: &str) -> String {
    shorten(&one_line(text), LONGEST_CELL).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_come_in_pairs() {
        assert_eq!(prose("a `b` c"), "a <code>b</code> c");
        assert_eq!(prose("a `b"), "a &#96;b");
        assert_eq!(prose("`a` `b"), "<code>a</code> &#96;b");
        assert_eq!(prose("`@x`"), "<code>&#64;x</code>");
    }
}
