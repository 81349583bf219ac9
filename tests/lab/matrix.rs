//! The fault matrix: each rule that shows on the wire, put into real files and a real way, and what each command says of
//! it. The table is `docs/fault-matrix.md`.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::{bench::free_port, readout, trace::Case};
use crate::documents::hold;

/// A fault, and what it does to a client.
struct Row {
    rule: &'static str,
    seen: &'static str,
    case: Case,
    /// The same without the fault.
    right: Case,
    /// What the probe is asked besides.
    probe: &'static [&'static str],
}

const AFFINITY: &str = "  sessionAffinity: {affinityType: CLIENT_IP}\n";
const ATTACHED: &str = "    cloud.google.com/backend-config: '{\"default\":\"chat\"}'\n";
const NEG: &str = "    cloud.google.com/neg: '{\"ingress\":true}'\n";
const SPEC: &str = "metadata: {name: chat}\nspec:\n";
const PROXY: &str = "            proxy_pass http://127.0.0.1:3000;\n";
const MARK: &str = "        # sioway: socketio path=/socket.io/ server-path=/socket.io/\n";
const LOST: &str = "requests that reach another server get `400`, Session ID unknown";

fn good() -> Case {
    Case::good(&[])
}

fn three() -> Case {
    let mut case = good();
    case.pods = 3;
    case.balancer("affinity", "random")
}

fn row(rule: &'static str, seen: &'static str, case: Case) -> Row {
    let mut right = good();
    right.pods = case.pods;
    Row { rule, seen, case, right, probe: &[] }
}

/// What the load balancer does: which pod it chooses.
fn of_affinity() -> Vec<Row> {
    let on_ingress = "annotations: {kubernetes.io/ingress.class: gce, cloud.google.com/backend-config: '{\"default\":\"chat\"}'}";
    let nodes = "spec:\n  type: NodePort\n  selector";
    vec![
        row("session-affinity-missing", LOST, three().manifests(AFFINITY, "")),
        row(
            "backendconfig-not-attached",
            LOST,
            three().manifests(ATTACHED, "").balancer("cut", 30_000),
        ),
        row(
            "backendconfig-on-ingress",
            LOST,
            three()
                .manifests(ATTACHED, "")
                .manifests("annotations: {kubernetes.io/ingress.class: gce}", on_ingress)
                .balancer("cut", 30_000),
        ),
        row(
            "backendconfig-port-unmatched",
            LOST,
            three()
                .manifests("'{\"default\":\"chat\"}'", "'{\"ports\":{\"81\":\"chat\"}}'")
                .balancer("cut", 30_000),
        ),
        row(
            "neg-not-requested",
            LOST,
            three().manifests(NEG, "").manifests("spec:\n  selector", nodes),
        ),
    ]
}

/// What else it does.
fn of_balancer() -> Vec<Row> {
    let cdn = |more: &str| {
        let cdn = format!("{SPEC}  cdn: {{enabled: true, cacheMode: FORCE_CACHE_ALL{more}}}\n");
        good().manifests(SPEC, &cdn)
    };
    let route = "path: /, pathType: Prefix";
    vec![
        Row {
            probe: &["--hold", "4s"],
            ..row(
                "websocket-cut-by-timeout",
                "every WebSocket ends after 2 s",
                good().manifests("timeoutSec: 86400", "timeoutSec: 2").balancer("cut", 2_000),
            )
        },
        row(
            "cdn-key-drops-query",
            "clients get one another's session",
            cdn(", cachePolicy: {includeHost: true}").balancer("cache", "query-blind"),
        ),
        row(
            "cdn-on-session-traffic",
            "whoever asks for the same URL gets the same session",
            cdn("").balancer("cache", "by-url"),
        ),
        row(
            "socketio-path-unrouted",
            "`404` of the load balancer",
            good().manifests(route, "path: /api, pathType: Prefix").balancer("only", "/api"),
        ),
        row(
            "path-matches-only-itself",
            "`404` of the load balancer",
            good()
                .manifests(route, "path: /socket.io, pathType: Exact")
                .balancer("only", "/socket.io?"),
        ),
        row(
            "health-port-unserved",
            "`502`: the health check asks a port of the Service, on which no pod listens",
            good().manifests("port: 8080, check", "port: 80, check").balancer("asked", free_port()),
        ),
        row(
            "listen-port-mismatch",
            "`502`: nobody listens where the Service leads",
            good().nginx("listen 8080", "listen 8081"),
        ),
    ]
}

/// What nginx sends on.
fn of_nginx() -> Vec<Row> {
    let prefix = |location: &str, pass: &str| {
        let mut case = good();
        case.path = "/chat/socket.io/";
        case.nginx("path=/socket.io/ server-path", "path=/chat/socket.io/ server-path")
            .nginx("location /socket.io/ {", location)
            .nginx("http://127.0.0.1:3000;", pass)
    };
    let prefixed = prefix("location /chat/ {", "http://127.0.0.1:3000;");
    let mapped = prefix("location /chat/socket.io/ {", "http://127.0.0.1:3000/socket.io/;");
    let mut slow = good();
    slow.ping = 25_000;
    vec![
        row(
            "upgrade-not-forwarded",
            "`400`, Bad request, to every WebSocket",
            good().nginx("            proxy_set_header Upgrade $http_upgrade;\n", ""),
        ),
        Row { right: mapped, ..row("prefix-not-mapped", "`404` of the app", prefixed) },
        row(
            "query-lost",
            "`400`, Transport unknown",
            good().nginx(PROXY, "            set $up 127.0.0.1:3000;\n            proxy_pass http://$up/socket.io/;\n"),
        ),
        row(
            "read-timeout-too-short",
            "quiet connections end after 2 s",
            slow.nginx("proxy_read_timeout 90s", "proxy_read_timeout 2s"),
        ),
        Row {
            probe: &["--max-message", "900KB"],
            ..row(
                "body-limit-too-small",
                "`413` to a large message",
                good().nginx("client_max_body_size 1m", "client_max_body_size 100k"),
            )
        },
    ]
}

/// To which of several servers.
fn of_upstreams() -> Vec<Row> {
    let two = |balancing: &str| {
        let servers = "server 127.0.0.1:3000; server 127.0.0.1:3001;";
        let upstream = format!("    upstream app {{ {balancing}{servers} }}\n    server {{\n");
        let case = good().nginx("    server {\n", &upstream);
        case.nginx("proxy_pass http://127.0.0.1:3000", "proxy_pass http://app")
    };
    vec![
        row("upstream-without-affinity", LOST, two("")),
        row("hash-sees-load-balancer", LOST, two("ip_hash; ").balancer("fronts", 16)),
    ]
}

/// Whether it does, and to whom.
fn of_locations() -> Vec<Row> {
    let before = |lines: &str| good().nginx(PROXY, &format!("{lines}{PROXY}"));
    let http =
        |lines: &str, case: Case| case.nginx("    server {\n", &format!("{lines}    server {{\n"));
    let health = "        location = /health { default_type text/plain; return 200 ok; }\n";
    let cached = before(
        "            proxy_cache kept; proxy_cache_key $uri; proxy_cache_valid 200 1m; proxy_ignore_headers Cache-Control;\n",
    );
    let limited = before("            limit_req zone=all burst=8 nodelay;\n");
    vec![
        row("health-location-missing", "`502`: no pod is healthy", good().nginx(health, "")),
        row(
            "regex-takes-session-path",
            "another location's answer",
            good().nginx(MARK, &format!("        location ~ io {{ return 410; }}\n{MARK}")),
        ),
        row("session-request-refused", "`403` of nginx", before("            deny all;\n")),
        row(
            "session-request-altered",
            "a message that is none",
            before("            proxy_method GET;\n"),
        ),
        row("location-not-proxied", "`404` of nginx", good().nginx(PROXY, "")),
        row(
            "session-traffic-cached",
            "clients get one another's session",
            http("    proxy_cache_path /tmp/kept keys_zone=kept:1m;\n", cached),
        ),
        row(
            "limit-counts-load-balancer",
            "`503` now and then, to anybody",
            http("    limit_req_zone $binary_remote_addr zone=all:1m rate=5r/s;\n", limited),
        ),
        row(
            "limit-below-sessions",
            "`503` to the second request of a session",
            http(
                "    limit_req_zone $host zone=all:1m rate=60r/m;\n",
                before("            limit_req zone=all;\n"),
            ),
        ),
    ]
}

/// Whether there is an nginx that answers at all.
fn of_start() -> Vec<Row> {
    let refused = |old: &str, new: &str| good().nginx(old, new).that_does_not_start();
    let map = "    map $http_upgrade $connection_upgrade { default upgrade; '' close; }\n";
    let nobody = "`502`: nginx does not start";
    vec![
        row(
            "listen-unreachable",
            "`502`: nginx waits for the PROXY protocol",
            good().nginx("listen 8080 default_server", "listen 8080 default_server proxy_protocol"),
        ),
        row(
            "nginx-would-not-start",
            nobody,
            refused("proxy_read_timeout 90s", "proxy_read_timeot 90s"),
        ),
        row("connection-upgrade-undefined", nobody, refused(map, "")),
        row("unwritable-temp-path", nobody, refused("pid /tmp/nginx.pid", "pid /proc/nginx.pid")),
    ]
}

/// The rules that a client notices and that no row shows, with the reason.
const NOT_RUN: &[(&str, &str)] = &[
    (
        "affinity-ttl-too-short",
        "a polling session moves when its cookie ends, after minutes, and no probe polls so long",
    ),
    (
        "backendconfig-missing",
        "the controller stops, and the load balancer stays as it was; so for all that it refuses",
    ),
    (
        "drain-disabled",
        "shows when a pod is replaced, which a probe does not wait for; so do all rules of rollouts",
    ),
    ("client-address-lost", "shows to the app alone; so does `host-not-forwarded`"),
    ("forwarded-proto-overwritten", "shows only with an app that redirects"),
    ("health-path-unanswered", "every way of the lab has an nginx that answers the health check"),
    ("http10-to-upstream", "Node.js takes an Upgrade over HTTP/1.0 all the same"),
    ("http2-to-backend", "the stand-in for the load balancer speaks HTTP/1.1"),
    ("ingress-class-ignored", "no load balancer is made, so there is nothing to ask"),
    (
        "ingress-timeout-too-short",
        "another controller's load balancer, of which the lab has none; so is that of `rewrite-breaks-socketio-path`",
    ),
    (
        "keepalive-shorter-than-lb",
        "a race of milliseconds after a pause of minutes: a probe that waited would nearly always see nothing",
    ),
    (
        "policy-field-of-backendconfig",
        "behind a Gateway, which the objects and read-outs of the matrix do not have; `tests/lab/at_gateway.rs` holds `trace` against the same servers there. So for `session-persistence-unsupported`",
    ),
    (
        "service-affinity-too-short",
        "there is no kube-proxy in the lab, and a stand-in for it would do no more than repeat the rule",
    ),
    (
        "too-few-connections",
        "takes more clients than a probe is, and no file says how many there are",
    ),
];

/// How a command speaks of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Says {
    Names,
    Among,
    Sees,
    #[default]
    Nothing,
}

impl Says {
    fn cell(self) -> &'static str {
        match self {
            Self::Names => "names it",
            Self::Among => "among others",
            Self::Sees => "sees it",
            Self::Nothing => "—",
        }
    }

    /// Of lists of rules, one for each thing that is wrong, the best first.
    fn of(rule: &str, all: &[Vec<String>]) -> Self {
        if all.iter().any(|rules| rules.first().is_some_and(|one| one == rule)) {
            Self::Names
        } else if all.iter().flatten().any(|one| one == rule) {
            Self::Among
        } else if all.is_empty() {
            Self::Nothing
        } else {
            Self::Sees
        }
    }
}

fn texts(list: &Value) -> Vec<String> {
    let all = list.as_array().unwrap().iter();
    all.map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn list(document: &Value, key: &str) -> Vec<Value> {
    document[key].as_array().unwrap_or_else(|| panic!("{document:#}")).clone()
}

/// The rules of the checks that did not hold.
fn of_checks(document: &Value, keep: impl Fn(&Value) -> bool) -> Vec<Vec<String>> {
    let checks = list(document, "checks").into_iter();
    let bad = checks.filter(|one| one["status"] == "fail" || one["status"] == "warn");
    bad.filter(keep).map(|one| texts(&one["rules"])).collect()
}

fn of_candidates(document: &Value, kind: &[&str]) -> Vec<Vec<String>> {
    let all = list(document, "candidates").into_iter();
    let own = all.filter(|one| kind.contains(&one["kind"].as_str().unwrap()));
    // One after the other: only the first counts as named.
    let ranked: Vec<String> =
        own.map(|one| one["rule"].as_str().unwrap_or_default().to_owned()).collect();
    if ranked.is_empty() { Vec::new() } else { vec![ranked] }
}

/// What the commands say of a row.
#[derive(Clone, Default)]
struct Cells {
    /// lint, trace, probe, doctor and blame.
    says: [Says; 5],
    /// The rule of the first check of doctor's that fails beside files without the fault, and its layer.
    unlike: Option<(String, String)>,
    /// The rule that blame names first beside files without the fault.
    elsewhere: Option<String>,
}

/// What doctor is given: the manifests and the read-outs.
const DOCTOR: [&str; 6] =
    ["doctor", "k8s.yaml", "--cluster", "cluster.json", "--cloud", "cloud.json"];

/// The first check that does not hold: its rule and its layer.
fn of_roots(document: &Value) -> Option<(String, String)> {
    let checks = list(document, "checks").into_iter();
    let mut failed = checks.filter(|one| one["status"] == "fail");
    let first = failed.find(|one| one["follows"].is_null())?;
    let rule = first["rules"][0].as_str().unwrap_or_default().to_owned();
    Some((rule, first["layer"].as_str().unwrap().to_owned()))
}

/// Asks them all.
fn cells(row: &Row) -> Cells {
    let lab = row.case.run();
    let files = row.case.manifests_alone();
    let url = format!("http://127.0.0.1:{}", lab.port);
    let path = row.case.path;
    let json = |scratch: &crate::tools::Scratch, arguments: &[&str]| -> Value {
        let run = scratch.run(&[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&run.out)
            .unwrap_or_else(|_| panic!("{}: {arguments:?} {}{}", row.rule, run.out, run.err))
    };
    let healthy = row.right.manifests_alone();
    let right = json(&healthy, &["lint", "."]);
    let wrong = list(&right, "findings").into_iter().find(|one| one["severity"] == "error");
    assert!(wrong.is_none(), "{}: {wrong:#?}", row.rule);
    let lint = json(&files, &["lint", "."]);
    let lint = list(&lint, "findings")
        .iter()
        .map(|one| vec![one["rule"].as_str().unwrap().to_owned()])
        .collect::<Vec<_>>();
    let trace = json(&files, &["trace", ".", "--path", path]);
    let steps = list(&trace, "steps").into_iter();
    let trace =
        steps.map(|one| texts(&one["rules"])).filter(|rules| !rules.is_empty()).collect::<Vec<_>>();
    let asked = [&["probe", &url, "--path", path, "--timeout", "3s"], row.probe].concat();
    let probe = json(&files, &asked);
    for scratch in [&files, &healthy] {
        scratch.write("probe.json", &probe.to_string());
        readout::save(&row.case, &lab, scratch);
    }
    let doctor = |scratch| json(scratch, &[&DOCTOR[..], &["--url", &url, "--path", path]].concat());
    let unlike = of_roots(&doctor(&healthy));
    let doctor = doctor(&files);
    let blame = |scratch| json(scratch, &["blame", "probe.json", "k8s.yaml"]);
    let elsewhere = of_candidates(&blame(&healthy), &["not-in-files"]);
    let of = |all: &[Vec<String>]| Says::of(row.rule, all);
    let says = [
        of(&lint),
        of(&trace),
        of(&of_checks(&probe, |_| true)),
        of(&of_checks(&doctor, |_| true)),
        of(&of_candidates(&blame(&files), &["in-files", "possible"])),
    ];
    Cells { says, unlike, elsewhere: elsewhere.into_iter().flatten().next() }
}

/// Runs all rows, several at a time: most of it is waiting.
fn run(rows: &[Row]) -> Vec<Cells> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(vec![Cells::default(); rows.len()]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((at, row)) = {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    rows.get(at).map(|row| (at, row))
                } {
                    let cells = cells(row);
                    done.lock().unwrap()[at] = cells;
                }
            });
        }
    });
    done.into_inner().unwrap()
}

#[test]
fn docs_tell_what_each_command_says_of_each_fault() {
    let all =
        [of_affinity(), of_balancer(), of_nginx(), of_upstreams(), of_locations(), of_start()];
    let rows: Vec<Row> = all.into_iter().flatten().collect();
    let all = run(&rows);
    let mut text = String::from(
        "| fault | what a client gets | lint | trace | probe | doctor | blame | doctor, other files | blame, other files |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for (row, cells) in rows.iter().zip(&all) {
        write!(text, "| `{}` | {} |", row.rule, row.seen).unwrap();
        cells.says.iter().for_each(|cell| write!(text, " {} |", cell.cell()).unwrap());
        let elsewhere =
            cells.elsewhere.as_ref().map_or("—".to_owned(), |rule| format!("`{rule}`"));
        let unlike = cells.unlike.as_ref();
        let unlike = unlike.map_or("—".to_owned(), |(rule, layer)| match rule.as_str() {
            "" => format!("sees it ({layer})"),
            rule => format!("`{rule}` ({layer})"),
        });
        writeln!(text, " {unlike} | {elsewhere} |").unwrap();
    }
    for (row, cells) in rows.iter().zip(&all) {
        let [lint, trace, probe, doctor, blame] = cells.says;
        assert_ne!(trace, Says::Nothing, "{} shows on the wire: {text}", row.rule);
        assert_eq!(lint, Says::Names, "lint must name {}: {text}", row.rule);
        assert_ne!(probe, Says::Nothing, "{} shows on the wire: {text}", row.rule);
        assert_ne!(doctor, Says::Nothing, "{} shows on the wire: {text}", row.rule);
        assert!(cells.unlike.is_some(), "{} shows somewhere: {text}", row.rule);
        assert!(blame != Says::Nothing, "{}: {text}", row.rule);
    }
    hold("docs/fault-matrix.md", "matrix", &text);
    let reasons = NOT_RUN.iter().map(|(rule, why)| {
        assert!(sioway::rules::rule(rule).is_some(), "{rule}");
        format!("| `{rule}` | {why} |\n")
    });
    hold(
        "docs/fault-matrix.md",
        "not run",
        &format!("| rule | why |\n|---|---|\n{}", reasons.collect::<String>()),
    );
}

#[test]
fn doctor_finds_nothing_in_a_way_that_is_right() {
    let case = three().manifests("CLIENT_IP", "GENERATED_COOKIE").balancer("affinity", "cookie");
    for case in [good(), case] {
        let (lab, files) = (case.run(), case.manifests_alone());
        readout::save(&case, &lab, &files);
        let url = format!("http://127.0.0.1:{}", lab.port);
        let run = files.run(&[&DOCTOR[..], &["--url", &url, "--format", "json"]].concat());
        assert_eq!(run.status, 0, "{}{}", run.out, run.err);
        let document: Value = serde_json::from_str(&run.out).unwrap();
        let failed = of_checks(&document, |one| one["status"] == "fail");
        assert!(failed.is_empty(), "{document:#}");
        for layer in ["files", "cluster", "cloud", "endpoint"] {
            let of = |one: &&Value| one["layer"] == layer && one["status"] == "pass";
            assert!(list(&document, "checks").iter().any(|one| of(&one)), "{layer}: {document:#}");
        }
        has_the_checks_of_the_tree(&document);
    }
}

/// What `sioway explain tree` says that a command asks by itself is a check that there is. Those of a pod are those of
/// the endpoint, asked past the load balancer.
fn has_the_checks_of_the_tree(document: &Value) {
    let tree = crate::tools::Scratch::new().ok(&["explain", "tree"]).out;
    let named = tree.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    let is_id = |id: &&str| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let named: Vec<&str> =
        named.map(|(id, _)| id).filter(is_id).filter(|id| !id.is_empty()).collect();
    assert!(named.len() > 15, "{named:?}");
    let all = list(document, "checks");
    for id in named {
        let own = id.strip_prefix("pod-").unwrap_or(id);
        let there = all.iter().any(|one| one["id"] == own);
        assert!(there, "no check `{id}`");
    }
}
