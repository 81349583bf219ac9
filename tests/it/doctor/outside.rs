//! The endpoint, and a pod past the load balancer: real Socket.IO servers on loopback.

use serde_json::json;

use super::{by_read_outs, documents, scratch, write};
use crate::lab::bench::{free_port, start};
use crate::probe::server;

#[test]
fn a_healthy_endpoint() {
    let port = free_port();
    let _server = server(port, &json!({}));
    let connect = format!("127.0.0.1:{port}");
    let more = ["--url", "http://chat.example.com", "--connect", &connect, "--sessions", "4"];
    let examined = by_read_outs(&scratch(), &[&super::HEALTHY[..], &more].concat());
    assert_eq!((examined.bad(), examined.status), (vec![], 0), "{}", examined.told());
    assert_eq!(examined.check("sessions")["layer"], "endpoint");
    assert_eq!(examined.document["asked"]["endpoint"], "http://chat.example.com/socket.io/");
}

#[test]
fn the_host_is_that_of_the_ingress() {
    let port = free_port();
    let _server = server(port, &json!({}));
    let connect = format!("127.0.0.1:{port}");
    let call =
        ["doctor", "k8s", "--skip", "cluster,cloud", "--connect", &connect, "--sessions", "1"];
    let examined = super::examined(&mut scratch().command(&call));
    assert_eq!(examined.document["asked"]["endpoint"], "http://chat.example.com/socket.io/");
    assert_eq!(examined.roots(), ["files-sessions"], "{}", examined.told());
    let call = ["doctor", "app.toml", "--against", "out/chat", "--skip", "cluster,cloud"];
    let more = ["--connect", &connect, "--sessions", "1"];
    let secure = super::examined(&mut scratch().command(&[&call[..], &more].concat()));
    assert_eq!(secure.document["asked"]["endpoint"], "https://chat.example.com/socket.io/");
    assert_eq!(secure.roots(), ["reachable"], "no TLS there: {}", secure.told());
    let path =
        super::examined(&mut scratch().command(&[&call[..], &more, &["--path", "/x/"]].concat()));
    assert_eq!(path.document["asked"]["endpoint"], "https://chat.example.com/x/");
}

/// Two servers behind a balancer that sends each request to the next.
#[test]
fn lost_sessions_follow_from_the_setting_that_the_load_balancer_lost() {
    let ports = [free_port(), free_port()];
    let _servers = ports.map(|port| server(port, &json!({})));
    let front = free_port();
    let balancer = json!({
        "port": front, "pods": ports, "affinity": "round-robin", "cache": "off", "cut": 0, "health": "",
    });
    let _balancer = start("balancer.js", &balancer.to_string());
    let scratch = scratch();
    let mut cloud = documents(&scratch, "cloud.json");
    cloud[0][0]["sessionAffinity"] = json!("NONE");
    write(&scratch, "cloud.json", &cloud);
    let url = format!("http://127.0.0.1:{front}");
    let more = ["--url", &url, "--sessions", "4"];
    let examined = by_read_outs(&scratch, &[&super::HEALTHY[..], &more].concat());
    assert_eq!(examined.status, 1);
    assert_eq!(examined.roots(), ["cloud-affinity"], "{}", examined.told());
    assert_eq!(examined.check("sessions")["status"], "fail");
    // A POST may come to the right server by chance.
    for id in ["post", "sessions"] {
        let check = examined.check(id);
        assert!(check["status"] == "pass" || check["follows"] == "cloud-affinity", "{check}");
    }
}

#[test]
fn a_host_that_nobody_answers_for() {
    let url = format!("http://127.0.0.1:{}", free_port());
    let more = ["--url", &url, "--sessions", "1"];
    let examined = by_read_outs(&scratch(), &[&super::HEALTHY[..], &more].concat());
    assert_eq!((examined.roots(), examined.status), (vec!["reachable"], 1), "{}", examined.told());
}

#[cfg(unix)]
mod pods {
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::super::programs::Bench;
    use crate::lab::bench::free_port;
    use crate::probe::server;

    /// kubectl that knows no object, and forwards a port that is open already.
    fn forwards(port: u16) -> String {
        format!(
            "case \"$*\" in *port-forward*)\n  echo 'Forwarding from 127.0.0.1:{port} -> 8080'\n  \
             echo $$ > forward; exec sleep 100 ;;\nesac\n\
             echo '{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[]}}'"
        )
    }

    #[test]
    fn a_pod_is_asked_only_where_that_is_allowed() {
        let port = free_port();
        let _server = server(port, &json!({}));
        let bench = Bench::new();
        bench.program("kubectl", &forwards(port));
        let without = bench.examine(&["--skip", "cloud"]);
        assert_eq!(without.check("pod-answers")["status"], "skip");
        assert!(!bench.calls().contains("port-forward"));
        let with = bench.examine(&["--skip", "cloud", "--exec"]);
        assert!(
            bench.calls().contains(
                "kubectl --namespace shop port-forward --address 127.0.0.1 service/chat :80\n"
            ),
            "{}",
            bench.calls()
        );
        for id in ["pod-answers", "pod-handshake", "pod-post", "pod-upgrade", "pod-websocket"] {
            assert_eq!(with.check(id)["status"], "pass", "{}", with.told());
        }
        let pid = bench.scratch.read("forward");
        let runs = || {
            let kill = std::process::Command::new("kill").args(["-0", pid.trim()]).output();
            kill.unwrap().status.success()
        };
        let end = Instant::now() + Duration::from_secs(20);
        while runs() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!runs(), "the forward ends with the examination");
    }

    #[test]
    fn a_broken_pod_is_told_before_the_endpoint() {
        let port = free_port();
        let _server = server(port, &json!({ "path": "/elsewhere/" }));
        let bench = Bench::new();
        bench.program("kubectl", &forwards(port));
        let url = format!("http://127.0.0.1:{port}");
        let call = ["--skip", "cloud,cluster", "--exec", "--url", &url, "--sessions", "1"];
        let examined = super::super::examined(&mut bench.command(&call));
        assert_eq!(examined.roots()[0], "pod-handshake", "{}", examined.told());
        assert_eq!(examined.check("handshake")["follows"], "pod-handshake");
    }

    #[test]
    fn a_pod_that_cannot_be_asked_is_not_checked() {
        let bench = Bench::new();
        bench.program(
            "kubectl",
            "echo 'error: unable to forward port because pod is not running' >&2; exit 1",
        );
        let examined = bench.examine(&["--skip", "cloud,cluster", "--exec"]);
        assert_eq!(
            examined.evidence("pod-answers"),
            "not checked: `kubectl` failed: `error: unable to forward port because pod is not running`"
        );
        bench.program("kubectl", "sleep 100");
        let slow = bench.examine(&["--skip", "cloud,cluster", "--exec", "--timeout", "1s"]);
        assert_eq!(
            slow.evidence("pod-answers"),
            "not checked: `kubectl` gave no answer within 1 s"
        );
    }
}
