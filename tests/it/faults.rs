//! Every command that writes, with each of its system calls failing or being its last: a file is old or new, what fails
//! leaves nothing beside the files, and the next run clears away what a killed one left there.
//!
//! `strace` makes the calls fail, and kills before them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

use crate::tools::{MINIMAL, Scratch, both};

/// The texts of all files by their paths, but for what is built aside.
type Files = BTreeMap<String, String>;

/// What writes, from what it finds to its arguments.
struct Case {
    name: &'static str,
    scratch: fn() -> Scratch,
    arguments: &'static [&'static str],
    /// What it may say a second time: what is there is not written again.
    again: i32,
}

const CASES: &[Case] = &[
    Case { name: "a new directory", scratch: app, arguments: &["render"], again: 0 },
    Case {
        name: "a changed directory",
        scratch: rendered,
        arguments: &["render", "--set", "session.max-age=1h", "--set", "ingress.static-ip=a"],
        again: 0,
    },
    Case {
        name: "a pruned directory",
        scratch: with_orphan,
        arguments: &["render", "--prune"],
        again: 0,
    },
    Case {
        name: "written differences",
        scratch: differing,
        arguments: &["diff", "--against", "k8s", "--write"],
        again: 0,
    },
    Case {
        name: "repairs",
        scratch: differing,
        arguments: &["lint", "k8s", "--fix", "--exit-zero"],
        again: 0,
    },
    Case {
        name: "reports",
        scratch: with_report,
        arguments: &[
            "lint",
            "k8s",
            "--exit-zero",
            "--output",
            "json:a.json",
            "--output",
            "html:a.html",
        ],
        again: 0,
    },
    Case {
        name: "a report of differences",
        scratch: with_report,
        arguments: &[
            "diff",
            "--against",
            "k8s",
            "--exit-zero",
            "--output",
            "html:a.html",
            "--output",
            "markdown:a.md",
        ],
        again: 0,
    },
    Case {
        name: "a baseline",
        scratch: with_report,
        arguments: &["lint", "k8s", "--baseline", "a.json", "--update-baseline"],
        again: 0,
    },
    Case { name: "a first app", scratch: Scratch::new, arguments: &["init", "chat"], again: 2 },
    Case {
        name: "an adopted app",
        scratch: manifests,
        arguments: &["init", "--from", "k8s"],
        again: 2,
    },
    Case {
        name: "profiles",
        scratch: Scratch::new,
        arguments: &["profiles", "eject", "own"],
        again: 2,
    },
    Case {
        name: "templates",
        scratch: Scratch::new,
        arguments: &["templates", "eject", "own"],
        again: 2,
    },
];

fn app() -> Scratch {
    Scratch::with_app(MINIMAL)
}

fn rendered() -> Scratch {
    let scratch = app();
    scratch.ok(&["render"]);
    scratch
}

/// Two apps were rendered, and one of them is gone.
fn with_orphan() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"*/app.toml\"]\n");
    for app in ["a", "b"] {
        let text = format!("name = \"{app}\"\nhost = \"{app}.example.com\"\nport = 3000\n");
        scratch.write(&format!("{app}/app.toml"), &text);
    }
    scratch.ok(&["render"]);
    std::fs::remove_dir_all(scratch.path("b")).unwrap();
    scratch
}

/// Manifests that nobody rendered, with two faults in two files, and one object missing.
fn differing() -> Scratch {
    let scratch = app();
    scratch.ok(&["render", "-o", "k8s"]);
    std::fs::remove_file(scratch.path("k8s/.sioway.lock")).unwrap();
    std::fs::remove_file(scratch.path("k8s/ingress.yaml")).unwrap();
    change(&scratch, "k8s/kustomization.yaml", "  - ingress.yaml\n", "");
    change(&scratch, "k8s/service.yaml", "backend-config", "backendconfig");
    change(&scratch, "k8s/backendconfig.yaml", "timeoutSec: ", "timeoutsec: ");
    scratch
}

fn change(scratch: &Scratch, name: &str, old: &str, new: &str) {
    let text = scratch.read(name);
    assert!(text.contains(old), "{text}");
    scratch.write(name, &text.replace(old, new));
}

/// The same, with reports of an earlier run.
fn with_report() -> Scratch {
    let scratch = differing();
    for name in ["a.json", "a.html", "a.md"] {
        scratch.write(name, "of an earlier run\n");
    }
    scratch
}

fn manifests() -> Scratch {
    let scratch = app();
    scratch.ok(&["render", "-o", "k8s"]);
    std::fs::remove_file(scratch.path("app.toml")).unwrap();
    scratch
}

/// All files, and what is beside them.
fn files(scratch: &Scratch) -> (Files, Vec<String>) {
    let (mut files, mut left) = (Files::new(), Vec::new());
    walk(scratch.path("").as_path(), "", false, &mut files, &mut left);
    (files, left)
}

fn walk(directory: &Path, name: &str, is_aside: bool, files: &mut Files, left: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{name}/{}", entry.file_name().to_str().unwrap());
        let is_new = name.ends_with(".sioway-new");
        if is_new {
            left.push(name.clone());
        }
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &name, is_aside || is_new, files, left);
        } else if !is_aside && !is_new {
            files.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// The calls that change something, or that may fail on the way there.
const CALLS: [&str; 9] =
    ["openat", "write", "rename", "link", "linkat", "unlink", "rmdir", "mkdir", "unlinkat"];

fn traced(scratch: &Scratch, case: &Case, log: &Path, inject: Option<&str>) -> Output {
    let mut strace = Command::new("strace");
    strace.arg("--follow-forks").arg("-o").arg(log).arg(format!("--trace={}", CALLS.join(",")));
    strace.args(inject.map(|inject| format!("--inject={inject}")));
    strace.arg(env!("CARGO_BIN_EXE_sioway")).args(case.arguments).current_dir(scratch.path(""));
    // One thread more makes no other calls, but counts them apart.
    strace.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("RAYON_NUM_THREADS", "1");
    strace.output().unwrap_or_else(|error| panic!("strace: {error}; tests/run.sh installs it"))
}

/// The calls of a whole run that have to do with its files, each with which of its kind it is.
fn calls(scratch: &Scratch, case: &Case) -> BTreeSet<(String, usize)> {
    let log = Scratch::new();
    let log = log.path("log");
    let output = traced(scratch, case, &log, None);
    assert_eq!(output.status.code(), Some(0), "{}: {}", case.name, both(&output));
    let text = std::fs::read_to_string(log).unwrap();
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut found = BTreeSet::new();
    let here = scratch.path("");
    let here = here.to_str().unwrap().trim_end_matches('/');
    for line in text.lines() {
        let Some((who, rest)) = line.split_once(' ') else { continue };
        let Some((call, what)) = rest.trim_start().split_once('(') else { continue };
        if !CALLS.contains(&call) {
            continue;
        }
        let count = counts.entry((who, call)).or_default();
        *count += 1;
        let is_own = what.contains(here) || !what.contains("\"/");
        if call == "write" || is_own {
            found.insert((call.to_owned(), *count));
        }
    }
    found
}

/// Each file is as before or as it was to be.
fn are_whole(found: &Files, old: &Files, new: &Files, told: &str) {
    for (path, text) in found {
        if path.ends_with(".sioway.lock") {
            // In between it lists what each file may be.
            text.parse::<toml::Table>().unwrap_or_else(|error| panic!("{error} after {told}"));
            continue;
        }
        if path.starts_with("/a.") && is_whole_report(path, text) {
            continue;
        }
        let known = [old.get(path), new.get(path)].contains(&Some(text));
        assert!(known, "{path} is neither old nor new after {told}:\n{text}");
    }
    for path in old.keys().filter(|path| new.contains_key(*path)) {
        assert!(found.contains_key(path), "{path} is gone after {told}");
    }
}

/// The files without reports.
fn files_of(files: &Files) -> Vec<(&String, &String)> {
    files.iter().filter(|(path, _)| !path.starts_with("/a.")).collect()
}

/// A report of a run that could not read everything says so, and differs.
fn is_whole_report(path: &str, text: &str) -> bool {
    match path.rsplit_once('.') {
        Some((_, "json")) => serde_json::from_str::<serde_json::Value>(text).is_ok(),
        Some((_, "html")) => text.ends_with("</html>\n"),
        _ => text.ends_with('\n'),
    }
}

/// What is there before and after a whole run.
fn both_states(case: &Case) -> (Files, Files) {
    let scratch = (case.scratch)();
    let old = files(&scratch).0;
    scratch.ok(case.arguments);
    let (new, left) = files(&scratch);
    assert!(new != old && left.is_empty(), "{}: {left:?}", case.name);
    (old, new)
}

/// Runs a case with a fault at each of its calls.
fn at_each_call(case: &Case, fault: &str, kinds: &[&str], check: impl Fn(&Scratch, &Output, &str)) {
    let all = calls(&(case.scratch)(), case);
    let log = Scratch::new();
    let mut count = 0;
    for (call, number) in all.iter().filter(|(call, _)| kinds.contains(&&**call)) {
        let scratch = (case.scratch)();
        let inject = format!("{call}:{fault}:when={number}");
        let output = traced(&scratch, case, &log.path("log"), Some(&inject));
        let told = format!("{}: {inject}\n{}", case.name, both(&output));
        check(&scratch, &output, &told);
        count += 1;
    }
    assert!(count > 0, "{}: no call of {kinds:?}", case.name);
}

/// What a run makes that follows one that ended early.
fn goes_on(scratch: &Scratch, case: &Case, new: &Files, told: &str) {
    let run = scratch.run(case.arguments);
    let (found, left) = files(scratch);
    // What overwrites nothing says so where all is there.
    assert!([0, case.again].contains(&run.status), "{told}\n{}", run.err);
    assert!(found == *new, "the next run does the rest after {told}\n{}", run.err);
    assert!(left.is_empty(), "{left:?} stay after {told}");
}

#[test]
fn a_full_disk_leaves_each_file_old_or_new_and_nothing_beside() {
    for case in CASES {
        let (old, new) = both_states(case);
        at_each_call(
            case,
            "error=ENOSPC",
            &["write", "mkdir", "rename", "linkat", "link"],
            |scratch, output, told| {
                let (found, left) = files(scratch);
                are_whole(&found, &old, &new, told);
                assert!(left.is_empty(), "{left:?} stay after {told}");
                assert!(found == new || output.status.code() == Some(2), "no word of it: {told}");
            },
        );
    }
}

#[test]
fn what_may_not_be_opened_leaves_each_file_old_or_new_and_nothing_beside() {
    for case in CASES {
        let (old, new) = both_states(case);
        at_each_call(case, "error=EACCES", &["openat"], |scratch, output, told| {
            let (found, left) = files(scratch);
            are_whole(&found, &old, &new, told);
            assert!(left.is_empty(), "{left:?} stay after {told}");
            // Reports draw pictures of what they read a second time: without it there is none.
            let is_done = files_of(&found) == files_of(&new);
            assert!(is_done || output.status.code() != Some(0), "no word of it: {told}");
        });
    }
}

#[test]
fn a_kill_before_any_call_leaves_each_file_old_or_new_and_the_next_run_does_the_rest() {
    for case in CASES {
        let (old, new) = both_states(case);
        at_each_call(case, "signal=KILL", &CALLS, |scratch, _, told| {
            are_whole(&files(scratch).0, &old, &new, told);
            goes_on(scratch, case, &new, told);
        });
    }
}
