//! A BackendConfig that no Google Ingress reads.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::kube::{Attachment, Controller, Route, Service, is_placeholder};
use crate::path::{Model, Part};

pub(super) static RULE: Rule = Rule {
    id: "backendconfig-not-in-force",
    severity: Severity::Warning,
    grade: Grade::Source,
    fix: Applicability::Manual,
    sources: &[
        "kubernetes/ingress-gce:pkg/annotations/service.go",
        "https://cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources",
        "https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration",
    ],
    page: include_str!("backendconfig_not_in_force.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for service in model.services() {
        let Some(attachment) = Attachment::of(&service.0) else {
            continue;
        };
        let ways = model.routes_to(service).unwrap_or_default();
        let draft = match ways.first() {
            Some(route) if ways.iter().all(is_of_another) => {
                Some(other_class(service, &attachment, route))
            }
            Some(_) => None,
            None => at_gateway(model, service, &attachment)
                .or_else(|| passthrough(service, &attachment)),
        };
        if let Some(draft) = draft {
            findings.add(draft);
        }
    }
}

/// Whether another controller than Google's serves an Ingress, as its class tells.
fn is_of_another(route: &Route<'_>) -> bool {
    let class = class_of(route).is_some_and(|class| !is_placeholder(class));
    class && !matches!(route.ingress.controller(), Controller::Gce(_))
}

fn class_of<'s>(route: &Route<'s>) -> Option<&'s str> {
    let ingress = &route.ingress;
    let class = ingress.class_annotation().filter(|class| !class.is_empty());
    class.or_else(|| ingress.class_name())
}

fn other_class(service: &Service<'_>, attachment: &Attachment<'_>, route: &Route<'_>) -> Draft {
    let ingress = &route.ingress;
    let class = class_of(route).unwrap_or_default();
    let message = format!(
        "none of the BackendConfig is in force: the Ingress that leads here is of the class `{class}`, whose controller reads no BackendConfig"
    );
    Draft::at(
        service.0.place(attachment.entry.key_span()),
        "read for a Google Ingress only",
        message,
    )
    .of(&service.0, attachment.path())
    .and(ingress.0.title(), format!("of the class `{class}`"))
    .help("set the same with the annotations of that class, and take this one out")
}

/// Behind a Gateway, whose controller has policies of its own.
fn at_gateway(
    model: &Model<'_>,
    service: &Service<'_>,
    attachment: &Attachment<'_>,
) -> Option<Draft> {
    let route = model.http_route_to(service)?;
    let message = "none of the BackendConfig is in force: an HTTPRoute leads here, and Gateways read no BackendConfig";
    let place = service.0.place(attachment.entry.key_span());
    let draft = Draft::at(place, "read for a Google Ingress only", message)
        .of(&service.0, attachment.path())
        .and(route.title(), "leads here");
    Some(draft.help("write a GCPBackendPolicy and a HealthCheckPolicy for the Service instead"))
}

/// Of a type that has a load balancer of its own, of another kind.
fn passthrough(service: &Service<'_>, attachment: &Attachment<'_>) -> Option<Draft> {
    let node = service.0.in_spec(&["type"])?;
    if node.as_str() != Some("LoadBalancer") {
        return None;
    }
    let message = "none of the BackendConfig is in force: this type makes a passthrough load balancer, which reads none, \
                   and no Ingress among the files given leads here";
    let draft = Draft::at(service.0.at(node), "a passthrough load balancer", message)
        .of(&service.0, "spec.type")
        .and(service.0.place(attachment.entry.key_span()), "read for a Google Ingress only");
    Some(
        draft
            .help("lead an Ingress of the class `gce` to the Service, and write `type: ClusterIP`"),
    )
}
