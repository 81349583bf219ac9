//! `sioway probe` against the real thing: Socket.IO behind nginx with one fault each, and servers that mean no good.

mod faults;
mod hostile;
mod tls;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::lab::bench::{Nginx, Running, Version, free_port, start};
use crate::tools::Scratch;

/// What a probe came to.
pub(crate) struct Probed {
    pub(crate) status: i32,
    pub(crate) document: Value,
    pub(crate) err: String,
    pub(crate) took: Duration,
}

impl Probed {
    fn check(&self, id: &str) -> &Value {
        let checks = self.document["checks"].as_array().unwrap();
        checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no check {id}"))
    }

    /// The ids of the checks with a status.
    fn with(&self, status: &str) -> Vec<&str> {
        let checks = self.document["checks"].as_array().unwrap();
        let ids = checks.iter().filter(|check| check["status"] == status);
        ids.map(|check| check["id"].as_str().unwrap()).collect()
    }

    /// Exactly these checks fail.
    #[track_caller]
    fn fails(&self, ids: &[&str]) -> &Self {
        assert_eq!(self.with("fail"), ids, "{:#}", self.document["checks"]);
        assert_eq!(self.status, i32::from(!ids.is_empty()));
        self
    }

    /// A check names this rule as the most likely; none for `""`.
    #[track_caller]
    fn because(&self, id: &str, rule: &str) -> &Self {
        let found = self.check(id)["rules"][0].as_str().unwrap_or_default();
        assert_eq!(found, rule, "{:#}", self.check(id));
        self
    }

    /// What a check says holds this.
    #[track_caller]
    fn says(&self, id: &str, wanted: &str) -> &Self {
        let check = self.check(id).to_string();
        assert!(check.contains(wanted), "{wanted}: {check}");
        self
    }
}

/// Probes, and reads what comes of it.
pub(crate) fn probe(url: &str, more: &[&str]) -> Probed {
    let mut arguments = [&["probe", url, "--format", "json"], more].concat();
    if !more.contains(&"--timeout") {
        arguments.extend(["--timeout", "2s"]);
    }
    let started = Instant::now();
    let run = Scratch::new().run(&arguments);
    Probed {
        status: run.status,
        document: serde_json::from_str(&run.out)
            .unwrap_or_else(|_| panic!("{}{}", run.out, run.err)),
        err: run.err,
        took: started.elapsed(),
    }
}

/// A real server on loopback, with quick pings where nothing else is said.
pub(crate) fn server(port: u16, more: &Value) -> Running {
    let mut options = json!({
        "host": "127.0.0.1", "port": port, "path": "/socket.io/", "instance": 0,
        "pingInterval": 1_000, "pingTimeout": 1_000, "maxHttpBufferSize": 1_000_000,
    });
    for (key, value) in more.as_object().unwrap() {
        options[key] = value.clone();
    }
    start("server.js", &options.to_string())
}

/// nginx with what matters of its configuration: of `http`, and of the `server`.
pub(crate) fn nginx(http: &str, server: &str) -> Nginx {
    let listen = free_port();
    let configuration = format!(
        "worker_processes 1;\nerror_log stderr;\npid /tmp/nginx.pid;\nevents {{ worker_connections 256; }}\n\
         http {{\nproxy_temp_path /tmp/proxy;\nclient_body_temp_path /tmp/body;\nfastcgi_temp_path /tmp/fastcgi;\n\
         uwsgi_temp_path /tmp/uwsgi;\nscgi_temp_path /tmp/scgi;\naccess_log off;\n\
         map $http_upgrade $upgrade {{ default upgrade; '' close; }}\n{http}\n\
         server {{\nlisten 127.0.0.1:{listen};\n{server}\n}}\n}}\n"
    );
    Nginx::start(Version::Distribution, &configuration, listen)
}

/// The headers of a WebSocket.
pub(crate) const UPGRADE: &str = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $upgrade;";

#[test]
fn a_healthy_server_passes() {
    let port = free_port();
    let _server = server(port, &json!({}));
    let url = format!("http://127.0.0.1:{port}");
    let more = ["--sessions", "8", "--hold", "2s", "--max-message", "1MB", "--health", "/any"];
    let probed = probe(&url, &more);
    probed.fails(&[]).says("sessions", "none of 24 requests").says("hold", "open for");
    assert_eq!(probed.with("warn"), [""; 0]);
    assert_eq!(probed.with("skip"), ["https-redirect", "cookie-affinity"]);
}

#[test]
fn other_formats_say_the_same() {
    let port = free_port();
    let _server = server(port, &json!({ "path": "/elsewhere/" }));
    let url = format!("http://127.0.0.1:{port}");
    let scratch = Scratch::new();
    let run = |more: &[&str]| {
        scratch.run(&[&["probe", &url, "--quick", "--timeout", "2s"], more].concat())
    };
    let text = run(&[]);
    assert_eq!(text.status, 1, "{}", text.err);
    assert!(text.out.contains("✗ a first request opens a session [handshake]\n"), "{}", text.out);
    assert!(text.out.contains("    rules: prefix-not-mapped"), "{}", text.out);
    assert!(!text.out.contains('\u{1b}'));
    assert!(text.err.is_empty(), "no progress where nobody watches: {}", text.err);
    assert!(run(&["--format", "junit"]).out.contains("<failure type=\"prefix-not-mapped\""));
    assert!(run(&["--format", "markdown"]).out.contains("| ✗ | a first request opens a session"));
    assert_eq!(run(&["--exit-count"]).status, 2, "handshake and websocket");
    assert_eq!(run(&["--exit-zero"]).status, 0);
    assert_eq!(run(&["--path", "/elsewhere"]).status, 0);
}

#[test]
fn the_transcript_keeps_secrets() {
    let port = free_port();
    let _server = server(port, &json!({ "cookie": { "name": "io" } }));
    let scratch = Scratch::new();
    let run = scratch.run(&[
        "probe",
        &format!("http://127.0.0.1:{port}/socket.io/?token=verysecret"),
        "--quick",
        "--sessions",
        "1",
        "--header",
        "Authorization: Bearer muchsecret",
        // The lab's server repeats the request's headers here.
        "--health",
        "/echo?token=verysecret",
        "--verbose",
    ]);
    assert_eq!(run.status, 0, "{}", run.out);
    let all = run.out + &run.err;
    assert!(
        all.contains("> POST /socket.io/?token=[redacted]&EIO=4&transport=polling&t="),
        "{all}"
    );
    assert!(all.contains("< websocket `3probe`"), "{all}");
    assert!(all.contains("set-cookie: io=[redacted]; Path=/"), "{all}");
    assert!(
        !all.contains("secret\"") && !all.contains("verysecret") && !all.contains("muchsecret"),
        "{all}"
    );
}

#[test]
fn waiting_ends_when_every_check_holds() {
    let port = free_port();
    let later = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        server(port, &json!({}))
    });
    let url = format!("http://127.0.0.1:{port}");
    let probed = probe(&url, &["--wait", "30s", "--sessions", "2"]);
    probed.fails(&[]);
    assert!(probed.err.starts_with("not yet: 127.0.0.1:"), "{}", probed.err);
    drop(later.join());
    let probed = probe(&url, &["--wait", "1s", "--sessions", "0"]);
    assert_eq!(probed.status, 2, "it is gone, and the wait is over");
    assert!(probed.took < Duration::from_secs(5));
}

#[test]
fn versions_and_transports() {
    let ports = [free_port(), free_port(), free_port()];
    let _servers = [
        server(ports[0], &json!({ "allowEIO3": true })),
        server(ports[1], &json!({ "transports": ["websocket"] })),
        server(ports[2], &json!({ "transports": ["polling"] })),
    ];
    let url = ports.map(|port| format!("http://127.0.0.1:{port}"));
    let quick = ["--sessions", "2", "--quick"];
    let ask = |url: &str, more: &[&str]| probe(url, &[&quick, more].concat());
    let three = probe(&url[0], &["--eio", "3", "--sessions", "2", "--hold", "1500ms"]);
    three.fails(&[]).says("hold", "pings");
    ask(&url[1], &["--eio", "3", "--transports", "websocket"])
        .fails(&["websocket"])
        .because("websocket", "")
        .says("websocket", "--eio 4");
    ask(&url[2], &["--eio", "3", "--transports", "polling"])
        .fails(&["handshake"])
        .says("handshake", "--eio 4");
    ask(&url[1], &[])
        .fails(&["handshake"])
        .because("handshake", "")
        .says("handshake", "--transports websocket");
    ask(&url[1], &["--transports", "websocket"]).fails(&[]);
    ask(&url[2], &["--transports", "polling"]).fails(&[]);
    ask(&url[2], &[]).fails(&["websocket"]).says("websocket", "takes no WebSockets");
}

#[test]
fn the_schema_fits() {
    let port = free_port();
    let _server = server(port, &json!({}));
    let scratch = Scratch::new();
    let run =
        scratch.ok(&["probe", &format!("http://127.0.0.1:{port}"), "--quick", "--format", "json"]);
    scratch.write("probe.json", &run.out);
    scratch.write("schema.json", &scratch.ok(&["schema", "probe"]).out);
    let check = "import json, jsonschema; jsonschema.Draft7Validator(json.load(open('schema.json'))).validate(json.load(open('probe.json')))";
    crate::tools::succeed(crate::tools::python().args(["-c", check]).current_dir(scratch.path("")));
}
