//! The annotation's name from before it was stable.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Edit, Severity, SourceId, Span};
use crate::kube::Grade;
use crate::kube::annotations::{Verdict, lookup};
use crate::kube::{BACKEND_CONFIG_KEY, BETA_KEY, Object};
use crate::manifest::path_of;
use crate::path::{Part, keys_in};
use crate::set::File;

pub(super) static RULE: Rule = Rule {
    id: "backendconfig-beta-key",
    severity: Severity::Warning,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &["kubernetes/ingress-gce:pkg/annotations/service.go"],
    page: include_str!("backendconfig_beta_key.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for file in model.files() {
        for (span, stable) in keys_in(file, BETA_KEY, BACKEND_CONFIG_KEY) {
            findings.add(draft(file, span, stable));
        }
    }
}

fn draft(file: &File<'_>, span: Span, stable: bool) -> Draft {
    let object = file.objects().find(|object| {
        let own = object.node.span();
        own.start <= span.start && span.end <= own.end
    });
    let (severity, message, help) = judged(object.as_ref(), stable);
    let draft = Draft::at(file.place(span), "from the beta", message);
    let draft = draft.only(severity).help(help);
    let document = file.stream().and_then(|stream| stream.document_at(span.start));
    let path = document.and_then(|document| path_of(document, span.start, &["name"]));
    match (object, path) {
        (Some(object), Some(path)) => {
            let fix = repair(&object, span, stable);
            draft.of(&object, path.to_string()).fix(Applicability::Safe, fix)
        }
        _ => draft,
    }
}

/// On a Service; what stands elsewhere another rule moves, or something else merges.
fn repair(object: &Object<'_>, span: Span, stable: bool) -> Option<(SourceId, Edit)> {
    let own = object.annotation(BETA_KEY).filter(|entry| entry.key_span() == span);
    own.filter(|_| object.kind == "Service" && object.group.is_empty())?;
    if stable {
        return Some(object.remove_annotation(BETA_KEY));
    }
    object.rename_annotation(BETA_KEY, BACKEND_CONFIG_KEY)
}

fn judged(object: Option<&Object<'_>>, stable: bool) -> (Severity, &'static str, &'static str) {
    let is_read = !object.is_some_and(|object| {
        matches!(lookup(object.kind, BETA_KEY), Verdict::ReadElsewhere { .. })
    });
    match (stable, is_read) {
        (true, _) => (
            Severity::Warning,
            "this annotation does nothing: the stable one beside it wins",
            "take it out",
        ),
        (false, false) => (
            Severity::Warning,
            "no load balancer gets these settings: this is an annotation of Services, and its name is the old one",
            "write `cloud.google.com/backend-config` into the annotations of the Service",
        ),
        (false, true) => (
            Severity::Info,
            "the old name of the annotation: still read, but overruled without a word as soon as somebody adds the stable one",
            "write `cloud.google.com/backend-config`",
        ),
    }
}
