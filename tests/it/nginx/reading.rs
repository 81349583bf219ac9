//! What is read out of configurations, with the lines that say so.

use sioway::nginx::{
    Answer, Balancing, Config, Fault, FileId, Included, MappedUri, ROOT, Request, Shape, Version,
    parse,
};

const VERSION: Version = Version(1, 27, 0);

const WHOLE: &str = "\
worker_processes auto;
events { worker_connections 4096; }
http {
    default_type application/octet-stream;
    proxy_set_header Host $host;
    proxy_set_header X-Real-IP $remote_addr;
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
    upstream app { ip_hash; server 10.0.0.1:3000 weight=2; server app:3001 backup max_fails=0; keepalive 8; }
    server {
        listen 8080 default_server;
        location = /health { access_log off; default_type text/plain; return 200 \"ok\\n\"; }
        location = /typed { add_header Content-Type text/plain; return 200 ok; }
        location /theia/ {
            proxy_pass http://app/;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 1h 5m;
            client_max_body_size 8m;
        }
        location / { try_files $uri /index.html; root /srv; }
    }
}
";

fn text_of(text: &str, config: &Config<'_>, node: sioway::nginx::NodeId) -> String {
    let span = config.place(node).span;
    text[span.start..span.end].to_owned()
}

fn websocket() -> Request {
    Request {
        host: "a.example.com".to_owned(),
        headers: vec![("Upgrade".to_owned(), "websocket".to_owned())],
        ..Request::get(8080, "/theia/socket.io/?EIO=4")
    }
}

#[test]
fn a_location_says_what_holds_there_and_why() {
    let tree = parse(WHOLE);
    let config = Config::alone(&tree);
    let request = websocket();
    let route = config.route(&request).unwrap().unwrap();
    let location = route.selection.location().unwrap();
    assert_eq!(text_of(WHOLE, &config, location), "location /theia/");
    let mapped = config.map_uri(location, &route.scene).unwrap();
    assert_eq!(mapped, MappedUri::Sent("/socket.io/?EIO=4".to_owned()));
}

#[test]
fn headers_and_settings_are_inherited_as_nginx_does() {
    let tree = parse(WHOLE);
    let config = Config::alone(&tree);
    let request = websocket();
    let route = config.route(&request).unwrap().unwrap();
    let location = route.selection.location().unwrap();
    let sent = config.headers_sent(location, VERSION);
    let lost: Vec<String> = sent.lost.iter().map(|line| text_of(WHOLE, &config, *line)).collect();
    assert_eq!(lost, ["proxy_set_header Host $host", "proxy_set_header X-Real-IP $remote_addr"]);
    let value = |name: &str| config.value_at(&sent.named(name).next().unwrap().value, &route.scene);
    assert_eq!(value("connection").unwrap(), "upgrade");
    assert_eq!(value("upgrade").unwrap(), "websocket");
    assert_eq!(
        value("host").unwrap(),
        "app",
        "nginx's own, as the location has headers of its own"
    );
    assert_eq!(config.effective_value(location, "proxy_read_timeout", VERSION), Some("1h"));
    assert_eq!(config.effective_value(location, "proxy_send_timeout", VERSION), Some("60s"));
    assert_eq!(config.is_on(location, "proxy_buffering", VERSION), Some(true));
    assert!(config.effective(location, "proxy_send_timeout").doubt.is_none());
}

#[test]
fn upstreams_are_read() {
    let tree = parse(WHOLE);
    let config = Config::alone(&tree);
    let request = websocket();
    let route = config.route(&request).unwrap().unwrap();
    let location = route.selection.location().unwrap();
    let pass = config.proxy_pass(location).unwrap();
    assert_eq!((pass.host.as_str(), pass.uri.as_deref()), ("app", Some("/")));
    let upstream = config.upstream(pass.upstream.unwrap());
    assert_eq!(upstream.balancing, Balancing::IpHash);
    assert_eq!((upstream.peers[0].weight, upstream.peers[0].port), (2, Some(3000)));
    assert!(
        upstream.peers[1].backup
            && upstream.peers[1].max_fails == 0
            && upstream.keepalive.is_some()
    );
}

#[test]
fn answers_without_an_upstream_are_known() {
    let tree = parse(WHOLE);
    let config = Config::alone(&tree);
    let at = |target: &str| {
        let request = Request::get(8080, target);
        config.route(&request).unwrap().unwrap().selection.location().unwrap()
    };
    let health = at("/health");
    assert!(matches!(config.answer(health), Answer::Return { code: 200, text: Some("ok\n"), .. }));
    assert!(!config.is_logged(health) && config.is_logged(at("/")));
    assert_eq!(config.content_types(health).own, "text/plain");
    assert!(config.content_types(health).added.is_empty());
    let typed = config.content_types(at("/typed"));
    assert_eq!((typed.own, typed.added.len()), ("application/octet-stream", 1));
    assert!(matches!(config.answer(at("/")), Answer::TryFiles { fallback: "/index.html", .. }));
    assert!(matches!(config.answer(at("/theia/")), Answer::Pass { .. }));
}

#[test]
fn defaults_follow_the_version() {
    let tree = parse("events {} http { server { location / { proxy_pass http://a; } } }");
    let config = Config::alone(&tree);
    let location = config.locations(config.servers()[0])[0].node;
    let (old, new) = (Version(1, 29, 6), Version(1, 29, 7));
    assert_eq!(config.effective_value(location, "proxy_http_version", old), Some("1.0"));
    assert_eq!(config.effective_value(location, "proxy_http_version", new), Some("1.1"));
    let connection = |version| {
        config.headers_sent(location, version).named("Connection").next().unwrap().value.clone()
    };
    assert_eq!((connection(old).as_str(), connection(new).as_str()), ("close", ""));
}

#[test]
fn included_files_take_the_place_of_the_line() {
    let root = parse("events {} http { include conf.d/*.conf; proxy_read_timeout 5s; }");
    let servers = parse("server { listen 80; include snippets/app; include /not/there; }");
    let snippet = parse("location /a { proxy_pass http://b; }");
    let config = Config::assemble(FileId(0), &root, &|pattern| match pattern {
        "conf.d/*.conf" => Included::Files(vec![(FileId(1), &servers)]),
        "snippets/app" => Included::Files(vec![(FileId(2), &snippet)]),
        _ => Included::Unknown,
    });
    let request = Request::get(80, "/a");
    let selection = config.route(&request);
    assert!(selection.is_ok());
    let selection = selection.unwrap().unwrap().selection;
    let location = selection.location().unwrap();
    assert_eq!(config.file(location), FileId(2));
    assert!(selection.doubt.is_some(), "the file that is not there may have a longer prefix");
    let timeout = config.effective(location, "proxy_read_timeout");
    assert_eq!(config.file(timeout.line().unwrap()), FileId(0));
    assert!(timeout.doubt.is_some(), "the file that is not there may set it for the server");
    assert_eq!(config.unread().len(), 1);
}

#[test]
fn files_that_include_themselves_end() {
    let tree = parse("a; include x; include x; b;");
    let config = Config::assemble(FileId(0), &tree, &|_| Included::Files(vec![(FileId(0), &tree)]));
    assert!(!config.unread().is_empty());
}

#[test]
fn parts_are_recognised_by_what_stands_in_them() {
    for (text, shape) in [
        (WHOLE, Shape::Full),
        ("map $a $b { default 1; }\nserver { listen 80; }", Shape::Http),
        ("upstream a { server b; }", Shape::Http),
        ("keepalive_timeout 1;\nserver { }", Shape::Http),
        ("worker_processes 1;\nserver { }", Shape::Http),
        ("location / { }", Shape::Server),
        ("listen 80;\nserver_name a;", Shape::Server),
        ("proxy_pass http://a;\nproxy_set_header A b;", Shape::Location),
        ("proxy_set_header A b;", Shape::Unknown),
        ("worker_processes 1;", Shape::Full),
        ("user a;\nevents {}", Shape::Full),
        ("", Shape::Unknown),
    ] {
        assert_eq!(Shape::of(&parse(text)), shape, "{text}");
    }
    let tree = parse("location /a/ { proxy_pass http://b/; }");
    let config = Config::alone(&tree);
    assert_eq!(config.servers(), [ROOT]);
    let effective = config.effective(config.locations(ROOT)[0].node, "proxy_read_timeout");
    assert!(effective.doubt.is_some(), "the server around it may set it");
}

#[test]
fn maps_give_their_value_and_line() {
    let text = "map $a $b { volatile; default d; x y; ~^r(.)$ $1; \\default e; 'P Q' z; }\nmap $c $h { hostnames; .a b; }";
    let tree = parse(text);
    let config = Config::alone(&tree);
    let map = config.map_of("b").unwrap();
    for (input, value) in [
        ("x", "y"),
        ("X", "y"),
        ("default", "e"),
        ("p q", "z"),
        ("other", "d"),
        ("rs", "$1"),
        ("", "d"),
    ] {
        assert_eq!(config.mapped(map, input).unwrap().value, value, "{input}");
    }
    let by = config.mapped(map, "x").unwrap().at.unwrap();
    assert_eq!(text_of(text, &config, by), "x y");
    assert!(config.mapped(config.map_of("h").unwrap(), "a").is_err());
}

#[test]
fn several_problems_of_a_text_are_found() {
    let text = "http {\n  listen 80\n}\n}\nserver {\n  a \"b\"c;\n  d 'e;\n  f g;\n ;\n";
    let tree = parse(text);
    let faults: Vec<Fault> = tree.problems.iter().map(|problem| problem.fault).collect();
    assert!(
        faults.contains(&Fault::MissingSemicolon) && faults.contains(&Fault::UnmatchedClose),
        "{faults:?}"
    );
    assert!(
        faults.contains(&Fault::UnterminatedQuote) && faults.contains(&Fault::Unclosed),
        "{faults:?}"
    );
    let missing = &tree.problems[0];
    assert_eq!(&text[missing.span.start..missing.span.end], "listen 80");
    assert_eq!(missing.message, "directive without `;`");
    let names: Vec<&str> = tree.walk().map(|one| &*one.name.text).collect();
    assert_eq!(names, ["http", "listen", "server", "a", "d", "f"], "the rest is still read");
}

#[test]
fn lua_is_skipped() {
    let text = "location / { content_by_lua_block { local t = {'}', [[}]]} -- }\n } root /a; }\n";
    let tree = parse(text);
    assert_eq!(tree.problems, []);
    let children = tree.directives[0].children();
    assert_eq!(children.len(), 2);
    let raw = children[0].block.as_ref().unwrap().raw.unwrap();
    assert_eq!(&text[raw.start..raw.end], " local t = {'}', [[}]]} -- }\n ");
}

#[test]
fn what_cannot_be_known_is_said() {
    let text = "server { listen 80; server_name ~^(?=a); location ~ (a)\\1 { } location / { } set_real_ip_from 10.0.0.0/8; }";
    let tree = parse(text);
    let config = Config::alone(&tree);
    let request = Request { host: "b".to_owned(), ..Request::get(80, "/") };
    let doubt = config.route(&request).unwrap_err();
    assert_eq!(text_of(text, &config, doubt.at.unwrap()), "server_name ~^(?=a)");
    let text = text.replace("server_name ~^(?=a); ", "");
    let tree = parse(&text);
    let config = Config::alone(&tree);
    let doubt = config.route(&request).unwrap_err();
    assert_eq!(doubt.why, "`(a)\\1` cannot be evaluated");
}
