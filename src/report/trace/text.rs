//! For people at two in the morning: one headline a step, the hops below it, each with the line to open.

use std::fmt::Write as _;

use super::{TraceReport, first_fault, heading, tally};
use crate::report::clean::one_line;
use crate::trace::{Hop, Step, Trace, Verdict};

pub(super) fn write(report: &TraceReport<'_>, color: bool) -> String {
    let mut out = String::new();
    for trace in report.traces {
        write_trace(&mut out, report, trace, color);
    }
    out
}

fn write_trace(out: &mut String, report: &TraceReport<'_>, trace: &Trace, color: bool) {
    let _ = writeln!(out, "{}", paint(&one_line(&heading(trace)), "1", color));
    let mut seen = Vec::new();
    for step in &trace.steps {
        let _ = writeln!(out);
        write_step(out, report, step, color);
        write_hops(out, report, step, &mut seen, color);
    }
    let _ = writeln!(out, "\n{}", tally(trace));
    if let Some(first) = first_fault(trace) {
        let place =
            first.decided_by.map_or_else(String::new, |place| format!(", {}", report.line(place)));
        let rule = first.rules.first().map_or_else(String::new, |rule| format!(" [{rule}]"));
        let line = format!("first fault: {}{place}{rule}", first.step.title());
        let _ = writeln!(out, "{}", paint(&one_line(&line), "31", color));
    }
    let _ = writeln!(out);
}

fn write_step(out: &mut String, report: &TraceReport<'_>, step: &Step, color: bool) {
    let (mark, style) = match step.outcome.verdict {
        Verdict::Good => ("ok", "32"),
        Verdict::Bad => ("FAULT", "31"),
        Verdict::Unknown => ("?", "33"),
        Verdict::NotReached => ("-", "2"),
    };
    let outcome = one_line(&step.outcome.text);
    let _ = writeln!(
        out,
        "{} {}: {outcome}",
        paint(&format!("{mark:5}"), style, color),
        paint(step.step.title(), "1", color)
    );
    if !step.request.is_empty() {
        let _ = writeln!(out, "      {}", one_line(&step.request));
    }
    if let Some(why) = why(report, step) {
        let _ = writeln!(out, "      {}", paint(&one_line(&why), style, color));
    }
    for caution in &step.outcome.cautions {
        let _ = writeln!(out, "      but: {}", one_line(caution));
    }
}

/// The hops of a step. What an earlier step has shown is only named, unless somebody wants all of it.
fn write_hops<'t>(
    out: &mut String,
    report: &TraceReport<'_>,
    step: &'t Step,
    seen: &mut Vec<&'t Hop>,
    color: bool,
) {
    let mut same: Vec<&str> = Vec::new();
    for hop in &step.hops {
        if report.verbose || !seen.contains(&hop) {
            write_hop(out, report, hop, color);
            seen.push(hop);
        } else if !same.contains(&hop.hop.id()) {
            same.push(hop.hop.id());
        }
    }
    if !same.is_empty() {
        let line = format!("        as above: {}", same.join(", "));
        let _ = writeln!(out, "{}", paint(&line, "2", color));
    }
}

/// The line that decides, and the rules.
fn why(report: &TraceReport<'_>, step: &Step) -> Option<String> {
    let bad = matches!(step.outcome.verdict, Verdict::Bad | Verdict::Unknown);
    let place = step.decided_by.filter(|_| bad).map(|place| report.line(place));
    let rules = (!step.rules.is_empty()).then(|| format!("[{}]", step.rules.join(", ")));
    let parts: Vec<String> = place.into_iter().chain(rules).collect();
    (!parts.is_empty()).then(|| format!("because of {}", parts.join(" ")))
}

fn write_hop(out: &mut String, report: &TraceReport<'_>, hop: &Hop, color: bool) {
    let place = hop.place.map_or_else(String::new, |place| {
        format!("  {}", paint(&one_line(&report.line(place)), "2", color))
    });
    let _ = writeln!(out, "        {:13} {}{place}", hop.hop.id(), one_line(&hop.what));
}

fn paint(text: &str, style: &str, color: bool) -> String {
    if color { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
}
