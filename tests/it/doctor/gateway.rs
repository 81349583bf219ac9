//! Behind a Gateway of GKE's: policies in place of BackendConfigs, and backend services that are known by their NEGs.

use std::path::Path;

use serde_json::{Value, json};

use super::{Examined, documents, examined, scratch, write};
use crate::tools::{Scratch, root};

const NEG: &str = "k8s1-5f0c1d2e-shop-chat-80-37822521";
const NAME: &str = "gkegw1-yi3w-shop-chat-80-4fdj4jjm3trk";
const PROJECT: &str = "https://www.googleapis.com/compute/v1/projects/shop-prod";

fn manifests() -> String {
    std::fs::read_to_string(root().join(Path::new("tests/cmd/doctor.in/gateway/all.yaml"))).unwrap()
}

/// What the cluster holds: the files' objects, with what the controllers write.
fn cluster(scratch: &Scratch) -> Vec<Value> {
    let mut items: Vec<Value> = manifests()
        .split("\n---\n")
        .map(|one| serde_yaml::from_str::<Value>(one).unwrap())
        .collect();
    let taken =
        |kind: &str| json!([{"type": kind, "status": "True", "reason": kind, "message": ""}]);
    for one in &mut items {
        match one["kind"].as_str().unwrap() {
            "Service" => {
                let status =
                    json!({"network_endpoint_groups": {"80": NEG}, "zones": ["europe-west1-b"]});
                one["metadata"]["annotations"] = json!({
                    "cloud.google.com/neg": "{\"exposed_ports\":{\"80\":{}}}",
                    "cloud.google.com/neg-status": status.to_string(),
                });
            }
            "HTTPRoute" => {
                one["status"] = json!({"parents": [{"conditions": taken("Accepted")}]});
            }
            "GCPBackendPolicy" | "HealthCheckPolicy" => {
                one["status"] = json!({"conditions": taken("Attached")});
            }
            _ => {}
        }
    }
    let slices = documents(scratch, "cluster.json");
    let slices = slices.iter().flat_map(|one| one["items"].as_array().unwrap().clone());
    items.extend(slices.filter(|one| one["kind"] == "EndpointSlice"));
    vec![json!({"apiVersion": "v1", "kind": "List", "items": items})]
}

/// What the Gateway's controller made of them.
fn cloud() -> Vec<Value> {
    let link = |kind: &str| format!("{PROJECT}/global/{kind}/{NAME}");
    let neg = format!("{PROJECT}/zones/europe-west1-b/networkEndpointGroups/{NEG}");
    let service = json!({
        "kind": "compute#backendService", "name": NAME, "selfLink": link("backendServices"),
        "loadBalancingScheme": "EXTERNAL_MANAGED", "protocol": "HTTP", "timeoutSec": 3600,
        "sessionAffinity": "GENERATED_COOKIE", "affinityCookieTtlSec": 0,
        "connectionDraining": {"drainingTimeoutSec": 60}, "healthChecks": [link("healthChecks")],
        "backends": [{"group": neg, "balancingMode": "RATE"}],
    });
    let check = json!({
        "kind": "compute#healthCheck", "name": NAME, "selfLink": link("healthChecks"), "type": "HTTP",
        "checkIntervalSec": 5, "httpHealthCheck": {"requestPath": "/health"},
    });
    let rule = json!({"priority": 1, "matchRules": [{"prefixMatch": "/socket.io/"}],
        "routeAction": {"weightedBackendServices": [{"backendService": link("backendServices"), "weight": 1}]}});
    let map = json!({
        "kind": "compute#urlMap", "name": "gkegw1-yi3w-shop-web", "selfLink": link("urlMaps"),
        "hostRules": [{"hosts": ["chat.example.com"], "pathMatcher": "m"}],
        "pathMatchers": [{"name": "m", "routeRules": [rule]}],
    });
    vec![json!([service]), json!([check]), json!([map])]
}

pub(crate) fn with(change: impl Fn(&mut Vec<Value>, &mut Vec<Value>)) -> Examined {
    let scratch = scratch();
    let (mut cluster, mut cloud) = (cluster(&scratch), cloud());
    change(&mut cluster, &mut cloud);
    write(&scratch, "cluster.json", &cluster);
    write(&scratch, "cloud.json", &cloud);
    let call = ["doctor", "gateway", "--cluster", "cluster.json", "--cloud", "cloud.json"];
    examined(&mut scratch.command(&call))
}

fn object<'v>(cluster: &'v mut [Value], kind: &str) -> &'v mut Value {
    let mut items = cluster[0]["items"].as_array_mut().unwrap().iter_mut();
    items.find(|one| one["kind"] == kind).unwrap()
}

#[test]
fn what_is_as_the_policies_say_passes() {
    let examined = with(|_, _| {});
    assert_eq!(examined.bad(), [""; 0], "{}", examined.told());
    let passed = examined.ids(|one| one["status"] == "pass");
    for id in [
        "cluster-objects",
        "cluster-fields",
        "cluster-sessions",
        "cluster-gateway",
        "cloud-backend-service",
        "cloud-affinity",
        "cloud-timeout",
        "cloud-health-check",
        "cloud-neg",
        "cloud-url-map",
    ] {
        assert!(passed.contains(&id), "{id}: {}", examined.told());
    }
    let seen = examined.evidence("cloud-timeout");
    assert_eq!(seen, "3600, as gateway/all.yaml:34:17 says");
}

#[test]
fn what_the_load_balancer_has_otherwise_is_told_by_the_line_of_the_policy() {
    let lost = with(|_, cloud| cloud[0][0]["sessionAffinity"] = json!("NONE"));
    assert_eq!(lost.bad(), ["cloud-affinity"], "{}", lost.told());
    let seen = lost.evidence("cloud-affinity");
    assert!(
        seen.starts_with(
            "gateway/all.yaml:35:29 says GENERATED_COOKIE, the backend service NONE: the GCPBackendPolicy in the \
             cluster says the same"
        ),
        "{seen}"
    );
    let asked = with(|_, cloud| cloud[1][0]["httpHealthCheck"]["requestPath"] = json!("/"));
    assert_eq!(asked.bad(), ["cloud-health-check"], "{}", asked.told());
    let elsewhere = with(|_, cloud| cloud[2][0]["pathMatchers"][0]["routeRules"] = json!([]));
    assert_eq!(elsewhere.bad(), ["cloud-url-map"], "{}", elsewhere.told());
    let other = with(|cluster, cloud| {
        object(cluster, "GCPBackendPolicy")["spec"]["default"]["sessionAffinity"]["type"] =
            json!("NONE");
        cloud[0][0]["sessionAffinity"] = json!("NONE");
    });
    assert_eq!(other.check("cloud-affinity")["status"], "fail", "{}", other.told());
    let seen = other.evidence("cloud-affinity");
    assert!(
        seen.ends_with("the GCPBackendPolicy in the cluster says NONE: the file was not applied"),
        "{seen}"
    );
}

#[test]
fn what_the_controller_refuses_is_told() {
    let refused = with(|cluster, _| {
        object(cluster, "GCPBackendPolicy")["status"]["conditions"] = json!([
            {"type": "Attached", "status": "False", "reason": "Conflicted", "message": "another is older"},
        ]);
    });
    assert_eq!(refused.bad(), ["cluster-gateway"], "{}", refused.told());
    assert_eq!(
        refused.evidence("cluster-gateway"),
        "GCPBackendPolicy `chat` is not Attached: Conflicted: another is older"
    );
    let silent = with(|cluster, _| object(cluster, "HTTPRoute")["status"] = json!({}));
    assert_eq!((silent.bad(), silent.status), (vec!["cluster-gateway"], 0), "{}", silent.told());
}

#[test]
fn what_is_not_reckoned_with_is_said() {
    let refs = "      backendRefs: [{name: chat, port: 80}]";
    for (id, more, said) in [
        (
            "cluster-cdn-filter",
            format!("      filters: [{{type: ExtensionRef, extensionRef: {{group: networking.gke.io, kind: GCPHTTPFilter, name: cdn}}}}]\n{refs}"),
            "not checked: the GCPHTTPFilter `cdn` of HTTPRoute `chat`, which may turn Cloud CDN on",
        ),
        (
            "cluster-imports",
            "      backendRefs: [{name: chat, port: 80}, {group: net.gke.io, kind: ServiceImport, name: chat, port: 80}]".to_owned(),
            "not checked: the ServiceImport `chat` of HTTPRoute `chat`, whose pods are in several clusters",
        ),
    ] {
        let scratch = scratch();
        scratch.write("gateway/all.yaml", &manifests().replace(refs, &more));
        let mut call = scratch.command(&["doctor", "gateway", "--skip", "cluster,cloud,endpoint"]);
        let examined = examined(&mut call);
        assert_eq!(examined.check(id)["status"], "skip", "{}", examined.told());
        assert!(examined.evidence(id).starts_with(said), "{}", examined.told());
    }
}

#[test]
fn a_gateway_is_not_called_healthy_unseen() {
    for change in [
        json!("k8s1-5f0c1d2e-shop-talk-80-00000000"),
        // Another cluster's, for a Service of the same name.
        json!("k8s1-99999999-shop-chat-80-c0ffee00"),
    ] {
        let neg = format!("{PROJECT}/zones/z/networkEndpointGroups/{}", change.as_str().unwrap());
        let none = with(|_, cloud| cloud[0][0]["backends"][0]["group"] = json!(neg));
        assert_eq!(none.bad(), ["cloud-backend-service"], "{}", none.told());
        assert!(none.evidence("cloud-backend-service").starts_with("not compared: "));
    }
    let scratch = scratch();
    let unread =
        examined(&mut scratch.command(&["doctor", "gateway", "--cluster", "cluster.json"]));
    assert_eq!(unread.check("cluster-sessions")["status"], "skip", "{}", unread.told());
    assert_eq!(unread.check("cluster-gateway")["status"], "skip", "{}", unread.told());
    let lines = scratch.ok(&["doctor", "gateway", "--print-commands"]).out;
    for kind in ["httproutes.gateway.networking.k8s.io", "gcpbackendpolicies.networking.gke.io"] {
        assert!(lines.contains(&format!("get {kind} --ignore-not-found")), "{lines}");
    }
    let lines = scratch.ok(&["doctor", "out/chat", "--print-commands"]).out;
    assert!(!lines.contains("gateway"), "not every cluster knows it: {lines}");
}
