//! An annotation that the controller cannot read.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::Grade;
use crate::kube::{Attachment, AttachmentContent, BACKEND_CONFIG_KEY, Service};
use crate::manifest::{Entry, Node};
use crate::path::Part;
use crate::set::Place;

pub(super) static RULE: Rule = Rule {
    id: "backendconfig-annotation-invalid",
    severity: Severity::Error,
    grade: Grade::Source,
    sources: &[
        "kubernetes/ingress-gce:pkg/annotations/service.go",
        "kubernetes/ingress-gce:pkg/controller/errors.go",
    ],
    page: include_str!("backendconfig_annotation_invalid.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for service in model.services() {
        let ways = model.routes_to(service.0.name);
        if let Some(entry) = structured(service) {
            findings.add(refused(service, entry));
            continue;
        }
        let Some((place, beside)) = fault(service).filter(|_| model.may_be_googles(service, ways))
        else {
            continue;
        };
        let message = "every Ingress that leads here stops syncing, with all its hosts and paths: \
                       the controller cannot read which BackendConfig is meant";
        let help = format!(
            "write `{BACKEND_CONFIG_KEY}: '{{\"default\": \"NAME\"}}'`, or take the annotation out"
        );
        let draft = Draft::at(place, beside, message);
        let path = format!("metadata.annotations[\"{}\"]", key(service));
        findings.add(draft.of(&service.0, path).help(help));
    }
}

fn key(service: &Service<'_>) -> &'static str {
    match service.0.annotation(BACKEND_CONFIG_KEY) {
        Some(_) => BACKEND_CONFIG_KEY,
        None => crate::kube::BETA_KEY,
    }
}

fn fault(service: &Service<'_>) -> Option<(Place, String)> {
    let entry = service.0.annotation(key(service))?;
    let value = entry.value();
    let attachment = Attachment::of(&service.0)?;
    if attachment.is_template() {
        return None;
    }
    match &attachment.content {
        AttachmentContent::Names { .. } => None,
        AttachmentContent::Broken(invalid) => {
            Some((attachment.place(&service.0, invalid.span), invalid.message.to_owned()))
        }
        AttachmentContent::Empty => {
            let beside = "neither `default` nor `ports` names one";
            Some((service.0.at(value), beside.to_owned()))
        }
    }
}

/// An annotation that is written as a map or a list of YAML.
fn structured<'s>(service: &Service<'s>) -> Option<Entry<'s>> {
    let entry = service.0.annotation(key(service))?;
    (entry.value().is_map() || entry.value().is_list()).then_some(entry)
}

/// What is no text does not even come to the controller.
fn refused(service: &Service<'_>, entry: Entry<'_>) -> Draft {
    let default = entry.value().get("default").and_then(Node::as_str);
    let name = default.unwrap_or("NAME");
    let message =
        "`kubectl apply` refuses the Service: annotations are texts, and this is YAML of its own";
    Draft::at(service.0.place(entry.key_span()), "put the JSON into quotes", message)
        .of(&service.0, format!("metadata.annotations[\"{}\"]", entry.key()))
        .help(format!("write `{BACKEND_CONFIG_KEY}: '{{\"default\": \"{name}\"}}'`"))
}
