//! A Service's port that leads to nothing in its pods.

use super::wording::is_slip;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::kube::{TargetPort, Workload};
use crate::manifest::Node;
use crate::path::{Backend, Model, Part};

pub(super) static RULE: Rule = Rule {
    id: "target-port-unserved",
    severity: Severity::Error,
    grade: Grade::Documented,
    fix: Applicability::Unsafe,
    sources: &["https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports"],
    page: include_str!("target_port_unserved.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for backend in model.backends().iter().filter(|backend| backend.is_behind_gce()) {
        let draft = match backend.port.target_port() {
            Some(TargetPort::Name(name)) => named(backend, name),
            Some(TargetPort::Number(number)) => numbered(model, backend, number),
            None => None,
        };
        if let Some(draft) = draft {
            findings.add(draft);
        }
    }
}

/// No pod has the name, so that the Service has no endpoint.
fn named(backend: &Backend<'_>, name: &str) -> Option<Draft> {
    let pods = &backend.pods.workloads;
    let has = |workload: &Workload<'_>| workload.port_number(TargetPort::Name(name)).is_some();
    if pods.is_empty() || pods.iter().any(has) {
        return None;
    }
    let message = format!(
        "no pod is ever reached: none has a container port of the name `{name}`, and every request is answered 502 or 503"
    );
    let containers = pods.iter().flat_map(Workload::containers);
    let ports: Vec<Node<'_>> = containers.flat_map(|one| one.ports()).collect();
    let names: Vec<&str> = ports.iter().filter_map(|port| port.get("name")?.as_str()).collect();
    let help = match names.as_slice() {
        [] => format!("write `name: {name}` at the container's port, or the port's number here"),
        known => format!("write one of the names there are: `{}`", known.join("`, `")),
    };
    // Another container, which declares nothing, may be the one that is meant.
    let alone = pods.iter().all(|workload| workload.containers().len() == 1);
    let fix = match (names.as_slice(), backend.port.target) {
        ([only], Some(target)) if ports.len() == 1 && (alone || is_slip(only, name)) => {
            backend.service.0.set_node(target, *only)
        }
        _ => None,
    };
    let slip = names.first().is_some_and(|only| is_slip(only, name));
    let kind = if slip { Applicability::Safe } else { Applicability::Unsafe };
    let draft = draft(backend, message, "a name of no container port");
    Some(draft.help(help).fix(kind, fix))
}

/// What a container declares binds it to nothing, so that this is a suspicion, and said of session traffic only.
fn numbered(model: &Model<'_>, backend: &Backend<'_>, number: i64) -> Option<Draft> {
    let session = backend.session.as_ref()?;
    let pods = &backend.pods;
    if !pods.declare_ports() || pods.declares(number) || model.nginx_listens(&backend.sites, number)
    {
        return None;
    }
    let declared: Vec<String> = pods
        .workloads
        .iter()
        .flat_map(Workload::container_ports)
        .map(|port| port.to_string())
        .collect();
    let message = format!(
        "requests go to port {number} of the pods, and no container says that it listens there: if none does, every one is answered 502"
    );
    let draft = draft(backend, message, "no container port").only(Severity::Warning);
    Some(draft.because(session.because()).help(format!(
        "write the port that the server listens on: the containers say {}",
        declared.join(", ")
    )))
}

fn draft(backend: &Backend<'_>, message: String, beside: &str) -> Draft {
    let (service, port) = (&backend.service.0, &backend.port);
    let place = port.target.map_or_else(|| backend.port_place(), |node| service.at(node));
    let said = port.number.map_or_else(String::new, |number| format!("[port={number}]"));
    let draft =
        Draft::at(place, beside, message).of(service, format!("spec.ports{said}.targetPort"));
    match backend.pods.workloads.first() {
        Some(workload) => draft.and(workload.0.title(), "its pods"),
        None => draft,
    }
}
