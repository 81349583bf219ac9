//! What `sioway lint --fix` makes of broken configurations, run: a real client fails through the one, and not through
//! the other.

use serde_json::json;

use super::MEGABYTE;
use super::bench::{Nginx, Version, client, free_port, outcomes, server};
use crate::tools::Scratch;

/// What a location for Socket.IO needs beside its `proxy_pass`.
const HEADERS: &str = "proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $http_connection;";

/// Repairs a file for `conf.d`: what stands before its server and in it, where `PORT` and `OTHER` are the ports of two
/// servers. Before, a scenario fails through it.
fn repaired(path: &str, outside: &str, inside: &str, failing: &str) {
    let (port, other, listen) = (free_port(), free_port(), free_port());
    let _servers = [(port, 0), (other, 1)]
        .map(|(port, number)| server("127.0.0.1", port, "/socket.io/", MEGABYTE, number));
    let conf = format!("{outside}server {{\n    listen {listen};\n{inside}}}\n")
        .replace("HEADERS", HEADERS)
        .replace("PORT", &port.to_string())
        .replace("OTHER", &other.to_string());
    let broken = Nginx::start(Version::Distribution, &conf, listen);
    let (found, said) = outcomes(listen, path, MEGABYTE, &[failing]);
    assert_ne!(found, [json!([failing, "ok"])], "{conf}\n{said}");
    drop(broken);
    let scratch = Scratch::new();
    scratch.write("app.conf", &conf);
    let run = scratch.run(&["lint", ".", "--fix", "--unsafe-fixes", "--format", "concise"]);
    let fixed = scratch.read("app.conf");
    assert_eq!((run.status, &*run.out), (0, ""), "{}\n{fixed}", run.err);
    let _nginx = Nginx::start(Version::Distribution, &fixed, listen);
    let others = ["polling", "websocket", "upgrade", "big by polling", "idle by polling"];
    client(listen, path, MEGABYTE, &others);
    client(listen, path, MEGABYTE, &[failing]);
}

#[test]
fn headers_are_forwarded() {
    let plain = "    location /socket.io/ {\n        proxy_pass http://127.0.0.1:PORT;\n    }\n";
    repaired("/socket.io/", "", plain, "upgrade");
    let lost = "    proxy_set_header Upgrade $http_upgrade;\n    proxy_set_header Connection upgrade;\n    \
                location /socket.io/ {\n        proxy_pass http://127.0.0.1:PORT;\n        \
                proxy_set_header Host $host;\n    }\n";
    repaired("/socket.io/", "", lost, "websocket");
}

#[test]
fn limits_let_sessions_through() {
    let location = |line: &str| {
        format!(
            "    location /socket.io/ {{\n        proxy_pass http://127.0.0.1:PORT;\n        HEADERS\n{line}    }}\n"
        )
    };
    let small = location("        client_max_body_size 100k;\n");
    repaired("/socket.io/", "", &small, "big by polling");
    let short = format!("    proxy_read_timeout 300ms;\n{}", location(""));
    repaired("/socket.io/", "", &short, "idle by polling");
}

#[test]
fn paths_and_queries_arrive() {
    let below = |pass: &str| {
        format!("    location /x/socket.io/ {{\n        {pass}\n        HEADERS\n    }}\n")
    };
    let slashless = below("proxy_pass http://127.0.0.1:PORT/socket.io;");
    repaired("/x/socket.io/", "", &slashless, "polling");
    let fixed = below("set $app 127.0.0.1:PORT;\n        proxy_pass http://$app/socket.io/;");
    repaired("/x/socket.io/", "", &fixed, "polling");
    let files = "    location ~ ^/x/ {\n        root /nowhere;\n    }\n";
    let beaten = below("proxy_pass http://127.0.0.1:PORT/socket.io/;") + files;
    repaired("/x/socket.io/", "", &beaten, "polling");
}

#[test]
fn sessions_keep_their_server_and_their_answers() {
    let to = |target: &str, more: &str| {
        format!(
            "    location /socket.io/ {{\n        proxy_pass http://{target};\n        HEADERS\n{more}    }}\n"
        )
    };
    let two = "upstream app {\n    server 127.0.0.1:PORT;\n    server 127.0.0.1:OTHER;\n}\n";
    repaired("/socket.io/", two, &to("app", ""), "polling");
    let cache = "proxy_cache_path /tmp/cache keys_zone=answers:1m;\n";
    let stored = "        proxy_cache answers;\n        proxy_cache_key $uri;\n        \
                  proxy_cache_valid 200 1m;\n        proxy_ignore_headers Cache-Control;\n";
    repaired("/socket.io/", cache, &to("127.0.0.1:PORT", stored), "polling");
}
