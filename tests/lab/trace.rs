//! What `sioway trace` predicts, beside what happens: the same files, run by real nginx and Socket.IO processes
//! behind a stand-in for the load balancer.

use std::net::TcpStream;

use serde_json::{Value, json};

use super::bench::{Nginx, Running, Version, ask, free_port, start};
use crate::tools::{Scratch, both, node, root};

/// A configuration that is right; the ports are those of the manifests.
const NGINX: &str = "\
worker_processes 1;
pid /tmp/nginx.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path /tmp/body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
    server {
        listen 8080 default_server;
        keepalive_timeout 650s;
        location = /health { default_type text/plain; return 200 ok; }
        # What is asked for where no BackendConfig is in force.
        location = / { default_type text/plain; return 200 ok; }
        # sioway: socketio path=/socket.io/ server-path=/socket.io/
        location /socket.io/ {
            proxy_pass http://127.0.0.1:3000;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header Host $host;
            proxy_read_timeout 90s;
            client_max_body_size 1m;
        }
    }
}
";

const MANIFESTS: &str = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: chat, annotations: {kubernetes.io/ingress.class: gce}}
spec:
  rules:
    - host: chat.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}
---
apiVersion: v1
kind: Service
metadata:
  name: chat
  annotations:
    cloud.google.com/neg: '{\"ingress\":true}'
    cloud.google.com/backend-config: '{\"default\":\"chat\"}'
spec:
  selector: {app: chat}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata: {name: chat}
spec:
  timeoutSec: 86400
  sessionAffinity: {affinityType: CLIENT_IP}
  connectionDraining: {drainingTimeoutSec: 60}
  healthCheck: {type: HTTP, requestPath: /health, port: 8080, checkIntervalSec: 10, timeoutSec: 5}
";

const GATEWAY: &str = "\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec:
  gatewayClassName: gke-l7-global-external-managed
  listeners: [{name: https, protocol: HTTPS, port: 443}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: chat}
spec:
  parentRefs: [{name: web}]
  hostnames: [chat.example.com]
  rules:
    - matches: [{path: {type: PathPrefix, value: /socket.io/}}]
      backendRefs: [{name: chat, port: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: chat}
spec:
  selector: {app: chat}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: networking.gke.io/v1
kind: GCPBackendPolicy
metadata: {name: chat}
spec:
  default:
    timeoutSec: 86400
    sessionAffinity: {type: CLIENT_IP}
    connectionDraining: {drainingTimeoutSec: 60}
  targetRef: {group: \"\", kind: Service, name: chat}
---
apiVersion: networking.gke.io/v1
kind: HealthCheckPolicy
metadata: {name: chat}
spec:
  default: {config: {type: HTTP, httpHealthCheck: {requestPath: /health}}}
  targetRef: {group: \"\", kind: Service, name: chat}
";

const PODS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec:
  replicas: 1
  selector: {matchLabels: {app: chat}}
  template:
    metadata: {labels: {app: chat}}
    spec:
      terminationGracePeriodSeconds: 90
      containers:
        - name: app
          image: example/chat:1
          ports: [{containerPort: 3000}]
        - name: nginx
          image: nginxinc/nginx-unprivileged:1.29
          ports: [{containerPort: 8080}]
          volumeMounts: [{name: conf, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf}]
      volumes: [{name: conf, configMap: {name: chat-nginx}}]
";

const MAP: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: chat-nginx}
data:
  nginx.conf: |
";

/// A way that is put together in the lab, and what is compared of it.
pub(super) struct Case {
    pub(super) pods: usize,
    nginx: String,
    manifests: String,
    /// Of the balancer: what the manifests ask for, in its own words.
    balancer: Value,
    /// Of the servers.
    pub(super) path: &'static str,
    server_path: &'static str,
    pub(super) ping: u64,
    tries: usize,
    cookies: bool,
    steps: &'static [&'static str],
    /// Whether nginx starts.
    starts: bool,
}

/// Servers behind an nginx, if that starts.
type Pod = (Vec<Running>, Option<Nginx>);

/// A way that runs, and the port of its load balancer.
pub(super) struct Lab {
    _pods: Vec<Pod>,
    _balancer: Running,
    pub(super) port: u16,
    ports: Vec<u16>,
}

impl Lab {
    /// The ports of the pods.
    pub(super) fn ports(&self) -> &[u16] {
        &self.ports
    }
}

impl Case {
    pub(super) fn good(steps: &'static [&'static str]) -> Self {
        Self {
            pods: 1,
            nginx: NGINX.to_owned(),
            manifests: MANIFESTS.to_owned(),
            balancer: json!({"affinity": "client-ip", "cache": "off", "cut": 0, "health": "/health"}),
            path: "/socket.io/",
            server_path: "/socket.io/",
            ping: 500,
            tries: 2,
            cookies: false,
            steps,
            starts: true,
        }
    }

    pub(super) fn nginx(mut self, old: &str, new: &str) -> Self {
        assert!(self.nginx.contains(old), "{old}");
        self.nginx = self.nginx.replace(old, new);
        self
    }

    pub(super) fn manifests(mut self, old: &str, new: &str) -> Self {
        assert!(self.manifests.contains(old), "{old}");
        self.manifests = self.manifests.replace(old, new);
        self
    }

    pub(super) fn balancer(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.balancer[key] = value.into();
        self
    }

    /// The same behind a Gateway of GKE's: a policy of the Service in place of its BackendConfig.
    pub(super) fn at_gateway(mut self) -> Self {
        GATEWAY.clone_into(&mut self.manifests);
        self
    }

    /// The port that health checks ask, where it is not that of the pod.
    pub(super) fn asked_port(&self) -> Option<u16> {
        self.balancer["asked"].as_u64().map(|port| u16::try_from(port).unwrap())
    }

    pub(super) fn with_cookies(mut self) -> Self {
        self.cookies = true;
        self
    }

    pub(super) fn tried(mut self, tries: usize) -> Self {
        self.tries = tries;
        self
    }

    pub(super) fn that_does_not_start(mut self) -> Self {
        self.starts = false;
        self
    }

    /// A directory with the files.
    fn files(&self) -> Scratch {
        let scratch = Scratch::new();
        scratch.write("k8s.yaml", &self.manifests);
        scratch.write("nginx.conf", &self.nginx);
        scratch
    }

    /// A directory with the files as a cluster has them: the configuration in a ConfigMap that the pods mount.
    pub(super) fn manifests_alone(&self) -> Scratch {
        let indented =
            self.nginx.lines().fold(String::new(), |text, line| text + "    " + line + "\n");
        let pods = PODS.replace("replicas: 1", &format!("replicas: {}", self.pods));
        let scratch = Scratch::new();
        scratch.write("k8s.yaml", &format!("{}---\n{pods}---\n{MAP}{indented}", self.manifests));
        scratch
    }

    /// What sioway says of each step.
    pub(super) fn predicted(&self) -> Vec<Value> {
        let scratch = self.files();
        let pods = self.pods.to_string();
        let run = scratch.run(&[
            "trace",
            ".",
            "--path",
            self.path,
            "--replicas",
            &pods,
            "--format",
            "json",
        ]);
        assert!(run.status < 2, "{}", run.err);
        let document: Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!(document["traces"].as_array().unwrap().len(), 1, "{}", run.out);
        document["steps"].as_array().unwrap().clone()
    }

    /// Starts all of it.
    pub(super) fn run(&self) -> Lab {
        let (pods, ports) = self.pods();
        let port = free_port();
        let mut balancer = self.balancer.clone();
        balancer["port"] = port.into();
        balancer["pods"] = ports.clone().into();
        let balancer = start("balancer.js", &balancer.to_string());
        Lab { _pods: pods, _balancer: balancer, port, ports }
    }

    /// What happens.
    pub(super) fn observed(&self) -> Value {
        let lab = self.run();
        let port = lab.port;
        let argument = json!({
            "port": port, "path": self.path, "steps": self.steps, "tries": self.tries,
            "cookies": self.cookies, "maxMessage": 1_000_000, "hold": 3_500,
        });
        let script = root().join("tests/lab/exchange.js");
        let output = node().arg(script).arg(argument.to_string()).output().unwrap();
        let mut seen: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", both(&output)));
        let health = "GET /health HTTP/1.1\r\nHost: 10.8.1.17\r\nConnection: close\r\n\r\n";
        let listens = TcpStream::connect(("127.0.0.1", lab.ports[0])).is_ok();
        let answer = if listens { ask(lab.ports[0], health) } else { String::new() };
        // Nobody there, or closed without an answer.
        let status = answer.split(' ').nth(1).map_or(0, |status| status.parse::<u16>().unwrap());
        seen["health-check"] = json!([{"status": status, "code": null}]);
        seen
    }

    /// A server behind an nginx, as often as there are pods; the ports of the nginx.
    ///
    /// Port 8080 is the one that the Service leads to. An nginx with another leaves that one closed, and port 3001 is
    /// a second server.
    fn pods(&self) -> (Vec<Pod>, Vec<u16>) {
        let pods = (0..self.pods).map(|pod| {
            let (led_to, other) = (free_port(), free_port());
            let ports = [free_port(), free_port()];
            let listen = if self.nginx.contains("listen 8080") { led_to } else { other };
            let count = if self.nginx.contains("127.0.0.1:3001") { 2 } else { 1 };
            let servers = ports.iter().take(count).map(|port| self.server(*port, pod)).collect();
            let conf =
                self.nginx.replace("8080", &led_to.to_string()).replace("8081", &other.to_string());
            let conf =
                conf.replace("3000", &ports[0].to_string()).replace("3001", &ports[1].to_string());
            let nginx = if self.starts {
                Some(Nginx::start(Version::Distribution, &conf, listen))
            } else {
                Nginx::start_if_it_can(Version::Distribution, &conf, listen)
            };
            assert_eq!(nginx.is_some(), self.starts, "{conf}");
            ((servers, nginx), led_to)
        });
        pods.unzip()
    }

    fn server(&self, port: u16, pod: usize) -> Running {
        let options = json!({
            "host": "127.0.0.1", "port": port, "path": self.server_path, "instance": pod, "elsewhere": 404,
            "pingInterval": self.ping, "pingTimeout": 20_000, "maxHttpBufferSize": 1_000_000,
        });
        start("server.js", &options.to_string())
    }

    /// Runs both and compares them.
    pub(super) fn agrees(&self) {
        let (predicted, observed) = (self.predicted(), self.observed());
        // What other controllers ask for is not foretold.
        let also = ["health-check"];
        let also = also.iter().filter(|step| predicted.iter().any(|one| one["step"] == ***step));
        for step in self.steps.iter().chain(also) {
            let said = predicted.iter().find(|one| one["step"] == **step);
            let said = said.unwrap_or_else(|| panic!("nothing is said of {step}"));
            if said["verdict"] == "not-reached" {
                let mut seen = observed[*step].as_array().unwrap().iter();
                assert!(
                    seen.all(|one| *step == "websocket-life" && one["status"] != 101),
                    "{step}: {said:#}\n{:#}",
                    observed[*step]
                );
            } else {
                compare(step, said, observed[*step].as_array().unwrap());
            }
        }
    }
}

/// One step: what is said of it beside every time that it was seen.
pub(super) fn compare(step: &str, said: &Value, seen: &[Value]) {
    let message = format!("{step}: said {}\nseen {seen:#?}", said["outcome"]);
    assert!(!seen.is_empty(), "{message}");
    let is = |one: &Value| one["status"] == said["status"] && one["code"] == said["code"];
    match said["share"].as_array() {
        Some(share) => {
            let part = |index: usize| share[index].as_f64().unwrap();
            let wanted = part(0) / part(1);
            let found = seen.iter().filter(|one| is(one)).count();
            let rest = seen.iter().filter(|one| !is(one));
            let number = |count: usize| f64::from(u32::try_from(count).unwrap());
            let found = number(found) / number(seen.len());
            assert!((found - wanted).abs() < 0.2, "{found} of all, not {wanted}: {message}");
            assert!(
                rest.into_iter().all(|one| one["status"] == 200 || one["status"] == 101),
                "{message}"
            );
        }
        None if step == "websocket-life" => life(said, seen, &message),
        None if said["status"].is_null() => {
            assert!(seen.iter().all(|one| one["status"] == 0), "{message}");
        }
        None => assert!(seen.iter().all(is), "{message}"),
    }
    if let Some(after) = said["afterMs"].as_u64().filter(|_| step != "websocket-life") {
        let near = |one: &Value| one["ms"].as_u64().unwrap().abs_diff(after) < 700;
        assert!(seen.iter().all(near), "after {after} ms: {message}");
    }
}

fn life(said: &Value, seen: &[Value], message: &str) {
    if said["verdict"] == "bad" {
        let after = said["afterMs"].as_u64().unwrap();
        let cut = |one: &Value| {
            one["closed"] == true && one["ms"].as_u64().unwrap().abs_diff(after) < 700
        };
        assert!(seen.iter().all(cut), "{message}");
    } else {
        assert!(seen.iter().all(|one| one["closed"] == false), "{message}");
    }
}

const EVERY: &[&str] = &[
    "handshake",
    "second-poll",
    "post",
    "idle-poll",
    "upgrade",
    "direct-websocket",
    "websocket-life",
    "large-message",
];
const REQUESTS: &[&str] = &["handshake", "second-poll", "post", "upgrade", "direct-websocket"];

#[test]
fn a_good_way() {
    Case::good(EVERY).agrees();
}

#[test]
fn client_ip_over_three_pods() {
    let case = Case { pods: 3, tries: 6, ..Case::good(REQUESTS) };
    case.agrees();
}

#[test]
fn no_affinity_over_three_pods() {
    let case = Case { pods: 3, tries: 45, ..Case::good(REQUESTS) };
    let case = case.manifests("  sessionAffinity: {affinityType: CLIENT_IP}\n", "");
    case.balancer("affinity", "random").agrees();
}

#[test]
fn a_cookie_that_is_kept() {
    let case = Case { pods: 3, tries: 6, cookies: true, ..Case::good(REQUESTS) };
    let case = case.manifests("CLIENT_IP", "GENERATED_COOKIE");
    case.balancer("affinity", "cookie").agrees();
}

#[test]
fn a_cookie_that_is_dropped() {
    const LATER: &[&str] = &["second-poll", "post", "upgrade"];
    let case = Case { pods: 3, tries: 45, ..Case::good(LATER) };
    let case = case.manifests("CLIENT_IP", "GENERATED_COOKIE").balancer("affinity", "cookie");
    let (predicted, observed) = (case.predicted(), case.observed());
    for step in LATER {
        let mut said = predicted.iter().find(|one| one["step"] == *step).unwrap().clone();
        assert_eq!(said["verdict"], "good");
        said["share"] = said["withoutCookies"].clone();
        (said["status"], said["code"]) = (400.into(), 1.into());
        compare(step, &said, observed[*step].as_array().unwrap());
    }
}

#[test]
fn no_upgrade_headers() {
    let case = Case::good(EVERY);
    case.nginx("            proxy_set_header Upgrade $http_upgrade;\n", "").agrees();
}

#[test]
fn headers_that_are_not_inherited() {
    let case = Case::good(REQUESTS);
    let lines = "            proxy_set_header Upgrade $http_upgrade;\n            proxy_set_header Connection $connection_upgrade;\n";
    let case = case.nginx(lines, "");
    case.nginx("    server {\n", &format!("    server {{\n{lines}")).agrees();
}

#[test]
fn a_prefix_that_stays() {
    let mut case = Case::good(&["handshake", "post", "direct-websocket"]);
    case.path = "/chat/socket.io/";
    let case = case.nginx("path=/socket.io/ server-path", "path=/chat/socket.io/ server-path");
    case.nginx("location /socket.io/ {", "location /chat/ {").agrees();
}

#[test]
fn a_prefix_that_leaves_two_slashes() {
    let mut case = Case::good(&["handshake", "post", "direct-websocket"]);
    case.path = "/chat/socket.io/";
    let case = case.nginx("path=/socket.io/ server-path", "path=/chat/socket.io/ server-path");
    let case = case.nginx("location /socket.io/ {", "location /chat {");
    case.nginx("http://127.0.0.1:3000;", "http://127.0.0.1:3000/;").agrees();
}

#[test]
fn a_variable_uri_that_loses_the_query() {
    let case = Case::good(&["handshake", "post", "direct-websocket"]);
    let case = case.nginx(
        "            proxy_pass http://127.0.0.1:3000;",
        "            set $up 127.0.0.1:3000;\n            proxy_pass http://$up/socket.io/;",
    );
    case.agrees();
}

#[test]
fn nginx_that_waits_two_seconds() {
    let case = Case {
        ping: 25_000,
        tries: 1,
        ..Case::good(&["handshake", "post", "idle-poll", "websocket-life"])
    };
    case.nginx("proxy_read_timeout 90s", "proxy_read_timeout 2s").agrees();
}

#[test]
fn the_balancers_timeout_cuts_busy_websockets() {
    let case = Case::good(&["handshake", "post", "websocket-life"]);
    let case = case.manifests("timeoutSec: 86400", "timeoutSec: 2");
    case.balancer("cut", 2_000).agrees();
}

#[test]
fn the_balancers_timeout_cuts_long_polls() {
    let case = Case { ping: 25_000, tries: 1, ..Case::good(&["handshake", "idle-poll"]) };
    let case = case.manifests("timeoutSec: 86400", "timeoutSec: 2");
    case.balancer("cut", 2_000).agrees();
}

#[test]
fn a_body_that_is_too_large() {
    let case = Case::good(&["handshake", "post", "large-message"]);
    case.nginx("client_max_body_size 1m", "client_max_body_size 100k").agrees();
}

#[test]
fn a_forced_cache_that_does_not_see_the_query() {
    let case = Case::good(&["handshake", "post", "second-poll", "upgrade"]);
    let cdn = "spec:\n  cdn: {enabled: true, cacheMode: FORCE_CACHE_ALL, cachePolicy: {includeHost: true}}\n  timeoutSec";
    let case = Case { tries: 4, ..case.manifests("spec:\n  timeoutSec", cdn) }
        .balancer("cache", "query-blind");
    let (predicted, observed) = (case.predicted(), case.observed());
    let said = |step: &str| predicted.iter().find(|one| one["step"] == step).unwrap().clone();
    compare("handshake", &said("handshake"), observed["handshake"].as_array().unwrap());
    // The first client has a session of its own; those after it have the first one's, which has ended.
    let handshakes = observed["handshake"].as_array().unwrap();
    assert!(handshakes.iter().all(|one| one["body"] == handshakes[0]["body"]), "{handshakes:#?}");
    compare("post", &said("post"), &observed["post"].as_array().unwrap()[1..]);
    let polls = observed["second-poll"].as_array().unwrap();
    compare("second-poll", &said("second-poll"), polls);
    assert!(
        polls.iter().all(|one| one["body"] == handshakes[0]["body"]),
        "the handshake again: {polls:#?}"
    );
    let upgrades = observed["upgrade"].as_array().unwrap();
    assert!(upgrades.iter().all(|one| one["status"] != 101), "{upgrades:#?}");
    for step in ["handshake", "post", "second-poll", "upgrade"] {
        assert_eq!(said(step)["rules"][0], "cdn-key-drops-query");
    }
}

#[test]
fn a_forced_cache_that_sees_the_query() {
    let case = Case::good(&["handshake", "second-poll", "post", "upgrade"]);
    let cdn = "spec:\n  cdn: {enabled: true, cacheMode: FORCE_CACHE_ALL}\n  timeoutSec";
    let case = case.manifests("spec:\n  timeoutSec", cdn).balancer("cache", "by-url");
    let predicted = case.predicted();
    let upgrade = predicted.iter().find(|one| one["step"] == "upgrade").unwrap();
    assert_eq!(
        upgrade["verdict"], "unknown",
        "no public text says what becomes of it: {upgrade:#}"
    );
    Case { steps: &["handshake", "second-poll", "post"], ..case }.agrees();
}

#[test]
fn no_pod_is_healthy() {
    let case = Case::good(&["handshake", "direct-websocket"]);
    case.nginx("        location = /health { default_type text/plain; return 200 ok; }\n", "")
        .agrees();
}

#[test]
fn a_health_check_that_is_redirected() {
    let case = Case::good(&["handshake", "direct-websocket"]);
    case.nginx("return 200 ok;", "return 301 https://chat.example.com/health;").agrees();
}

/// Two servers, and an nginx that chooses among them.
struct Two {
    ports: [u16; 2],
    _servers: [Running; 2],
}

impl Two {
    fn start(ping: u64) -> Self {
        let ports = [free_port(), free_port()];
        let server = |port| {
            let options = json!({
                "host": "127.0.0.1", "port": port, "path": "/socket.io/", "instance": 0,
                "pingInterval": ping, "pingTimeout": 20_000,
            });
            start("server.js", &options.to_string())
        };
        Self { ports, _servers: ports.map(server) }
    }

    fn conf(balancing: &str, first: u16, second: u16) -> String {
        let upstream = format!(
            "    upstream app {{ {balancing} server 127.0.0.1:{first}; server 127.0.0.1:{second}; }}\n    server {{\n"
        );
        NGINX
            .replace("http://127.0.0.1:3000", "http://app")
            .replace("proxy_read_timeout 90s", "proxy_read_timeout 2s")
            .replace("    server {\n", &upstream)
    }

    /// What is said of a step.
    fn said(balancing: &str, step: &'static str) -> Value {
        let nginx = Self::conf(balancing, 3000, 3001);
        let steps = Case { nginx, ..Case::good(&[]) }.predicted();
        steps.into_iter().find(|one| one["step"] == step).unwrap()
    }

    /// What is seen of it.
    fn seen(&self, balancing: &str, step: &str, tries: usize) -> Vec<Value> {
        let conf = Self::conf(balancing, self.ports[0], self.ports[1]);
        Self::seen_by(&conf, step, tries)
    }

    /// The same of a configuration.
    fn seen_by(conf: &str, step: &str, tries: usize) -> Vec<Value> {
        let listen = free_port();
        let conf = conf.replace("8080", &listen.to_string());
        let _nginx = Nginx::start(Version::Distribution, &conf, listen);
        let argument = json!({
            "port": listen, "path": "/socket.io/", "steps": [step], "tries": tries, "cookies": false,
            "maxMessage": 100, "hold": 1,
        });
        let script = root().join("tests/lab/exchange.js");
        let output = node().arg(script).arg(argument.to_string()).output().unwrap();
        let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
        seen[step].as_array().unwrap().clone()
    }
}

/// Polling at one server, WebSockets at the other.
const APART: &str = "    map $http_upgrade $app { default sockets; '' polls; }
    upstream polls { server 127.0.0.1:FIRST; }
    upstream sockets { server 127.0.0.1:SECOND; }
    server {
";

#[test]
fn polling_and_websockets_at_two_servers() {
    let two = Two::start(500);
    let conf = |first: u16, second: u16| {
        let apart = APART.replace("FIRST", &first.to_string());
        let apart = apart.replace("SECOND", &second.to_string());
        NGINX.replace("http://127.0.0.1:3000", "http://$app").replace("    server {\n", &apart)
    };
    let steps = Case { nginx: conf(3000, 3001), ..Case::good(&[]) }.predicted();
    for (step, verdict) in [("post", "good"), ("upgrade", "bad"), ("direct-websocket", "good")] {
        let said = steps.iter().find(|one| one["step"] == step).unwrap();
        assert_eq!(said["verdict"], verdict, "{said:#}");
        let seen = Two::seen_by(&conf(two.ports[0], two.ports[1]), step, 3);
        let lost = seen.iter().filter(|one| one["code"] == 1 || one["status"] == 400).count();
        assert_eq!(lost, if verdict == "bad" { 3 } else { 0 }, "{step}: {seen:#?}");
    }
    let upgrade = steps.iter().find(|one| one["step"] == "upgrade").unwrap();
    assert_eq!(upgrade["rules"][0], "upstream-without-affinity");
}

#[test]
fn several_servers_behind_one_nginx() {
    let two = Two::start(500);
    for (balancing, verdict) in
        [("", "bad"), ("hash $arg_sid;", "bad"), ("hash $http_x_forwarded_for;", "good")]
    {
        let said = Two::said(balancing, "post");
        assert_eq!(said["verdict"], verdict, "{balancing}: {said:#}");
        let seen = two.seen(balancing, "post", 30);
        let lost = seen.iter().filter(|one| one["code"] == 1).count();
        assert_eq!(lost > 0, verdict == "bad", "{balancing}: {lost} of 30");
    }
    // The lab has one front end, Google has many.
    let said = Two::said("ip_hash;", "post");
    assert_eq!(said["rules"][0], "hash-sees-load-balancer");
}

#[test]
fn a_timeout_that_looks_like_lost_affinity() {
    let two = Two::start(25_000);
    let balancing = "hash $http_x_forwarded_for;";
    let said = Two::said(balancing, "idle-poll");
    assert_eq!((&said["code"], &said["rules"][0]), (&json!(1), &json!("read-timeout-too-short")));
    compare("idle-poll", &said, &two.seen(balancing, "idle-poll", 1));
}

#[test]
fn a_regular_expression_that_takes_the_path() {
    let case = Case::good(&["handshake", "direct-websocket"]);
    let taker = "        location ~ io { return 410; }\n        # sioway: socketio";
    let case = case.nginx("        # sioway: socketio", taker);
    let said = case.predicted();
    assert_eq!(said[0]["rules"][0], "regex-takes-session-path");
    case.agrees();
}
