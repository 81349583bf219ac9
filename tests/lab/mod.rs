//! The lab: what is rendered, run by a real nginx between a real Socket.IO client and server, on loopback.

mod at_gateway;
pub(crate) mod bench;
mod foretold;
mod gateway;
mod incident;
mod matrix;
mod readout;
mod repaired;
mod trace;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use self::bench::{Nginx, Version, ask, client, free_port, nginx_conf, patient_server, server};
use crate::tools::Scratch;

const SCENARIOS: [&str; 10] = [
    "polling",
    "websocket",
    "upgrade",
    "big by polling",
    "big by websocket",
    "headers by polling",
    "headers by websocket",
    "idle by polling",
    "idle by websocket",
    "a hundred at once",
];

const MEGABYTE: u64 = 1_000_000;

/// The settings of the lab: free ports, and intervals that nobody has to wait for.
fn settings(port: u16, listen: u16) -> Vec<String> {
    let fixed = ["socketio.ping-interval=1s", "socketio.ping-timeout=1s"].map(str::to_owned);
    [format!("port={port}"), format!("nginx.listen={listen}")].into_iter().chain(fixed).collect()
}

/// Runs an example with one nginx beside one server, through every scenario.
fn example(name: &str, path: &str, server_path: &str, more: &[&str]) {
    for version in [Version::Distribution, Version::Current] {
        let (port, listen) = (free_port(), free_port());
        let mut settings = settings(port, listen);
        settings.extend(more.iter().map(|setting| (*setting).to_owned()));
        let max_message =
            if more.iter().any(|one| one.contains("5MB")) { 5 * MEGABYTE } else { MEGABYTE };
        let _server = server("127.0.0.1", port, server_path, max_message, 0);
        let nginx = Nginx::start(
            version,
            &nginx_conf(name, &settings).replace("192.0.2.1", "127.0.0.1"),
            listen,
        );
        client(listen, path, max_message, &SCENARIOS);
        health(&nginx, if name == "workload" { "/healthz" } else { "/health" });
        assert!(
            nginx.log().contains("198.51.100.7 \"GET "),
            "the client's address is logged: {}",
            nginx.log()
        );
        assert!(!nginx.log().contains("sid"), "no session id is logged: {}", nginx.log());
    }
}

/// Health checks come by address, over any HTTP, with a host name or none: 200 and nothing else.
fn health(nginx: &Nginx, path: &str) {
    for request in [
        format!("GET {path} HTTP/1.0\r\n\r\n"),
        format!(
            "GET {path} HTTP/1.1\r\nHost: 10.8.1.17\r\nUser-Agent: GoogleHC/1.0\r\nConnection: close\r\n\r\n"
        ),
        format!("GET {path} HTTP/1.1\r\nHost: elsewhere.example.com\r\nConnection: close\r\n\r\n"),
    ] {
        let answer = nginx.ask(&request);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{request}{answer}");
        assert_eq!(answer.to_lowercase().matches("content-type:").count(), 1, "{answer}");
    }
    assert!(!nginx.log().contains(path), "health checks are not logged: {}", nginx.log());
}

#[test]
fn minimal() {
    example("minimal", "/socket.io/", "/socket.io/", &[]);
}

#[test]
fn coditect_maps_its_path() {
    example("coditect", "/theia/socket.io/", "/socket.io/", &[]);
}

#[test]
fn static_cdn() {
    example("static-cdn", "/socket.io/", "/socket.io/", &[]);
}

#[test]
fn workload_names_the_client_by_real_ip() {
    // In the lab the load balancer's own address is this machine's; sioway takes none that a real one cannot have.
    example("workload", "/socket.io/", "/socket.io/", &["ingress.address=192.0.2.1"]);
}

#[test]
fn a_fragment_in_the_stock_image() {
    example(
        "minimal",
        "/socket.io/",
        "/socket.io/",
        &["nginx.form=conf.d", "socketio.max-message=5MB"],
    );
}

#[test]
fn paths_are_mapped_and_redirects_stay_relative() {
    let (port, listen) = (free_port(), free_port());
    let _server = server("127.0.0.1", port, "/socket.io/", MEGABYTE, 0);
    let mut settings = settings(port, listen);
    settings.push(format!(
        "nginx.location=[{{ path = \"/theia/\", proxy-port = {port}, upstream-path = \"/\" }}]"
    ));
    let nginx = Nginx::start(Version::Distribution, &nginx_conf("coditect", &settings), listen);
    let get = |path: &str| {
        nginx.ask(&format!("GET {path} HTTP/1.1\r\nHost: coditect.ai\r\nConnection: close\r\n\r\n"))
    };
    assert!(get("/theia/a/b?c=d").contains("\"url\":\"/a/b?c=d\""));
    assert!(
        get("/other?c=d").contains("\"url\":\"/other?c=d\""),
        "the rest goes to the app as it is"
    );
    let redirect = get("/theia/socket.io");
    assert!(
        redirect.contains("301") && redirect.contains("\r\nLocation: /theia/socket.io/\r\n"),
        "{redirect}"
    );
    let handshake = get("/theia/socket.io/?EIO=4&transport=polling");
    assert!(
        handshake.contains(" 200 ") && handshake.contains("\"upgrades\":[\"websocket\"]"),
        "{handshake}"
    );
}

#[test]
fn files_come_from_where_their_location_says() {
    let (port, listen) = (free_port(), free_port());
    let files = Scratch::new();
    files.write("with space \"{;/index.html", "front page");
    files.write("with space \"{;/app.js", "script");
    let mut settings = settings(port, listen);
    let root = files.path("with space \"{;");
    let root = toml::Value::from(root.to_str().unwrap());
    settings.push(format!(
        "nginx.location=[{{ path = \"/\", root = {root}, fallback = \"/index.html\" }}]"
    ));
    let nginx = Nginx::start(Version::Distribution, &nginx_conf("minimal", &settings), listen);
    let get = |path: &str| {
        nginx.ask(&format!("GET {path} HTTP/1.1\r\nHost: a.b\r\nConnection: close\r\n\r\n"))
    };
    assert!(get("/app.js").contains("Content-Type: application/javascript"), "{}", get("/app.js"));
    assert!(get("/some/route").ends_with("front page"));
    assert!(get("/health").ends_with("ok\n"));
}

#[test]
fn nginx_needs_no_root_and_writes_to_tmp_only() {
    let (port, listen) = (free_port(), free_port());
    let _server = server("127.0.0.1", port, "/socket.io/", 5 * MEGABYTE, 0);
    let mut settings = settings(port, listen);
    settings.push("socketio.max-message=5MB".into());
    let directory = Scratch::new();
    directory.write("nginx.conf", &nginx_conf("minimal", &settings));
    for version in [Version::Distribution, Version::Current] {
        // A name space of its own: / is read-only, /tmp is empty, and the user is the image's, who is not root.
        // The configuration is opened before /tmp disappears under its mount; so is nginx, which may be there too.
        let script = format!(
            "set -e\nexec 3< {conf} 4< {nginx}\nmount -t tmpfs tmpfs /tmp\ncat <&3 > /tmp/nginx.conf\n\
             cat <&4 > /tmp/nginx\nchmod 755 /tmp/nginx\nmount -o remount,ro,bind /\n\
             exec unshare --user --map-user=101 --map-group=101 /tmp/nginx -c /tmp/nginx.conf -g 'daemon off;'",
            conf = directory.path("nginx.conf").display(),
            nginx = version.program().display(),
        );
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
        let process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut nginx = bench::Master(bench::Running(process));
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", listen)).is_err() {
            assert!(
                Instant::now() < deadline && nginx.0.0.try_wait().unwrap().is_none(),
                "nginx did not start"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        client(listen, "/socket.io/", 5 * MEGABYTE, &["upgrade", "big by polling"]);
    }
}

#[test]
fn stopping_lets_go_within_its_time() {
    let (port, listen) = (free_port(), free_port());
    let _server = patient_server(port);
    let mut nginx =
        Nginx::start(Version::Current, &nginx_conf("minimal", &settings(port, listen)), listen);
    let held = std::thread::spawn(move || {
        ask(
            listen,
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        )
    });
    std::thread::sleep(Duration::from_millis(500));
    let stopped = Instant::now();
    let pid = nginx.process.0.0.id().to_string();
    assert!(Command::new("kill").args(["-QUIT", &pid]).status().unwrap().success());
    nginx.process.0.0.wait().unwrap();
    let took = stopped.elapsed();
    assert!(
        (9..13).contains(&took.as_secs()),
        "worker_shutdown_timeout is 10 s, and it took {took:?}"
    );
    assert!(held.join().unwrap().starts_with("HTTP/1.1 101 "));
}
