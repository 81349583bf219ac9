//! A port of a Service that is there and leads elsewhere on purpose, while another one leads where ours is to lead.

use super::{Change, ObjectDiff, ground};
use crate::kube::{Service, ServicePort, Workload};
use crate::manifest::Node;
use crate::set::Set;

/// Leaves such a port to people, and the routes that would be led to it.
pub(super) fn leave(diffs: &mut [ObjectDiff<'_>], theirs: &Set<'_>) {
    let taken: Vec<Taken> = diffs.iter().filter_map(|diff| Taken::of(diff, theirs)).collect();
    for taken in taken {
        for change in diffs.iter_mut().flat_map(|diff| &mut diff.changes) {
            if change.edit.is_ok() && taken.is_about(change) {
                change.edit = Err(taken.why());
            }
        }
    }
}

struct Taken {
    /// The number, which ours is to have.
    number: i64,
    /// Where it leads.
    leads_to: i64,
    /// The number of the port that leads where ours is to lead.
    other: i64,
}

impl Taken {
    fn of(diff: &ObjectDiff<'_>, theirs: &Set<'_>) -> Option<Self> {
        let ours = diff.ours.filter(|one| one.kind == "Service").map(Service)?;
        let there = Service(diff.theirs?);
        let selector = there.0.in_spec(&["selector"]).map(ground::labels)?;
        let pods = theirs.objects.iter().filter_map(Workload::of);
        let pods = pods.filter(|pod| pod.0.shares_namespace_with(&there.0));
        let pods: Vec<_> = pods.filter(|pod| pod.is_selected_by(&selector)).collect();
        let served = |port: &ServicePort<'_>| {
            let target = port.target_port()?;
            let number = pods.iter().find_map(|pod| pod.port_number(target))?;
            pods.iter().any(|pod| pod.container_ports().contains(&number)).then_some(number)
        };
        ours.ports().iter().find_map(|own| {
            let (number, wanted) = (own.number?, own.target.and_then(Node::as_int)?);
            let all = there.ports();
            let it = all.iter().find(|port| port.number == Some(number))?;
            let leads_to = served(it).filter(|leads_to| *leads_to != wanted)?;
            let other = all.iter().find(|port| served(port) == Some(wanted))?.number?;
            Some(Self { number, leads_to, other })
        })
    }

    fn is_about(&self, change: &Change) -> bool {
        let is_route = change.path.contains(".service.port")
            && change.new.as_deref() == Some(&*self.number.to_string());
        is_route || change.path == format!("spec.ports[port={}].targetPort", self.number)
    }

    fn why(&self) -> String {
        let Self { number, leads_to, other } = self;
        format!(
            "port {number} of the Service leads to {leads_to} of its pods, and port {other} leads where this app's is to: which of \
             them is to be port {number} is not said anywhere"
        )
    }
}
