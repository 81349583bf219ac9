//! With which configurations nginx does not start.

use sioway::nginx::{Config, MappedUri, Request, ViolationKind, parse, violations};

use super::oracle::{Oracle, distribution};

/// The body of a server, in a whole configuration.
fn around(http: &str, server: &str) -> String {
    format!("events {{}}\nhttp {{ {http}\nserver {{ listen 127.0.0.1:1; {server} }} }}\n")
}

/// What stands in `http` and in a server.
fn cases() -> Vec<(&'static str, String)> {
    let map = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }";
    let split = "split_clients $remote_addr $half { 50% a; * b; }";
    let header = |value: &str| format!("proxy_set_header X {value};");
    vec![
        ("", header("$connection_upgrade")),
        (map, header("$connection_upgrade")),
        (map, header("$connection_upgrades")),
        (split, header("$half")),
        ("geo $near { default 0; }", header("$near")),
        ("geo $remote_addr $near { default 0; }", header("a${near}b")),
        ("", format!("set $own 1; {}", header("$own"))),
        ("", format!("location ~ (?<part>a) {{ {} }}", header("$part"))),
        ("", format!("location ~ (?P<part>a) {{ {} }}", header("$part"))),
        ("", "if ($nothing) { return 200; }".to_owned()),
        ("", "return 200 $nothing;".to_owned()),
        ("", "add_header X $nothing;".to_owned()),
        ("", "rewrite ^/(?<x>.*) /$x; set $y $x;".to_owned()),
        ("log_format a $nothing;", String::new()),
        ("uwsgi_temp_path a; scgi_temp_path b; fastcgi_temp_path c;", header("$nothing")),
        ("map $uri $x { ~^/(?<rest>.*)$ $rest; }", header("$x$rest")),
        ("", header("$http_anything$arg_a$cookie_b$sent_http_c$upstream_http_d$1")),
        (
            "",
            header("$proxy_add_x_forwarded_for$remote_addr$scheme$ssl_protocol$binary_remote_addr"),
        ),
        ("", header("$realip_remote_addr$limit_req_status$gzip_ratio$request_id$hostname$pid")),
    ]
}

#[test]
fn variables_that_nothing_defines_are_found() {
    let oracle = Oracle::new(distribution());
    for (http, server) in cases() {
        let text = around(http, &server);
        let refusal = oracle.refusal(text.as_bytes());
        let tree = parse(&text);
        let unknown = Config::alone(&tree).unknown_variables().unwrap();
        let refused = refusal.starts_with("unknown \"");
        assert!(refused || refusal.is_empty(), "{refusal}");
        assert_eq!(!unknown.is_empty(), refused, "{text}{refusal} {unknown:?}");
    }
}

#[test]
fn variables_of_files_that_are_not_known_are_left_alone() {
    let tree = parse(&around("include conf.d/*.conf;", "return 200 $nothing;"));
    assert_eq!(Config::alone(&tree).unknown_variables(), None);
    let tree = parse("location / { return 200 $nothing; }");
    assert_eq!(Config::alone(&tree).unknown_variables(), None);
    let tree = parse(&around("include /etc/nginx/mime.types;", "return 200 $nothing;"));
    assert_eq!(Config::alone(&tree).unknown_variables().unwrap().len(), 1);
    let tree = parse(&around("vhost_traffic_status_zone;", "return 200 $nothing;"));
    assert_eq!(Config::alone(&tree).unknown_variables(), None, "a module may bring it");
}

#[test]
fn a_uri_part_may_not_stand_everywhere() {
    let oracle = Oracle::new(distribution());
    for (location, pass) in [
        ("location /a/", "proxy_pass http://127.0.0.1:1/b/;"),
        ("location ~ ^/a/", "proxy_pass http://127.0.0.1:1/b/;"),
        ("location ~ ^/a/", "proxy_pass http://127.0.0.1:1;"),
        ("location ~ ^/a/", "set $x ''; proxy_pass http://127.0.0.1:1/b$x;"),
        ("location = /a/", "proxy_pass http://127.0.0.1:1/;"),
        ("location /a/", "if ($uri) { proxy_pass http://127.0.0.1:1/b/; }"),
        ("location /a/", "if ($uri) { proxy_pass http://127.0.0.1:1; }"),
    ] {
        let text = around("", &format!("{location} {{ {pass} }}"));
        let refused = oracle.refusal(text.as_bytes()).contains("cannot have URI part");
        let tree = parse(&text);
        let config = Config::alone(&tree);
        let request = Request::get(1, "/a/");
        let route = config.route(&request).unwrap().unwrap();
        let mapped = config.map_uri(route.scene.location.unwrap(), &route.scene).unwrap();
        assert_eq!(mapped == MappedUri::Refused, refused, "{text}");
    }
}

#[test]
fn violations_are_told_apart() {
    use ViolationKind::{
        ArgumentCount, NotAllowedHere, SemicolonMissing, WantsBlock, WantsSemicolon,
    };
    for (server, expected) in [
        ("worker_processes 1;", NotAllowedHere),
        ("client_max_body_size;", ArgumentCount),
        ("client_max_body_size 1m\n proxy_buffering off;", SemicolonMissing),
        ("proxy_buffering off\n location / { }", SemicolonMissing),
        ("location /;", WantsBlock),
        ("root /a { }", WantsSemicolon),
        ("location / { listen 80; }", NotAllowedHere),
        ("location / { if ($uri) { proxy_buffering off; } }", NotAllowedHere),
    ] {
        let text = around("", server);
        let tree = parse(&text);
        assert!(!Oracle::new(distribution()).refusal(text.as_bytes()).is_empty());
        let found = violations(&Config::alone(&tree));
        let kinds: Vec<ViolationKind> = found.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [expected], "{server}");
    }
    let text = around("keepalive_timeout 1; keepalive_timeout 2;", "unheard_of 1 2 3;");
    let tree = parse(&text);
    let found = violations(&Config::alone(&tree));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "`keepalive_timeout` is there twice");
}
