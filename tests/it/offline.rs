//! Nothing but `probe` and `doctor` needs a network: all else does the same where there is none.

use std::process::Command;

use crate::tools::{MINIMAL, Scratch, both};

/// What a run in a network namespace without interfaces says.
fn without_network(scratch: &Scratch, arguments: &[&str]) -> String {
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", env!("CARGO_BIN_EXE_sioway")])
        .args(arguments)
        .current_dir(scratch.path(""))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .output()
        .unwrap();
    format!("{}\n{}", output.status.code().unwrap(), both(&output))
}

fn with_network(scratch: &Scratch, arguments: &[&str]) -> String {
    let run = scratch.run(arguments);
    format!("{}\n{}{}", run.status, run.out, run.err)
}

/// An app, and manifests of it with a fault.
fn scratch() -> Scratch {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render", "-o", "k8s"]);
    let service = scratch.read("k8s/service.yaml").replace("backend-config", "backendconfig");
    scratch.write("k8s/service.yaml", &service);
    scratch
}

#[test]
fn commands_say_the_same_without_a_network() {
    for arguments in [
        &["render", "-o", "-"][..],
        &["render", "--check", "-o", "k8s"],
        &["lint", "k8s"],
        &["lint", "k8s", "--format", "sarif"],
        &["diff", "--against", "k8s"],
        &["diff", "--against", "k8s", "--format", "unified"],
        &["diff", "--against", "k8s", "--write"],
        &["lint", "k8s", "--fix", "--unsafe-fixes"],
        &["trace", "k8s"],
        &["explain", "websocket-cut-by-timeout"],
        &["explain", "ladder", "app.toml"],
        &["schema", "app"],
        &["doctor", "k8s", "--print-commands"],
    ] {
        let told = with_network(&scratch(), arguments);
        assert_eq!(without_network(&scratch(), arguments), told, "{arguments:?}");
        assert!(!told.starts_with('2'), "{arguments:?}: {told}");
    }
}

/// What does need one says so.
#[test]
fn a_probe_without_a_network_fails() {
    let told = without_network(&Scratch::new(), &["probe", "http://192.0.2.1/"]);
    assert!(told.starts_with('1') || told.starts_with('2'), "{told}");
    assert!(told.contains("192.0.2.1"), "{told}");
}
