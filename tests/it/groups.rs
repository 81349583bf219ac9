//! Many files are judged in groups: random repositories, wherever their groups end, have the findings that they have
//! when all is judged at once, in the same order and in the same words.

use std::cell::RefCell;

use proptest::test_runner::{Config, TestCaseError, TestRunner};
use sioway::diagnostic::{Finding, SourceId, Sources};
use sioway::path::{AppFacts, Model};
use sioway::rules::{self, ALL, Policy};
use sioway::set::{File, Mark, Place, Reach, Set, by_directory, settle};

use crate::scatter::{Clusters, Repository, choices, clusters, repository};
use crate::tools::{Scratch, both};

/// A repository, read.
struct Given {
    sources: Sources,
    ids: Vec<SourceId>,
    names: Vec<String>,
    apps: Vec<AppFacts>,
}

impl Given {
    fn of(repository: &Repository) -> Self {
        let mut sources = Sources::default();
        let files = repository.files.iter();
        let ids = files.map(|(name, text)| sources.add(&**name, &**text)).collect();
        let description = sources.add("app.toml", "name\n");
        let place = Place { source: description, span: (0..4).into() };
        let mark = Mark { path: Some("/socket.io/".to_owned()), ..Mark::default() };
        let app = |(service, namespace): &(String, String)| AppFacts {
            source: description,
            place,
            service: service.clone(),
            namespace: namespace.clone(),
            mark: mark.clone(),
            directories: Vec::new(),
        };
        let apps = repository.described.iter().map(app).collect();
        Self { sources, ids, names: repository.files.keys().cloned().collect(), apps }
    }

    fn read(&self, numbers: &[usize]) -> Vec<File<'_>> {
        numbers.iter().map(|number| File::of(&self.sources, self.ids[*number], false)).collect()
    }

    /// What is found in a set.
    fn judged(
        &self,
        set: &Set<'_>,
        check: impl Fn(&Model<'_>) -> Vec<Finding>,
    ) -> (Vec<Finding>, Reach) {
        let has = |name: &str| set.of_kind("Service").any(|service| service.name == name);
        let apps: Vec<AppFacts> =
            self.apps.iter().filter(|app| has(&app.service)).cloned().collect();
        let model = Model::new(set, &apps);
        let found = rules::suppress(check(&model), set, &self.sources, &Policy::default());
        (found, model.reach())
    }

    /// What is found where all is judged at once, each rule by itself.
    fn at_once(&self, check: impl Fn(&Model<'_>) -> Vec<Finding>) -> Vec<String> {
        let all: Vec<usize> = (0..self.ids.len()).collect();
        let files = self.read(&all);
        let (found, _) = self.judged(&Set::new(&files), check);
        self.said(&found)
    }

    /// What is found where groups are judged, and how many there were at last.
    fn in_groups(&self, size: usize) -> (Vec<String>, usize) {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let judged = settle(by_directory(&names, size), |numbers| {
            let files = self.read(numbers);
            Ok::<_, ()>(self.judged(&Set::of_group(&files), rules::check))
        });
        let judged = judged.unwrap();
        let count = judged.len();
        let mut found: Vec<Finding> = judged.into_iter().flatten().collect();
        rules::sort(&mut found);
        (self.said(&found), count)
    }

    fn said(&self, found: &[Finding]) -> Vec<String> {
        let said = |finding: &Finding| {
            let label = &finding.diagnostic.labels[0];
            format!("{} {finding:?}", self.sources.locate(label.source, label.span))
        };
        found.iter().map(said).collect()
    }
}

/// By each rule alone, in one part.
fn whole(model: &Model<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = ALL.iter().flat_map(|rule| rule.findings(model)).collect();
    rules::sort(&mut found);
    found
}

/// All rules, a file at a time.
fn by_file(model: &Model<'_>) -> Vec<Finding> {
    rules::check_parts(model, &model.parts_of(1))
}

/// What has been compared.
#[derive(Debug, Default)]
struct Seen {
    findings: usize,
    /// Repositories that stayed in several groups to the end.
    divided: usize,
}

fn compare(clusters: &Clusters, numbers: &[u16], seen: &mut Seen) -> Result<(), TestCaseError> {
    let repository = repository(clusters, numbers);
    let given = Given::of(&repository);
    let at_once = given.at_once(whole);
    seen.findings += at_once.len();
    check_same("file by file", &given.at_once(by_file), &at_once, &repository)?;
    for size in [1, 3] {
        let (groups, count) = given.in_groups(size);
        seen.divided += usize::from(count > 1);
        check_same(&format!("in groups of {size}"), &groups, &at_once, &repository)?;
    }
    Ok(())
}

/// Says which lines differ, and with which files.
fn check_same(
    how: &str,
    found: &[String],
    at_once: &[String],
    repository: &Repository,
) -> Result<(), TestCaseError> {
    if found == at_once {
        return Ok(());
    }
    let lost: Vec<_> = at_once.iter().filter(|one| !found.contains(one)).collect();
    let made: Vec<_> = found.iter().filter(|one| !at_once.contains(one)).collect();
    let files = repository.files.iter().map(|(name, text)| format!("=== {name}\n{text}"));
    let files: String = files.collect();
    Err(TestCaseError::fail(format!("{how}: lost {lost:#?}\nmade {made:#?}\n{files}")))
}

/// `PROPTEST_CASES` makes it as long as somebody has time.
#[test]
fn random_repositories_are_judged_alike() {
    let clusters = clusters();
    let cases = Config::default().cases / 2;
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let seen = RefCell::new(Seen::default());
    let result = TestRunner::new(config)
        .run(&choices(), |numbers| compare(&clusters, &numbers, &mut seen.borrow_mut()));
    if let Err(error) = result {
        panic!("{error}");
    }
    let Seen { findings, divided } = seen.into_inner();
    assert!(findings > 200 && divided > 20, "{findings} findings, {divided} in several groups");
}

/// The paths of the command line come in any order, name a file twice, and are worked on by any number of threads.
#[test]
fn the_order_of_paths_and_the_number_of_threads_do_not_show() {
    let scratch = Scratch::new();
    let numbers: Vec<u16> = (0..250u16).map(|number| number.wrapping_mul(40_503)).collect();
    for (name, text) in repository(&clusters(), &numbers).files {
        scratch.write(&name, &text);
    }
    scratch.write("a/odd.txt", "upstream chat { server a:1; server b:1; }\nserver { location /socket.io/ { proxy_pass http://chat; } }\n");
    for name in ["b", "a"] {
        std::fs::write(scratch.path(&format!("{name}/latin.yaml")), b"a: \xe9\n").unwrap();
    }
    let said = |paths: &[&str], threads: &str| {
        let mut command = scratch.command(&[&["lint", "--format", "json"], paths].concat());
        let output = command.env("RAYON_NUM_THREADS", threads).output().unwrap();
        both(&output) + &format!("{:?}", output.status.code())
    };
    let first = said(&["a/odd.txt", "a", "b", "."], "1");
    assert!(first.contains("a/odd.txt") && first.contains("upstream-without-affinity"), "{first}");
    for (paths, threads) in [
        (["a/odd.txt", "a", "b", "."], "4"),
        ([".", "b", "a", "a/odd.txt"], "1"),
        (["./b", ".", "./a/odd.txt", "a"], "3"),
    ] {
        assert_eq!(said(&paths, threads), first, "{paths:?}");
    }
}
