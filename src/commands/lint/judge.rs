//! Reads and judges all that was given: a few files at once, many group by group.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::facts;
use super::gather::{Found, Gathered, Listed};
use super::told::Told;
use crate::commands::interrupt;
use crate::commands::repository::Repository;
use crate::commands::stop::Result;
use crate::diagnostic::{Diagnostic, Finding, Label, SourceId, Sources};
use crate::path::{AppFacts, Model};
use crate::report::Progress;
use crate::rules::{self, Policy};
use crate::set::{Reach, Set, by_directory, settle};

/// How many files are judged at once, whether or not they have to do with each other.
const FEW: usize = 512;

/// How many files make a group of many: all that is known of so many stays in a processor's cache.
const GROUP: usize = 128;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// The texts that findings and problems point into, and no others.
    pub(super) sources: Sources,
    pub(super) findings: Vec<Finding>,
    /// What is wrong with the files themselves.
    pub(super) problems: Vec<Diagnostic>,
    /// How many files were read.
    pub(super) checked: usize,
}

/// Judges everything that was listed.
pub(super) fn judge(listed: Listed, repository: &Repository, told: &Told<'_>) -> Result<Judged> {
    let policy = facts::policy(repository)?;
    let (ground, apps) = facts::apps(repository, Sources::ground())?;
    let judge = Judge {
        policy,
        by_service: by_service(&apps.facts),
        ground: Arc::new(ground),
        files: &listed.files,
        stdin: listed.stdin.as_deref(),
        told,
        progress: Progress::new("judged", listed.files.len()),
    };
    let shares = interrupt::carefully(|| judge.shares())?;
    drop(judge.progress);
    let mut all = Judged { problems: listed.unreadable, ..Judged::default() };
    all.problems.retain(|problem| told.tells(problem, &all.sources));
    for share in shares {
        all.sources.absorb(share.sources);
        all.findings.extend(share.findings);
        all.problems.extend(share.problems);
        all.checked += share.checked;
    }
    all.sources.lay_on(judge.ground);
    rules::sort(&mut all.findings);
    all.problems.sort_by_key(|problem| problem.labels.first().map(place));
    all.problems.extend(apps.problems.into_iter().filter(|_| told.pick.has_the_rest()));
    Ok(all)
}

/// Where a label is.
fn place(label: &Label) -> (SourceId, usize) {
    (label.source, label.span.start)
}

/// The descriptions of apps, by the names of their Services.
fn by_service(facts: &[AppFacts]) -> HashMap<&str, Vec<&AppFacts>> {
    let mut found: HashMap<&str, Vec<&AppFacts>> = HashMap::new();
    for one in facts {
        found.entry(&one.service).or_default().push(one);
    }
    found
}

struct Judge<'a> {
    policy: Policy,
    by_service: HashMap<&'a str, Vec<&'a AppFacts>>,
    /// The descriptions of apps.
    ground: Arc<Sources>,
    files: &'a [Found],
    stdin: Option<&'a str>,
    told: &'a Told<'a>,
    progress: Progress,
}

impl Judge<'_> {
    fn shares(&self) -> Result<Vec<Judged>> {
        if self.files.len() <= FEW || self.stdin.is_some() {
            let all: Vec<usize> = (0..self.files.len()).collect();
            return Ok(vec![self.share(&all, true)?.0]);
        }
        let names: Vec<&str> = self.files.iter().map(|(path, _)| path.as_str()).collect();
        settle(by_directory(&names, GROUP), |files| self.share(files, false))
    }

    /// Judges some of the files as if they were all, and says what they have to do with others if they are not.
    fn share(&self, numbers: &[usize], are_all: bool) -> Result<(Judged, Reach)> {
        interrupt::check()?;
        let mut gathered = Gathered::default();
        if let Some(text) = self.stdin {
            gathered.take("<stdin>".to_owned(), text.to_owned(), true);
        }
        gathered.add_numbered(numbers.iter().map(|number| (*number, &self.files[*number])))?;
        let mut sources = std::mem::take(&mut gathered.sources);
        sources.lay_on(Arc::clone(&self.ground));
        let (mut judged, reach) = self.findings(&gathered, &sources, are_all);
        judged.findings.retain(|one| self.told.tells(&one.diagnostic, &sources));
        judged.problems.retain(|one| self.told.tells(one, &sources));
        judged.sources = sources;
        judged.keep_what_is_told();
        self.progress.step(numbers.len());
        Ok((judged, reach))
    }

    fn findings(&self, gathered: &Gathered, sources: &Sources, are_all: bool) -> (Judged, Reach) {
        let files = gathered.read(sources);
        let set = if are_all { Set::new(&files) } else { Set::of_group(&files) };
        let facts = self.facts(&set);
        let model = Model::new(&set, &facts);
        let findings = rules::suppress(rules::check(&model), &set, sources, &self.policy);
        let reach = if are_all { Reach::default() } else { model.reach() };
        let (problems, checked) = (gathered.problems(&files), files.len());
        (Judged { findings, problems, checked, ..Judged::default() }, reach)
    }

    /// What is said of apps whose Services are in a set.
    fn facts(&self, set: &Set<'_>) -> Vec<AppFacts> {
        let names: BTreeSet<&str> = set.of_kind("Service").map(|service| service.name).collect();
        let known = names.into_iter().filter_map(|name| self.by_service.get(name));
        known.flatten().copied().cloned().collect()
    }
}

impl Judged {
    /// Gives back the texts that nothing points into.
    fn keep_what_is_told(&mut self) {
        let found = self.findings.iter().map(|finding| &finding.diagnostic);
        let told = found.chain(&self.problems).flat_map(|one| &one.labels);
        let edited = self.findings.iter().flat_map(|finding| &finding.edits);
        let wanted: BTreeSet<SourceId> =
            told.map(|label| label.source).chain(edited.map(|(source, _)| *source)).collect();
        self.sources.retain(|source| wanted.contains(&source));
    }
}
