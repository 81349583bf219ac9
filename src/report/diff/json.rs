//! For scripts: version 1 of the shape that `sioway schema diff` prints.

use schemars::JsonSchema;
use serde::Serialize;

use super::{ChangeEntry, DiffReport, ObjectEntry};
use crate::diff::Status;

/// What `sioway diff --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "sioway diff")]
struct Document<'a> {
    /// Of this shape; other keys may be added without a new one.
    version: u32,
    /// Every object that is rendered, and those that only the other side has.
    objects: Vec<Object<'a>>,
    /// How many there are.
    summary: Summary,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Object<'a> {
    kind: &'a str,
    namespace: Option<&'a str>,
    name: &'a str,
    /// `same`, `change`, `add` or `only-there`.
    status: &'static str,
    /// The file on the side that is there.
    file: Option<&'a str>,
    /// The app, where one is behind it, and the environment.
    app: Option<&'a str>,
    environment: Option<&'a str>,
    changes: Vec<Change<'a>>,
    /// The fields that only the other side has, which are not compared.
    ignored: Vec<&'a str>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Change<'a> {
    path: &'a str,
    old: Option<&'a str>,
    /// Nothing where the field goes.
    new: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    rule: Option<&'a str>,
    reason: Option<&'a str>,
    /// Where the rendered value comes from.
    origin: Option<&'a str>,
    /// What an edit would change besides, or why it is left to people.
    notes: &'a [String],
}

#[derive(Debug, Serialize, JsonSchema)]
struct Summary {
    same: usize,
    change: usize,
    add: usize,
    only_there: usize,
}

pub(super) fn write(report: &DiffReport) -> String {
    let summary = report.summary();
    let objects = report.apps.iter().flat_map(|app| {
        let object = |entry| object(entry, &app.app, app.environment.as_deref());
        app.objects.iter().map(object).collect::<Vec<_>>()
    });
    let document = Document {
        version: 1,
        objects: objects.collect(),
        summary: Summary {
            same: summary.same,
            change: summary.change,
            add: summary.add,
            only_there: summary.only_there,
        },
    };
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// The JSON Schema of what is printed.
pub fn json_schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft07();
    settings.into_generator().into_root_schema_for::<Document<'_>>().into()
}

fn object<'a>(entry: &'a ObjectEntry, app: &'a str, environment: Option<&'a str>) -> Object<'a> {
    Object {
        kind: &entry.name.kind,
        namespace: entry.name.namespace.as_deref(),
        name: &entry.name.name,
        status: status(entry.status),
        file: entry.file.as_deref(),
        app: Some(app).filter(|app| !app.is_empty()),
        environment,
        changes: entry.changes.iter().map(change).collect(),
        ignored: entry.foreign.iter().map(|field| field.path.as_str()).collect(),
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Same => "same",
        Status::Change => "change",
        Status::Add => "add",
        Status::OnlyThere => "only-there",
    }
}

fn change(entry: &ChangeEntry) -> Change<'_> {
    let place = entry.place.as_ref();
    Change {
        path: &entry.path,
        old: entry.old.as_deref(),
        new: entry.new.as_deref(),
        file: place.map(|(file, _)| file.as_str()),
        line: place.map(|(_, region)| region.start.line),
        column: place.map(|(_, region)| region.start.column),
        rule: entry.rule,
        reason: Some(entry.reason).filter(|reason| !reason.is_empty()),
        origin: entry.origin.as_deref(),
        notes: &entry.notes,
    }
}
