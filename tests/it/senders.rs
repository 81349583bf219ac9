//! Who sends an nginx its requests, and what is said where nobody knows: in trace and in lint alike.

use sioway::trace::{Options, StepKind, Verdict};

use crate::trace::{Files, by_address, rule};

use StepKind::{Handshake, Poll};
use Verdict::{Bad, Good, Unknown};

fn behind(class: &str) -> Files {
    by_address("").with("ingress.class: gce", &format!("ingress.class: {class}"))
}

/// The `X-Forwarded-For` that nginx sends on.
fn sent(files: &Files) -> String {
    let trace = files.trace();
    let hops = &trace.step(Handshake).unwrap().hops;
    let all = hops.iter().find(|hop| hop.what.starts_with("sends ")).unwrap().what.clone();
    let found = all.split("`, `").find(|one| one.contains("X-Forwarded-For"));
    found.unwrap_or_else(|| panic!("{trace:#?}")).to_owned()
}

/// What a rule says of the same files.
fn found(id: &str, files: &Files) -> usize {
    crate::rules::found(rule(id), "yaml", &files.0).len()
}

#[test]
fn another_controllers_proxy_is_none_of_googles() {
    for (class, expected) in [
        ("nginx", "X-Forwarded-For: 198.51.100.7, 192.0.2.3"),
        ("traefik", "X-Forwarded-For: 198.51.100.7, 192.0.2.3"),
        ("alb", "X-Forwarded-For: 198.51.100.7, 192.0.2.3"),
        ("haproxy", "X-Forwarded-For: $proxy_add_x_forwarded_for"),
        ("istio", "X-Forwarded-For: $proxy_add_x_forwarded_for"),
    ] {
        let files = behind(class);
        let sent = sent(&files);
        assert!(sent.contains(expected), "{class}: {sent}");
        let all = format!("{:?}", files.trace());
        for foreign in ["35.191.", "130.211.", "203.0.113.10"] {
            assert!(!all.contains(foreign), "{class}: {all}");
        }
    }
}

#[test]
fn one_proxy_keeps_sessions_on_one_server_and_a_second_does_not() {
    let files = behind("nginx")
        .with("annotations: {", "annotations: {nginx.ingress.kubernetes.io/affinity: cookie, ");
    let step = files.trace().step(Poll).unwrap().clone();
    assert_eq!(step.outcome.verdict, Good, "{step:#?}");
    assert!(step.outcome.cautions.iter().any(|one| one.contains("a second proxy")), "{step:#?}");
    assert!(step.rules.contains(&"hash-sees-load-balancer"), "{step:#?}");
    assert_eq!(found("hash-sees-load-balancer", &files), 1);
    by_address("").says(Poll, Bad, "400", "hash-sees-load-balancer");
}

#[test]
fn a_hash_of_what_google_does_not_send_is_seen_by_both() {
    let trust =
        "set_real_ip_from 35.191.0.0/16; real_ip_header X-Forwarded-For; real_ip_recursive on;";
    let files = by_address(trust).with("ingress.class: gce", "ingress.class: gce-internal");
    assert_eq!(found("hash-sees-load-balancer", &files), 1);
    files.says(Poll, Bad, "400", "hash-sees-load-balancer");
    let own = files.with(
        "set_real_ip_from 35.191.0.0/16;",
        "set_real_ip_from 10.129.0.0/23; set_real_ip_from 10.0.0.9;",
    );
    assert_eq!(found("hash-sees-load-balancer", &own), 0);
    own.says(Poll, Good, "", "");
}

#[test]
fn a_cookie_that_the_handshake_does_not_have_scatters_sessions() {
    for key in ["$cookie_io", "$arg_sid", "$request_id"] {
        let files = by_address("").with("ip_hash;", &format!("hash {key};"));
        assert_eq!(found("upstream-without-affinity", &files), 1, "{key}");
        files.says(Poll, Bad, "400", "upstream-without-affinity");
    }
    let unknown = by_address("").with("ip_hash;", "hash $cookie_tenant;");
    unknown.says(Poll, Unknown, "whether `$cookie_tenant` is the same", "");
}

/// An nginx with a line of its own in the location.
fn with_line(class: &str, line: &str) -> Files {
    behind(class).with("          proxy_pass", &format!("          {line}\n          proxy_pass"))
}

#[test]
fn a_header_is_there_behind_whom_sends_it() {
    let via = "if ($http_via ~ google) { return 403; }";
    with_line("gce", via).says(Handshake, Bad, "403", "session-request-refused");
    for class in ["nginx", "traefik", "istio"] {
        let files = with_line(class, via);
        files.says(Handshake, Unknown, "`$http_via` is not known", "");
        assert_eq!(found("session-request-refused", &files), 0, "{class}");
    }
}

#[test]
fn https_is_known_where_the_ingress_says_so() {
    let plain = "if ($http_x_forwarded_proto = https) { return 403; }";
    let tls = |class| {
        with_line(class, plain).with("spec:\n  rules:", "spec:\n  tls: [{secretName: t}]\n  rules:")
    };
    for class in ["gce", "gce-internal", "nginx", "alb"] {
        tls(class).says(Handshake, Bad, "403", "session-request-refused");
        assert_eq!(found("session-request-refused", &tls(class)), 1, "{class}");
        let without = with_line(class, plain);
        without.says(Handshake, Unknown, "`$http_x_forwarded_proto` is not known", "");
        assert_eq!(found("session-request-refused", &without), 0, "{class}");
    }
    tls("istio").says(Handshake, Unknown, "`$http_x_forwarded_proto` is not known", "");
    assert_eq!(found("session-request-refused", &tls("istio")), 0);
}

#[test]
fn what_a_client_may_send_is_not_known() {
    let refuses = "if ($http_origin ~ evil) { return 403; }";
    with_line("gce", refuses).says(Handshake, Unknown, "`$http_origin` is not known", "");
    // What concerns the answer alone is all the same to the way.
    let cors = "if ($http_origin ~ friend) { set $cors 1; add_header Access-Control-Allow-Origin $http_origin; }";
    with_line("gce", cors).says(Handshake, Good, "", "");
    let later = format!("{cors} if ($cors = 1) {{ return 204; }}");
    with_line("gce", &later).says(Handshake, Unknown, "`$cors` is not known", "");
    let bots = "if ($http_user_agent ~* (bot|curl|^$)) { return 403; }";
    with_line("gce", bots).says(Handshake, Good, "", "");
}

#[test]
fn tls_to_the_pods_is_https_to_nginx() {
    let protocol =
        "    cloud.google.com/app-protocols: '{\"http\":\"HTTPS\"}'\n    cloud.google.com/neg";
    let scheme = "if ($scheme = http) { return 301 https://$host$request_uri; }";
    let files = with_line("gce", scheme)
        .with("listen 3000;", "listen 3000 ssl;")
        .with("    cloud.google.com/neg", protocol);
    files.says(Handshake, Good, "", "");
    assert_eq!(found("session-request-refused", &files), 0);
    let plain = by_address("").with("    cloud.google.com/neg", protocol);
    plain.says(Handshake, Bad, "502", "listen-unreachable");
    plain.decided_by("listen 3000;");
    assert_eq!(found("listen-unreachable", &plain), 1);
}

#[test]
fn what_another_controller_makes_of_a_path_is_its_own_affair() {
    let rewritten = behind("nginx")
        .with("annotations: {", "annotations: {nginx.ingress.kubernetes.io/rewrite-target: /$2, ");
    rewritten.says(Handshake, Unknown, "rewrite-target` makes of the request", "");
    // `/` without a type is a prefix to others, and the default backend is none of theirs to take instead.
    let other = "spec:\n  defaultBackend: {service: {name: web, port: {number: 80}}}\n  rules:";
    let untyped = behind("nginx")
        .with("spec:\n  rules:", other)
        .with("path: /socket.io, pathType: Prefix", "path: /, pathType: ImplementationSpecific");
    let mark = "# sioway: socketio path=/socket.io/\napiVersion: v1\nkind: Service";
    let untyped = untyped.with("apiVersion: v1\nkind: Service", mark);
    untyped.says(Handshake, Good, "", "");
}

#[test]
fn nobody_knows_the_status_of_a_controller_without_pods() {
    let files = behind("nginx").with("listen 3000;", "listen 127.0.0.1:3000;");
    files.says(Handshake, Bad, "no answer of a pod", "listen-unreachable");
    assert_eq!(files.trace().step(Handshake).unwrap().outcome.status, None);
}

#[test]
fn a_service_may_ask_for_a_load_balancer_of_its_own() {
    let text = Files::good().0;
    let (_, rest) = text.split_once("---\n").unwrap();
    let rest = rest.replacen("spec:\n", "spec:\n  type: LoadBalancer\n", 1);
    let files = Files(format!("# sioway: socketio path=/socket.io/\n{rest}"));
    let traces = files.trace_with(&Options::default());
    let step = traces[0].0.step(Handshake).unwrap();
    assert_eq!(step.outcome.verdict, Unknown, "{step:#?}");
    assert!(step.outcome.text.contains("passes connections on"), "{step:#?}");
    files.decided_by("type: LoadBalancer");
}

#[test]
fn hosts_that_lead_elsewhere_are_told_apart() {
    let two = "  rules:
    - host: www.example.com
      http:
        paths:
          - {path: /socket.io, pathType: Exact, backend: {service: {name: chat, port: {number: 80}}}}
    - host: also.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}
";
    let files = Files::good().with("  rules:\n", two);
    let traces = files.trace_with(&Options::default());
    let told: Vec<_> = traces
        .iter()
        .map(|(trace, _)| {
            let good = trace.step(Handshake).unwrap().outcome.verdict == Good;
            (trace.host.as_deref().unwrap(), trace.also.join(" "), good, trace.pods.as_str())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("www.example.com", String::new(), false, "3 pods"),
            ("also.example.com", "chat.example.com".to_owned(), true, "3 pods"),
        ]
    );
}

#[test]
fn what_stands_guard_before_the_pods_is_said() {
    let spec = "spec:\n  timeoutSec: 86400";
    let iap = "spec:\n  iap: {enabled: true, oauthclientCredentials: {secretName: s}}\n  timeoutSec: 86400";
    let files = Files::good().with(spec, iap);
    let step = files.trace().step(Handshake).unwrap().clone();
    assert!(step.outcome.cautions[0].contains("not signed in"), "{step:#?}");
    let refused = files.with("  timeoutSec", "  cdn: {enabled: true}\n  timeoutSec");
    refused.says(
        Handshake,
        Bad,
        "nothing of these files takes effect",
        "backendconfig-value-refused",
    );
    assert_eq!(found("backendconfig-value-refused", &refused), 1);
    let armor =
        Files::good().with(spec, "spec:\n  securityPolicy: {name: edge}\n  timeoutSec: 86400");
    let hops = armor.trace().step(Handshake).unwrap().hops.clone();
    assert!(hops.iter().any(|hop| hop.what.contains("the policy `edge`")), "{hops:#?}");
}

#[test]
fn a_connection_that_nginx_closes_has_no_status_of_its_own() {
    let closed = with_line("gce", "if ($arg_EIO = 4) { return 444; }");
    closed.says(
        Handshake,
        Bad,
        "`502` of the load balancer, as nginx closes",
        "session-request-refused",
    );
    with_line("nginx", "if ($arg_EIO = 4) { return 444; }").says(
        Handshake,
        Bad,
        "no answer: nginx closes",
        "session-request-refused",
    );
}

#[test]
fn gke_may_ask_for_negs_by_itself() {
    let neg = "    cloud.google.com/neg: '{\"ingress\":true}'\n";
    let files = Files::good()
        .with(neg, "")
        .with("spec:\n  selector", "spec:\n  type: NodePort\n  selector");
    files.says(Poll, Bad, "400", "neg-not-requested");
    let step = files.trace().step(Poll).unwrap().clone();
    assert!(step.outcome.cautions[0].contains("asks for no NEG by itself"), "{step:#?}");
    let told = Files::good()
        .with(neg, &neg.replace("true", "false"))
        .with("spec:\n  selector", "spec:\n  type: NodePort\n  selector");
    assert!(told.trace().step(Poll).unwrap().outcome.cautions.is_empty());
}

#[test]
fn the_condition_that_nobody_can_answer_is_named() {
    with_line("gce", "if ($http_origin ~ evil) { return 403; }")
        .decided_by("if ($http_origin ~ evil)");
}

/// The same nginx before the pods of another Service.
fn before_a_service(fields: &str) -> Files {
    let service = format!(
        "\
---
apiVersion: v1
kind: Service
metadata: {{name: app}}
spec: {{{fields}selector: {{app: sio}}, ports: [{{port: 4000}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app}}
spec:
  replicas: 4
  template:
    metadata: {{labels: {{app: sio}}}}
    spec:
      containers: [{{name: app, image: example/sio, ports: [{{containerPort: 4000}}]}}]
"
    );
    let files = by_address("")
        .with("proxy_pass http://app;", "proxy_pass http://app:4000;")
        .with("location / {", "location = / { return 200; }\n        location /socket.io/ {");
    Files(files.with("upstream app {", "upstream unused {").0 + &service)
}

#[test]
fn a_service_behind_nginx_keeps_each_nginx_on_a_pod_if_it_is_told_to() {
    let files = before_a_service("");
    files.says(Poll, Bad, "in 3 of 4 tries", "session-affinity-missing");
    assert_eq!(found("session-affinity-missing", &files), 1);
    let kept = before_a_service("sessionAffinity: ClientIP, ");
    kept.says(Poll, Good, "", "");
    assert_eq!(found("session-affinity-missing", &kept), 0);
    // Which nginx is asked matters then.
    kept.with("CLIENT_IP", "NONE").says(Poll, Bad, "in 2 of 3 tries", "session-affinity-missing");
}

#[test]
fn the_check_of_a_gateway_speaks_what_its_policy_says() {
    let gateway = "\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g}
spec:
  gatewayClassName: gke-l7-rilb
  listeners: [{name: https, protocol: HTTPS, port: 443}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: chat}
spec:
  parentRefs: [{name: g}]
  rules:
    - matches: [{path: {type: PathPrefix, value: /socket.io}}]
      backendRefs: [{name: chat, port: 80}]
---
apiVersion: networking.gke.io/v1
kind: HealthCheckPolicy
metadata: {name: chat}
spec:
  default: {config: {type: HTTPS, httpsHealthCheck: {requestPath: /health}}}
  targetRef: {group: \"\", kind: Service, name: chat}
";
    let text = by_address("")
        .with("location / {", "location = /health { return 200; }\n        location /socket.io/ {")
        .0;
    let (_, rest) = text.split_once("---\n").unwrap();
    let files = || Files(format!("{gateway}---\n{rest}"));
    files().says(StepKind::Health, Bad, "`400` of nginx", "health-location-missing");
    let sent = sent(&files().with("type: HTTPS, https", "type: HTTP, http"));
    assert!(sent.contains("203.0.113.10, 192.0.2.3"), "{sent}");
    assert_eq!(found("hash-sees-load-balancer", &files()), 1);
}
