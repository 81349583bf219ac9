//! Patches of lists whose items have names, held against the real Kustomize: many objects in one build.

use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use sioway::diagnostic::Sources;
use sioway::kustomize::{Tree, build};

use crate::tools::{Scratch, succeed, tool};

/// A port, as far as it says anything; in a patch also what the patch does with it.
fn port(in_patch: bool) -> impl Strategy<Value = Value> {
    let number = prop::sample::select(vec![53, 80, 443]);
    let protocol = prop::option::weighted(0.5, prop::sample::select(vec!["TCP", "UDP"]));
    let target = prop::option::weighted(0.8, 1_u16..9);
    let name = prop::option::weighted(0.2, "[a-c]");
    let does = prop::sample::select(vec!["delete", "replace", "merge"]);
    let does = prop::option::weighted(0.15, does);
    let does = does.prop_map(move |does| does.filter(|_| in_patch));
    (number, protocol, target, name, does).prop_map(|(number, protocol, target, name, does)| {
        let mut port = json!({"port": number});
        let all = [("protocol", protocol), ("$patch", does)];
        for (key, value) in all.into_iter().filter_map(|(key, value)| Some((key, value?))) {
            port[key] = value.into();
        }
        if let Some(target) = target {
            port["targetPort"] = target.into();
        }
        if let Some(name) = name {
            port["name"] = name.into();
        }
        port
    })
}

fn ports(in_patch: bool) -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(port(in_patch), 1..4)
}

fn service(number: usize, ports: &[Value]) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": format!("s{number}")}, "spec": {"ports": ports},
    })
}

/// The same lists in a container, by the keys that are used there: one of two names, and one of one.
fn deployment(number: usize, ports: &[Value]) -> Value {
    let variable = |port: &Value| {
        let mut variable = json!({"name": format!("PORT_{}", port["port"])});
        for (from, to) in [("targetPort", "value"), ("$patch", "$patch")] {
            if let Some(value) = port.get(from) {
                variable[to] = value.as_str().map_or(value.to_string(), str::to_owned).into();
            }
        }
        variable
    };
    let env: Vec<Value> = ports.iter().map(variable).collect();
    let text = Value::from(ports).to_string().replace("\"port\"", "\"containerPort\"");
    let ports: Value = serde_json::from_str(&text.replace("targetPort", "hostPort")).unwrap();
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": format!("d{number}")},
        "spec": {"template": {"spec": {"containers": [{"name": "c", "ports": ports, "env": env}]}}},
    })
}

/// What sioway and the real one build of objects and of patches, each by its name.
fn both(objects: &[Value], patches: &[Value]) -> [Vec<Value>; 2] {
    let scratch = Scratch::new();
    let documents: Vec<String> = objects.iter().map(Value::to_string).collect();
    scratch.write("all.yaml", &documents.join("\n---\n"));
    let patches: Vec<Value> =
        patches.iter().map(|patch| json!({"patch": patch.to_string()})).collect();
    let kustomization = json!({"resources": ["all.yaml"], "patches": patches});
    scratch.write("kustomization.yaml", &kustomization.to_string());
    let (mut tree, mut sources) = (Tree::default(), Sources::default());
    for name in ["all.yaml", "kustomization.yaml"] {
        let source = sources.add(name, scratch.read(name));
        tree.add(&format!("/k/{name}"), source);
    }
    let ours = build(&tree, &sources, "/k", "k").unwrap_or_else(|all| panic!("{all:#?}"));
    let mut kubectl = Command::new(tool("kubectl", "kubectl/kubectl"));
    let theirs = succeed(kubectl.arg("kustomize").arg(scratch.path("")));
    [ours.text.as_str(), &theirs].map(read)
}

fn read(stream: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(stream);
    let mut all: Vec<Value> =
        documents.map(|one| serde::Deserialize::deserialize(one).unwrap()).collect();
    all.sort_by_key(|one| one["metadata"]["name"].to_string());
    all
}

/// A patch of a port without its protocol is another's, or nobody's: that is how Kustomize has it.
#[test]
fn a_patch_of_ports_without_protocol_is_merged_as_kustomize_does() {
    let port = |protocol: Option<&str>, target: i64| match protocol {
        Some(protocol) => json!({"port": 80, "protocol": protocol, "targetPort": target}),
        None => json!({"port": 80, "targetPort": target}),
    };
    let cases = [
        (vec![port(Some("TCP"), 1)], vec![port(None, 2)]),
        (vec![port(None, 1)], vec![port(Some("TCP"), 2)]),
        (vec![port(None, 1)], vec![port(None, 2)]),
        (vec![port(Some("TCP"), 1), port(Some("UDP"), 2)], vec![port(None, 3)]),
        (vec![port(None, 1)], vec![port(Some("UDP"), 3)]),
        (vec![port(Some("TCP"), 1)], vec![json!({"$patch": "replace"}), port(None, 2)]),
        (vec![port(Some("TCP"), 1)], vec![json!({"$patch": "delete"})]),
    ];
    let objects: Vec<Value> =
        cases.iter().enumerate().map(|(at, (ports, _))| service(at, ports)).collect();
    let patches: Vec<Value> =
        cases.iter().enumerate().map(|(at, (_, ports))| service(at, ports)).collect();
    let [ours, theirs] = both(&objects, &patches);
    assert_eq!(ours, theirs);
    // The first is the one that surprises: the patch does nothing.
    assert_eq!(ours[0]["spec"]["ports"][0]["targetPort"], 1);
}

#[test]
fn lists_are_merged_as_kustomize_merges_them() {
    let config = Config { cases: 6, failure_persistence: None, ..Config::default() };
    let cases = prop::collection::vec((ports(false), ports(true)), 60);
    TestRunner::new(Config { max_shrink_iters: 60, ..config })
        .run(&cases, |cases| {
            let object = |at: usize, ports: &[Value]| {
                if at.is_multiple_of(2) { service(at, ports) } else { deployment(at, ports) }
            };
            let cases = || cases.iter().enumerate();
            let objects: Vec<Value> = cases().map(|(at, (ports, _))| object(at, ports)).collect();
            let patches: Vec<Value> = cases().map(|(at, (_, ports))| object(at, ports)).collect();
            let [ours, theirs] = both(&objects, &patches);
            prop_assert_eq!(ours.len(), theirs.len());
            for (one, other) in ours.iter().zip(&theirs) {
                let patch = patches.iter().find(|patch| patch["metadata"] == one["metadata"]);
                let before = objects.iter().find(|before| before["metadata"] == one["metadata"]);
                prop_assert_eq!(one, other, "{:?}\n{:?}", before, patch);
            }
            Ok(())
        })
        .unwrap();
}
