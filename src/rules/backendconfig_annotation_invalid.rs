//! An annotation that the controller cannot read.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Edit, Severity, SourceId};
use crate::kube::Grade;
use crate::kube::{Attachment, AttachmentContent, BACKEND_CONFIG_KEY, Service};
use crate::manifest::{self, Entry, Node, json};
use crate::path::Part;
use crate::set::Place;

pub(super) static RULE: Rule = Rule {
    id: "backendconfig-annotation-invalid",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes/ingress-gce:pkg/annotations/service.go",
        "kubernetes/ingress-gce:pkg/controller/errors.go",
    ],
    page: include_str!("backendconfig_annotation_invalid.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for service in model.services() {
        if let Some(entry) = structured(service) {
            findings.add(refused(service, entry));
            continue;
        }
        let matters = || model.may_be_googles(service, model.routes_to(service).as_deref());
        let Some((place, beside, fix)) = fault(service).filter(|_| matters()) else {
            continue;
        };
        let message = "every Ingress that leads here stops syncing, with all its hosts and paths: \
                       the controller cannot read which BackendConfig is meant";
        let help = format!(
            "write `{BACKEND_CONFIG_KEY}: '{{\"default\": \"NAME\"}}'`, or take the annotation out"
        );
        let draft = Draft::at(place, beside, message);
        let path = format!("metadata.annotations[\"{}\"]", key(service));
        findings.add(draft.of(&service.0, path).help(help).fix(Applicability::Safe, fix));
    }
}

fn key(service: &Service<'_>) -> &'static str {
    match service.0.annotation(BACKEND_CONFIG_KEY) {
        Some(_) => BACKEND_CONFIG_KEY,
        None => crate::kube::BETA_KEY,
    }
}

/// Where it is, what is said beside that, and the repair.
type Fault = (Place, String, Option<(SourceId, Edit)>);

fn fault(service: &Service<'_>) -> Option<Fault> {
    let entry = service.0.annotation(key(service))?;
    let value = entry.value();
    let attachment = Attachment::of(&service.0)?;
    if attachment.is_template() {
        return None;
    }
    match &attachment.content {
        AttachmentContent::Names { .. } => None,
        AttachmentContent::Broken(invalid) => {
            let fix =
                meant(attachment.text()).map(|text| service.0.set_annotation(key(service), text));
            let place = attachment.place(&service.0, invalid.span);
            Some((place, invalid.message.to_owned(), fix))
        }
        AttachmentContent::Empty => {
            let beside = "neither `default` nor `ports` names one";
            Some((service.0.at(value), beside.to_owned(), None))
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
        .fix(
            Applicability::Safe,
            as_json(entry.value()).map(|text| service.0.set_annotation(&entry.key(), text)),
        )
}

/// The JSON that a text was to be, where a brace too many or YAML's looser quotes are all that is wrong with it.
fn meant(text: &str) -> Option<String> {
    let mut rest = text.trim_end();
    while let Some(shorter) = rest.strip_suffix('}') {
        rest = shorter.trim_end();
        if json::read(rest).is_ok() {
            return read_loosely(rest).map(|_| rest.to_owned());
        }
    }
    read_loosely(text)
}

/// Names of BackendConfigs that are written as YAML, as JSON.
fn read_loosely(text: &str) -> Option<String> {
    let stream = manifest::read(text);
    let [only] = stream.documents().collect::<Vec<_>>()[..] else {
        return None;
    };
    as_json(only.root()?).filter(|_| stream.problems.is_empty())
}

/// A map of YAML's with the names of BackendConfigs, and nothing else, as JSON.
fn as_json(map: Node<'_>) -> Option<String> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let member = |entry: Entry<'_>| {
        let value = match (&*entry.key(), entry.value()) {
            ("default", name) => quoted(name.as_str()?),
            ("ports", ports) if ports.is_map() => {
                let port = |one: Entry<'_>| {
                    Some(format!("{}: {}", quoted(&one.key()), quoted(one.value().as_str()?)))
                };
                let ports: Option<Vec<String>> = ports.entries().map(port).collect();
                format!("{{{}}}", ports?.join(", "))
            }
            _ => return None,
        };
        Some(format!("{}: {value}", quoted(&entry.key())))
    };
    let members: Option<Vec<String>> = map.entries().map(member).collect();
    let members = members.filter(|members| map.is_map() && !members.is_empty())?;
    Some(format!("{{{}}}", members.join(", ")))
}
