//! An annotation that nothing reads where it stands.

use super::websocket_annotation_ineffective::is_invented;
use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::annotations::{Dead, dead, dead_elsewhere, ingress_nginx};
use crate::kube::{BACKEND_CONFIG_KEY, BETA_KEY, Controller, Grade, Object};
use crate::path::{Model, Part};

pub(super) static RULE: Rule = Rule {
    id: "dead-annotation",
    severity: Severity::Warning,
    grade: Grade::Source,
    sources: &[
        "kubernetes/ingress-gce:pkg/annotations/ingress.go",
        "kubernetes/ingress-gce:pkg/annotations/service.go",
        ingress_nginx::SOURCE,
        "kubernetes/kubernetes#51711",
    ],
    page: include_str!("dead_annotation.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for object in model.objects() {
        for (kind, path, entry) in object.annotations_within() {
            let key = entry.key();
            let others = is_invented(&key) || [BACKEND_CONFIG_KEY, BETA_KEY].contains(&&*key);
            let dead = (!others).then(|| dead_on(model, object, kind, &key)).flatten();
            if let Some(Dead { message, note, help }) = dead {
                let draft = Draft::at(object.place(entry.key_span()), "", message);
                findings.add(draft.of(object, path).note(note).help(help));
            }
        }
    }
}

fn dead_on(model: &Model<'_>, object: &Object<'_>, kind: &str, key: &str) -> Option<Dead> {
    match (kind, object.group) {
        ("Ingress", "networking.k8s.io" | "extensions") => {
            match model.ingress(object).controller() {
                Controller::Gce(_) => dead(kind, key),
                other => dead_elsewhere(other, key),
            }
        }
        // Knative and others have kinds of the same names.
        ("Ingress", _) => None,
        ("Service", group) if !group.is_empty() => None,
        _ => dead(kind, key),
    }
}
