//! A Service whose backend has the load balancer's defaults.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::BACKEND_CONFIG_KEY;
use crate::kube::Grade;
use crate::kube::controller_defaults::BACKEND_TIMEOUT;
use crate::path::{Backend, Part, Session};

pub(super) static RULE: Rule = Rule {
    id: "backendconfig-not-attached",
    severity: Severity::Error,
    grade: Grade::Source,
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
        findings.add(draft(backend, session));
    }
}

fn draft(backend: &Backend<'_>, session: &Session) -> Draft {
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
    if misspelt.is_some() {
        return draft.help(format!("write the key as `{BACKEND_CONFIG_KEY}`"));
    }
    draft.help(format!(
        "write into the Service's annotations: `{BACKEND_CONFIG_KEY}: '{{\"default\": \"{name}\"}}'`"
    ))
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
