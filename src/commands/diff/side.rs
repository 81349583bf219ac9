//! One app beside what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::Utf8Path;

use super::existing::Existing;
use super::landed::{Landed, LandedChange, Listing, wanted};
use super::neighbours::{Comparison, Settled};
use super::patch::Wanted;
use crate::commands::app::App;
use crate::commands::paths::shown;
use crate::commands::stop::Result;
use crate::diagnostic::{ObjectName, Severity, Source, Sources};
use crate::diff::{Change, ObjectDiff, Status, compare, foreign, unclear};
use crate::kustomize::Lay;
use crate::picture::planned;
use crate::plan::{SettledBy, settled};
use crate::render::{File as Rendered, Renderer};
use crate::report::diff::{AppDiff, ChangeEntry, ObjectEntry, Repair, TextPlace};
use crate::rules;
use crate::set::{File, Set};

/// What a run wants of a comparison.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// What is there and not compared is told.
    pub(super) show_ignored: bool,
    /// The edits are going to be used.
    pub(super) edits: bool,
    /// A format needs the texts that differ, to count in them.
    pub(super) texts: bool,
}

/// What differs between what an app renders to and what is there.
pub(super) fn app_diff(
    app: &App,
    rendered: &[Rendered],
    (existing, theirs): (&Existing, &Set<'_>),
    environment: Option<String>,
    wish: Wish,
) -> Result<(AppDiff, Wanted)> {
    let mut sources = Sources::default();
    let ids: Vec<_> = rendered.iter().map(|file| sources.add(&*file.name, &*file.text)).collect();
    let files: Vec<File<'_>> = ids.iter().map(|id| File::of(&sources, *id, false)).collect();
    let ours = Set::new(&files);
    let origins = Origins::of(app);
    existing.check_clear(&unclear(&ours, theirs))?;
    let diffs = compare(&ours, theirs);
    let name = app.plan.name.as_str();
    let Settled { landed, wanted } = taken_away(name, &diffs, &ours, existing, wish);
    let entry = |(diff, landed): (&ObjectDiff<'_>, &Landed)| {
        entry(diff, landed, existing, &origins, wish.show_ignored)
    };
    let report = AppDiff {
        app: app.plan.name.to_string(),
        described: described(app),
        environment,
        objects: diffs.iter().zip(&landed).map(entry).collect(),
        picture: Some(planned(&app.plan)),
    };
    let joined = if wish.edits { joined(&diffs, theirs, existing) } else { Vec::new() };
    Ok((report, Wanted { joined, ..wanted }))
}

/// Where the differences are taken away. Of what is built that shows only once the edits are there.
fn taken_away<'s>(
    app: &str,
    diffs: &[ObjectDiff<'s>],
    ours: &Set<'s>,
    existing: &Existing,
    wish: Wish,
) -> Settled {
    if !existing.builds.is_empty() {
        return Comparison { app, diffs, ours, existing }.settled();
    }
    let landed: Vec<Landed> =
        diffs.iter().map(|diff| Landed::of(diff, existing, Lay::default())).collect();
    let wanted = if wish.edits { wanted(app, diffs, &landed, existing) } else { Wanted::default() };
    Settled { landed, wanted }
}

/// The files that are one nginx with a configuration that differs, where there are several and none is built.
fn joined(
    diffs: &[ObjectDiff<'_>],
    theirs: &Set<'_>,
    existing: &Existing,
) -> Vec<(String, Arc<str>)> {
    if !existing.builds.is_empty() {
        return Vec::new();
    }
    let differs = |diff: &&ObjectDiff<'_>| !diff.changes.is_empty();
    let maps = diffs.iter().filter(differs).filter_map(|diff| diff.theirs.as_ref());
    let mut found = BTreeSet::new();
    for map in maps.filter(|object| object.kind == "ConfigMap") {
        for pod in theirs.mounting(map.name).filter(|pod| pod.0.shares_namespace_with(map)) {
            let mounted = pod.config_maps().into_iter();
            let mounted = mounted.flat_map(|name| theirs.candidates("ConfigMap", name));
            found.extend(mounted.map(|one| one.file.source));
            found.extend([map.file.source, pod.0.file.source]);
        }
    }
    let file = |source| {
        let Source { name, text, .. } = existing.sources().get(source);
        (name.to_string(), text.clone())
    };
    found.into_iter().map(file).collect()
}

/// An app whose files are there byte for byte.
pub(super) fn same(
    app: &App,
    renderer: &Renderer,
    files: &[Rendered],
    there: &Utf8Path,
    environment: Option<String>,
) -> AppDiff {
    let objects = renderer.objects(&app.plan, files).unwrap_or_default();
    let file = shown(there);
    let entry = |object: crate::render::ObjectId| ObjectEntry {
        name: ObjectName {
            kind: object.kind.clone(),
            namespace: Some(app.plan.namespace.to_string()),
            name: object.name,
        },
        status: Status::Same,
        file: Some(file.clone()),
        changes: Vec::new(),
        foreign: Vec::new(),
    };
    AppDiff {
        app: app.plan.name.to_string(),
        described: None,
        environment,
        objects: objects.into_iter().map(entry).collect(),
        picture: None,
    }
}

/// Where an app is named.
fn described(app: &App) -> Option<TextPlace> {
    let at = app.layers.origin("name")?;
    let source = app.layers.sources.get(at.source);
    Some(TextPlace { file: source.name.to_string(), text: source.text.clone(), span: at.span })
}

fn entry(
    diff: &ObjectDiff<'_>,
    landed: &Landed,
    existing: &Existing,
    origins: &Origins,
    show_ignored: bool,
) -> ObjectEntry {
    let ignored = match (&diff.ours, &diff.theirs) {
        (Some(ours), Some(theirs)) if show_ignored => foreign(ours, theirs),
        _ => Vec::new(),
    };
    let changes = diff.changes.iter().zip(&landed.changes);
    let changes = changes.map(|(one, landed)| change(one, landed, existing, origins));
    let listing = landed.listing.as_ref().map(Listing::entry);
    let is_unlisted = listing.is_some();
    ObjectEntry {
        name: diff.name(),
        status: if is_unlisted { Status::Change } else { diff.status },
        file: landed.file.clone(),
        changes: listing.into_iter().chain(changes).collect(),
        foreign: ignored,
    }
}

fn change(
    change: &Change,
    landed: &LandedChange,
    existing: &Existing,
    origins: &Origins,
) -> ChangeEntry {
    let sources = existing.sources();
    let place = landed.place.map(|place| {
        let file = sources.get(place.source).name.to_string();
        (file, sources.region(place.source, place.span))
    });
    let there = landed.place.map(|place| {
        let Source { name, text, .. } = sources.get(place.source);
        TextPlace { file: name.to_string(), text: text.clone(), span: place.span }
    });
    let repair = landed.edit().map(|(source, edit)| {
        let Source { name, text, .. } = sources.get(*source);
        Repair { file: name.to_string(), text: text.clone(), edit: edit.clone() }
    });
    ChangeEntry {
        path: change.path.clone(),
        old: change.old.clone(),
        new: change.new.clone(),
        place,
        there,
        repair,
        rule: change.why.rule,
        severity: severity(change.why.rule),
        reason: change.why.reason,
        origin: change.why.key.and_then(|key| origins.said(key)),
        notes: landed.notes.clone(),
    }
}

/// How much a difference matters: as much as what the rule behind it finds.
pub(in crate::commands) fn severity(rule: Option<&str>) -> Severity {
    rule.and_then(rules::rule).map_or(Severity::Info, |rule| rule.severity)
}

/// Where each value of an app comes from.
struct Origins(BTreeMap<String, String>);

impl Origins {
    fn of(app: &App) -> Self {
        let all = settled(&app.layers, &app.spec, &app.profile, &app.plan);
        let said = |by: SettledBy| match by {
            SettledBy::Line(line) => line,
            SettledBy::Default => "the default".to_owned(),
            SettledBy::Key(key) => key.to_owned(),
        };
        Self(all.into_iter().map(|one| (one.key.to_owned(), said(one.origin))).collect())
    }

    fn said(&self, key: &str) -> Option<String> {
        let by = self.0.get(key)?;
        Some(format!("`{key}`, {by}"))
    }
}
