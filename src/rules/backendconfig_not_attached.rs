//! A Service whose backend has the load balancer's defaults.

use super::attaching::{applicability, holds, is_found};
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::controller_defaults::BACKEND_TIMEOUT;
use crate::kube::{Attachment, AttachmentContent, BACKEND_CONFIG_KEY, Grade};
use crate::path::{Backend, Model, Part, Session};

pub(super) static RULE: Rule = Rule {
    id: "backendconfig-not-attached",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes/ingress-gce:pkg/annotations/service.go",
        "kubernetes/ingress-gce:pkg/backendconfig/backendconfig.go",
        "kubernetes/ingress-gce#1803",
    ],
    page: include_str!("backendconfig_not_attached.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (backend, session) in model.session_backends() {
        let service = &backend.service.0;
        // What is there but no text is another rule's.
        let attached =
            backend.attachment.is_some() || service.annotation(BACKEND_CONFIG_KEY).is_some();
        if attached
            || !backend.is_behind_gce()
            || model.is_annotated_elsewhere(service, BACKEND_CONFIG_KEY)
        {
            continue;
        }
        findings.add(draft(model, backend, session));
    }
}

fn draft(model: &Model<'_>, backend: &Backend<'_>, session: &Session) -> Draft {
    let service = &backend.service.0;
    let (severity, message) = consequence(backend, session);
    let misspelt = backend.service.misspelt(BACKEND_CONFIG_KEY);
    let (place, beside) = match misspelt {
        Some(entry) => (service.place(entry.key_span()), "nothing reads this key"),
        None => (service.annotations_title(), "no `cloud.google.com/backend-config`"),
    };
    let mut draft = Draft::at(place, beside, message)
        .of(service, format!("metadata.annotations[\"{BACKEND_CONFIG_KEY}\"]"))
        .only(severity);
    let name = match &backend.meant {
        Some(config) => {
            draft = draft.and(config.0.title(), "the BackendConfig that is meant");
            config.0.name
        }
        None => service.name,
    };
    let draft = draft.because(session.because());
    if let Some(entry) = misspelt {
        let renamed = service.rename_annotation(&entry.key(), BACKEND_CONFIG_KEY);
        let fix = renamed.filter(|_| holds(model, &backend.service, entry));
        let help = format!("write the key as `{BACKEND_CONFIG_KEY}`");
        let attachment = Attachment::of_entry(entry);
        let names = attachment.iter().flat_map(Attachment::names).map(|named| &*named.name);
        return draft.help(help).fix(applicability(model, &backend.service, names), fix);
    }
    let value = format!("{{\"default\": \"{name}\"}}");
    let fix = is_found(model, &backend.service, name).then(|| {
        let named = named_on_ingress(backend).map_or(value.clone(), |own| own.text().to_owned());
        service.set_annotation(BACKEND_CONFIG_KEY, named)
    });
    let help = format!("write into the Service's annotations: `{BACKEND_CONFIG_KEY}: '{value}'`");
    draft.help(help).fix(applicability(model, &backend.service, [name]), fix)
}

/// What stands on the Ingress, where that can be taken over as it is.
fn named_on_ingress<'s>(backend: &Backend<'s>) -> Option<Attachment<'s>> {
    let found = backend.gce_routes().find_map(|route| Attachment::of(&route.ingress.0))?;
    matches!(&found.content, AttachmentContent::Names { default: Some(_), ports } if ports.is_empty())
        .then_some(found)
}

fn consequence(backend: &Backend<'_>, session: &Session) -> (Severity, String) {
    let seconds = BACKEND_TIMEOUT.value;
    let cut = if backend.is_behind_classic() {
        format!("every WebSocket is closed after {seconds} s, busy or not")
    } else {
        format!("a WebSocket is closed after {seconds} s without traffic")
    };
    let lost = session.polls() && backend.may_have_several_pods();
    let affinity = if lost {
        ", and nothing keeps a polling session on its pod: 400, Session ID unknown"
    } else {
        ""
    };
    let severity =
        if lost || backend.is_behind_classic() { Severity::Error } else { Severity::Warning };
    (severity, format!("no BackendConfig is in force here: {cut}{affinity}"))
}
