//! The hops before a backend that keep no client on one pod, besides those that a BackendConfig is for.

use super::{Backend, Model};
use crate::kube::{Loose, Object, Route, RouteKind, Way, loose, loose_way};
use crate::manifest::Node;
use crate::set::Place;

impl<'s> Backend<'s> {
    /// Every such hop. Ways for which `skip` says so are left out.
    pub fn loose_hops(
        &self,
        model: &Model<'s>,
        skip: impl Fn(&Route<'s>) -> bool,
    ) -> Vec<Loose<'s>> {
        let routes = self.routes.iter().filter(|route| !skip(route));
        let routes = routes.filter_map(|route| loose(route, &self.service));
        let ways = self.ways_of(RouteKind::IngressRoute);
        let hops = routes.chain(ways.filter_map(loose_way));
        let counted = self.pods.most().is_some() || !self.pods.workloads.is_empty();
        let hops = hops.map(|hop| Loose { sure: hop.sure && counted, ..hop });
        hops.chain(self.loose_gateway(model)).chain(self.loose_service()).collect()
    }

    fn ways_of(&self, kind: RouteKind) -> impl Iterator<Item = &Way<'s>> {
        self.ways.iter().filter(move |way| way.kind == kind)
    }

    /// GKE's Gateways, which read a policy where an Ingress has a BackendConfig.
    fn loose_gateway(&self, model: &Model<'s>) -> Option<Loose<'s>> {
        let mut ways = self.ways_of(RouteKind::HttpRoute);
        let way = ways.find(|way| !model.gke_gateways(&way.object).is_empty())?;
        let Some(policy) = model.policy_of("GCPBackendPolicy", &self.service) else {
            // What does not help there is another rule's to name.
            let asks = way.rule.get("sessionPersistence").is_some();
            let place = way.object.at(way.service().filter(|_| !asks)?);
            return Some(Loose {
                help: "write a GCPBackendPolicy for the Service, with `default: {sessionAffinity: {type: GENERATED_COOKIE}}`",
                sure: false,
                ..hop(
                    way.object,
                    place,
                    "spec.rules.backendRefs",
                    "no GCPBackendPolicy for it among the files given",
                )
            });
        };
        let affinity = policy.in_spec(&["default", "sessionAffinity"]);
        let kind = affinity.and_then(|one| one.get("type").or_else(|| one.get("affinityType")));
        if kind.is_some_and(|kind| kind.text() != Some("NONE")) {
            return None;
        }
        let place = kind.map_or_else(|| policy.spec_title(), |node| policy.at(node));
        Some(Loose {
            help: "write `sessionAffinity: {type: GENERATED_COOKIE}` below `default`",
            ..hop(policy, place, "spec.default.sessionAffinity.type", "no affinity")
        })
    }

    /// A Service that an nginx sends to by its name: kube-proxy takes any pod for each connection.
    fn loose_service(&self) -> Option<Loose<'s>> {
        let service = &self.service;
        let headless = service.0.in_spec(&["clusterIP"]).and_then(Node::as_str) == Some("None");
        let known = !self.proxies.is_empty() && !self.pods.workloads.is_empty();
        let kept = service.client_ip_affinity().is_some();
        if !known || kept || headless || service.service_type() == "ExternalName" {
            return None;
        }
        Some(Loose {
            help: "write `sessionAffinity: ClientIP` into the Service; to spread the sessions of one nginx over the pods, make it headless (`clusterIP: None`) and let nginx choose by `hash`",
            ..hop(
                service.0,
                service.0.spec_title(),
                "spec.sessionAffinity",
                "nginx sends here by this name, and kube-proxy takes any pod",
            )
        })
    }
}

fn hop<'s>(object: Object<'s>, place: Place, path: &str, beside: &'static str) -> Loose<'s> {
    Loose { object, place, path: path.to_owned(), beside, help: "", sure: true }
}
