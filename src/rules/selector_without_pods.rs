//! A Service selects no pods, and those beside it are selected by nobody.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Grade, Service, Workload};
use crate::path::{Backend, Model, Part};
use crate::set::directory_of;

pub(super) static RULE: Rule = Rule {
    id: "selector-without-pods",
    severity: Severity::Warning,
    grade: Grade::Documented,
    fix: Applicability::Unsafe,
    sources: &[
        "https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service",
        "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/#does-the-service-have-any-endpointslices",
    ],
    page: include_str!("selector_without_pods.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let mut said: Vec<Service<'_>> = Vec::new();
    for (backend, session) in model.session_backends() {
        // A Service is a backend by each of its ports.
        if said.iter().any(|one| one.0.is(&backend.service.0)) {
            continue;
        }
        said.push(backend.service);
        findings.extend(finding(model, backend).map(|draft| draft.because(session.because())));
    }
}

fn finding(model: &Model<'_>, backend: &Backend<'_>) -> Option<Draft> {
    let service = &backend.service;
    let selector = service.selector().filter(|_| backend.pods.workloads.is_empty())?;
    let workload = left_over(model, service)?;
    let labels = workload.pod_labels();
    let wrong: Vec<&(&str, &str)> = selector.iter().filter(|one| !labels.contains(one)).collect();
    let other = |key: &str| labels.iter().find(|(own, _)| *own == key).map(|(_, value)| *value);
    let [(key, value)] = wrong[..] else {
        return None;
    };
    let meant = other(key)?;
    let node = service.0.in_spec(&["selector"])?.get(key)?;
    let message = format!(
        "the Service leads to no pod: `{key}: {value}` is on none that is among the files, and each request is answered 502 or 503 unless others have it"
    );
    let (kind, name) = (workload.0.kind, workload.0.name);
    let beside = format!("the pods of {kind} `{name}` have `{key}: {meant}`");
    let draft = Draft::at(service.0.at(node), "on no pod", message)
        .of(&service.0, format!("spec.selector[\"{key}\"]"))
        .and(workload.0.title(), beside)
        .help(format!("write `{key}: {meant}`, if these pods are meant"));
    Some(draft.fix(Applicability::Unsafe, service.0.set_node(node, meant)))
}

/// The one workload beside a Service whose pods no Service selects.
fn left_over<'s>(model: &Model<'s>, service: &Service<'s>) -> Option<Workload<'s>> {
    let beside = model.set.in_directory(directory_of(service.0.file.name));
    let mut found = beside
        .filter_map(Workload::of)
        .filter(|one| one.0.shares_namespace_with(&service.0) && one.template().is_some())
        .filter(|one| model.services_before(&one.0).is_empty());
    let (first, second) = (found.next()?, found.next());
    let is_alone = second.is_none() && !model.is_patched(&first.0) && !model.is_patched(&service.0);
    is_alone.then_some(first)
}
