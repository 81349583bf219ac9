//! What leads from one object to another, by labels, a name or a number: whoever changes one end alone breaks it.

use std::collections::BTreeMap;

use crate::kube::{
    Attachment, AttachmentContent, Ingress, Object, PortReference, Service, TargetPort, Workload,
    backends_of,
};
use crate::manifest::Node;
use crate::set::{NginxText, Set};

use super::ground::labels;
use super::loopback;

/// A link that is broken and was not before, or is new and leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// The object that it begins at.
    pub object: String,
    /// What is missing at its end: lower case, no full stop.
    pub what: String,
}

/// A link, by where it begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    object: String,
    field: String,
}

/// Where a link leads.
#[derive(Debug, Clone)]
struct End {
    holds: bool,
    /// What is missing where it does not hold.
    what: String,
    /// Whether it counts only if it held before: nothing may be there for it to hold.
    is_loose: bool,
}

/// The links that edits break: those that held before, and new ones that lead nowhere.
pub fn broken(before: &Set<'_>, after: &Set<'_>) -> Vec<Broken> {
    let (before, after) = (links(before), links(after));
    let is_lost = |(link, end): &(Link, End)| match before.get(link) {
        Some(old) => old.holds && !end.holds,
        None => !end.is_loose && !end.holds,
    };
    let lost = after.into_iter().filter(is_lost);
    lost.map(|(link, end)| Broken { object: link.object, what: end.what }).collect()
}

fn links(set: &Set<'_>) -> BTreeMap<Link, End> {
    let mut all = Links { set, found: BTreeMap::new() };
    for object in &set.objects {
        match object.kind {
            "Service" => all.service(&Service(*object)),
            "Ingress" => all.ingress(object),
            "PodDisruptionBudget" => all.selector(object, &["selector", "matchLabels"]),
            "NetworkPolicy" => all.selector(object, &["podSelector", "matchLabels"]),
            "HorizontalPodAutoscaler" => all.scaled(object),
            _ => {}
        }
        all.backends(object);
        all.policy(object);
        if let Some(workload) = Workload::of(object) {
            all.workload(&workload);
        }
    }
    all.found
}

struct Links<'a, 's> {
    set: &'a Set<'s>,
    found: BTreeMap<Link, End>,
}

impl<'s> Links<'_, 's> {
    fn push(&mut self, object: &Object<'_>, field: impl Into<String>, holds: bool, what: String) {
        let link = Link { object: object.said(), field: field.into() };
        self.found.insert(link, End { holds, what, is_loose: false });
    }

    fn loose(&mut self, object: &Object<'_>, field: &str, holds: bool, what: &str) {
        let link = Link { object: object.said(), field: field.to_owned() };
        self.found.insert(link, End { holds, what: what.to_owned(), is_loose: true });
    }

    fn find(&self, kind: &str, name: &str, near: &Object<'_>) -> Option<Object<'s>> {
        let mut named = self.set.candidates(kind, name).into_iter();
        named.find(|one| one.shares_namespace_with(near) && !one.is_another_vendors()).copied()
    }

    fn chosen(&self, labels: &[(&str, &str)], near: &Object<'_>) -> Vec<Workload<'s>> {
        let all = self.set.objects.iter().filter_map(Workload::of);
        let near = all.filter(|one| one.0.shares_namespace_with(near));
        near.filter(|one| one.is_selected_by(labels)).collect()
    }

    /// What chooses pods by labels.
    fn selector(&mut self, object: &Object<'_>, keys: &[&str]) {
        let labels = object.in_spec(keys).map(labels).unwrap_or_default();
        if !labels.is_empty() {
            let any = !self.chosen(&labels, object).is_empty();
            self.loose(object, "selector", any, "pods to choose");
        }
    }

    fn service(&mut self, service: &Service<'s>) {
        self.selector(&service.0, &["selector"]);
        let pods = self.chosen(&service.selector().unwrap_or_default(), &service.0);
        for port in service.ports() {
            if let (Some(TargetPort::Name(name)), false) = (port.target_port(), pods.is_empty()) {
                let holds =
                    pods.iter().any(|pod| pod.port_number(TargetPort::Name(name)).is_some());
                let field = format!("ports {}", port.said());
                self.push(&service.0, field, holds, format!("port `{name}` of its pods"));
            }
        }
        self.attached(service);
    }

    /// The BackendConfigs of a Service, and the ports that they are for.
    fn attached(&mut self, service: &Service<'s>) {
        let content = Attachment::of(&service.0).map(|one| one.content);
        let Some(AttachmentContent::Names { default, ports }) = content else {
            return;
        };
        for (port, _) in &ports {
            let is_it = |number: Option<i64>| number.is_some_and(|it| it.to_string() == port.name);
            let own = service.ports();
            let holds =
                own.iter().any(|one| one.name == Some(port.name.as_str()) || is_it(one.number));
            let field = format!("attached {}", port.name);
            self.push(&service.0, field, holds, format!("its port `{}`", port.name));
        }
        for config in default.iter().chain(ports.iter().map(|(_, config)| config)) {
            let holds = self.find("BackendConfig", &config.name, &service.0).is_some();
            let field = format!("config {}", config.name);
            self.push(&service.0, field, holds, format!("BackendConfig `{}`", config.name));
        }
    }

    fn ingress(&mut self, object: &Object<'s>) {
        for route in Ingress::new(*object).routes() {
            if let Some(name) = route.service_name() {
                let (field, port) = (route.path_name("backend"), route.port_reference());
                self.leads_to(object, &field, name, port);
            }
        }
        let of = |key: &str| object.annotation_text(key).unwrap_or_default();
        let frontend = of("networking.gke.io/v1beta1.FrontendConfig");
        let certificates = of("networking.gke.io/managed-certificates");
        let named = certificates.split(',').map(|name| ("ManagedCertificate", name.trim()));
        for (kind, name) in named.chain([("FrontendConfig", frontend)]) {
            if !name.is_empty() {
                let holds = self.find(kind, name, object).is_some();
                self.push(object, format!("{kind} {name}"), holds, format!("{kind} `{name}`"));
            }
        }
    }

    fn backends(&mut self, object: &Object<'s>) {
        for (at, backend) in backends_of(object).into_iter().enumerate() {
            if let Some(name) = backend.service() {
                let near = Object { namespace: backend.namespace(), ..*object };
                self.leads_to(&near, &format!("backend {at}"), name, backend.port_reference());
            }
        }
    }

    fn leads_to(
        &mut self,
        object: &Object<'_>,
        field: &str,
        name: &str,
        port: Option<PortReference<'_>>,
    ) {
        let service = self.find("Service", name, object).map(Service);
        let holds = service.is_some_and(|it| port.is_none_or(|port| it.port(port).is_some()));
        let what = match port {
            Some(port) => format!("port `{port}` of Service `{name}`"),
            None => format!("Service `{name}`"),
        };
        self.push(object, field, holds, what);
    }

    /// What a policy is attached to.
    fn policy(&mut self, object: &Object<'_>) {
        let one = object.in_spec(&["targetRef"]);
        let several = object.in_spec(&["targetRefs"]).into_iter().flat_map(Node::items);
        for target in one.into_iter().chain(several) {
            self.named(object, "targetRef", target);
        }
    }

    fn scaled(&mut self, object: &Object<'_>) {
        if let Some(target) = object.in_spec(&["scaleTargetRef"]) {
            self.named(object, "scaleTargetRef", target);
        }
    }

    fn named(&mut self, object: &Object<'_>, field: &str, target: Node<'_>) {
        let text = |key: &str| target.get(key).and_then(Node::as_str);
        if let Some((kind, name)) = text("kind").zip(text("name")) {
            let holds = self.find(kind, name, object).is_some();
            self.push(object, format!("{field} {kind} {name}"), holds, format!("{kind} `{name}`"));
        }
    }

    /// The labels that pods must have, the ConfigMaps that they mount, and the ports that they are probed at.
    fn workload(&mut self, workload: &Workload<'s>) {
        let own = workload.0.in_spec(&["selector", "matchLabels"]).map(labels).unwrap_or_default();
        if !own.is_empty() {
            let holds = workload.is_selected_by(&own);
            self.loose(&workload.0, "selector", holds, "the labels that it asks its own pods for");
        }
        for name in workload.config_maps() {
            let holds = self.find("ConfigMap", name, &workload.0).is_some();
            self.push(&workload.0, format!("map {name}"), holds, format!("ConfigMap `{name}`"));
        }
        self.own_pod(workload);
        for container in workload.containers() {
            for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
                let handler = container.0.get(probe);
                let port = handler.and_then(|it| it.at(&["httpGet", "port"]));
                if let Some(name) = port.and_then(Node::as_str) {
                    let mut ports = container.ports().into_iter();
                    let holds =
                        ports.any(|port| port.get("name").and_then(Node::as_str) == Some(name));
                    let field = format!("{} {probe}", container.name());
                    self.push(&workload.0, field, holds, format!("its port `{name}`"));
                }
            }
        }
    }

    /// The ports of the pod that its nginx sends to.
    fn own_pod(&mut self, workload: &Workload<'s>) {
        let maps = workload.config_maps();
        let is_mounted = |text: &&NginxText<'_>| {
            let map = text.object();
            map.is_some_and(|map| {
                maps.contains(&map.name) && map.shares_namespace_with(&workload.0)
            })
        };
        let mounted = self.set.nginx.iter().filter(is_mounted);
        let sent_to: Vec<i64> = mounted.flat_map(loopback::ports).collect();
        if !sent_to.is_empty() {
            let own = workload.container_ports();
            let holds = sent_to.iter().all(|port| own.contains(port));
            self.loose(&workload.0, "own pod", holds, "the port that nginx sends to");
        }
    }
}
