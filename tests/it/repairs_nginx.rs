//! Repairs of nginx configurations: which block gets the line, and who else would notice.

use sioway::diagnostic::Applicability::{self, Manual, Safe, Unsafe};
use sioway::fix::{self, Edit};
use sioway::rules::rule;

use crate::rules::found;
use crate::tools::Scratch;

/// What a rule makes of a configuration, and how safe it says that to be.
fn repaired(id: &str, text: &str) -> (Applicability, String) {
    let found = found(rule(id).unwrap(), "nginx", text);
    assert!(!found.is_empty(), "{id} finds nothing in\n{text}");
    let edits = found.iter().flat_map(|(_, finding)| &finding.edits);
    let edits: Vec<Edit> = edits.map(|(_, edit)| edit.clone()).collect();
    let safety = found.iter().map(|(_, finding)| finding.fix).max().unwrap();
    let text =
        if edits.is_empty() { text.to_owned() } else { fix::apply(text, &edits).unwrap().text };
    (safety, text)
}

/// A whole configuration; `@` in each part stands for the lines of a location that passes sessions on.
fn conf(http: &str, server: &str, location: &str) -> String {
    format!(
        "events {{}}\nhttp {{\n{http}    server {{\n        listen 8080;\n{server}        location /socket.io/ {{\n            \
         proxy_pass http://127.0.0.1:3000;\n{location}        }}\n        location / {{\n            root /srv;\n        }}\n    }}\n}}\n"
    )
}

#[test]
fn a_line_that_others_share_stays_and_the_location_gets_its_own() {
    let own = "            proxy_read_timeout 3600s;\n";
    let outer = "        proxy_read_timeout 10s; # for all\n";
    let cases = [
        (conf("", outer, ""), conf("", outer, own)),
        (
            conf("    proxy_read_timeout 10s;\n", "", ""),
            conf("    proxy_read_timeout 10s;\n", "", own),
        ),
        (conf("", outer, "            proxy_read_timeout 5s;\n"), conf("", outer, own)),
    ];
    for (before, after) in cases {
        assert_eq!(repaired("read-timeout-too-short", &before), (Safe, after), "{before}");
    }
    let small = "    client_max_body_size 10k;\n";
    let own = "            client_max_body_size 1m;\n";
    let before = conf(small, "", "");
    assert_eq!(repaired("body-limit-too-small", &before), (Safe, conf(small, "", own)));
    // A part of a configuration: what is around it may allow more.
    let part = "server {\n    listen 8080;\n    # sioway: socketio max-message=5MB\n    location /socket.io/ {\n        \
                proxy_pass http://127.0.0.1:3000;\n    }\n}\n";
    let after = part.replace("3000;\n", "3000;\n        client_max_body_size 5m;\n");
    assert_eq!(repaired("body-limit-too-small", part), (Unsafe, after));
}

#[test]
fn headers_go_where_the_others_are() {
    let lines = |margin: &str| {
        let names = ["Upgrade $http_upgrade", "Connection $http_connection"];
        names.map(|name| format!("{margin}proxy_set_header {name};\n")).concat()
    };
    let host = |margin: &str| format!("{margin}proxy_set_header Host $host;\n");
    let (deep, shallow) = ("            ", "        ");
    let own = conf("", "", &lines(deep));
    let wanted = conf("", "", &(lines(deep) + &host(deep)));
    assert_eq!(repaired("host-not-forwarded", &own), (Safe, wanted));
    let shared = conf("", &lines(shallow), "");
    let wanted = conf("", &(lines(shallow) + &host(shallow)), "");
    assert_eq!(repaired("host-not-forwarded", &shared), (Unsafe, wanted));
    // An upstream by name may be somebody else's.
    let named = own.replace("127.0.0.1:3000", "api.example.com");
    assert_eq!(repaired("host-not-forwarded", &named).0, Unsafe);
    let explicit = conf("", "", &(lines(deep) + &host(deep).replace("$host", "$proxy_host")));
    assert_eq!(repaired("host-not-forwarded", &explicit).0, Unsafe);
}

#[test]
fn one_map_is_made_and_one_that_is_there_is_used() {
    let constant = "            proxy_set_header Upgrade $http_upgrade;\n            proxy_set_header Connection upgrade;\n";
    let before = conf("", "", constant);
    let twice = before.replace("\n}\n", "") + &before[before.find("    server").unwrap()..];
    let twice =
        twice.replacen("    }\n    server", "    }\n\n    server", 1).replacen("8080", "8081", 1);
    let (safety, after) = repaired("constant-connection-upgrade", &twice);
    assert_eq!(safety, Safe);
    assert_eq!(after.matches("map $http_upgrade").count(), 1, "{after}");
    assert!(after.find("map").unwrap() < after.find("server").unwrap(), "{after}");
    let map = "    map $http_upgrade $conn {\n        default upgrade;\n        '' '';\n    }\n";
    let before = conf(map, "", constant);
    let after = before.replace("Connection upgrade", "Connection $conn");
    assert_eq!(repaired("constant-connection-upgrade", &before), (Safe, after));
}

#[test]
fn what_would_change_something_else_is_left_alone() {
    let health = |more: &str| {
        conf(
            "",
            &format!(
                "        location = /health {{\n{more}            return 200 ok;\n        }}\n"
            ),
            "",
        )
    };
    let add = "            add_header Content-Type text/plain;\n";
    let plain = health("            default_type text/plain;\n");
    assert_eq!(repaired("duplicate-content-type", &health(add)), (Safe, plain));
    let typed = health(&format!("            default_type text/html;\n{add}"));
    assert_eq!(repaired("duplicate-content-type", &typed), (Manual, typed.clone()));
    // Without a line of its own, the location would inherit those of the server.
    let outer =
        health(add).replace("        location =", "        add_header X-A b;\n        location =");
    assert_eq!(repaired("duplicate-content-type", &outer), (Manual, outer.clone()));
    let kept = outer.replace(add, &format!("{add}            add_header X-C d;\n"));
    assert_eq!(repaired("duplicate-content-type", &kept).0, Safe);
    let variable = health(&add.replace("text/plain", "$type"));
    assert_eq!(repaired("duplicate-content-type", &variable).0, Manual);

    let google = "    # behind a Google Cloud load balancer\n    keepalive_timeout 65 60;\n";
    let two = conf(google, "", "");
    assert_eq!(repaired("keepalive-shorter-than-lb", &two), (Manual, two.clone()));

    let upstream = "    upstream chat {\n        server 10.0.0.1:1;\n        server 10.0.0.2:1;\n        server 10.0.0.3:1 backup;\n    }\n";
    let before = conf(upstream, "", "").replace("127.0.0.1:3000", "chat");
    assert_eq!(repaired("upstream-without-affinity", &before), (Manual, before.clone()));
    let before = before.replace(" backup", "");
    let after = before.replace("chat {\n", "chat {\n        hash $remote_addr consistent;\n");
    assert_eq!(repaired("upstream-without-affinity", &before), (Unsafe, after));
}

#[test]
fn a_location_for_more_than_sessions_keeps_its_paths() {
    let location = |path: &str| {
        format!(
            "server {{\n    listen 8080;\n    location ~ [.]js$ {{\n        root /srv;\n    }}\n    \
             location {path} {{ # socket.io\n        proxy_pass http://127.0.0.1:3000;\n    }}\n}}\n"
        )
    };
    let own = location("/socket.io/");
    let after = location("^~ /socket.io/");
    assert_eq!(repaired("regex-takes-session-path", &own), (Safe, after));
    let all = location("/");
    assert_eq!(repaired("regex-takes-session-path", &all), (Manual, all.clone()));
    let prefix = "server {\n    listen 8080;\n    location /chat { # socket.io\n        proxy_pass http://127.0.0.1:3000/;\n    }\n}\n";
    assert_eq!(repaired("prefix-not-mapped", prefix), (Manual, prefix.to_owned()));
}

#[test]
fn a_file_that_others_include_is_left_alone() {
    let scratch = Scratch::new();
    let main = "events {}\nhttp {\n    server {\n        listen 8080;\n        location /socket.io/ {\n            \
                proxy_pass http://127.0.0.1:3000;\n            include snippets/proxy.conf;\n        }\n    }\n}\n";
    let snippet = "proxy_read_timeout 10s;\nproxy_http_version 1.1;\nproxy_set_header Host $host;\n\
                   proxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection upgrade;\n";
    scratch.write("nginx.conf", main);
    scratch.write("snippets/proxy.conf", snippet);
    let run = scratch.run(&["lint", ".", "--fix", "--format", "concise"]);
    assert!(
        run.out.contains("snippets/proxy.conf:1:") && run.status == 1,
        "{}{}",
        run.out,
        run.err
    );
    assert_eq!(scratch.read("snippets/proxy.conf"), snippet, "{}", run.err);
    assert_eq!(scratch.read("nginx.conf"), main, "{}", run.err);
}
