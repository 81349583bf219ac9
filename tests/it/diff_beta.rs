//! `sioway diff` against what the versions of the beta had, and clusters still read.

use crate::diff::existing;
use crate::kubernetes::kustomize;
use crate::tools::{MINIMAL, Scratch};

const OURS: &str = "cloud.google.com/backend-config: '{\"default\":\"chat\"}'";

/// The manifests of the smallest app, of which one is changed.
fn with(file: &str, edits: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let path = format!("k8s/{file}");
    let text = edits.iter().fold(scratch.read(&path), |text, (old, new)| {
        assert!(text.contains(old), "{old}\n{text}");
        text.replacen(old, new, 1)
    });
    scratch.write(&path, &text);
    scratch
}

fn diff(scratch: &Scratch) -> (i32, String) {
    let run = scratch.run(&["diff", "--against", "k8s"]);
    (run.status, run.out)
}

/// The old name is read where the new one is not there (`kubernetes/ingress-gce:pkg/annotations/service.go`).
#[test]
fn the_annotation_of_the_beta_is_in_force() {
    for theirs in [
        "beta.cloud.google.com/backend-config: '{\"default\": \"chat\"}'",
        "beta.cloud.google.com/backend-config: '{\"ports\": {\"http\": \"chat\", \"metrics\": \"m\"}}'",
    ] {
        let scratch = with("service.yaml", &[(OURS, theirs)]);
        assert_eq!(diff(&scratch), (0, String::new()));
    }
}

/// The new name wins over the old one as a whole: what that says of other ports has to be in it.
#[test]
fn what_wins_over_the_beta_keeps_the_ports_of_others() {
    let beta = "beta.cloud.google.com/backend-config: '{\"ports\": {\"http\": \"old\", \"metrics\": \"m\"}}'";
    let scratch = with("service.yaml", &[(OURS, beta)]);
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    let text = scratch.read("k8s/service.yaml");
    let stable =
        " cloud.google.com/backend-config: '{\"ports\":{\"http\":\"chat\",\"metrics\":\"m\"}}'";
    assert!(text.contains(stable) && text.contains(beta), "{text}");
    assert_eq!(diff(&scratch), (0, String::new()));
}

/// What its version does not know is dropped when it is applied: written into it, it would say nothing.
#[test]
fn a_backendconfig_of_the_beta_is_one_of_today_where_it_has_to_be() {
    let version = ("apiVersion: cloud.google.com/v1", "apiVersion: cloud.google.com/v1beta1 # old");
    let scratch = with("backendconfig.yaml", &[version]);
    let (status, out) = diff(&scratch);
    assert_eq!(status, 1);
    assert!(
        out.contains("~ apiVersion: \"cloud.google.com/v1beta1\" → \"cloud.google.com/v1\""),
        "{out}"
    );
    assert!(out.contains("(backendconfig-api-old)"), "{out}");
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    let text = scratch.read("k8s/backendconfig.yaml");
    assert!(text.contains("apiVersion: cloud.google.com/v1 # old\n"), "{text}");
    assert_eq!(diff(&scratch), (0, String::new()));
}

/// Whoever uses the ports of the nodes hears that they go.
#[test]
fn the_type_of_a_service_has_a_reason() {
    let scratch = with("service.yaml", &[("type: ClusterIP", "type: NodePort")]);
    let (status, out) = diff(&scratch);
    assert_eq!(status, 1);
    assert!(out.contains("with NEGs the load balancer asks the pods themselves"), "{out}");
}

/// A patch is for the version that it names: with another one in either, Kustomize builds nothing.
#[test]
fn the_version_of_what_is_built_is_left() {
    let old = ("apiVersion: cloud.google.com/v1", "apiVersion: cloud.google.com/v1beta1");
    let scratch = with("backendconfig.yaml", &[old, ("timeoutSec: 86400", "timeoutSec: 30")]);
    let names = ["backendconfig", "ingress", "nginx-configmap", "service"];
    let listed: String = names.map(|name| format!("  - {name}.yaml\n")).concat();
    let patches = "patches:\n  - path: patch.yaml\n";
    scratch.write("k8s/kustomization.yaml", &format!("resources:\n{listed}{patches}"));
    scratch.write(
        "k8s/patch.yaml",
        "apiVersion: cloud.google.com/v1beta1\nkind: BackendConfig\nmetadata: {name: chat, namespace: default}\nspec: {timeoutSec: 3600}\n",
    );
    let run = scratch.run(&["diff", "--against", "k8s", "--write"]);
    assert_eq!(run.status, 1, "{}{}", run.out, run.err);
    assert!(run.err.contains("patches find an object by its version"), "{}", run.err);
    let patch = scratch.read("k8s/patch.yaml");
    assert!(patch.contains("v1beta1") && patch.contains("timeoutSec: 86400"), "{patch}");
    assert!(kustomize(&scratch.path("k8s")).contains("timeoutSec: 86400"));
    for file in ["k8s/backendconfig.yaml", "k8s/patch.yaml"] {
        scratch.write(file, &scratch.read(file).replace("/v1beta1", "/v1"));
    }
    assert!(kustomize(&scratch.path("k8s")).contains("apiVersion: cloud.google.com/v1\n"));
    assert_eq!(diff(&scratch), (0, String::new()));
}
