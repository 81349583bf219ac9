//! `sioway blame`: what it makes of evidence, good and bad. The faults that it must find are those of the matrix in
//! `tests/lab/matrix.rs`; here a probe that saw nothing wrong is told other things.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::lab::bench::free_port;
use crate::probe::{probe, server};
use crate::tools::{Run, Scratch, python, succeed};

const FILES: &str = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: chat, annotations: {kubernetes.io/ingress.class: gce}}
spec:
  rules:
    - host: '*.example.com'
      http:
        paths:
          - {path: /socket.io/, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}
---
apiVersion: v1
kind: Service
metadata:
  name: chat
  annotations:
    cloud.google.com/neg: '{\"ingress\":true}'
    cloud.google.com/backend-config: '{\"default\":\"chat\"}'
spec:
  selector: {app: chat}
  ports: [{name: http, port: 80, targetPort: 3000}]
---
apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata: {name: chat}
spec:
  timeoutSec: 86400
  sessionAffinity: {affinityType: CLIENT_IP}
  connectionDraining: {drainingTimeoutSec: 60}
  cdn: {enabled: false}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec:
  replicas: 3
  selector: {matchLabels: {app: chat}}
  template:
    metadata: {labels: {app: chat}}
    spec:
      terminationGracePeriodSeconds: 90
      containers:
        - {name: app, image: chat, ports: [{containerPort: 3000}]}
";

/// What a probe of a server says that has nothing wrong.
fn healthy() -> Value {
    static SEEN: OnceLock<Value> = OnceLock::new();
    let seen = SEEN.get_or_init(|| {
        let port = free_port();
        let _server = server(port, &json!({}));
        let mut seen = probe(&format!("http://127.0.0.1:{port}"), &["--hold", "1200ms"]).document;
        seen["observed"]["url"] = "https://chat.example.com/socket.io/".into();
        seen["observed"]["open"]["pingInterval"] = 25_000.into();
        seen
    });
    seen.clone()
}

/// The same, with a check that failed.
fn failed(check: &str, rules: &[&str]) -> Value {
    let mut seen = healthy();
    let checks = seen["checks"].as_array_mut().unwrap();
    let check = checks.iter_mut().find(|one| one["id"] == check).unwrap();
    (check["status"], check["rules"]) = ("fail".into(), json!(rules));
    seen
}

fn run(files: &str, seen: &str, more: &[&str]) -> Run {
    let scratch = Scratch::new();
    scratch.write("k8s.yaml", files);
    scratch.write("probe.json", seen);
    scratch.run(&[&["blame", "probe.json", "k8s.yaml"], more].concat())
}

fn blame(files: &str, seen: &Value) -> Value {
    let run = run(files, &seen.to_string(), &["--format", "json"]);
    serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err))
}

/// The rules of some candidates, with the line of each.
fn ranked(document: &Value, key: &str) -> Vec<(String, u64)> {
    let all = document[key].as_array().unwrap().iter();
    let text = |one: &Value| one["rule"].as_str().unwrap().to_owned();
    all.map(|one| (text(one), one["line"].as_u64().unwrap_or_default())).collect()
}

fn line(of: &str) -> u64 {
    let at = FILES.lines().position(|line| line.contains(of)).unwrap();
    u64::try_from(at).unwrap() + 1
}

#[test]
fn nothing_failed_and_nobody_is_to_blame() {
    let run = run(FILES, &healthy().to_string(), &[]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("no check failed: there is nothing to blame"), "{}", run.out);
    assert!(!run.out.contains("in none of the files"), "a wildcard takes the host: {}", run.out);
}

/// A WebSocket that was cut after 30 s: the load balancer's default, though the file says a day.
fn cut() -> Value {
    let mut seen = failed("hold", &["websocket-cut-by-timeout"]);
    seen["observed"]["held"] = json!({
        "millis": 30_100, "pings": 1, "ended": true, "closeCode": null, "idle": 5_000,
        "longestIdle": 25_000, "detail": "the end of the connection, without a close frame",
    });
    seen
}

#[test]
fn a_timeout_that_is_not_in_force() {
    let found = blame(FILES, &cut());
    let wanted = ("websocket-cut-by-timeout".to_owned(), line("timeoutSec: 86400"));
    assert_eq!(ranked(&found, "candidates"), [wanted], "{found:#}");
    assert_eq!(found["candidates"][0]["kind"], "not-in-files");
    // Without its BackendConfig the load balancer would lose sessions too, and none was lost.
    let excluded = ranked(&found, "excluded");
    assert!(excluded.iter().any(|(rule, _)| rule == "backendconfig-not-in-force"), "{found:#}");
    // What is not in the file is not what differs from it.
    let short = FILES.replace("timeoutSec: 86400", "timeoutSec: 30");
    let found = blame(&short, &cut());
    assert_eq!(found["candidates"][0]["kind"], "in-files", "{found:#}");
    assert_eq!(found["candidates"][0]["explains"][0]["but"], Value::Null);
}

/// Two of three requests of each session are lost.
fn lost() -> Value {
    let mut seen = failed("sessions", &["session-affinity-missing"]);
    let walks = seen["observed"]["sessions"]["withCookies"]["walks"].as_array_mut().unwrap();
    for (index, walk) in walks.iter_mut().enumerate() {
        if index % 3 != 0 {
            walk["post"]["seen"] =
                json!({ "kind": "refused", "status": 400, "code": 1, "json": true });
            walk["poll"]["seen"] = json!({ "kind": "not-tried" });
        }
    }
    seen
}

#[test]
fn more_pods_than_the_file_says() {
    let one = FILES.replace("replicas: 3", "replicas: 1");
    let one = one.replace("  sessionAffinity: {affinityType: CLIENT_IP}\n", "");
    let found = blame(&one, &lost());
    let first = &found["candidates"][0];
    assert_eq!(first["rule"], "session-affinity-missing", "{found:#}");
    assert!(first["what"].as_str().unwrap().contains("pods or more run"), "{found:#}");
    let three = FILES.replace("  sessionAffinity: {affinityType: CLIENT_IP}\n", "");
    let found = blame(&three, &lost());
    assert_eq!(found["candidates"][0]["kind"], "in-files", "{found:#}");
}

#[test]
fn what_the_files_foretell_and_nobody_saw_does_not_fit() {
    let short = FILES.replace("timeoutSec: 86400", "timeoutSec: 1");
    let found = blame(&short, &lost());
    let excluded = ranked(&found, "excluded");
    assert!(excluded.iter().any(|(rule, _)| rule == "websocket-cut-by-timeout"), "{found:#}");
}

#[test]
fn what_nothing_explains_is_said() {
    let seen = failed("redirect", &["forwarded-proto-overwritten"]);
    let run = run(FILES, &seen.to_string(), &[]);
    assert_eq!(run.status, 1);
    assert!(run.out.contains("unexplained: redirect\n"), "{}", run.out);
    assert!(run.out.contains("1 check failed, 0 explained\n"), "{}", run.out);
}

#[test]
fn formats_say_the_same() {
    let seen = cut().to_string();
    let text = run(FILES, &seen, &[]).out;
    let line = line("timeoutSec: 86400");
    let what = "the load balancer's timeout is 30 s, and not what this says";
    assert!(text.contains(&format!("1. what runs differs from k8s.yaml:{line}:")), "{text}");
    assert!(text.contains(what) && !text.contains('\u{1b}'), "{text}");
    let markdown = run(FILES, &seen, &["--format", "markdown"]).out;
    assert!(markdown.starts_with("<!-- sioway blame -->\n"), "{markdown}");
    assert!(markdown.contains("the load balancer") && markdown.contains("30 s"), "{markdown}");
}

#[test]
fn the_schema_fits() {
    let scratch = Scratch::new();
    scratch.write("blame.json", &blame(FILES, &cut()).to_string());
    scratch.write("schema.json", &scratch.ok(&["schema", "blame"]).out);
    let check = "import json, jsonschema; jsonschema.Draft7Validator(json.load(open('schema.json'))).validate(json.load(open('blame.json')))";
    succeed(python().args(["-c", check]).current_dir(scratch.path("")));
}

#[test]
fn evidence_that_is_none() {
    let deep = "[".repeat(100_000);
    let mut other = healthy();
    other["version"] = 2.into();
    let mut odd = healthy();
    odd["observed"]["walk"] = json!("no walk");
    for (seen, why) in [
        ("", "is no JSON"),
        ("{\"checks\": [", "is no JSON"),
        (&deep, "is no JSON"),
        ("{\"version\":1,\"checks\":[]}", "not what `sioway probe` prints"),
        (&other.to_string(), "its version is 2"),
        (&odd.to_string(), "not what `sioway probe` prints"),
    ] {
        let run = run(FILES, seen, &[]);
        assert_eq!(run.status, 2, "{why}: {}{}", run.out, run.err);
        assert!(run.err.contains(why) && run.out.is_empty(), "{why}: {}", run.err);
    }
}

#[test]
fn calls_that_cannot_be_answered() {
    let scratch = Scratch::new();
    scratch.write("k8s.yaml", FILES);
    scratch.write("other.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\n");
    let closed = format!("http://127.0.0.1:{}", free_port());
    let mut hidden = healthy();
    hidden["observed"]["url"] = "http://\u{1b}[31m/x/".into();
    scratch.write("hidden.json", &hidden.to_string());
    scratch.write("unreached.json", &{
        let mut seen = healthy();
        seen["observed"]["reach"]["trouble"] = "127.0.0.1:1: connection refused".into();
        seen.to_string()
    });
    for (arguments, why) in [
        (&["blame", "chat.example.com", "k8s.yaml"][..], "is no URL, and there is no such file"),
        (&["blame", "ftp://a.b", "k8s.yaml"], ""),
        (&["blame", &closed, "k8s.yaml"], "refuses the connection"),
        (&["blame", "hidden.json", "other.yaml"], "speaks of a session"),
        (&["blame", "unreached.json", "k8s.yaml"], "connection refused"),
        (&["blame", "hidden.json", "absent.yaml"], "absent.yaml"),
    ] {
        let run = scratch.run(arguments);
        assert_eq!(run.status, 2, "{arguments:?}: {}{}", run.out, run.err);
        assert!(run.err.contains(why), "{arguments:?}: {}", run.err);
    }
    let run = scratch.run(&["blame", "hidden.json", "k8s.yaml"]);
    assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'), "{}", run.out);
}

/// What the incident's evidence says beside an app, and beside one of several.
#[test]
fn an_app_is_rendered_and_of_several_the_one_with_the_host() {
    let scratch = Scratch::new();
    let app = |name: &str, host: &str| {
        format!("name = \"{name}\"\nhost = \"{host}\"\nport = 3000\nreplicas = 3\n")
    };
    scratch.write("apps/chat/app.toml", &app("chat", "chat.example.com"));
    scratch.write("apps/talk/app.toml", &app("talk", "talk.example.com"));
    scratch.write("sioway.toml", "apps = [\"apps/*/app.toml\"]\n");
    scratch.write("probe.json", &cut().to_string());
    let first = |call: &[&str]| {
        let run = scratch.run(&[call, &["--format", "json"]].concat());
        let document: Value =
            serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err));
        assert_eq!(run.status, 1);
        document["candidates"][0]["file"].as_str().unwrap().to_owned()
    };
    for call in [
        &["blame", "probe.json"][..],
        &["blame", "probe.json", "chat"],
        &["blame", "probe.json", "apps/chat/app.toml"],
        &["blame", "probe.json", "apps/chat"],
        &["blame", "probe.json", "chat", "talk"],
    ] {
        let file = first(call);
        assert!(file.starts_with("out/chat/"), "{call:?}: {file}");
    }
    let refused = |call: &[&str]| {
        let run = scratch.run(call);
        assert_eq!((run.status, &*run.out), (2, ""), "{}", run.err);
        run.err
    };
    let mut other = cut();
    other["observed"]["url"] = "https://nobody.example.com/socket.io/".into();
    scratch.write("other.json", &other.to_string());
    assert!(
        refused(&["blame", "other.json"]).contains("no app here has the host `nobody.example.com`")
    );
    assert!(refused(&["blame", "probe.json", "nobody"]).contains("there is no app `nobody`"));
    assert!(refused(&["blame", "probe.json", "chat", "apps"]).contains("both apps and files"));
    assert!(refused(&["blame", "-", "-"]).contains("stdin holds the evidence or the files"));
    // A probe is not begun for files that are not there.
    assert!(refused(&["blame", "http://192.0.2.1/", "none/at/all"]).contains("none/at/all"));
    scratch.write("sioway.toml", "apps = [\"apps/*/app.toml\"]\n[environment.a]\nout = \"a/{name}\"\n[environment.b]\nout = \"b/{name}\"\n");
    assert!(refused(&["blame", "probe.json", "chat"]).contains("2 apps or environments"));
    let file = first(&["blame", "probe.json", "chat", "--env", "b"]);
    assert!(file.starts_with("b/chat/"), "{file}");
}

/// A BackendConfig that is not attached is one cause, whatever of it was seen.
#[test]
fn one_line_is_blamed_once() {
    let files =
        FILES.replace("    cloud.google.com/backend-config: '{\"default\":\"chat\"}'\n", "");
    let document = blame(&files, &cut());
    let found = ranked(&document, "candidates");
    assert_eq!(
        found,
        [("backendconfig-not-attached".to_owned(), line("  annotations:"))],
        "{document:#}"
    );
    assert!(
        document["candidates"][0]["todo"].as_str().is_some_and(|todo| todo.contains("lint --fix")),
        "{document:#}"
    );
}
