//! A BackendConfig of the beta.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::kube::Object;
use crate::kube::fields::is_in_v1beta1;
use crate::manifest::{Document, Node, Stream, each_map, objects};
use crate::path::Part;
use crate::set::File;

pub(super) static RULE: Rule = Rule {
    id: "backendconfig-api-old",
    severity: Severity::Warning,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &["kubernetes/ingress-gce:pkg/apis/backendconfig/v1beta1/types.go"],
    page: include_str!("backendconfig_api_old.md"),
    check,
};

const OLD: &str = "cloud.google.com/v1beta1";

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let files = model.files().iter().filter(|file| file.has(OLD));
    for file in files.flat_map(File::parts) {
        let documents = file.stream().into_iter().flat_map(Stream::documents);
        for root in documents.filter_map(Document::root) {
            // Also within the values of a Helm chart.
            each_map(root, &mut |map| {
                let text = |key: &str| map.get(key).and_then(Node::as_str);
                if text("apiVersion") == Some(OLD) && text("kind") == Some("BackendConfig") {
                    findings.add(draft(file, map));
                }
            });
        }
    }
}

fn draft(file: &File<'_>, config: Node<'_>) -> Draft {
    let lost = lost(config);
    let (severity, message) = match lost.first() {
        Some((name, _)) => (
            Severity::Warning,
            format!("`{name}` is dropped when this is applied: the version of the beta does not know it"),
        ),
        None => (
            Severity::Info,
            "a version of the beta, which knows fewer fields: those it does not know are dropped without a word".to_owned(),
        ),
    };
    let place = config.get("apiVersion").map_or(config.span(), Node::span);
    let mut draft = Draft::at(file.place(place), "from the beta", message).only(severity);
    for (_, span) in &lost {
        draft = draft.and(file.place(*span), "dropped");
    }
    let stream = file.stream().into_iter().flat_map(objects);
    let object = stream
        .filter(|found| found.node.span() == config.span())
        .find_map(|found| Object::new(file, &found));
    let draft = draft.help("write `apiVersion: cloud.google.com/v1`; the fields keep their names");
    match object {
        Some(object) => {
            let fix = object.set(&["apiVersion"], "cloud.google.com/v1");
            draft.of(&object, "apiVersion").fix(Applicability::Safe, [fix])
        }
        None => draft,
    }
}

/// The fields that the beta does not know.
fn lost(config: Node<'_>) -> Vec<(String, crate::diagnostic::Span)> {
    let spec = config.get("spec").into_iter().flat_map(Node::entries);
    let cdn = config.at(&["spec", "cdn"]).into_iter().flat_map(Node::entries);
    let top = spec.map(|entry| (format!("spec.{}", entry.key()), entry.key_span()));
    let cdn = cdn.map(|entry| (format!("spec.cdn.{}", entry.key()), entry.key_span()));
    top.chain(cdn).filter(|(path, _)| !is_in_v1beta1(path)).collect()
}
