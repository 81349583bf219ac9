//! An annotation that nothing reads where it stands.

use super::attaching::holds;
use super::websocket_annotation_ineffective::is_invented;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Edit, Severity, SourceId};
use crate::kube::annotations::{
    Dead, Verdict, certain, dead, dead_elsewhere, ingress_nginx, lookup,
};
use crate::kube::{BACKEND_CONFIG_KEY, BETA_KEY, Controller, Grade, Object, Service};
use crate::manifest::Entry;
use crate::path::{Model, Part};

pub(super) static RULE: Rule = Rule {
    id: "dead-annotation",
    severity: Severity::Warning,
    grade: Grade::Source,
    fix: Applicability::Unsafe,
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
                let fix = renamed(model, object, kind, entry);
                let draft = draft.of(object, path).note(note).help(help);
                findings.add(draft.fix(Applicability::Unsafe, fix));
            }
        }
    }
}

/// The key that was surely meant. The setting takes hold then, which nobody has seen it do.
fn renamed<'s>(
    model: &Model<'s>,
    object: &Object<'s>,
    kind: &str,
    entry: Entry<'s>,
) -> Option<(SourceId, Edit)> {
    let key = entry.key();
    let dead = matches!(lookup(kind, &key), Verdict::Dead { .. }) && kind == object.kind;
    let meant = certain(kind, &key).filter(|_| dead)?;
    if meant == BACKEND_CONFIG_KEY && !holds(model, &Service(*object), entry) {
        return None;
    }
    object.rename_annotation(&key, meant)
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
