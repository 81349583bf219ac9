//! Which server answers a `Host`, asked of a running nginx.

use std::fmt::Write as _;

use proptest::sample::subsequence;
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::{Config as Cases, RngAlgorithm, TestRng, TestRunner};
use sioway::nginx::{ChosenBy, Config, Request, parse};

use super::oracle::{Server, address, ask, distribution, free_ports};

const NAMES: [&str; 16] = [
    "example.com",
    "www.example.com",
    "*.example.com",
    ".example.org",
    "*.a.example.com",
    "www.example.*",
    "example.*",
    "~^w+\\.(.*)$",
    "~^b\\.example\\.com$",
    "~[0-9]\\.",
    "_",
    "\"\"",
    "127.0.0.1",
    "A.Example.Com",
    "*.com",
    "www.*",
];

const HOSTS: [&str; 20] = [
    "example.com",
    "EXAMPLE.com:8080",
    "www.example.com",
    "www.example.com.",
    "b.example.com",
    "x.a.example.com",
    "a.example.com",
    "example.org",
    "x.example.org",
    "www.example.org",
    "www.example.co.uk",
    "example.net",
    "www.shop.net",
    "127.0.0.1",
    "127.0.0.1:80",
    "[::1]:80",
    "_",
    "unknown",
    "7.unknown",
    "",
];

/// Servers on a port: each with some names, one perhaps the default.
fn servers(runner: &mut TestRunner, port: u16, default: usize) -> String {
    let (mut text, here) = (String::new(), address());
    let mut names = NAMES.to_vec();
    for index in 0..5 {
        let own =
            subsequence(names.clone(), 0..=names.len().min(4)).new_tree(runner).unwrap().current();
        names.retain(|name| !own.contains(name));
        let flag = if index == default { " default_server" } else { "" };
        let name =
            if own.is_empty() { String::new() } else { format!("server_name {};", own.join(" ")) };
        let label = format!("return 200 {port}-{index};");
        let _ = writeln!(text, "server {{ listen {here}:{port}{flag}; {name} {label} }}");
    }
    text
}

#[test]
fn hosts_are_answered_by_the_server_that_nginx_takes() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Cases::default(), rng);
    let ports = free_ports(30);
    let servers: Vec<String> = (ports.iter().enumerate())
        .map(|(index, port)| servers(&mut runner, *port, index % 7))
        .collect();
    let text = format!(
        "user root root;\nevents {{}}\nhttp {{ access_log off; server_names_hash_bucket_size 128;\n{} }}\n",
        servers.concat()
    );
    let tree = parse(&text);
    let config = Config::alone(&tree);
    let _server = Server::start(&distribution(), &text, ports[0]);
    for port in ports {
        for host in HOSTS {
            let headers = [("Host", host)];
            let reply = ask(port, "/", if host.is_empty() { &[] } else { &headers });
            let request = Request { host: host.to_owned(), ..Request::get(port, "/") };
            let route = config.route(&request).unwrap().unwrap();
            let answer =
                config.directive(config.named(route.server.server, "return").next().unwrap());
            assert_eq!(
                answer.argument(1),
                Some(reply.body.as_str()),
                "{host}: {:?}\n{text}",
                route.server
            );
        }
    }
}

#[test]
fn the_default_is_the_flagged_or_the_first() {
    let tree = parse(
        "server { listen 81; server_name a; }\nserver { listen 80; listen 81 default_server ssl; }\n\
         server { listen [::]:80 default_server; listen unix:/a; listen 10.0.0.1:82; }\nserver { server_name b; }\n",
    );
    let config = Config::alone(&tree);
    let servers = config.servers();
    let default = |port| config.default_server(port).map(|one| (one.server, one.by));
    assert_eq!(default(81), Some((servers[1], ChosenBy::DefaultFlag)));
    assert_eq!(default(80), Some((servers[1], ChosenBy::First)), "those of [::] are others");
    assert_eq!(default(82), Some((servers[2], ChosenBy::First)));
    assert_eq!(default(83), None);
    assert_eq!(config.on_port(80).len(), 2, "one of them by having no `listen`");
    let socket = &config.listens(servers[2])[1];
    assert_eq!((socket.address.as_str(), socket.port), ("unix:/a", None));
}
