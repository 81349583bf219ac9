//! The health check: what lint says of it is what trace foretells.

use sioway::diagnostic::{Finding, Severity, Sources};
use sioway::path::Model;
use sioway::rules::ALL;
use sioway::set::{File, Set};
use sioway::trace::{Options, Step, StepKind, Verdict, trace};

use crate::rules::marked;

/// The rules that say what a health check is answered.
const RULES: [&str; 3] =
    ["health-location-missing", "health-path-unanswered", "health-port-unserved"];

/// What all rules say, and the steps of trace of some kind.
pub(crate) fn all_of(name: &str, text: &str, kind: StepKind) -> (Vec<Finding>, Vec<Step>) {
    let mut sources = Sources::default();
    let source = sources.add(name, text);
    let files = [File::read(source, name, text, true)];
    let set = Set::new(&files);
    let model = Model::new(&set, &[]);
    let findings = ALL.iter().flat_map(|rule| rule.findings(&model)).collect();
    let traces = trace(&model, &Options::default());
    let steps = traces.iter().filter_map(|one| one.step(kind)).cloned();
    (findings, steps.collect())
}

fn all(name: &str, text: &str) -> (Vec<Finding>, Vec<Step>) {
    all_of(name, text, StepKind::Health)
}

/// The same; of what lint says, only what it says of health checks.
fn both(name: &str, text: &str) -> (Vec<Finding>, Vec<Step>) {
    let (mut findings, steps) = all(name, text);
    findings.retain(|one| RULES.contains(&one.diagnostic.id));
    (findings, steps)
}

/// How often a fault of a health check was said by both.
fn agree(name: &str, text: &str) -> usize {
    let (findings, steps) = all(name, text);
    let told = || format!("{text}\n{findings:#?}\n{steps:#?}");
    let is_bad = |step: &&Step| step.outcome.verdict == Verdict::Bad;
    let bad: Vec<&Step> = steps.iter().filter(is_bad).collect();
    for step in &bad {
        let known = |rule: &&str| findings.iter().any(|one| one.diagnostic.id == *rule);
        assert!(step.rules.iter().any(known), "only trace says it:\n{}", told());
    }
    let errors = findings.iter().map(|one| &one.diagnostic).filter(|one| {
        one.severity == Severity::Error && RULES.contains(&one.id) && !steps.is_empty()
    });
    for error in errors.clone() {
        let said = |step: &&Step| step.rules.contains(&error.id);
        assert!(bad.iter().any(said), "only lint says it:\n{}", told());
    }
    errors.count().min(bad.len())
}

#[test]
fn lint_and_trace_agree_on_every_example() {
    let mut said = 0;
    for rule in ALL {
        let page = rule.page();
        for fence in ["Example", "Use instead", "More cases"].map(|one| page.fences(one)).concat() {
            let name = if fence.language == "yaml" { "k8s.yaml" } else { "nginx.conf" };
            said += agree(name, &marked(fence.text).1);
        }
    }
    assert!(said >= 3, "{said} faults were compared");
}

/// A page of its own, that is not in nginx's image, and a BackendConfig that the Ingress names.
const SITE: &str = r#"
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations:
    cloud.google.com/backend-config: '{"default": "shop"}'
spec:
  defaultBackend: {service: {name: shop, port: {number: 80}}}
---
apiVersion: v1
kind: Service
metadata:
  name: shop
  annotations:
    cloud.google.com/neg: '{"ingress": true}'
spec:
  selector: {app: shop}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata: {name: shop}
spec:
  healthCheck: {type: HTTP, requestPath: /health}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: nginx
          image: nginx:1.28
          ports: [{containerPort: 8080}]
          volumeMounts: [{name: c, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf}]
      volumes: [{name: c, configMap: {name: shop}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data:
  nginx.conf: |
    events {}
    http {
      server {
        listen 8080;
        location / {
          root /srv/pages;
          try_files $uri /index.html;
        }
        location /socket.io/ { proxy_pass http://127.0.0.1:3000; }
      }
    }
"#;

const NEG: &str = "    cloud.google.com/neg";
const ATTACHED: &str = "    cloud.google.com/backend-config: '{\"default\": \"shop\"}'\n";
const PAGES: &str = "        location / {\n          root /srv/pages;\n          try_files $uri /index.html;\n        }\n";
const TO_THE_APP: &str = "        location / { proxy_pass http://127.0.0.1:3000; }\n        location = /health { return 404; }\n";

fn with(changes: &[(&str, &str)]) -> String {
    let mut text = SITE.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    text
}

/// The only finding: how bad it is, its message, its notes and help. And what trace says.
fn said(text: &str) -> (Severity, String, String, Verdict, String) {
    agree("k8s.yaml", text);
    let (findings, steps) = both("k8s.yaml", text);
    assert_eq!((findings.len(), steps.len()), (1, 1), "{findings:#?}\n{steps:#?}");
    let found = &findings[0].diagnostic;
    let more = format!("{}\n{}", found.notes.join("\n"), found.help.clone().unwrap_or_default());
    let step = &steps[0];
    let request = format!("{}: {}", step.request, step.outcome.text);
    (found.severity, found.message.clone(), more, step.outcome.verdict, request)
}

#[test]
fn the_check_in_force_is_judged() {
    let (severity, message, more, verdict, step) = said(SITE);
    assert_eq!((severity, verdict), (Severity::Warning, Verdict::Unknown));
    assert!(message.starts_with("Google's health check of `/` is answered with 500"), "{message}");
    assert!(step.starts_with("GET /: unknown: nginx answers with 500"), "{step}");
    let later = "once the BackendConfig applies, `/health` is asked for, and answered with 500";
    assert!(more.contains(later) && more.contains("location = /health"), "{more}");
    assert!(!more.contains("location = / "), "{more}");

    let (severity, message, more, verdict, step) =
        said(&with(&[(NEG, &(ATTACHED.to_owned() + NEG))]));
    assert_eq!((severity, verdict), (Severity::Warning, Verdict::Unknown));
    assert!(message.starts_with("Google's health check of `/health` is answered with 500"));
    assert!(step.starts_with("GET /health: unknown: nginx answers with 500"), "{step}");
    assert!(!more.contains("once the BackendConfig"), "{more}");
}

/// What only the absence of files speaks for does not end the sessions that are foretold.
#[test]
fn sessions_go_on_where_the_health_check_is_in_doubt() {
    let handshake = |text: &str| all_of("k8s.yaml", text, StepKind::Handshake).1.remove(0);
    let doubtful = handshake(SITE);
    assert_eq!(doubtful.outcome.verdict, Verdict::Good, "{doubtful:#?}");
    let certain = handshake(&with(&[(PAGES, "        location / { return 404; }\n")]));
    assert_eq!(certain.outcome.verdict, Verdict::Bad, "{certain:#?}");
}

#[test]
fn a_check_that_is_not_made_yet_is_no_fault_of_today() {
    let to_the_app = (PAGES, TO_THE_APP);
    let (severity, message, _, verdict, step) = said(&with(&[to_the_app]));
    assert_eq!((severity, verdict), (Severity::Warning, Verdict::Unknown));
    let later =
        "once the BackendConfig applies, Google's health check of `/health` is answered with 404";
    assert!(message.starts_with(later), "{message}");
    assert!(step.starts_with("GET /: unknown: nginx asks the app for `/`"), "{step}");

    let attached = with(&[to_the_app, (NEG, &(ATTACHED.to_owned() + NEG))]);
    let (severity, message, _, verdict, _) = said(&attached);
    assert_eq!((severity, verdict), (Severity::Error, Verdict::Bad));
    assert!(message.starts_with("Google's health check of `/health`"), "{message}");
}

#[test]
fn the_same_holds_for_a_port_and_for_socketios_path() {
    let port = ("requestPath: /health}", "requestPath: /, port: 80}");
    let healthy = (PAGES, "        location / { return 200; }\n");
    let (severity, message, _, verdict, _) = said(&with(&[healthy, port]));
    assert_eq!((severity, verdict), (Severity::Warning, Verdict::Good));
    assert!(message.starts_with("once the BackendConfig applies, every pod is taken"), "{message}");
    let attached = (NEG, &*(ATTACHED.to_owned() + NEG));
    let (severity, message, _, verdict, _) = said(&with(&[healthy, port, attached]));
    assert_eq!((severity, verdict), (Severity::Error, Verdict::Bad));
    assert!(message.starts_with("every pod is taken for broken"), "{message}");

    let app = [
        (
            "apiVersion: v1\nkind: Service",
            "# sioway: socketio path=/socket.io/\napiVersion: v1\nkind: Service",
        ),
        ("requestPath: /health", "requestPath: /socket.io/"),
        ("image: nginx:1.28", "image: shop"),
        (
            "          volumeMounts: [{name: c, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf}]\n",
            "",
        ),
        ("      volumes: [{name: c, configMap: {name: shop}}]\n", ""),
        ("        listen 8080;\n", "        listen 8081;\n"),
    ];
    let (severity, message, _, verdict, _) = said(&with(&app));
    assert_eq!((severity, verdict), (Severity::Warning, Verdict::Unknown));
    assert!(message.starts_with("once the BackendConfig applies, no pod is ever"), "{message}");
    let (severity, _, _, verdict, _) = said(&with(&[&app[..], &[attached]].concat()));
    assert_eq!((severity, verdict), (Severity::Error, Verdict::Bad));
}

#[test]
fn a_config_that_is_not_given_may_ask_for_anything() {
    let named = ATTACHED.replace("shop", "elsewhere") + NEG;
    let (findings, steps) = both("k8s.yaml", &with(&[(NEG, &named)]));
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(steps[0].outcome.verdict, Verdict::Unknown, "{steps:#?}");
    let text = &steps[0].outcome.text;
    assert!(text.ends_with("as far as the files go `/` is asked for"), "{text}");
}

/// The step of trace, and what lint says of health checks.
fn checked(changes: &[(&str, &str)]) -> (Verdict, String, Vec<&'static str>) {
    let (findings, steps) = all("k8s.yaml", &with(changes));
    let ids = findings.iter().map(|one| one.diagnostic.id);
    let known = ids.filter(|id| RULES.contains(id) || *id == "listen-unreachable").collect();
    let outcome = &steps[0].outcome;
    let first = steps[0].hops.first().map(|hop| hop.what.clone()).unwrap_or_default();
    (outcome.verdict, format!("{first}; {}", outcome.text), known)
}

const PORTS: (&str, &str) = ("ports: [{port: 80,", "ports: [{name: web, port: 80,");
const OK: (&str, &str) = (PAGES, "        location / { return 200; }\n");

/// The annotation that says what is spoken, beside the BackendConfig's.
fn spoken(protocol: &str) -> String {
    format!("{ATTACHED}    cloud.google.com/app-protocols: '{{\"web\":\"{protocol}\"}}'\n{NEG}")
}

#[test]
fn a_check_speaks_what_the_port_does() {
    let https = spoken("HTTPS");
    let tls = ("listen 8080;", "listen 8080 ssl;");
    let own = ("{type: HTTP, requestPath", "{requestPath");
    // nginx takes TLS, and the check follows the port.
    let (verdict, said, rules) = checked(&[PORTS, OK, tls, (NEG, &https), own]);
    assert_eq!((verdict, rules.len()), (Verdict::Good, 0), "{said} {rules:?}");
    assert!(said.contains("over HTTPS"), "{said}");
    // A BackendConfig that asks in plain HTTP gets 400 there.
    let (verdict, said, rules) = checked(&[PORTS, OK, tls, (NEG, &https)]);
    assert_eq!((verdict, rules), (Verdict::Bad, vec!["health-location-missing"]), "{said}");
    assert!(said.contains("`400`"), "{said}");
    // And the other way round.
    let attached = format!("{ATTACHED}{NEG}");
    let plain = [OK, (NEG, &attached), ("type: HTTP,", "type: HTTPS,")];
    let (verdict, said, rules) = checked(&plain);
    assert_eq!((verdict, rules), (Verdict::Bad, vec!["health-location-missing"]), "{said}");
    // Neither requests nor checks are understood: that is said once.
    let (verdict, said, rules) = checked(&[PORTS, OK, (NEG, &https), own]);
    assert_eq!((verdict, rules), (Verdict::Bad, vec!["listen-unreachable"]), "{said}");
    // Whether HTTP/2 is agreed on is up to more than the listen.
    let (verdict, said, _) = checked(&[PORTS, OK, tls, (NEG, &spoken("HTTP2")), own]);
    assert_eq!(verdict, Verdict::Unknown, "{said}");
    assert!(said.contains("over HTTP/2"), "{said}");
}

#[test]
fn a_probe_is_taken_over_where_the_controller_does_so() {
    let probe = |get: &str| {
        format!(
            "          readinessProbe: {{httpGet: {{path: /ready, port: 8080{get}}}}}\n          volumeMounts"
        )
    };
    let answers =
        (PAGES, "        location / { return 404; }\n        location = /ready { return 200; }\n");
    let taken = |get: &str| checked(&[answers, ("          volumeMounts", &probe(get))]);
    assert_eq!(taken("").0, Verdict::Good);
    let host = taken(", httpHeaders: [{name: Host, value: shop.example.com}]");
    assert_eq!(host.0, Verdict::Good);
    assert!(host.1.contains("as `shop.example.com`"), "{}", host.1);
    for not in [", scheme: HTTPS", ", host: 10.0.0.1", ", httpHeaders: [{name: X-Probe, value: a}]"]
    {
        let (verdict, said, rules) = taken(not);
        assert_eq!(
            (verdict, rules),
            (Verdict::Bad, vec!["health-location-missing"]),
            "{not}: {said}"
        );
        assert!(said.contains("asks each pod for `/`"), "{said}");
    }
}

#[test]
fn a_volume_over_nginxs_own_directory_may_hold_any_file() {
    let none = (PAGES, "");
    let mounts = "volumeMounts: [{name: c";
    let (verdict, said, _) = checked(&[none]);
    assert_eq!(verdict, Verdict::Bad, "{said}");
    for at in ["/etc/nginx/html", "/etc/nginx/html/", "/etc/nginx/html/health", "/etc/nginx"] {
        let pages = format!("volumeMounts: [{{name: p, mountPath: {at}}}, {{name: c");
        let volumes = "volumes: [{name: p, emptyDir: {}}, {name: c";
        let (verdict, said, rules) =
            checked(&[none, (mounts, &pages), ("volumes: [{name: c", volumes)]);
        assert_eq!((verdict, rules.len()), (Verdict::Unknown, 0), "{at}: {said} {rules:?}");
    }
    // A command may put files there, and another build has its own.
    let hook = "image: nginx:1.28\n          lifecycle: {postStart: {exec: {command: [/fill]}}}";
    for change in [hook, "image: example/nginx:1"] {
        let (verdict, said, _) = checked(&[none, ("image: nginx:1.28", change)]);
        assert_eq!(verdict, Verdict::Unknown, "{change}: {said}");
    }
}

/// The same nginx, that hands all below Socket.IO's path to the app.
fn handing_on(asked: &str) -> String {
    let config = r"      upstream app { server 127.0.0.1:3000; }
      server {
        listen 8080 default_server;
        location /socket.io/ { proxy_pass http://app; }
        location = /socket.io/health { return 200; }
        location / { proxy_pass http://app; }
      }
    }
";
    let (before, _) = SITE.split_once("      server {\n").unwrap();
    let site = format!("{before}{config}");
    let site = site.replace(
        "  annotations:\n    cloud.google.com/backend-config: '{\"default\": \"shop\"}'\nspec",
        "spec",
    );
    let named =
        "    cloud.google.com/backend-config: '{\"default\": \"shop\"}'\n    cloud.google.com/neg";
    let site = site.replace("    cloud.google.com/neg", named);
    site.replace("requestPath: /health", &format!("requestPath: {asked}"))
}

#[test]
fn a_check_that_nginx_hands_to_socket_io_is_answered_with_400() {
    for asked in ["/socket.io/", "/socket.io/ready", "/socket.io/?EIO=4"] {
        let (findings, steps) = both("k8s.yaml", &handing_on(asked));
        assert_eq!(findings.len(), 1, "{asked}: {findings:#?}");
        assert_eq!(findings[0].diagnostic.id, "health-path-unanswered");
        assert_eq!(findings[0].diagnostic.severity, Severity::Error);
        assert!(!steps.is_empty());
        for step in &steps {
            assert_eq!(step.outcome.verdict, Verdict::Bad, "{asked}: {step:#?}");
            assert_eq!(step.outcome.status, Some(400));
            assert_eq!(step.rules, ["health-path-unanswered"]);
        }
    }
}

#[test]
fn a_check_that_socket_io_does_not_answer_is_left_alone() {
    let handshake = "/socket.io/?EIO=4&transport=polling";
    for asked in ["/socket.io/health", "/socket.io/socket.io.js", "/", handshake] {
        let (findings, steps) = both("k8s.yaml", &handing_on(asked));
        assert!(findings.is_empty(), "{asked}: {findings:#?}");
        assert!(steps.iter().all(|one| one.outcome.verdict != Verdict::Bad), "{asked}: {steps:#?}");
    }
}
