//! What one file says of another holds there: Ingress, Service, BackendConfig, pods and nginx name each other.

use proptest::test_runner::{Config, TestRunner};
use serde_yaml::Value;
use sioway::plan::Plan;
use sioway::render::{Renderer, Style};

use sioway::spec::Spec;

use crate::properties::{decided, gke};
use crate::specs::app_toml;

/// The objects of one app, and its nginx configuration.
struct Rendered {
    objects: Vec<Value>,
    spec: Spec,
    plan: Plan,
}

impl Rendered {
    fn new(renderer: &Renderer, (spec, plan): (Spec, Plan)) -> Self {
        let files = renderer.files(&plan, "app.toml").unwrap();
        let yaml = files.iter().filter(|file| !file.name.ends_with("conf"));
        let objects = yaml.map(|file| serde_yaml::from_str(&file.text).unwrap()).collect();
        Self { objects, spec, plan }
    }

    fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.objects.iter().filter(move |object| object["kind"] == kind)
    }

    fn named<'a>(&'a self, kind: &'a str, name: &'a Value) -> &'a Value {
        let mut found = self.all(kind).filter(|object| &object["metadata"]["name"] == name);
        let object = found.next().unwrap_or_else(|| panic!("no {kind} {name:?}"));
        assert!(found.next().is_none(), "two {kind} {name:?}");
        object
    }

    fn nginx(&self) -> &str {
        let data = &self.all("ConfigMap").next().unwrap()["data"];
        data.as_mapping().unwrap().values().next().unwrap().as_str().unwrap()
    }

    /// The argument of a directive that stands once, or first in the session location.
    fn directive(&self, name: &str) -> &str {
        let text = self.nginx();
        let session = text.split_once("# Socket.IO.").map_or(text, |(_, rest)| rest);
        [session, text]
            .iter()
            .flat_map(|text| text.lines())
            .find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(' ')?.strip_suffix(';'))
            .unwrap_or_else(|| panic!("no {name} in {text}"))
    }
}

fn annotation<'a>(object: &'a Value, key: &str) -> &'a Value {
    &object["metadata"]["annotations"][key]
}

fn json(value: &Value) -> serde_json::Value {
    serde_json::from_str(value.as_str().unwrap()).unwrap()
}

fn for_each_app(check: impl Fn(&Rendered)) {
    let (profile, renderer) = (gke(), Renderer::new(Style { comments: true, ..Style::default() }));
    let mut runner =
        TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    let property = runner.run(&app_toml(), |text| {
        if let Some(decided) = decided(&text, &profile) {
            check(&Rendered::new(&renderer, decided));
        }
        Ok(())
    });
    property.unwrap();
}

/// The backends that an Ingress routes to: path, Service and port number.
fn routes(ingress: &Value) -> Vec<(&str, &Value, &Value)> {
    let rules = ingress["spec"]["rules"].as_sequence().unwrap();
    let paths = rules.iter().flat_map(|rule| rule["http"]["paths"].as_sequence().unwrap());
    paths
        .map(|path| {
            assert_eq!(path["pathType"], "Prefix");
            let service = &path["backend"]["service"];
            (path["path"].as_str().unwrap(), &service["name"], &service["port"]["number"])
        })
        .collect()
}

#[test]
fn every_route_leads_to_a_port_with_a_backend_config_of_the_right_kind() {
    for_each_app(|app| {
        let ingress = app.all("Ingress").next().unwrap();
        assert_eq!(annotation(ingress, "kubernetes.io/ingress.class"), "gce");
        assert!(annotation(ingress, "cloud.google.com/backend-config").is_null());
        let session = app.spec.socketio.path.as_str();
        let mut sessions = 0;
        for (path, service, number) in routes(ingress) {
            let service = app.named("Service", service);
            assert_eq!(json(annotation(service, "cloud.google.com/neg"))["ingress"], true);
            let ports = service["spec"]["ports"].as_sequence().unwrap();
            let port = ports.iter().find(|port| &port["port"] == number).unwrap();
            let configs = json(annotation(service, "cloud.google.com/backend-config"));
            let by_name = &configs["ports"][port["name"].as_str().unwrap()];
            let name = by_name.as_str().or(configs["default"].as_str()).unwrap();
            let config =
                app.all("BackendConfig").find(|one| one["metadata"]["name"] == name).unwrap();
            let is_static = path.starts_with("/static-");
            assert_eq!(config["spec"]["cdn"]["enabled"], is_static, "{path}");
            assert_eq!(config["spec"]["healthCheck"]["port"], port["targetPort"]);
            if path == session {
                sessions += 1;
                assert_eq!(
                    config["spec"]["timeoutSec"].as_u64().unwrap(),
                    app.spec.session.max_age.get()
                );
                let affinity = &config["spec"]["sessionAffinity"]["affinityType"];
                assert!(affinity == "CLIENT_IP" || affinity == "GENERATED_COOKIE");
            }
        }
        let hosts = ingress["spec"]["rules"].as_sequence().unwrap().len();
        assert_eq!(sessions, hosts, "every host routes the Socket.IO path");
    });
}

#[test]
fn nginx_listens_where_the_service_sends_and_answers_the_health_check() {
    for_each_app(|app| {
        let service = app
            .all("Service")
            .find(|one| one["metadata"]["name"] == *app.plan.names.service)
            .unwrap();
        let port = service["spec"]["ports"][0]["targetPort"].as_u64().unwrap();
        assert_eq!(app.directive("listen"), format!("{port} default_server"));
        let config = app.all("BackendConfig").next().unwrap();
        let path = config["spec"]["healthCheck"]["requestPath"].as_str().unwrap();
        assert!(app.nginx().contains(&format!("location = {path} {{")), "{path}");
    });
}

#[test]
fn nginxs_numbers_follow_the_ladder() {
    let seconds = |text: &str| text.strip_suffix('s').unwrap().parse::<u64>().unwrap();
    for_each_app(|app| {
        let spec = &app.spec;
        let silence = spec.socketio.ping_interval.get() + spec.socketio.ping_timeout.get();
        assert!(seconds(app.directive("proxy_read_timeout")) * 1000 > silence);
        assert!(seconds(app.directive("keepalive_timeout")) > 600);
        let body = app.directive("client_max_body_size").strip_suffix('m').unwrap();
        assert!(body.parse::<u64>().unwrap() << 20 >= spec.socketio.max_message.get());
        assert_eq!(app.directive("proxy_buffering"), "off");
        assert_eq!(app.directive("proxy_http_version"), "1.1");
    });
}

/// Pods that are selected, and that outlive the drain.
#[test]
fn pods_are_selected_by_their_own_service_alone_and_outlive_the_drain() {
    for_each_app(|app| {
        let drain = app.spec.session.drain.get();
        for pods in app.all("Deployment").chain(app.all("StatefulSet")) {
            let (template, labels) =
                (&pods["spec"]["template"], &pods["spec"]["template"]["metadata"]["labels"]);
            let selects = |selector: &Value| {
                let pairs = selector.as_mapping().unwrap().iter();
                pairs.into_iter().all(|(key, value)| &labels[key] == value)
            };
            assert!(selects(&pods["spec"]["selector"]["matchLabels"]));
            let pod = &template["spec"];
            let grace = pod["terminationGracePeriodSeconds"].as_u64().unwrap();
            for container in pod["containers"].as_sequence().unwrap() {
                let wait = container["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().unwrap();
                assert!(drain <= wait && wait < grace, "{drain} {wait} {grace}");
            }
            let budgets = app.all("PodDisruptionBudget");
            let covering =
                budgets.filter(|budget| selects(&budget["spec"]["selector"]["matchLabels"]));
            assert_eq!(covering.count(), 1);
        }
        for service in app.all("Service") {
            let selector = service["spec"]["selector"].as_mapping().unwrap();
            let pods = app.all("Deployment").chain(app.all("StatefulSet"));
            let selected = pods.filter(|pods| {
                let labels = &pods["spec"]["template"]["metadata"]["labels"];
                selector.iter().all(|(key, value)| &labels[key] == value)
            });
            assert!(selected.count() <= 1);
        }
    });
}

#[test]
fn another_configuration_makes_other_pods() {
    let (profile, renderer) = (gke(), Renderer::new(Style::default()));
    let checksum = |more: &str| {
        let text = format!(
            "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\n[workload]\nimage = \"chat\"\n{more}"
        );
        let app = Rendered::new(&renderer, decided(&text, &profile).unwrap());
        let pods = app.all("Deployment").next().unwrap();
        let template = &pods["spec"]["template"];
        template["metadata"]["annotations"]["checksum/nginx-conf"].as_str().unwrap().to_owned()
    };
    assert_eq!(checksum(""), checksum("[session]\nmax-age = \"1h\"\n"));
    assert_ne!(checksum(""), checksum("[socketio]\nping-interval = \"60s\"\n"));
}
