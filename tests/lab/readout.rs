//! What kubectl and gcloud would print of a way of the lab: its objects as the API server keeps them, and what
//! ingress-gce makes of them. Whether a pod is healthy is asked of the pod that runs.
//!
//! The shapes are those of `kubectl get --output json` and `gcloud compute … --format=json`; the controller is
//! kubernetes/ingress-gce:pkg/controller/translator/translator.go and pkg/backends/features/.

use serde_json::{Value, json};

use super::bench::ask;
use super::trace::{Case, Lab};

const PROJECT: &str = "https://www.googleapis.com/compute/v1/projects/shop-prod";
const NAME: &str = "k8s1-5f0c1d2e-default-chat-80-37822521";
const NOBODY: &str = "k8s1-5f0c1d2e-kube-system-default-http-backend-80-e8aa8ee0";

/// Writes them as `cluster.json` and `cloud.json`.
pub(super) fn save(case: &Case, lab: &Lab, into: &crate::tools::Scratch) {
    let asked = |port: &u16| case.asked_port().unwrap_or(*port);
    let ports: Vec<u16> = lab.ports().iter().map(asked).collect();
    let [cluster, cloud] = of(&case.manifests_alone().read("k8s.yaml"), &ports);
    into.write("cluster.json", &cluster);
    into.write("cloud.json", &cloud);
}

/// What kubectl prints of manifests that were applied, and gcloud of what the controller makes of them for pods whose
/// health is asked on these ports.
pub(super) fn of(manifests: &str, ports: &[u16]) -> [String; 2] {
    let made = Made::of(manifests, ports);
    let cloud = made.cloud().map(|one| format!("{one:#}\n"));
    [format!("{:#}\n", made.cluster()), cloud.concat()]
}

/// What the controller makes of the objects.
struct Made {
    objects: Vec<Value>,
    /// Which pods answer the health check.
    healthy: Vec<bool>,
}

impl Made {
    fn of(manifests: &str, ports: &[u16]) -> Self {
        let documents = serde_yaml::Deserializer::from_str(manifests);
        let read = |one| -> Value { serde::Deserialize::deserialize(one).unwrap() };
        let made = Self { objects: documents.map(read).collect(), healthy: Vec::new() };
        let path = made.health_check()["httpHealthCheck"]["requestPath"].clone();
        let path = path.as_str().unwrap();
        let healthy = ports.iter().map(|port| answers(*port, path)).collect();
        Self { healthy, ..made }
    }

    fn object(&self, kind: &str) -> &Value {
        self.objects.iter().find(|one| one["kind"] == kind).unwrap_or_else(|| panic!("no {kind}"))
    }

    fn annotation(&self, kind: &str, key: &str) -> Option<Value> {
        let text = self.object(kind)["metadata"]["annotations"][key].as_str()?;
        Some(serde_json::from_str(text).unwrap())
    }

    /// The BackendConfig of the Service's port, where its annotation names one: by the port's name, its number, or for
    /// all.
    fn config(&self) -> Option<&Value> {
        let named = self.annotation("Service", "cloud.google.com/backend-config")?;
        let port = &self.object("Service")["spec"]["ports"][0];
        let (name, number) = (port["name"].as_str().unwrap(), port["port"].to_string());
        let of_port = [name, &number].into_iter().find_map(|key| named["ports"][key].as_str());
        let name = of_port.or(named["default"].as_str())?;
        let is_it =
            |one: &&Value| one["kind"] == "BackendConfig" && one["metadata"]["name"] == name;
        self.objects.iter().find(is_it).map(|one| &one["spec"])
    }

    /// A setting of the BackendConfig, or the controller's default.
    fn setting(&self, pointer: &str, default: Value) -> Value {
        let found = self.config().and_then(|config| config.pointer(pointer));
        found.cloned().unwrap_or(default)
    }

    fn is_neg(&self) -> bool {
        let asked = self.annotation("Service", "cloud.google.com/neg");
        // GKE asks for one by itself, unless the Service has ports on the nodes.
        let by_itself = self.object("Service")["spec"]["type"] != "NodePort";
        asked.map_or(by_itself, |asked| asked["ingress"] == true)
    }

    fn group(&self) -> String {
        let kind = if self.is_neg() { "networkEndpointGroups" } else { "instanceGroups" };
        format!("{PROJECT}/zones/europe-west1-b/{kind}/{NAME}")
    }

    fn cluster(&self) -> Value {
        let live = |(index, one): (usize, &Value)| {
            let mut one = one.clone();
            let metadata = &mut one["metadata"];
            metadata["namespace"] = json!("default");
            metadata["uid"] = json!(format!("0b9d7c1e-5a43-4c1f-9a7e-{index:012}"));
            metadata["resourceVersion"] = json!(format!("4821{index:04}"));
            metadata["creationTimestamp"] = json!("2026-09-14T08:12:31Z");
            if one["kind"] == "Service" && self.is_neg() {
                let made =
                    json!({"network_endpoint_groups": {"80": NAME}, "zones": ["europe-west1-b"]});
                one["metadata"]["annotations"]["cloud.google.com/neg-status"] =
                    json!(made.to_string());
            }
            if one["kind"] == "Ingress" {
                let state = if self.healthy.contains(&true) { "HEALTHY" } else { "UNHEALTHY" };
                let all = json!({NAME: state, NOBODY: "HEALTHY"}).to_string();
                let annotations = &mut one["metadata"]["annotations"];
                annotations["ingress.kubernetes.io/backends"] = json!(all);
                annotations["ingress.kubernetes.io/url-map"] = json!("k8s2-um-chat");
                one["status"] = json!({"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}});
            }
            one
        };
        let items: Vec<Value> = self.objects.iter().enumerate().map(live).collect();
        json!({"apiVersion": "v1", "kind": "List", "items": items})
    }

    fn cloud(&self) -> [Value; 5] {
        let group = json!({
            "kind": "compute#networkEndpointGroup", "name": NAME, "size": self.healthy.len(),
            "selfLink": self.group(), "networkEndpointType": "GCE_VM_IP_PORT",
            "zone": format!("{PROJECT}/zones/europe-west1-b"),
        });
        let groups = if self.is_neg() { vec![group] } else { Vec::new() };
        [
            json!([self.backend_service()]),
            json!([self.health_check()]),
            json!([self.url_map()]),
            json!(groups),
            self.health(),
        ]
    }

    fn backend_service(&self) -> Value {
        let description = json!({
            "kubernetes.io/service-name": "default/chat", "kubernetes.io/service-port": "80",
            "x-features": ["NEG"],
        });
        let mut service = json!({
            "kind": "compute#backendService",
            "name": NAME,
            "selfLink": format!("{PROJECT}/global/backendServices/{NAME}"),
            "description": description.to_string(),
            "loadBalancingScheme": "EXTERNAL",
            "protocol": "HTTP",
            "timeoutSec": self.setting("/timeoutSec", json!(30)),
            "sessionAffinity": self.setting("/sessionAffinity/affinityType", json!("NONE")),
            "connectionDraining": {
                "drainingTimeoutSec": self.setting("/connectionDraining/drainingTimeoutSec", json!(0)),
            },
            "enableCDN": self.setting("/cdn/enabled", json!(false)),
            "logConfig": {"enable": true, "sampleRate": 1},
            "backends": [{"balancingMode": "RATE", "group": self.group()}],
            "healthChecks": [format!("{PROJECT}/global/healthChecks/{NAME}")],
        });
        if service["enableCDN"] == true {
            // A block that leaves a key out means false; no block at all means true.
            let policy = self.setting("/cdn/cachePolicy", Value::Null);
            let key = |name: &str| policy.is_null() || policy[name] == true;
            service["cdnPolicy"] = json!({
                "cacheMode": self.setting("/cdn/cacheMode", json!("CACHE_ALL_STATIC")),
                "cacheKeyPolicy": {
                    "includeHost": key("includeHost"), "includeProtocol": key("includeProtocol"),
                    "includeQueryString": key("includeQueryString"),
                },
            });
        }
        service
    }

    fn health_check(&self) -> Value {
        let field =
            |key: &str, default: Value| self.setting(&format!("/healthCheck/{key}"), default);
        let port = self.setting("/healthCheck/port", Value::Null);
        let mut asks = json!({
            "requestPath": field("requestPath", json!("/")), "proxyHeader": "NONE",
            "portSpecification": if port.is_null() { "USE_SERVING_PORT" } else { "USE_FIXED_PORT" },
        });
        if !port.is_null() {
            asks["port"] = port;
        }
        json!({
            "kind": "compute#healthCheck", "name": NAME, "type": "HTTP",
            "selfLink": format!("{PROJECT}/global/healthChecks/{NAME}"),
            "checkIntervalSec": field("checkIntervalSec", json!(15)),
            "timeoutSec": field("timeoutSec", json!(15)),
            "healthyThreshold": field("healthyThreshold", json!(1)),
            "unhealthyThreshold": field("unhealthyThreshold", json!(2)),
            "httpHealthCheck": asks,
        })
    }

    /// A Prefix is the path and all below it (kubernetes/ingress-gce:pkg/controller/translator/utils.go).
    fn url_map(&self) -> Value {
        let nobody = format!("{PROJECT}/global/backendServices/{NOBODY}");
        let rule = &self.object("Ingress")["spec"]["rules"][0];
        let paths = rule["http"]["paths"].as_array().unwrap().iter();
        let rules: Vec<Value> = paths
            .map(|one| {
                let path = one["path"].as_str().unwrap();
                let below = format!("{}/*", path.trim_end_matches('/'));
                let paths = match (one["pathType"].as_str(), path) {
                    (Some("Prefix"), "/") => vec![below],
                    (Some("Prefix"), path) => vec![path.to_owned(), below],
                    _ => vec![path.to_owned()],
                };
                json!({"paths": paths, "service": format!("{PROJECT}/global/backendServices/{NAME}")})
            })
            .collect();
        json!({
            "kind": "compute#urlMap", "name": "k8s2-um-chat",
            "selfLink": format!("{PROJECT}/global/urlMaps/k8s2-um-chat"), "defaultService": nobody,
            "hostRules": [{"hosts": [rule["host"]], "pathMatcher": "host"}],
            "pathMatchers": [{"name": "host", "defaultService": nobody, "pathRules": rules}],
        })
    }

    /// `gcloud compute backend-services get-health`.
    fn health(&self) -> Value {
        let state = |(index, healthy): (usize, &bool)| {
            let state = if *healthy { "HEALTHY" } else { "UNHEALTHY" };
            json!({"healthState": state, "ipAddress": format!("10.8.0.{}", index + 17), "port": 8080})
        };
        let states: Vec<Value> = self.healthy.iter().enumerate().map(state).collect();
        let group = json!({"kind": "compute#backendServiceGroupHealth", "healthStatus": states});
        json!([{"backend": self.group(), "status": group}])
    }
}

/// Whether a pod answers its health check, as the load balancer asks.
fn answers(port: u16, path: &str) -> bool {
    if std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        return false;
    }
    let request = format!("GET {path} HTTP/1.1\r\nHost: 10.8.1.17\r\nConnection: close\r\n\r\n");
    ask(port, &request).starts_with("HTTP/1.1 200 ")
}
