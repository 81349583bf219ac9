//! A rollout that ends sessions all at once, or pods that refuse what is still sent to them.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Container, Grade, TargetPort, Workload};
use crate::manifest::Node;
use crate::path::{Backend, Part};

pub(super) static RULE: Rule = Rule {
    id: "rollout-cuts-sessions",
    severity: Severity::Warning,
    grade: Grade::Documented,
    fix: Applicability::Manual,
    sources: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy",
        "https://cloud.google.com/kubernetes-engine/docs/how-to/container-native-load-balancing",
        "https://nginx.org/en/docs/control.html",
    ],
    page: include_str!("rollout_cuts_sessions.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (backend, session) in model.session_backends() {
        let workloads = backend.pods.workloads.iter();
        let drafts = workloads.filter_map(|one| all_at_once(one).or_else(|| refused(backend, one)));
        findings.extend(drafts.map(|draft| draft.because(session.because())));
    }
}

/// A strategy that ends every pod before a new one is there; with one pod there is little else to choose.
fn all_at_once(workload: &Workload<'_>) -> Option<Draft> {
    let object = &workload.0;
    let (node, path) = workload.ends_all_at_once()?;
    let message = "each rollout ends every session at once: all pods go before the first new one is there, and nobody answers meanwhile";
    let help =
        "write `strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}`";
    Some(Draft::at(object.at(node), "", message).of(object, path).help(help))
}

/// nginx closes its port as soon as it is told to stop; for some seconds the load balancer does not know.
fn refused(backend: &Backend<'_>, workload: &Workload<'_>) -> Option<Draft> {
    let several = backend.pods.most().is_some_and(|most| most > 1);
    let gate = gate(backend, workload).filter(|_| several && backend.is_behind_gce())?;
    if gate.0.at(&["lifecycle", "preStop"]).is_some() {
        return None;
    }
    let name = gate.0.get("name").unwrap_or(gate.0);
    let message = "on each rollout some requests are answered with 502: nginx closes its port at once, and the load balancer sends to it for some seconds more";
    let path = format!("spec.template.spec.containers[name={}].lifecycle.preStop", gate.name());
    let draft = Draft::at(workload.0.at(name), "no `preStop`", message)
        .of(&workload.0, path)
        .help("write into the container: `lifecycle: {preStop: {sleep: {seconds: 15}}}`, and count it into `terminationGracePeriodSeconds`");
    Some(draft)
}

/// The nginx that the Service's port leads to.
fn gate<'s>(backend: &Backend<'s>, workload: &Workload<'s>) -> Option<Container<'s>> {
    let target = backend.port.target_port()?;
    let has = |container: &Container<'s>| {
        container.ports().into_iter().any(|port| match target {
            TargetPort::Number(number) => {
                port.get("containerPort").and_then(Node::as_int) == Some(number)
            }
            TargetPort::Name(name) => port.get("name").and_then(Node::as_str) == Some(name),
        })
    };
    let mut containers = workload.containers().into_iter();
    containers.find(|one| one.runs_nginx() && has(one))
}
