//! By what somebody saved: one fault each, in the cluster or in the load balancer.

use serde_json::{Value, json};

use super::{Examined, HEALTHY, by_read_outs, documents, scratch, write};
use crate::tools::{Scratch, python, succeed};

/// The object of a kind in what kubectl printed.
pub(super) fn object<'v>(documents: &'v mut [Value], kind: &str) -> &'v mut Value {
    let items = documents.iter_mut().flat_map(|one| one["items"].as_array_mut().unwrap());
    items.into_iter().find(|one| one["kind"] == kind).unwrap_or_else(|| panic!("no {kind}"))
}

/// The healthy app, with one thing changed in the cluster.
pub(super) fn with_cluster(change: impl Fn(&mut Vec<Value>)) -> Examined {
    let scratch = scratch();
    let mut all = documents(&scratch, "cluster.json");
    change(&mut all);
    write(&scratch, "cluster.json", &all);
    by_read_outs(&scratch, &HEALTHY)
}

/// The healthy app, with one thing changed in the cloud: backend services, health checks, URL maps, NEGs, health.
pub(super) fn with_cloud(change: impl Fn(&mut Vec<Value>)) -> Examined {
    let scratch = scratch();
    let mut all = documents(&scratch, "cloud.json");
    change(&mut all);
    write(&scratch, "cloud.json", &all);
    by_read_outs(&scratch, &HEALTHY)
}

/// Exactly these checks do not hold; they all follow from the first, which names this rule first.
#[track_caller]
pub(super) fn breaks(examined: &Examined, ids: &[&str], rule: &str) {
    assert_eq!(examined.bad(), ids, "{}", examined.told());
    let root = examined.check(ids[0]);
    assert_eq!(root["rules"][0].as_str().unwrap_or_default(), rule, "{root:#}");
    assert_eq!(examined.roots(), [ids[0]], "{}", examined.told());
    let failed = examined.checks().iter().any(|one| one["status"] == "fail");
    assert_eq!(examined.status, i32::from(failed));
}

#[test]
fn a_healthy_app_passes_every_check() {
    let examined = by_read_outs(&scratch(), &HEALTHY);
    assert_eq!(examined.bad(), [""; 0], "{}", examined.told());
    assert_eq!(examined.status, 0);
    assert!(examined.err.is_empty(), "{}", examined.err);
    let skipped = examined.ids(|one| one["status"] == "skip");
    assert_eq!(skipped, ["cloud-affinity-ttl", "pod-answers", "reachable"]);
    assert_eq!(examined.document["version"], 1);
    assert_eq!(examined.document["asked"]["cluster"], "saved in cluster.json");
}

#[test]
fn the_incident_is_told_from_the_files_to_the_backend_service() {
    let scratch = scratch();
    let read_outs = ["--cluster", "cluster-before.json", "--cloud", "cloud-before.json"];
    let call = [&["doctor", "k8s"][..], &read_outs].concat();
    let examined = super::examined(&mut scratch.command(&call));
    assert_eq!(examined.status, 1);
    assert_eq!(examined.roots(), ["files-sessions"]);
    assert_eq!(
        examined.evidence("cloud-affinity"),
        "k8s/backendconfig.yaml:11:19 says CLIENT_IP, the backend service NONE: the Service names no BackendConfig, \
         k8s/service.yaml:6:3"
    );
    for id in
        ["cluster-attached", "cluster-sessions", "cloud-affinity", "cloud-timeout", "cloud-drain"]
    {
        assert_eq!(examined.check(id)["follows"], "files-sessions", "{id}");
    }
}

#[test]
fn settings_that_the_load_balancer_lost() {
    for (pointer, value, ids, rule) in [
        ("/0/sessionAffinity", json!("NONE"), &["cloud-affinity"][..], "session-affinity-missing"),
        ("/0/timeoutSec", json!(30), &["cloud-timeout"], "websocket-cut-by-timeout"),
        ("/0/connectionDraining/drainingTimeoutSec", json!(0), &["cloud-drain"], "drain-disabled"),
        ("/0/enableCDN", json!(true), &["cloud-cdn"], "cdn-on-session-traffic"),
        ("/0/logConfig/enable", json!(false), &["cloud-logging"], ""),
        ("/0/protocol", json!("HTTP2"), &["cloud-protocol"], "http2-to-backend"),
        ("/0/backends", json!([]), &["cloud-neg"], "neg-not-requested"),
    ] {
        let examined = with_cloud(|all| *all[0].pointer_mut(pointer).unwrap() = value.clone());
        if pointer == "/0/backends" {
            // Whose health it would be is not known then.
            assert_eq!(examined.check("cloud-health")["status"], "skip");
        }
        breaks(&examined, ids, rule);
    }
    // Sessions live with another way to keep them, and with more time.
    for (key, value, id) in [
        ("sessionAffinity", json!("GENERATED_COOKIE"), "cloud-affinity"),
        ("timeoutSec", json!(100_000), "cloud-timeout"),
    ] {
        let other = with_cloud(|all| all[0][0][key] = value.clone());
        assert_eq!((other.bad(), other.status), (vec![id], 0), "{}", other.told());
    }
    let cached = with_cloud(|all| {
        all[0][0]["enableCDN"] = json!(true);
        all[0][0]["cdnPolicy"] = json!({"cacheMode": "FORCE_CACHE_ALL"});
    });
    assert_eq!(cached.check("cloud-cdn")["status"], "fail");
    let lost = with_cloud(|all| all[0][0]["sessionAffinity"] = json!("NONE"));
    let seen = lost.evidence("cloud-affinity");
    assert!(seen.contains("the BackendConfig in the cluster says the same"), "{seen}");
}

#[test]
fn values_may_be_left_out_or_written_as_text() {
    let examined = with_cloud(|all| {
        let service = all[0][0].as_object_mut().unwrap();
        for key in ["enableCDN", "loadBalancingScheme", "protocol", "id", "fingerprint"] {
            service.remove(key);
        }
        service.insert("timeoutSec".into(), json!("86400"));
    });
    assert_eq!(examined.bad(), [""; 0], "{}", examined.told());
}

#[test]
fn health_checks_that_ask_something_else() {
    let path = "/0/httpHealthCheck/requestPath";
    let examined = with_cloud(|all| *all[1].pointer_mut(path).unwrap() = json!("/"));
    breaks(&examined, &["cloud-health-check"], "health-path-unanswered");
    let seen = examined.evidence("cloud-health-check");
    assert!(
        seen.starts_with("requestPath: /, not /health (out/chat/backendconfig.yaml:"),
        "{seen}"
    );
    let examined = with_cloud(|all| {
        all[1][0]["httpHealthCheck"]["portSpecification"] = json!("USE_SERVING_PORT");
    });
    breaks(&examined, &["cloud-health-check"], "health-path-unanswered");
    let examined = with_cloud(|all| all[1][0]["unhealthyThreshold"] = json!(2));
    breaks(&examined, &["cloud-health-check"], "health-check-incomplete");
}

#[test]
fn endpoints_that_nobody_finds() {
    let sick = |all: &mut Vec<Value>, of: usize| {
        for group in all[4].as_array_mut().unwrap().iter_mut().take(of) {
            for state in group["status"]["healthStatus"].as_array_mut().unwrap() {
                state["healthState"] = json!("UNHEALTHY");
            }
        }
    };
    let all = with_cloud(|all| sick(all, 2));
    breaks(&all, &["cloud-health"], "health-path-unanswered");
    assert!(all.evidence("cloud-health").starts_with("0 of 3 healthy"));
    let some = with_cloud(|all| sick(all, 1));
    assert_eq!(some.check("cloud-health")["status"], "warn");
    let empty = with_cloud(|all| {
        for group in all[3].as_array_mut().unwrap() {
            group["size"] = json!(0);
        }
    });
    breaks(&empty, &["cloud-neg"], "");
}

#[test]
fn nodes_in_place_of_pods() {
    let examined = with_cloud(|all| {
        let group =
            "https://www.googleapis.com/compute/v1/projects/p/zones/z/instanceGroups/k8s-ig--x";
        all[0][0]["backends"] = json!([{ "group": group }]);
    });
    breaks(&examined, &["cloud-neg"], "neg-not-requested");
}

#[test]
fn a_path_that_leads_elsewhere() {
    let other =
        "https://www.googleapis.com/compute/v1/projects/shop-prod/global/backendServices/other";
    let examined = with_cloud(|all| {
        let map = &mut all[2][0]["pathMatchers"][0];
        map["pathRules"]
            .as_array_mut()
            .unwrap()
            .push(json!({"paths": ["/socket.io/"], "service": other}));
    });
    breaks(&examined, &["cloud-url-map"], "socketio-path-unrouted");
    let seen = examined.evidence("cloud-url-map");
    assert_eq!(seen, "chat.example.com/socket.io/ leads to `other`");
    let gone = with_cloud(|all| all[2][0]["hostRules"][0]["hosts"] = json!(["other.example.com"]));
    assert_eq!(gone.bad(), ["cloud-url-map"]);
}

#[test]
fn backend_services_of_other_clusters_are_not_this_ones() {
    let twin = |all: &mut Vec<Value>| {
        let mut other = all[0][0].clone();
        other["name"] = json!("k8s1-99999999-shop-chat-80-00000000");
        other["selfLink"] = json!(
            "https://www.googleapis.com/compute/v1/projects/shop-prod/global/backendServices/k8s1-99999999-shop-chat-80-00000000"
        );
        other["sessionAffinity"] = json!("NONE");
        all[0].as_array_mut().unwrap().push(other);
    };
    assert_eq!(with_cloud(twin).bad(), [""; 0], "the Ingress tells which is its own");
    let scratch = scratch();
    let mut all = documents(&scratch, "cloud.json");
    twin(&mut all);
    write(&scratch, "cloud.json", &all);
    let examined = by_read_outs(&scratch, &["--cloud", "cloud.json"]);
    assert_eq!(examined.check("cloud-backend-service")["status"], "warn");
    assert!(
        examined.evidence("cloud-affinity").starts_with("`k8s1-99999999-shop-chat-80-00000000`: ")
    );
}

#[test]
fn backend_services_are_known_by_their_description_and_else_by_their_name() {
    let by_name = with_cloud(|all| all[0][0]["description"] = json!(""));
    assert_eq!(by_name.bad(), [""; 0], "{}", by_name.told());
    let other =
        json!({"kubernetes.io/service-name": "shop/other", "kubernetes.io/service-port": "80"});
    let none = with_cloud(|all| all[0][0]["description"] = json!(other.to_string()));
    breaks(&none, &["cloud-backend-service"], "ingress-class-ignored");
    for port in ["80", "http", "&ServiceBackendPort{Name:http,Number:0,}"] {
        let description =
            json!({"kubernetes.io/service-name": "shop/chat", "kubernetes.io/service-port": port});
        let found = with_cloud(|all| all[0][0]["description"] = json!(description.to_string()));
        assert_eq!(found.bad(), [""; 0], "{port}");
    }
}

#[test]
fn an_annotation_that_was_not_applied() {
    let scratch = scratch();
    let mut all = documents(&scratch, "cluster.json");
    let annotations = &mut object(&mut all, "Service")["metadata"]["annotations"];
    annotations.as_object_mut().unwrap().remove("cloud.google.com/backend-config");
    write(&scratch, "cluster.json", &all);
    let mut cloud = documents(&scratch, "cloud.json");
    cloud[0][0]["sessionAffinity"] = json!("NONE");
    write(&scratch, "cloud.json", &cloud);
    let examined = by_read_outs(&scratch, &HEALTHY);
    assert_eq!(examined.roots(), ["cluster-fields"], "{}", examined.told());
    assert_eq!(examined.check("cluster-attached")["follows"], "cluster-fields");
    let seen = examined.evidence("cloud-affinity");
    assert!(
        seen.ends_with("the Service names no BackendConfig in the cluster: out/chat/service.yaml:9:38 was not applied"),
        "{seen}"
    );
}

#[test]
fn an_annotation_that_nobody_can_read() {
    let key = "cloud.google.com/backend-config";
    for text in ["{\"default\":\"chat\"}}", "{}", "chat"] {
        let examined = with_cluster(|all| {
            object(all, "Service")["metadata"]["annotations"][key] = json!(text);
        });
        let rules = &examined.check("cluster-attached")["rules"];
        assert_eq!(*rules, json!(["backendconfig-annotation-invalid"]), "{text}");
        assert_eq!(examined.roots()[0], "cluster-fields", "{}", examined.told());
    }
    let other_port = with_cluster(|all| {
        let text = json!({"ports": {"8080": "chat"}}).to_string();
        object(all, "Service")["metadata"]["annotations"][key] = json!(text);
    });
    let seen = other_port.evidence("cluster-attached");
    assert!(seen.starts_with("its annotation names none for this port; what out/chat/"), "{seen}");
}

#[test]
fn objects_that_are_not_in_the_cluster() {
    let examined =
        with_cluster(|all| object(all, "BackendConfig")["metadata"]["name"] = json!("other"));
    assert_eq!(examined.bad(), ["cluster-objects", "cluster-attached"]);
    assert!(
        examined
            .evidence("cluster-objects")
            .starts_with("not there: BackendConfig `chat`, out/chat/")
    );
    assert_eq!(examined.roots(), ["cluster-objects"]);
    let rules = &examined.check("cluster-attached")["rules"];
    assert_eq!(*rules, json!(["backendconfig-missing"]));
    let other = with_cluster(|all| {
        for one in all.iter_mut().flat_map(|one| one["items"].as_array_mut().unwrap()) {
            one["metadata"]["namespace"] = json!("elsewhere");
        }
    });
    let objects = other.check("cluster-objects");
    assert_eq!((&objects["status"], other.status), (&json!("fail"), 1), "{objects}");
}

#[test]
fn values_that_somebody_changed_by_hand() {
    let examined =
        with_cluster(|all| object(all, "BackendConfig")["spec"]["timeoutSec"] = json!(30));
    assert_eq!(examined.roots(), ["cluster-fields"]);
    assert_eq!(
        examined.evidence("cluster-fields"),
        "BackendConfig `chat` spec.timeoutSec: 30 in the cluster, 86400 in out/chat/backendconfig.yaml:9:15"
    );
    let harmless = with_cluster(|all| object(all, "Deployment")["spec"]["replicas"] = json!(5));
    breaks(&harmless, &["cluster-fields"], "");
    assert_eq!(harmless.status, 0, "how many pods there are breaks no session");
    let scaled = with_cluster(|all| {
        object(all, "Deployment")["spec"]["replicas"] = json!(5);
        let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "chat"});
        let scaler = json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "chat", "namespace": "shop"},
            "spec": {"scaleTargetRef": target, "maxReplicas": 9}});
        all[0]["items"].as_array_mut().unwrap().push(scaler);
    });
    assert_eq!(scaled.bad(), [""; 0], "an autoscaler sets it");
}

#[test]
fn what_only_the_cluster_knows() {
    let annotation = |key: &'static str, value: Value| {
        move |all: &mut Vec<Value>| {
            object(all, "Ingress")["metadata"]["annotations"][key] = value.clone();
        }
    };
    let no_address =
        with_cluster(|all| object(all, "Ingress")["status"] = json!({"loadBalancer": {}}));
    breaks(&no_address, &["cluster-ingress"], "ingress-class-ignored");
    let name = "k8s1-5f0c1d2e-shop-chat-80-";
    let backends = |state: &str| {
        let scratch = scratch();
        let all = documents(&scratch, "cloud.json");
        let own = all[0][0]["name"].as_str().unwrap();
        assert!(own.starts_with(name));
        json!(json!({ own: state }).to_string())
    };
    let sick = with_cluster(annotation("ingress.kubernetes.io/backends", backends("UNHEALTHY")));
    breaks(&sick, &["cluster-backends"], "health-path-unanswered");
    let unknown = with_cluster(annotation("ingress.kubernetes.io/backends", backends("Unknown")));
    assert_eq!(unknown.check("cluster-backends")["status"], "warn");
    let complaint = with_cluster(|all| {
        let event = object(all, "Event");
        event["type"] = json!("Warning");
        event["reason"] = json!("Translate");
        event["message"] = json!("Translation failed: invalid ingress spec");
    });
    breaks(&complaint, &["cluster-events"], "");
    assert_eq!(
        complaint.evidence("cluster-events"),
        "Ingress `chat`: Translation failed: invalid ingress spec (Translate, last at 2026-09-14T09:02:44Z)"
    );
}

#[test]
fn certificates_that_are_not_active() {
    let status = json!({"certificateStatus": "Provisioning",
        "domainStatus": [{"domain": "chat.example.com", "status": "FailedNotVisible"}]});
    let examined = with_cluster(|all| object(all, "ManagedCertificate")["status"] = status.clone());
    breaks(&examined, &["cluster-certificate"], "");
    assert_eq!(
        examined.evidence("cluster-certificate"),
        "`chat`: Provisioning (chat.example.com FailedNotVisible)"
    );
}

/// What GKE's controller makes of a Service is asked only where it leads sessions there.
#[test]
fn other_controllers_are_not_measured_by_googles() {
    let scratch = scratch();
    let file = "out/chat/ingress.yaml";
    let class = |name: &str| format!("kubernetes.io/ingress.class: {name}");
    scratch.write(file, &scratch.read(file).replace(&class("gce"), &class("nginx")));
    let mut all = documents(&scratch, "cluster.json");
    object(&mut all, "Ingress")["metadata"]["annotations"]["kubernetes.io/ingress.class"] =
        json!("nginx");
    write(&scratch, "cluster.json", &all);
    let examined = by_read_outs(&scratch, &HEALTHY);
    let of_google = examined.ids(|one| {
        let id = one["id"].as_str().unwrap();
        id.starts_with("cloud-") && id != "cloud-answers"
            || id == "cluster-attached"
            || id == "cluster-neg"
    });
    assert!(of_google.len() > 10);
    for id in of_google {
        assert_eq!(examined.check(id)["status"], "skip", "{}", examined.told());
    }
    std::fs::remove_file(scratch.path(file)).unwrap();
    let mut all = documents(&scratch, "cluster.json");
    for one in &mut all {
        one["items"].as_array_mut().unwrap().retain(|one| one["kind"] != "Ingress");
    }
    write(&scratch, "cluster.json", &all);
    let mut cloud = documents(&scratch, "cloud.json");
    cloud[0] = json!([]);
    write(&scratch, "cloud.json", &cloud);
    let unknown =
        super::examined(&mut scratch.command(&[&["doctor", "out/chat"][..], &HEALTHY].concat()));
    assert_eq!(unknown.check("cloud-backend-service")["status"], "skip", "{}", unknown.told());
}

#[test]
fn pods_and_groups_that_are_not_there() {
    let unready = |count: usize| {
        with_cluster(|all| {
            for one in object(all, "EndpointSlice")["endpoints"]
                .as_array_mut()
                .unwrap()
                .iter_mut()
                .take(count)
            {
                one["conditions"]["ready"] = json!(false);
            }
        })
    };
    assert_eq!(unready(1).check("cluster-pods")["status"], "warn");
    breaks(&unready(3), &["cluster-pods"], "");
    let nobody = with_cluster(|all| object(all, "EndpointSlice")["endpoints"] = json!([]));
    breaks(&nobody, &["cluster-pods"], "");
    let no_neg = with_cluster(|all| {
        let annotations = &mut object(all, "Service")["metadata"]["annotations"];
        annotations.as_object_mut().unwrap().remove("cloud.google.com/neg-status");
    });
    breaks(&no_neg, &["cluster-neg"], "");
}

#[test]
fn what_was_not_read_is_never_called_missing() {
    let scratch = scratch();
    let mut all = documents(&scratch, "cluster.json");
    for one in &mut all {
        let kept = |one: &Value| one["kind"] == "Deployment" || one["kind"] == "Service";
        one["items"].as_array_mut().unwrap().retain(kept);
    }
    write(&scratch, "cluster.json", &all);
    let examined = by_read_outs(&scratch, &HEALTHY);
    assert_eq!(examined.status, 0, "{}", examined.told());
    assert_eq!(examined.bad(), ["cluster-objects"]);
    assert!(examined.evidence("cluster-objects").starts_with("nobody knows: "));
    for id in [
        "cluster-sessions",
        "cluster-attached",
        "cluster-ingress",
        "cluster-events",
        "cluster-pods",
    ] {
        assert_eq!(examined.check(id)["status"], "skip", "{id}");
    }
    let cloud_alone = by_read_outs(&scratch, &["--cloud", "cloud.json"]);
    assert_eq!(cloud_alone.check("cluster-answers")["status"], "skip");
    assert_eq!(cloud_alone.bad(), [""; 0], "{}", cloud_alone.told());
}

#[test]
fn files_that_are_not_what_the_app_renders() {
    let scratch = scratch();
    let file = "out/chat/backendconfig.yaml";
    scratch.write(file, &scratch.read(file).replace("timeoutSec: 86400", "timeoutSec: 3600"));
    let examined = by_read_outs(&scratch, &HEALTHY);
    assert_eq!(
        examined.evidence("files-rendered"),
        "BackendConfig `chat` spec.timeoutSec: 3600 in out/chat/backendconfig.yaml:9:15, 86400 rendered"
    );
    // The cluster has the better value.
    assert_eq!(examined.check("cluster-fields")["status"], "warn");
    std::fs::remove_dir_all(scratch.path("out")).unwrap();
    let not_rendered = super::examined(&mut scratch.command(&["doctor", "--cloud", "cloud.json"]));
    assert!(not_rendered.evidence("files-rendered").ends_with("the app was not rendered"));
    assert_eq!(not_rendered.check("cloud-affinity")["status"], "pass");
    scratch.write(file, "kind: [\n");
    let broken = by_read_outs(&scratch, &HEALTHY);
    assert_eq!((broken.status, broken.roots()[0]), (1, "files-readable"));
}

#[test]
fn every_form_of_a_read_out_says_the_same() {
    let scratch = scratch();
    let expected = by_read_outs(&scratch, &HEALTHY);
    let items: Vec<Value> = documents(&scratch, "cluster.json")
        .iter()
        .flat_map(|one| one["items"].as_array().unwrap().clone())
        .collect();
    let yaml: Vec<String> = items.iter().map(|one| serde_yaml::to_string(one).unwrap()).collect();
    scratch.write("stream.yaml", &yaml.join("---\n"));
    write(&scratch, "stream.json", &items);
    let resources: Vec<Value> = documents(&scratch, "cloud.json")
        .iter()
        .flat_map(|one| one.as_array().unwrap().clone())
        .collect();
    write(&scratch, "single.json", &resources);
    scratch.write("list.yaml", &serde_yaml::to_string(&resources).unwrap());
    for (cluster, cloud) in [("stream.yaml", "single.json"), ("stream.json", "list.yaml")] {
        let examined = by_read_outs(&scratch, &["--cluster", cluster, "--cloud", cloud]);
        let without_names = |one: &Examined| {
            let all = one
                .checks()
                .iter()
                .filter(|one| !one["id"].as_str().unwrap().ends_with("-answers"));
            all.cloned().collect::<Vec<_>>()
        };
        assert_eq!(without_names(&examined), without_names(&expected));
    }
    let parts = documents(&scratch, "cluster.json");
    write(&scratch, "one.json", &parts[..1]);
    write(&scratch, "two.json", &parts[1..]);
    let in_parts = by_read_outs(
        &scratch,
        &["--cluster", "one.json", "--cluster", "two.json", "--cloud", "cloud.json"],
    );
    assert_eq!(in_parts.bad(), [""; 0]);
}

#[test]
fn what_is_no_read_out_is_refused() {
    let scratch = scratch();
    for (text, said) in [
        ("<html>hunter2</html>", "it is neither JSON nor YAML of objects"),
        ("{\"hunter2\": ", "it is no JSON: see line 1"),
        ("hunter2: [", "it is no YAML: see line"),
        ("{\"hunter2\": 1}", "item 1 is no Kubernetes object"),
    ] {
        scratch.write("bad.json", text);
        let run = scratch.run(&["doctor", "k8s", "--cluster", "bad.json"]);
        assert_eq!((run.status, &*run.out), (2, ""), "{text}");
        assert!(run.err.contains(said) && !run.err.contains("hunter2"), "{text}: {}", run.err);
    }
    scratch.write("bad.json", "[1]");
    let run = scratch.run(&["doctor", "k8s", "--cloud", "bad.json"]);
    assert!(run.status == 2 && run.err.contains("no resource of Compute Engine"), "{}", run.err);
    scratch.write("bad.json", "[]");
    let run = scratch.run(&["doctor", "k8s", "--cloud", "bad.json"]);
    assert!(run.status == 2 && run.err.contains("it is empty"), "{}", run.err);
    for call in [
        &["doctor", "k8s", "--cluster", "none.json"][..],
        &["doctor", "none/at/all"],
        &["doctor", "nobody"],
        &["doctor", "k8s", "--url", "ftp://x", "--skip", "cluster,cloud"],
        &["doctor", "app.toml", "k8s"],
        &["doctor", "app.toml", "--against", "none"],
    ] {
        assert_eq!(scratch.run(call).status, 2, "{call:?}");
    }
}

#[test]
fn an_empty_read_out_says_that_nothing_was_found() {
    const LIST: &str = "{\"apiVersion\": \"v1\", \"items\": [], \"kind\": \"List\"}";
    let scratch = scratch();
    for text in ["", "\n", LIST] {
        scratch.write("empty.json", text);
        let examined = by_read_outs(&scratch, &["--cluster", "empty.json"]);
        let check = examined.check("cluster-answers");
        assert_eq!(check["status"], "skip", "{}", examined.told());
        let told = check.to_string();
        assert!(told.contains("empty.json holds no object: the cluster has none"), "{told}");
        assert!(told.contains("are the namespace and the context right?"), "{told}");
        let cluster = examined.checks().iter().filter(|one| one["layer"] == "cluster");
        let statuses: Vec<&Value> = cluster.map(|one| &one["status"]).collect();
        assert_eq!(statuses, [&json!("skip")], "{}", examined.told());

        let more = ["--cluster", "empty.json", "--cluster", "cluster.json"];
        let beside = by_read_outs(&scratch, &more);
        let check = beside.check("cluster-answers");
        assert_eq!(check["status"], "warn", "{}", beside.told());
        assert!(check.to_string().contains("empty.json holds no object"), "{check}");
        assert_eq!(beside.check("cluster-attached")["status"], "pass", "{}", beside.told());
    }
}

#[test]
fn secrets_stay_where_they_are() {
    let scratch = scratch();
    let mut all = documents(&scratch, "cluster.json");
    all[0]["items"].as_array_mut().unwrap().push(json!({"apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "chat", "namespace": "shop"}, "data": {"key": "hunter2"}}));
    let deployment = object(&mut all, "Deployment");
    let applied = "kubectl.kubernetes.io/last-applied-configuration";
    deployment["metadata"]["annotations"] = json!({ applied: "hunter2" });
    deployment["spec"]["template"]["metadata"]["annotations"]["checksum/nginx-conf"] =
        json!("hunter2");
    for container in deployment["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap() {
        container["env"] = json!([{"name": "PASSWORD", "value": "hunter2"}]);
        container["image"] = json!("registry.example.com/hunter2");
    }
    write(&scratch, "cluster.json", &all);
    let file = "out/chat/deployment.yaml";
    let env = "          env:\n            - name: PASSWORD\n              value: correct-horse\n          ports:\n";
    scratch.write(file, &scratch.read(file).replacen("          ports:\n", env, 1));
    for format in ["text", "json", "markdown", "junit"] {
        let call = ["doctor", "k8s", "out/chat", "--verbose", "--format", format];
        let run = scratch.run(&[&call[..], &HEALTHY].concat());
        let said = run.out + &run.err;
        assert!(said.contains("cluster-fields"), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("correct-horse"), "{format}: {said}");
    }
}

#[test]
fn the_schema_fits() {
    let scratch = scratch();
    let run = |file: &str, more: &[&str]| {
        let call = ["doctor", "k8s", "--format", "json"];
        let run = scratch.run(&[&call[..], more].concat());
        scratch.write(file, &run.out);
    };
    run("good.json", &HEALTHY);
    run("bad.json", &["--cluster", "cluster-before.json", "--cloud", "cloud-before.json"]);
    scratch.write("schema.json", &scratch.ok(&["schema", "doctor"]).out);
    let check = "import json, jsonschema\nschema = json.load(open('schema.json'))\nfor name in 'good', 'bad':\n  \
        jsonschema.Draft7Validator(schema).validate(json.load(open(name + '.json')))";
    succeed(python().args(["-c", check]).current_dir(scratch.path("")));
}

#[test]
fn other_formats_say_the_same() {
    let scratch = scratch();
    let run = |format: &str| {
        let read_outs = ["--cluster", "cluster-before.json", "--cloud", "cloud-before.json"];
        let call = ["doctor", "k8s", "--format", format];
        let run = scratch.run(&[&call[..], &read_outs].concat());
        assert_eq!(run.status, 1);
        run.out
    };
    let junit = run("junit");
    assert!(junit.contains("<failure type=\"backendconfig-on-ingress\""), "{junit}");
    assert!(junit.contains("follows from files-sessions"), "{junit}");
    let markdown = run("markdown");
    assert!(markdown.contains("follows from `files-sessions`: "), "{markdown}");
    let exit_zero = scratch.run(&["doctor", "k8s", "--exit-zero", "--cloud", "cloud-before.json"]);
    assert_eq!(exit_zero.status, 0);
}

#[test]
fn without_files_the_cluster_is_examined_by_itself() {
    let scratch = scratch();
    let empty = Scratch::new();
    let command = |more: &[&str]| {
        let mut command = empty.command(&["doctor"]);
        for (option, file) in [("--cluster", more[0]), ("--cloud", more[1])] {
            command.arg(option).arg(scratch.path(file));
        }
        super::examined(&mut command)
    };
    let healthy = command(&["cluster.json", "cloud.json"]);
    assert_eq!(healthy.bad(), [""; 0], "{}", healthy.told());
    assert_eq!(healthy.check("cloud-affinity")["status"], "pass");
    let before = command(&["cluster-before.json", "cloud-before.json"]);
    assert_eq!(before.roots()[0], "cluster-sessions", "{}", before.told());
    assert_eq!(before.check("cloud-affinity")["status"], "fail");
}

#[test]
fn what_the_files_accept_is_accepted_in_the_cluster_too() {
    let scratch = scratch();
    let read_outs = ["--cluster", "cluster-before.json", "--cloud", "cloud-before.json"];
    let allow = |file: &str, line: &str, rule: &str| {
        let comment = format!("  # sioway: allow({rule}) it is a demonstration\n{line}");
        scratch.write(file, &scratch.read(file).replacen(line, &comment, 1));
    };
    allow("k8s/service.yaml", "  annotations:\n", "backendconfig-not-attached");
    let line = "    cloud.google.com/backend-config:";
    allow("k8s/ingress.yaml", line, "backendconfig-on-ingress");
    let run = scratch.run(&["lint", "k8s"]);
    assert_eq!(run.status, 0, "{}", run.out);
    let call = [&["doctor", "k8s"][..], &read_outs].concat();
    let examined = super::examined(&mut scratch.command(&call));
    assert_eq!(examined.check("cluster-sessions")["status"], "pass", "{}", examined.told());
    assert_eq!(
        examined.check("cloud-affinity")["status"],
        "fail",
        "the load balancer does not know"
    );
}

#[test]
fn the_lines_for_the_health_are_told_when_the_cluster_tells_the_names() {
    let examined =
        by_read_outs(&scratch(), &["--cluster", "cluster.json", "--project", "shop-prod"]);
    let lines = examined.document["commands"]["cloud"].as_array().unwrap();
    assert_eq!(
        lines.last().unwrap(),
        "gcloud compute backend-services get-health k8s1-5f0c1d2e-shop-chat-80-37822521 --global --project=shop-prod \
         --format=json >> cloud.json"
    );
}

#[test]
fn only_the_app_that_is_asked_for_is_examined() {
    let scratch = scratch();
    for name in scratch.list("out/chat") {
        let other = scratch.read(&format!("out/chat/{name}")).replace("chat", "talk");
        scratch.write(&format!("out/chat/talk/{name}"), &other);
    }
    let examined = by_read_outs(&scratch, &["--cloud", "cloud.json"]);
    assert_eq!(examined.evidence("files-subject"), "Service `chat`, port `http`");
    assert_eq!(examined.check("cloud-backend-service")["status"], "pass", "{}", examined.told());
}
