//! Names of other objects, which follow when those are renamed: held against the real Kustomize where one base is built
//! several times.

use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::built::{built, objects};
use crate::tools::{MINIMAL, Scratch, tool};

const INGRESS: &str = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: chat}\nspec:\n  defaultBackend: {service: {name: chat, port: {number: 80}}}\n";

const SERVICE: &str =
    "apiVersion: v1\nkind: Service\nmetadata: {name: chat}\nspec: {ports: [{port: 80}]}\n";

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: chat}\nspec:\n  volumes: [{name: a, configMap: {name: site}}]\n  containers: [{name: a, envFrom: [{configMapRef: {name: chat}}]}]\n";

/// What one kustomization says beside its resources.
#[derive(Debug, Clone)]
struct Says {
    prefix: Option<&'static str>,
    suffix: Option<&'static str>,
    namespace: Option<&'static str>,
    /// Whether it makes a ConfigMap of its own, whose name ends with a hash.
    makes: bool,
    /// Whether it patches the Ingress to name what is there under its new name.
    names_anew: bool,
}

fn says() -> impl Strategy<Value = Says> {
    let of = |all: &'static [&'static str]| prop::option::of(prop::sample::select(all));
    let names = (of(&["a-", "b-"]), of(&["-x", "-y"]));
    (names, of(&["", "default", "n"]), any::<bool>(), prop::bool::weighted(0.2)).prop_map(
        |((prefix, suffix), namespace, makes, names_anew)| Says {
            prefix,
            suffix,
            namespace,
            makes,
            names_anew,
        },
    )
}

impl Says {
    fn text(&self, resources: &[&str]) -> String {
        let said = [
            ("namePrefix", self.prefix),
            ("nameSuffix", self.suffix),
            ("namespace", self.namespace),
        ];
        let line = |(key, value): (&str, Option<&str>)| Some(format!("{key}: \"{}\"\n", value?));
        let names: String = said.into_iter().filter_map(line).collect();
        let mut text = format!("resources: [{}]\n{names}", resources.join(", "));
        if self.makes {
            text.push_str("configMapGenerator:\n- {name: site, literals: [a=b]}\n");
        }
        if self.names_anew {
            text.push_str("patches:\n- target: {kind: Ingress}\n  patch: '[{\"op\": \"replace\", \"path\": \"/spec/defaultBackend/service/name\", \"value\": \"a-chat\"}]'\n");
        }
        text
    }
}

/// A base; two that build from it; a third that builds from the first; and all of them.
fn hold(layers: &[Says; 5]) -> bool {
    let scratch = Scratch::with_app(MINIMAL);
    for (file, text) in [("i.yaml", INGRESS), ("s.yaml", SERVICE), ("p.yaml", POD)] {
        scratch.write(&format!("base/{file}"), text);
    }
    let listed: [(&str, &[&str]); 5] = [
        ("base", &["i.yaml", "s.yaml", "p.yaml"]),
        ("one", &["../base"]),
        ("two", &["../base"]),
        ("three", &["../one"]),
        ("all", &["../three", "../two"]),
    ];
    for ((name, resources), says) in listed.iter().zip(layers) {
        scratch.write(&format!("{name}/kustomization.yaml"), &says.text(resources));
    }
    let (all, directory) = (scratch.path(""), scratch.path("all"));
    let theirs = Command::new(tool("kubectl", "kubectl/kubectl"))
        .arg("kustomize")
        .arg(&directory)
        .output()
        .unwrap();
    let ours = built(&all, &directory);
    let error = String::from_utf8_lossy(&theirs.stderr);
    assert_eq!(ours.is_ok(), theirs.status.success(), "{layers:?}\n{error}\n{:?}", ours.err());
    let Ok(ours) = ours else { return false };
    let theirs = String::from_utf8(theirs.stdout).unwrap();
    assert_eq!(sorted(&ours.text), sorted(&theirs), "{layers:?}");
    true
}

/// The objects of a stream, in an order that does not depend on it.
fn sorted(stream: &str) -> Vec<Value> {
    let mut all = objects(stream);
    all.sort_by_key(|one| {
        let metadata = &one["metadata"];
        format!("{} {} {}", one["kind"], metadata["name"], metadata["namespace"])
    });
    all
}

#[test]
fn names_follow_as_kustomize_makes_them_follow() {
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    let built = std::cell::Cell::new(0);
    let apart = says().prop_map(|says| Says { prefix: Some("c-"), makes: false, ..says });
    let top = says().prop_map(|says| Says { namespace: None, makes: false, ..says });
    let layers = (says(), says(), prop_oneof![says(), apart], says(), top);
    TestRunner::new(Config { max_shrink_iters: 60, ..config })
        .run(&layers, |(base, one, two, three, all)| {
            let layers = [base, one, two, three, all];
            built.set(built.get() + usize::from(hold(&layers)));
            Ok(())
        })
        .unwrap();
    assert!(built.get() >= 10, "only {} of 60 were built", built.get());
}
