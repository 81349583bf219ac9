//! What an app.toml does not say of the manifests that it was made from.

use super::app::App;
use super::draft::Draft;
use super::faults::Faults;
use super::kept;
use crate::diagnostic::{Severity, Sources};
use crate::diff::{
    Change, NO_VALUE, OTHER_VALUE, ObjectDiff, compare, is_shared_annotation, unclear,
};
use crate::kube::{Object, annotations};
use crate::render::File as Rendered;
use crate::rules;
use crate::set::{File, Place, Set};

/// What becomes of something that an app.toml does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It breaks sessions: the app.toml has the healthy value, and `diff` shows the way there.
    Repaired,
    /// sioway has no key for it and renders something else: `diff` shows what.
    Rewritten,
    /// It is somebody else's: sioway does not render it, and leaves it alone.
    Kept,
}

/// Something that an app.toml does not say.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Remainder {
    /// What becomes of it.
    pub fate: Fate,
    /// The object, as people say it.
    pub object: String,
    /// The field, to be pasted back; empty for a whole object.
    pub path: String,
    /// What is there.
    pub what: String,
    /// Where, as `file:line:column`.
    pub place: Option<String>,
    /// Why it is not in the app.toml.
    pub why: String,
    /// The rule that has to do with it.
    pub rule: Option<&'static str>,
}

/// Values longer than this are cut.
const LONGEST: usize = 60;

/// What the API server and the controllers write by themselves.
const SERVERS: [&str; 10] = [
    "status",
    "metadata.creationTimestamp",
    "metadata.finalizers",
    "metadata.generation",
    "metadata.managedFields",
    "metadata.ownerReferences",
    "metadata.resourceVersion",
    "metadata.selfLink",
    "metadata.uid",
    "spec.clusterIP",
];

/// Fields that the API server fills in.
const FILLED_IN: [&str; 4] =
    ["spec.clusterIPs", "spec.internalTrafficPolicy", "spec.ipFamilies", "spec.ipFamilyPolicy"];

/// Compares what is rendered with what is there, both ways.
pub(super) struct Comparison<'a, 'm, 's> {
    pub(super) app: &'a App<'m, 's>,
    pub(super) sources: &'a Sources,
    pub(super) faults: &'a Faults,
}

impl Comparison<'_, '_, '_> {
    /// What of the files differs from what is rendered, and what in them is not rendered.
    pub(super) fn remainder(&self, rendered: &[Rendered], draft: &mut Draft) -> Vec<Remainder> {
        with_set(rendered, |ours| {
            let theirs = self.app.model.set;
            let mut found = Vec::new();
            for diff in compare(ours, theirs) {
                found.extend(self.differences(&diff, draft));
            }
            let compared: Vec<String> = found.iter().map(|one| one.path.clone()).collect();
            let is_compared = |one: &Remainder| {
                let inside = format!("{}.", one.path);
                compared.iter().any(|path| path.starts_with(&inside))
            };
            let mut kept: Vec<Remainder> = Vec::new();
            for diff in compare(theirs, ours) {
                kept.extend(self.kept(&diff));
            }
            // A location that another one stands for was compared with it; and what cannot stay beside what is rendered
            // was told.
            let goes = |one: &Remainder| {
                found.iter().any(|gone| gone.object == one.object && gone.path == one.path)
            };
            kept.retain(|one| !is_compared(one) && !goes(one));
            let inside = kept::directives(self, &kept);
            found.extend(kept);
            found.extend(inside);
            found.extend(self.pods(ours));
            found
        })
    }

    /// The objects of which several are there that each may be the one that is rendered.
    pub(super) fn doubles(&self, rendered: &[Rendered]) -> Vec<(String, Vec<String>)> {
        let place = |one: &Object<'_>| self.sources.locate(one.file.source, one.title().span);
        with_set(rendered, |ours| {
            let unclear = unclear(ours, self.app.model.set);
            let said = unclear.iter().map(|one| (one.ours.said(), one.fits.iter().map(place)));
            said.map(|(object, places)| (object, places.collect())).collect()
        })
    }

    /// What is rendered otherwise than it is there.
    fn differences(&self, diff: &ObjectDiff<'_>, draft: &mut Draft) -> Vec<Remainder> {
        let (Some(ours), theirs) = (&diff.ours, &diff.theirs) else {
            return Vec::new();
        };
        let Some(theirs) = theirs else {
            return vec![Remainder {
                fate: Fate::Rewritten,
                object: ours.said(),
                path: String::new(),
                what: "not among the files".to_owned(),
                place: None,
                why: "sioway renders it".to_owned(),
                rule: None,
            }];
        };
        let entry = |change: &Change| self.difference(theirs, change, draft);
        diff.changes.iter().map(entry).collect()
    }

    fn difference(&self, theirs: &Object<'_>, change: &Change, draft: &mut Draft) -> Remainder {
        let replaces = change.old.is_some();
        let behind = |rule: &&'static str| self.faults.is_behind(rule, theirs, replaces);
        // What is behind the difference, before whatever else is wrong with the field.
        let own = change.why.rule.filter(|rule| self.faults.has(rule, theirs));
        let rule = own.or_else(|| self.faults.rule(theirs, &change.path));
        let rule = rule.or_else(|| change.why.rule.filter(behind));
        if let (Some(old), Some(_), Some(key)) = (&change.old, rule, change.why.key)
            && !draft.notes.contains_key(key)
            && self.is_of_sessions(&change.path)
        {
            draft.note(
                key,
                format!(
                    "{}: {} was {}: {}",
                    theirs.said(),
                    change.path,
                    cut(old),
                    change.why.reason
                ),
            );
        }
        let what = match (&change.old, &change.new) {
            (Some(old), Some(new)) => format!("{} becomes {}", cut(old), cut(new)),
            (Some(old), None) => format!("{} goes", cut(old)),
            (None, new) => {
                format!("not there, becomes {}", cut(new.as_deref().unwrap_or_default()))
            }
        };
        Remainder {
            // What is only worth knowing breaks no session.
            fate: if rule.is_some_and(breaks) { Fate::Repaired } else { Fate::Rewritten },
            object: theirs.said(),
            path: change.path.clone(),
            what,
            place: change.there.map(|place| self.locate(place)),
            why: reason(change).to_owned(),
            rule,
        }
    }

    /// Whether a field has to do with sessions: of nginx's locations only theirs has.
    fn is_of_sessions(&self, path: &str) -> bool {
        let proxy = self.app.proxy.as_ref();
        let own = proxy.map(|proxy| proxy.site.path_of(proxy.location));
        !path.contains(".location[") || own.is_some_and(|own| path.starts_with(&own))
    }

    /// What is there and is not rendered.
    fn kept(&self, diff: &ObjectDiff<'_>) -> Vec<Remainder> {
        // The sides are turned: what is there is compared with what is rendered.
        let (Some(there), Some(_)) = (&diff.ours, &diff.theirs) else {
            return Vec::new();
        };
        // Of an annotation with several things in it only some are rendered.
        let is_more = |change: &Change| change.old.is_none() || is_shared(&change.path);
        let missing = diff.changes.iter().filter(|one| is_more(one) && !is_servers(&one.path));
        let text = |change: &Change| {
            annotation(&change.path)
                .filter(|key| is_shared_annotation(key))
                .and_then(|key| there.annotation_text(key))
        };
        let entry = |change: &Change| Remainder {
            fate: Fate::Kept,
            object: there.said(),
            path: change.path.clone(),
            what: cut(text(change).or(change.new.as_deref()).unwrap_or_default()),
            place: Some(self.locate(change.here)),
            why: "no key says it, and nothing that sioway renders takes its place".to_owned(),
            rule: self.faults.rule(there, &change.path),
        };
        missing.map(entry).collect()
    }

    /// The pods, where they are the user's own.
    fn pods(&self, ours: &Set<'_>) -> Vec<Remainder> {
        let workloads = self.app.session.pods.workloads.iter().map(|one| one.0);
        let scalers = self.app.session.pods.autoscalers.iter().copied();
        let own =
            workloads.chain(scalers).filter(|one| ours.candidates(one.kind, one.name).is_empty());
        own.map(|one| Remainder {
            fate: Fate::Kept,
            object: one.said(),
            path: String::new(),
            what: "the whole of it".to_owned(),
            place: Some(self.locate(one.title())),
            why: "it has not the shape that `[workload]` renders".to_owned(),
            rule: None,
        })
        .collect()
    }

    pub(super) fn locate(&self, place: Place) -> String {
        self.sources.locate(place.source, place.span)
    }
}

/// Why a field is not as it was.
fn reason(change: &Change) -> &'static str {
    match change.why.reason {
        OTHER_VALUE => "sioway renders another value",
        NO_VALUE => "sioway renders it",
        reason => reason,
    }
}

/// Reads what was rendered.
fn with_set<T>(rendered: &[Rendered], then: impl FnOnce(&Set<'_>) -> T) -> T {
    let mut sources = Sources::default();
    let ids: Vec<_> = rendered.iter().map(|file| sources.add(&*file.name, &*file.text)).collect();
    let files: Vec<File<'_>> = ids.iter().map(|id| File::of(&sources, *id, false)).collect();
    then(&Set::new(&files))
}

/// Whether an object comes out as it is there. The hash of nginx's configuration may be another's: it follows.
pub(super) fn is_same(rendered: &[Rendered], theirs: &Set<'_>, object: &Object<'_>) -> bool {
    const HASH: &str = "annotations[\"checksum/nginx-conf\"]";
    with_set(rendered, |ours| {
        let diffs = compare(ours, theirs);
        let own = diffs
            .iter()
            .find(|diff| diff.theirs.is_some_and(|one| one.is(object)) && diff.ours.is_some());
        own.is_some_and(|diff| diff.changes.iter().all(|one| one.path.ends_with(HASH)))
    })
}

/// The key of an annotation.
fn annotation(path: &str) -> Option<&str> {
    path.strip_prefix("metadata.annotations[\"").and_then(|rest| rest.strip_suffix("\"]"))
}

fn is_shared(path: &str) -> bool {
    annotation(path).is_some_and(is_shared_annotation)
}

fn is_servers(path: &str) -> bool {
    let annotation = annotation(path);
    let of_controller = annotation.is_some_and(|key| {
        annotations::is_status(key) || key.contains("last-applied-configuration")
    });
    of_controller || SERVERS.contains(&path) || FILLED_IN.contains(&path)
}

pub(super) fn cut(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn breaks(rule: &str) -> bool {
    rules::rule(rule).is_none_or(|rule| rule.severity != Severity::Info)
}
