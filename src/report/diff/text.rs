//! For people: one block an object, old and new, the reason under it, and a tally at the end.

use std::fmt::Write as _;

use super::{AppDiff, ChangeEntry, DiffReport, ObjectEntry, Sides};
use crate::diff::Status;
use crate::report::clean::one_line;

/// Values longer than this are cut, to where they differ: the whole is in the file.
const WIDEST: usize = 100;

pub(super) fn write(report: &DiffReport, color: bool) -> String {
    let mut out = String::new();
    for app in &report.apps {
        write_app(&mut out, app, report, color);
    }
    if !out.is_empty() {
        let _ = writeln!(out, "{}", tally(report));
    }
    out
}

/// The closing line, which agrees with the exit status.
fn tally(report: &DiffReport) -> String {
    let summary = report.summary();
    let parts = [
        (summary.add, "to add"),
        (summary.change, "to change"),
        (summary.same, "the same"),
        match report.sides {
            Sides::Rendered => (summary.only_there, "only there"),
            Sides::Applied => (summary.only_there, "to remove"),
        },
    ];
    let told = parts.iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, what)| format!("{count} {what}")).collect();
    told.join(", ")
}

fn write_app(out: &mut String, app: &AppDiff, report: &DiffReport, color: bool) {
    let told: Vec<&ObjectEntry> =
        app.objects.iter().filter(|object| is_told(object, report)).collect();
    if told.is_empty() {
        return;
    }
    let environment = app.environment.as_ref().map_or(String::new(), |name| format!(" in {name}"));
    if !app.app.is_empty() {
        let _ = writeln!(out, "{}{environment}\n", bold(&app.app, color));
    }
    for object in told {
        write_object(out, object, report, color);
    }
}

fn is_told(object: &ObjectEntry, report: &DiffReport) -> bool {
    object.status != Status::Same
        || report.verbose
        || (report.show_ignored && !object.foreign.is_empty())
}

fn write_object(out: &mut String, object: &ObjectEntry, report: &DiffReport, color: bool) {
    let (sign, what) = match (object.status, report.sides) {
        (Status::Same, _) => ("=", ""),
        (Status::Change, _) => ("~", ""),
        (Status::Add, Sides::Rendered) => ("+", ", which is not there"),
        (Status::Add, Sides::Applied) => ("+", ", which is new"),
        (Status::OnlyThere, Sides::Rendered) => ("-", ", which is not rendered: left alone"),
        (Status::OnlyThere, Sides::Applied) => ("-", ", which goes"),
    };
    let namespace = object.name.namespace.as_ref().map_or(String::new(), |name| format!("{name}/"));
    let name = bold(&format!("{} {namespace}{}", object.name.kind, object.name.name), color);
    let file = object.file.as_ref().map_or(String::new(), |file| format!("  {}", one_line(file)));
    let _ = writeln!(out, "{} {name}{what}{file}", painted(sign, color));
    let mut told: Vec<&str> = Vec::new();
    for change in &object.changes {
        write_change(out, change, report.sides, color);
        for note in change.notes.iter().filter(|note| !told.contains(&note.as_str())) {
            let _ = writeln!(out, "      {}", one_line(note));
        }
        told.extend(change.notes.iter().map(String::as_str));
    }
    if report.show_ignored {
        for field in &object.foreign {
            let whose = if field.is_servers { "the server's" } else { "somebody else's" };
            let _ = writeln!(out, "  . {}: {whose}", one_line(&field.path));
        }
    }
    out.push('\n');
}

fn write_change(out: &mut String, change: &ChangeEntry, sides: Sides, color: bool) {
    let (sign, values) = match change.values(WIDEST) {
        [Some(old), Some(new)] => ("~", format!("{old} → {new}")),
        [Some(old), None] => ("-", old),
        [None, new] => ("+", new.unwrap_or_default()),
    };
    let _ = writeln!(out, "  {} {}: {values}", painted(sign, color), one_line(&change.path));
    let place = change.place.as_ref();
    let place = place.map(|(file, region)| {
        format!("{}:{}:{}", one_line(file), region.start.line, region.start.column)
    });
    let origin = change.origin.as_ref().map(|origin| format!("rendered from {origin}"));
    let places: Vec<String> = place.into_iter().chain(origin).collect();
    if !places.is_empty() {
        let _ = writeln!(out, "      {}", dim(&places.join(", "), color));
    }
    if !change.reason.is_empty() {
        let rule = change.rule.map_or(String::new(), |rule| format!(" ({rule})"));
        // Which of the two is right, nobody has said there.
        let stake = if sides == Sides::Applied { "at stake: " } else { "" };
        let _ = writeln!(out, "      {stake}{}{rule}", change.reason);
    }
}

fn painted(sign: &str, color: bool) -> String {
    let code = match sign {
        "+" => "32",
        "~" => "33",
        "-" => "31",
        _ => "2",
    };
    styled(sign, code, color)
}

fn bold(text: &str, color: bool) -> String {
    styled(&one_line(text), "1", color)
}

fn dim(text: &str, color: bool) -> String {
    styled(text, "2", color)
}

fn styled(text: &str, code: &str, color: bool) -> String {
    if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}
