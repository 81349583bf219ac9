//! The names of ports. Others may ask for a port by the name that it has: a probe, another Service, an Ingress, a
//! monitor. So a port that is there keeps its name, unless something that is rendered asks for it by ours.

use super::ground::{self, Ground};
use super::one_of::keys_of;
use crate::kube::{Object, Service, TargetPort, Workload};
use crate::manifest::{Node, Path, Step, find};
use crate::set::Set;

/// Whether a port that goes by its name there is the one that is rendered by its number.
pub(super) fn is_same(path: &Path, ours: Node<'_>, theirs: Node<'_>, case: &Case<'_, '_>) -> bool {
    let Some((number, name)) = ours.as_int().zip(theirs.as_str()) else {
        return false;
    };
    match keys_of(path)[..] {
        ["spec", "ports", "targetPort"] => case.leads_to(name, number),
        [.., "httpGet" | "tcpSocket", "port"] => case.is_port_of_container(path, name, number),
        _ => false,
    }
}

/// The object that a port is in, as it is rendered and as it is there.
pub(super) struct Case<'a, 's> {
    pub(super) ground: &'a Ground<'s>,
    pub(super) one: &'a Object<'a>,
    pub(super) other: &'a Object<'a>,
}

impl Case<'_, '_> {
    /// Whether the name is this port in all pods of a Service: those that it chooses, and those that it will choose,
    /// which keep the names of their ports.
    fn leads_to(&self, name: &str, number: i64) -> bool {
        let pods = |selector: Option<Node<'_>>| {
            let labels = selector.map(ground::labels).unwrap_or_default();
            self.ground.workloads(&labels, self.other)
        };
        let selector = self.one.in_spec(&["selector"]);
        let labels = selector.map(ground::labels).unwrap_or_default();
        let mut now = pods(self.other.in_spec(&["selector"]));
        let is_any = !now.is_empty();
        now.extend(pods(selector));
        let rendered = self.ground.ours.objects.iter().filter_map(Workload::of);
        let mut rendered = rendered.filter(|one| one.is_selected_by(&labels));
        let is_there = |one: Workload<'_>| {
            let mut twins = self.ground.theirs.candidates(one.0.kind, one.0.name).into_iter();
            twins.any(|twin| twin.shares_namespace_with(self.other))
        };
        Service(*self.other).selector().is_some()
            && is_any
            && now.iter().all(|one| one.port_number(TargetPort::Name(name)) == Some(number))
            && rendered.all(is_there)
    }

    fn is_port_of_container(&self, path: &Path, name: &str, number: i64) -> bool {
        let is_list = |step: &Step| matches!(step, Step::Key(key) if key == "containers");
        let Some(list) = path.steps.iter().position(is_list) else {
            return false;
        };
        let container = path.steps.iter().take(list + 2).cloned().collect();
        let ports = find(self.other.node, &container).and_then(|one| one.get("ports"));
        let is_it = |port: Node<'_>| {
            port.get("name").and_then(Node::as_str) == Some(name)
                && port.get("containerPort").and_then(Node::as_int) == Some(number)
        };
        ports.into_iter().flat_map(Node::items).any(is_it)
    }
}

/// Whether the name of a port stays as it is. A port of a container may do without one, and the name that is rendered
/// may be another port's there; one of a Service may need one, beside other ports.
pub(super) fn is_kept(
    path: &Path,
    own: Node<'_>,
    theirs: Option<Node<'_>>,
    ours: &Set<'_>,
) -> bool {
    let may = match keys_of(path)[..] {
        [.., "containers" | "initContainers", "ports", "name"] => true,
        ["spec", "ports", "name"] => theirs.is_some_and(|theirs| !theirs.is_null()),
        _ => false,
    };
    may && own.as_str().is_some_and(|name| !is_asked_for(ours, name))
}

/// Whether something that is rendered asks for a port by a name.
pub(super) fn is_asked_for(ours: &Set<'_>, name: &str) -> bool {
    ours.objects.iter().any(|one| asks_for(one.node, name))
}

/// Whether some field asks for a port by a name.
fn asks_for(node: Node<'_>, name: &str) -> bool {
    let is_it = |value: Node<'_>| {
        let inner = value.get("name").and_then(Node::as_str);
        value.as_str() == Some(name) || inner == Some(name)
    };
    node.items().any(|item| asks_for(item, name))
        || node.entries().any(|entry| {
            let refers = matches!(&*entry.key(), "port" | "targetPort");
            refers && is_it(entry.value()) || asks_for(entry.value(), name)
        })
}
