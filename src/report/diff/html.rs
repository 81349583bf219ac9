//! One page for a browser: app by app the picture, the objects, and what each holds before and after.

use super::{AppDiff, ChangeEntry, DiffReport, ObjectEntry, Sides};
use crate::diagnostic::Severity;
use crate::diff::Status;
use crate::report::html::{badge, code, escape, folded, heading, page, pictures, prose, table};

/// So much of a value stands in a table.
const LONGEST_VALUE: usize = 2_000;

const COLUMNS: [&str; 4] = ["field", "before", "after", "why"];

pub(super) fn write(report: &DiffReport) -> String {
    let told = report.apps.iter().filter(|app| app.objects.iter().any(is_told));
    let mut parts = vec![heading("sioway diff", &tally(report), !report.has_differences())];
    parts.extend(told.map(app));
    page("sioway diff", &parts)
}

fn tally(report: &DiffReport) -> String {
    let summary = report.summary();
    let only_there = match report.sides {
        Sides::Rendered => "only there",
        Sides::Applied => "to remove",
    };
    format!(
        "{} to add, {} to change, {} the same, {} {only_there}",
        summary.add, summary.change, summary.same, summary.only_there
    )
}

fn is_told(object: &ObjectEntry) -> bool {
    object.status != Status::Same
}

fn app(app: &AppDiff) -> String {
    let mut picture = app.picture.clone();
    if let (Some(picture), Some(name)) = (&mut picture, &app.environment) {
        picture.title = format!("{} in {name}", picture.title);
    }
    let drawn = pictures(picture.as_slice());
    let objects: String = app.objects.iter().filter(|one| is_told(one)).map(object).collect();
    format!("{drawn}<section>\n{objects}</section>\n")
}

fn object(object: &ObjectEntry) -> String {
    let namespace = object.name.namespace.as_ref();
    let namespace = namespace.map_or(String::new(), |name| format!("{name}/"));
    let name = format!("{} {namespace}{}", object.name.kind, object.name.name);
    let (class, word) = match object.status {
        Status::Same => ("", "same"),
        Status::Change => ("warning", "change"),
        Status::Add => ("good", "add"),
        Status::OnlyThere => ("info", "only there"),
    };
    let file = object.file.as_ref().map_or(String::new(), |file| format!(" in {}", code(file)));
    let head = format!("{} {}{file}", badge(class, word), code(&name));
    if object.changes.is_empty() {
        return format!("<p>{head}</p>\n");
    }
    let rows: Vec<Vec<String>> = object.changes.iter().map(change).collect();
    folded(&head, &table(&COLUMNS, &rows)).replacen("<details>", "<details open>", 1)
}

fn change(change: &ChangeEntry) -> Vec<String> {
    let [old, new] = change.values(LONGEST_VALUE);
    let value = |text: Option<String>, class: &str| {
        text.map(|text| format!("<code class=\"{class}\">{}</code>", escape(&text)))
            .unwrap_or_default()
    };
    let place = change.place.as_ref().map_or(String::new(), |(file, region)| {
        format!("<br>{}", code(&format!("{file}:{}", region.start.line)))
    });
    let rule = change.rule.map_or(String::new(), |rule| format!(" ({})", code(rule)));
    let severity = match change.severity {
        Severity::Error => badge("error", "error") + " ",
        Severity::Warning => badge("warning", "warning") + " ",
        Severity::Info => String::new(),
    };
    let notes: String =
        change.notes.iter().flat_map(|note| ["<br>".to_owned(), prose(note)]).collect();
    vec![
        format!("{}{place}", code(&change.path)),
        value(old, "old"),
        value(new, "new"),
        format!("{severity}{}{rule}{notes}", prose(change.reason)),
    ]
}
