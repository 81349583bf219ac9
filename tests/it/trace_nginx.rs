//! What `sioway trace` says of the nginx in a pod, by what the pod mounts and declares.

use sioway::trace::StepKind::Handshake;
use sioway::trace::Verdict::{Bad, Good, Unknown};

use crate::trace::Files;

const CONFIG: &str = "\
---
apiVersion: v1
kind: ConfigMap
metadata: {name: chat-nginx}
data:
  default.conf: |
    server {
        listen 8080;
        location / { return 200; }
        location /socket.io/ {
            proxy_pass http://127.0.0.1:3000;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection \"upgrade\";
            proxy_set_header Host $host;
            proxy_read_timeout 90s;
        }
    }
";

const CONTAINERS: &str = "      containers:
        - name: nginx
          image: nginx:1.28
          ports: [{containerPort: 8080}]
          volumeMounts: [{name: conf, mountPath: /etc/nginx/conf.d}]
        - {name: app, image: chat, ports: [{containerPort: 3000}]}
      volumes: [{name: conf, configMap: {name: chat-nginx}}]
";

fn with_nginx() -> Files {
    let alone =
        "      containers:\n        - {name: app, image: chat, ports: [{containerPort: 3000}]}\n";
    let files = Files::good().with("targetPort: 3000", "targetPort: 8080").with(alone, CONTAINERS);
    Files(files.0 + CONFIG)
}

#[test]
fn a_port_that_no_container_names() {
    with_nginx().says(Handshake, Good, "200", "");
    let other = with_nginx().with("127.0.0.1:3000", "127.0.0.1:3001");
    other.says(Handshake, Good, "200", "upstream-port-unserved");
    let trace = other.trace();
    let cautions = &trace.step(Handshake).unwrap().outcome.cautions;
    assert_eq!(cautions, &["no container says that it listens on port 3001: if none does, `502`"]);
    // By an upstream, too.
    let upstream = "upstream app {\n        server 127.0.0.1:3001;\n    }\n    server {\n";
    let named = with_nginx().with("server {\n", upstream).with("//127.0.0.1:3000", "//app");
    named.says(Handshake, Good, "200", "upstream-port-unserved");
}

#[test]
fn a_key_that_the_config_map_lacks() {
    let mount = "mountPath: /etc/nginx/conf.d}";
    let sub = "mountPath: /etc/nginx/conf.d/default.conf, subPath: KEY}";
    let good = with_nginx().with(mount, &sub.replace("KEY", "default.conf"));
    good.says(Handshake, Good, "200", "");
    let bad = with_nginx().with(mount, &sub.replace("KEY", "nginx.conf"));
    bad.says(Handshake, Bad, "502", "mounted-key-missing");
    let volume = "configMap: {name: chat-nginx}";
    let items = "configMap: {name: chat-nginx, items: [{key: KEY, path: default.conf}]}";
    let good = with_nginx().with(volume, &items.replace("KEY", "default.conf"));
    good.says(Handshake, Good, "200", "");
    let bad = with_nginx().with(volume, &items.replace("KEY", "nginx.conf"));
    bad.says(Handshake, Bad, "502", "mounted-key-missing");
}

/// Another configuration beside is not the one that is mounted.
#[test]
fn a_config_map_that_is_not_given() {
    let files = with_nginx().with("configMap: {name: chat-nginx}", "configMap: {name: other}");
    files.says(Handshake, Unknown, "", "");
    let trace = files.trace();
    let text = &trace.step(Handshake).unwrap().outcome.text;
    assert!(text.contains("the ConfigMap `other`, which is not among the files"), "{text}");
}
