//! `sioway diff --write` that ends in the middle: each file is old or new, and the next run does the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::tools::Scratch;

type Files = BTreeMap<String, String>;

const APPS: usize = 6;

/// A workspace whose apps all differ from the manifests that are there, also by objects that are missing.
fn workspace() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"apps/*/app.toml\"]\n");
    for app in 0..APPS {
        let text = format!("name = \"app-{app}\"\nhost = \"app-{app}.example.com\"\nport = 3000\n");
        scratch.write(&format!("apps/app-{app}/app.toml"), &text);
    }
    scratch.ok(&["render"]);
    for app in 0..APPS {
        let path = |name: &str| format!("out/app-{app}/{name}");
        for name in [".sioway.lock", "ingress.yaml"] {
            std::fs::remove_file(scratch.path(&path(name))).unwrap();
        }
        let list = scratch.read(&path("kustomization.yaml")).replace("  - ingress.yaml\n", "");
        scratch.write(&path("kustomization.yaml"), &list);
        for name in ["backendconfig.yaml", "nginx-configmap.yaml", "service.yaml"] {
            let mut text = scratch.read(&path(name)).replace("86400", "30").replace("90s", "20s");
            text = text.replace("cloud.google.com/neg", "x.example/neg");
            // Long enough that a file is written in several parts, if it is not written at once.
            for line in 0..400 {
                writeln!(text, "# a comment that stays, line {line}").unwrap();
            }
            scratch.write(&path(name), &text);
        }
    }
    scratch
}

/// All manifests, and what a run that ended early left beside them.
fn files(scratch: &Scratch) -> (Files, Vec<String>) {
    let (mut files, mut left) = (Files::new(), Vec::new());
    for app in scratch.list("out") {
        for name in scratch.list(&format!("out/{app}")) {
            let path = format!("out/{app}/{name}");
            if name.ends_with(".sioway-new") {
                left.push(path);
            } else {
                files.insert(path.clone(), scratch.read(&path));
            }
        }
    }
    (files, left)
}

fn put_back(scratch: &Scratch, old: &Files) {
    std::fs::remove_dir_all(scratch.path("out")).unwrap();
    for (path, text) in old {
        scratch.write(path, text);
    }
}

/// Each file is as before or as it was to be.
fn are_whole(found: &Files, old: &Files, new: &Files) {
    for (path, text) in found {
        let is_old = old.get(path) == Some(text);
        assert!(is_old || new.get(path) == Some(text), "{path} is neither:\n{text}");
    }
    assert!(old.keys().all(|path| found.contains_key(path)), "a file is gone");
}

/// What is there before and after a whole run.
fn both(scratch: &Scratch) -> (Files, Files) {
    let old = files(scratch).0;
    scratch.ok(&["diff", "--write"]);
    let (new, left) = files(scratch);
    assert_eq!((new.len(), left), (old.len() + APPS, vec![]));
    put_back(scratch, &old);
    (old, new)
}

#[test]
fn a_full_disk_leaves_each_file_old_or_new() {
    let scratch = workspace();
    let (old, new) = both(&scratch);
    let mut broken = 0;
    // The kernel ends a process whose file grows past the limit, in the middle of the write.
    for blocks in [0, 1, 2, 4, 8, 16, 24, 28, 32, 36, 40, 64] {
        put_back(&scratch, &old);
        let script = format!("ulimit -c 0; ulimit -f {blocks}; exec \"$0\" diff --write");
        let run = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_sioway")])
            .current_dir(scratch.path(""))
            .env_clear()
            .output()
            .unwrap();
        broken += usize::from(!run.status.success());
        are_whole(&files(&scratch).0, &old, &new);
        scratch.ok(&["diff", "--write"]);
        let (found, left) = files(&scratch);
        assert!(found == new, "the next run does the rest");
        assert_eq!(left, Vec::<String>::new(), "and cleans up");
    }
    assert!(broken >= 5, "only {broken} runs ended early");
}

#[test]
fn a_file_that_cannot_be_written_leaves_all_as_they_were() {
    let scratch = workspace();
    let (old, new) = both(&scratch);
    for name in ["app-2/.service.yaml.sioway-new", "app-5/.ingress.yaml.sioway-new"] {
        // Not even root can write aside what a directory stands in the place of.
        let taken = scratch.path(&format!("out/{name}"));
        std::fs::create_dir(&taken).unwrap();
        let run = scratch.run(&["diff", "--write"]);
        assert_eq!(run.status, 2, "{}", run.err);
        assert!(!run.err.contains("changed") && !run.err.contains("added"), "{}", run.err);
        assert!(files(&scratch) == (old.clone(), vec![format!("out/{name}")]), "{}", run.err);
        std::fs::remove_dir(&taken).unwrap();
    }
    scratch.ok(&["diff", "--write"]);
    assert!(files(&scratch).0 == new);
}

#[test]
fn a_killed_run_leaves_each_file_old_or_new() {
    let scratch = workspace();
    let (old, new) = both(&scratch);
    let mut states = BTreeSet::new();
    for told in 0..30 {
        put_back(&scratch, &old);
        let mut run = scratch.command(&["diff", "--write"]);
        let mut run = run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        // It says which file it has written; how far it gets before the signal does not matter.
        let mut lines = BufReader::new(run.stderr.take().unwrap()).lines();
        for _ in 0..told {
            lines.next().unwrap().unwrap();
        }
        run.kill().unwrap();
        run.wait().unwrap();
        let found = files(&scratch).0;
        are_whole(&found, &old, &new);
        states.insert(found.iter().filter(|(path, text)| old.get(*path) != Some(text)).count());
        scratch.ok(&["diff", "--write"]);
        assert!(files(&scratch).0 == new, "the next run does the rest");
    }
    assert!(states.len() > 1, "killed too early or too late each time: {states:?}");
}
