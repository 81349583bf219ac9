//! The objects that a session's requests pass, or are decided by.

use std::collections::BTreeSet;

use super::{Backend, ConfigLink, Model};
use crate::diagnostic::ObjectName;
use crate::kube::Object;

impl<'s> Model<'s> {
    /// Every object on the way of a session.
    pub fn carriers(&self) -> BTreeSet<ObjectName> {
        let backends =
            self.whole().session_backends().flat_map(|(backend, _)| self.of_backend(backend));
        let locations = self.whole().session_locations().filter_map(|(site, _)| site.root.object());
        backends.chain(locations.copied()).map(|object| object.object_name()).collect()
    }

    fn of_backend(&self, backend: &Backend<'s>) -> Vec<Object<'s>> {
        let config = match &backend.config {
            ConfigLink::Found(config, _) => Some(config.0),
            ConfigLink::None | ConfigLink::NotGiven(_) => None,
        };
        let ingresses = backend.routes.iter().map(|route| route.ingress.0);
        let pods = backend.pods.workloads.iter().map(|workload| workload.0);
        let sites = backend.sites.iter().filter_map(|site| self.sites[*site].root.object());
        let all = ingresses.chain(pods).chain(sites.copied()).chain(config);
        all.chain([backend.service.0]).collect()
    }
}
