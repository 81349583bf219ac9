//! File names that others read: git applies patches and hosts show findings by names from the root of the repository.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::diff::existing;
use crate::tools::{MINIMAL, Run, Scratch, git};

/// An app at `apps/chat`, whose manifests differ in two files and lack one.
fn app() -> Scratch {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let text = scratch.read("k8s/backendconfig.yaml");
    scratch.write("k8s/backendconfig.yaml", &text.replace("timeoutSec: 86400", "timeoutSec: 30"));
    std::fs::remove_file(scratch.path("k8s/service.yaml")).unwrap();
    std::fs::create_dir_all(scratch.path("repo/apps/chat")).unwrap();
    for name in ["k8s", "app.toml"] {
        let to = scratch.path(&format!("repo/apps/chat/{name}"));
        std::fs::rename(scratch.path(name), to).unwrap();
    }
    scratch
}

fn committed() -> Scratch {
    let scratch = app();
    let root = scratch.path("repo");
    git(&root, &["init", "--quiet"]);
    git(&root, &["add", "."]);
    git(&root, &["commit", "--quiet", "-m", "as it was"]);
    scratch
}

fn run_in(scratch: &Scratch, directory: &str, arguments: &[&str]) -> Run {
    let mut command = scratch.command(arguments);
    let output = command.current_dir(scratch.path(directory)).output().unwrap();
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn apply(directory: &Path, patch: &str) {
    let mut command = Command::new("git");
    let mut child =
        command.arg("apply").current_dir(directory).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(patch.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "{patch}");
}

/// The patch of the app from a directory, applied there, must leave no difference.
fn applies(scratch: &Scratch, directory: &str, app: &str, against: &str) {
    let run =
        run_in(scratch, directory, &["diff", app, "--against", against, "--format", "unified"]);
    assert_eq!((run.status, run.err.as_str()), (1, ""), "{directory}");
    assert_eq!(run.out.matches("diff --git").count(), 2, "{}", run.out);
    assert!(run.out.contains("+++ b/apps/chat/k8s/service.yaml\n"), "{}", run.out);
    apply(&scratch.path(directory), &run.out);
    let after = run_in(scratch, directory, &["diff", app, "--against", against]);
    assert_eq!(after.status, 0, "{directory}\n{}", after.out);
}

#[test]
fn a_patch_applies_from_every_directory_above_its_files() {
    let places = [
        ("repo", "apps/chat/app.toml", "apps/chat/k8s"),
        ("repo/apps", "chat/app.toml", "chat/k8s"),
        ("repo/apps/chat", "app.toml", "k8s"),
        ("repo/apps/chat/k8s", "../app.toml", "."),
        ("repo/apps/chat", "app.toml", "../../apps/chat/k8s"),
    ];
    for (directory, app, against) in places {
        applies(&committed(), directory, app, against);
    }
}

#[test]
fn a_worktree_is_a_repository_too() {
    let scratch = committed();
    git(&scratch.path("repo"), &["worktree", "add", "--quiet", "../tree"]);
    assert!(scratch.path("tree/.git").is_file());
    applies(&scratch, "tree/apps", "chat/app.toml", "chat/k8s");
}

#[cfg(unix)]
#[test]
fn a_patch_names_files_without_links() {
    let scratch = committed();
    std::os::unix::fs::symlink("apps/chat/k8s", scratch.path("repo/link")).unwrap();
    applies(&scratch, "repo", "apps/chat/app.toml", "link");
}

/// git leaves out of a patch what lies outside of the directory that it runs in, and says nothing.
#[test]
fn what_git_would_leave_out_is_said() {
    let scratch = committed();
    std::fs::create_dir(scratch.path("repo/apps/other")).unwrap();
    let arguments = ["diff", "../chat/app.toml", "--against", "../chat/k8s", "--format", "unified"];
    let run = run_in(&scratch, "repo/apps/other", &arguments);
    assert!(run.err.contains("`git apply` leaves out apps/chat/k8s/"), "{}", run.err);
    let before = scratch.read("repo/apps/chat/k8s/backendconfig.yaml");
    apply(&scratch.path("repo/apps/other"), &run.out);
    assert_eq!(scratch.read("repo/apps/chat/k8s/backendconfig.yaml"), before, "git skips it");
    // What is advised instead works.
    assert!(run.err.contains("git -C ../.. apply"), "{}", run.err);
    apply(&scratch.path("repo/apps/other/../.."), &run.out);
    assert_eq!(run_in(&scratch, "repo/apps/other", &arguments[..4]).status, 0);
}

#[test]
fn outside_of_a_repository_names_are_those_of_the_directory() {
    let scratch = app();
    let arguments = ["diff", "app.toml", "--against", "k8s", "--format", "unified"];
    let run = run_in(&scratch, "repo/apps/chat", &arguments);
    assert_eq!((run.status, run.err.as_str()), (1, ""));
    assert!(run.out.contains("+++ b/k8s/service.yaml\n"), "{}", run.out);
    apply(&scratch.path("repo/apps/chat"), &run.out);
    assert_eq!(run_in(&scratch, "repo/apps/chat", &arguments[..4]).status, 0);
}

/// Every file name that a SARIF log has.
fn uris(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("uri").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| uris(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| uris(value, found)),
        _ => {}
    }
}

#[test]
fn findings_are_shown_in_the_files_of_the_repository() {
    let broken = app().read("repo/apps/chat/k8s/backendconfig.yaml");
    let scratch = committed();
    run_in(&scratch, "repo/apps/chat", &["diff", "app.toml", "--against", "k8s", "--write"]);
    scratch.write("repo/apps/chat/k8s/backendconfig.yaml", &broken);
    for command in [&["diff", "app.toml", "--against", "k8s"][..], &["lint", "k8s"]] {
        let run =
            |format| run_in(&scratch, "repo/apps/chat", &[command, &["--format", format]].concat());
        let github = run("github").out;
        assert!(github.contains(" file=apps/chat/k8s/backendconfig.yaml,"), "{github}");
        assert!(!github.contains(" file=k8s/"), "{github}");
        let mut found = Vec::new();
        uris(&serde_json::from_str(&run("sarif").out).unwrap(), &mut found);
        found.retain(|uri| !uri.starts_with("http"));
        assert!(!found.is_empty());
        assert!(found.iter().all(|uri| uri.starts_with("apps/chat/")), "{found:?}");
        // Those that people click, and that reviewdog reads, which adds the rest itself.
        let text = run(if command[0] == "diff" { "rdjson" } else { "concise" }).out;
        assert!(text.contains("k8s/backendconfig.yaml"), "{text}");
        assert!(!text.contains("apps/chat"), "{text}");
    }
}
