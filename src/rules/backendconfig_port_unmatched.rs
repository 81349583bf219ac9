//! A port that no entry of the annotation is for, or an entry that is for no port.

use super::attaching::is_found;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Edit, Severity, SourceId};
use crate::kube::Grade;
use crate::kube::controller_defaults::BACKEND_TIMEOUT;
use crate::kube::{Attachment, AttachmentContent, Named, Service, ServicePort};
use crate::manifest::{Node, json};
use crate::path::{Backend, Model, Part};

pub(super) static RULE: Rule = Rule {
    id: "backendconfig-port-unmatched",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes/ingress-gce:pkg/backendconfig/utils.go",
        "kubernetes/ingress-gce:pkg/controller/translator/translator.go",
    ],
    page: include_str!("backendconfig_port_unmatched.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for backend in model.backends().iter().filter(|backend| backend.is_behind_gce()) {
        if let Some(draft) = uncovered(model, backend) {
            findings.add(draft);
        }
    }
    for service in model.services() {
        let attachment = Attachment::of(&service.0).filter(|attachment| !attachment.is_template());
        let Some(attachment) = attachment.filter(|_| !service.ports().is_empty()) else {
            continue;
        };
        for key in attachment.unmatched(service) {
            let draft = dead_entry(model, service, &attachment, key, "its settings apply nowhere");
            findings.add(draft.only(Severity::Warning));
        }
    }
}

fn dead_entry(
    model: &Model<'_>,
    service: &Service<'_>,
    attachment: &Attachment<'_>,
    key: &Named,
    harm: &str,
) -> Draft {
    let ports = service.ports();
    let said: Vec<String> = ports.iter().map(ServicePort::said).collect();
    let name = Some(key.name.as_str());
    let message = format!(
        "{harm}: this entry is never used, because the Service has no port `{}`, and nothing complains",
        key.name
    );
    let beside = match ports.iter().find(|port| port.target.and_then(Node::text) == name) {
        Some(_) => "a `targetPort`, not a `port`",
        None => "no port of this Service",
    };
    let draft = Draft::at(attachment.place(&service.0, key.span), beside, message)
        .of(&service.0, attachment.path())
        .and(service.0.at(ports[0].node), "its ports");
    let help = format!("write the port's name or number: {}", said.join(", "));
    // A port that is named as `targetPort` was meant; the only one there is may have been.
    let named = ports.iter().any(|port| is_target(port, key));
    let applicability = if named { Applicability::Safe } else { Applicability::Unsafe };
    draft.help(help).fix(applicability, moved(model, service, attachment, key))
}

fn is_target(port: &ServicePort<'_>, key: &Named) -> bool {
    port.target.and_then(Node::text) == Some(&key.name)
}

/// The entry under the number of the port that it must be for: the one whose `targetPort` it names, or the only one.
fn moved(
    model: &Model<'_>,
    service: &Service<'_>,
    attachment: &Attachment<'_>,
    key: &Named,
) -> Option<(SourceId, Edit)> {
    let AttachmentContent::Names { ports: entries, .. } = &attachment.content else {
        return None;
    };
    let own = service.ports();
    let mut found = own.iter().filter(|port| is_target(port, key));
    let port = match (found.next(), found.next(), own.as_slice()) {
        (Some(port), None, _) => port,
        (None, _, [only]) if entries.len() == 1 => only,
        _ => return None,
    };
    let number = port.number?.to_string();
    let free = entries.iter().all(|(port, _)| port.name != number);
    let all_there = entries.iter().all(|(_, named)| is_found(model, service, &named.name));
    let renamed = |(port, config): &(Named, Named)| {
        let port = if port == key { number.clone() } else { port.name.clone() };
        (port, config.name.clone().into())
    };
    let ports: serde_json::Map<_, serde_json::Value> = entries.iter().map(renamed).collect();
    // The controller's reader looks at no case of a key, an edit does.
    let written = json::read(attachment.text()).is_ok_and(|json| json.get("ports").is_some());
    let edit = || service.0.set_json(&attachment.entry.key(), &["ports"], ports.clone());
    (free && all_there && written).then(edit)
}

/// A port that an Ingress leads to; where an entry is for no port, that one was meant for it.
fn uncovered(model: &Model<'_>, backend: &Backend<'_>) -> Option<Draft> {
    let (service, attachment) = (&backend.service, backend.attachment.as_ref()?);
    let names = matches!(attachment.content, AttachmentContent::Names { .. });
    if !names || attachment.for_port(&backend.port).is_some() {
        return None;
    }
    let severity = match backend.session {
        Some(_) => Severity::Error,
        None => Severity::Warning,
    };
    let draft = match attachment.unmatched(service).first() {
        Some(key) => dead_entry(model, service, attachment, key, &harm(backend)),
        None => without_entry(backend, attachment)?,
    };
    Some(draft.only(severity))
}

/// What the defaults do to the sessions of a port.
fn harm(backend: &Backend<'_>) -> String {
    let Some(session) = &backend.session else {
        return format!("the port {} has the load balancer's defaults", backend.port.said());
    };
    let how = if backend.is_behind_classic() { "busy or not" } else { "if nothing passes" };
    let affinity = session.polls() && backend.may_have_several_pods();
    let affinity = if affinity { ", and nothing keeps a polling session on its pod" } else { "" };
    format!(
        "on the port {} every WebSocket is closed after {} s, {how}{affinity}",
        backend.port.said(),
        BACKEND_TIMEOUT.value
    )
}

fn without_entry(backend: &Backend<'_>, attachment: &Attachment<'_>) -> Option<Draft> {
    let (service, said) = (&backend.service.0, backend.port.said());
    let harm = harm(backend);
    let message =
        format!("{harm}: no entry of the annotation is for this port, and nothing complains");
    let name = &attachment.names().first()?.name;
    let route = backend.gce_routes().next()?;
    let place = service.at(attachment.entry.value());
    let draft = Draft::at(place, format!("nothing for {said}"), message)
        .of(service, attachment.path())
        .and(backend.port_place(), "this port")
        .and(route.ingress.0.at(route.backend), "an Ingress leads to it");
    Some(draft.help(format!("write `{{\"default\": \"{name}\"}}`, or an entry for the port")))
}
