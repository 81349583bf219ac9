//! Files that are written anew: by several runs at once, and while others may look.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::tools::{MINIMAL, Scratch, both};

/// Manifests with a fault that `--fix` repairs.
fn faulty() -> Scratch {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render", "-o", "k8s"]);
    let text = scratch.read("k8s/backendconfig.yaml").replace("timeoutSec: ", "timeoutsec: ");
    scratch.write("k8s/backendconfig.yaml", &text);
    scratch
}

/// What is closed to others is so too while it is written anew.
#[test]
fn what_is_aside_is_as_closed_as_the_file() {
    let scratch = faulty();
    let path = scratch.path("k8s/backendconfig.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let mut strace = Command::new("strace");
    strace.args(["-f", "-e", "trace=openat", "-o"]).arg(scratch.path("calls"));
    strace.arg(env!("CARGO_BIN_EXE_sioway")).args(["lint", "--fix", "--unsafe-fixes", "k8s"]);
    strace.current_dir(scratch.path("")).output().unwrap();
    assert!(scratch.read("k8s/backendconfig.yaml").contains("timeoutSec: "));
    let calls = scratch.read("calls");
    let made = calls.lines().find(|call| call.contains(".backendconfig.yaml.sioway-new"));
    assert!(made.is_some_and(|call| call.contains(", 0600)")), "{made:?}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

/// Runs at once neither take each other's files for what was left behind nor undo each other's work.
#[test]
fn runs_at_once_do_not_meet() {
    let scratch = faulty();
    let repair = || scratch.command(&["lint", "--fix", "--unsafe-fixes", "k8s"]).output().unwrap();
    let report = || scratch.run(&["lint", "k8s", "--output", "json:report.json"]);
    let known = || scratch.run(&["lint", "k8s", "--baseline", "known.json", "--update-baseline"]);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let run = repair();
                assert_ne!(run.status.code(), Some(2), "{}", both(&run));
            });
            scope.spawn(|| {
                let runs = [report(), known()];
                assert!(runs.iter().all(|run| run.status < 2), "{}{}", runs[0].err, runs[1].err);
            });
        }
    });
    assert!(scratch.read("k8s/backendconfig.yaml").contains("timeoutSec: "));
    for name in ["report.json", "known.json"] {
        let text = scratch.read(name);
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{name}: {text}");
    }
    let names = [scratch.list(""), scratch.list("k8s")].concat();
    assert!(!names.iter().any(|name| name.ends_with(".sioway-new")), "{names:?}");
}

/// A report is no reason to lose what it is about, or another report.
#[test]
fn a_report_takes_the_place_of_nothing_that_is_read() {
    let scratch = faulty();
    scratch.ok(&["lint", "k8s", "--baseline", "known.json", "--update-baseline"]);
    let list = || scratch.list("");
    let (before, known) = (list(), scratch.read("known.json"));
    let manifest = scratch.read("k8s/backendconfig.yaml");
    std::os::unix::fs::symlink("k8s", scratch.path("link")).unwrap();
    for arguments in [
        &["lint", "k8s", "--output", "json:a", "--output", "sarif:./a"][..],
        &["lint", "k8s", "--output", "json:k8s/backendconfig.yaml"],
        &["lint", ".", "--output", "json:link/backendconfig.yaml"],
        &["lint", "k8s", "--baseline", "known.json", "--output", "json:known.json"],
        &["diff", "--against", "k8s/backendconfig.yaml", "--output", "json:k8s/backendconfig.yaml"],
        &["diff", "--against", "k8s", "--output", "json:a", "--output", "html:a"],
    ] {
        let run = scratch.run(arguments);
        assert_eq!(run.status, 2, "{arguments:?}: {}", run.err);
        assert!(run.err.contains("would be written over"), "{arguments:?}: {}", run.err);
    }
    assert_eq!(scratch.read("k8s/backendconfig.yaml"), manifest);
    assert_eq!(scratch.read("known.json"), known);
    fs::remove_file(scratch.path("link")).unwrap();
    assert_eq!(list(), before);
    // Streams, and reports of earlier runs among the manifests, are written on.
    for _ in 0..2 {
        let outputs = ["--output", "json:k8s/report.json", "--output", "sarif:/dev/null"];
        let run = scratch
            .run(&[&["lint", "k8s"][..], &outputs, &["--output", "json:/dev/null"]].concat());
        assert_eq!(run.status, 1, "{}", run.err);
    }
}
