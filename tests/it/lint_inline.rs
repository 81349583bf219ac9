//! A patch in a file, and the same as a text in the kustomization.yaml: the rules find the same in both.

use serde_json::Value;
use sioway::rules::ALL;

use crate::chat::{INGRESS, SERVICE};
use crate::rules::marked;
use crate::tools::Scratch;

/// What is found: the rule, how bad it is, the fact, and the text at its place.
fn found(scratch: &Scratch) -> Vec<[String; 4]> {
    let run = scratch.run(&["lint", ".", "--format", "json"]);
    let all: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let mut found: Vec<[String; 4]> = all["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            let file = scratch.read(one["file"].as_str().unwrap());
            let line = usize::try_from(one["line"].as_u64().unwrap()).unwrap();
            let line = file.lines().nth(line - 1).unwrap_or_default().trim().to_owned();
            [text("rule"), text("severity"), text("message"), line]
        })
        .collect();
    found.sort();
    found
}

/// A base, and an overlay with patches, in files or as texts.
fn tree(base: &str, patches: &[&str], inline: bool) -> Scratch {
    let scratch = Scratch::new();
    scratch.write("base/kustomization.yaml", "resources: [all.yaml]\n");
    scratch.write("base/all.yaml", base);
    let mut overlay = "resources: [../base]\npatches:\n".to_owned();
    for (number, patch) in patches.iter().enumerate() {
        if inline {
            overlay.push_str("- patch: |-\n");
            overlay.extend(patch.lines().map(|line| format!("    {line}\n")));
        } else {
            let name = format!("p{number}.yaml");
            scratch.write(&format!("dev/{name}"), patch);
            overlay.extend(["- path: ", &name, "\n"]);
        }
    }
    scratch.write("dev/kustomization.yaml", &overlay);
    scratch
}

/// What a document says that can be judged by itself: a BackendConfig, and what a Service or an Ingress has above its
/// `spec`.
fn by_itself(document: &str) -> Option<&str> {
    let kind = document.lines().find_map(|line| line.strip_prefix("kind: "))?;
    match kind {
        "BackendConfig" => Some(document),
        "Service" | "Ingress" => Some(document.split("\nspec:").next().unwrap_or(document)),
        _ => None,
    }
}

/// Of each rule's page: what is right as a base, and what is wrong as patches of it.
#[test]
fn a_text_is_judged_as_a_file_is() {
    let mut counted = 0;
    for rule in ALL {
        let page = rule.page();
        for (wrong, right) in page.fences("Example").iter().zip(page.fences("Use instead")) {
            if wrong.language != "yaml" {
                continue;
            }
            let wrong = marked(wrong.text).1;
            let patches: Vec<&str> = wrong.split("---\n").filter_map(by_itself).collect();
            let in_files = found(&tree(right.text, &patches, false));
            let in_texts = found(&tree(right.text, &patches, true));
            assert_eq!(in_files, in_texts, "{}\n{wrong}", rule.id);
            counted += usize::from(!in_files.is_empty());
        }
    }
    assert!(counted > 10, "{counted}");
}

const CONFIG: &str = "\
apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata: {name: chat}
spec:
  timeoutSec: 86400
  sessionAffinity: {affinityType: CLIENT_IP}
  connectionDraining: {drainingTimeoutSec: 60}
";

/// An app with an overlay.
fn overlay(text: &str) -> Scratch {
    let scratch = Scratch::new();
    for (name, text) in [("ingress", INGRESS), ("service", SERVICE), ("config", CONFIG)] {
        scratch.write(&format!("base/{name}.yaml"), text);
    }
    scratch
        .write("base/kustomization.yaml", "resources: [ingress.yaml, service.yaml, config.yaml]\n");
    scratch.write("dev/kustomization.yaml", &format!("resources: [../base]\n{text}"));
    scratch
}

const PATCH: &str = "    apiVersion: cloud.google.com/v1
    kind: BackendConfig
    metadata:
      name: chat
    spec:
      timeoutSec: 40
";

#[test]
fn an_inline_patch_is_judged_where_it_stands() {
    let target = "- target: {kind: BackendConfig, name: chat}\n  patch: |\n";
    for head in [
        "patches:\n- patch: |-\n".to_owned(),
        format!("patches:\n{target}"),
        "patchesStrategicMerge:\n- |-\n".to_owned(),
        format!(
            "patches:\n- patch: |-\n{}    ---\n",
            PATCH.replace("chat", "other").replace("40", "50")
        ),
    ] {
        let text = format!("{head}{PATCH}");
        let scratch = overlay(&text);
        let line = 2 + head.lines().count() + 5;
        let run = scratch.run(&["lint", ".", "--format", "concise"]);
        let place = format!("dev/kustomization.yaml:{line}:19: ");
        assert!(run.out.lines().any(|one| one.starts_with(&place)), "{text}{}", run.out);
        assert!(run.out.contains("websocket-cut-by-timeout"), "{}", run.out);
        // What it is merged into decides too: nothing is edited, and a comment accepts it.
        let before = scratch.read("dev/kustomization.yaml");
        scratch.run(&["lint", ".", "--fix", "--unsafe-fixes"]);
        assert_eq!(scratch.read("dev/kustomization.yaml"), before);
        let allow = "timeoutSec: 40 # sioway: allow(websocket-cut-by-timeout) short on purpose";
        scratch.write("dev/kustomization.yaml", &before.replace("timeoutSec: 40", allow));
        let run = scratch.run(&["lint", "."]);
        assert_eq!(run.status, 0, "{}", run.out);
    }
}

/// What is right or wrong only together with what it is merged into is not judged, nor is what a target chooses by an
/// expression.
#[test]
fn what_a_patch_leaves_out_is_not_missed() {
    let text = "patches:
- patch: |-
    apiVersion: v1
    kind: Service
    metadata: {name: chat}
    spec: {ports: [{name: http, port: 80, targetPort: 8080}]}
- patch: |-
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata: {name: chat}
    spec: {rules: [{http: {paths: [{path: /socket.io/, pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}]}}]}
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: chat}
    spec: {replicas: 4, template: {spec: {containers: [{name: app, image: b}]}}}
- patch: |-
    apiVersion: cloud.google.com/v1
    kind: BackendConfig
    metadata: {name: chat}
    spec: {healthCheck: {checkIntervalSec: 20}}
- patch: |-
    $patch: delete
    apiVersion: cloud.google.com/v1
    kind: BackendConfig
    metadata: {name: chat}
    spec: {timeoutSec: 1}
- target: {kind: BackendConfig, name: chat-.*}
  patch: |-
    apiVersion: cloud.google.com/v1
    kind: BackendConfig
    metadata: {name: chat}
    spec: {timeoutSec: 1}
- target: {kind: BackendConfig}
  patch: |-
    apiVersion: cloud.google.com/v1
    kind: BackendConfig
    metadata: {name: chat}
    spec: {timeoutSec: 1}
";
    let scratch = overlay(text);
    for given in [".", "dev"] {
        let run = scratch.run(&["lint", given]);
        assert_eq!(run.status, 0, "{}", run.out);
    }
}
