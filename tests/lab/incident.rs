//! The incident, from the first 400 to the last: three pods, and a BackendConfig that no Service names. The guide
//! `docs/guides/incident.md` is followed by a person on call: each command on the same files and against real processes.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::bench::{Nginx, Running, Version, free_port, nginx_conf, server, start};
use super::{MEGABYTE, readout, settings};
use crate::diff::existing;
use crate::doctor::programs::{GCLOUD, kubeconfig};
use crate::tools::{MINIMAL, Run, Scratch};
use crate::transcripts::follow::follow;
use crate::transcripts::shell::Shell;

const ATTACHED: &str = "    cloud.google.com/backend-config: '{\"default\":\"chat\"}'\n";

const WORKLOAD: &str = "\n[workload]\nimage = \"registry.example.com/chat:7\"\n";

/// The files of the app, as somebody wrote them who forgot one line.
fn repository() -> Scratch {
    let scratch = Scratch::with_app(&format!("{MINIMAL}replicas = 3\n{WORKLOAD}"));
    existing(&scratch);
    let service = scratch.read("k8s/service.yaml");
    let comment =
        "    # Read here, never from the Ingress: without it the load balancer keeps no session.\n";
    let broken = service.replace(&format!("{comment}{ATTACHED}"), "");
    assert!(broken.len() < service.len(), "{service}");
    scratch.write("k8s/service.yaml", &broken);
    scratch
}

/// A server and an nginx, three times.
struct Pods {
    _processes: Vec<(Running, Nginx)>,
    ports: Vec<u16>,
}

impl Pods {
    fn start() -> Self {
        let pod = |pod| {
            let (port, listen) = (free_port(), free_port());
            let server = server("127.0.0.1", port, "/socket.io/", MEGABYTE, pod);
            let conf = nginx_conf("minimal", &settings(port, listen));
            ((server, Nginx::start(Version::Distribution, &conf, listen)), listen)
        };
        let (processes, ports) = (0..3).map(pod).unzip();
        Self { _processes: processes, ports }
    }

    /// The load balancer, as the controller makes it of the files: what no Service names is not in force.
    fn balancer(&self, k8s: &Path, port: u16) -> Running {
        let read = |name| fs::read_to_string(k8s.join(name)).unwrap();
        let names = read("service.yaml")
            .contains("cloud.google.com/backend-config: '{\"default\":\"chat\"}'");
        let keeps = read("backendconfig.yaml").contains("affinityType: CLIENT_IP");
        let (affinity, cut) = if names && keeps { ("client-ip", 0) } else { ("random", 30_000) };
        let options = json!({
            "port": port, "pods": self.ports, "affinity": affinity, "cache": "off", "cut": cut, "health": "/health",
        });
        start("balancer.js", &options.to_string())
    }
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn entry<'d>(list: &'d Value, key: &str, value: &str) -> &'d Value {
    let all = list.as_array().unwrap();
    all.iter().find(|one| one[key] == value).unwrap_or_else(|| panic!("no {value}: {list:#}"))
}

/// The share of requests that were lost, as the probe counted them.
fn lost_of(seen: &Value) -> f64 {
    let said = entry(&seen["checks"], "id", "sessions")["evidence"].as_str().unwrap();
    let numbers = said.split(", ").nth(1).unwrap().split(' ');
    let numbers: Vec<f64> = numbers.filter_map(|word| word.parse().ok()).collect();
    numbers[0] / numbers[1]
}

/// Where it happens.
struct Incident {
    files: Scratch,
    pods: Pods,
    port: u16,
}

const BLAME: [&str; 3] = ["blame", "probe.json", "k8s"];

impl Incident {
    fn new() -> Self {
        Self { files: repository(), pods: Pods::start(), port: free_port() }
    }

    /// What a probe sees, which is saved.
    fn probe(&self, status: i32) -> Value {
        let connect = format!("127.0.0.1:{}", self.port);
        let call = ["probe", "http://chat.example.com", "--connect", &connect, "--format", "json"];
        let run = self.files.run(&call);
        assert_eq!(run.status, status, "{}{}", run.out, run.err);
        self.files.write("probe.json", &run.out);
        document(&run.out)
    }

    fn balancer(&self) -> Running {
        self.pods.balancer(&self.files.path("k8s"), self.port)
    }

    /// The files foretell it.
    fn foretold(&self) {
        let traced = self.files.run(&["trace", "k8s"]);
        assert_eq!(traced.status, 1, "{}", traced.err);
        let lost = "`400 {\"code\":1,\"message\":\"Session ID unknown\"}` in 2 of 3 tries";
        assert!(traced.out.contains(lost), "{}", traced.out);
    }

    /// The line is named, and it is the only one.
    fn blamed(&self, seen: &Value) {
        let blame = document(&self.files.run(&[&BLAME[..], &["--format", "json"]].concat()).out);
        let candidates = blame["candidates"].as_array().unwrap();
        assert_eq!(candidates.len(), 1, "{blame:#}");
        let first = &candidates[0];
        let found = ["kind", "rule", "file"].map(|key| first[key].as_str().unwrap());
        let wanted = ["in-files", "backendconfig-not-attached", "k8s/service.yaml"];
        assert_eq!(found, wanted, "{blame:#}");
        let measured = entry(&first["explains"], "check", "sessions");
        let foretold = measured["predicted"].as_str().unwrap();
        assert!(foretold.ends_with("in 2 of 3 tries"), "{measured:#}");
        let share = lost_of(seen);
        assert!((share - 2.0 / 3.0).abs() < 0.25, "{share} of the requests were lost");
        let mut symptoms = blame["symptoms"].as_array().unwrap().iter();
        assert!(symptoms.all(|one| one["explained"] == true), "{blame:#}");
    }

    /// One line more is written.
    fn repaired(&self) {
        let before = self.files.read("k8s/service.yaml").lines().count();
        self.files.ok(&["diff", "--against", "k8s", "--write"]);
        assert_eq!(self.files.read("k8s/service.yaml").lines().count(), before + 1);
    }
}

#[test]
fn from_the_first_400_to_the_last() {
    let incident = Incident::new();
    let balancer = incident.balancer();
    let seen = incident.probe(1);
    assert_eq!(entry(&seen["checks"], "id", "sessions")["status"], "fail", "{seen:#}");
    incident.foretold();
    incident.blamed(&seen);
    incident.repaired();
    drop(balancer);
    let _balancer = incident.balancer();
    incident.probe(0);
    let Run { status, out, .. } = incident.files.run(&BLAME);
    assert!(status == 0 && out.contains("no check failed"), "{out}");
}

/// The programs of whoever is on call: they ask what runs.
fn on_call(incident: &Incident) -> Shell {
    let mut shell = Shell::new();
    fs::write(shell.path("app.toml"), incident.files.read("app.toml")).unwrap();
    for name in incident.files.list("k8s") {
        shell.write(&format!("k8s/{name}"), &incident.files.read(&format!("k8s/{name}")));
    }
    let sioway = env!("CARGO_BIN_EXE_sioway");
    let port = incident.port;
    shell.program(
        "sioway",
        &format!(
            "case $1 in probe | doctor) set -- \"$@\" --connect 127.0.0.1:{port} ;; esac\nexec '{sioway}' \"$@\""
        ),
    );
    let saved = incident.files.path("");
    shell.program("gcloud", &format!("cd '{}'\n{GCLOUD}", saved.display()));
    shell.set("KUBECONFIG", incident.files.path("kubeconfig").to_str().unwrap());
    shell
}

/// What Argo CD applies, and what the controller makes of it: the cluster, the load balancer, and what tells of them.
fn applied(incident: &Incident, shell: &Shell) -> [Running; 2] {
    let k8s = shell.path("k8s");
    let mut names: Vec<_> = fs::read_dir(&k8s).unwrap().map(|one| one.unwrap().path()).collect();
    names.sort();
    let texts: Vec<String> = names.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let [cluster, cloud] = readout::of(&texts.join("---\n"), &incident.pods.ports);
    incident.files.write("cluster.json", &cluster);
    incident.files.write("cloud.json", &cloud);
    let port = free_port();
    incident.files.write("kubeconfig", &kubeconfig(port));
    let objects = incident.files.path("cluster.json");
    let options = json!({ "host": "127.0.0.1", "port": port, "objects": objects });
    [start("api.js", &options.to_string()), incident.pods.balancer(&k8s, incident.port)]
}

#[test]
fn the_guide_is_followed() {
    let incident = Incident::new();
    let shell = on_call(&incident);
    let mut running = Vec::new();
    let wrong = follow("docs/guides/incident.md", &shell, |event, shell| {
        assert_eq!(event, "applied");
        running.clear();
        running.extend(applied(&incident, shell));
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
