//! How long lint takes, beside its floor: `cargo bench --bench lint`.
//!
//! Many apps in one directory, one object a file. The floor is what nobody who reads YAML can do without: reading the
//! files, and pulling the events of a YAML parser from them, both with two threads. `cargo bench --bench lint -- 10000`
//! takes that many apps instead of 1,000. The phases of one run follow, measured inside this process.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on fails"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{clocked, generate, report, shown, sioway, time};
use granit_parser::Parser;
use rayon::prelude::*;
use sioway::diagnostic::Sources;
use sioway::path::Model;
use sioway::rules;
use sioway::set::{File, Set};

const ROUNDS: usize = 7;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let apps = arguments.find_map(|argument| argument.parse().ok()).unwrap_or(1_000);
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("many");
    generate(&root, apps);
    time(sioway(&root).args(["render", "-o", "out"]));
    fs::remove_file(root.join("sioway.toml")).unwrap();
    let paths = manifests(&root.join("out"));
    let bytes: u32 =
        paths.iter().map(|path| u32::try_from(fs::metadata(path).unwrap().len()).unwrap()).sum();
    println!("{apps} apps, {} files, {:.1} MB", paths.len(), f64::from(bytes) / 1e6);
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().unwrap();
    let [mut ours, mut read, mut parsed] = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        ours.push(time(sioway(&root).args(["lint", "out"])));
        read.push(clocked(|| read_all(&paths)));
        parsed.push(clocked(|| parse_all(&paths)));
    }
    report("lint", "reading", &mut ours.clone(), &mut read, 10.0);
    report("lint", "reading and parsing", &mut ours, &mut parsed, 1.4);
    phases(&paths);
}

fn manifests(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(manifests(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    found
}

fn read_all(paths: &[PathBuf]) {
    let bytes: usize = paths.par_iter().map(|path| fs::read(path).unwrap().len()).sum();
    assert!(bytes > 0);
}

fn parse_all(paths: &[PathBuf]) {
    let events = AtomicUsize::new(0);
    paths.par_iter().for_each(|path| {
        let text = fs::read_to_string(path).unwrap();
        let count = Parser::new_from_str(&text).flatten().count();
        events.fetch_add(count, Ordering::Relaxed);
    });
    assert!(events.into_inner() > paths.len());
}

/// Where the time of one run goes.
fn phases(paths: &[PathBuf]) {
    let mut sources = Sources::default();
    let read_text = |path: &PathBuf| fs::read_to_string(path).unwrap();
    let (read, texts) = timed(|| paths.par_iter().map(read_text).collect::<Vec<_>>());
    let named = paths.iter().zip(texts);
    let ids: Vec<_> = named.map(|(path, text)| sources.add(path.to_str().unwrap(), text)).collect();
    let parse_one = |id: &_| {
        let text = sources.get(*id);
        File::read(*id, &text.name, &text.text, false)
    };
    let (parse, files) = timed(|| ids.par_iter().map(parse_one).collect::<Vec<_>>());
    let (gather, set) = timed(|| Set::new(&files));
    let (assemble, model) = timed(|| Model::new(&set, &[]));
    let (judge, findings) = timed(|| rules::check(&model));
    println!("{} findings", findings.len());
    if std::env::args().any(|argument| argument == "--rules") {
        each_rule(&model);
    }
    let phases = [
        ("read", read),
        ("parse", parse),
        ("objects and nginx", gather),
        ("request paths", assemble),
        ("rules", judge),
    ];
    let total: Duration = phases.iter().map(|(_, time)| *time).sum();
    for (phase, time) in phases {
        let share = time.as_secs_f64() / total.as_secs_f64() * 100.0;
        println!("{phase:<26} {:>9}   {share:.0} %", shown(time));
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let result = work();
    (started.elapsed(), result)
}

/// The rules that take the longest, one by one.
fn each_rule(model: &Model<'_>) {
    let mut times: Vec<(Duration, &str)> =
        rules::ALL.iter().map(|rule| (timed(|| rule.findings(model)).0, rule.id)).collect();
    times.sort_unstable();
    for (time, rule) in times.iter().rev().take(12) {
        println!("    {rule:<34} {:>9}", shown(*time));
    }
}
