//! Read-outs in which anything is missing or of another kind: there is always an answer, and it hangs together.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use sioway::diagnostic::Sources;
use sioway::doctor::{Case, Cloud, Cluster, Reading, examine, fold, readout};
use sioway::live::check::{Check, Status};
use sioway::path::Model;
use sioway::rules;
use sioway::set::{File, Set};

use super::documents;
use super::scratch;

/// Where something is: the steps from the root, each the how-manieth child.
type Place = Vec<usize>;

fn children(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(map) => map.values_mut().collect(),
        _ => Vec::new(),
    }
}

/// Puts something else where a place leads, as far as it leads anywhere.
fn replace(value: &mut Value, place: &[usize], other: &Value) {
    let mut all = children(value);
    match place {
        [first, rest @ ..] if !all.is_empty() => {
            let at = first % all.len();
            replace(all[at], rest, other);
        }
        _ => *value = other.clone(),
    }
}

fn others() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!("")),
        Just(json!("HTTP")),
        Just(json!(-1)),
        Just(json!(u64::MAX)),
        Just(json!([])),
        Just(json!({})),
        Just(json!(true)),
        Just(json!("{\"default\":")),
        Just(json!("a/b/\u{202e}\u{1b}[31m")),
    ]
}

fn changes() -> impl Strategy<Value = Vec<(usize, Place, Value)>> {
    let place = prop::collection::vec(0_usize..12, 1..9);
    prop::collection::vec((0_usize..4, place, others()), 1..5)
}

/// Examines rendered files beside read-outs.
fn examined(cluster: &[Value], cloud: &[Value]) -> Option<Vec<Check>> {
    let text = |all: &[Value]| all.iter().map(Value::to_string).collect::<String>();
    let objects = Cluster::saved(readout::objects(&text(cluster)).ok()?);
    let resources = Cloud(readout::resources(&text(cloud)).ok()?);
    let mut sources = Sources::default();
    let mut ids = Vec::new();
    let directory = crate::tools::root().join("tests/cmd/doctor.in/out/chat");
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        ids.push(sources.add(name, std::fs::read_to_string(path).unwrap()));
    }
    let live = sources.add("cluster.json", objects.manifest());
    let files: Vec<File<'_>> = ids.iter().map(|id| File::of(&sources, *id, true)).collect();
    let live = [File::of(&sources, live, true)];
    let (set, live_set) = (Set::new(&files), Set::new(&live));
    let (model, live_model) = (Model::new(&set, &[]), Model::new(&live_set, &[]));
    let live_findings = rules::check(&live_model);
    let from = String::new();
    let case = Case {
        sources: &sources,
        files: &model,
        service: None,
        namespace: None,
        own: None,
        problems: &[],
        findings: &[],
        stale: None,
        cluster: &Reading::Read { said: objects, from: from.clone(), troubles: Vec::new() },
        live: Some(&live_model),
        live_findings: &live_findings,
        cloud: &Reading::Read { said: resources, from, troubles: Vec::new() },
    };
    let (mut checks, causes) = examine(&case);
    fold(&mut checks, &causes);
    Some(checks)
}

fn hangs_together(checks: &[Check]) {
    let ids: BTreeSet<&str> = checks.iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), checks.len(), "each check is there once");
    for check in checks {
        assert!(!check.evidence.is_empty() || check.id.ends_with("-answers"), "{check:?}");
        assert!(check.rules.iter().all(|rule| rules::is_known(rule)), "{check:?}");
        let bad = matches!(check.status, Status::Fail | Status::Warn);
        let Some(root) = check.follows else { continue };
        let root = checks.iter().find(|one| one.id == root).unwrap();
        assert!(bad && root.follows.is_none(), "{check:?}");
        assert!(matches!(root.status, Status::Fail | Status::Warn), "{root:?}");
    }
}

#[test]
fn there_is_always_an_answer() {
    let scratch = scratch();
    let whole: Vec<Vec<Value>> =
        ["cluster.json", "cloud.json", "cluster-before.json", "cloud-before.json"]
            .iter()
            .map(|file| documents(&scratch, file))
            .collect();
    let answers = std::cell::Cell::new(0);
    let mut runner =
        TestRunner::new(Config { cases: 192, failure_persistence: None, ..Config::default() });
    runner
        .run(&changes(), |changes| {
            let mut all = whole.clone();
            for (file, place, other) in &changes {
                let documents = &mut all[*file];
                let at = place[0] % documents.len();
                replace(&mut documents[at], &place[1..], other);
            }
            for (cluster, cloud) in [(0, 1), (2, 3), (0, 3)] {
                if let Some(checks) = examined(&all[cluster], &all[cloud]) {
                    hangs_together(&checks);
                    answers.set(answers.get() + 1);
                }
            }
            Ok(())
        })
        .unwrap();
    // What is no read-out at all any more is refused as a whole.
    assert!(answers.get() > 150, "{} answers", answers.get());
}
