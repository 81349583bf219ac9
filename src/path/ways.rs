//! The ways to a Service that are no Ingress's, within a model.

use rayon::prelude::*;

use super::Model;
use super::evidence::{Carries, Evidence, names_socketio, socketio_path};
use super::{Backend, Part, Session};
use crate::kube::controller_defaults::{GatewayClass, LoadBalancer, gateway_class};
use crate::kube::{Object, RouteKind, Service, ServicePort, Way, ways_of};
use crate::manifest::Node;
use crate::set::{Mark, Place, Tie};

/// Every way, with the port of the Service that it leads to.
pub(super) fn resolved<'m, 's>(
    model: &'m Model<'s>,
) -> impl ParallelIterator<Item = (Way<'s>, Service<'s>, ServicePort<'s>)> + use<'m, 's> {
    let leads = move |way: Way<'s>| {
        let service = model.service(way.service()?.as_str()?, &way.object)?;
        Some((way, service, service.port(way.port_reference()?)?))
    };
    model.set.objects.par_iter().flat_map_iter(ways_of).filter_map(leads)
}

/// What a way's own path says of sessions.
pub(super) fn evidence(way: &Way<'_>) -> Option<Evidence> {
    let path = way.path.filter(|_| names_socketio(way.path_text))?;
    Some(Evidence {
        carries: Carries::SocketIo,
        place: way.object.at(path),
        said: "this is Socket.IO's path",
        mark: Mark { path: socketio_path(way.path_text), ..Mark::default() },
    })
}

/// A Gateway of GKE's as a backend sees it.
#[derive(Debug, Clone, Copy)]
pub struct AtGateway<'s> {
    /// The HTTPRoute that leads to the backend.
    pub route: Object<'s>,
    /// Where that names the Service.
    pub place: Place,
    /// The Gateway's class.
    pub class: &'static GatewayClass,
    /// The `GCPBackendPolicy` of the Service, if it is among the files given.
    pub policy: Option<Object<'s>>,
}

impl<'m, 's> Part<'m, 's> {
    /// The backends that carry sessions behind a Gateway of GKE's; of several Gateways the classic one, which is the
    /// strictest.
    pub fn gateway_sessions(&self) -> Vec<(&'m Backend<'s>, &'m Session, AtGateway<'s>)> {
        let sessions = self.session_backends();
        let at = |backend: &Backend<'s>| {
            let ways = backend.ways.iter().filter(|way| way.kind == RouteKind::HttpRoute);
            let mut found: Vec<AtGateway<'s>> = ways
                .flat_map(|way| {
                    let gateways = self.gke_gateways(&way.object).into_iter();
                    gateways.filter_map(|(_, class)| {
                        let place = way.object.at(way.service()?);
                        Some(AtGateway { route: way.object, place, class, policy: None })
                    })
                })
                .collect();
            found.sort_by_key(|one| one.class.load_balancer != LoadBalancer::Classic);
            let policy = self.policy_of("GCPBackendPolicy", &backend.service);
            found.first().map(|one| AtGateway { policy, ..*one })
        };
        sessions.filter_map(|(backend, session)| Some((backend, session, at(backend)?))).collect()
    }
}

impl<'s> Model<'s> {
    /// The Gateways of GKE's that an `HTTPRoute` hangs on, as far as they are among the files given.
    pub fn gke_gateways(&self, route: &Object<'s>) -> Vec<(Object<'s>, &'static GatewayClass)> {
        let parents = route.in_spec(&["parentRefs"]);
        let parents = parents.into_iter().flat_map(Node::items);
        let gateway = |parent: Node<'s>| {
            let name = parent.get("name")?.as_str()?;
            let wanted = parent.get("namespace").and_then(Node::as_str);
            let wanted = wanted.or(route.namespace);
            let found = self.set.sharing("Gateway", name, wanted).into_iter();
            let gateway = found.copied().find(|one| one.group == "gateway.networking.k8s.io")?;
            let class = gateway.in_spec(&["gatewayClassName"])?.as_str()?;
            Some((gateway, gateway_class(class)?))
        };
        parents.filter_map(gateway).collect()
    }

    /// The policy of a kind that is attached to a Service.
    pub fn policy_of(&self, kind: &str, service: &Service<'s>) -> Option<Object<'s>> {
        self.set.ask(Tie::Policy(service.0.name), service.0.namespace);
        let mut attached = self.policies_on.get(service.0.name)?.iter();
        attached.find(|one| one.kind == kind && one.shares_namespace_with(&service.0)).copied()
    }
}
