//! What rules say where Kustomize has a hand in it: several files, of which none says it all.

use sioway::diagnostic::Sources;
use sioway::path::Model;
use sioway::rules;
use sioway::set::{File, Set};

use crate::chat::{INGRESS, SERVICE};

const BARE: &str = "\
apiVersion: v1
kind: Service
metadata: {name: chat}
spec:
  ports: [{port: 80}]
";
const CONFIG: &str = "\
apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata: {name: chat}
spec: {timeoutSec: 86400}
";
const BASE: &str = "resources: [ingress.yaml, service.yaml, config.yaml]\n";

/// The findings of a rule in some files, each as `file: message`.
fn found(id: &str, files: &[(&str, &str)]) -> Vec<String> {
    let mut sources = Sources::default();
    let files: Vec<File<'_>> = files
        .iter()
        .map(|(name, text)| File::read(sources.add(*name, *text), name, text, false))
        .collect();
    let set = Set::new(&files);
    let rule = rules::rule(id).unwrap();
    let findings = rule.findings(&Model::new(&set, &[]));
    let said = |finding: &sioway::diagnostic::Finding| {
        let diagnostic = &finding.diagnostic;
        let file = &sources.get(diagnostic.labels[0].source).name;
        format!("{file}: {}", diagnostic.message)
    };
    findings.iter().map(said).collect()
}

fn with(service: &str, overlay: &str) -> Vec<String> {
    let base = [
        ("base/kustomization.yaml", BASE),
        ("base/ingress.yaml", INGRESS),
        ("base/service.yaml", service),
        ("base/config.yaml", CONFIG),
        ("overlays/dev/kustomization.yaml", overlay),
    ];
    let rules = [
        "backendconfig-missing",
        "backendconfig-not-attached",
        "neg-not-requested",
        "duplicate-object",
    ];
    let mut all: Vec<String> = rules.iter().flat_map(|rule| found(rule, &base)).collect();
    all.sort();
    all
}

#[test]
fn a_prefix_breaks_the_name_in_an_annotation() {
    assert_eq!(with(SERVICE, "resources: [../../base]\n"), [""; 0]);
    let prefixed = with(SERVICE, "namePrefix: dev-\nresources: [../../base]\n");
    assert_eq!(prefixed.len(), 1, "{prefixed:?}");
    assert!(prefixed[0].starts_with("base/service.yaml: "));
    assert!(prefixed[0].contains("Kustomize renames the BackendConfig to `dev-chat`"));
}

#[test]
fn a_name_with_the_prefix_is_right() {
    let service = SERVICE.replace("\"chat\"", "\"dev-chat\"");
    let overlay = "namePrefix: dev-\nresources: [../../base]\n";
    assert_eq!(with(&service, overlay), [""; 0]);
}

#[test]
fn what_a_patch_or_a_replacement_writes_is_not_missing() {
    assert_eq!(with(BARE, "resources: [../../base]\n").len(), 2);
    let patch = "resources: [../../base]\npatches:\n  - patch: |-\n      - op: add\n        path: \
        /metadata/annotations/cloud.google.com~1backend-config\n        value: '{}'\n  - patch: |-\n      \
        {apiVersion: v1, kind: Service, metadata: {name: chat, annotations: {cloud.google.com/neg: x}}}\n";
    assert_eq!(with(BARE, patch), [""; 0]);
    let replacement =
        "resources: [../../base]\nreplacements: [{path: names.yaml}]\nnamePrefix: dev-\n";
    assert_eq!(with(BARE, replacement), [""; 0]);
    assert_eq!(with(SERVICE, replacement), [""; 0]);
}

#[test]
fn a_namespace_that_is_set_for_all_moves_all() {
    let (one, other) = (
        SERVICE.replace("name: chat\n", "name: chat\n  namespace: web\n"),
        CONFIG.replace("{name: chat}", "{name: chat, namespace: shop}"),
    );
    let files = |kustomization| {
        [("kustomization.yaml", kustomization), ("service.yaml", &*one), ("config.yaml", &*other)]
    };
    let listed = "resources: [service.yaml, config.yaml]\n";
    let moved = format!("namespace: chat\n{listed}");
    assert_eq!(found("backendconfig-missing", &files(listed)).len(), 1);
    assert_eq!(found("backendconfig-missing", &files(&moved)), [""; 0]);
}

#[test]
fn a_file_that_cannot_be_read_may_have_what_is_missing() {
    let mut files = vec![("k/ingress.yaml", INGRESS), ("k/service.yaml", SERVICE)];
    assert_eq!(found("backendconfig-missing", &files).len(), 1);
    files.push(("k/config.yaml", "kind: BackendConfig\n  name: chat\n- x"));
    assert_eq!(found("backendconfig-missing", &files), [""; 0]);
}

#[test]
fn environments_are_no_duplicates() {
    let changed = CONFIG.replace("86400", "30");
    let rule = "duplicate-object";
    let apart = [("dev/config.yaml", CONFIG), ("prod/config.yaml", &*changed)];
    assert_eq!(found(rule, &apart), [""; 0]);
    let beside = [("k/a.yaml", CONFIG), ("k/b.yaml", &*changed)];
    assert_eq!(found(rule, &beside).len(), 1);
    let chosen = [
        ("k/a.yaml", CONFIG),
        ("k/b.yaml", &*changed),
        ("k/kustomization.yaml", "resources: [a.yaml]\n"),
    ];
    assert_eq!(found(rule, &chosen), [""; 0]);
    let both = [chosen[0], chosen[1], ("k/kustomization.yaml", "resources: [a.yaml, b.yaml]\n")];
    let said = found(rule, &both);
    assert!(said.len() == 1 && said[0].contains("Kustomize builds nothing"), "{said:?}");
}

const CLASSIC: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: chat
  annotations:
    cloud.google.com/neg: '{\"ingress\": true}'
    cloud.google.com/backend-config: '{\"default\": \"chat\"}'
spec:
  selector: {app: chat}
  ports: [{port: 80}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: chat}}
    spec: {containers: [{name: chat, image: chat}]}
";
const PARTIAL: &str = "\
apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata: {name: chat}
spec: {connectionDraining: {drainingTimeoutSec: 60}}
";

/// What the rules on a BackendConfig say of a base with these overlays.
fn overlaid(rule: &str, config: &str, overlays: &[(&str, &str)]) -> Vec<String> {
    let mut files = vec![
        ("base/kustomization.yaml", BASE),
        ("base/ingress.yaml", INGRESS),
        ("base/service.yaml", CLASSIC),
        ("base/config.yaml", config),
    ];
    files.extend_from_slice(overlays);
    let found = found(rule, &files);
    found.into_iter().map(|one| one.split(':').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn what_every_overlay_writes_is_not_missing() {
    let cut = |overlays: &[(&str, &str)]| overlaid("websocket-cut-by-timeout", PARTIAL, overlays);
    let patch = "resources: [../../base]\npatchesStrategicMerge: [bc.yaml]\n";
    let inline = "resources: [../../base]\npatches:\n- target: {kind: BackendConfig}\n  patch: |-\n    - {op: add, path: /spec/timeoutSec, value: 3600}\n";
    let plain = "resources: [../../base]\n";
    let long = "apiVersion: cloud.google.com/v1\nkind: BackendConfig\nmetadata: {name: chat}\nspec: {timeoutSec: 3600}\n";
    let short = long.replace("3600", "30");
    assert_eq!(cut(&[]), ["base/config.yaml"]);
    let prod = ("overlays/prod/kustomization.yaml", patch);
    assert_eq!(cut(&[prod, ("overlays/prod/bc.yaml", long)]), [""; 0]);
    assert_eq!(cut(&[prod, ("overlays/prod/bc.yaml", &short)]), ["overlays/prod/bc.yaml"]);
    assert_eq!(cut(&[("overlays/prod/kustomization.yaml", inline)]), [""; 0]);
    // One of two overlays leaves it out.
    let dev = ("overlays/dev/kustomization.yaml", plain);
    assert_eq!(cut(&[prod, ("overlays/prod/bc.yaml", long), dev]), ["base/config.yaml"]);
    // A component writes it.
    let with = "resources: [../../base]\ncomponents: [../../long]\n";
    let component = "patches: [{path: bc.yaml}]\n";
    let files = [
        ("overlays/prod/kustomization.yaml", with),
        ("long/kustomization.yaml", component),
        ("long/bc.yaml", long),
    ];
    assert_eq!(cut(&files), [""; 0]);
}

#[test]
fn an_overlay_may_make_one_pod_several() {
    let lost = |overlay: &str| {
        let file = [("overlays/prod/kustomization.yaml", overlay)];
        overlaid("session-affinity-missing", PARTIAL, &file)
    };
    assert_eq!(lost("resources: [../../base]\n"), [""; 0]);
    let replicas = "resources: [../../base]\nreplicas:\n- {name: chat, count: 5}\n";
    assert_eq!(lost(replicas), ["base/config.yaml"]);
    let patch = "resources: [../../base]\npatches:\n- patch: |-\n    kind: Deployment\n    metadata: {name: chat}\n    spec: {replicas: 2}\n";
    assert_eq!(lost(patch), ["base/config.yaml"]);
}

#[test]
fn a_block_is_taken_out_in_a_file_of_its_own_or_without_a_kind() {
    let taken = |overlays: &[(&str, &str)]| overlaid("disabling-block-removed", CONFIG, overlays);
    let inline = "resources: [../../base]\npatches:\n- target: {kind: BackendConfig}\n  patch: |-\n    - {op: remove, path: /spec/cdn}\n";
    let name = "overlays/prod/kustomization.yaml";
    assert_eq!(taken(&[(name, inline)]), [name]);
    let file = "resources: [../../base]\npatches:\n- target: {kind: BackendConfig, name: chat}\n  path: p.yaml\n";
    let steps = "- op: remove\n  path: /spec/cdn\n";
    assert_eq!(taken(&[(name, file), ("overlays/prod/p.yaml", steps)]), ["overlays/prod/p.yaml"]);
}

/// A partial manifest does not say where its Ingress leads: nothing is claimed of the Services.
#[test]
fn a_patch_of_annotations_leads_to_no_service() {
    let patch = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: chat\n  annotations:\n    cloud.google.com/backend-config: '{\"default\": \"chat\"}'\n";
    let overlay = "resources: [../../base]\npatches: [{path: patch.yaml}]\n";
    let said = found(
        "backendconfig-on-ingress",
        &[
            ("base/kustomization.yaml", BASE),
            ("base/ingress.yaml", INGRESS),
            ("base/service.yaml", SERVICE),
            ("base/config.yaml", CONFIG),
            ("overlays/dev/kustomization.yaml", overlay),
            ("overlays/dev/patch.yaml", patch),
        ],
    );
    let only = "overlays/dev/patch.yaml: the settings of this BackendConfig do not apply by this: its name is read on Services only";
    assert_eq!(said, [only]);
}
