//! Manifests of many apps in one place, more than `diff` holds at once: what it says is what it says of few.

use std::fs;

use serde_json::Value;

use crate::tools::{Run, Scratch};

/// More than are read at once.
const APPS: usize = 70;

/// Apps, and their manifests in one place: some changed, some in another directory, some with other names.
fn workspace(kustomized: bool) -> Scratch {
    let scratch = Scratch::new();
    scratch.write("sioway.toml", "apps = [\"apps/*/app.toml\"]\n");
    for app in 0..APPS {
        let text = format!(
            "name = \"app-{app}\"\nnamespace = \"team-{}\"\nhost = \"app-{app}.example.com\"\nport = 3000\n\
             [workload]\nimage = \"registry.example.com/app:1\"\n",
            app % 7
        );
        scratch.write(&format!("apps/app-{app}/app.toml"), &text);
    }
    scratch.ok(&["render"]);
    fs::rename(scratch.path("out"), scratch.path("k8s")).unwrap();
    for app in 0..APPS {
        let edit = |name: &str, from: &str, to: &str| {
            let path = format!("k8s/app-{app}/{name}");
            let text = scratch.read(&path);
            assert!(text.contains(from), "{path} has {from}");
            scratch.write(&path, &text.replace(from, to));
        };
        if !kustomized {
            fs::remove_file(scratch.path(&format!("k8s/app-{app}/kustomization.yaml"))).unwrap();
        }
        match app % 10 {
            1 => edit("backendconfig.yaml", "timeoutSec: 86400", "timeoutSec: 30"),
            2 => edit("nginx-configmap.yaml", "proxy_buffering off;", ""),
            3 => edit("service.yaml", "targetPort:", "nodePort: 30000\n      targetPort:"),
            4 => edit("deployment.yaml", "replicas: 2", "replicas: 1"),
            5 if !kustomized => {
                let name = format!("app-{app}-nginx");
                edit("nginx-configmap.yaml", &name, &format!("{name}-f8tt28k2hd"));
                edit("deployment.yaml", &name, &format!("{name}-f8tt28k2hd"));
            }
            _ => {}
        }
    }
    scratch
}

fn objects(run: &Run) -> Vec<Value> {
    assert!(run.status < 2, "{}", run.err);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    json["objects"].as_array().unwrap().clone()
}

/// What is said of an app among all of them is what is said of it beside those of its directories alone.
fn check_like_few(scratch: &Scratch, beside: &[&str]) -> usize {
    let all = objects(&scratch.run(&["diff", "--against", "k8s", "--format", "json"]));
    let mut changes = 0;
    for app in (0..APPS).filter(|app| app % 10 < 6 && app % 3 == 0) {
        let (name, own) = (format!("app-{app}"), format!("k8s/app-{app}"));
        let mut arguments = vec!["diff", &name, "--format", "json", "--against", &own];
        for path in beside {
            arguments.extend(["--against", path]);
        }
        let expected = objects(&scratch.run(&arguments));
        let found: Vec<Value> = all.iter().filter(|one| one["app"] == *name).cloned().collect();
        assert_eq!(found, expected, "{name}");
        changes += expected.iter().filter(|one| one["status"] != "same").count();
    }
    changes
}

#[test]
fn of_many_directories_the_same_is_said_as_of_few() {
    let scratch = workspace(false);
    scratch.write(
        "k8s/scalers/some.yaml",
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n\
         metadata: { name: chat, namespace: team-3 }\n\
         spec: { scaleTargetRef: { kind: Deployment, name: app-24 }, maxReplicas: 9 }\n",
    );
    for app in [0, 3, 12] {
        let service = format!("k8s/app-{app}/service.yaml");
        scratch.write(&format!("k8s/services/app-{app}.yaml"), &scratch.read(&service));
        fs::remove_file(scratch.path(&service)).unwrap();
    }
    // A route that lies elsewhere follows its Service's port.
    let service = scratch.read("k8s/app-30/service.yaml");
    scratch.write("k8s/app-30/service.yaml", &service.replace("port: 80\n", "port: 8081\n"));
    scratch.write(
        "k8s/routes/other.yaml",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: other, namespace: team-2 }\n\
         spec: { defaultBackend: { service: { name: app-30, port: { number: 8081 } } } }\n",
    );
    let changes = check_like_few(&scratch, &["k8s/scalers", "k8s/services", "k8s/routes"]);
    assert!(changes > 5, "{changes}");
    let json = ["diff", "app-30", "--against", "k8s", "--format", "json"];
    let names: Vec<Value> =
        objects(&scratch.run(&json)).iter().map(|one| one["name"].clone()).collect();
    assert!(names.contains(&"other".into()), "{names:?}");
}

#[test]
fn of_many_kustomizations_the_same_is_said_as_of_few() {
    let changes = check_like_few(&workspace(true), &[]);
    assert!(changes > 5, "{changes}");
}

#[test]
fn differences_in_many_directories_are_taken_away() {
    for kustomized in [false, true] {
        let scratch = workspace(kustomized);
        assert_eq!(scratch.run(&["diff", "--against", "k8s"]).status, 1);
        scratch.run(&["diff", "--against", "k8s", "--write"]);
        let left = scratch.run(&["diff", "--against", "k8s"]);
        assert_eq!((left.status, left.out.as_str()), (0, ""), "{}", left.err);
    }
}

#[test]
fn what_is_wrong_with_one_of_many_files_is_told() {
    let scratch = workspace(false);
    scratch.write("k8s/app-9/extra.yaml", "kind: {{ .Values.kind }}\nname: {{ x }}\n");
    let run = scratch.run(&["diff", "--against", "k8s"]);
    assert_eq!(run.status, 1);
    assert_eq!(run.err.matches("k8s/app-9/extra.yaml").count(), 1, "{}", run.err);
    scratch.write("k8s/app-8/extra.yaml", "a: [b\n");
    let run = scratch.run(&["diff", "--against", "k8s"]);
    assert_eq!((run.status, run.out.as_str()), (2, ""));
    assert!(run.err.contains("k8s/app-8/extra.yaml:"), "{}", run.err);
}
