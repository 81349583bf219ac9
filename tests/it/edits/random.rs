//! What holds for random edits of random manifests. `SIOWAY_CASES` says how many there are.

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use sioway::fix::{Applied, Edit, ValueChange, apply, unified};
use sioway::manifest::{self, Node, Path, Step, Stream};

use crate::tools::git;

use super::texts::{Dice, KEYS, TEXTS, manifest};

pub(super) fn cases(usual: u32) -> u32 {
    let set = std::env::var("SIOWAY_CASES").ok();
    set.and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}

pub(super) fn for_seeds(count: u32, test: impl Fn(u64) -> Result<(), TestCaseError>) {
    let mut runner = TestRunner::new(Config {
        cases: count,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..Config::default()
    });
    runner.run(&any::<u64>(), test).unwrap_or_else(|error| panic!("{error}"));
}

/// As the tests read a value, apart from how the engine does.
fn read_value(node: Node<'_>) -> Value {
    if node.is_map() {
        return node
            .entries()
            .map(|one| (one.key().into_owned(), read_value(one.value())))
            .collect();
    }
    if node.is_list() {
        return node.items().map(read_value).collect();
    }
    match node.value().unwrap() {
        manifest::Value::Null => Value::Null,
        manifest::Value::Bool(truth) => truth.into(),
        manifest::Value::Int(number) => number.into(),
        manifest::Value::Float(number) => number.into(),
        manifest::Value::Text(text) => text.into(),
    }
}

fn documents(stream: &Stream<'_>) -> Vec<Value> {
    let roots = stream.documents().map(|one| one.root().map_or(Value::Null, read_value));
    roots.collect()
}

/// As another reader reads them; `None` if it cannot.
fn by_other(text: &str) -> Option<Vec<Value>> {
    let text = text.trim_start_matches('\u{feff}');
    let documents = serde_yaml::Deserializer::from_str(text);
    documents.map(|one| serde::Deserialize::deserialize(one).ok()).collect()
}

/// A random value.
fn value(dice: &mut Dice, depth: usize) -> Value {
    match dice.roll(if depth == 0 { 5 } else { 8 }) {
        0 => json!(dice.roll(9999)),
        1 => json!(dice.chance(2)),
        2 if dice.chance(3) => Value::Null,
        5 => json!({(*dice.of(&KEYS)): value(dice, depth - 1), "new": value(dice, depth - 1)}),
        6 => json!([value(dice, depth - 1), value(dice, depth - 1)]),
        7 => dice.of(&[json!({}), json!([])]).clone(),
        _ => json!(dice.of(&TEXTS)),
    }
}

/// A random place in a value.
fn place(dice: &mut Dice, mut value: &Value) -> (Path, Value) {
    let mut path = Path::default();
    loop {
        let next = match value {
            Value::Object(map) if !map.is_empty() => {
                let (key, value) = map.iter().nth(dice.roll(map.len())).unwrap();
                (Step::Key(key.clone()), value)
            }
            Value::Array(items) if !items.is_empty() => {
                let index = dice.roll(items.len());
                (Step::Index(index), &items[index])
            }
            _ => return (path, value.clone()),
        };
        path.steps.push(next.0);
        value = next.1;
        if dice.chance(3) {
            return (path, value.clone());
        }
    }
}

fn change(dice: &mut Dice, root: &Value) -> ValueChange {
    let (path, old) = place(dice, root);
    let new = value(dice, 2);
    match (dice.roll(10), old) {
        (0..=2, Value::Object(_)) | (0, Value::Null) => {
            let key = Step::Key((*dice.of(&["added", "on", "x y", "labels"])).to_owned());
            let path = path.then(key);
            let path = if dice.chance(2) { path.then(Step::Key("deep".to_owned())) } else { path };
            ValueChange::Set { path, value: new }
        }
        (0..=2, Value::Array(items)) => match dice.roll(2) {
            0 => ValueChange::Append { path, value: new },
            _ => ValueChange::Insert { path, index: dice.roll(items.len() + 1), value: new },
        },
        (3..=4, _) if path.steps.len() > 1 => ValueChange::Remove { path },
        (5, _) if matches!(path.steps.last(), Some(Step::Key(_))) => {
            ValueChange::Rename { path, to: "renamed".to_owned() }
        }
        (0..=6, Value::String(text))
            if serde_json::from_str::<Value>(&text).is_ok_and(|one| one.is_object()) =>
        {
            let inside = (*dice.of(&["neg", "default", "n", "p.q"])).parse().unwrap();
            ValueChange::SetJson { path, inside, value: new }
        }
        _ => ValueChange::Set { path, value: new },
    }
}

/// What a change makes of a value; `None` where it does not fit.
fn wanted(value: &mut Value, change: &ValueChange) -> Option<()> {
    match change {
        ValueChange::Set { path, value: new } => *made(value, &path.steps)? = new.clone(),
        ValueChange::Remove { path } => {
            let (last, parent) = path.steps.split_last()?;
            match (made(value, parent)?, last) {
                (Value::Object(map), Step::Key(key)) => drop(map.remove(key)),
                (Value::Array(items), Step::Index(index)) => drop(items.remove(*index)),
                _ => return None,
            }
        }
        ValueChange::Append { path, value: new } => {
            made(value, &path.steps)?.as_array_mut()?.push(new.clone());
        }
        ValueChange::Insert { path, index, value: new } => {
            made(value, &path.steps)?.as_array_mut()?.insert(*index, new.clone());
        }
        ValueChange::Rename { path, to } => {
            let (Step::Key(key), parent) = path.steps.split_last()? else {
                return None;
            };
            let map = made(value, parent)?.as_object_mut()?;
            let old = map.remove(key)?;
            map.insert(to.clone(), old);
        }
        ValueChange::SetJson { path, inside, value: new } => {
            let text = made(value, &path.steps)?;
            let mut json: Value = serde_json::from_str(text.as_str()?).ok()?;
            *made(&mut json, &inside.steps)? = new.clone();
            *text = json;
        }
    }
    Some(())
}

/// The value at a path, made if it is absent.
fn made<'v>(value: &'v mut Value, steps: &[Step]) -> Option<&'v mut Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => {
            if value.is_null() {
                *value = json!({});
            }
            Some(value.as_object_mut()?.entry(key.clone()).or_insert(Value::Null))
        }
        Step::Index(index) => value.as_array_mut()?.get_mut(*index),
        Step::Pick { .. } => None,
    })
}

struct Case {
    text: String,
    document: usize,
    change: ValueChange,
    applied: Applied,
}

/// A random case, if its edit is not refused, and why if it is.
fn case(seed: u64) -> Option<Result<Case, String>> {
    let mut dice = Dice::new(seed);
    let text = manifest(&mut dice);
    let stream = manifest::read(&text);
    if !stream.problems.is_empty() || stream.duplicates().next().is_some() {
        return None;
    }
    let roots: Vec<(usize, Node<'_>)> =
        stream.documents().filter_map(|one| Some((one.index, one.root()?))).collect();
    if roots.is_empty() {
        return None;
    }
    let (document, root) = *dice.of(&roots);
    let change = change(&mut dice, &read_value(root));
    let edit = Edit::Value { object: root.span(), change: change.clone() };
    let applied = match apply(&text, &[edit]) {
        Ok(applied) => applied,
        Err(refused) => return Some(Err(format!("{} ## {change:?}\n{text}", refused.why))),
    };
    Some(Ok(Case { document, change, applied, text: text.clone() }))
}

#[test]
fn texts_are_read() {
    let read = |seed| manifest::read(&manifest(&mut Dice::new(seed))).problems.is_empty();
    let good = (0..2000).filter(|seed| read(*seed)).count();
    assert!(good > 1900, "{good} of 2000 random texts are YAML");
}

#[test]
fn edits_do_what_is_wanted_and_nothing_else() {
    for_seeds(cases(1500), |seed| {
        let Some(Ok(case)) = case(seed) else {
            return Ok(());
        };
        let told = format!("{:?}\n{}\n-- became\n{}", case.change, case.text, case.applied.text);
        values_are_wanted(&case, &told)?;
        bytes_are_kept(&case, &told)?;
        comments_are_kept(&case, &told)?;
        Ok(())
    });
}

fn values_are_wanted(case: &Case, told: &str) -> Result<(), TestCaseError> {
    let (before, after) = (manifest::read(&case.text), manifest::read(&case.applied.text));
    prop_assert!(after.problems.is_empty(), "{told}");
    let mut expected = documents(&before);
    prop_assert!(wanted(&mut expected[case.document], &case.change).is_some(), "{told}");
    let mut found = documents(&after);
    let is_json = matches!(case.change, ValueChange::SetJson { .. });
    if is_json {
        compare_json(&mut expected, &mut found);
    }
    prop_assert_eq!(&expected, &found, "{}", told);
    let slow = manifest::read_slowly(&case.applied.text);
    prop_assert_eq!(documents(&slow), documents(&after), "{}", told);
    if let Some(mut expected) = by_other(&case.text).filter(|all| all.len() == found.len()) {
        let found = by_other(&case.applied.text);
        if !is_json && wanted(&mut expected[case.document], &case.change).is_some() {
            prop_assert_eq!(Some(expected), found, "by serde_yaml: {}", told);
        }
    }
    Ok(())
}

/// `SetJson` does not say how the JSON is spaced: texts of JSON are read.
fn compare_json(expected: &mut [Value], found: &mut [Value]) {
    fn read(value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Ok(json @ Value::Object(_)) = serde_json::from_str::<Value>(text) {
                    *value = json;
                    read(value);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(read),
            Value::Object(map) => map.values_mut().for_each(read),
            _ => {}
        }
    }
    expected.iter_mut().chain(found).for_each(read);
}

fn bytes_are_kept(case: &Case, told: &str) -> Result<(), TestCaseError> {
    let (old, new) = (&case.text, &case.applied.text);
    let (mut at, mut made) = (0, String::new());
    for splice in &case.applied.splices {
        prop_assert!(splice.span.start >= at, "{told}");
        made += &old[at..splice.span.start];
        made += &splice.text;
        at = splice.span.end;
    }
    prop_assert_eq!(&(made + &old[at..]), new, "{}", told);
    if !old.contains("\r\n") {
        prop_assert!(!new.contains('\r'), "{told}");
    } else if old.matches('\n').count() > 0 {
        prop_assert_eq!(new.matches('\n').count(), new.matches("\r\n").count(), "{}", told);
    }
    let trailing = |text: &str| text.lines().filter(|line| line.ends_with(' ')).count();
    prop_assert!(trailing(new) <= trailing(old), "blanks at the end of a line: {told}");
    // What is set is set: a second time changes nothing.
    let stream = manifest::read(new);
    let object = stream.document(case.document).unwrap().root().unwrap().span();
    let edit = Edit::Value { object, change: case.change.clone() };
    match case.change {
        ValueChange::Append { .. } | ValueChange::Insert { .. } => {}
        ValueChange::Remove { ref path } if matches!(path.steps.last(), Some(Step::Index(_))) => {}
        ValueChange::Remove { .. }
        | ValueChange::Rename { .. }
        | ValueChange::Set { .. }
        | ValueChange::SetJson { .. } => {
            let again = apply(new, &[edit]).map(|applied| applied.text);
            prop_assert_eq!(again.as_ref(), Ok(new), "{}", told);
        }
    }
    Ok(())
}

fn comments_are_kept(case: &Case, told: &str) -> Result<(), TestCaseError> {
    let (before, after) = (manifest::read(&case.text), manifest::read(&case.applied.text));
    let said = |stream: &Stream<'_>| -> Vec<String> {
        let all = stream.comments().iter();
        all.map(|one| stream.text()[one.span.start..one.span.end].to_owned()).collect()
    };
    let gone = |start: usize| {
        let mut splices = case.applied.splices.iter();
        splices.any(|splice| splice.span.start <= start && start < splice.span.end)
    };
    let kept = before.comments().iter().filter(|one| !gone(one.span.start));
    let kept: Vec<String> =
        kept.map(|one| case.text[one.span.start..one.span.end].to_owned()).collect();
    let found = said(&after);
    let removes = matches!(case.change, ValueChange::Remove { .. } | ValueChange::Set { .. });
    if removes {
        // Comments within what was replaced may stay or go, but nothing else does.
        let mut rest = found.iter();
        prop_assert!(kept.iter().all(|one| rest.any(|other| other == one)), "{told}");
    } else {
        prop_assert_eq!(said(&before), found, "{}", told);
    }
    Ok(())
}

#[test]
fn few_edits_are_refused() {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let (mut done, mut refused) = (0, 0);
    for seed in 0..u64::from(cases(1500)) {
        match case(seed) {
            Some(Ok(_)) => done += 1,
            Some(Err(why)) => {
                refused += 1;
                let short = why.split(" ## ").next().unwrap().to_owned();
                let count = reasons.entry(short).or_default();
                *count += 1;
                if *count <= 6 && std::env::var_os("SIOWAY_REASONS").is_some() {
                    println!("{why}\n");
                }
            }
            None => {}
        }
    }
    println!("{done} done, {refused} refused: {reasons:#?}");
    assert!(refused * 8 < done, "{done} done, {refused} refused: {reasons:#?}");
}

#[test]
fn several_edits_are_as_good_as_one_after_the_other() {
    for_seeds(cases(500), |seed| {
        let mut dice = Dice::new(seed);
        let text = manifest(&mut dice);
        let stream = manifest::read(&text);
        let root = stream.documents().find_map(manifest::Document::root);
        let Some(root) = root.filter(|root| root.is_map() && stream.problems.is_empty()) else {
            return Ok(());
        };
        let before = read_value(root);
        let keys: Vec<&String> = before.as_object().unwrap().keys().collect();
        // Of each entry of the document, one change.
        let changes = keys.iter().map(|key| {
            let inner = change(&mut dice, &json!({(*key): before[*key]}));
            Edit::Value { object: root.span(), change: inner }
        });
        let mut edits: Vec<Edit> = changes.collect();
        let Ok(together) = apply(&text, &edits) else {
            return Ok(());
        };
        edits.reverse();
        prop_assert_eq!(&apply(&text, &edits).unwrap(), &together);
        let mut alone = text.clone();
        for edit in &edits {
            let Edit::Value { change, .. } = edit else {
                continue;
            };
            let index = stream.documents().position(|one| one.root().is_some()).unwrap();
            let now = manifest::read(&alone);
            let object = now.document(index).unwrap().root().unwrap().span();
            let applied = apply(&alone, &[Edit::Value { object, change: change.clone() }]);
            let Ok(applied) = applied else {
                return Ok(());
            };
            alone = applied.text;
        }
        let (one, other) = (manifest::read(&together.text), manifest::read(&alone));
        prop_assert_eq!(documents(&one), documents(&other), "{}\n{:#?}", text, edits);
        Ok(())
    });
}

/// Many patches at once: `git` is slow to start.
pub(super) fn git_applies(pairs: &[(String, String, String)]) {
    let directory = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| git(directory.path(), arguments);
    git(&["init", "-q"]);
    let mut patch = String::new();
    for (name, old, new) in pairs {
        let file = directory.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, old).unwrap();
        patch += &unified(name, old, new);
    }
    fs::write(directory.path().join("all.patch"), patch).unwrap();
    git(&["apply", "--whitespace=nowarn", "all.patch"]);
    for (name, _, new) in pairs {
        let found = fs::read_to_string(directory.path().join(name)).unwrap();
        assert_eq!(&found, new, "{name}");
    }
}

#[test]
fn git_makes_the_same_of_the_patch() {
    let names =
        ["plain", "with blank", "ünïcode", "quo\"te", "back\\slash", "tab\there", "line\nbreak"];
    let done = (0..u64::from(cases(1500))).filter_map(|seed| case(seed)?.ok());
    let done: Vec<Case> = done.filter(|case| !case.applied.splices.is_empty()).collect();
    for (batch, cases) in done.chunks(500).enumerate() {
        let pairs = cases.iter().enumerate().map(|(index, case)| {
            let name = format!("d {batch}/{} {index}.yaml", names[index % names.len()]);
            (name, case.text.clone(), case.applied.text.clone())
        });
        git_applies(&pairs.collect::<Vec<_>>());
    }
}

#[test]
fn broken_texts_do_no_harm() {
    for_seeds(cases(1500), |seed| {
        let mut dice = Dice::new(seed);
        let mut text: Vec<char> = manifest(&mut dice).chars().collect();
        for _ in 0..=dice.roll(4) {
            let at = dice.roll(text.len() + 1);
            match dice.roll(3) {
                0 => drop(text.drain(at..(at + dice.roll(6)).min(text.len()))),
                1 => text.insert(
                    at,
                    *dice.of(&['\t', '&', '*', '{', '[', '|', '?', '\r', '\u{85}', '#']),
                ),
                _ => text.truncate(at),
            }
        }
        let text: String = text.into_iter().collect();
        let stream = manifest::read(&text);
        for document in stream.documents() {
            let Some(root) = document.root() else {
                continue;
            };
            let before = read_value(root);
            let change = change(&mut dice, &before);
            let object = root.span();
            let edit = Edit::Value { object, change: change.clone() };
            let Ok(applied) = apply(&text, &[edit]) else {
                continue;
            };
            let is_json = matches!(change, ValueChange::SetJson { .. });
            let mut expected = documents(&stream);
            if !is_json && wanted(&mut expected[document.index], &change).is_some() {
                let after = manifest::read(&applied.text);
                prop_assert_eq!(expected, documents(&after), "{:?}\n{}", change, text);
            }
        }
        Ok(())
    });
}
