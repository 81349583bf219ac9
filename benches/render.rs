//! How long render takes, beside its floor: `cargo bench`.
//!
//! Two measurements. One app in a cold process, beside a process that does nothing.
//! Many apps in one call, beside plainly writing the same files (and comparing them,
//! when nothing has changed) with two threads. Each pair is taken in turn within one
//! run, so that a machine whose speed drifts still gives a true ratio; medians are
//! printed. `cargo bench -- 10000` takes that many apps instead of 1,000.
//!
//! Nothing is written below the system's temporary directory but a tree of its own. On
//! ext4 without a journal, files made soon after a large removal cost many times the
//! normal: every round therefore writes a new tree, and all are removed at the end.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on fails"
)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{Files, clocked, generate, median, report, shown, sioway, time};

const ROUNDS: usize = 7;
const COLD_ROUNDS: usize = 200;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--nothing") {
        return;
    }
    let apps = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(1_000);
    let scratch = tempfile::tempdir().unwrap();
    one_app(scratch.path());
    many_apps(scratch.path(), apps);
}

/// One app, written anew each time, beside an empty program: this one, told to do nothing.
fn one_app(scratch: &Path) {
    let root = scratch.join("one");
    fs::create_dir_all(&root).unwrap();
    fs::write(root.join("app.toml"), "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\n")
        .unwrap();
    let nothing = std::env::current_exe().unwrap();
    let render = |round: usize| time(sioway(&root).args(["render", "-o", &format!("out-{round}")]));
    let [mut ours, mut floor, mut more] = [const { Vec::new() }; 3];
    for round in 0..COLD_ROUNDS {
        floor.push(time(Command::new(&nothing).arg("--nothing")));
        ours.push(render(round));
        more.push(ours[round].saturating_sub(floor[round]));
    }
    println!("one app, cold process      {:>9}", shown(median(&mut ours)));
    println!("an empty program           {:>9}", shown(median(&mut floor)));
    println!("more than that             {:>9}   bar 2 ms\n", shown(median(&mut more)));
}

fn many_apps(scratch: &Path, apps: usize) {
    let root = scratch.join("many");
    generate(&root, apps);
    time(sioway(&root).args(["render", "-o", "first"]));
    let files = Files::read(&root.join("first"));
    println!("{apps} apps, {} files, {:.1} MB", files.count(), files.megabytes());
    let [mut new, mut written, mut again, mut compared] = [const { Vec::new() }; 4];
    for round in 0..ROUNDS {
        new.push(time(sioway(&root).args(["render", "-o", &format!("new-{round}")])));
        written.push(clocked(|| {
            files.write(&root.join(format!("plain-{round}")));
        }));
        again.push(time(sioway(&root).args(["render", "-o", "first"])));
        compared.push(clocked(|| files.compare(&root.join("first"))));
    }
    report("into a new tree", "plain writes", &mut new, &mut written, 1.6);
    report("again, unchanged", "plain compares", &mut again, &mut compared, 3.0);
    println!("peak memory, new tree      {:>6.1} MB   bar 64 MB", peak_megabytes(&root));
}

/// As the kernel accounts for it, through a shell that waits for the run and asks.
fn peak_megabytes(root: &Path) -> f64 {
    let script = "import os, resource, subprocess, sys\n\
                  subprocess.run(sys.argv[1:], check=True)\n\
                  print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let mut command = Command::new("python3");
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_sioway"), "render", "-o", "memory"])
        .current_dir(root);
    let output = command.output().expect("python3 reads the peak memory");
    String::from_utf8(output.stdout).unwrap().trim().parse::<f64>().unwrap() / 1024.0
}
