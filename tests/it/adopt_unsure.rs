//! Adoption where the manifests do not tell: nothing is guessed, and what is written is said.

use std::fs;

use crate::tools::{MINIMAL, Scratch};

fn service(ports: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: chat}}\nspec: {{selector: {{app: chat}}, ports: [{ports}]}}\n"
    )
}

fn ingress(host: &str, paths: &str) -> String {
    format!(
        "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: chat}}\nspec:\n  rules:\n  \
         - {{host: {host}, http: {{paths: [{paths}]}}}}\n"
    )
}

fn path(path: &str, port: &str) -> String {
    format!(
        "{{path: {path}, pathType: Prefix, backend: {{service: {{name: chat, port: {{{port}}}}}}}}}"
    )
}

fn with(text: &str) -> Scratch {
    let scratch = Scratch::with_app(MINIMAL);
    fs::remove_file(scratch.path("app.toml")).unwrap();
    scratch.write("k8s/all.yaml", text);
    scratch
}

/// Without any route an app.toml gives the app all paths: nobody else's may come to it because theirs cannot be said.
#[test]
fn a_route_that_cannot_be_said_opens_no_other() {
    let ports = "{name: http, port: 80, targetPort: 3000}, {name: admin, port: 8081}";
    let paths = [path("/socket.io", "number: 80"), path("/admin", "name: admin")].join(", ");
    let scratch = with(&(service(ports) + &ingress("chat.example.com", &paths)));
    scratch.ok(&["init", "--from", "k8s"]);
    let text = scratch.read("app.toml");
    assert!(text.contains("[[ingress.route]]\npath = \"/socket.io/\"\n"), "{text}");
    scratch.ok(&["diff", "app.toml", "--against", "k8s", "--write"]);
    let written = scratch.read("k8s/all.yaml");
    assert!(!written.contains("path: /\n") && !written.contains("path: /,"), "{written}");
}

#[test]
fn of_several_objects_of_one_name_none_is_chosen() {
    let one = |host: &str| {
        service("{port: 80, targetPort: 3000}") + &ingress(host, &path("/socket.io", "number: 80"))
    };
    let hosts = ["dev.example.com", "stage.example.com", "chat.example.com"];
    let scratch = with(&hosts.map(one).join("---\n"));
    let before = scratch.list(".");
    let run = scratch.run(&["init", "--from", "k8s"]);
    assert_eq!(run.status, 2, "{}", run.out);
    assert!(run.err.contains("it cannot be told which of several objects is meant"), "{}", run.err);
    let places = "Ingress `chat` is in k8s/all.yaml:8:18, k8s/all.yaml:20:18, k8s/all.yaml:32:18";
    assert!(run.err.contains(places), "{}", run.err);
    assert_eq!(scratch.list("."), before);
}

#[test]
fn the_schema_that_is_written_is_said_once() {
    const SAID: &str = "wrote app.schema.json: what editors check it with";
    let ports = service("{port: 80, targetPort: 3000}");
    let scratch = with(&(ports + &ingress("chat.example.com", &path("/socket.io", "number: 80"))));
    let run = scratch.run(&["init", "chat", "--from", "k8s"]);
    assert!(run.status == 0 && run.err.contains(SAID), "{}", run.err);
    assert!(scratch.path("app.schema.json").is_file());
    let run = scratch.run(&["init", "again", "--from", "k8s"]);
    assert!(run.status == 0 && !run.err.contains(SAID), "{}", run.err);
}

/// nginx's own images make `conf.d/*.conf` of templates: who listens there is not known, and nobody says that none does.
#[test]
fn what_is_made_of_templates_may_listen_anywhere() {
    const REST: &str = r"---
apiVersion: v1
kind: ConfigMap
metadata: {name: edge}
data:
  nginx.conf: |
    events {}
    http {
        include /etc/nginx/conf.d/*.conf;
    }
  upstream.conf: |
    upstream app { server chat:3000; }
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec:
  selector: {matchLabels: {app: chat}}
  template:
    metadata: {labels: {app: chat}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports: [{containerPort: 8080}]
        volumeMounts:
        - {name: conf, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf}
        - {name: conf, mountPath: /etc/nginx/conf.d/upstream.conf, subPath: upstream.conf}
        - {name: made, mountPath: /etc/nginx/templates}
      volumes:
      - {name: conf, configMap: {name: edge}}
      - {name: made, configMap: {name: elsewhere}}
";
    let ways = ingress("chat.example.com", &path("/socket.io", "number: 80"));
    let text = service("{port: 80, targetPort: 8080}") + &ways + REST;
    let told = |text: &str| with(text).run(&["lint", "k8s", "--format", "concise"]).out;
    assert!(!told(&text).contains("listen-port-mismatch"), "{}", told(&text));
    let without = text.replace("        - {name: made, mountPath: /etc/nginx/templates}\n", "");
    assert!(told(&without).contains("listen-port-mismatch"), "{}", told(&without));
}
