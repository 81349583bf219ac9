//! How long diff takes, beside its floor: `cargo bench --bench diff`.
//!
//! Many apps that are as they were rendered, beside reading the same files and comparing them with two threads; many
//! apps in somebody's own style, where every file has to be read as a manifest; and one app of the many, beside an
//! empty program. Each pair is taken in turn within one run; medians are printed. `cargo bench --bench diff -- 10000`
//! takes that many apps instead of 1,000.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on fails"
)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use common::{Files, clocked, generate, median, report, shown, sioway, time};

const ROUNDS: usize = 7;
const COLD_ROUNDS: usize = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--nothing") {
        return;
    }
    let apps = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(1_000);
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("many");
    generate(&root, apps);
    time(sioway(&root).arg("render"));
    let files = Files::read(&root.join("out"));
    println!("{apps} apps, {} files, {:.1} MB", files.count(), files.megabytes());
    let [mut ours, mut compared] = [const { Vec::new() }; 2];
    for _ in 0..ROUNDS {
        ours.push(time(sioway(&root).arg("diff")));
        compared.push(clocked(|| files.compare(&root.join("out"))));
    }
    report("as rendered", "plain compares", &mut ours, &mut compared, 3.0);
    one_app(&root, apps);
    in_another_style(&root);
    let [mut ours, mut compared] = [const { Vec::new() }; 2];
    let files = Files::read(&root.join("out"));
    for _ in 0..ROUNDS {
        ours.push(time(sioway(&root).arg("diff")));
        compared.push(clocked(|| files.compare(&root.join("out"))));
    }
    // No bar: nobody keeps ten thousand apps by hand.
    report("in another style", "plain compares", &mut ours, &mut compared, f64::NAN);
    one_app(&root, apps);
}

/// One app of the many, beside an empty program: this one, told to do nothing.
fn one_app(root: &Path, apps: usize) {
    let nothing = std::env::current_exe().unwrap();
    let [mut ours, mut floor] = [const { Vec::<Duration>::new() }; 2];
    for round in 0..COLD_ROUNDS {
        floor.push(time(Command::new(&nothing).arg("--nothing")));
        let name = format!("app-{:05}", round * 37 % apps);
        ours.push(time(sioway(root).args(["diff", &name])));
    }
    println!("one app of them            {:>9}   bar 50 ms", shown(median(&mut ours)));
    println!("an empty program           {:>9}\n", shown(median(&mut floor)));
}

/// The same objects with another comment at the top, so that no file is as it was rendered.
fn in_another_style(root: &Path) {
    for app in fs::read_dir(root.join("out")).unwrap() {
        for file in fs::read_dir(app.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                let text = fs::read_to_string(&path).unwrap();
                fs::write(&path, format!("# ours\n{text}")).unwrap();
            }
        }
    }
}
