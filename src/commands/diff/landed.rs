//! Where differences are taken away: in the files that are there, or in those that a build was made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use camino::Utf8Path;

use super::additions::{Kin, addition};
use super::builds::Build;
use super::existing::Existing;
use super::patch::{Addition as NewFile, Patch, Wanted, listed, not_listed};
use super::side::severity;
use crate::commands::paths::shown;
use crate::commands::stop::Result as StopResult;
use crate::diagnostic::{Diagnostic, Edit, Region, Severity, SourceId, Sources, ValueChange};
use crate::diff::{Change, ObjectDiff, Status, compare, compare_in_place};
use crate::fix::apply;
use crate::kube::Object;
use crate::kustomize::{Addition, Lay, together};
use crate::manifest::{self, Document};
use crate::report::diff::ChangeEntry;
use crate::set::{Place, Set, directory_of};

/// Where the differences of an object are taken away.
#[derive(Debug, Default)]
pub(super) struct Landed {
    /// The file of the object.
    pub(super) file: Option<String>,
    /// Change by change.
    pub(super) changes: Vec<LandedChange>,
    /// The kustomization.yaml that does not list the file.
    pub(super) listing: Option<Listing>,
}

/// Where one difference is taken away.
#[derive(Debug)]
pub(super) struct LandedChange {
    /// What sets the value, or the block that it belongs into.
    pub(super) place: Option<Place>,
    /// The edit; otherwise why it is left to people.
    edit: Result<(SourceId, Edit), String>,
    /// A file that comes with the edit.
    added: Option<(String, String)>,
    /// What else is to be said.
    pub(super) notes: Vec<String>,
}

/// A file that its kustomization.yaml does not list.
#[derive(Debug)]
pub(super) struct Listing {
    kustomization: String,
    name: String,
    place: Region,
}

impl Listing {
    fn of(object: &Object<'_>, build: &Build, sources: &Sources) -> Option<Self> {
        let source = build.built.layers.first()?.source;
        let name = object.file.name.rsplit('/').next()?.to_owned();
        let kustomization = sources.get(source).name.to_string();
        let stream = manifest::read(&sources.get(source).text);
        let root = stream.documents().find_map(Document::root)?;
        let key = root.key_span("resources").unwrap_or_default();
        Some(Self { kustomization, name, place: sources.region(source, key) })
    }

    /// As a difference.
    pub(super) fn entry(&self) -> ChangeEntry {
        ChangeEntry {
            path: "resources".to_owned(),
            old: None,
            new: Some(self.name.clone()),
            place: Some((self.kustomization.clone(), self.place)),
            there: None,
            repair: None,
            rule: None,
            severity: severity(None),
            reason: "Kustomize builds only what a kustomization.yaml lists",
            origin: None,
            notes: Vec::new(),
        }
    }
}

impl LandedChange {
    /// The text that is edited.
    pub(super) fn source(&self) -> Option<SourceId> {
        self.edit.as_ref().ok().map(|(source, _)| *source)
    }

    /// Makes it in a new file, which something lists.
    pub(super) fn lay_over(&mut self, edit: (SourceId, Edit), file: (String, String), why: &str) {
        self.edit = Ok(edit);
        self.notes.retain(|note| !note.contains(REACHES));
        self.notes.push(format!("said in {}: {why}", file.0));
        self.added = Some(file);
    }

    /// Leaves it to people.
    pub(super) fn leave(&mut self, why: &str) {
        self.edit = Err(why.to_owned());
        self.added = None;
        self.notes = vec![format!("left to people: {why}")];
    }

    /// Whether it is said already that others change with it.
    pub(super) fn changes_all(&self) -> bool {
        self.notes.iter().any(|note| note == CHANGES_ALL)
    }

    /// The edit, if it needs nothing beside it.
    pub(super) fn edit(&self) -> Option<&(SourceId, Edit)> {
        self.edit.as_ref().ok().filter(|_| self.added.is_none())
    }
}

impl Landed {
    pub(super) fn of(diff: &ObjectDiff<'_>, existing: &Existing, lay: Lay) -> Self {
        let plain = |change: &Change| LandedChange {
            place: change.there,
            edit: change.edit.clone(),
            added: None,
            notes: notes(change),
        };
        let Some(object) = &diff.theirs else {
            return Self { changes: diff.changes.iter().map(plain).collect(), ..Self::default() };
        };
        let Some(build) = existing.build_of(object.file.source) else {
            // What only follows another edit is applied as it was before: by whoever applies it.
            let build = existing.unlisting(object).filter(|_| diff.ours.is_some());
            return Self {
                file: Some(object.file.name.to_owned()),
                changes: diff.changes.iter().map(plain).collect(),
                listing: build.and_then(|build| Listing::of(object, build, existing.sources())),
            };
        };
        let home = build.built.home(object.node.span().start);
        let name = |place: Place| existing.sources().get(place.source).name.to_string();
        Self {
            file: home.map(name).or_else(|| Some(object.file.name.to_owned())),
            changes: diff
                .changes
                .iter()
                .map(|one| built(one, object, (build, existing), lay))
                .collect(),
            listing: None,
        }
    }
}

/// What is to be said beside a difference: also why it is left to people.
fn notes(change: &Change) -> Vec<String> {
    let why = change.edit.as_ref().err().map(|why| format!("left to people: {why}"));
    change.notes.iter().cloned().chain(why).collect()
}

/// Where a difference in what is built is taken away.
fn built(
    change: &Change,
    object: &Object<'_>,
    (build, existing): (&Build, &Existing),
    lay: Lay,
) -> LandedChange {
    let sources = existing.sources();
    let unset = |why: &str| LandedChange {
        place: build.built.home(object.node.span().start),
        edit: Err(why.to_owned()),
        added: None,
        notes: notes(change),
    };
    let edit = match &change.edit {
        Ok((_, edit)) if is_whole(edit) => {
            return unset(
                "the whole object has to be converted: `sioway lint --fix` does it where it is written",
            );
        }
        // Kustomize finds the object of a patch by its version, too.
        Ok(_) if change.path == "apiVersion" => {
            return unset(
                "patches find an object by its version: it has to be changed in the base and in all of them together",
            );
        }
        Ok((_, edit)) => edit,
        Err(why) => return unset(why),
    };
    let object = &holder(edit, object);
    let lay = if is_end(&change.path) { lay } else { Lay::Over };
    let Some(landing) = build.built.landing(sources, object, edit, (change.there, lay)) else {
        return unset("it cannot be told what sets this");
    };
    let place = Some(landing.place);
    match landing.outcome {
        Err(unset) => LandedChange {
            place,
            edit: Err(unset.why.to_owned()),
            added: None,
            notes: vec![format!("left to people: {}", unset.why)],
        },
        Ok(addition) if is_taken(&addition, sources) => LandedChange {
            place,
            edit: Err("there is another file of this name".to_owned()),
            added: None,
            notes: Vec::new(),
        },
        Ok(addition) => match refusal(&addition, sources) {
            None => added(change, landing.place, addition, (build, existing)),
            Some(why) => LandedChange {
                place,
                notes: vec![format!("left to people: {why}")],
                edit: Err(why),
                added: None,
            },
        },
    }
}

/// Why a partial manifest in a kustomization.yaml cannot be edited: the rest of that file can be.
fn refusal(addition: &Addition, sources: &Sources) -> Option<String> {
    let text = &sources.get(addition.source).text;
    let is_within = matches!(addition.edit, Edit::Within { .. });
    is_within
        .then(|| apply(text, std::slice::from_ref(&addition.edit)).err())
        .flatten()
        .map(|refused| refused.why)
}

/// The object that an edit is in: a configuration of nginx may include what another ConfigMap holds.
fn holder<'s>(edit: &Edit, object: &Object<'s>) -> Object<'s> {
    let Edit::Nginx { scalar: Some(scalar), .. } = edit else {
        return *object;
    };
    let holds = |one: &Object<'_>| {
        let span = one.node.span();
        span.start <= scalar.start && scalar.end <= span.end
    };
    object.file.objects().find(holds).unwrap_or(*object)
}

/// Whether something else finds pods by a field: by their labels, and by the names of their ports.
fn is_end(path: &str) -> bool {
    path.starts_with("spec.template.") && (path.contains(".labels") || path.contains(".ports"))
}

/// A difference that an edit takes away, maybe with a new file.
fn added(
    change: &Change,
    place: Place,
    addition: Addition,
    (build, existing): (&Build, &Existing),
) -> LandedChange {
    let beside = |(name, text): (String, String)| {
        let directory = directory_of(&existing.sources().get(addition.source).name).to_owned();
        (within(&directory, &name), text)
    };
    LandedChange {
        place: Some(place),
        notes: reach(addition.source, build, existing)
            .into_iter()
            .chain(breadth(change, &addition, build))
            .chain(notes(change))
            .collect(),
        added: addition.file.map(beside),
        edit: Ok((addition.source, addition.edit)),
    }
}

/// Whether an edit is of a whole object: what is built has names and labels that the file is not to have.
fn is_whole(edit: &Edit) -> bool {
    matches!(edit, Edit::Value { change: ValueChange::Set { path, .. }, .. } if path.steps.is_empty())
}

/// Whether there is a file where an edit needs a new one.
fn is_taken(addition: &Addition, sources: &Sources) -> bool {
    let directory = directory_of(&sources.get(addition.source).name);
    let file = addition.file.as_ref();
    file.is_some_and(|(name, _)| Utf8Path::new(&within(directory, name)).exists())
}

/// How others are told of that build from a file.
const REACHES: &str = "also reaches";

/// Who else builds from a file.
fn reach(source: SourceId, build: &Build, existing: &Existing) -> Vec<String> {
    let others = match build.built.layer_of(source) {
        Some(layer) if layer > 0 => build.others(layer),
        _ => Vec::new(),
    };
    if others.is_empty() {
        return Vec::new();
    }
    let file = &existing.sources().get(source).name;
    vec![format!("an edit of {file} {REACHES} {}", others.join(", "))]
}

/// Whether an edit changes what a kustomization.yaml gives to all objects.
fn breadth(change: &Change, addition: &Addition, build: &Build) -> Option<String> {
    let is_layer = build.built.layers.iter().any(|layer| layer.source == addition.source);
    let of_all = ["labels", "annotations", "selector"].iter().any(|key| change.path.contains(key));
    let is_field = matches!(addition.edit, Edit::Value { .. }) && change.old.is_some();
    (is_layer && of_all && is_field).then(|| CHANGES_ALL.to_owned())
}

const CHANGES_ALL: &str = "an edit here changes every object that this kustomization.yaml builds";

pub(super) fn within(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

/// The edits that take the differences away, and the objects that are not there.
pub(super) fn wanted(
    app: &str,
    diffs: &[ObjectDiff<'_>],
    landed: &[Landed],
    existing: &Existing,
) -> Wanted {
    let sources = existing.sources();
    let mut wanted = Wanted::default();
    let mut edits = Vec::new();
    for change in landed.iter().flat_map(|landed| &landed.changes) {
        match &change.edit {
            Ok(edit) => {
                edits.push(edit.clone());
                wanted.files.extend(change.added.clone());
            }
            Err(why) => wanted.refused.push(refused(sources, change.place, why)),
        }
    }
    // What was not built is edited where it is, field by field.
    let edits = if existing.builds.is_empty() { edits } else { together(edits) };
    for (source, edit) in edits {
        let file = sources.get(source);
        wanted.edits.push((file.name.to_string(), file.text.clone(), edit));
    }
    for listing in landed.iter().filter_map(|landed| landed.listing.as_ref()) {
        match listed(Utf8Path::new(&listing.kustomization), &listing.name) {
            Ok(Some((text, edit))) => {
                wanted.edits.push((listing.kustomization.clone(), text, edit));
            }
            Ok(None) => {}
            Err(stop) => {
                wanted.refused.push((Sources::default(), not_listed(&listing.name, &stop)));
            }
        }
    }
    let home = existing.home(diffs);
    let kin = Kin::of(diffs, existing);
    // What is to be said of one that is not there keeps it from being added.
    let is_absent = |diff: &&ObjectDiff<'_>| diff.status == Status::Add && diff.changes.is_empty();
    let absent = diffs.iter().filter(is_absent);
    for object in absent.filter_map(|diff| diff.ours.as_ref()) {
        match addition(object, &home, existing, &kin) {
            Ok((name, text)) => {
                let (app, directory) = (app.to_owned(), home.clone());
                wanted.additions.push(NewFile { app, directory, name, text });
            }
            Err(problem) => wanted.refused.push((Sources::default(), *problem)),
        }
    }
    wanted
}

fn refused(sources: &Sources, place: Option<Place>, why: &str) -> (Sources, Diagnostic) {
    let message = format!("this is left as it is: {why}");
    let problem = match place {
        Some(place) => Diagnostic::at("edit-refused", message, place.label("")),
        None => Diagnostic::bare("edit-refused", message),
    };
    let mut problem = problem.help("make the changes by hand: `sioway diff` lists them");
    problem.severity = Severity::Warning;
    (sources.clone(), problem)
}

pub(super) fn shown_directory(build: &Build) -> String {
    let directory = shown(Utf8Path::new(&build.directory));
    if directory == "." { String::new() } else { directory }
}

/// How many differences are told that would be left.
const TOLD: usize = 5;

/// Builds again with the edits made, and takes them all back if that would not end the differences that they are for:
/// what a base says may be overruled where nothing shows it.
pub(super) fn proven(wanted: Wanted, ours: &Set<'_>, existing: &Existing) -> Wanted {
    if existing.builds.is_empty() || wanted.edits.is_empty() && wanted.additions.is_empty() {
        return wanted;
    }
    let patch = Patch::of(vec![wanted.clone()]);
    // A file that cannot be edited keeps its differences, and says so.
    let kept = wanted.edits.iter().filter(|(file, ..)| !patch.changed.contains_key(file)).count()
        + if patch.refuses_any() { wanted.additions.len() } else { 0 };
    match remaining(&patch, ours, existing) {
        Ok(still) if still.len() <= kept + wanted.refused.len() => wanted,
        Err(stop) => {
            let message =
                "nothing is written: with these edits Kustomize could not build this any more";
            let problem = Diagnostic::bare("edit-refused", message)
                .note(stop.reason())
                .help("make the changes by hand: `sioway diff` lists them");
            Wanted { refused: vec![(Sources::default(), problem)], ..Wanted::default() }
        }
        Ok(still) => {
            let still: BTreeSet<String> = still.into_iter().collect();
            let more = still.len().saturating_sub(TOLD);
            let mut what = still.into_iter().take(TOLD).collect::<Vec<_>>().join(", ");
            if more > 0 {
                let _ = write!(what, " and {more} more");
            }
            let message =
                "nothing is written: what Kustomize builds would not become what is wanted";
            let problem = Diagnostic::bare("edit-refused", message)
                .note(format!("still different: {what}"))
                .help("make the changes by hand: `sioway diff` lists them");
            Wanted { refused: vec![(Sources::default(), problem)], ..Wanted::default() }
        }
    }
}

/// What would still differ after a patch, and what it would take away from what is built; why nothing could be built any
/// more.
fn remaining(patch: &Patch, ours: &Set<'_>, existing: &Existing) -> StopResult<Vec<String>> {
    let changed = patch.changed.iter().map(|(file, (_, new))| (file.clone(), new.clone()));
    let changed: BTreeMap<String, String> = changed.collect();
    let after = existing.with(&changed, &patch.added)?;
    let (files, before) = (after.files(), existing.files());
    let (theirs, before) = (Set::new(&files), Set::new(&before));
    let mut still = Vec::new();
    for diff in compare(ours, &theirs) {
        if diff.status == Status::Add {
            still.push(said(&diff, ""));
        }
        still.extend(diff.changes.iter().map(|change| said(&diff, &change.path)));
    }
    let goes = |diff: &ObjectDiff<'_>| -> Vec<String> {
        let gone = diff.changes.iter().filter(|change| change.new.is_none());
        gone.map(|change| said(diff, &change.path)).collect()
    };
    let meant: BTreeSet<String> = compare(ours, &before).iter().flat_map(goes).collect();
    for diff in compare_in_place(&before, &theirs) {
        if diff.status == Status::Add {
            still.push(said(&diff, "(lost)"));
        }
        let lost = diff
            .changes
            .iter()
            .filter(|change| change.old.is_none() && !meant.contains(&said(&diff, &change.path)));
        still.extend(lost.map(|change| said(&diff, &format!("{} (lost)", change.path))));
    }
    Ok(still)
}

fn said(diff: &ObjectDiff<'_>, what: &str) -> String {
    let name = diff.name();
    format!("{} {} {what}", name.kind, name.name).trim_end().to_owned()
}
