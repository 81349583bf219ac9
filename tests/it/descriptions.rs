//! Random descriptions that use the keys `specs` leaves out.

use proptest::prelude::*;

/// Descriptions with the keys that `specs` leaves out. Some are refused.
pub(crate) fn described() -> impl Strategy<Value = String> {
    (keys(), front(), nginx(), names()).prop_map(|(keys, front, nginx, names)| {
        let basics = "name = \"chat\"\nnamespace = \"talk\"\nport = 3000\n";
        without_refusals(&[basics, &keys, &front, &nginx, &names].concat())
    })
}

/// Leaves out what is refused most often, so that enough is left.
fn without_refusals(text: &str) -> String {
    let has = |what: &str| text.contains(what);
    let mut gone: Vec<&str> = Vec::new();
    let renders_nginx = has("\"gateway\"") || (has("[workload]") && !has("\"none\"\n"));
    if !has("[workload]") && !has("\"gateway\"") {
        gone.push("workload = ");
    }
    if !renders_nginx {
        gone.push("image = \"registry.example.com/nginx");
    }
    if !has("\"gateway\"") {
        gone.extend(["resolver = ", "replicas = 3"]);
    } else if !has("[workload]") {
        return text.replace("namespace", "replicas = 2\nnamespace").replace("replicas = 1\n", "");
    }
    if has("placement = \"none\"") {
        gone.extend(["server-path", "listen", "form", "config-map", "answered-by", "address"]);
    }
    if !has("transports") {
        gone.push("affinity = \"none\"");
    }
    if has("gke-internal") {
        gone.extend(["tls = { managed", "ssl-policy", "https-redirect", "static-paths", "address"]);
    }
    let stays = |line: &&str| !gone.iter().any(|gone| line.starts_with(gone));
    let lines: Vec<&str> = text.lines().filter(stays).collect();
    lines.join("\n") + "\n"
}

fn one_of(lines: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(lines)
}

/// Of some lines any that luck chooses.
fn some_of(lines: &'static [&'static str]) -> impl Strategy<Value = String> {
    let all = 0..=lines.len();
    prop::sample::subsequence(lines, all).prop_map(|lines| lines.concat())
}

fn keys() -> impl Strategy<Value = String> {
    let hosts =
        one_of(&["host = \"a.example.com\"\n", "host = [\"b.example.com\", \"a.example.com\"]\n"]);
    let rest = some_of(&[
        "profile = \"gke-internal\"\n",
        "replicas = 1\n",
        "selector = { app = \"chat\", tier = \"web\" }\n",
        "labels = { team = \"talk\", \"example.com/part\" = \"\" }\n",
        "annotations = { \"example.com/note\" = \"a: # b\" }\n",
    ]);
    let socketio = some_of(&[
        "path = \"/rt/socket.io/\"\n",
        "server-path = \"/mounted/\"\n",
        "transports = [\"websocket\"]\n",
        "max-message = \"20MiB\"\n",
    ]);
    let session = one_of(&[
        "",
        "affinity = \"none\"\n",
        "affinity = \"cookie\"\n",
        "affinity = \"cookie\"\naffinity-ttl = \"24h\"\nmax-age = \"2h\"\n",
    ]);
    let health = some_of(&["path = \"/ok\"\n", "answered-by = \"app\"\n", "interval = \"20s\"\n"]);
    (hosts, rest, socketio, session, health).prop_map(|(hosts, rest, socketio, session, health)| {
        format!("{hosts}{rest}[socketio]\n{socketio}[session]\n{session}[health]\n{health}")
    })
}

fn front() -> impl Strategy<Value = String> {
    let tls = one_of(&[
        "",
        "tls = { managed-certificate = true }\n",
        "tls = { secret = \"tls\" }\n",
        "tls = { pre-shared = \"cert\" }\nhttps-redirect = false\n",
        "tls = { secret = \"tls\" }\nssl-policy = \"modern\"\n",
        "tls = { secret = \"tls\" }\nhttps-redirect = false\nssl-policy = \"modern\"\n",
    ]);
    let rest = some_of(&[
        "address = \"203.0.113.7\"\n",
        "static-ip = \"ip\"\n",
        "websocket-annotation = true\n",
    ]);
    let routes = some_of(&[
        "[[ingress.route]]\npath = \"/about\"\nservice = \"pages\"\n",
        "[[ingress.route]]\npath = \"/robots.txt\"\npath-type = \"Exact\"\nservice = \"pages\"\nservice-port = \"web\"\n",
        "[[ingress.route]]\npath = \"/api/\"\n",
        "[[ingress.route]]\npath = \"/files\"\nservice = \"files\"\nservice-port = 8080\n",
        "[[ingress.route]]\npath = \"/\"\n",
    ]);
    let cdn = one_of(&["", "[cdn]\nstatic-paths = [\"/assets/\", \"/img/\"]\n"]);
    (cdn, tls, rest, routes)
        .prop_map(|(cdn, tls, rest, routes)| format!("{cdn}[ingress]\n{tls}{rest}{routes}"))
}

fn nginx() -> impl Strategy<Value = String> {
    let placement = one_of(&["sidecar", "none", "gateway"]);
    let rest = some_of(&[
        "listen = 8088\n",
        "form = \"conf.d\"\n",
        "resolver = \"kube-dns.kube-system.svc.cluster.local\"\n",
        "image = \"registry.example.com/nginx:1.29\"\n",
        "replicas = 3\n",
    ]);
    let locations = some_of(&[
        "[[nginx.location]]\npath = \"/api/\"\nproxy-port = 4000\nupstream-path = \"/\"\n",
        "[[nginx.location]]\npath = \"/\"\nroot = \"/srv/a b\"\nfallback = \"/index.html\"\n",
        "[[nginx.location]]\npath = \"/more/\"\nproxy-port = 4001\n",
        "[[nginx.location]]\npath = \"/rt/\"\nproxy-port = 3000\nupstream-path = \"/\"\n",
    ]);
    let pods = one_of(&[
        "",
        "[workload]\nimage = \"registry.example.com/chat:1\"\n",
        "[workload]\nimage = \"registry.example.com/chat:1\"\ncpu = \"1\"\nmemory = \"1Gi\"\nuser = 7\n\
         grace-period = \"300s\"\nsecrets = [\"one\", \"two\"]\nenv = { A = \"1\" }\n",
    ]);
    (placement, rest, locations, pods).prop_map(|(placement, rest, locations, pods)| {
        format!("[nginx]\nplacement = \"{placement}\"\n{rest}{locations}{pods}")
    })
}

fn names() -> impl Strategy<Value = String> {
    some_of(&[
        "service = \"chat-svc\"\n",
        "ingress = \"front\"\n",
        "backend-config = \"chat-backend\"\n",
        "config-map = \"proxy-conf\"\n",
        "workload = \"chat-server\"\n",
    ])
    .prop_map(|names| format!("[names]\n{names}"))
}
