//! What `sioway trace` says of many apps at once is what it says of each of them alone.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sioway::diagnostic::Sources;
use sioway::path::Model;
use sioway::render::{Renderer, Style};
use sioway::set::{File, Set};
use sioway::trace::{Options, Trace, Verdict, trace};

use crate::properties::{gke, plan};
use crate::specs::adoptable;

type Files = Vec<(String, String)>;

fn traced(files: &Files) -> Vec<Trace> {
    let mut sources = Sources::default();
    let read = |(name, text): &'_ (String, String)| sources.add(name.as_str(), text.as_str());
    let ids: Vec<_> = files.iter().map(read).collect();
    let files = files.iter().zip(ids).map(|((name, text), id)| File::read(id, name, text, true));
    let files: Vec<File<'_>> = files.collect();
    trace(&Model::new(&Set::new(&files), &[]), &Options::default())
}

/// What people read of a trace, without its lines.
fn said(trace: &Trace) -> String {
    let steps = trace.steps.iter().map(|step| {
        let hops: Vec<&str> = step.hops.iter().map(|hop| hop.what.as_str()).collect();
        let hops = hops.join("\n    ");
        format!("  {:?}: {} {:?}\n    {hops}\n", step.step, step.outcome.text, step.rules)
    });
    format!(
        "{:?}{}, {}\n{}",
        trace.host,
        trace.path,
        trace.pods,
        steps.collect::<Vec<_>>().concat()
    )
}

fn all(traces: &[Trace]) -> Vec<String> {
    let mut all: Vec<String> = traces.iter().map(said).collect();
    all.sort_unstable();
    all
}

/// Two to four apps in one namespace, rendered; each with a name and a host of its own.
fn apps(texts: &[String]) -> Option<Vec<Files>> {
    let (profile, renderer) = (gke(), Renderer::new(Style::default()));
    let app = |(number, text): (usize, &String)| {
        let (head, tail) = text.split_once("port = ")?;
        let replicas = head.lines().filter(|line| line.starts_with("replicas"));
        let replicas = replicas.collect::<Vec<_>>().join("\n");
        let text = format!(
            "name = \"app{number}\"\nhost = \"app{number}.example.com\"\n{replicas}\nport = {tail}"
        );
        let files = renderer.files(&plan(&text, &profile)?, "app.toml").unwrap();
        Some(files.into_iter().map(|file| (file.name, file.text)).collect())
    };
    texts.iter().enumerate().map(app).collect()
}

fn below(directory: &str, files: &Files) -> Files {
    files.iter().map(|(name, text)| (format!("{directory}/{name}"), text.clone())).collect()
}

fn hold(check: impl Fn(&[Files])) {
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    let many = prop::collection::vec(adoptable(), 2..5);
    let held = TestRunner::new(config).run(&many, |texts| {
        if let Some(apps) = apps(&texts) {
            check(&apps);
        }
        Ok(())
    });
    held.unwrap_or_else(|why| panic!("{why}"));
}

/// Each in a directory of its own: the nginx beside a Service is taken for that of its pods.
#[test]
fn directories_keep_apps_apart() {
    hold(|apps| {
        let apart = apps.iter().enumerate().map(|(at, files)| below(&format!("k8s/{at}"), files));
        let apart: Vec<Files> = apart.collect();
        let alone: Vec<Trace> = apart.iter().flat_map(traced).collect();
        assert_eq!(all(&traced(&apart.concat())), all(&alone));
    });
}

/// All in one directory: which nginx is whose may not be known, and then nothing is claimed.
#[test]
fn what_is_not_apart_is_unknown_at_worst() {
    hold(|apps| {
        let beside = apps.iter().enumerate().map(|(at, files)| {
            files.iter().map(move |(name, text)| (format!("k8s/{at}-{name}"), text.clone()))
        });
        let together = traced(&beside.flatten().collect());
        let alone: Vec<Trace> = apps.iter().flat_map(traced).collect();
        assert_eq!(together.len(), alone.len());
        for one in &together {
            let same =
                alone.iter().find(|other| (&other.host, &other.path) == (&one.host, &one.path));
            let same = same.unwrap_or_else(|| panic!("{}", said(one)));
            for (step, other) in one.steps.iter().zip(&same.steps) {
                let verdicts = (step.outcome.verdict, other.outcome.verdict);
                assert!(
                    verdicts.0 == verdicts.1 || verdicts.0 == Verdict::Unknown,
                    "{}\nalone\n{}",
                    said(one),
                    said(same)
                );
            }
        }
    });
}
