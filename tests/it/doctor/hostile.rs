//! Read-outs that mean something else than what is examined: of other clusters, namespaces and apps, of other kinds, of
//! older controllers. What is another's is neither held against the app nor taken for its own.

use serde_json::{Value, json};

use super::saved::{breaks, object, with_cloud, with_cluster};
use super::{Examined, HEALTHY, by_read_outs, documents, examined, scratch, write};
use crate::tools::Scratch;

fn items(documents: &mut [Value]) -> impl Iterator<Item = &mut Value> {
    documents.iter_mut().flat_map(|one| one["items"].as_array_mut().unwrap())
}

/// The same objects in another namespace, which comes first, with what breaks sessions there.
fn with_staging(documents: &mut [Value]) {
    for list in documents {
        let own = list["items"].as_array().unwrap().clone();
        let mut other = own.clone();
        for one in &mut other {
            one["metadata"]["namespace"] = json!("a-staging");
            let annotations = one["metadata"]["annotations"].as_object_mut();
            annotations.map(|all| all.remove("cloud.google.com/backend-config"));
        }
        list["items"] = [other, own].concat().into();
    }
}

/// The manifests without the namespace.
fn without_namespace(scratch: &Scratch) {
    for name in scratch.list("out/chat") {
        let file = format!("out/chat/{name}");
        scratch.write(&file, &scratch.read(&file).replace("  namespace: shop\n", ""));
    }
}

#[test]
fn other_namespaces_of_a_read_out_are_not_the_apps() {
    let whole = with_cluster(|all| with_staging(all));
    assert_eq!(whole.bad(), [""; 0], "{}", whole.told());
    let scratch = scratch();
    let mut all = documents(&scratch, "cluster.json");
    with_staging(&mut all);
    write(&scratch, "all.json", &all);
    without_namespace(&scratch);
    let run = |cluster: &str, more: &[&str]| {
        let call = ["doctor", "out/chat", "--cluster", cluster, "--cloud", "cloud.json"];
        examined(&mut scratch.command(&[&call[..], more].concat()))
    };
    let named = run("all.json", &["--namespace", "shop"]);
    assert_eq!(named.bad(), [""; 0], "{}", named.told());
    assert_eq!(run("cluster.json", &[]).bad(), [""; 0], "one namespace is the one that is meant");
    let wrong = run("cluster.json", &["--namespace", "talk"]);
    assert_eq!(wrong.roots(), ["cluster-objects"], "{}", wrong.told());
    assert_eq!(wrong.check("cloud-backend-service")["status"], "fail", "{}", wrong.told());
    let unknown = run("all.json", &[]);
    assert_eq!(
        unknown.evidence("cluster-answers"),
        "not checked: the files name no namespace, and several hold objects of their names: a-staging, shop"
    );
    assert!(unknown.ids(|one| one["layer"] == "cluster").len() == 1, "{}", unknown.told());
}

#[test]
fn other_apps_beside_it_are_not_examined() {
    let scratch = scratch();
    for name in scratch.list("k8s") {
        let other = scratch.read(&format!("k8s/{name}")).replace("chat", "talk");
        scratch.write(&format!("out/chat/talk/{name}"), &other);
    }
    assert_eq!(scratch.run(&["lint", "out/chat"]).status, 1, "the other one is broken");
    let examined = by_read_outs(&scratch, &HEALTHY);
    assert_eq!(examined.bad(), [""; 0], "{}", examined.told());
}

#[test]
fn what_fails_may_be_another_clusters() {
    let scratch = scratch();
    let mut all = documents(&scratch, "cloud.json");
    let mut other = all[0][0].clone();
    let own = other["name"].as_str().unwrap().to_owned();
    let name = "k8s1-99999999-shop-chat-80-00000000";
    other["selfLink"] = json!(other["selfLink"].as_str().unwrap().replace(&own, name));
    (other["name"], other["sessionAffinity"]) = (json!(name), json!("NONE"));
    all[0].as_array_mut().unwrap().push(other);
    write(&scratch, "cloud.json", &all);
    let run = || by_read_outs(&scratch, &["--cloud", "cloud.json"]);
    let examined = run();
    assert_eq!(examined.check("cloud-affinity")["status"], "warn", "{}", examined.told());
    assert_eq!(examined.status, 0);
    all[0][0]["sessionAffinity"] = json!("NONE");
    write(&scratch, "cloud.json", &all);
    assert_eq!(run().check("cloud-affinity")["status"], "fail", "it is whichever is meant");
}

#[test]
fn a_load_balancer_of_each_kind_may_have_its_own() {
    let examined = with_cloud(|all| {
        let mut internal = all[0][0].clone();
        let region =
            "https://www.googleapis.com/compute/v1/projects/shop-prod/regions/europe-west1";
        let link = internal["selfLink"].as_str().unwrap().replace("global", "regions/europe-west1");
        (internal["selfLink"], internal["region"]) = (json!(link), json!(region));
        internal["loadBalancingScheme"] = json!("INTERNAL_MANAGED");
        all[0].as_array_mut().unwrap().push(internal);
    });
    assert_eq!(examined.bad(), [""; 0], "{}", examined.told());
    let seen = examined.evidence("cloud-backend-service");
    assert!(seen.ends_with("-37822521` in europe-west1"), "{seen}");
}

/// Named by the port of the nodes, and the cluster alone: `k8s-be-30080--5f0c1d2e28b74fc1`.
fn by_instance_groups(own: &str, other: &str, description: &str) -> Examined {
    let name = |port: u32| format!("k8s-be-{port}--5f0c1d2e28b74fc1");
    let scratch = scratch();
    let mut cluster = documents(&scratch, "cluster.json");
    let service = object(&mut cluster, "Service");
    service["spec"]["type"] = json!("NodePort");
    service["spec"]["ports"][0]["nodePort"] = json!(30080);
    let annotations = service["metadata"]["annotations"].as_object_mut().unwrap();
    annotations.remove("cloud.google.com/neg-status");
    let states = json!({ name(30080): own, name(31999): other }).to_string();
    object(&mut cluster, "Ingress")["metadata"]["annotations"]["ingress.kubernetes.io/backends"] =
        json!(states);
    write(&scratch, "cluster.json", &cluster);
    let cloud = documents(&scratch, "cloud.json");
    let before = cloud[0][0]["name"].as_str().unwrap().to_owned();
    let text = json!(cloud).to_string().replace(&before, &name(30080));
    let mut cloud: Vec<Value> = serde_json::from_str(&text).unwrap();
    let group =
        "https://www.googleapis.com/compute/v1/projects/p/zones/z/instanceGroups/k8s-ig--5f";
    cloud[0][0]["backends"] = json!([{ "group": group }]);
    cloud[0][0]["description"] = json!(description);
    write(&scratch, "cloud.json", &cloud);
    by_read_outs(&scratch, &HEALTHY)
}

#[test]
fn backend_services_of_instance_groups_are_known_by_the_port_of_the_nodes() {
    let described =
        json!({"kubernetes.io/service-name": "shop/chat", "kubernetes.io/service-port": "80"});
    for description in ["", &described.to_string()] {
        let examined = by_instance_groups("HEALTHY", "UNHEALTHY", description);
        let bad = ["cluster-fields", "cluster-neg", "cloud-neg"];
        assert_eq!(examined.bad(), bad, "{}", examined.told());
        assert_eq!(examined.check("cluster-backends")["status"], "pass", "the other is another's");
    }
    let sick = by_instance_groups("UNHEALTHY", "HEALTHY", "");
    assert_eq!(sick.check("cluster-backends")["status"], "fail");
}

#[test]
fn values_are_compared_as_kubernetes_reads_them() {
    let scratch = scratch();
    let file = "out/chat/backendconfig.yaml";
    let text = scratch.read(file).replace("enabled: false", "enabled: False");
    scratch.write(file, &text.replace("enable: true", "enable: True").replace("86400", "86_400"));
    let examined = by_read_outs(&scratch, &HEALTHY);
    assert_eq!(examined.bad(), [""; 0], "{}", examined.told());
}

#[test]
fn what_is_no_read_out_of_the_cloud_is_refused() {
    let scratch = scratch();
    let mut parts = documents(&scratch, "cloud.json");
    let part = |one: &Value| json!({"name": one["name"], "description": one["description"]});
    let parts: Vec<Value> = parts[0].as_array_mut().unwrap().iter().map(part).collect();
    let refused =
        "{\"error\":{\"code\":403,\"message\":\"Required 'compute.backendServices.list'\"}}";
    scratch.write("parts.json", &json!(parts).to_string());
    scratch.write("error.json", refused);
    for (file, said) in [
        ("cluster.json", "and looks like kubectl's"),
        ("parts.json", "it says neither its kind nor its address"),
        ("error.json", "it says neither its kind nor its address"),
    ] {
        let run = scratch.run(&["doctor", "k8s", "--cloud", file]);
        assert!(run.status == 2 && run.err.contains(said), "{file}: {}", run.err);
    }
    scratch.write(
        "status.json",
        "{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"message\":\"hunter2\"}",
    );
    let run = scratch.run(&["doctor", "k8s", "--cluster", "status.json"]);
    assert!(run.status == 2 && run.err.contains("an error of the API server"), "{}", run.err);
    assert!(!run.err.contains("hunter2"));
}

#[test]
fn nothing_was_made_only_where_that_is_known() {
    let examined = with_cloud(|all| all[0] = json!([]));
    let check = examined.check("cloud-backend-service");
    assert_eq!(check["status"], "warn", "{}", examined.told());
    assert!(examined.evidence("cloud-backend-service").starts_with("nobody knows"));
}

#[test]
fn a_doubt_that_failures_follow_from_is_where_to_begin() {
    let scratch = scratch();
    let mut cluster = documents(&scratch, "cluster.json");
    let event = object(&mut cluster, "Event");
    let secret = "googleapi: Error 403: token ya29.a0AfHunter2, Authorization: Bearer hunter2";
    (event["type"], event["message"]) = (json!("Warning"), json!(secret));
    write(&scratch, "cluster.json", &cluster);
    let mut cloud = documents(&scratch, "cloud.json");
    cloud[0][0]["sessionAffinity"] = json!("NONE");
    write(&scratch, "cloud.json", &cloud);
    let call = ["doctor", "app.toml", "--against", "out/chat"];
    let run = scratch.run(&[&call[..], &HEALTHY].concat());
    assert_eq!(run.status, 1);
    assert!(run.out.contains("begin with [cluster-events]"), "{}", run.out);
    assert!(run.out.contains("so ✗ the load balancer keeps a session on one pod"), "{}", run.out);
    assert!(!run.out.to_lowercase().contains("hunter2"), "{}", run.out);
}

#[test]
fn failures_do_not_follow_from_what_does_not_cause_them() {
    let other = "https://www.googleapis.com/compute/v1/projects/shop-prod/global/backendServices/x";
    let scratch = scratch();
    let mut cluster = documents(&scratch, "cluster.json");
    object(&mut cluster, "BackendConfig")["spec"]["timeoutSec"] = json!(30);
    write(&scratch, "cluster.json", &cluster);
    let mut cloud = documents(&scratch, "cloud.json");
    cloud[2][0]["pathMatchers"][0]["pathRules"] = json!([]);
    cloud[2][0]["pathMatchers"][0]["defaultService"] = json!(other);
    write(&scratch, "cloud.json", &cloud);
    let examined = by_read_outs(&scratch, &HEALTHY);
    assert!(examined.roots().contains(&"cloud-url-map"), "{}", examined.told());
    for one in items(&mut cluster).filter(|one| one["kind"] == "Ingress") {
        one["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] = json!("x");
    }
    write(&scratch, "cluster.json", &cluster);
    let examined = by_read_outs(&scratch, &HEALTHY);
    assert_eq!(examined.check("cloud-url-map")["follows"], "cluster-fields", "{}", examined.told());
    let sick = with_cloud(|all| {
        all[1][0]["unhealthyThreshold"] = json!(2);
        for state in all[4].as_array_mut().unwrap() {
            state["status"]["healthStatus"] = json!([{ "healthState": "UNHEALTHY" }]);
        }
    });
    assert_eq!(sick.roots(), ["cloud-health-check", "cloud-health"], "{}", sick.told());
    breaks(
        &with_cloud(|all| all[1][0]["unhealthyThreshold"] = json!(2)),
        &["cloud-health-check"],
        "health-check-incomplete",
    );
}

#[test]
fn what_kustomize_changes_is_not_compared_before_it_does() {
    let scratch = scratch();
    scratch.write("prod/kustomization.yaml", "namePrefix: prod-\nresources: [../out/chat]\n");
    let run = |paths: &[&str]| {
        examined(&mut scratch.command(&[&["doctor"], paths, &HEALTHY[..]].concat()))
    };
    for paths in [&["prod"][..], &["prod", "out/chat"]] {
        let changed = run(paths);
        for id in ["cluster-answers", "cloud-answers"] {
            assert_eq!(
                changed.evidence(id),
                "not checked: what is applied is not these files: Kustomize changes them, by `namePrefix` in \
                 prod/kustomization.yaml"
            );
            let advice = changed.check(id)["advice"].as_str().unwrap();
            assert!(advice.contains("`kubectl kustomize prod | sioway doctor -`"), "{advice}");
        }
    }
    scratch.write("prod/kustomization.yaml", "namespace: shop\nresources: [../out/chat]\n");
    assert_eq!(run(&["prod", "out/chat"]).bad(), [""; 0]);
    scratch.write("prod/kustomization.yaml", "namespace: prod\nresources: [../out/chat]\n");
    assert_eq!(run(&["prod", "out/chat"]).check("cluster-answers")["status"], "skip");
}

/// Knative has Services too, and Istio Gateways.
#[test]
fn kinds_of_others_with_the_same_names_are_not_asked_for() {
    let scratch = scratch();
    scratch.write(
        "out/chat/other.yaml",
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: talk, namespace: shop}\n---\n\
         apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: talk, namespace: shop}\n",
    );
    let call = [&["doctor", "out/chat"][..], &HEALTHY].concat();
    let examined = examined(&mut scratch.command(&call));
    assert_eq!(examined.bad(), [""; 0], "{}", examined.told());
    assert!(!scratch.ok(&["doctor", "out/chat", "--print-commands"]).out.contains("gateways"));
}

#[test]
fn an_annotation_in_other_words_breaks_nothing() {
    let key = "cloud.google.com/backend-config";
    let beta = format!("beta.{key}");
    for (key, text) in [
        (key, "{\"ports\":{\"80\":\"chat\"}}"),
        (key, "{\"ports\":{\"http\":\"chat\"},\"default\":\"other\"}"),
        (&*beta, "{\"default\":\"chat\"}"),
    ] {
        let examined = with_cluster(|all| {
            let annotations = &mut object(all, "Service")["metadata"]["annotations"];
            annotations.as_object_mut().unwrap().remove("cloud.google.com/backend-config");
            annotations[key] = json!(text);
        });
        assert_eq!(examined.bad(), [""; 0], "{text}: {}", examined.told());
        assert_eq!(examined.status, 0, "{text}");
    }
}

#[test]
fn a_port_that_is_not_there_is_called_that() {
    let examined =
        with_cluster(|all| object(all, "Service")["spec"]["ports"][0]["port"] = json!(81));
    assert_eq!(examined.evidence("cluster-attached"), "the Service has no such port");
    assert_eq!(examined.check("cluster-fields")["status"], "warn", "{}", examined.told());
}

/// The same of another app beside those that are there.
fn doubled(list: &Value) -> Value {
    let own = list.as_array().unwrap();
    let names = ["k8s1-5f0c1d2e-shop-chat-80-37822521", "k8s1-5f0c1d2e-shop-talk-80-5026c15c"];
    let other = |one: &Value| -> Value {
        let text = one.to_string().replace(names[0], names[1]).replace("chat", "talk");
        serde_json::from_str(&text).unwrap()
    };
    let others = own.iter().filter(|one| one.to_string().contains("chat")).map(other);
    own.iter().cloned().chain(others).collect()
}

#[test]
fn what_fails_by_itself_is_not_hidden_behind_what_another_follows_from() {
    let scratch = scratch();
    for name in scratch.list("out/chat").iter().filter(|name| *name != "kustomization.yaml") {
        let own = scratch.read(&format!("out/chat/{name}"));
        let mark =
            if name == "service.yaml" { "# sioway: socketio path=/socket.io/\n" } else { "" };
        scratch.write(&format!("duo/chat/{name}"), &format!("{mark}{own}"));
        let other = format!("{mark}{}", own.replace("chat", "talk"));
        scratch.write(&format!("duo/talk/{name}"), &other);
    }
    let mut cluster = documents(&scratch, "cluster.json");
    for list in &mut cluster {
        list["items"] = doubled(&list["items"]);
    }
    let mut cloud = documents(&scratch, "cloud.json");
    for list in &mut cloud {
        *list = doubled(list);
    }
    let run = |cluster: &[Value], cloud: &[Value]| {
        write(&scratch, "cluster.json", cluster);
        write(&scratch, "cloud.json", cloud);
        examined(&mut scratch.command(&[&["doctor", "duo"][..], &HEALTHY].concat()))
    };
    let healthy = run(&cluster, &cloud);
    assert_eq!(healthy.bad(), [""; 0], "{}", healthy.told());
    let annotations = &mut object(&mut cluster, "Service")["metadata"]["annotations"];
    annotations.as_object_mut().unwrap().remove("cloud.google.com/backend-config");
    cloud[0][0]["sessionAffinity"] = json!("NONE");
    let one = run(&cluster, &cloud);
    assert_eq!(one.roots(), ["cluster-fields"], "{}", one.told());
    for service in cloud[0].as_array_mut().unwrap() {
        service["sessionAffinity"] = json!("NONE");
    }
    let both = run(&cluster, &cloud);
    assert_eq!(both.roots(), ["cluster-fields", "cloud-affinity"], "{}", both.told());
}
