//! By the programs themselves: a real kubectl that asks a small API server, and programs that fail in each way.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Examined, documents, examined, scratch};
use crate::lab::bench::{Running, free_port, start};
use crate::tools::{Scratch, tool};

/// An app beside a directory of programs, which alone is on the PATH.
pub(super) struct Bench {
    pub(super) scratch: Scratch,
}

impl Bench {
    pub(super) fn new() -> Self {
        let scratch = scratch();
        fs::create_dir(scratch.path("bin")).unwrap();
        Self { scratch }
    }

    /// A program of our own, in the language of the shell; what it is called with goes to the file `calls`.
    pub(super) fn program(&self, name: &str, script: &str) -> &Self {
        let calls = self.scratch.path("calls");
        let text = format!(
            "#!/bin/sh\nPATH=/usr/bin:/bin\necho \"{name} $*\" >> '{}'\ncd '{}'\n{script}\n",
            calls.display(),
            self.scratch.path("").display()
        );
        self.scratch.write(&format!("bin/{name}"), &text);
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// The real kubectl, and an API server for it to ask.
    fn real_kubectl(&self, more: &Value) -> Running {
        std::os::unix::fs::symlink(kubectl(), self.path("kubectl")).unwrap();
        let items: Vec<Value> = documents(&self.scratch, "cluster.json")
            .iter()
            .flat_map(|one| one["items"].as_array().unwrap().clone())
            .collect();
        self.scratch.write("objects.json", &json!({ "items": items }).to_string());
        let port = free_port();
        let mut options = json!({
            "host": "127.0.0.1", "port": port, "objects": self.scratch.path("objects.json"),
        });
        options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let running = start("api.js", &options.to_string());
        self.scratch.write("kubeconfig", &kubeconfig(port));
        running
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path("bin").join(name)
    }

    pub(super) fn command(&self, more: &[&str]) -> Command {
        let call = ["doctor", "app.toml", "--against", "out/chat"];
        let mut command = self.scratch.command(&[&call[..], more].concat());
        command.env("PATH", self.scratch.path("bin")).env("HOME", self.scratch.path(""));
        command.env("KUBECONFIG", self.scratch.path("kubeconfig"));
        command
    }

    pub(super) fn examine(&self, more: &[&str]) -> Examined {
        examined(&mut self.command(&[&["--skip", "endpoint"][..], more].concat()))
    }

    pub(super) fn calls(&self) -> String {
        self.scratch.read("calls")
    }
}

/// What leads kubectl to an API server on loopback, as to a cluster of GKE.
pub(crate) fn kubeconfig(port: u16) -> String {
    let name = "gke_shop-prod_europe-west1_main";
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {name}\n\
         contexts: [{{name: {name}, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\n\
         users: [{{name: u, user: {{}}}}]\n"
    )
}

/// kubectl itself: a link by its name may be to a script that finds its files beside itself.
fn kubectl() -> PathBuf {
    fs::canonicalize(tool("kubectl", "kubectl/kubectl")).unwrap()
}

/// What gcloud prints, from the read-out: each array for the request that it answers.
pub(crate) const GCLOUD: &str = "\
part() { python3 -c \"import json, sys
text, all, at = open('cloud.json').read(), [], 0
while text[at:].strip():
  at += len(text[at:]) - len(text[at:].lstrip())
  one, at = json.JSONDecoder().raw_decode(text, at)
  all.append(one)
print(json.dumps(all[$1]))\"; }
case \"$*\" in
  *'backend-services list'*) part 0 ;;
  *'health-checks list'*) part 1 ;;
  *'url-maps list'*) part 2 ;;
  *'network-endpoint-groups list'*) part 3 ;;
  *'get-health'*) part 4 ;;
  *) echo 'ERROR: (gcloud) what is this?' >&2; exit 2 ;;
esac";

#[test]
fn a_healthy_app_passes_by_the_programs_too() {
    let bench = Bench::new();
    let _api = bench.real_kubectl(&json!({}));
    bench.program("gcloud", GCLOUD);
    let examined = bench.examine(&[]);
    assert_eq!((examined.bad(), examined.status), (vec![], 0), "{}", examined.told());
    let asked = &examined.document["asked"];
    assert_eq!(asked["cluster"], "context gke_shop-prod_europe-west1_main, namespace shop");
    assert_eq!(asked["cloud"], "project shop-prod");
    let calls = bench.calls();
    assert!(
        calls.contains("compute backend-services get-health k8s1-5f0c1d2e-shop-chat-80-"),
        "{calls}"
    );
    assert!(!calls.contains("shop-site"), "only its own: {calls}");
    assert!(calls.lines().all(|line| line.contains("--project=shop-prod")), "{calls}");
}

#[test]
fn what_is_printed_saves_what_is_read() {
    let bench = Bench::new();
    let _api = bench.real_kubectl(&json!({}));
    bench.program("gcloud", GCLOUD);
    let run = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let lines = run(&mut bench.command(&["--print-commands", "--project", "shop-prod"]));
    assert!(lines.lines().count() > 4 && !lines.contains("secret"), "{lines}");
    let expected = bench.examine(&[]);
    fs::rename(bench.scratch.path("cloud.json"), bench.scratch.path("source.json")).unwrap();
    bench.program("gcloud", &GCLOUD.replace("cloud.json", "source.json"));
    let mut shell = Command::new("/bin/sh");
    shell.args(["-ec", &lines]).current_dir(bench.scratch.path(""));
    shell
        .env("KUBECONFIG", bench.scratch.path("kubeconfig"))
        .env("PATH", bench.scratch.path("bin"));
    run(&mut shell);
    let saved = super::by_read_outs(&bench.scratch, &super::HEALTHY);
    assert_eq!(saved.bad(), [""; 0], "{}", saved.told());
    for check in expected.checks() {
        let id = check["id"].as_str().unwrap();
        // Whose health is asked for is known only when the backend services are.
        if !id.ends_with("-answers") && id != "cloud-health" && id != "reachable" {
            assert_eq!(saved.check(id), check);
        }
    }
}

/// A cluster may have no Gateways, no certificates of Google's, and keep Ingresses to itself.
#[test]
fn what_is_printed_saves_what_there_is() {
    let bench = Bench::new();
    let lacking = json!({ "forbidden": ["ingresses"], "unknown": ["managedcertificates"] });
    let _api = bench.real_kubectl(&lacking);
    let lines = bench.command(&["--print-commands", "--namespace", "shop"]).output().unwrap();
    let lines = String::from_utf8(lines.stdout).unwrap();
    let of_cluster = |line: &&str| line.starts_with("kubectl ");
    let lines: Vec<&str> = lines.lines().filter(of_cluster).collect();
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &lines.join("\n")]).current_dir(bench.scratch.path(""));
    shell.env("KUBECONFIG", bench.scratch.path("kubeconfig"));
    let output = shell.env("PATH", bench.scratch.path("bin")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    for part in ["doesn't have a resource type \"managedcertificates\"", "is forbidden"] {
        assert!(said.contains(part), "{said}");
    }
    let saved = super::by_read_outs(&bench.scratch, &["--cluster", "cluster.json"]);
    assert_eq!(saved.check("cluster-attached")["status"], "pass", "{}", saved.told());
    for id in ["cluster-ingress", "cluster-certificate"] {
        assert_eq!(saved.check(id)["status"], "skip", "{}", saved.told());
    }
    let unknown = saved.evidence("cluster-objects");
    assert!(unknown.starts_with("nobody knows: "), "{unknown}");
}

#[test]
fn what_may_not_be_read_is_not_called_missing() {
    let bench = Bench::new();
    let forbidden =
        json!({ "forbidden": ["ingresses", "events"], "unknown": ["managedcertificates"] });
    let _api = bench.real_kubectl(&forbidden);
    let examined = bench.examine(&["--skip", "cloud"]);
    let answers = examined.check("cluster-answers");
    assert_eq!(answers["status"], "warn");
    let said = answers["evidence"].as_str().unwrap();
    assert!(
        said.ends_with(
            "in part: reading events is forbidden; reading ingresses is forbidden; the cluster knows no \
             ManagedCertificate"
        ),
        "{said}"
    );
    assert!(!said.contains("me@example.com"));
    assert_eq!(
        examined.evidence("cluster-objects"),
        "not there: ManagedCertificate `chat`, out/chat/managedcertificate.yaml:5:9"
    );
    for id in ["cluster-ingress", "cluster-sessions", "cluster-events"] {
        assert_eq!(examined.check(id)["status"], "skip", "{id}");
    }
    assert_eq!(examined.check("cluster-attached")["status"], "pass");
}

#[test]
fn what_failed_without_a_name_is_not_called_missing() {
    let bench = Bench::new();
    let mut all = documents(&bench.scratch, "cluster.json");
    all[0]["items"].as_array_mut().unwrap().retain(|one| one["kind"] != "BackendConfig");
    super::write(&bench.scratch, "some.json", &all[..1]);
    let forbidden = "Error from server (Forbidden): events is forbidden: User \"me\" cannot list resource \"events\"";
    let other = "Error from server (InternalError): conversion webhook failed: Bearer hunter2";
    let script = format!(
        "case \"$*\" in *configmaps*) exit 0;; esac; cat some.json; echo {} >&2; echo {} >&2; exit 1",
        quoted(forbidden),
        quoted(other)
    );
    bench.program("kubectl", &script);
    let examined = bench.examine(&["--skip", "cloud"]);
    let said = examined.evidence("cluster-answers");
    assert!(said.contains("conversion webhook failed") && !said.contains("hunter2"), "{said}");
    assert!(examined.evidence("cluster-objects").starts_with("nobody knows: "), "{said}");
    assert_eq!(examined.status, 0, "{}", examined.told());
}

#[test]
fn nothing_at_all_may_be_read() {
    let bench = Bench::new();
    let all = [
        "services",
        "events",
        "configmaps",
        "deployments",
        "statefulsets",
        "endpointslices",
        "ingresses",
        "horizontalpodautoscalers",
        "poddisruptionbudgets",
        "backendconfigs",
        "frontendconfigs",
        "managedcertificates",
    ];
    let _api = bench.real_kubectl(&json!({ "forbidden": all }));
    unchecked(&bench.examine(&["--skip", "cloud"]), "cluster-answers", "reading is forbidden");
    unchecked(
        &bench.examine(&["--skip", "cloud", "--context", "nope"]),
        "cluster-answers",
        "the kubeconfig has no such context",
    );
    fs::remove_file(bench.scratch.path("kubeconfig")).unwrap();
    let none = bench.examine(&["--skip", "cloud"]);
    let said = none.evidence("cluster-answers");
    assert!(
        said.contains("kubectl knows of no cluster") || said.contains("is not reached"),
        "{said}"
    );
}

/// The layer was not checked, for this reason, and nothing else is claimed of it.
#[track_caller]
fn unchecked(examined: &Examined, id: &str, why: &str) {
    let check = examined.check(id);
    assert_eq!(check["status"], "skip", "{check}");
    let seen = check["evidence"].as_str().unwrap();
    assert!(seen.starts_with(&format!("not checked: {why}")), "{seen}");
    let layer = &check["layer"];
    let of_layer = examined.ids(|one| one["layer"] == *layer);
    assert_eq!(of_layer, [id]);
    assert_eq!(examined.status, 0, "{}", examined.told());
}

#[test]
fn programs_that_are_not_there() {
    let bench = Bench::new();
    let examined = bench.examine(&[]);
    unchecked(&examined, "cluster-answers", "`kubectl` is not installed: it is not on the PATH");
    unchecked(&examined, "cloud-answers", "`gcloud` is not installed: it is not on the PATH");
    let text = bench.command(&["--skip", "endpoint"]).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("  kubectl --namespace shop get services,"), "{text}");
    assert!(
        text.contains("  gcloud compute url-maps list --format=json >> cloud.json\n"),
        "{text}"
    );
}

#[test]
fn programs_that_complain() {
    for (program, stderr, why) in [
        (
            "kubectl",
            "error: You must be logged in to the server (Unauthorized)",
            "the cluster does not take kubectl's login",
        ),
        (
            "kubectl",
            "Unable to connect to the server: dial tcp 192.0.2.1:443: i/o timeout",
            "the cluster is not reached",
        ),
        (
            "kubectl",
            "Unable to connect to the server: getting credentials: exec: executable gke-gcloud-auth-plugin not found",
            "kubectl lacks the plugin that logs in to GKE",
        ),
        ("kubectl", "", "`kubectl` failed, and did not say why"),
        (
            "gcloud",
            "ERROR: (gcloud.compute.backend-services.list) You do not currently have an active account selected.",
            "gcloud is not logged in",
        ),
        (
            "gcloud",
            "ERROR: (gcloud) The required property [project] is not currently set.",
            "no project is chosen",
        ),
        (
            "gcloud",
            "ERROR: (gcloud) Required 'compute.backendServices.list' permission for 'projects/p'",
            "reading is forbidden",
        ),
    ] {
        let bench = Bench::new();
        bench.program(program, &format!("echo {} >&2; exit 1", quoted(stderr)));
        let id = if program == "kubectl" { "cluster-answers" } else { "cloud-answers" };
        unchecked(&bench.examine(&[]), id, why);
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[test]
fn programs_that_print_something_else() {
    let bench = Bench::new();
    bench
        .program("kubectl", "echo '<html>hunter2</html>'")
        .program("gcloud", "echo '{\"hunter2\": '");
    let examined = bench.examine(&[]);
    unchecked(
        &examined,
        "cluster-answers",
        "what `kubectl` printed cannot be read: it is neither JSON nor YAML",
    );
    unchecked(&examined, "cloud-answers", "what `gcloud` printed cannot be read: it is no JSON");
    assert!(!examined.document.to_string().contains("hunter2"));
    bench.program("gcloud", "exit 0");
    let silent = bench.examine(&["--skip", "cluster"]);
    unchecked(&silent, "cloud-answers", "what `gcloud` printed cannot be read: it is empty");
    bench.program("gcloud", "echo '[]'");
    let empty = bench.examine(&["--skip", "cluster", "--project", "p"]);
    unchecked(&empty, "cloud-answers", "project p holds no backend service at all");
    bench.program("kubectl", "printf '\\377'");
    let odd = bench.examine(&["--skip", "cloud"]);
    unchecked(&odd, "cluster-answers", "`kubectl` printed what is no UTF-8 text");
    bench.program("gcloud", "exec >&- 2>&-; sleep 100");
    let silent = bench.examine(&["--skip", "cluster", "--timeout", "1s"]);
    unchecked(&silent, "cloud-answers", "`gcloud` gave no answer within 1 s");
}

#[test]
fn programs_that_hang_are_ended_with_their_children() {
    let bench = Bench::new();
    let script = "sleep 100 & echo $! >> pids; wait";
    bench.program("kubectl", script).program("gcloud", script);
    let examined = bench.examine(&["--timeout", "3s"]);
    unchecked(&examined, "cluster-answers", "`kubectl` gave no answer within 3 s");
    unchecked(&examined, "cloud-answers", "`gcloud` gave no answer within 3 s");
    let runs =
        |pid: &str| Command::new("kill").args(["-0", pid]).output().unwrap().status.success();
    let pids = bench.scratch.read("pids");
    let end = Instant::now() + Duration::from_secs(20);
    while pids.lines().any(runs) && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(pids.lines().count() > 1 && !pids.lines().any(runs), "{pids}");
}

#[test]
fn nothing_is_asked_but_to_read() {
    let bench = Bench::new();
    bench.program("kubectl", "echo '{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[]}'");
    bench.program("gcloud", GCLOUD);
    bench.examine(&["--context", "c", "--project", "p"]);
    let calls = bench.calls();
    let reads = |line: &str| {
        let mut words = line.split(' ');
        words.any(|word| {
            ["get", "list", "get-health", "current-context", "get-value"].contains(&word)
        })
    };
    assert!(calls.lines().count() > 5 && calls.lines().all(reads), "{calls}");
    assert!(!calls.contains("secret"), "{calls}");
    let of = |program| calls.lines().filter(move |line| line.starts_with(program));
    assert!(
        of("kubectl").all(|line| line.contains("--context c") && line.contains("--namespace shop"))
    );
    assert!(of("gcloud").all(|line| line.contains("--project=p")));
    fs::remove_file(bench.scratch.path("calls")).unwrap();
    bench.examine(&["--cluster", "cluster.json"]);
    assert!(!bench.scratch.path("calls").exists(), "who gives read-outs wants nobody asked");
}
