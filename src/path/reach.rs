//! What the files of a model offer to other files: see [`Reach`].

use super::gce::http_route;
use super::{Model, attached, autoscaled, telling};
use crate::kube::{Attachment, Service};
use crate::kustomize::is_kustomization;
use crate::set::{NginxText, Origin, Reach, Tie, directory_of};

impl Model<'_> {
    /// What its files offer to others, and what they asked for while they were judged.
    pub fn reach(&self) -> Reach {
        let mut reach = self.set.reach();
        for file in self.set.files {
            reach.offer(Tie::File(file.name), None);
            if is_kustomization(file.name) {
                reach.offer(Tie::File(directory_of(file.name)), None);
            }
        }
        for object in &self.set.objects {
            reach.offer(Tie::Object(object.kind, object.name), object.namespace);
        }
        for text in &self.set.nginx {
            offer_nginx(text, &mut reach);
        }
        self.offer_services(&mut reach);
        self.offer_what_is_attached(&mut reach);
        reach.done()
    }

    fn offer_services(&self, reach: &mut Reach) {
        for service in &self.services {
            reach.offer_name("Service", service.0.name);
            offer_names(service, reach);
            if let Some((key, value)) = service.selector().and_then(|all| telling(&all)) {
                reach.offer(Tie::Selector(key, value), service.0.namespace);
            }
        }
        for config in self.every_backend_config() {
            reach.offer(Tie::Kind("BackendConfig"), None);
            reach.offer_name("BackendConfig", config.0.name);
        }
        for workload in &self.workloads {
            for (key, value) in workload.pod_labels() {
                reach.offer(Tie::Label(key, value), workload.0.namespace);
            }
        }
    }

    fn offer_what_is_attached(&self, reach: &mut Reach) {
        for route in self.routes.iter().flatten() {
            let name = route.service_name().unwrap_or_default();
            reach.offer(Tie::Leads(name), route.ingress.0.namespace);
        }
        for (name, route) in self.set.of_kind("HTTPRoute").flat_map(http_route) {
            reach.offer(Tie::Leads(name), route.namespace);
        }
        for (name, scaler) in self.set.of_kind("HorizontalPodAutoscaler").map(autoscaled) {
            reach.offer(Tie::Scales(name), scaler.namespace);
        }
        for (name, policy) in self.set.objects.iter().filter_map(attached) {
            reach.offer(Tie::Policy(name), policy.namespace);
        }
    }
}

/// The BackendConfigs that a Service names.
fn offer_names(service: &Service<'_>, reach: &mut Reach) {
    let attachment = Attachment::of(&service.0);
    for named in attachment.iter().flat_map(Attachment::names) {
        reach.offer(Tie::Names(&named.name), service.0.namespace);
    }
}

fn offer_nginx(text: &NginxText<'_>, reach: &mut Reach) {
    reach.offer(Tie::Nginx, None);
    for name in text.mapped() {
        reach.offer(Tie::Variable(name), None);
    }
    if !matches!(text.origin, Origin::File(_)) {
        return;
    }
    let mut directory = directory_of(text.file().name);
    while !directory.is_empty() {
        reach.offer(Tie::NginxBelow(directory), None);
        directory = directory_of(directory);
    }
    reach.offer(Tie::NginxBelow(""), None);
}
