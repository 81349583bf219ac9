//! Random descriptions of apps that sioway must accept, for properties.

use proptest::prelude::*;

/// The text of an `app.toml`.
pub(crate) fn app_toml() -> impl Strategy<Value = String> {
    // Tables that come last.
    (adoptable(), watching()).prop_map(|(text, watching)| text + &watching)
}

/// The text of an `app.toml` without what no manifest of the session path says: alerts and probes.
pub(crate) fn adoptable() -> impl Strategy<Value = String> {
    (basics(), socketio(), session(), health(), front(), pods()).prop_map(|parts| {
        let (basics, socketio, mut session, health, front, pods) = parts;
        // A gateway places sessions itself: the load balancer's cookie would end there.
        if pods.1.contains("gateway") {
            session = session.replace("cookie", "client-ip");
        }
        // Tables follow the top-level keys, and those of `front` and `pods` come in that order too.
        [basics, pods.0, socketio, session, health, front, pods.1].concat()
    })
}

fn label() -> impl Strategy<Value = String> {
    "[a-z]([a-z0-9-]{0,20}[a-z0-9])?"
}

fn host() -> impl Strategy<Value = String> {
    "[a-z]([a-z0-9-]{0,10}[a-z0-9])?(\\.[a-z][a-z0-9]{0,8}){0,2}\\.(com|org)"
}

fn prefix() -> impl Strategy<Value = String> {
    prop::collection::vec("[A-Za-z0-9_~-]{1,8}", 1..4)
        .prop_map(|parts| format!("/{}/", parts.join("/")))
}

fn basics() -> impl Strategy<Value = String> {
    let hosts = prop::collection::btree_set(host(), 1..4);
    let annotations =
        prop::collection::btree_map("[a-z]{1,8}\\.example/[a-z]{1,8}", ".{0,40}", 0..3);
    (label(), label(), hosts, 1024u32..8000, annotations).prop_map(|(name, namespace, hosts, port, annotations)| {
        let hosts: Vec<String> = hosts.into_iter().collect();
        let table = toml::Value::try_from(annotations).unwrap();
        format!("name = \"{name}\"\nnamespace = \"{namespace}\"\nhost = {hosts:?}\nport = {port}\nannotations = {table}\n")
    })
}

fn socketio() -> impl Strategy<Value = String> {
    let transports = prop::sample::select(vec![
        "[\"polling\"]",
        "[\"websocket\"]",
        "[\"polling\", \"websocket\"]",
    ]);
    (prefix(), prop::option::of(prefix()), transports, 500u32..30_000, 500u32..30_000, 1u32..50).prop_map(
        |(path, server_path, transports, interval, timeout, megabytes)| {
            let server_path = server_path.map(|path| format!("server-path = \"{path}\"\n")).unwrap_or_default();
            format!(
                "[socketio]\npath = \"{path}\"\n{server_path}transports = {transports}\n\
                 ping-interval = \"{interval}ms\"\nping-timeout = \"{timeout}ms\"\nmax-message = \"{megabytes}MB\"\n"
            )
        },
    )
}

fn session() -> impl Strategy<Value = String> {
    let affinity = prop::sample::select(vec!["client-ip", "cookie"]);
    // Polls of the longest ping interval fit into the shortest.
    let max_age = prop_oneof![1 => 31u32..=61, 15 => 61u32..=86_400];
    (affinity, max_age, 0u32..=3_600).prop_map(|(affinity, max_age, drain)| {
        format!(
            "[session]\naffinity = \"{affinity}\"\nmax-age = \"{max_age}s\"\ndrain = \"{drain}s\"\n"
        )
    })
}

fn health() -> impl Strategy<Value = String> {
    let path = prop::sample::select(vec!["/health", "/-/ok", "/ready.txt"]);
    (path, 1u32..=300, 1u32..=300, 1u32..=10, 1u32..=10).prop_map(|(path, a, b, healthy, unhealthy)| {
        let (interval, timeout) = (a.max(b), a.min(b));
        format!(
            "[health]\npath = \"{path}\"\ninterval = \"{interval}s\"\ntimeout = \"{timeout}s\"\n\
             healthy = {healthy}\nunhealthy = {unhealthy}\n"
        )
    })
}

fn front() -> impl Strategy<Value = String> {
    let tls = prop::sample::select(vec![
        "",
        "managed-certificate = true",
        "secret = \"tls\"",
        "pre-shared = \"cert\"",
    ]);
    // An address that a load balancer may have.
    let address = prop::option::of((11u8..100, any::<u8>(), any::<u8>(), any::<u8>()));
    let address =
        address.prop_map(|found| found.map(|(a, b, c, d)| std::net::Ipv4Addr::new(a, b, c, d)));
    let static_paths = prop::collection::btree_set("/static-[a-z]{1,8}/", 0..3);
    (tls, address, prop::option::of(label()), static_paths, any::<bool>()).prop_map(
        |(tls, address, static_ip, static_paths, annotation)| {
            let static_paths: Vec<String> = static_paths.into_iter().collect();
            let mut text = format!("[cdn]\nstatic-paths = {static_paths:?}\n[ingress]\nwebsocket-annotation = {annotation}\n");
            text.extend((!tls.is_empty()).then(|| format!("tls = {{ {tls} }}\n")));
            text.extend(address.map(|address| format!("address = \"{address}\"\n")));
            text.extend(static_ip.map(|name| format!("static-ip = \"{name}\"\n")));
            text
        },
    )
}

/// Top-level keys, then tables.
fn pods() -> impl Strategy<Value = (String, String)> {
    let form = prop::sample::select(vec!["full", "conf.d"]);
    let env = prop::collection::btree_map("[A-Z_]{1,6}X", ".{0,40}", 0..3);
    let root = "/[^$\\p{C}]{0,40}";
    (any::<bool>(), form, 1u32..5, any::<bool>(), env, prop::option::of(root)).prop_map(
        |(gateway, form, replicas, workload, env, root)| {
            let placement = if gateway { "gateway" } else { "sidecar" };
            let mut tables =
                format!("[nginx]\nplacement = \"{placement}\"\nlisten = 8080\nform = \"{form}\"\n");
            // Files need an image that has them.
            if root.is_some() && (gateway || workload) {
                tables.push_str("image = \"registry.example.com/nginx:1.28\"\n");
            }
            tables.extend(root.map(|root| {
                format!(
                    "[[nginx.location]]\npath = \"/files/\"\nroot = {}\n",
                    toml::Value::from(root)
                )
            }));
            if workload {
                let env = toml::Value::try_from(env).unwrap();
                tables.extend([format!(
                    "[workload]\nimage = \"registry.example.com/app:1\"\nenv = {env}\n"
                )]);
            }
            (format!("replicas = {replicas}\n"), tables)
        },
    )
}

/// Alerts and probes.
fn watching() -> impl Strategy<Value = String> {
    let monitoring = prop::sample::select(vec![
        "",
        "[monitoring]\n",
        "[monitoring]\nalerts = [\"managed-prometheus\", \"prometheus-operator\"]\nbad-requests = \"2.5%\"\nunanswered = 30\n",
        "[monitoring]\nalerts = [\"prometheus-operator\"]\ndashboard = true\n",
    ]);
    let verify = prop::sample::select(vec![
        "",
        "[verify]\nimage = \"registry.example.com/sioway:1\"\n",
        "[verify]\nimage = \"sioway\"\nschedule = \"0 */2 * * mon-fri\"\nwait = \"0s\"\nurl = \"https://a.example.com:8443\"\n",
    ]);
    (monitoring, verify).prop_map(|(monitoring, verify)| [monitoring, verify].concat())
}
