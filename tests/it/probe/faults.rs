//! One fault at a time, on the real nginx: the checks that fail, and the rule that each names first.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::{UPGRADE, nginx, probe, server};
use crate::lab::bench::{Nginx, Running, free_port};

/// nginx before one server: what is in its location beside the proxying.
fn one(http: &str, location: impl Fn(u16) -> String) -> (Running, Nginx) {
    let port = free_port();
    let running = server(port, &json!({}));
    (running, nginx(http, &location(port)))
}

/// nginx before two servers, chosen as `upstream` says.
fn two(upstream: &str, location: &str) -> ([Running; 2], Nginx) {
    let ports = [free_port(), free_port()];
    let servers =
        ports.map(|port| server(port, &json!({ "pingInterval": 3_000, "pingTimeout": 2_000 })));
    let [a, b] = ports;
    let http = format!("upstream app {{ {upstream} server 127.0.0.1:{a}; server 127.0.0.1:{b}; }}");
    (
        servers,
        nginx(&http, &format!("location / {{ proxy_pass http://app; {UPGRADE} {location} }}")),
    )
}

fn url(nginx: &Nginx) -> String {
    format!("http://127.0.0.1:{}", nginx.listen)
}

const QUICK: [&str; 3] = ["--quick", "--sessions", "4"];

#[test]
fn none() {
    let (_server, nginx) =
        one("", |port| format!("location / {{ proxy_pass http://127.0.0.1:{port}; {UPGRADE} }}"));
    probe(&url(&nginx), &["--sessions", "4"]).fails(&[]).says("http-version", "nginx/");
}

#[test]
fn upgrade_headers_dropped() {
    let (_server, nginx) =
        one("", |port| format!("location / {{ proxy_pass http://127.0.0.1:{port}; }}"));
    probe(&url(&nginx), &QUICK)
        .fails(&["upgrade", "websocket"])
        .because("upgrade", "upgrade-not-forwarded")
        .because("websocket", "upgrade-not-forwarded");
}

#[test]
fn wrong_path() {
    let (_server, nginx) = one("", |port| {
        format!("location / {{ proxy_pass http://127.0.0.1:{port}/wrong/; {UPGRADE} }}")
    });
    probe(&url(&nginx), &QUICK)
        .fails(&["handshake", "websocket"])
        .because("handshake", "prefix-not-mapped")
        .because("websocket", "prefix-not-mapped");
    let (_server, nginx) = one("", |port| {
        format!(
            "location /socket.io/ {{ return 404; }} location / {{ proxy_pass http://127.0.0.1:{port}; }}"
        )
    });
    probe(&url(&nginx), &QUICK)
        .fails(&["handshake", "websocket"])
        .because("handshake", "location-not-proxied");
}

#[test]
fn query_lost() {
    let (_server, nginx) = one("", |port| {
        format!(
            "location / {{ set $to http://127.0.0.1:{port}; proxy_pass $to/socket.io/; {UPGRADE} }}"
        )
    });
    probe(&url(&nginx), &QUICK)
        .fails(&["handshake", "websocket"])
        .because("handshake", "query-lost")
        .because("websocket", "query-lost");
}

#[test]
fn read_timeout() {
    let port = free_port();
    let _server = server(port, &json!({ "pingInterval": 3_000 }));
    let location = format!(
        "location / {{ proxy_pass http://127.0.0.1:{port}; {UPGRADE} proxy_read_timeout 1s; }}"
    );
    probe(&url(&nginx("", &location)), &["--sessions", "0", "--hold", "4s"])
        .fails(&["ping", "poll-ping", "hold"])
        .because("ping", "read-timeout-too-short")
        .because("poll-ping", "read-timeout-too-short")
        .because("hold", "read-timeout-too-short")
        .says("ping", "without a close frame")
        .says("poll-ping", "504");
}

#[test]
fn read_timeout_that_looks_like_affinity() {
    let (_servers, nginx) = two("ip_hash;", "proxy_read_timeout 1s;");
    probe(&url(&nginx), &["--sessions", "4"])
        .fails(&["ping", "poll-ping"])
        .because("poll-ping", "read-timeout-too-short")
        .says("poll-ping", "code 1");
}

#[test]
fn body_limits() {
    let (_server, nginx) = one("", |port| {
        format!(
            "location / {{ proxy_pass http://127.0.0.1:{port}; {UPGRADE} client_max_body_size 100k; }}"
        )
    });
    let more = ["--quick", "--sessions", "0", "--max-message", "500KB"];
    probe(&url(&nginx), &more)
        .fails(&["large-message"])
        .because("large-message", "body-limit-too-small")
        .says("large-message", "413");
    let port = free_port();
    let _server = server(port, &json!({}));
    let more = ["--quick", "--sessions", "0", "--max-message", "1001KB"];
    probe(&format!("http://127.0.0.1:{port}"), &more)
        .fails(&["large-message"])
        .because("large-message", "")
        .says("large-message", "the server announces 1000000 bytes");
}

#[test]
fn no_affinity() {
    let (_servers, nginx) = two("", "");
    let probed = probe(&url(&nginx), &["--quick", "--sessions", "20"]);
    assert_eq!(probed.status, 1);
    assert!(probed.with("fail").contains(&"sessions"), "{:#}", probed.document["checks"]);
    for lost in probed.with("fail") {
        probed.because(lost, "session-affinity-missing");
    }
    for holds in ["handshake", "websocket", "fresh-session"] {
        assert!(probed.with("pass").contains(&holds), "{holds}");
    }
    probed.says("sessions", "with 95 % confidence").says("sessions", "upgrade ");
}

#[test]
fn servers_that_take_turns() {
    // One connection at a time is asked, so each request of a session meets the other server.
    let (_servers, nginx) = two("", "");
    let probed = probe(&url(&nginx), &["--quick", "--sessions", "0"]);
    probed.fails(&["post"]).because("post", "session-affinity-missing");
    assert!(
        probed.with("pass").contains(&"upgrade"),
        "which is why more than one session is tried"
    );
}

#[test]
fn affinity_by_address() {
    let (_servers, nginx) = two("ip_hash;", "");
    probe(&url(&nginx), &["--sessions", "8"])
        .fails(&[])
        .says("sessions", "looks the same from one place");
}

#[test]
fn affinity_by_cookie() {
    let ports = [free_port(), free_port()];
    let _servers = ports.map(|port| server(port, &json!({})));
    let [a, b] = ports;
    let http = format!(
        "upstream a {{ server 127.0.0.1:{a}; }} upstream b {{ server 127.0.0.1:{b}; }}\n\
         split_clients $request_id $any {{ 50% a; * b; }}\n\
         map $cookie_GCLB $chosen {{ '' $any; default $cookie_GCLB; }}"
    );
    let location = format!(
        "location / {{ proxy_pass http://$chosen; {UPGRADE} add_header Set-Cookie \"GCLB=$chosen; path=/; HttpOnly\" always; }}"
    );
    let nginx = nginx(&http, &location);
    let probed = probe(&url(&nginx), &["--quick", "--sessions", "16"]);
    probed
        .fails(&[])
        .says("cookie-affinity", "withCredentials")
        .says("cookie-affinity", "SameSite=None");
    assert_eq!(probed.with("warn"), ["cookie-affinity"]);
}

/// A cache that keeps what it should not.
fn cache(key: &str) -> (Running, Nginx) {
    one("proxy_cache_path /tmp/cache keys_zone=kept:1m;", |port| {
        format!(
            "location / {{ proxy_pass http://127.0.0.1:{port}; {UPGRADE} proxy_cache kept; proxy_cache_key {key}; \
             proxy_ignore_headers Cache-Control; proxy_cache_valid 200 1m; \
             add_header X-Cache $upstream_cache_status; }}"
        )
    })
}

#[test]
fn cached_without_the_query() {
    let (_server, nginx) = cache("$uri");
    let probed = probe(&url(&nginx), &QUICK);
    assert!(probed.with("fail").contains(&"fresh-session"), "{:#}", probed.document["checks"]);
    for failed in probed.with("fail") {
        probed.because(failed, "cdn-key-drops-query");
    }
}

#[test]
fn cached_with_the_query() {
    let (_server, nginx) = cache("$request_uri");
    let probed = probe(&url(&nginx), &QUICK);
    probed.fails(&[]).because("fresh-session", "cdn-on-session-traffic");
    assert_eq!(probed.with("warn"), ["fresh-session"]);
}

#[test]
fn redirects() {
    let to = "location / { return 301 https://elsewhere.invalid$request_uri; }";
    probe(&url(&nginx("", to)), &QUICK)
        .fails(&["redirect", "handshake", "websocket"])
        .says("redirect", "301 to https://elsewhere.invalid/socket.io/");
    let circle = "location /socket.io/ { return 302 /b/; } location /b/ { return 302 /socket.io/; }\nabsolute_redirect off;";
    probe(&url(&nginx("", circle)), &QUICK)
        .fails(&["redirect", "handshake", "websocket"])
        .says("redirect", "in a circle");
    let login = "location / { return 302 /login?state=$request_id; } location /login { return 200 in; }\nabsolute_redirect off;";
    probe(&url(&nginx("", login)), &QUICK)
        .fails(&["redirect", "handshake", "websocket"])
        .says("redirect", "/login");
}

#[test]
fn too_many_requests() {
    let (_server, nginx) = one("limit_req_zone $server_port zone=all:1m rate=5r/s;", |port| {
        format!(
            "location / {{ limit_req zone=all burst=8 nodelay; proxy_pass http://127.0.0.1:{port}; {UPGRADE} }}"
        )
    });
    let probed = probe(&url(&nginx), &["--quick", "--sessions", "20"]);
    probed.because("sessions", "limit-counts-load-balancer").says("sessions", "503");
}

#[test]
fn health_paths() {
    let (_server, nginx) = one("", |port| {
        format!(
            "location / {{ proxy_pass http://127.0.0.1:{port}; {UPGRADE} }} location = /good {{ return 200 ok; }}\n\
             location = /gone {{ return 404; }} location = /empty {{ return 204; }}"
        )
    });
    let health = |path| probe(&url(&nginx), &["--quick", "--sessions", "0", "--health", path]);
    health("/good").fails(&[]);
    health("/gone").fails(&["health"]).because("health", "health-path-unanswered");
    health("/empty").fails(&["health"]).says("health", "204");
}

/// A balancer that ends every connection at an age, as classic ones do.
fn mortal(port: u16, age: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let copy = |mut from: TcpStream, mut to: TcpStream| {
                thread::spawn(move || {
                    let mut bytes = [0; 4096];
                    while let Ok(got @ 1..) = from.read(&mut bytes) {
                        if to.write_all(&bytes[..got]).is_err() {
                            break;
                        }
                    }
                    let _ = to.shutdown(Shutdown::Write);
                });
            };
            copy(client.try_clone().unwrap(), server.try_clone().unwrap());
            copy(server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || {
                thread::sleep(age);
                let _ = client.shutdown(Shutdown::Both);
                let _ = server.shutdown(Shutdown::Both);
            });
        }
    });
    listen
}

#[test]
fn cut_at_an_age() {
    let port = free_port();
    let _server = server(port, &json!({}));
    let listen = mortal(port, Duration::from_millis(2_500));
    probe(&format!("http://127.0.0.1:{listen}"), &["--sessions", "2", "--hold", "5s"])
        .fails(&["hold"])
        .because("hold", "websocket-cut-by-timeout")
        .says("hold", "cut at its age")
        .says("hold", "after 2.5 s");
}

#[test]
fn no_backend() {
    let gone = free_port();
    let nginx =
        nginx("", &format!("location / {{ proxy_pass http://127.0.0.1:{gone}; {UPGRADE} }}"));
    probe(&url(&nginx), &QUICK)
        .fails(&["handshake", "websocket"])
        .because("handshake", "health-path-unanswered")
        .says("handshake", "502");
}

#[test]
fn posts_refused() {
    let (_server, nginx) = one("", |port| {
        format!(
            "location / {{ limit_except GET {{ deny all; }} proxy_pass http://127.0.0.1:{port}; {UPGRADE} }}"
        )
    });
    probe(&url(&nginx), &["--quick", "--sessions", "0"])
        .fails(&["post"])
        .because("post", "session-request-refused")
        .says("post", "403")
        .says("post", "security policy");
}
