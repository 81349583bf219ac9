//! The incident, from the first 400 to the last: three pods, and a BackendConfig that no Service names. Each command is
//! run as a person would, on the same files and against real processes; what they print is in `docs/incident.md`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::bench::{Nginx, Running, Version, free_port, nginx_conf, server, start};
use super::{MEGABYTE, settings};
use crate::diff::existing;
use crate::documents::hold;
use crate::tools::{MINIMAL, Run, Scratch};

const ATTACHED: &str = "    cloud.google.com/backend-config: '{\"default\":\"chat\"}'\n";

/// The files of the app, as somebody wrote them who forgot one line.
fn repository() -> Scratch {
    let scratch = Scratch::with_app(&format!("{MINIMAL}replicas = 3\n"));
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
    fn balancer(&self, files: &Scratch, port: u16) -> Running {
        let names = files
            .read("k8s/service.yaml")
            .contains("cloud.google.com/backend-config: '{\"default\":\"chat\"}'");
        let keeps = files.read("k8s/backendconfig.yaml").contains("affinityType: CLIENT_IP");
        let (affinity, cut) = if names && keeps { ("client-ip", 0) } else { ("random", 30_000) };
        let options = json!({
            "port": port, "pods": self.ports, "affinity": affinity, "cache": "off", "cut": cut, "health": "/health",
        });
        start("balancer.js", &options.to_string())
    }
}

/// What is told: the commands, and of their output the lines that are the same on each run.
#[derive(Default)]
struct Story(String);

impl Story {
    fn tell(&mut self, command: &str, out: &str, wanted: &[&str]) {
        writeln!(self.0, "$ {command}").unwrap();
        let told = |line: &&str| wanted.iter().any(|part| line.contains(part));
        out.lines().filter(told).for_each(|line| writeln!(self.0, "{line}").unwrap());
        self.0.push('\n');
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
    story: Story,
}

const PROBE: &str = "sioway probe http://chat.example.com";
const BLAME: [&str; 5] = ["blame", "probe.json", "k8s", "--replicas", "3"];

impl Incident {
    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What was printed, with the name that the app has elsewhere.
    fn shown(&self, text: &str) -> String {
        text.replace(&self.url(), "http://chat.example.com")
    }

    fn probe(&self, more: &[&str]) -> Run {
        let url = self.url();
        let host = ["probe", &url, "--header", "Host: chat.example.com"];
        self.files.run(&[&host[..], more].concat())
    }

    /// Saves what a probe saw.
    fn save(&mut self) -> Value {
        let probed = self.probe(&["--format", "json"]);
        self.files.write("probe.json", &self.shown(&probed.out));
        self.story.tell(&format!("{PROBE} --format json > probe.json"), "", &[]);
        document(&probed.out)
    }

    /// The probe measures how many requests are lost.
    fn measured(&mut self) -> Value {
        let told = self.probe(&["--quick"]);
        assert_eq!(told.status, 1, "{}{}", told.out, told.err);
        let text = self.shown(&told.out);
        self.story.tell(&format!("{PROBE} --quick"), &text, &["opened it [sessions]"]);
        let seen = self.save();
        assert_eq!(entry(&seen["checks"], "id", "sessions")["status"], "fail", "{seen:#}");
        seen
    }

    /// The files foretell it.
    fn foretold(&mut self) {
        let traced = self.files.run(&["trace", "k8s", "--replicas", "3"]);
        assert_eq!(traced.status, 1, "{}", traced.err);
        let lost = "`400 {\"code\":1,\"message\":\"Session ID unknown\"}` in 2 of 3 tries";
        assert!(traced.out.contains(lost), "{}", traced.out);
        let parts = ["ok  ", "FAULT", "first fault"];
        self.story.tell("sioway trace k8s --replicas 3", &traced.out, &parts);
    }

    /// The line is named, and it is the only one.
    fn blamed(&mut self, seen: &Value) {
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
        let text = self.files.run(&BLAME);
        assert_eq!(text.status, 1);
        let parts = ["to blame", "1. k8s/", "fits [sessions]: `400", "do:", "\"chat\"}'`"];
        self.story.tell("sioway blame probe.json k8s --replicas 3", &text.out, &parts);
    }

    /// One line more is written.
    fn repaired(&mut self) {
        let before = self.files.read("k8s/service.yaml").lines().count();
        let written = self.files.run(&["diff", "--against", "k8s", "--write"]);
        assert_eq!(written.status, 0, "{}{}", written.out, written.err);
        assert_eq!(self.files.read("k8s/service.yaml").lines().count(), before + 1);
        self.story.tell("sioway diff --against k8s --write", &written.err, &["changed"]);
    }

    /// Nothing is lost any more.
    fn over(&mut self) {
        let probed = self.probe(&[]);
        assert_eq!(probed.status, 0, "{}{}", probed.out, probed.err);
        let text = self.shown(&probed.out);
        self.story.tell(PROBE, &text, &["✓", "passed"]);
        self.save();
        let text = self.files.run(&BLAME);
        assert_eq!(text.status, 0, "{}", text.out);
        let parts = ["no check failed"];
        self.story.tell("sioway blame probe.json k8s --replicas 3", &text.out, &parts);
    }
}

#[test]
fn from_the_first_400_to_the_last() {
    let (files, pods) = (repository(), Pods::start());
    let mut incident = Incident { files, pods, port: free_port(), story: Story::default() };
    let balancer = incident.pods.balancer(&incident.files, incident.port);
    let seen = incident.measured();
    incident.foretold();
    incident.blamed(&seen);
    incident.repaired();
    drop(balancer);
    let _balancer = incident.pods.balancer(&incident.files, incident.port);
    incident.over();
    let story = incident.story.0.trim_end();
    hold("docs/incident.md", "story", &format!("```text\n{story}\n```\n"));
}
