//! nginx as a gateway in front of several pods: every session stays on its pod.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

use super::bench::{
    Nginx, Running, Version, ask, client, free_port, nginx_conf, server, start, wait_for,
};
use super::{MEGABYTE, SCENARIOS, health, settings};
use crate::kubernetes::objects;
use crate::tools::{Scratch, both, root};

/// Three servers on one port of three addresses, a DNS server that knows them, and two gateways.
struct Gateway {
    _processes: Vec<Running>,
    nginx: [Nginx; 2],
}

fn gateway() -> Gateway {
    let (port, dns) = (free_port(), free_port());
    let listens = [free_port(), free_port()];
    let mut processes: Vec<Running> = (0..3)
        .map(|pod| server(&format!("127.0.0.{}", 2 + pod), port, "/socket.io/", MEGABYTE, pod))
        .collect();
    processes.push(start("dns.js", &dns.to_string()));
    let nginx = listens.map(|listen| {
        let mut settings = settings(port, listen);
        settings.push(format!("nginx.resolver=127.0.0.1:{dns}"));
        Nginx::start(Version::Current, &nginx_conf("nginx-gateway", &settings), listen)
    });
    let gateway = Gateway { _processes: processes, nginx };
    // The names are looked up after the start.
    let deadline = Instant::now() + Duration::from_secs(10);
    while gateway.nginx.iter().any(|nginx| get(nginx, "/", "1.1.1.1").starts_with("HTTP/1.1 502 "))
    {
        assert!(Instant::now() < deadline, "the gateway does not find the pods");
        std::thread::sleep(Duration::from_millis(50));
    }
    gateway
}

fn get(nginx: &Nginx, path: &str, client: &str) -> String {
    let from = format!("X-Forwarded-For: 6.6.6.6, {client}, 127.0.0.1\r\nX-Forwarded-Proto: https");
    nginx.ask(&format!("GET {path} HTTP/1.1\r\nHost: a.b\r\n{from}\r\nConnection: close\r\n\r\n"))
}

fn instance(answer: &str) -> u64 {
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let json = &body[body.find('{').unwrap()..=body.rfind('}').unwrap()];
    serde_json::from_str::<serde_json::Value>(json).unwrap()["instance"].as_u64().unwrap()
}

#[test]
fn a_gateway_keeps_each_client_on_one_pod() {
    let gateway = gateway();
    let mut used = BTreeSet::new();
    for client in (1..=60).map(|index| format!("198.51.100.{index}")) {
        let pods: Vec<u64> =
            (0..6).map(|turn| instance(&get(&gateway.nginx[turn % 2], "/", &client))).collect();
        assert!(pods.iter().all(|pod| *pod == pods[0]), "{client} is sent to {pods:?}");
        used.insert(pods[0]);
    }
    assert_eq!(used.len(), 3, "clients are spread over all pods");
    client(gateway.nginx[0].listen, "/socket.io/", MEGABYTE, &SCENARIOS);
    health(&gateway.nginx[0], "/health");
}

#[test]
fn a_session_goes_on_through_another_gateway_pod() {
    let gateway = gateway();
    for client in (1..=20).map(|index| format!("203.0.113.{index}")) {
        let handshake = get(&gateway.nginx[0], "/socket.io/?EIO=4&transport=polling", &client);
        let sid = handshake.split("\"sid\":\"").nth(1).unwrap().split('"').next().unwrap();
        let path = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
        let post = gateway.nginx[1].ask(&format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {client}, 127.0.0.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n40"
        ));
        assert!(post.starts_with("HTTP/1.1 200 "), "{client}: {post}");
        assert!(get(&gateway.nginx[0], &path, &client).contains("40{\"sid\":"));
    }
}

#[test]
fn addresses_behind_one_name_would_be_taken_in_turn() {
    // Why a gateway names each pod: `hash … consistent` tells servers apart by name, not by address.
    let (port, listen) = (free_port(), free_port());
    let _servers: Vec<Running> = (0..2)
        .map(|pod| server(&format!("127.0.0.{}", 2 + pod), port, "/socket.io/", MEGABYTE, pod))
        .collect();
    let conf = format!(
        "user root root;\nerror_log stderr;\nworker_processes 1;\nevents {{}}\npid /tmp/nginx.pid;\nhttp {{ access_log off;\n\
         upstream pods {{ hash $http_x_forwarded_for consistent; server pods:{port}; }}\n\
         server {{ listen {listen}; location / {{ proxy_pass http://pods; }} }} }}\n"
    );
    let directory = Scratch::new();
    directory.write(
        "nginx.conf",
        &conf.replace(" /tmp/", &format!(" {}/", directory.path("").display())),
    );
    directory.write("hosts", "127.0.0.2 pods\n127.0.0.3 pods\n127.0.0.1 localhost\n");
    let script = format!(
        "mount --bind {hosts} /etc/hosts && exec {nginx} -p {directory} -c nginx.conf -g 'daemon off; master_process off;'",
        hosts = directory.path("hosts").display(),
        nginx = Version::Current.program().display(),
        directory = directory.path("").display(),
    );
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
    let mut nginx = Running(command.spawn().unwrap());
    wait_for(listen);
    let request =
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1\r\nConnection: close\r\n\r\n";
    let pods: BTreeSet<u64> = (0..6).map(|_| instance(&ask(listen, request))).collect();
    assert_eq!(pods.len(), 2, "one client is sent to both");
    nginx.0.kill().unwrap();
}

#[test]
fn a_refused_upgrade_moves_nobody_elses_session() {
    let gateway = gateway();
    let client = "198.51.100.7";
    let before = instance(&get(&gateway.nginx[0], "/", client));
    for _ in 0..5 {
        // A WebSocket to a path that takes none: the server closes the connection. HTTP/1.0, so that nginx does too.
        let answer = gateway.nginx[0].ask(&format!(
            "GET /nothing/?EIO=4 HTTP/1.0\r\nHost: a\r\nX-Forwarded-For: {client}, 127.0.0.1\r\n\
             Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ));
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
        let after = instance(&get(&gateway.nginx[0], "/", client));
        assert_eq!(after, before, "max_fails=0 keeps the pod in");
    }
}

#[test]
fn a_thousand_pods_fit_into_the_shared_memory() {
    let mut settings = settings(3000, free_port());
    settings.extend(["replicas=1000", "workload.replicas=1000"].map(str::to_owned));
    settings.push("nginx.resolver=127.0.0.1".into());
    let directory = Scratch::new();
    let own = format!(" {}/", directory.path("").display());
    let conf = nginx_conf("nginx-gateway", &settings).replace(" /tmp/", &own);
    assert_eq!(conf.matches(" resolve max_fails=0;").count(), 1000);
    directory.write("nginx.conf", &conf);
    directory.write("logs/error.log", "");
    let test = Command::new(Version::Current.program())
        .args(["-t", "-p", directory.path("").to_str().unwrap(), "-c", "nginx.conf"])
        .output()
        .unwrap();
    assert!(test.status.success(), "{}", both(&test));
}

/// The container's command, run by a real shell where /etc/resolv.conf is a pod's and /tmp is empty.
fn resolver_of(resolv_conf: &str) -> String {
    let example = root().join("examples/nginx-gateway/app.toml");
    let stream = Scratch::new().ok(&["render", example.to_str().unwrap(), "-o", "-"]).out;
    let objects = objects(&stream);
    let (_, gateway) =
        objects.iter().find(|((kind, _), _)| kind == "Deployment").expect("a gateway");
    let container = &gateway["spec"]["template"]["spec"]["containers"][0];
    let command: Vec<&str> = container["command"]
        .as_sequence()
        .expect("a command")
        .iter()
        .map(|word| word.as_str().unwrap())
        .collect();
    assert_eq!(command[..2], ["/bin/sh", "-c"]);
    let directory = Scratch::new();
    directory.write("resolv.conf", resolv_conf);
    directory.write("command", command[2]);
    directory.write("bin/nginx", "#!/bin/sh\ncat /tmp/resolver.conf\necho \"$@\"\n");
    let script = format!(
        "set -e\nmount --bind {here}/resolv.conf /etc/resolv.conf\nchmod +x {here}/bin/nginx\n\
         export PATH={here}/bin:$PATH\ncommand=$(cat {here}/command)\nmkdir -p {here}/empty\n\
         cp {here}/bin/nginx /dev/shm/nginx.$$\nmount --bind {here}/empty /tmp\n\
         PATH=/dev/shm:$PATH\nmv /dev/shm/nginx.$$ /dev/shm/nginx\n/bin/sh -c \"$command\"\nrm /dev/shm/nginx",
        here = directory.path("").display().to_string().trim_end_matches('/')
    );
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", both(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_gateway_asks_its_pods_own_dns_server() {
    assert_eq!(
        resolver_of("search chat.svc.cluster.local\nnameserver 10.8.0.10\nnameserver 10.8.0.11\n"),
        "resolver 10.8.0.10 valid=10s ipv6=off;\n-g daemon off;\n"
    );
    assert_eq!(
        resolver_of("nameserver fd00::a\n"),
        "resolver [fd00::a] valid=10s ipv6=off;\n-g daemon off;\n"
    );
}
