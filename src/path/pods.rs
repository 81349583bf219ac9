//! The pods behind a Service.

use crate::kube::{Object, ServicePort, Workload};
use crate::manifest::Node;

use super::Model;

/// The pods behind a Service port.
#[derive(Debug, Clone)]
pub struct Pods<'s> {
    /// What runs them. Several, where a Service selects the pods of several.
    pub workloads: Vec<Workload<'s>>,
    /// The HorizontalPodAutoscalers that scale them.
    pub autoscalers: Vec<Object<'s>>,
}

impl<'s> Pods<'s> {
    pub(super) fn of(model: &Model<'s>, workloads: Vec<Workload<'s>>) -> Self {
        let of = |workload: &Workload<'s>| {
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
        Self { workloads, autoscalers }
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
            (None, false) => fixed,
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

    /// Whether a container has a readiness probe over HTTP, which the controller takes for its health check.
    pub fn have_http_probe(&self) -> bool {
        let mut containers = self.workloads.iter().flat_map(Workload::containers);
        containers.any(|one| one.0.at(&["readinessProbe", "httpGet"]).is_some())
    }
}
