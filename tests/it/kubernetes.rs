//! What Kubernetes and Google's controllers say of what is rendered.

use std::collections::BTreeMap;
use std::process::Command;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_yaml::Value;

use crate::properties::{gke, plan};
use crate::specs::app_toml;
use crate::tools::{Scratch, both, python, root, succeed, tool};

/// The objects of a stream, by kind and name.
pub(crate) fn objects(stream: &str) -> BTreeMap<(String, String), Value> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    // Kustomize writes 1.0 as 1.
    let stream = stream.replace("sampleRate: 1.0", "sampleRate: 1");
    let read = serde_yaml::Deserializer::from_str(&stream)
        .map(|one| serde::Deserialize::deserialize(one).unwrap());
    read.map(|object: Value| ((text(&object["kind"]), text(&object["metadata"]["name"])), object))
        .collect()
}

pub(crate) fn kustomize(directory: &std::path::Path) -> String {
    succeed(Command::new(tool("kubectl", "kubectl/kubectl")).arg("kustomize").arg(directory))
}

pub(crate) fn validate(streams: &[std::path::PathBuf]) -> String {
    let here = root().join("tests/it");
    let output = python()
        .arg(here.join("validate.py"))
        .arg(here.join("crds"))
        .args(streams)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", both(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn kubectl_kustomize_builds_every_example_as_it_was_rendered() {
    let scratch = Scratch::new();
    for app in std::fs::read_dir(root().join("out")).unwrap() {
        let app = app.unwrap();
        let name = app.file_name().into_string().unwrap();
        let file = root().join("examples").join(&name).join("app.toml");
        let stream = scratch.ok(&["render", file.to_str().unwrap(), "-o", "-"]).out;
        assert_eq!(objects(&kustomize(&app.path())), objects(&stream), "{name}");
    }
}

#[test]
fn the_kustomize_layout_builds_the_same_config_map() {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"*/app.toml\"]\nlayout = \"kustomize\"\n");
    scratch.write(
        "chat/app.toml",
        "name = \"chat\"\nhost = \"c.example.com\"\nport = 3000\nnamespace = \"talk\"\nlabels = { team = \"a\" }\n\
         annotations = { \"example.com/note\" = \"x: y\" }\n[workload]\nimage = \"chat:1\"\n",
    );
    scratch.ok(&["render"]);
    let stream = scratch.ok(&["render", "-o", "-"]).out;
    let strip_header = |mut objects: BTreeMap<(String, String), Value>| {
        let map = objects.get_mut(&("ConfigMap".into(), "chat-nginx".into())).unwrap();
        let text = map["data"]["nginx.conf"].as_str().unwrap().trim_start_matches("# Rendered by sioway from chat/app.toml. Change that file, then run: sioway render\n").to_owned();
        map["data"]["nginx.conf"] = text.into();
        objects
    };
    assert_eq!(
        strip_header(objects(&kustomize(&scratch.path("out/chat")))),
        strip_header(objects(&stream))
    );
}

#[test]
fn every_object_of_the_examples_is_valid() {
    let mut streams = Vec::new();
    for app in std::fs::read_dir(root().join("out")).unwrap() {
        let files =
            std::fs::read_dir(app.unwrap().path()).unwrap().map(|file| file.unwrap().path());
        let manifest = |path: &std::path::PathBuf| {
            path.extension().is_some_and(|e| e == "yaml" || e == "json")
                && !path.ends_with("kustomization.yaml")
        };
        streams.extend(files.filter(manifest));
    }
    assert_eq!(validate(&streams), format!("{} objects are valid\n", streams.len()));
}

#[test]
fn every_object_of_random_apps_is_valid() {
    let (scratch, profile) = (Scratch::new(), gke());
    let mut runner = TestRunner::deterministic();
    let mut streams = Vec::new();
    while streams.len() < 60 {
        let text = app_toml().new_tree(&mut runner).unwrap().current();
        if plan(&text, &profile).is_some() {
            scratch.write("app.toml", &text);
            let name = format!("{}.yaml", streams.len());
            scratch.write(&name, &scratch.ok(&["render", "-o", "-"]).out);
            streams.push(scratch.path(&name));
        }
    }
    assert!(validate(&streams).ends_with("objects are valid\n"));
}

#[test]
fn the_schemas_refuse_what_breaks() {
    let scratch = Scratch::new();
    let good = std::fs::read_to_string(root().join("out/minimal/backendconfig.yaml")).unwrap();
    let broken = [
        ("CLIENT_IP", "ClientIP"),
        ("timeoutSec: 86400", "timeoutSec: 0"),
        ("  cdn:\n    enabled: false", "  cdn:\n    enable: false"),
        ("    port: 8080\n", ""),
        ("type: HTTP", "type: TCP"),
    ];
    let here = root().join("tests/it");
    for (from, to) in broken {
        assert!(good.contains(from), "{from}");
        scratch.write("bad.yaml", &good.replace(from, to));
        let output = python()
            .arg(here.join("validate.py"))
            .arg(here.join("crds"))
            .arg(scratch.path("bad.yaml"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{to}");
    }
}
