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
use crate::set::{File, Reach, Set, by_directory, settle};

/// How many files are judged at a time. What is found does not depend on it.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// So many at once, whether or not they have to do with each other.
    few: usize,
    /// So many make a group of more.
    group: usize,
}

/// All that is known of a group stays in a processor's cache.
const SIZES: Sizes = Sizes { few: 512, group: 128 };

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
    judge_in(SIZES, listed, repository, told)
}

fn judge_in(
    sizes: Sizes,
    listed: Listed,
    repository: &Repository,
    told: &Told<'_>,
) -> Result<Judged> {
    let policy = facts::policy(repository)?;
    let (ground, apps) = facts::apps(repository, Sources::ground())?;
    let judge = Judge {
        sizes,
        policy,
        by_service: by_service(&apps.facts),
        ground: Arc::new(ground),
        files: &listed.files,
        streams: &listed.streams,
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
    all.problems.sort_by(|one, other| in_order(one).cmp(&in_order(other)));
    all.problems.extend(apps.problems.into_iter().filter(|_| told.pick.has_the_rest()));
    Ok(all)
}

/// Where a problem comes: what has no place first, by what is said.
fn in_order(problem: &Diagnostic) -> (Option<(SourceId, usize)>, &str) {
    let place = |label: &Label| (label.source, label.span.start);
    (problem.labels.first().map(place), &problem.message)
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
    sizes: Sizes,
    policy: Policy,
    by_service: HashMap<&'a str, Vec<&'a AppFacts>>,
    /// The descriptions of apps.
    ground: Arc<Sources>,
    files: &'a [Found],
    streams: &'a [(String, String)],
    told: &'a Told<'a>,
    progress: Progress,
}

impl Judge<'_> {
    fn shares(&self) -> Result<Vec<Judged>> {
        if self.files.len() <= self.sizes.few || !self.streams.is_empty() {
            let all: Vec<usize> = (0..self.files.len()).collect();
            return Ok(vec![self.share(&all, true)?.0]);
        }
        let names: Vec<&str> = self.files.iter().map(|(path, _)| path.as_str()).collect();
        settle(by_directory(&names, self.sizes.group), |files| self.share(files, false))
    }

    /// Judges some of the files as if they were all, and says what they have to do with others if they are not.
    fn share(&self, numbers: &[usize], are_all: bool) -> Result<(Judged, Reach)> {
        interrupt::check()?;
        let mut gathered = Gathered::default();
        gathered.take_streams(self.streams);
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
        let files = gathered.read(sources).into_iter().map(File::with_patches);
        let files: Vec<File<'_>> = files.collect();
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use camino::{Utf8Path, Utf8PathBuf};

    use super::super::{gather, repair};
    use super::*;
    use crate::commands::pick::{Pick, PickArgs};
    use crate::report::Console;

    const AT_ONCE: Sizes = Sizes { few: usize::MAX, group: 0 };
    const GROUPS: [Sizes; 2] = [Sizes { few: 0, group: 1 }, Sizes { few: 0, group: 7 }];

    /// The documents of an example of each rule, each in a directory of its own, every third with names that others
    /// have too; and among them what is no manifest.
    fn write(root: &Utf8Path) {
        let put = |name: String, text: &[u8]| {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        for (number, rule) in rules::ALL.iter().enumerate() {
            let page = rule.page();
            let Some(fence) = page.fences("Example").into_iter().next() else { continue };
            let end = if number % 3 == 0 { String::new() } else { format!("-{number}") };
            let text = [": chat", ": web", ": app"]
                .iter()
                .fold(fence.text.replace("# error", ""), |text, word| {
                    text.replace(word, &format!("{word}{end}"))
                });
            let extension = if fence.language == "yaml" { "yaml" } else { "conf" };
            for (place, document) in text.split("\n---\n").enumerate() {
                put(format!("{place}/{number}/it.{extension}"), document.as_bytes());
            }
            if number % 9 == 0 {
                put(format!("1/{number}/broken.yaml"), b"a: [b\n");
                put(format!("{number}/not-text.yaml"), b"a: \xff\n");
                put(format!("{number}/values.yaml"), b"kind: {{ .Values.kind }}\nname: {{ x }}\n");
            }
        }
    }

    fn judged(sizes: Sizes, root: &Utf8Path) -> Judged {
        let repository = Repository::discover().unwrap();
        let pick = Pick::new(&PickArgs::default(), &repository, None).unwrap();
        let told = Told::of(&pick, &repository).unwrap();
        let listed = gather::list(std::slice::from_ref(&root.to_owned())).unwrap();
        judge_in(sizes, listed, &repository, &told).unwrap()
    }

    fn said(judged: &Judged) -> Vec<String> {
        let found =
            judged.findings.iter().map(|finding| (&finding.diagnostic, format!("{finding:?}")));
        let problems = judged.problems.iter().map(|problem| (problem, format!("{problem:?}")));
        let line = |(diagnostic, whole): (&Diagnostic, String)| {
            let labels = diagnostic.labels.iter();
            let places = labels.map(|label| judged.sources.locate(label.source, label.span));
            format!("{} {whole}", places.collect::<Vec<_>>().join(" "))
        };
        found.chain(problems).map(line).collect()
    }

    fn scratch() -> (tempfile::TempDir, Utf8PathBuf) {
        let scratch = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(scratch.path().canonicalize().unwrap()).unwrap();
        write(&root);
        (scratch, root)
    }

    #[test]
    fn groups_are_told_as_all_at_once_is() {
        let (_scratch, root) = scratch();
        let at_once = judged(AT_ONCE, &root);
        assert!(at_once.findings.len() > 50 && at_once.problems.len() > 20);
        for sizes in GROUPS {
            let groups = judged(sizes, &root);
            assert_eq!(groups.checked, at_once.checked);
            assert_eq!(said(&groups), said(&at_once), "{sizes:?}");
        }
    }

    /// The files after all repairs.
    fn repaired(sizes: Sizes) -> BTreeMap<Utf8PathBuf, String> {
        let (_scratch, root) = scratch();
        let mut left = repair::Left::new();
        for _ in 0..2 {
            let judged = judged(sizes, &root);
            let (found, sources) = (&judged.findings, &judged.sources);
            repair::repair(found, sources, true, &mut left, Console::default()).unwrap();
        }
        let files = gather::list(std::slice::from_ref(&root)).unwrap().files.into_iter();
        let read = |(path, _): (Utf8PathBuf, bool)| {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            (path.strip_prefix(&root).unwrap().to_owned(), text)
        };
        files.map(read).collect()
    }

    #[test]
    fn groups_are_repaired_as_all_at_once_is() {
        let (_scratch, root) = scratch();
        let at_once = repaired(AT_ONCE);
        let changed = at_once.iter().filter(|(path, text)| {
            let before = fs::read(root.join(path)).unwrap();
            String::from_utf8_lossy(&before) != text.as_str()
        });
        assert!(changed.count() > 20);
        for sizes in GROUPS {
            assert_eq!(repaired(sizes), at_once, "{sizes:?}");
        }
    }
}
