//! Whether the name of a BackendConfig may be put on a Service: one that is not found stops the whole Ingress
//! (kubernetes/ingress-gce:pkg/controller/errors.go).

use crate::diagnostic::Applicability;
use crate::kube::{Attachment, AttachmentContent, BACKEND_CONFIG_KEY, Service};
use crate::manifest::{Entry, Node};
use crate::path::{Kustomization, Model};

/// Whether a BackendConfig is among the files given for a Service, under the name that it has there.
pub(super) fn is_found(model: &Model<'_>, service: &Service<'_>, name: &str) -> bool {
    // Kustomize renames the object, and leaves the JSON of an annotation as it is.
    let config = model.config_named(name, &service.0);
    config.is_some_and(|config| {
        !model.is_patch(&config)
            && model.kustomizations_of(&config).iter().all(Kustomization::keeps_names)
            && model.goes_along(&config, &service.0)
    })
}

/// Whether nothing comes into force with some BackendConfigs that can turn requests away: a health check that nobody
/// has seen pass, a login, a policy, a cache.
pub(super) fn applicability<'n>(
    model: &Model<'_>,
    service: &Service<'_>,
    names: impl IntoIterator<Item = &'n str>,
) -> Applicability {
    const HARMLESS: [&str; 4] = ["timeoutSec", "sessionAffinity", "connectionDraining", "logging"];
    let is_harmless = |name: &str| {
        let spec = model.config_named(name, &service.0).and_then(|config| config.spec());
        let mut fields = spec.into_iter().flat_map(Node::entries);
        fields.all(|entry| HARMLESS.contains(&&*entry.key()))
    };
    if names.into_iter().all(is_harmless) { Applicability::Safe } else { Applicability::Unsafe }
}

/// Whether what an annotation says would hold on a Service: it is read, names BackendConfigs that are there, and
/// covers each port.
pub(super) fn holds(model: &Model<'_>, service: &Service<'_>, entry: Entry<'_>) -> bool {
    let Some(attachment) = Attachment::of_entry(entry).filter(|one| !one.is_template()) else {
        return false;
    };
    let names = attachment.names();
    matches!(attachment.content, AttachmentContent::Names { .. })
        && attachment.unmatched(service).is_empty()
        && service.ports().iter().all(|port| attachment.for_port(port).is_some())
        && names.iter().all(|named| is_found(model, service, &named.name))
        && !model.is_annotated_elsewhere(&service.0, BACKEND_CONFIG_KEY)
}
