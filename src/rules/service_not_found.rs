//! An Ingress that leads to a Service, or to a port of it, that is not there.

use std::collections::BTreeSet;

use serde_json::json;

use super::wording::is_slip;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Grade, Ingress, PortReference, Route, Service, ServicePort, TargetPort};
use crate::path::{Model, Part};

pub(super) static RULE: Rule = Rule {
    id: "service-not-found",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes/ingress-gce:pkg/controller/translator/translator.go",
        "kubernetes/ingress-gce:pkg/controller/controller.go",
    ],
    page: include_str!("service_not_found.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (_, routes) in model.with_routes() {
        let any_given = routes.iter().any(|route| model.service_of(route).is_some());
        // A Service that several hosts lead to is said once.
        let mut said = BTreeSet::new();
        let judge = |route: &Route<'_>| match model.service_of(route) {
            Some(found) => port_missing(model, route, &found),
            None if said.insert(route.service_name().map(str::to_owned)) => {
                missing(model, route, any_given)
            }
            None => None,
        };
        findings.extend(routes.iter().filter_map(judge));
    }
}

/// What comes of it, by who serves the Ingress.
fn consequence(ingress: &Ingress<'_>) -> &'static str {
    if ingress.is_gce() {
        "the whole Ingress stops being updated, every host and path of it"
    } else {
        "requests for this path are answered with 503"
    }
}

/// Files for one app say little about the Services of others, and with another controller one path is lost, not
/// all. A name that is nearly right says much.
fn missing(model: &Model<'_>, route: &Route<'_>, any_given: bool) -> Option<Draft> {
    let (node, name) = (route.service()?, route.service_name()?);
    let object = &route.ingress.0;
    let mut given = model.services_like(name).map(|one| one.0);
    let near = given.find(|one| one.shares_namespace_with(object) && is_slip(one.name, name));
    if near.is_none() && !(any_given && route.ingress.is_gce()) {
        return None;
    }
    let consequence = consequence(&route.ingress);
    let message = format!(
        "Service `{name}` is not among the files given: unless it is in the cluster, {consequence}"
    );
    let draft = Draft::at(object.at(node), "not found", message)
        .of(object, route.path_name("backend.service.name"))
        .only(Severity::Warning);
    Some(match near {
        Some(one) => {
            let fix = object.set_node(node, one.name);
            let draft = draft.and(one.title(), "this one is");
            draft.help(format!("write `name: {}`", one.name)).fix(Applicability::Unsafe, fix)
        }
        None => draft.help("give its file too, or correct the name"),
    })
}

/// A Service of several files, such as base and overlay, has the ports of all.
fn port_missing(model: &Model<'_>, route: &Route<'_>, found: &Service<'_>) -> Option<Draft> {
    let (reference, node) = (route.port_reference()?, route.port()?);
    let ports = found.ports();
    let has = || {
        let twins = model.set.candidates("Service", found.0.name).into_iter();
        twins.copied().map(Service).any(|one| one.port(reference).is_some())
    };
    if found.port(reference).is_some()
        || has()
        || ports.is_empty()
        || found.service_type() == "ExternalName"
    {
        return None;
    }
    let (object, name) = (&route.ingress.0, found.0.name);
    let consequence = consequence(&route.ingress);
    let message = format!("Service `{name}` has no port `{reference}`: {consequence}");
    let own: Vec<String> = ports.iter().map(ServicePort::said).collect();
    let draft = Draft::at(object.at(node), "no port of the Service", message)
        .of(object, route.path_name("backend.service.port"))
        .and(found.0.at(ports[0].node), "what it has")
        .help(format!("name a port that it has: {}", own.join(", ")))
        .fix(
            Applicability::Safe,
            meant(&ports, reference).and_then(|port| {
                let field = route.backend.at(&["service", "port"]);
                match field.filter(|field| field.is_map()) {
                    Some(field) => object.set_node(field, json!({"number": port})),
                    None => object.set_node(node, port),
                }
            }),
        );
    Some(draft)
}

/// The number of the one port that leads to what is named: a `targetPort` was written for a `port`.
fn meant(ports: &[ServicePort<'_>], reference: PortReference<'_>) -> Option<i64> {
    let leads = |port: &&ServicePort<'_>| match (reference, port.target_port()) {
        (PortReference::Number(number), Some(TargetPort::Number(target))) => number == target,
        (PortReference::Name(name), Some(TargetPort::Name(target))) => name == target,
        _ => false,
    };
    let mut leading = ports.iter().filter(leads);
    let (first, second) = (leading.next()?, leading.next());
    first.number.filter(|_| second.is_none())
}
