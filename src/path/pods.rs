//! The pods behind a Service.

use crate::kube::{Object, Service, ServicePort, Workload};
use crate::manifest::Node;

use super::Model;
use super::Spoken;
use crate::set::{Place, Tie};

/// The pods behind a Service port.
#[derive(Debug, Clone)]
pub struct Pods<'s> {
    /// What runs them. Several, where a Service selects the pods of several.
    pub workloads: Vec<Workload<'s>>,
    /// The HorizontalPodAutoscalers that scale them.
    pub autoscalers: Vec<Object<'s>>,
    /// The numbers of pods that kustomizations write, and where.
    pub overlaid: Vec<(i64, Place)>,
}

impl<'s> Model<'s> {
    /// The Services that select the pods which an object runs.
    pub fn services_before(&self, object: &Object<'s>) -> Vec<Service<'s>> {
        let workload = Workload::of(object);
        for (key, value) in workload.iter().flat_map(Workload::pod_labels) {
            self.set.ask(Tie::Selector(key, value), object.namespace);
        }
        let runs = |service: &&Service<'s>| {
            let workloads = self.selected_by(service);
            workloads.iter().any(|one| one.0.is(object))
        };
        self.services.iter().filter(runs).copied().collect()
    }

    /// Every Service, for somebody who looks for one whose name is like that.
    pub fn services_like(&self, name: &str) -> impl Iterator<Item = &Service<'s>> {
        self.set.ask_alike("Service", name);
        self.services.iter()
    }
}

impl<'s> Pods<'s> {
    pub(super) fn of(model: &Model<'s>, workloads: Vec<Workload<'s>>) -> Self {
        let of = |workload: &Workload<'s>| {
            model.set.ask(Tie::Scales(workload.0.name), workload.0.namespace);
            let named = model.autoscalers.get(workload.0.name).map(Vec::as_slice);
            let (kind, workload) = (workload.0.kind, *workload);
            let scales = move |object: &&Object<'s>| {
                let target = object.in_spec(&["scaleTargetRef", "kind"]);
                target.and_then(Node::as_str) == Some(kind)
                    && object.shares_namespace_with(&workload.0)
            };
            named.unwrap_or_default().iter().filter(scales)
        };
        let autoscalers = workloads.iter().flat_map(of).copied().collect();
        let overlaid = workloads.iter().flat_map(|one| model.counts_of(&one.0)).collect();
        Self { workloads, autoscalers, overlaid }
    }

    /// The most pods there may be; `None` where nobody knows, as with a DaemonSet or with no workload given.
    pub fn most(&self) -> Option<i64> {
        let scaled =
            self.autoscalers.iter().filter_map(|one| one.in_spec(&["maxReplicas"])?.as_int());
        let scaled = scaled.max();
        let fixed: Option<i64> = self.workloads.iter().map(Workload::replicas).sum();
        match (scaled, self.workloads.is_empty()) {
            (Some(scaled), _) => Some(scaled),
            (None, true) => None,
            (None, false) => {
                let overlaid = self.overlaid.iter().map(|(count, _)| *count);
                fixed.map(|fixed| overlaid.fold(fixed, i64::max))
            }
        }
    }

    /// The value that says how many pods there may be, with the object that it is in.
    pub fn count_node(&self) -> Option<(Object<'s>, Node<'s>)> {
        let scaled = self.autoscalers.first();
        let scaled = scaled.and_then(|one| Some((*one, one.in_spec(&["maxReplicas"])?)));
        scaled.or_else(|| {
            let workload = self.workloads.first()?;
            Some((workload.0, workload.replicas_node()?))
        })
    }

    /// Where it is written how many pods there may be: in a kustomization that makes one pod several, else in an
    /// autoscaler or a workload.
    pub fn count_place(&self) -> Option<Place> {
        let own = self.count_node().map(|(object, node)| object.at(node));
        let several = self.overlaid.iter().filter(|(count, _)| *count > 1);
        let overlaid = several.map(|(_, place)| *place).next();
        overlaid.filter(|_| self.autoscalers.is_empty()).or(own)
    }

    /// The container port that a Service port leads to, where a workload tells.
    pub fn port_number(&self, port: &ServicePort<'_>) -> Option<i64> {
        let target = port.target_port()?;
        let mut found = self.workloads.iter().filter_map(|one| one.port_number(target));
        found.next().or(match target {
            crate::kube::TargetPort::Number(number) => Some(number),
            crate::kube::TargetPort::Name(_) => None,
        })
    }

    /// Whether every container says which ports it listens on, so that one that none names is worth a question.
    pub fn declare_ports(&self) -> bool {
        let mut containers = self.workloads.iter().flat_map(Workload::containers);
        !self.workloads.is_empty() && containers.all(|one| !one.ports().is_empty())
    }

    /// Whether a container says that it listens on a port.
    pub fn declares(&self, port: i64) -> bool {
        let mut pods = self.workloads.iter();
        pods.any(|workload| workload.container_ports().contains(&port))
    }

    /// Whether a container may have a readiness probe that the controller takes for its health check.
    pub fn have_http_probe(&self, service: &Service<'_>, port: &ServicePort<'_>) -> bool {
        // Whoever says a protocol of the port may say HTTPS.
        let any = ["cloud.google.com/app-protocols", "service.alpha.kubernetes.io/app-protocols"]
            .iter()
            .any(|key| service.0.annotation(key).is_some());
        let has = |spoken| self.http_probe(port, spoken).is_some();
        has(Spoken::Http) || any && has(Spoken::Https)
    }

    /// The readiness probe that the controller takes for its health check, as its `httpGet`: over HTTP, on the container
    /// port that requests go to, of the protocol that is spoken there, and without headers of its own but `Host`
    /// (kubernetes/ingress-gce:pkg/controller/translator/translator.go, `getHTTPProbe`, `isSimpleHTTPProbe`).
    pub fn http_probe(
        &self,
        port: &ServicePort<'_>,
        spoken: Spoken,
    ) -> Option<(Object<'s>, Node<'s>)> {
        let target = port.target_port()?;
        self.workloads.iter().find_map(|workload| {
            let mut probes = workload.containers().into_iter().filter_map(|one| {
                let get = one.0.at(&["readinessProbe", "httpGet"])?;
                (one.serves(target, get) && is_simple(get, spoken)).then_some(get)
            });
            Some((workload.0, probes.next()?))
        })
    }
}

/// Whether the controller takes a probe for the check of a port that speaks so.
fn is_simple(get: Node<'_>, spoken: Spoken) -> bool {
    let scheme = get.get("scheme").and_then(Node::as_str).unwrap_or("HTTP");
    let host = get.get("host").and_then(Node::as_str).unwrap_or_default();
    let headers = get.get("httpHeaders").into_iter().flat_map(Node::items);
    let names: Vec<&str> =
        headers.map(|one| one.get("name").and_then(Node::as_str).unwrap_or_default()).collect();
    scheme == spoken.probe_scheme() && host.is_empty() && matches!(names[..], [] | ["Host"])
}
