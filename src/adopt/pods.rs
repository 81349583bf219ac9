//! What runs the app: `replicas`, `selector` and `[workload]`.

use std::collections::BTreeMap;

use super::app::App;
use super::draft::Draft;
use super::front::in_range;
use super::proxy::Proxy;
use super::{names, nginx};
use crate::kube::{Container, Object, Workload};
use crate::manifest::Node;
use crate::spec::{Cpu, Image, Memory, ObjectName, Seconds, VariableName};

/// How many pods there are, and what the Service selects them by.
pub(super) fn write(app: &App<'_, '_>, draft: &mut Draft) {
    let is_gateway = app.proxy.as_ref().is_some_and(Proxy::is_gateway);
    if !is_gateway {
        let count = app.session.pods.count_node();
        let count = count.and_then(|(_, node)| node.as_int());
        // Where no pods are given, a mark may say how many there are.
        let said = app.session.session.as_ref().filter(|_| app.session.pods.workloads.is_empty());
        let said = said.and_then(|session| session.numbers.replicas);
        let count = count.or(said.and_then(|count| i64::try_from(count).ok()));
        if let Some(count) = count.filter(|count| (1..=1000).contains(count)) {
            draft.set("replicas", count);
        }
    }
    let of = match app.proxy.as_ref().and_then(|proxy| proxy.behind.as_ref()) {
        Some(behind) => app.named("Service", &behind.pods_service),
        None => Some(app.service.0),
    };
    let pairs = of.and_then(|service| crate::kube::Service(service).selector());
    let pairs: BTreeMap<&str, &str> = pairs.unwrap_or_default().into_iter().collect();
    let name = draft.get("name").and_then(serde_json::Value::as_str);
    let default: BTreeMap<&str, &str> =
        name.into_iter().map(|name| ("app.kubernetes.io/name", name)).collect();
    if !pairs.is_empty() && pairs != default {
        draft.set("selector", pairs);
    }
}

/// The Deployment or StatefulSet that sioway would render, if the pods are of one.
pub(super) fn candidate<'s>(app: &App<'_, 's>) -> Option<Object<'s>> {
    match app.proxy.as_ref().and_then(|proxy| proxy.behind.as_ref()) {
        Some(behind) => app.named("StatefulSet", &behind.workload),
        None => app.workload().map(|one| one.0).filter(|one| one.kind == "Deployment"),
    }
}

/// Writes `[workload]`; `false` where the pods have not the shape that sioway renders.
pub(super) fn workload(app: &App<'_, '_>, object: &Object<'_>, draft: &mut Draft) -> bool {
    let Some(workload) = Workload::of(object) else {
        return false;
    };
    let containers = workload.containers();
    let Some(own) = containers.iter().find(|one| one.name() == "app") else {
        return false;
    };
    let image = draft.parse::<Image>("workload.image", own.image());
    if !image || !environment(own, draft) {
        return false;
    }
    let text = |keys: &[&str]| own.0.at(keys).and_then(Node::text);
    if let Some(cpu) = text(&["resources", "requests", "cpu"]) {
        draft.parse::<Cpu>("workload.cpu", cpu);
    }
    if let Some(memory) = text(&["resources", "requests", "memory"]) {
        draft.parse::<Memory>("workload.memory", memory);
    }
    let user = own.0.at(&["securityContext", "runAsUser"]);
    let user = user.and_then(Node::as_int);
    let user = user.and_then(|user| i32::try_from(user).ok());
    if let Some(user) = user.filter(|user| *user > 0) {
        draft.set("workload.user", user);
    }
    if let Some(count) = workload.replicas_node().and_then(Node::as_int) {
        draft.set("replicas", count);
    }
    names::workload(app, draft);
    if app.proxy.as_ref().is_some_and(|one| !one.is_gateway()) {
        nginx::image(&containers, draft);
    }
    ports_are_known(own)
}

/// Gives the grace period, where it is not what follows from the rest.
pub(super) fn grace_period(object: &Object<'_>, draft: &mut Draft) {
    let grace = Workload::of(object).and_then(|one| one.grace_period()?.as_int());
    if let Some(grace) = grace.and_then(|grace| u64::try_from(grace).ok()) {
        draft.set("workload.grace-period", Seconds::new(grace));
    }
}

fn environment(container: &Container<'_>, draft: &mut Draft) -> bool {
    let mut variables = BTreeMap::new();
    for one in items(container.0, "env") {
        let (Some(name), Some(value)) = (one.get("name"), one.get("value")) else {
            return false;
        };
        let name = name.as_str().filter(|name| name.parse::<VariableName>().is_ok());
        let (Some(name), Some(value)) = (name, value.as_str()) else {
            return false;
        };
        variables.insert(name, value);
    }
    let secrets: Option<Vec<ObjectName>> = items(container.0, "envFrom")
        .map(|one| one.at(&["secretRef", "name"])?.as_str()?.parse().ok())
        .collect();
    draft.set("workload.env", variables);
    match secrets {
        Some(secrets) if !secrets.is_empty() => {
            draft.set("workload.secrets", secrets);
            true
        }
        secrets => secrets.is_some(),
    }
}

fn items<'s>(node: Node<'s>, list: &str) -> impl Iterator<Item = Node<'s>> + use<'s> {
    node.get(list).into_iter().flat_map(Node::items)
}

fn ports_are_known(container: &Container<'_>) -> bool {
    let ports = container.ports();
    let mut numbers = ports.iter().map(|port| port.get("containerPort"));
    numbers.all(|port| port.and_then(Node::as_int).and_then(in_range).is_some())
}
