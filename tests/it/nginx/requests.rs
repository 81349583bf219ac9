//! Requests end where this room says they end: random configurations, random requests, a running nginx.
//!
//! A second server of the same nginx is the upstream, and answers with what it got.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config as Cases, RngAlgorithm, TestRng, TestRunner};
use sioway::nginx::{
    Config, MappedUri, NodeId, Outcome, Request, Route, Version, normalise, parse,
};

use super::oracle::{Reply, Server, address, ask, current, distribution, free_ports};

/// What both nginx here do by default.
const VERSION: Version = Version(1, 28, 0);

/// One location, as text, with those nested in it.
#[derive(Debug, Clone)]
struct Draft {
    head: &'static str,
    body: String,
    nested: Vec<Draft>,
}

const STATIC: [&str; 12] =
    ["/", "/a", "/a/", "/ab", "/b/", "/a/b", "/a/b/", "= /a", "= /a/", "^~ /a/b", "= /", "^~ /b"];

const REGEX: [&str; 5] = ["~ \\.js$", "~ ^/a/(.*)$", "~* /B", "~ /a.b", "~ ^/(?<name>[ab]+)/c"];

/// Directives that come before the content.
fn before() -> impl Strategy<Value = String> {
    let lines = vec![
        "rewrite ^/a/(.*)$ /$1 break;",
        "rewrite ^/ab(.*)$ /b/x$1?y=2 last;",
        "rewrite ^(.*)\\.js$ $1.css? break;",
        "rewrite ^/b/(.*)$ /a/$1;",
        "rewrite ^/b/c(.*)$ /moved$1?z=$1 redirect;",
        "rewrite ^/a/c(.*)$ http://other$1 permanent;",
        "if ($arg_x = 1) { return 403; }",
        "if ($http_x_a) { rewrite ^ /a/if$uri break; }",
        "if ($uri ~* ^/A/(.*)$) { set $group $1; }",
        "set $group \"$args-$uri\";",
        "break;",
    ];
    let none = Just(String::new());
    prop_oneof![3 => none, 1 => subsequence(lines, 1..4).prop_map(|lines| lines.concat())]
}

/// What a location does; some of it only where a path is given.
fn content(has_path: bool) -> impl Strategy<Value = String> {
    let mut contents = vec![
        "proxy_pass http://back;",
        "proxy_pass http://back;",
        "set $up back; proxy_pass http://$up;",
        "set $up back; proxy_pass http://$up/fixed;",
        "set $up back; proxy_pass http://$up/v$uri;",
        "return 200 \"$uri|$args|$group|$name\";",
        "return 307 /to$request_uri;",
    ];
    if has_path {
        contents.extend(["", "/", "/up", "/up/", "/up//", "/u?q=1"].map(|uri| match uri {
            "" => "proxy_pass http://back/;",
            "/" => "proxy_pass http://back/a;",
            "/up" => "proxy_pass http://back/up;",
            "/up/" => "proxy_pass http://back/up/;",
            "/up//" => "proxy_pass http://back/up//;",
            _ => "proxy_pass http://back/u?q=1;",
        }));
    }
    select(contents).prop_map(str::to_owned)
}

/// The headers of a level.
fn headers() -> impl Strategy<Value = String> {
    let lines = vec![
        "proxy_set_header X-A \"a$uri\";",
        "proxy_set_header host x.$host:$server_port;",
        "proxy_set_header Connection $connection_upgrade;",
        "proxy_set_header x-b \"\";",
        "proxy_set_header X-B $arg_x$is_args;",
        "proxy_set_header x-c $host:$server_port;",
    ];
    let none = Just(String::new());
    prop_oneof![2 => none, 1 => subsequence(lines, 1..3).prop_map(|lines| lines.concat())]
}

fn leaf(head: &'static str) -> impl Strategy<Value = Draft> {
    (before(), content(!head.starts_with('~')), headers()).prop_map(
        move |(before, content, headers)| Draft {
            head,
            body: format!("{before} {content} {headers}"),
            nested: Vec::new(),
        },
    )
}

fn path_of(head: &str) -> &str {
    head.rsplit(' ').next().unwrap()
}

/// Locations of one level, without two of the same path.
fn level(within: &'static str, deep: bool) -> BoxedStrategy<Vec<Draft>> {
    let fits = |head: &&&str| path_of(head).starts_with(within);
    let heads: Vec<&'static str> = STATIC.iter().filter(fits).chain(&REGEX).copied().collect();
    let most = heads.len().min(7);
    subsequence(heads, 0..=most)
        .prop_flat_map(move |heads| {
            let mut paths = Vec::new();
            let mut drafts = Vec::new();
            for head in heads {
                let key = (head.starts_with('='), path_of(head));
                if !paths.contains(&key) {
                    paths.push(key);
                    drafts.push(location(head, deep));
                }
            }
            drafts.prop_shuffle()
        })
        .boxed()
}

fn location(head: &'static str, deep: bool) -> BoxedStrategy<Draft> {
    if !deep || head.starts_with(['=', '~']) {
        return leaf(head).boxed();
    }
    let nested = prop_oneof![2 => Just(Vec::new()), 1 => level(path_of(head), false)];
    (leaf(head), nested).prop_map(|(leaf, nested)| Draft { nested, ..leaf }).boxed()
}

fn write(drafts: &[Draft], count: &mut usize, text: &mut String) {
    for Draft { head, body, nested } in drafts {
        *count += 1;
        let _ = write!(text, "location {head} {{ add_header X-L {count} always; {body} ");
        write(nested, count, text);
        text.push_str("}\n");
    }
}

/// The targets that are asked for.
fn target() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "/", "/", "/", "/a", "/a", "/b", "/b/", "/ab", "/a/b", "/c", "//", "/.", "/..", "/./",
        "/../", "%2F", "%2e", "%20", ".js", "/x.js", "%41", "+", "%25", "%3f", "%c3%a9", "~", "é",
        "/B", "%5c", "'", "/if", "/moved",
    ]);
    let query = select(vec!["", "", "?", "?x=1", "?x=2&y=%20+", "?a?b", "?x=%2F#f"]);
    (prop::collection::vec(piece, 0..5), query)
        .prop_map(|(pieces, query)| format!("/{}{query}", pieces.concat()))
}

/// Servers with their ports, and the upstream behind them.
struct Sample {
    text: String,
    requests: Vec<Request>,
    ready: u16,
}

fn sample(runner: &mut TestRunner, servers: usize, requests: usize) -> Sample {
    let mut draw = |strategy: BoxedStrategy<String>| strategy.new_tree(runner).unwrap().current();
    let (back, own) = (free_ports(1)[0], address());
    let mut text = format!(
        "user root root;\nevents {{ worker_connections 4096; }}\nhttp {{\naccess_log off; keepalive_timeout 0;\n\
         map $http_upgrade $connection_upgrade {{ default upgrade; '' keep; ~^h(?<rest>.*)$ h$rest; }}\n\
         upstream back {{ server {own}:{back}; }}\n\
         server {{ listen {own}:{back}; merge_slashes off; location / {{ return 200 \
         \"$request_uri|$http_host|$http_connection|$http_x_a|$http_x_b|$http_x_c\"; }} }}\n\
         proxy_set_header X-A outer;\n"
    );
    let mut all = Vec::new();
    for (index, port) in free_ports(servers).into_iter().enumerate() {
        let merge = if index % 5 == 4 { "merge_slashes off;" } else { "" };
        let early = if index % 4 == 3 { draw(before().boxed()) } else { String::new() };
        let level = draw(
            (level("/", true), headers())
                .prop_map(|(drafts, headers)| {
                    let mut text = headers;
                    write(&drafts, &mut 0, &mut text);
                    text
                })
                .boxed(),
        );
        let _ = write!(
            text,
            "server {{ listen {own}:{port}; absolute_redirect off; {merge} set $group ''; set $name ''; {early}\n\
             add_header X-L 0 always; {level} }}\n"
        );
        for turn in 0..requests {
            all.push(request(port, &draw(target().boxed()), turn));
        }
    }
    text.push_str("}\n");
    Sample { text, requests: all, ready: back }
}

fn request(port: u16, target: &str, turn: usize) -> Request {
    let mut headers = Vec::new();
    if turn.is_multiple_of(3) {
        headers.push(("Upgrade".to_owned(), ["websocket", "h2c"][turn % 2].to_owned()));
    }
    if turn.is_multiple_of(4) {
        headers.push(("X-A".to_owned(), "own".to_owned()));
    }
    Request { host: "Shop.Example.com:81".to_owned(), headers, ..Request::get(port, target) }
}

/// What is expected of an answer: its status, and one more thing.
#[derive(Debug, PartialEq, Eq)]
enum Expected {
    Echo(String),
    Body(u16, String),
    Location(u16, String),
    Status(u16),
    BadRequest,
    NoFile,
}

fn expected(config: &Config<'_>, route: Option<&Route<'_>>) -> Option<Expected> {
    let Some(route) = route else {
        return Some(Expected::BadRequest);
    };
    Some(match &route.outcome {
        Outcome::Returned(returned) => match (returned.code, returned.text.clone()) {
            (301..=308, Some(text)) => Expected::Location(returned.code, text),
            (code, Some(text)) => Expected::Body(code, text),
            (code, None) => Expected::Status(code),
        },
        Outcome::SlashAdded(location) => Expected::Location(301, location.clone()),
        Outcome::Circle => Expected::Status(500),
        Outcome::Internal => Expected::Status(404),
        Outcome::Location => {
            let Some(location) = route.scene.location else {
                return Some(Expected::NoFile);
            };
            config.proxy_pass(location)?;
            Expected::Echo(echo(config, route, location)?)
        }
    })
}

/// What the upstream says it got.
fn echo(config: &Config<'_>, route: &Route<'_>, location: NodeId) -> Option<String> {
    let MappedUri::Sent(uri) = config.map_uri(location, &route.scene).ok()? else {
        return None;
    };
    let sent = config.headers_sent(location, VERSION);
    let value = |name: &str| {
        let written: Vec<String> = sent
            .named(name)
            .map(|header| config.value_at(&header.value, &route.scene))
            .collect::<Result<_, _>>()
            .ok()?;
        let own = if written.is_empty() { route.scene.request.header(name) } else { None };
        Some(own.unwrap_or_else(|| {
            let values: Vec<String> =
                written.into_iter().filter(|value| !value.is_empty()).collect();
            // Spaces at the ends of a header's value do not count.
            values.join(", ").trim().to_owned()
        }))
    };
    let values: Option<Vec<String>> =
        ["Host", "Connection", "X-A", "X-B", "X-C"].into_iter().map(value).collect();
    Some(format!("{uri}|{}", values?.join("|")))
}

fn matches(expected: &Expected, reply: &Reply) -> bool {
    match expected {
        // What nginx sends on may be no URI that it would take itself.
        Expected::Echo(echo) => {
            let uri = echo.split('|').next().unwrap();
            (reply.status == 200 && reply.body == *echo) || normalise(uri, false).is_err()
        }
        Expected::Body(code, body) => {
            reply.status == *code && (reply.body == *body || *code >= 400)
        }
        Expected::Location(code, location) => {
            reply.status == *code && reply.header("Location") == Some(location)
        }
        Expected::Status(code) => reply.status == *code,
        Expected::BadRequest => reply.status == 400,
        Expected::NoFile => reply.status >= 400,
    }
}

/// Asks nginx, and compares; how many of the requests could be told.
fn compare(program: &std::path::PathBuf, sample: &Sample) -> usize {
    let tree = parse(&sample.text);
    assert!(tree.problems.is_empty(), "{:?}", tree.problems);
    let config = Config::alone(&tree);
    assert_eq!(sioway::nginx::violations(&config), []);
    let _server = Server::start(program, &sample.text, sample.ready);
    let mut told = 0;
    for request in &sample.requests {
        let Ok(route) = config.route(request) else {
            continue;
        };
        let Some(expected) = expected(&config, route.as_ref()) else {
            continue;
        };
        told += 1;
        let mut headers = vec![("Host", request.host.as_str())];
        headers.extend(request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let reply = ask(request.port, &request.target, &headers);
        assert!(matches(&expected, &reply), "{}", difference(sample, request, &expected, &reply));
        if let Some(route) = route.filter(|_| expected != Expected::BadRequest) {
            let level = route.scene.location.or(route.selection.location());
            let lines = config.effective(level.unwrap_or(route.server.server), "add_header").lines;
            let label = lines.first().and_then(|line| config.directive(*line).argument(1));
            assert_eq!(
                reply.header("X-L"),
                label,
                "{}",
                difference(sample, request, &expected, &reply)
            );
        }
    }
    told
}

fn difference(sample: &Sample, request: &Request, expected: &Expected, reply: &Reply) -> String {
    let listen = format!("listen {}:{};", address(), request.port);
    let start = sample.text.find(&listen).unwrap_or(0);
    let server = sample.text[start..].split("\nserver ").next().unwrap();
    format!("{request:?}\nexpected {expected:?}\nnginx    {reply:?}\n{server}")
}

fn seeded(seed: u8) -> TestRunner {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    TestRunner::new_with_rng(Cases::default(), rng)
}

#[test]
fn requests_end_where_the_distributions_nginx_lets_them_end() {
    let sample = sample(&mut seeded(1), 60, 40);
    let told = compare(&distribution(), &sample);
    assert!(told > 1500, "{told}");
}

#[test]
fn requests_end_where_a_current_nginx_lets_them_end() {
    let sample = sample(&mut seeded(2), 60, 40);
    let told = compare(&current(), &sample);
    assert!(told > 1500, "{told}");
}
