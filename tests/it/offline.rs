//! Nothing but `probe`, `doctor` and `blame` of a URL needs a network: all else does the same where there is none.

use std::collections::BTreeSet;
use std::fs::File;
use std::process::Command;

use clap::CommandFactory as _;

use crate::tools::{MINIMAL, Scratch, both};

/// Each command, with calls that do not need a network. What `Cli` knows and this does not, fails.
const CALLS: &[(&str, &[&[&str]])] = &[
    ("init", &[&["chat"], &["--from", "k8s"]]),
    ("render", &[&["-o", "-"], &["--check", "-o", "k8s"], &["-o", "new"], &["--prune"]]),
    (
        "diff",
        &[
            &["--against", "k8s"],
            &["--against", "k8s", "--format", "unified"],
            &["--against", "k8s", "--format", "html"],
            &["--against", "k8s", "--write"],
            &["--against", "remote"],
        ],
    ),
    (
        "lint",
        &[
            &["k8s"],
            &["k8s", "--format", "sarif"],
            &["k8s", "--fix", "--unsafe-fixes"],
            &["k8s", "--output", "html:report.html", "--exit-zero"],
            &["remote"],
        ],
    ),
    ("external-diff", &[&["k8s", "k8s"]]),
    ("krm", &[&[]]),
    ("trace", &[&["k8s"], &["app.toml"]]),
    ("graph", &[&["k8s", "--format", "svg"]]),
    ("probe", &[]),
    ("blame", &[&["probe.json", "k8s"]]),
    ("doctor", &[&["k8s", "--print-commands"], &["k8s", "--cluster", "cluster.json"]]),
    ("explain", &[&["websocket-cut-by-timeout"], &["ladder", "app.toml"]]),
    ("runbook", &[&["app.toml"]]),
    ("schema", &[&["app"], &["findings"]]),
    ("profiles", &[&["list"], &["eject", "own"]]),
    ("templates", &[&["list"], &["eject", "own"]]),
    ("completions", &[&["bash"]]),
    ("man", &[&[]]),
];

/// Runs in a network namespace without interfaces, or in that of the test.
fn run(scratch: &Scratch, arguments: &[&str], has_network: bool) -> String {
    let mut command = if has_network {
        Command::new(env!("CARGO_BIN_EXE_sioway"))
    } else {
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--net", env!("CARGO_BIN_EXE_sioway")]);
        unshare
    };
    let stdin = File::open(scratch.path("ResourceList.yaml")).unwrap();
    let output = command
        .args(arguments)
        .current_dir(scratch.path(""))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .stdin(stdin)
        .output()
        .unwrap();
    format!("{}\n{}", output.status.code().unwrap(), both(&output))
}

/// An app, manifests of it with a fault, and what others would fetch from elsewhere.
fn scratch() -> Scratch {
    let scratch = Scratch::with_app(MINIMAL);
    scratch.ok(&["render", "-o", "k8s"]);
    let service = scratch.read("k8s/service.yaml").replace("backend-config", "backendconfig");
    scratch.write("k8s/service.yaml", &service);
    scratch.write("remote/kustomization.yaml", "resources: [https://192.0.2.1/base?ref=main]\n");
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n";
    scratch.write("ResourceList.yaml", list);
    let object = "{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"chat\", \"namespace\": \"default\"}}\n";
    scratch.write("cluster.json", object);
    let evidence = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cmd/blame.in/probe.json");
    std::fs::copy(evidence, scratch.path("probe.json")).unwrap();
    scratch
}

#[test]
fn every_command_is_among_the_calls() {
    let known: BTreeSet<&str> = CALLS.iter().map(|(name, _)| *name).collect();
    let cli = sioway::cli::Cli::command();
    let all: BTreeSet<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
    assert_eq!(known, all);
    let without: Vec<&str> =
        CALLS.iter().filter(|(_, calls)| calls.is_empty()).map(|(name, _)| *name).collect();
    assert_eq!(without, ["probe"], "only a probe always needs a network");
}

#[test]
fn commands_say_the_same_without_a_network() {
    for (name, calls) in CALLS {
        for call in *calls {
            let arguments = [&[*name], *call].concat();
            let is_first = arguments == ["init", "chat"] || arguments == ["init", "--from", "k8s"];
            let prepared = || {
                let scratch = scratch();
                if is_first {
                    std::fs::remove_file(scratch.path("app.toml")).unwrap();
                }
                scratch
            };
            let told = run(&prepared(), &arguments, true);
            assert_eq!(run(&prepared(), &arguments, false), told, "{arguments:?}");
            let is_refused = call.contains(&"remote") && *name == "diff";
            assert_eq!(told.starts_with('2'), is_refused, "{arguments:?}: {told}");
        }
    }
}

/// What does need one says so.
#[test]
fn without_a_network_a_probe_fails_and_says_why() {
    for arguments in [
        &["probe", "http://192.0.2.1/"][..],
        &["blame", "http://192.0.2.1/", "k8s"],
        &["doctor", "k8s", "--url", "http://192.0.2.1/", "--skip", "cluster", "--skip", "cloud"],
    ] {
        let told = run(&scratch(), arguments, false);
        assert!(told.starts_with('1') || told.starts_with('2'), "{arguments:?}: {told}");
        assert!(told.contains("192.0.2.1"), "{arguments:?}: {told}");
    }
}
