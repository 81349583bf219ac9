//! An Ingress that would be a second way to a Service that another route leads to already.

use super::{Change, ObjectDiff, Status, Why};
use crate::kube::{Backend, Ingress, Object, backends_of};
use crate::manifest::Node;
use crate::set::Set;

const REASON: &str = "a route leads to this Service already: an Ingress is a second load balancer beside it, at another \
    address";

/// Leaves an Ingress that is not there to people where a route of a Gateway, or of Traefik, leads to its Service.
pub(super) fn mark(diffs: &mut [ObjectDiff<'_>], theirs: &Set<'_>) {
    for diff in diffs.iter_mut().filter(|diff| diff.status == Status::Add) {
        let ingress = diff.ours.filter(|ours| ours.kind == "Ingress");
        if let Some((ingress, there)) =
            ingress.and_then(|ingress| Some((ingress, way_to(&ingress, theirs)?)))
        {
            diff.changes.push(change(&ingress, &there));
        }
    }
}

/// What leads to a Service of an Ingress from outside of the cluster.
fn way_to<'s>(ingress: &Object<'_>, theirs: &Set<'s>) -> Option<Backend<'s>> {
    let routes = Ingress::new(*ingress).routes();
    let is_its = |name: &str| routes.iter().any(|route| route.service_name() == Some(name));
    let comes_in = theirs.objects.iter().filter(|route| !is_within_mesh(route));
    let mut ways = comes_in.flat_map(backends_of);
    ways.find(|way| {
        let near = Object { namespace: way.namespace(), ..way.object };
        way.service().is_some_and(is_its) && ingress.shares_namespace_with(&near)
    })
}

/// A route whose parents are Services is of a mesh: no client comes by it from outside
/// (<https://gateway-api.sigs.k8s.io/mesh/>).
fn is_within_mesh(route: &Object<'_>) -> bool {
    let parents = route.in_spec(&["parentRefs"]).into_iter().flat_map(Node::items);
    let kinds: Vec<_> = parents.map(|one| one.get("kind").and_then(Node::as_str)).collect();
    !kinds.is_empty() && kinds.iter().all(|kind| *kind == Some("Service"))
}

fn change(ingress: &Object<'_>, there: &Backend<'_>) -> Change {
    Change {
        path: "spec".to_owned(),
        old: None,
        new: Some(format!("beside {}", there.object.said())),
        there: Some(there.object.at(there.node)),
        here: ingress.at(ingress.node),
        why: Why { reason: REASON, ..Why::default() },
        edit: Err("which of the two is to stay is not said anywhere".to_owned()),
        notes: Vec::new(),
    }
}
