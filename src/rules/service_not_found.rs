//! An Ingress that leads to a Service, or to a port of it, that is not there.

use std::collections::BTreeSet;

use strsim::damerau_levenshtein;

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::{Grade, Ingress, Route, Service, ServicePort};
use crate::path::{Model, Part};

pub(super) static RULE: Rule = Rule {
    id: "service-not-found",
    severity: Severity::Error,
    grade: Grade::Source,
    sources: &[
        "kubernetes/ingress-gce:pkg/controller/translator/translator.go",
        "kubernetes/ingress-gce:pkg/controller/controller.go",
    ],
    page: include_str!("service_not_found.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for ingress in model.ingresses() {
        let routes = ingress.routes();
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
    let mut given = model.services.iter().map(|one| one.0);
    let near = given.find(|one| one.shares_namespace_with(object) && is_near(one.name, name));
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
            draft.and(one.title(), "this one is").help(format!("write `name: {}`", one.name))
        }
        None => draft.help("give its file too, or correct the name"),
    })
}

/// `chat-v1` and `chat-v2` are two, and no slip.
fn is_near(own: &str, wanted: &str) -> bool {
    let letters = |name: &str| name.replace(|c: char| c.is_ascii_digit(), "");
    damerau_levenshtein(own, wanted) <= wanted.len() / 8 && letters(own) != letters(wanted)
}

/// A Service of several files, such as base and overlay, has the ports of all.
fn port_missing(model: &Model<'_>, route: &Route<'_>, found: &Service<'_>) -> Option<Draft> {
    let (reference, node) = (route.port_reference()?, route.port()?);
    let twins = model.set.candidates("Service", found.0.name).into_iter();
    let mut twins = twins.copied().map(Service);
    let ports = found.ports();
    let has = twins.any(|one| one.port(reference).is_some());
    if has || ports.is_empty() || found.service_type() == "ExternalName" {
        return None;
    }
    let (object, name) = (&route.ingress.0, found.0.name);
    let consequence = consequence(&route.ingress);
    let message = format!("Service `{name}` has no port `{reference}`: {consequence}");
    let own: Vec<String> = ports.iter().map(ServicePort::said).collect();
    let draft = Draft::at(object.at(node), "no port of the Service", message)
        .of(object, route.path_name("backend.service.port"))
        .and(found.0.at(ports[0].node), "what it has")
        .help(format!("name a port that it has: {}", own.join(", ")));
    Some(draft)
}
