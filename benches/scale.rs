//! What many apps cost, from a hundred to ten thousand: `cargo bench --bench scale`.
//!
//! For each number of apps: wall and CPU time, peak memory, and CPU time per app, of `render` into a new tree and
//! again, of `diff` and of `lint`; beside them what plainly writing, or reading and comparing, the same files with two
//! threads costs. CPU time is what can be compared on a machine that others use too. Each is the median of three runs,
//! taken in turn; the peak is the highest. `cargo bench --bench scale -- 1000` takes that number of apps alone.
//!
//! A run is started by Python, which asks the kernel what it took. Less memory than Python itself has, some 10 MB,
//! is not told.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on fails"
)]

mod common;

use std::path::Path;
use std::process::Command;

use common::{Files, generate};

const ROUNDS: usize = 3;

/// Starts a program and prints its wall time, its CPU time, both in seconds, and its peak memory in KiB.
const MEASURE: &str = "import os, sys, time\n\
    null = os.open(os.devnull, os.O_WRONLY)\n\
    began = time.monotonic()\n\
    child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])\n\
    _, status, used = os.wait4(child, 0)\n\
    print(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss)\n\
    sys.exit(os.waitstatus_to_exitcode(status))";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--plain") {
        return plain(&arguments[at + 1..]);
    }
    let asked: Vec<usize> = arguments.iter().filter_map(|one| one.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![100, 1_000, 10_000] } else { asked };
    for apps in sizes {
        measure_all(apps);
    }
}

/// The floors: loads a tree, and writes it elsewhere or compares it with what is there.
fn plain(arguments: &[String]) {
    let [what, from, to] = arguments else { panic!("--plain WHAT FROM TO") };
    let files = Files::read(Path::new(from));
    match what.as_str() {
        "load" => {}
        "write" => files.write(Path::new(to)),
        "compare" => files.compare(Path::new(from)),
        _ => panic!("there is no {what}"),
    }
}

fn measure_all(apps: usize) {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path();
    generate(root, apps);
    Cost::of_sioway(root, &["render"]);
    let files = Files::read(&root.join("out"));
    println!("{apps} apps, {} files, {:.1} MB", files.count(), files.megabytes());
    drop(files);
    let [mut new, mut again, mut diff, mut lint] = [const { Vec::new() }; 4];
    let [mut load, mut write, mut compare] = [const { Vec::new() }; 3];
    for round in 0..ROUNDS {
        new.push(Cost::of_sioway(root, &["render", "-o", &format!("new-{round}")]));
        write.push(Cost::of_plain(root, "write", &format!("plain-{round}")));
        again.push(Cost::of_sioway(root, &["render"]));
        compare.push(Cost::of_plain(root, "compare", "-"));
        diff.push(Cost::of_sioway(root, &["diff"]));
        lint.push(Cost::of_sioway(root, &["lint", "out"]));
        load.push(Cost::of_plain(root, "load", "-"));
    }
    let load = Cost::median(load);
    let [write, compare] = [write, compare].map(|costs| Cost::median(costs).without(load));
    println!(
        "{:<18} {:>10} {:>10} {:>12} {:>10}   beside",
        "", "wall", "CPU", "CPU an app", "peak"
    );
    write.print("plain writes", apps, None);
    Cost::median(new).print("render, new tree", apps, Some(("plain writes", write)));
    compare.print("plain compares", apps, None);
    Cost::median(again).print("render, again", apps, Some(("plain compares", compare)));
    Cost::median(diff).print("diff", apps, Some(("plain compares", compare)));
    Cost::median(lint).print("lint", apps, Some(("plain compares", compare)));
    println!();
}

/// What a run took.
#[derive(Debug, Clone, Copy)]
struct Cost {
    wall: f64,
    cpu: f64,
    /// In MB; nothing is said of the floors, which hold all files.
    peak: Option<f64>,
}

impl Cost {
    fn of_sioway(root: &Path, arguments: &[&str]) -> Self {
        Self::of(root, Path::new(env!("CARGO_BIN_EXE_sioway")), arguments)
    }

    fn of_plain(root: &Path, what: &str, to: &str) -> Self {
        let this = std::env::current_exe().unwrap();
        let cost = Self::of(root, &this, &["--plain", what, "out", to]);
        Self { peak: None, ..cost }
    }

    fn of(root: &Path, program: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new("python3");
        command.args(["-c", MEASURE]).arg(program).args(arguments).current_dir(root);
        let output = command.output().expect("python3 measures");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told = String::from_utf8(output.stdout).unwrap();
        let numbers: Vec<f64> = told.split_whitespace().map(|one| one.parse().unwrap()).collect();
        let [wall, cpu, kib] = numbers[..] else { panic!("{told}") };
        Self { wall, cpu, peak: Some(kib * 1024.0 / 1e6) }
    }

    /// The run in the middle by its CPU time, with the highest peak of all.
    fn median(mut costs: Vec<Self>) -> Self {
        let peaks = costs.iter().filter_map(|cost| cost.peak);
        let peak = peaks.max_by(f64::total_cmp);
        costs.sort_by(|one, other| one.cpu.total_cmp(&other.cpu));
        Self { peak, ..costs[costs.len() / 2] }
    }

    fn without(self, other: Self) -> Self {
        let less = |one: f64, other: f64| (one - other).max(0.0);
        Self { wall: less(self.wall, other.wall), cpu: less(self.cpu, other.cpu), ..self }
    }

    #[allow(clippy::cast_precision_loss, reason = "a few digits are shown")]
    fn print(self, what: &str, apps: usize, beside: Option<(&str, Self)>) {
        let peak = self.peak.map_or(String::new(), |peak| format!("{peak:.1} MB"));
        let beside = beside.map_or(String::new(), |(name, floor)| {
            format!("{:.2} times the CPU of {name}", self.cpu / floor.cpu)
        });
        let [wall, cpu] = [self.wall, self.cpu].map(|time| format!("{:.0} ms", time * 1e3));
        let each = format!("{:.0} µs", self.cpu * 1e6 / apps as f64);
        println!("{what:<18} {wall:>10} {cpu:>10} {each:>12} {peak:>10}   {beside}");
    }
}
