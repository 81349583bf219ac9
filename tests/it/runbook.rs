//! The commands of a runbook, in a shell: read by it, and run with programs that note what they are asked.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::tools::{MINIMAL, Scratch, both, git};

/// An app with everything that names may come from.
const FULL: &str = r#"name = "chat"
namespace = "live"
host = ["chat.example.com", "talk.example.com"]
port = 3000
selector = { app = "chat", "app.kubernetes.io/part-of" = "shop" }

[socketio]
path = "/theia/socket.io/"
server-path = "/socket.io/"

[health]
path = "/healthz"

[names]
service = "chat-service"
ingress = "front"
backend-config = "chat-sessions"

[ingress]
tls = { managed-certificate = true }
"#;

/// The programs that the commands call, each of which notes its arguments, one a line.
const PROGRAMS: [&str; 7] = ["kubectl", "gcloud", "curl", "npm", "node", "sleep", "sioway"];

/// The blocks of a runbook that are for a shell.
fn blocks(runbook: &str) -> Vec<String> {
    let parts = runbook.split("```sh\n").skip(1);
    parts.map(|part| part.split("\n```").next().unwrap().to_owned()).collect()
}

/// Programs that note how they are called, and answer as far as others need it.
fn noting(scratch: &Scratch) {
    for program in PROGRAMS {
        let answer = match program {
            "gcloud" => {
                r#"case "$*" in *list*) printf '%s' '[{"name":"k8s1-a","region":null,"description":"{\"kubernetes.io/service-name\":\"live/chat-service\"}"},{"name":"k8s1-b","region":"https://x/regions/europe-west1","description":"{\"kubernetes.io/service-name\":\"live/chat-service\"}"},{"name":"other","description":"{\"kubernetes.io/service-name\":\"live/other\"}"}]';; esac"#
            }
            "kubectl" => {
                r#"case "$*" in *items*) printf chat-1;; *containers*) printf 'app image\nproxy nginx:1.28\n';; esac"#
            }
            "curl" => r#"printf '0{"sid":"abc"}'"#,
            // What runs in the background has to be noted before it is ended.
            "sleep" => r#"until grep -q '|port-forward|' "${0%/*/*}/noted"; do :; done"#,
            _ => ":",
        };
        let note = scratch.path("noted");
        let script = format!(
            "#!/bin/sh\nline={program}\nfor one in \"$@\"; do line=\"$line|$one\"; done\nprintf '%s\\n' \"$line\" >> '{}'\n{answer}\n",
            note.display()
        );
        scratch.write(&format!("bin/{program}"), &script);
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(scratch.path(&format!("bin/{program}")), mode).unwrap();
    }
}

/// How the programs are called by a block.
fn called(scratch: &Scratch, block: &str) -> String {
    scratch.write("noted", "");
    scratch.write("block.sh", block);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all = scratch.path("bin").into_os_string();
    all.push(":");
    all.push(path);
    let mut shell = Command::new("sh");
    shell.arg("block.sh").current_dir(scratch.path(".")).env("PATH", all);
    let output = shell.output().unwrap();
    // `kill %1` finds the job gone: the programs here end at once.
    let wrong = both(&output);
    assert!(!wrong.contains("not found") && !wrong.contains("yntax"), "{block}\n{wrong}");
    scratch.read("noted")
}

fn is_read(directory: &Path, block: &str) {
    let file = directory.join("read.sh");
    std::fs::write(&file, block).unwrap();
    let output = Command::new("sh").arg("-n").arg(&file).output().unwrap();
    assert!(output.status.success(), "{block}\n{}", both(&output));
}

#[test]
fn every_command_is_one_for_a_shell_and_carries_the_names() {
    let scratch = Scratch::with_app(FULL);
    noting(&scratch);
    let runbook = scratch.ok(&["runbook"]).out;
    let blocks = blocks(&runbook);
    assert_eq!(blocks.len(), sioway::kube::tree::questions().count() + 2, "{runbook}");
    let mut all = String::new();
    for block in &blocks {
        is_read(&scratch.path("."), block);
        if !block.contains("git ") {
            write!(all, "{}", called(&scratch, block)).unwrap();
        }
    }
    for line in [
        "sioway|doctor|app.toml",
        "sioway|probe|https://chat.example.com|--path|/theia/socket.io/",
        "sioway|blame|https://chat.example.com/theia/socket.io/|out/chat",
        "kubectl|-n|live|describe|ingress|front",
        "kubectl|-n|live|get|backendconfig|chat-sessions|-o|yaml",
        "kubectl|-n|live|get|pods|-l|app=chat,app.kubernetes.io/part-of=shop|-o|jsonpath={.items[0].metadata.name}",
        "kubectl|-n|live|port-forward|pod/chat-1|8099:3000",
        "kubectl|-n|live|port-forward|pod/chat-1|8099:8080",
        "kubectl|-n|live|exec|chat-1|-c|proxy|--|nginx|-T",
        "gcloud|compute|backend-services|get-health|k8s1-a|--global|--format=json",
        "gcloud|compute|backend-services|get-health|k8s1-b|--region=europe-west1|--format=json",
        "curl|-sS|-i|http://127.0.0.1:8099/socket.io/?EIO=4&transport=polling",
        "curl|-sS|-i|-H|Host: 10.0.0.1|http://127.0.0.1:8099/healthz",
    ] {
        assert!(all.lines().any(|called| called == line), "{line} is not among\n{all}");
    }
    let handshake = "|https://chat.example.com/theia/socket.io/?EIO=4&transport=polling&sid=abc";
    assert!(all.lines().any(|line| line.ends_with(handshake)), "{all}");
    assert!(!all.contains("get-health|other"), "{all}");
}

#[test]
fn no_placeholder_is_left() {
    for app in [MINIMAL, FULL] {
        let scratch = Scratch::with_app(app);
        let runbook = scratch.ok(&["runbook"]).out;
        for (words, _) in sioway::kube::tree::PLACEHOLDERS {
            for word in words.split(", ") {
                let is_word = |at: usize| {
                    let part = |one: char| one.is_ascii_alphanumeric() || one == '_' || one == '$';
                    let before = runbook[..at].chars().next_back();
                    let after = runbook[at + word.len()..].chars().next();
                    // Variables of the shell are set where they are used.
                    let is_set = after == Some('=') || runbook[..at].ends_with("read -r ");
                    !before.is_some_and(part) && !after.is_some_and(part) && !is_set
                };
                let left = runbook.match_indices(word).find(|(at, _)| is_word(*at));
                assert!(left.is_none(), "{word} in {runbook}");
            }
        }
    }
}

#[test]
fn paths_of_files_are_quoted() {
    let scratch = Scratch::new();
    scratch.write("it's $(touch taken)/app.toml", MINIMAL);
    noting(&scratch);
    let runbook = scratch.ok(&["runbook", "it's $(touch taken)/app.toml"]).out;
    let block = &blocks(&runbook)[0];
    let all = called(&scratch, block);
    assert!(all.lines().any(|line| line == "sioway|doctor|it's $(touch taken)/app.toml"), "{all}");
    assert!(!scratch.path("taken").exists());
}

#[test]
fn the_newest_change_is_taken_back() {
    let scratch = Scratch::with_app(MINIMAL);
    noting(&scratch);
    let git = |arguments: &[&str]| git(&scratch.path("."), arguments);
    git(&["init", "--quiet"]);
    git(&["config", "user.name", "a"]);
    git(&["config", "user.email", "a@example.com"]);
    for text in [MINIMAL, &format!("{MINIMAL}\n[session]\nmax-age = \"1h\"\n")] {
        scratch.write("app.toml", text);
        scratch.ok(&["render"]);
        git(&["add", "app.toml", "out"]);
        git(&["commit", "--quiet", "--message", "change"]);
    }
    assert!(scratch.read("out/chat/backendconfig.yaml").contains("timeoutSec: 3600"));
    let runbook = scratch.ok(&["runbook"]).out;
    let block = blocks(&runbook).pop().unwrap().replace("git push", "");
    called(&scratch, &block);
    assert!(scratch.read("out/chat/backendconfig.yaml").contains("timeoutSec: 86400"));
    scratch.ok(&["render", "--check"]);
}
