//! Every refusal: a description that is refused for one reason alone, and the two ends it names.

use crate::tools::Scratch;

const BASE: &str = "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\n";

/// The id of the refusal, and what is added to three good lines to meet with it.
const REFUSED: [(&str, &str); 75] = [
    ("out-of-range", "[health]\ninterval = \"301s\"\n"),
    ("out-of-range", "[health]\ntimeout = \"0s\"\n"),
    ("out-of-range", "[session]\ndrain = \"2h\"\n"),
    ("out-of-range", "[session]\nmax-age = \"0s\"\n[socketio]\ntransports = [\"websocket\"]\n"),
    ("out-of-range", "[socketio]\nping-timeout = \"0s\"\n"),
    ("service-name", "NAME1chat"),
    (
        "name-too-long",
        "replicas = 2\n[names]\nworkload = \"LONG\"\n[nginx]\nplacement = \"gateway\"\n",
    ),
    ("name-unread", "[names]\nworkload = \"chat\"\n"),
    ("name-unread", "[names]\ncertificate = \"chat\"\n"),
    (
        "name-unread",
        "[names]\nfrontend-config = \"chat\"\n[ingress]\ntls = { secret = \"a\" }\nhttps-redirect = false\n",
    ),
    ("duplicate-host", "HOSTS[\"a.b\", \"c.d\", \"a.b\"]"),
    (
        "selector-of-gateway",
        "replicas = 2\nselector = { \"app.kubernetes.io/name\" = \"chat-nginx\" }\n[nginx]\nplacement = \"gateway\"\n",
    ),
    ("session-affinity-missing", "[session]\naffinity = \"none\"\n"),
    ("session-affinity-missing", "replicas = 2\n[session]\naffinity = \"none\"\n"),
    ("affinity-ttl-ignored", "[session]\naffinity-ttl = \"1h\"\n"),
    ("affinity-ttl-too-short", "[session]\naffinity = \"cookie\"\naffinity-ttl = \"1h\"\n"),
    ("health-path-unanswered", "[health]\npath = \"/socket.io/health\"\nanswered-by = \"app\"\n"),
    (
        "health-path-unanswered",
        "[health]\npath = \"/io/health\"\nanswered-by = \"app\"\n[socketio]\nserver-path = \"/io/\"\n",
    ),
    ("health-path-taken", "[health]\npath = \"/\"\n"),
    ("health-path-taken", "[health]\npath = \"/socket.io/\"\n"),
    (
        "health-path-taken",
        "[health]\npath = \"/a/\"\n[[nginx.location]]\npath = \"/a/\"\nproxy-port = 1\n",
    ),
    (
        "health-path-taken",
        "[health]\npath = \"/index.html\"\n[[nginx.location]]\npath = \"/a/\"\nroot = \"/a\"\nfallback = \"/index.html\"\n",
    ),
    ("cdn-on-session-traffic", "[cdn]\nstatic-paths = [\"/socket.io/\"]\n"),
    ("cdn-on-session-traffic", "[cdn]\nstatic-paths = [\"/socket.io/static/\"]\n"),
    ("path-twice", "[cdn]\nstatic-paths = [\"/a/\", \"/a/\"]\n"),
    ("path-twice", "[cdn]\nstatic-paths = [\"/a/\"]\n[[ingress.route]]\npath = \"/a\"\n"),
    ("cdn-unsupported", "profile = \"gke-internal\"\n[cdn]\nstatic-paths = [\"/a/\"]\n"),
    ("nginx-absent", "[nginx]\nplacement = \"none\"\nlisten = 9090\n"),
    ("nginx-absent", "[nginx]\nplacement = \"none\"\nform = \"conf.d\"\n"),
    ("nginx-absent", "[nginx]\nplacement = \"none\"\n[ingress]\naddress = \"192.0.2.1\"\n"),
    ("nginx-absent", "[nginx]\nplacement = \"none\"\n[health]\nanswered-by = \"nginx\"\n"),
    ("prefix-not-mapped", "[nginx]\nplacement = \"none\"\n[socketio]\nserver-path = \"/io/\"\n"),
    ("port-taken", "[nginx]\nlisten = 3000\n"),
    ("port-taken", "[[nginx.location]]\npath = \"/a/\"\nproxy-port = 8080\n"),
    ("port-privileged", "[nginx]\nlisten = 80\n[workload]\nimage = \"chat\"\n"),
    ("port-privileged", "[workload]\nimage = \"chat\"\nPORT80"),
    (
        "files-absent",
        "[workload]\nimage = \"chat\"\n[[nginx.location]]\npath = \"/a/\"\nroot = \"/srv\"\n",
    ),
    ("path-twice", "[[nginx.location]]\npath = \"/socket.io/\"\nproxy-port = 1\n"),
    (
        "path-twice",
        "[[nginx.location]]\npath = \"/a/\"\nproxy-port = 1\n[[nginx.location]]\npath = \"/a/\"\nproxy-port = 2\n",
    ),
    ("location-target", "[[nginx.location]]\npath = \"/a/\"\n"),
    ("location-target", "[[nginx.location]]\npath = \"/a/\"\nproxy-port = 1\nroot = \"/a\"\n"),
    ("location-target", "[[nginx.location]]\npath = \"/a/\"\nproxy-port = 1\nfallback = \"/b\"\n"),
    (
        "location-target",
        "[[nginx.location]]\npath = \"/a/\"\nroot = \"/a\"\nupstream-path = \"/b/\"\n",
    ),
    ("gateway-absent", "[nginx]\nreplicas = 3\n"),
    ("gateway-absent", "[nginx]\nresolver = \"10.0.0.10\"\n"),
    (
        "cookie-ends-at-gateway",
        "replicas = 2\n[session]\naffinity = \"cookie\"\n[nginx]\nplacement = \"gateway\"\n",
    ),
    (
        "gateway-image-too-old",
        "replicas = 2\n[nginx]\nplacement = \"gateway\"\nimage = \"nginxinc/nginx-unprivileged:1.25\"\n",
    ),
    ("gateway-uncounted", "[nginx]\nplacement = \"gateway\"\n"),
    ("ingress-class", "[ingress]\nclass = \"nginx\"\n"),
    ("client-address-lost", "profile = \"gke-internal\"\n[ingress]\naddress = \"192.0.2.1\"\n"),
    ("client-address-lost", "[ingress]\naddress = \"10.1.2.3\"\n"),
    ("path-twice", "[[ingress.route]]\npath = \"/a\"\n[[ingress.route]]\npath = \"/a/\"\n"),
    ("socketio-path-unrouted", "[[ingress.route]]\npath = \"/socket.io\"\nservice = \"other\"\n"),
    ("route-port", "[[ingress.route]]\npath = \"/a\"\nservice-port = 80\n"),
    ("route-port", "[[ingress.route]]\npath = \"/a\"\nservice = \"chat\"\nservice-port = 8080\n"),
    (
        "socketio-path-unrouted",
        "[[ingress.route]]\npath = \"/socket.io/\"\npath-type = \"Exact\"\n",
    ),
    ("reserved-annotation", "annotations = { \"checksum/nginx-conf\" = \"a\" }\n"),
    ("reserved-annotation", "annotations = { \"cloud.google.com/neg\" = \"{}\" }\n"),
    ("tls-sources", "[ingress]\ntls = { }\n"),
    ("tls-sources", "[ingress]\ntls = { secret = \"a\", pre-shared = \"b\" }\n"),
    ("tls-missing", "[ingress]\nhttps-redirect = true\n"),
    ("tls-missing", "[ingress]\nssl-policy = \"modern\"\n"),
    (
        "frontend-config-unsupported",
        "profile = \"gke-internal\"\n[ingress]\nhttps-redirect = true\ntls = { pre-shared = \"a\" }\n",
    ),
    (
        "managed-certificate-unsupported",
        "profile = \"gke-internal\"\n[ingress]\ntls = { managed-certificate = true }\n",
    ),
    (
        "managed-certificate-hosts",
        "[ingress]\ntls = { managed-certificate = true }\nHOST\"localhost\"",
    ),
    ("replicas-differ", "replicas = 2\n[workload]\nimage = \"chat\"\nreplicas = 3\n"),
    ("secret-in-manifest", "[workload]\nimage = \"chat\"\nenv = { API_TOKEN = \"t0p\" }\n"),
    (
        "monitoring-unread",
        "[socketio]\ntransports = [\"polling\"]\n[monitoring]\nfailed-upgrades = 9\n",
    ),
    ("monitoring-unread", "profile = \"gke-internal\"\n[monitoring]\nlongest-median = \"80%\"\n"),
    (
        "monitoring-unread",
        "[monitoring]\nalerts = [\"managed-prometheus\"]\nchannels = [\"projects/p/notificationChannels/1\"]\n",
    ),
    (
        "monitoring-medians-crossed",
        "[session]\nmax-age = \"1h\"\n[monitoring]\nshortest-median = \"54m\"\n",
    ),
    ("verify-never", "[verify]\nimage = \"sioway\"\nafter-sync = false\n"),
    ("broken-ladder", "[workload]\nimage = \"chat\"\ngrace-period = \"30s\"\n"),
    ("broken-ladder", "[session]\nmax-age = \"25h\"\n"),
    ("broken-ladder", "profile = \"gke-internal\"\n[session]\nmax-age = \"40s\"\n"),
];

/// The three good lines with something wrong about them.
fn text(added: &str) -> String {
    if let Some((tables, hosts)) = added.split_once("HOSTS") {
        return BASE.replace("\"chat.example.com\"", hosts) + tables;
    }
    if let Some((tables, host)) = added.split_once("HOST") {
        return BASE.replace("\"chat.example.com\"", host) + tables;
    }
    if let Some(name) = added.strip_prefix("NAME") {
        return BASE.replace("\"chat\"", &format!("\"{name}\""));
    }
    if let Some((tables, port)) = added.split_once("PORT") {
        return BASE.replace("3000", port) + tables;
    }
    format!("{BASE}{}", added.replace("LONG", &"a".repeat(53)))
}

#[test]
fn each_is_refused_for_one_reason_alone() {
    for (id, added) in REFUSED {
        let run = Scratch::with_app(&text(added)).run(&["render"]);
        assert_eq!(run.status, 2, "{id}: {added}");
        let ids: Vec<&str> = run
            .err
            .lines()
            .filter_map(|line| line.strip_prefix("error[")?.split(']').next())
            .collect();
        assert!(
            !ids.is_empty() && ids.iter().all(|found| found == &id),
            "{id}: {ids:?}\n{}",
            run.err
        );
    }
}

#[test]
fn each_names_its_line_and_the_remedy() {
    for (id, added) in REFUSED {
        let run = Scratch::with_app(&text(added)).run(&["render"]);
        assert!(run.err.contains("app.toml:") && run.err.contains("= help: "), "{id}: {}", run.err);
    }
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    for (id, added) in REFUSED {
        let scratch = Scratch::with_app(&text(added));
        scratch.run(&["render"]);
        assert!(!scratch.path("out").exists(), "{id}");
    }
}

/// A name that is too long for a label leads to no sentence about labels.
#[test]
fn a_long_name_is_all_that_is_said() {
    for length in [58, 63] {
        let named = BASE.replace("\"chat\"", &format!("\"{}\"", "a".repeat(length)));
        assert_ne!(named, BASE);
        let app = format!(
            "{named}\n[nginx]\nplacement = \"gateway\"\n[workload]\nimage = \"chat\"\nreplicas = 2\n"
        );
        let err = Scratch::with_app(&app).run(&["render"]).err;
        assert!(err.contains("error[name-too-long]"), "{err}");
        assert_eq!(
            err.matches("error[").count(),
            err.matches("error[name-too-long]").count(),
            "{err}"
        );
    }
}

#[test]
fn what_lies_just_inside_is_accepted() {
    for added in [
        "replicas = 1\n[session]\naffinity = \"none\"\n",
        "[session]\naffinity = \"none\"\n[socketio]\ntransports = [\"websocket\"]\n",
        "[session]\naffinity = \"cookie\"\naffinity-ttl = \"24h\"\n",
        "[session]\naffinity = \"cookie\"\naffinity-ttl = \"1h\"\nmax-age = \"1h\"\n",
        "[health]\ninterval = \"5s\"\ntimeout = \"5s\"\n",
        "[session]\nmax-age = \"26s\"\n",
        "[session]\nmax-age = \"24h\"\ndrain = \"1h\"\n",
        "[cdn]\nstatic-paths = [\"/\"]\n",
        "[nginx]\nlisten = 80\n",
        "[workload]\nimage = \"chat\"\nreplicas = 3\ngrace-period = \"80s\"\n",
        "[workload]\nimage = \"chat\"\nenv = { TOKEN_FILE = \"/run/secrets/token\" }\n",
        "[socketio]\npath = \"/\"\n",
        "[health]\npath = \"/socket.io/health\"\n",
        "[nginx]\nplacement = \"gateway\"\n[workload]\nimage = \"chat\"\nreplicas = 1\n",
        "profile = \"gke-internal\"\n[session]\nmax-age = \"46s\"\n",
        "[ingress]\nclass = \"gce\"\n",
    ] {
        let run = Scratch::with_app(&text(added)).run(&["render"]);
        assert_eq!(run.status, 0, "{added}{}", run.err);
    }
}

/// One pod keeps its sessions without any affinity, whether its pods are rendered or not.
#[test]
fn one_pod_without_affinity_is_no_finding() {
    let one = "replicas = 1\n[session]\naffinity = \"none\"\n";
    for added in [one.to_owned(), format!("{one}[workload]\nimage = \"chat\"\n")] {
        let scratch = Scratch::with_app(&text(&added));
        scratch.ok(&["render"]);
        let run = scratch.run(&["lint", "out"]);
        assert_eq!(run.status, 0, "{added}{}{}", run.out, run.err);
    }
}

/// How long a session lasts is the app's to say, down to the shortest that is accepted.
#[test]
fn short_sessions_are_no_finding() {
    for added in [
        "[session]\nmax-age = \"26s\"\n",
        "[session]\nmax-age = \"60s\"\n",
        "[session]\nmax-age = \"1s\"\n[socketio]\ntransports = [\"websocket\"]\n",
        "[session]\nmax-age = \"1s\"\n[socketio]\nping-interval = \"1ms\"\nping-timeout = \"1ms\"\n",
        "profile = \"gke-internal\"\n[session]\nmax-age = \"46s\"\n",
        "profile = \"gke-internal\"\n[session]\nmax-age = \"46s\"\n[socketio]\nping-interval = \"25500ms\"\n",
    ] {
        let scratch = Scratch::with_app(&text(added));
        scratch.ok(&["render"]);
        for given in ["out", "."] {
            let run = scratch.run(&["lint", given]);
            assert_eq!(run.status, 0, "{added}{}{}", run.out, run.err);
        }
        // What cuts them earlier is.
        let path = "out/chat/backendconfig.yaml";
        scratch.write(path, &scratch.read(path).replacen("timeoutSec: ", "timeoutSec: 1 # ", 1));
        let is_cut = !added.contains("1s") && !added.contains("1ms");
        assert_eq!(scratch.run(&["lint", "out"]).status, i32::from(is_cut), "{added}");
    }
}
