//! `sioway diff` compares what is in effect, and its edits change nothing else that is: real nginx is asked before and
//! after. What no API server takes is written whole or not at all.

use crate::diff::existing;
use crate::kubernetes::validate;
use crate::nginx::oracle::{Oracle, Server, address, ask, distribution, free_ports};
use crate::tools::{MINIMAL, Scratch};

/// A ConfigMap with its keys.
fn config_map(name: &str, keys: &[(&str, &str)]) -> String {
    let mut text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n");
    for (key, value) in keys {
        text.extend(["  ", key, ": |\n"]);
        text.extend(value.lines().flat_map(|line| ["    ", line, "\n"]));
    }
    text
}

/// The text of the only key of a ConfigMap.
fn only_key(map: &str) -> String {
    let (_, text) = map.split_once(": |\n").unwrap();
    text.lines().flat_map(|line| [line.strip_prefix("    ").unwrap_or(line), "\n"]).collect()
}

/// What the app behind nginx is told of a request that asks for a WebSocket.
fn told(conf: &str, port: u16, paths: &[&str]) -> Vec<String> {
    let _server = Server::start(&distribution(), conf, port);
    let headers =
        [("Host", "chat.example.com"), ("Upgrade", "websocket"), ("Connection", "upgrade")];
    paths.iter().map(|path| ask(port, path, &headers).body).collect()
}

#[test]
fn headers_that_are_sent_are_sent_after_an_edit_too() {
    let [port, app] = free_ports(2)[..] else { unreachable!("two were asked for") };
    let scratch = Scratch::with_app(&format!(
        "name = \"chat\"\nhost = \"chat.example.com\"\nport = {app}\n[nginx]\nlisten = {port}\n"
    ));
    existing(&scratch);
    let own = address();
    let app_server = format!(
        "    server {{\n        listen 127.0.0.1:{app};\n        location / {{ return 200 \"$uri host=$http_host tenant=$http_x_tenant to=$http_upgrade,$http_connection\"; }}\n    }}\n"
    );
    let conf = format!(
        "events {{}}\nhttp {{\n    proxy_set_header X-Tenant \"a b\";\n    proxy_set_header Host $host;\n{app_server}    server {{\n        listen 127.0.0.1:{port};\n        location /socket.io/ {{\n            proxy_pass http://127.0.0.1:{app};\n        }}\n        location / {{\n            proxy_pass http://127.0.0.1:{app};\n        }}\n    }}\n}}\n"
    );
    scratch.write("k8s/nginx-configmap.yaml", &config_map("chat-nginx", &[("nginx.conf", &conf)]));
    let here = |conf: &str| conf.replace("127.0.0.1", &own.to_string());
    let paths = ["/socket.io/", "/page"];
    let before = told(&here(&conf), port, &paths);
    let sent = |path: &str| format!("{path} host=chat.example.com tenant=a b to=");
    assert_eq!(before[0], sent("/socket.io/") + ",close");
    let shown = scratch.run(&["diff", "--against", "k8s"]).out;
    assert!(shown.contains("the 2 that hold here are repeated in it"), "{shown}");
    assert!(!shown.contains("proxy_set_header[Host]"), "{shown}");
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    let written = only_key(&scratch.read("k8s/nginx-configmap.yaml"));
    let after = told(&here(&written), port, &paths);
    assert_eq!(after, [sent("/socket.io/") + "websocket,upgrade", before[1].clone()], "{written}");
    assert_eq!(scratch.ok(&["diff", "--against", "k8s"]).out, "");
}

/// An nginx.conf in one ConfigMap, and the servers in another that is mounted where it looks for them.
fn split(scratch: &Scratch, is_whole: bool) {
    let whole = "events {\n    worker_connections 8192;\n}\nworker_shutdown_timeout 10s;\nhttp {\n    map $http_upgrade $asked { default upgrade; '' close; }\n    include /etc/nginx/conf.d/*.conf;\n}\n";
    let sites = "server {\n  listen 8080; # theirs\n  location = /health { return 200; }\n  location /socket.io/ {\n    proxy_pass http://127.0.0.1:3000;\n    proxy_read_timeout 30s; # why?\n  }\n}\n";
    scratch.write("k8s/nginx-configmap.yaml", &config_map("chat-nginx", &[("nginx.conf", whole)]));
    if !is_whole {
        return;
    }
    let pod = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n        - name: nginx\n          image: nginx\n          volumeMounts:\n            - {name: whole, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf}\n            - {name: sites, mountPath: /etc/nginx/conf.d}\n      volumes:\n        - {name: whole, configMap: {name: chat-nginx}}\n        - {name: sites, configMap: {name: sites}}\n";
    let sites = config_map("sites", &[("default.conf", sites)]);
    scratch.write("k8s/pods.yaml", &format!("{pod}---\n{sites}"));
}

#[test]
fn what_another_file_holds_is_changed_there() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    split(&scratch, true);
    let shown = scratch.run(&["diff", "--against", "k8s"]).out;
    assert!(
        shown.contains("data[\"default.conf\"].server.location[/socket.io/].proxy_read_timeout"),
        "{shown}"
    );
    assert!(!shown.contains("proxy_pass") && !shown.contains("ConfigMap sites"), "{shown}");
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    let written = scratch.read("k8s/pods.yaml");
    assert!(written.contains("proxy_read_timeout 90s; # why?"), "{written}");
    assert!(written.contains("listen 8080; # theirs"), "{written}");
    assert!(written.contains("Connection $asked;"), "{written}");
    let (_, site) = written.split_once("default.conf").unwrap();
    let whole = only_key(&scratch.read("k8s/nginx-configmap.yaml"));
    let joined = whole.replace("include /etc/nginx/conf.d/*.conf;", &only_key(site));
    assert_eq!(Oracle::new(distribution()).refusal(joined.as_bytes()), "", "{joined}");
    let again = scratch.ok(&["diff", "--against", "k8s"]).out;
    assert!(again.contains("4 the same"), "{again}");
}

#[test]
fn what_a_file_that_is_not_here_may_hold_is_left_to_people() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    split(&scratch, false);
    let before = scratch.read("k8s/nginx-configmap.yaml");
    let shown = scratch.run(&["diff", "--against", "k8s"]);
    assert_eq!(shown.status, 1);
    let said = "left to people: it may stand in an included file that is not here";
    assert!(shown.out.contains(said), "{}", shown.out);
    let run = scratch.run(&["diff", "--against", "k8s", "--write"]);
    assert_eq!(run.status, 1, "{}", run.err);
    assert_eq!(scratch.read("k8s/nginx-configmap.yaml"), before);
}

const OLD_INGRESS: &str = "\
apiVersion: networking.k8s.io/v1beta1
kind: Ingress
metadata:
  name: chat # since 2019
  annotations:
    kubernetes.io/ingress.class: gce
spec:
  rules:
    - host: chat.example.com
      http:
        paths:
          - path: /pages/*
            backend:
              serviceName: pages # not ours
              servicePort: http
";

#[test]
fn an_ingress_of_the_beta_is_converted_whole() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    scratch.write("k8s/ingress.yaml", OLD_INGRESS);
    let shown = scratch.run(&["diff", "--against", "k8s"]).out;
    for path in [
        "apiVersion: ",
        "[path=/pages/*].backend: ",
        "[path=/pages/*].pathType: ",
        "[path=/socket.io/]: ",
    ] {
        assert!(shown.contains(path), "{path}\n{shown}");
    }
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    let written = scratch.read("k8s/ingress.yaml");
    assert!(!written.contains("servicePort") && written.contains("# since 2019"), "{written}");
    validate(&[scratch.path("k8s/ingress.yaml")]);
    assert_eq!(scratch.ok(&["diff", "--against", "k8s"]).out, "");
}

#[test]
fn an_ingress_of_the_beta_that_is_built_is_left() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    scratch.write("k8s/ingress.yaml", OLD_INGRESS);
    let names = ["backendconfig", "ingress", "nginx-configmap", "service"];
    let listed: String = names.map(|name| format!("  - {name}.yaml\n")).concat();
    scratch.write("k8s/kustomization.yaml", &format!("namespace: default\nresources:\n{listed}"));
    let run = scratch.run(&["diff", "--against", "k8s", "--write"]);
    assert_eq!(run.status, 1, "{}{}", run.out, run.err);
    assert!(run.err.contains("`sioway lint --fix` does it where it is written"), "{}", run.err);
    assert_eq!(scratch.read("k8s/ingress.yaml"), OLD_INGRESS);
}
