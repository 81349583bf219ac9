//! `sioway external-diff`, as kubectl and Argo CD call it: kubectl itself, against an API server of a few lines.

use std::cell::Cell;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::edits::texts::Dice;
use crate::restyled::{flow, restyled};
use crate::specs::app_toml;
use crate::tools::{MINIMAL, Run, Scratch, python, root, tool};

/// The objects that an app renders to, which are in `rendered` too.
fn objects(scratch: &Scratch) -> Option<Vec<Value>> {
    if scratch.run(&["render", "-o", "rendered"]).status != 0 {
        return None;
    }
    std::fs::remove_file(scratch.path("rendered/.sioway.lock")).unwrap();
    std::fs::remove_file(scratch.path("rendered/kustomization.yaml")).unwrap();
    // The rest is for Google Cloud.
    let names = scratch.list("rendered").into_iter().filter(|name| name.ends_with("yaml"));
    let read = |name| serde_yaml::from_str(&scratch.read(&format!("rendered/{name}"))).unwrap();
    Some(names.map(read).collect())
}

/// Writes objects as kubectl does: one a file, under its name, without an extension.
fn side(scratch: &Scratch, directory: &str, objects: &[Value]) {
    let _ = std::fs::remove_dir_all(scratch.path(directory));
    std::fs::create_dir_all(scratch.path(directory)).unwrap();
    for one in objects {
        let metadata = &one["metadata"];
        let word = |value: &Value| value.as_str().unwrap_or_default().replace('/', ".");
        let (api, kind, name) =
            (word(&one["apiVersion"]), word(&one["kind"]), word(&metadata["name"]));
        let file = format!("{directory}/{api}.{kind}.{}.{name}", word(&metadata["namespace"]));
        scratch.write(&file, &(flow(one) + "\n"));
    }
}

fn compared(live: &[Value], merged: &[Value]) -> Run {
    let scratch = Scratch::new();
    side(&scratch, "LIVE-1", live);
    side(&scratch, "MERGED-2", merged);
    scratch.run(&["./LIVE-1", "./MERGED-2", "external-diff"])
}

struct ApiServer {
    process: Child,
    port: String,
}

impl ApiServer {
    /// One that holds some objects.
    fn with(scratch: &Scratch, objects: &[Value]) -> Self {
        scratch.write("live.json", &Value::from(objects.to_vec()).to_string());
        let mut process = python()
            .arg(root().join("tests/it/api_server.py"))
            .arg(scratch.path("live.json"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { process, port: port.trim().to_owned() }
    }

    /// What `kubectl diff` comes to.
    fn diff(&self, scratch: &Scratch, options: &[&str], environment: &[(&str, &str)]) -> Run {
        let sioway = env!("CARGO_BIN_EXE_sioway");
        let output = Command::new(tool("kubectl", "kubectl/kubectl"))
            .args([
                "--server",
                &format!("http://127.0.0.1:{}", self.port),
                "diff",
                "-f",
                "rendered",
            ])
            .args(options)
            .env_clear()
            .env("HOME", scratch.path(""))
            .env("KUBECTL_EXTERNAL_DIFF", format!("{sioway} external-diff"))
            .envs(environment.iter().copied())
            .current_dir(scratch.path(""))
            .output()
            .unwrap();
        Run {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the API server adds to an object.
fn as_running(mut objects: Vec<Value>) -> Vec<Value> {
    for one in &mut objects {
        one["metadata"]["uid"] = "7d1c".into();
        one["metadata"]["resourceVersion"] = "7".into();
        one["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z".into();
    }
    objects
}

#[test]
fn kubectl_diff_says_what_would_change_and_what_is_at_stake() {
    let scratch = Scratch::with_app(MINIMAL);
    let mut live = as_running(objects(&scratch).unwrap());
    let config = live.iter_mut().find(|one| one["kind"] == "BackendConfig").unwrap();
    config["spec"]["timeoutSec"] = 30.into();
    live.retain(|one| one["kind"] != "Ingress");
    let server = ApiServer::with(&scratch, &live);
    for options in [&[][..], &["--server-side"]] {
        let run = server.diff(&scratch, options, &[]);
        assert_eq!(run.status, 1, "{}{}", run.out, run.err);
        assert_eq!(
            run.out,
            "~ BackendConfig default/chat\n  ~ spec.timeoutSec: 30 → 86400\n      at stake: the classic load balancer \
             closes every WebSocket at this age, idle or not (websocket-cut-by-timeout)\n\n\
             + Ingress default/chat, which is new\n\n1 to add, 1 to change, 2 the same\n"
        );
    }
    let run = server.diff(&scratch, &[], &[("SIOWAY_FORMAT", "json")]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["summary"], json!({"same": 2, "change": 1, "add": 1, "only_there": 0}));
    let run = server.diff(&scratch, &[], &[("SIOWAY_FORMAT", "sarf")]);
    assert!(run.status > 1, "{}", run.status);
    assert!(run.err.contains("there is no format `sarf`"), "{}", run.err);
}

#[test]
fn kubectl_diff_is_silent_where_nothing_would_change() {
    let scratch = Scratch::with_app(MINIMAL);
    let live = as_running(objects(&scratch).unwrap());
    let server = ApiServer::with(&scratch, &live);
    for options in [&[][..], &["--server-side"]] {
        let run = server.diff(&scratch, options, &[]);
        assert_eq!((run.status, run.out.as_str()), (0, ""), "{}", run.err);
    }
}

#[test]
fn argo_cd_calls_it_with_two_files_of_which_one_may_be_empty() {
    let scratch = Scratch::with_app(MINIMAL);
    objects(&scratch).unwrap();
    scratch.write("argocd-diff/service-live.yaml", "");
    let run =
        scratch.run(&["external-diff", "argocd-diff/service-live.yaml", "rendered/service.yaml"]);
    assert_eq!(
        (run.status, run.out.as_str()),
        (1, "+ Service default/chat, which is new\n\n1 to add\n")
    );
    let run =
        scratch.run(&["external-diff", "rendered/service.yaml", "argocd-diff/service-live.yaml"]);
    assert_eq!(
        (run.status, run.out.as_str()),
        (1, "- Service default/chat, which goes\n\n1 to remove\n")
    );
    let run = scratch.run(&["external-diff", "rendered/service.yaml", "rendered/service.yaml"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""));
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let scratch = Scratch::new();
    scratch.write("live/a", "kind: Service\napiVersion: v1\nmetadata: {name: a}\n");
    for (text, said) in [
        ("a: [b\n", "yaml-syntax"),
        ("- just a list\n", "no-object"),
        ("kind: {{ .Values.kind }}\n", "template"),
    ] {
        scratch.write("merged/a", text);
        let run = scratch.run(&["external-diff", "live", "merged"]);
        assert_eq!(run.status, 2, "{text}{}{}", run.out, run.err);
        assert!(run.err.contains(said), "{text}{}", run.err);
    }
    assert_eq!(scratch.run(&["external-diff", "live", "nowhere"]).status, 2);
}

#[test]
fn fields_that_go_count_and_those_of_the_server_do_not() {
    let config = |spec: Value| {
        vec![json!({
            "apiVersion": "cloud.google.com/v1", "kind": "BackendConfig",
            "metadata": {"name": "static", "namespace": "x", "generation": 3, "annotations": {"team": "a"}},
            "spec": spec, "status": {"x": 1}
        })]
    };
    let mut merged = config(json!({"timeoutSec": 40}));
    merged[0]["metadata"] = json!({"name": "static", "namespace": "x", "labels": {}});
    let run = compared(&config(json!({"timeoutSec": 30, "iap": {"enabled": true}})), &merged);
    // Nothing says that this backend carries sessions: what breaks one is not at stake.
    assert_eq!(
        run.out,
        "~ BackendConfig x/static\n  - metadata.annotations: {\"team\":\"a\"}\n  ~ spec.timeoutSec: 30 → 40\n  \
         - spec.iap: {\"enabled\":true}\n\n1 to change\n",
        "{}",
        run.err
    );
}

#[test]
fn secrets_are_not_told() {
    let secret = |value: &str| {
        let data = json!({"password": value, "only": "c2FtZQ=="});
        vec![json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "x"},
            "data": data, "stringData": {"text": format!("{value}\nline\n")}
        })]
    };
    let run = compared(&secret("aHVudGVyMg=="), &secret("c3dvcmRmaXNo"));
    assert_eq!(run.status, 1);
    assert!(run.out.contains("data.password: … → …"), "{}", run.out);
    assert!(!run.out.contains("aHVudGVy") && !run.out.contains("c3dv"), "{}", run.out);
    let mut without = secret("aHVudGVyMg==");
    without[0].as_object_mut().unwrap().remove("data");
    let run = compared(&without, &secret("aHVudGVyMg=="));
    assert!(run.out.contains("+ data: {\"password\": …,\"only\": …}"), "{}", run.out);
}

#[test]
fn nginx_is_compared_as_directives_and_other_texts_by_lines() {
    let map = |nginx: &str, notes: &str| {
        vec![json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "x"},
            "data": {"nginx.conf": nginx, "notes": notes}
        })]
    };
    let live = map("events {}\nhttp {\n  server { listen 80; } # old\n}\n", "one\ntwo\nthree\n");
    let same = map("# new\nevents { }\nhttp { server {\n listen 80;\n} }\n", "one\ntwo\nthree\n");
    assert_eq!(compared(&live, &same).out, "");
    let other = map("events {}\nhttp { server { listen 8080; gzip on; } }\n", "one\n2\nthree\n");
    let run = compared(&live, &other);
    assert_eq!(
        run.out,
        "~ ConfigMap x/c\n  ~ data[\"nginx.conf\"].http.server.listen: listen 80; → listen 8080;\n  \
         + data[\"nginx.conf\"].http.server.gzip: gzip on;\n  ~ data.notes line 2: two → 2\n\n1 to change\n"
    );
}

/// A random place of a value is made another value, or goes.
fn changed(dice: &mut Dice, value: &mut Value) {
    let count = match &*value {
        Value::Object(map) => map.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    if count > 0 && dice.chance(8) {
        match value {
            Value::Object(map) => drop(map.insert("added".into(), 1.into())),
            other => *other = json!(["else"]),
        }
        return;
    }
    match value {
        Value::Object(map) if !map.is_empty() => {
            let key = map.keys().nth(dice.roll(count)).unwrap().clone();
            if dice.chance(8) {
                map.remove(&key);
            } else {
                changed(dice, &mut map[&key]);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let index = dice.roll(count);
            if dice.chance(8) {
                items.remove(index);
            } else {
                changed(dice, &mut items[index]);
            }
        }
        Value::String(text) => text.push('x'),
        Value::Number(_) => *value = 77_777.into(),
        Value::Bool(truth) => *truth = !*truth,
        other => *other = "something".into(),
    }
}

/// What differs between two objects, line by line.
fn told(live: &Value, merged: &Value) -> Vec<String> {
    let run = compared(std::slice::from_ref(live), std::slice::from_ref(merged));
    assert_eq!(run.status, 1, "{}", run.err);
    let lines = run.out.lines().filter(|line| line.starts_with("  "));
    lines.map(|line| line.trim().to_owned()).collect()
}

fn with_ports(ports: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "dns"}, "spec": {"ports": ports}})
}

#[test]
fn a_port_of_each_protocol_is_a_port_of_its_own() {
    let port = |protocol: &str, name: &str, target: u16| json!({"port": 53, "protocol": protocol, "name": name, "targetPort": target});
    let both = with_ports(&json!([port("TCP", "tcp", 1), port("UDP", "udp", 2)]));
    let turned = with_ports(&json!([port("UDP", "udp", 3), port("TCP", "tcp", 1)]));
    assert_eq!(told(&both, &turned), ["~ spec.ports[name=udp].targetPort: 2 → 3"]);
    let (tcp, udp) =
        (with_ports(&json!([{"port": 53}])), with_ports(&json!([{"port": 53, "protocol": "UDP"}])));
    assert_eq!(
        told(&tcp, &udp),
        [
            "- spec.ports[port=53]: {\"port\":53}",
            "+ spec.ports[port=53]: {\"port\":53,\"protocol\":\"UDP\"}"
        ]
    );
    let one = with_ports(&json!([port("TCP", "tcp", 1)]));
    assert_eq!(
        told(&one, &both),
        [
            "+ spec.ports[name=udp]: {\"port\":53,\"protocol\":\"UDP\",\"name\":\"udp\",\"targetPort\":2}"
        ]
    );
}

fn with_text(text: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "texts"}, "data": {"a.txt": text}})
}

#[test]
fn what_differs_is_always_seen() {
    let long = |end: &str| with_text(&format!("{}{end}", "x".repeat(300)));
    let lead = "x".repeat(19);
    assert_eq!(
        told(&long("-one"), &long("-two")),
        [format!("~ data[\"a.txt\"]: … {lead}-one\" → … {lead}-two\"")]
    );
    assert_eq!(
        told(&with_text("a\nb"), &with_text("a\nb\n")),
        ["~ data[\"a.txt\"] line 2: b \\ No newline at end of file → b"]
    );
    assert_eq!(
        told(&with_text("a\nb \n"), &with_text("a\nb\n")),
        ["~ data[\"a.txt\"] line 2: \"b \" → \"b\""]
    );
}

#[test]
fn a_style_is_no_difference_and_every_field_is_one() {
    let mut runner = TestRunner::new(Config {
        cases: 60,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..Config::default()
    });
    let told = Cell::new(0);
    let property = runner.run(&(app_toml(), any::<u64>()).boxed(), |(app, seed)| {
        let scratch = Scratch::with_app(&app);
        let Some(live) = objects(&scratch) else {
            return Ok(());
        };
        let mut dice = Dice::new(seed);
        for (name, text) in restyled(&mut dice, &live).files {
            scratch.write(&format!("MERGED-2/{name}"), &text);
        }
        side(&scratch, "LIVE-1", &live);
        let run = scratch.run(&["external-diff", "LIVE-1", "MERGED-2"]);
        assert_eq!((run.status, run.out.as_str()), (0, ""), "{app}{seed}\n{}", run.err);
        let mut merged = live.clone();
        let index = dice.roll(merged.len());
        changed(&mut dice, &mut merged[index]);
        // What is no object any more cannot be compared, and who has lost its name is another object.
        let run = compared(&live, &merged);
        let is_object =
            merged[index]["kind"].is_string() && merged[index]["apiVersion"].is_string();
        assert!(
            run.status == 1 || !is_object && run.status == 2,
            "{app}{seed}\n{:#}\n{}{}",
            merged[index],
            run.out,
            run.err
        );
        let back = compared(&merged, &live);
        assert_eq!(run.status, back.status);
        told.set(told.get() + usize::from(run.status == 1));
        Ok(())
    });
    property.unwrap();
    assert!(told.get() > 30, "only {} were told", told.get());
}
