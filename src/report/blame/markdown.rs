//! For a comment: the candidates with what speaks for and against each, and what failed folded below.

use std::fmt::Write as _;

use super::{BEYOND, BlameReport, todo, unexplained};
use crate::blame::{Candidate, Compared};
use crate::report::clean::{one_line, shorten};
use crate::report::markdown::{LONGEST, prose, units};

/// So much of a text stands in one line.
const LONGEST_LINE: usize = 400;

/// Kept free for what is said at the end.
const RESERVE: usize = 2_000;

pub(super) fn write(report: &BlameReport<'_>) -> String {
    let blame = report.blame;
    let mut out = format!(
        "<!-- sioway blame -->\n**sioway blame** of {}: {}\n\n",
        line(report.url),
        report.tally()
    );
    for (index, one) in blame.candidates.iter().enumerate() {
        let text = candidate(report, &format!("{}.", index + 1), one);
        if !add(&mut out, &text) {
            return out;
        }
    }
    if !blame.excluded.is_empty() && !add(&mut out, "\nDoes not fit:\n\n") {
        return out;
    }
    for one in &blame.excluded {
        if !add(&mut out, &candidate(report, "-", one)) {
            return out;
        }
    }
    let left = unexplained(blame);
    if !left.is_empty() {
        let _ = writeln!(out, "\nUnexplained: {}. {}\n", line(&left.join(", ")), line(BEYOND));
    }
    let mut failed = "\n<details><summary>what failed</summary>\n\n".to_owned();
    for one in &blame.symptoms {
        let _ = writeln!(failed, "- {} (`{}`): {}", line(&one.claim), one.check, line(&one.seen));
    }
    for note in &blame.notes {
        let _ = writeln!(failed, "- note: {}", line(note));
    }
    add(&mut out, &(failed + "\n</details>\n"));
    out
}

/// Adds what fits into a comment; whether it does.
fn add(out: &mut String, text: &str) -> bool {
    let fits = units(out) + units(text) + RESERVE <= LONGEST;
    *out += if fits { text } else { "\nThe rest does not fit into a comment.\n" };
    fits
}

fn candidate(report: &BlameReport<'_>, mark: &str, one: &Candidate) -> String {
    let mut text = format!("{mark} {}\n", line(&report.headline(one)));
    for each in &one.explains {
        let but = each.but.as_ref().map_or_else(String::new, |but| format!("; but {but}"));
        let _ = writeln!(text, "   - fits {}{}", compared(each), line(&but));
    }
    for each in &one.against {
        let _ = writeln!(text, "   - against it {}; seen was {}", compared(each), line(&each.seen));
    }
    let todo = todo(one);
    if !todo.is_empty() {
        let _ = writeln!(text, "   - do: {}", line(&todo));
    }
    text
}

fn compared(one: &Compared) -> String {
    format!("`{}`: foretold {}", line(&one.check), line(&one.predicted))
}

fn line(text: &str) -> String {
    prose(&shorten(&one_line(text), LONGEST_LINE))
}
