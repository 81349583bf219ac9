//! `sioway diff`: which of the objects that are there is the one that an app renders.

use std::path::Path;

use serde_json::Value;

use crate::diff::existing;
use crate::tools::{MINIMAL, Run, Scratch};

/// An app, and its manifests for two environments, which name no namespace.
fn two_environments() -> Scratch {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    for name in scratch.list("k8s") {
        let text = scratch.read(&format!("k8s/{name}")).replace("  namespace: default\n", "");
        scratch.write(&format!("envs/dev/{name}"), &text);
        scratch.write(&format!("envs/prod/{name}"), &text);
    }
    std::fs::remove_dir_all(scratch.path("k8s")).unwrap();
    scratch
}

fn replace(scratch: &Scratch, file: &str, old: &str, new: &str) {
    let text = scratch.read(file);
    assert!(text.contains(old), "{file} has no {old}\n{text}");
    scratch.write(file, &text.replace(old, new));
}

fn remove(path: &Path) {
    std::fs::remove_file(path).unwrap();
}

/// The objects of a run, each as `status file name`.
fn objects(run: &Run) -> Vec<String> {
    let all: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let said = |one: &Value| {
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", text("status"), text("file"), text("name"))
    };
    all["objects"].as_array().unwrap().iter().map(said).collect()
}

fn against(scratch: &Scratch, path: &str) -> Vec<String> {
    objects(&scratch.run(&["diff", "--against", path, "--format", "json"]))
}

#[test]
fn of_several_that_fit_none_is_chosen() {
    let scratch = two_environments();
    let before = scratch.read("envs/dev/service.yaml");
    for arguments in [&["--write"][..], &["--format", "unified"], &[]] {
        let run = scratch.run(&[&["diff", "--against", "envs"], arguments].concat());
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{}", run.err);
        for said in [
            "Service `chat` is in envs/dev/service.yaml:",
            ", envs/prod/service.yaml:",
            "Ingress `chat` is in envs/dev/ingress.yaml:",
            "`--against envs/dev`",
            "`against` of an environment",
        ] {
            assert!(run.err.contains(said), "{said}\n{}", run.err);
        }
    }
    assert_eq!(scratch.read("envs/dev/service.yaml"), before);
    scratch.ok(&["diff", "--against", "envs/prod"]);
}

#[test]
fn of_several_in_one_file_only_namespaces_tell() {
    let scratch = two_environments();
    let both = [scratch.read("envs/dev/service.yaml"), scratch.read("envs/prod/service.yaml")];
    scratch.write("all.yaml", &both.join("---\n"));
    let run = scratch.run(&["diff", "--against", "all.yaml"]);
    assert_eq!(run.status, 2, "{}", run.out);
    assert!(
        run.err.contains("help: write into each of the manifests the namespace"),
        "{}",
        run.err
    );
    let named =
        both.join("---\n").replacen("  name: chat\n", "  name: chat\n  namespace: default\n", 1);
    scratch.write("all.yaml", &named);
    let run = scratch.run(&["diff", "--against", "all.yaml"]);
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(!run.out.contains("Service default/chat, which is not there"), "{}", run.out);
}

#[test]
fn a_namespace_that_is_said_goes_before_any() {
    let scratch = two_environments();
    for name in scratch.list("envs/prod") {
        let file = format!("envs/prod/{name}");
        replace(&scratch, &file, "metadata:\n", "metadata:\n  namespace: default\n");
    }
    let all = against(&scratch, "envs");
    assert_eq!(all.iter().filter(|one| one.starts_with("same envs/prod/")).count(), 4, "{all:?}");
}

#[test]
fn an_object_lies_beside_the_others_of_its_app() {
    let scratch = two_environments();
    remove(&scratch.path("envs/dev/ingress.yaml"));
    remove(&scratch.path("envs/dev/nginx-configmap.yaml"));
    replace(&scratch, "envs/prod/service.yaml", "targetPort:", "targetPort: 99 #");
    let all = against(&scratch, "envs");
    let own = all.iter().filter(|one| one.contains(" envs/prod/"));
    assert_eq!(own.count(), 4, "{all:?}");
    assert!(all.contains(&"change envs/prod/service.yaml chat".to_owned()), "{all:?}");
    // What is certain lies in both of them now.
    let paths = ["prod", "dev"].map(|name| scratch.path(&format!("envs/{name}/ingress.yaml")));
    std::fs::rename(&paths[0], &paths[1]).unwrap();
    let run = scratch.run(&["diff", "--against", "envs"]);
    assert_eq!((run.status, run.out.as_str()), (2, ""));
    assert!(run.err.contains("Service `chat` is in envs/dev/service.yaml:"), "{}", run.err);
    assert!(!run.err.contains("Ingress"), "{}", run.err);
}

#[test]
fn an_ingress_of_another_group_is_another_object() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let text = scratch.read("k8s/ingress.yaml");
    let foreign = text.replace("networking.k8s.io/v1", "networking.internal.knative.dev/v1alpha1");
    assert_ne!(foreign, text);
    scratch.write("k8s/knative.yaml", &foreign);
    let all = against(&scratch, "k8s");
    assert!(all.contains(&"same k8s/ingress.yaml chat".to_owned()), "{all:?}");
    remove(&scratch.path("k8s/ingress.yaml"));
    let all = against(&scratch, "k8s");
    assert!(all.contains(&"add  chat".to_owned()), "{all:?}");
    let older = text.replace("networking.k8s.io/v1", "extensions/v1beta1");
    scratch.write("k8s/ingress.yaml", &older);
    let all = against(&scratch, "k8s");
    // One of the beta is ours, and no cluster takes it any more.
    assert!(all.contains(&"change k8s/ingress.yaml chat".to_owned()), "{all:?}");
}

const WORKLOAD: &str = "\
apiVersion: apps/v1
kind: KIND
metadata:
  name: chat
  OWNER
spec:
  template:
    spec:
      volumes: [{name: conf, projected: {sources: [{configMap: {name: chat-nginx-HASH}}]}}]
";

/// A ConfigMap that Kustomize built comes in generations: the one in use counts, however old.
#[test]
fn of_generations_the_one_in_use_counts() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let text = scratch.read("k8s/nginx-configmap.yaml");
    remove(&scratch.path("k8s/nginx-configmap.yaml"));
    let generation = |hash: &str, text: &str| {
        let named = text.replace("name: chat-nginx\n", &format!("name: chat-nginx-{hash}\n"));
        assert_ne!(named, text);
        scratch.write(&format!("k8s/{hash}.yaml"), &named);
    };
    generation("2222222222", &text.replace("read_timeout 90s", "read_timeout 30s"));
    generation("4444444444", &text);
    let workload = |kind: &str, owner: &str, hash: &str| {
        let text = WORKLOAD.replace("KIND", kind).replace("OWNER", owner).replace("HASH", hash);
        scratch.write(&format!("k8s/{kind}.yaml"), &text);
    };
    // Nothing tells which is in use.
    let has = |said: &str| {
        let all = against(&scratch, "k8s");
        assert!(all.iter().any(|one| one == said), "{said}\n{all:?}");
    };
    has("same k8s/4444444444.yaml chat-nginx-4444444444");
    workload("Deployment", "", "2222222222");
    workload("ReplicaSet", "ownerReferences: [{kind: Deployment, name: chat}]", "4444444444");
    has("change k8s/2222222222.yaml chat-nginx-2222222222");
    has("only-there k8s/4444444444.yaml chat-nginx-4444444444");
    workload("StatefulSet", "", "4444444444");
    let run = scratch.run(&["diff", "--against", "k8s"]);
    assert_eq!(run.status, 2, "{}", run.out);
    assert!(run.err.contains("ConfigMap `chat-nginx` is in k8s/2222222222.yaml:"), "{}", run.err);
}

/// Two apps, and the manifests of both in one directory.
fn two_apps(workspace: &str) -> Scratch {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"apps/*/app.toml\"]\n");
    for app in ["chat", "live"] {
        let text = format!("name = \"{app}\"\nhost = \"{app}.example.com\"\nport = 3000\n");
        scratch.write(&format!("apps/{app}/app.toml"), &text);
        scratch.ok(&["render", app, "-o", "out"]);
        for name in scratch.list("out").iter().filter(|name| *name != "kustomization.yaml") {
            if !name.starts_with('.') {
                let text = scratch.read(&format!("out/{name}"));
                scratch.write(&format!("k8s/{app}-{name}"), &text);
            }
        }
        std::fs::remove_dir_all(scratch.path("out")).unwrap();
    }
    scratch.write("sioway.toml", &format!("apps = [\"apps/*/app.toml\"]\n{workspace}"));
    scratch
}

#[test]
fn what_another_app_renders_is_no_stray() {
    let scratch = two_apps("");
    scratch.write("k8s/other.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: live-old}\n");
    let all = against(&scratch, "k8s");
    let strays = |all: &[String]| -> Vec<String> {
        all.iter().filter(|one| one.starts_with("only-there")).cloned().collect()
    };
    assert_eq!(strays(&all), vec!["only-there k8s/other.yaml live-old"; 2], "{all:?}");
    assert_eq!(all.iter().filter(|one| one.starts_with("same")).count(), 8, "{all:?}");
    // The same where only one of them is asked for.
    let run = scratch.run(&["diff", "chat", "--against", "k8s", "--format", "json"]);
    assert_eq!(strays(&objects(&run)), ["only-there k8s/other.yaml live-old"]);
    let text = scratch.ok(&["diff", "chat", "--against", "k8s"]).out;
    assert!(text.contains("4 the same, 1 only there"), "{text}");
    // An app that is described no longer leaves strays.
    remove(&scratch.path("apps/live/app.toml"));
    let run = scratch.run(&["diff", "chat", "--against", "k8s", "--format", "json"]);
    assert_eq!(strays(&objects(&run)).len(), 5, "{}", run.out);
}

#[test]
fn a_directory_of_several_apps_is_read_once() {
    for against in ["k8s", "{namespace}/"] {
        let scratch = two_apps(&format!(
            "[environment.live]\nout = \"out/{{name}}\"\nagainst = \"{against}\"\n"
        ));
        if against != "k8s" {
            std::fs::rename(scratch.path("k8s"), scratch.path("default")).unwrap();
        }
        let directory = if against == "k8s" { "k8s" } else { "default" };
        scratch.write(&format!("{directory}/x.yaml"), "kind: Service\nname: {{ .Values.name }}\n");
        let run = scratch.ok(&["diff"]);
        assert_eq!(run.err.matches("this is a template").count(), 1, "{}", run.err);
        // Each app still finds its own.
        replace(&scratch, &format!("{directory}/live-service.yaml"), "port: 80\n", "port: 81\n");
        let run = scratch.run(&["diff", "--format", "json"]);
        let changed: Vec<String> =
            objects(&run).into_iter().filter(|one| one.starts_with("change")).collect();
        assert_eq!(changed, [format!("change {directory}/live-service.yaml live")]);
        // What cannot be read is told once.
        scratch.write(&format!("{directory}/x.yaml"), "a: [\n");
        let run = scratch.run(&["diff"]);
        assert_eq!((run.status, run.out.as_str()), (2, ""));
        assert_eq!(run.err.matches("x.yaml:").count(), 1, "{}", run.err);
    }
}

/// What a run leaves behind that is killed while it writes: nobody reads it, and the next one takes it away.
#[test]
fn what_a_killed_run_left_is_no_manifest_and_goes() {
    let scratch = Scratch::with_app(MINIMAL);
    existing(&scratch);
    let text = scratch.read("k8s/service.yaml");
    let rest = text.replace("port: 80\n", "port: 1\n");
    assert_ne!(rest, text);
    let left = [".service.yaml.sioway-new", ".ingress.yaml.sioway-new"];
    let leave = || left.iter().for_each(|name| scratch.write(&format!("k8s/{name}"), &rest));
    let is_clean = || scratch.list("k8s").iter().all(|name| !name.ends_with(".sioway-new"));
    leave();
    assert_eq!(scratch.ok(&["diff", "--against", "k8s"]).out, "");
    let listed = scratch.ok(&["lint", "k8s", "--show-files"]).out;
    assert!(!listed.contains("sioway-new"), "{listed}");
    scratch.ok(&["external-diff", "./k8s", "./k8s"]);
    scratch.ok(&["init", "again", "--from", "k8s"]);
    remove(&scratch.path("again/app.toml"));
    assert!(!is_clean());
    // Also where nothing else is to be written.
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    assert!(is_clean());
    leave();
    replace(&scratch, "k8s/backendconfig.yaml", "timeoutSec: 86400", "timeoutSec: 30");
    scratch.ok(&["diff", "--against", "k8s", "--write"]);
    assert!(is_clean());
    leave();
    scratch.run(&["lint", "k8s", "--fix"]);
    assert!(is_clean());
    assert_eq!(scratch.read("k8s/service.yaml"), text);
}
