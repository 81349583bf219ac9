//! Differences as findings, for the formats that `sioway lint` has too: annotations and code scanning.

use std::collections::BTreeMap;

use super::{AppDiff, ChangeEntry, DiffReport, ObjectEntry, TextPlace};
use crate::diagnostic::{
    Applicability, Diagnostic, Finding, Label, ObjectName, RuleCard, Severity, SourceId, Sources,
};
use crate::diff::Status;
use crate::report::findings::{self, Format, Report};

/// So much of a value is said.
const LONGEST_VALUE: usize = 200;

/// A field that differs. The rule behind it is in the message: what is rendered answers it, and what is there need not
/// break it.
const DIFFERENCE: RuleCard = RuleCard {
    id: "difference",
    severity: Severity::Warning,
    summary: "A field is not as the app's description renders it.",
    page: "# difference\n\nA field of a manifest, or a directive of nginx, is not as the app's description renders \
           it. `sioway diff` says\nwhy it matters and where the rendered value comes from; `sioway diff --write` \
           writes it.\n",
    grade: "",
};

/// An object that is not there.
const NOT_THERE: RuleCard = RuleCard {
    id: "object-not-there",
    severity: Severity::Warning,
    summary: "An object that the app's description renders is not among the manifests.",
    page: "# object-not-there\n\nAn object that the app's description renders is not among the manifests that are \
           compared.\n`sioway diff --write` adds it beside its siblings.\n",
    grade: "",
};

/// The report in a format of findings.
pub(super) fn write(report: &DiffReport, format: Format) -> String {
    let mut texts = Texts::default();
    let mut found: Vec<(Severity, Finding)> =
        report.apps.iter().flat_map(|app| of_app(app, &mut texts)).collect();
    // The worst first, though none is called an error: what is there may be as good.
    found.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    let found: Vec<Finding> = found.into_iter().map(|(_, finding)| finding).collect();
    let files = report.objects().filter_map(|object| object.file.as_deref());
    findings::write(
        format,
        &Report {
            sources: &texts.sources,
            findings: &found,
            problems: &[],
            rules: &[DIFFERENCE, NOT_THERE],
            checked: files.collect::<std::collections::BTreeSet<_>>().len(),
            command: "diff",
            place: report.place,
            pictures: &[],
        },
        false,
    )
}

/// The texts that findings point into, each of them once.
#[derive(Default)]
struct Texts {
    sources: Sources,
    known: BTreeMap<String, SourceId>,
}

impl Texts {
    fn id(&mut self, file: &str, text: &std::sync::Arc<str>) -> SourceId {
        if let Some(id) = self.known.get(file) {
            return *id;
        }
        let id = self.sources.add(file, text.clone());
        self.known.insert(file.to_owned(), id);
        id
    }

    fn label(&mut self, place: &TextPlace) -> Label {
        Label::new(self.id(&place.file, &place.text), place.span, "")
    }
}

/// Each with how much what hangs on it matters.
fn of_app(app: &AppDiff, texts: &mut Texts) -> Vec<(Severity, Finding)> {
    let mut found = Vec::new();
    for object in &app.objects {
        if object.status == Status::Add {
            found.push((Severity::Warning, not_there(app, object, texts)));
        }
        let changes = object.changes.iter();
        found.extend(changes.map(|one| (one.severity, difference(object, one, texts))));
    }
    found
}

fn not_there(app: &AppDiff, object: &ObjectEntry, texts: &mut Texts) -> Finding {
    let diagnostic = Diagnostic {
        id: NOT_THERE.id,
        severity: Severity::Warning,
        message: not_there_message(app, object),
        labels: app.described.iter().map(|place| texts.label(place)).collect(),
        notes: Vec::new(),
        help: object.changes.is_empty().then(|| "`sioway diff --write` adds it".to_owned()),
    };
    Finding {
        diagnostic,
        object: Some(object.name.clone()),
        path: String::new(),
        fix: Applicability::None,
        edits: Vec::new(),
    }
}

/// What is to be said of an object that is not there.
pub(super) fn not_there_message(app: &AppDiff, object: &ObjectEntry) -> String {
    let environment = app.environment.as_ref().map_or(String::new(), |name| format!(" in {name}"));
    format!("{} is not there: `{}` renders it{environment}", said(&object.name), app.app)
}

fn difference(object: &ObjectEntry, change: &ChangeEntry, texts: &mut Texts) -> Finding {
    let origin = change.origin.as_ref().map(|origin| format!("rendered from {origin}"));
    let diagnostic = Diagnostic {
        id: DIFFERENCE.id,
        severity: level(change),
        message: message(object, change),
        labels: change.there.iter().map(|place| texts.label(place)).collect(),
        notes: Vec::new(),
        help: origin.map(|origin| format!("{origin}; `sioway diff --write` writes it")),
    };
    let edits = change.repair.iter();
    let edits: Vec<_> =
        edits.map(|repair| (texts.id(&repair.file, &repair.text), repair.edit.clone())).collect();
    Finding {
        diagnostic,
        object: Some(object.name.clone()),
        path: change.path.clone(),
        fix: if edits.is_empty() { Applicability::None } else { Applicability::Safe },
        edits,
    }
}

/// A difference is no error by itself, whatever the rule finds that explains it.
pub(super) fn level(change: &ChangeEntry) -> Severity {
    change.severity.min(Severity::Warning)
}

/// What differs, and why it matters, in one sentence.
pub(super) fn message(object: &ObjectEntry, change: &ChangeEntry) -> String {
    let [old, new] = change.values(LONGEST_VALUE);
    let old = old.map_or_else(|| "not there".to_owned(), |text| format!("`{text}`"));
    let new = new.map_or_else(|| "nothing".to_owned(), |text| format!("`{text}`"));
    let reason =
        if change.reason.is_empty() { String::new() } else { format!(": {}", change.reason) };
    let rule = change.rule.map_or(String::new(), |rule| format!(" ({rule})"));
    let path = &change.path;
    format!("`{path}` of {} is {old}, and {new} is rendered{reason}{rule}", said(&object.name))
}

fn said(name: &ObjectName) -> String {
    let namespace = name.namespace.as_ref().map_or(String::new(), |name| format!("{name}/"));
    format!("{} {namespace}{}", name.kind, name.name)
}
