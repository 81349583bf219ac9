//! What nginx does to requests on their way, and to itself: `sioway trace` beside a real one.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use super::trace::{Case, compare};

const PROXY: &str = "            proxy_pass http://127.0.0.1:3000;\n";
const SERVER: &str = "    server {\n";

/// What takes the client's address from behind the load balancer of the lab.
const REAL_IP: &str = "set_real_ip_from 127.0.0.1; set_real_ip_from 130.211.0.0/22; set_real_ip_from 203.0.113.10; real_ip_header X-Forwarded-For; real_ip_recursive on;";

fn with(steps: &'static [&'static str], lines: &[&str]) -> Case {
    let lines = lines.iter().fold(String::new(), |all, line| all + "            " + line + "\n");
    Case::good(steps).nginx(PROXY, &format!("{lines}{PROXY}"))
}

fn in_http(case: Case, line: &str) -> Case {
    case.nginx(SERVER, &format!("    {line}\n{SERVER}"))
}

/// The steps that fail name this rule first, and there are some.
#[track_caller]
fn names(predicted: &[Value], rule: &str) {
    let bad: Vec<_> = predicted.iter().filter(|one| one["verdict"] == "bad").collect();
    assert!(!bad.is_empty(), "{predicted:#?}");
    assert!(bad.iter().all(|one| one["rules"][0] == rule), "{rule}: {bad:#?}");
}

fn said<'p>(predicted: &'p [Value], step: &str) -> &'p Value {
    predicted.iter().find(|one| one["step"] == step).unwrap_or_else(|| panic!("no {step}"))
}

#[test]
fn requests_that_reach_the_server_without_what_makes_them_one() {
    const ALL: &[&str] = &["handshake", "post", "upgrade", "direct-websocket"];
    const MESSAGE: &[&str] = &["handshake", "post"];
    const BEGIN: &[&str] = &["handshake", "direct-websocket"];
    const NO_BODY: &str = "proxy_pass_request_body off;";
    const NO_LENGTH: &str = "proxy_set_header Content-Length \"\";";
    for (steps, lines) in [
        (ALL, &["proxy_method GET;"][..]),
        (BEGIN, &["proxy_method POST;"]),
        (BEGIN, &["proxy_method PUT;"]),
        (MESSAGE, &[NO_BODY, NO_LENGTH]),
        (MESSAGE, &[NO_LENGTH]),
        (MESSAGE, &["proxy_set_body \"\";"]),
        (MESSAGE, &["proxy_set_body hello;"]),
        (ALL, &["proxy_pass_request_headers off;"]),
        (ALL, &["proxy_set_header Sec-WebSocket-Key \"\";"]),
        (ALL, &["proxy_set_header Sec-WebSocket-Version \"\";"]),
    ] {
        let case = with(steps, lines).tried(1);
        names(&case.predicted(), "session-request-altered");
        case.agrees();
    }
    let case = with(MESSAGE, &[NO_BODY]).tried(1);
    let case = case.nginx("proxy_read_timeout 90s", "proxy_read_timeout 2s");
    assert_eq!(said(&case.predicted(), "post")["rules"][0], "session-request-altered");
    case.agrees();
}

#[test]
fn requests_whose_arguments_are_others() {
    const ALL: &[&str] = &["handshake", "post", "upgrade", "direct-websocket"];
    for line in ["set $args \"\";", "set $args sid=$arg_sid;"] {
        let case = with(ALL, &[line]);
        names(&case.predicted(), "query-lost");
        case.agrees();
    }
    with(ALL, &["set $args \"$args&from=here\";"]).agrees();
}

#[test]
fn requests_that_are_left_as_they_are() {
    const ALL: &[&str] = &["handshake", "post", "upgrade", "direct-websocket"];
    for line in [
        "proxy_method $request_method;",
        "proxy_pass_request_body on;",
        "proxy_set_body $request_body;",
        "proxy_pass_request_headers on;",
        "proxy_set_header Sec-WebSocket-Key $http_sec_websocket_key;",
    ] {
        let case = with(ALL, &[line]);
        let predicted = case.predicted();
        assert!(predicted.iter().all(|one| one["verdict"] != "bad"), "{line}: {predicted:#?}");
        case.agrees();
    }
}

/// A cache in nginx, by its key and by what else is said of it.
fn cached(key: &str, more: &str) -> Case {
    const STEPS: &[&str] = &["handshake", "post", "second-poll", "upgrade", "direct-websocket"];
    let line = format!("proxy_cache kept; proxy_cache_key {key}; proxy_cache_valid 200 1m; {more}");
    let case = with(STEPS, &[&line]).tried(4);
    in_http(case, "proxy_cache_path /tmp/kept keys_zone=kept:1m;")
}

const FORCED: &str = "proxy_ignore_headers Cache-Control;";

#[test]
fn a_cache_that_gives_one_session_to_all() {
    let past = format!("{FORCED} proxy_cache_bypass $http_upgrade; proxy_no_cache $http_upgrade;");
    for (key, more) in [
        ("$uri", FORCED),
        ("$uri$arg_transport$arg_EIO", FORCED),
        ("$uri$arg_sid", FORCED),
        ("$uri", &past),
    ] {
        let case = cached(key, more);
        let (predicted, observed) = (case.predicted(), case.observed());
        names(&predicted, "session-traffic-cached");
        let seen = |step: &str| observed[step].as_array().unwrap().clone();
        let handshakes = seen("handshake");
        assert!(handshakes.iter().all(|one| one["body"] == handshakes[0]["body"]), "{key}");
        // The first client has a session of its own; those after it have the first one's, which has ended.
        compare("post", said(&predicted, "post"), &seen("post")[1..]);
        for step in ["handshake", "second-poll", "upgrade", "direct-websocket"] {
            compare(step, said(&predicted, step), &seen(step));
        }
    }
}

#[test]
fn a_cache_that_keeps_sessions_apart() {
    for (key, more, cautions) in
        [("$request_uri", FORCED, false), ("$host$request_uri", "", false), ("$uri", "", true)]
    {
        let case = cached(key, more);
        let predicted = case.predicted();
        let warned = said(&predicted, "handshake")["rules"][0] == "session-traffic-cached";
        assert_eq!(warned, cautions, "{key}: {predicted:#?}");
        assert!(predicted.iter().all(|one| one["verdict"] != "bad"), "{key}: {predicted:#?}");
        case.agrees();
    }
    let expires = with(&["handshake", "second-poll"], &["expires 1h;"]);
    let predicted = expires.predicted();
    assert_eq!(said(&predicted, "handshake")["rules"][0], "session-traffic-cached");
    expires.agrees();
}

/// Many clients at once, each from an address of its own: who got in, and who did not.
fn crowd(case: &Case) -> (usize, usize) {
    let observed = case.observed();
    let seen = observed["handshake"].as_array().unwrap();
    let of = |status: u16| seen.iter().filter(|one| one["status"] == status).count();
    assert_eq!(of(200) + of(503), seen.len(), "{observed:#}");
    (of(200), of(503))
}

#[test]
fn a_limit_that_counts_everybody_as_one() {
    let limited = with(&["handshake"], &["limit_req zone=all burst=8 nodelay;"]).tried(30);
    let zone = "limit_req_zone $binary_remote_addr zone=all:1m rate=1r/s;";
    let case = in_http(limited, zone);
    let predicted = case.predicted();
    names(&predicted, "limit-counts-load-balancer");
    let handshake = said(&predicted, "handshake");
    assert_eq!((&handshake["status"], &handshake["nowAndThen"]), (&503.into(), &true.into()));
    let text = handshake["outcome"].as_str().unwrap();
    assert!(text.ends_with("9 requests at once and 1 a second after that"), "{text}");
    let (let_in, refused) = crowd(&case);
    assert!((9..15).contains(&let_in) && refused > 0, "{let_in} and {refused}");
    let case = in_http(case, REAL_IP);
    let predicted = case.predicted();
    assert!(predicted.iter().all(|one| one["verdict"] != "bad"), "{predicted:#?}");
    assert_eq!(crowd(&case), (30, 0));
}

/// So many WebSockets that are open together: how many were let in.
fn held(case: &Case, count: u8) -> (usize, usize) {
    let lab = case.run();
    let open = |client: u8| {
        let mut stream = TcpStream::connect(("127.0.0.1", lab.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let request = format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: chat.example.com\r\n\
             X-Forwarded-For: 198.51.100.{client}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        (stream, String::from_utf8_lossy(&status[9..]).into_owned())
    };
    let all: Vec<_> = (0..count).map(open).collect();
    let of = |status: &str| all.iter().filter(|(_, seen)| seen == status).count();
    assert_eq!(of("101") + of("503"), all.len());
    (of("101"), of("503"))
}

#[test]
fn a_limit_of_connections_that_counts_everybody_as_one() {
    let limited = with(&["direct-websocket"], &["limit_conn all 4;"]);
    let case = in_http(limited, "limit_conn_zone $binary_remote_addr zone=all:1m;");
    let predicted = case.predicted();
    names(&predicted, "limit-counts-load-balancer");
    let said = said(&predicted, "direct-websocket");
    assert_eq!((&said["status"], &said["nowAndThen"]), (&503.into(), &true.into()));
    let text = said["outcome"].as_str().unwrap();
    assert!(text.ends_with("4 requests at a time"), "{text}");
    assert_eq!(held(&case, 7), (4, 3));
    let case = in_http(case, REAL_IP);
    let predicted = case.predicted();
    assert!(predicted.iter().all(|one| one["verdict"] != "bad"), "{predicted:#?}");
    assert_eq!(held(&case, 7), (7, 0));
}

#[test]
fn a_limit_below_what_one_session_needs() {
    let case = with(&["handshake", "post"], &["limit_req zone=all;"]).tried(3);
    let case = in_http(case, "limit_req_zone $host zone=all:1m rate=60r/m;");
    let predicted = case.predicted();
    for step in ["handshake", "post"] {
        assert_eq!(said(&predicted, step)["rules"][0], "limit-below-sessions", "{predicted:#?}");
    }
    let observed = case.observed();
    let mut posts = observed["post"].as_array().unwrap().iter();
    assert!(posts.any(|one| one["status"] == 503), "{observed:#}");
}

#[test]
fn an_nginx_that_does_not_start() {
    const STEPS: &[&str] = &["handshake", "direct-websocket"];
    let map = "    map $http_upgrade $connection_upgrade { default upgrade; '' close; }\n";
    for (old, new, rule) in [
        (map, "", "connection-upgrade-undefined"),
        ("proxy_read_timeout 90s;", "proxy_read_timeot 90s;", "nginx-would-not-start"),
        ("pid /tmp/nginx.pid;", "pid /proc/nginx.pid;", "unwritable-temp-path"),
    ] {
        let case = Case::good(STEPS).nginx(old, new).that_does_not_start();
        names(&case.predicted(), rule);
        case.agrees();
    }
}

#[test]
fn an_nginx_that_waits_for_something_else() {
    let case = Case::good(&["handshake", "direct-websocket"]);
    let case =
        case.nginx("listen 8080 default_server", "listen 8080 default_server proxy_protocol");
    names(&case.predicted(), "listen-unreachable");
    case.agrees();
}

const CLASS: &str = "annotations: {kubernetes.io/ingress.class: gce}";

/// The same behind ingress-nginx: its own class, and its own annotations.
fn behind_nginx(case: Case, annotations: &str) -> Case {
    let class = "annotations: {kubernetes.io/ingress.class: nginx";
    case.manifests(CLASS, &format!("{class}{annotations}}}"))
}

#[test]
fn another_controller_that_keeps_nobody_on_a_pod() {
    const REQUESTS: &[&str] = &["handshake", "second-poll", "post", "upgrade", "direct-websocket"];
    let mut case = behind_nginx(Case::good(REQUESTS).tried(45), "");
    case.pods = 3;
    let case = case.balancer("affinity", "random");
    names(&case.predicted(), "session-affinity-missing");
    case.agrees();
    let cookie = ", nginx.ingress.kubernetes.io/affinity: cookie";
    let mut case = behind_nginx(Case::good(REQUESTS).tried(6).with_cookies(), cookie);
    case.pods = 3;
    case.balancer("affinity", "cookie").agrees();
}

#[test]
fn another_controller_that_bears_little_silence() {
    let quick = ", nginx.ingress.kubernetes.io/proxy-read-timeout: \"2\"";
    let mut case = behind_nginx(Case::good(&["idle-poll", "websocket-life"]), quick);
    case.ping = 25_000;
    let case = case.balancer("cut", 2_000).balancer("idle", true);
    let predicted = case.predicted();
    for step in ["idle-poll", "websocket-life"] {
        assert_eq!(said(&predicted, step)["rules"][0], "ingress-timeout-too-short");
    }
    case.agrees();
}
