//! What apps claim for themselves: a directory, and objects of the cluster.
//!
//! A claim is kept as a number, so that those of ten thousand apps fit into a megabyte
//! or two. Equal numbers are looked into again, by loading the two apps, before anybody
//! is accused.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use camino::Utf8Path;

use super::pass::{Job, Pass, Survey};
use crate::commands::app::App;
use crate::commands::paths::shown;
use crate::commands::stop::Stop;
use crate::diagnostic::{Diagnostic, Label};
use crate::render::ObjectId;

/// A claim, as a number.
pub(super) type Claim = u64;

/// A claim, in words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Spelled {
    /// The directory that an app is rendered into.
    Directory(String),
    /// An object of an environment's cluster.
    Object { environment: usize, id: ObjectId },
}

/// What an app claims with its directory and its objects.
pub(super) fn claims_of(
    directory: &Utf8Path,
    objects: Vec<ObjectId>,
    environment: usize,
) -> Vec<Claim> {
    spelled(directory, objects, environment).map(|claim| number(&claim)).collect()
}

fn spelled(
    directory: &Utf8Path,
    objects: Vec<ObjectId>,
    environment: usize,
) -> impl Iterator<Item = Spelled> {
    let objects = objects.into_iter().map(move |id| Spelled::Object { environment, id });
    std::iter::once(Spelled::Directory(directory.to_string())).chain(objects)
}

/// The hasher's keys are fixed, so the same run gives the same numbers.
fn number(claim: &Spelled) -> Claim {
    let mut hasher = DefaultHasher::new();
    claim.hash(&mut hasher);
    hasher.finish()
}

/// The claims of all jobs, by number.
pub(super) struct Claims(Vec<(Claim, usize)>);

impl Claims {
    /// The claims that a survey found.
    pub(super) fn of(surveys: &[Survey]) -> Self {
        let of_job = |(job, survey): (usize, &Survey)| {
            survey.claims().iter().map(move |claim| (*claim, job)).collect::<Vec<_>>()
        };
        let mut claims: Vec<(Claim, usize)> = surveys.iter().enumerate().flat_map(of_job).collect();
        claims.sort_unstable();
        Self(claims)
    }

    /// Whether an app is rendered into a directory.
    pub(super) fn hold_directory(&self, path: &Utf8Path) -> bool {
        let claim = number(&Spelled::Directory(path.to_string()));
        self.0.binary_search_by_key(&claim, |(claim, _)| *claim).is_ok()
    }

    /// For each job the reason to refuse it, if it claims what another does.
    pub(super) fn clashes(&self, pass: &Pass<'_>, jobs: &[Job<'_>]) -> Vec<Option<Stop>> {
        let mut clashes: Vec<Option<Stop>> = jobs.iter().map(|_| None).collect();
        for pair in self.0.windows(2) {
            let [(claim, first), (same, second)] = pair else {
                continue;
            };
            if claim != same || clashes[*second].is_some() {
                continue;
            }
            let [first_clash, second_clash] = [(*first, *second), (*second, *first)]
                .map(|(one, other)| clash(pass, &jobs[one], &jobs[other]));
            clashes[*second] = second_clash;
            if clashes[*first].is_none() {
                clashes[*first] = first_clash;
            }
        }
        clashes
    }
}

/// Why `job` is refused in view of `other`; `None` if only the numbers were equal.
fn clash(pass: &Pass<'_>, job: &Job<'_>, other: &Job<'_>) -> Option<Stop> {
    let (app, rival) = (pass.load(job).ok()?, pass.load(other).ok()?);
    let claimed = |job: &Job<'_>, app: &App| -> Option<BTreeSet<Spelled>> {
        let objects = pass.objects(job, app).ok()?;
        Some(spelled(&pass.directory(job, app), objects, job.environment).collect())
    };
    let (ours, theirs) = (claimed(job, &app)?, claimed(other, &rival)?);
    let shared = ours.intersection(&theirs).next()?;
    let (id, message, help) = match shared {
        Spelled::Directory(path) if job.app == other.app => (
            "same-directory",
            format!(
                "two environments render this app into the same directory, `{}`",
                shown(Utf8Path::new(path))
            ),
            "give each environment an `out` of its own",
        ),
        Spelled::Directory(path) => (
            "same-directory",
            format!(
                "{} is rendered into the same directory, `{}`",
                shown(other.app),
                shown(Utf8Path::new(path))
            ),
            "give the apps different names, or put the namespace into `out`: `out = \"out/{namespace}/{name}\"`",
        ),
        Spelled::Object { id, .. } => (
            "same-object",
            format!(
                "{} defines the same object, {} `{}` in namespace `{}`",
                shown(other.app),
                id.kind,
                id.name,
                id.namespace
            ),
            "give the apps different names, or name the object in `[names]`",
        ),
    };
    let at = app.layers.table.get("name").map(|entry| entry.node.at);
    let diagnostic = match at {
        Some(at) => Diagnostic::at(id, message, Label::new(at.source, at.span, "")),
        None => Diagnostic::bare(id, message),
    };
    Some(Stop::input(&app.layers.sources, vec![diagnostic.help(help)]))
}
