//! A key that a map has twice.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Grade, Object};
use crate::manifest::{Duplicate, Stream, path_of};
use crate::path::{Model, Part};
use crate::set::File;

pub(super) static RULE: Rule = Rule {
    id: "duplicate-key",
    severity: Severity::Warning,
    grade: Grade::Source,
    fix: Applicability::Manual,
    sources: &[
        "kubernetes-sigs/yaml:goyaml.v2/decode.go",
        "https://yaml.org/spec/1.2.2/#3213-node-comparison",
    ],
    page: include_str!("duplicate_key.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for file in model.files().iter().flat_map(File::parts) {
        let twins = file.stream().into_iter().flat_map(Stream::duplicates);
        findings.extend(twins.filter_map(|twins| finding(model, file, twins)));
    }
}

/// What is no object of Kubernetes is read by others, who take duplicates as they like.
fn finding(model: &Model<'_>, file: &File<'_>, twins: Duplicate<'_>) -> Option<Draft> {
    let is_its = |object: &&Object<'_>| {
        let (span, at) = (object.node.span(), twins.again.start);
        object.file.source == file.source && span.start <= at && at < span.end
    };
    // A kustomization is around the patches in it.
    let around = model.set.objects.iter().filter(is_its);
    let object = around.min_by_key(|object| object.node.span().end - object.node.span().start)?;
    let message = format!(
        "what the first `{}` says is dropped without a word: of a key that comes twice the last one counts",
        twins.key
    );
    let draft = Draft::at(file.place(twins.again), "the one that counts", message)
        .and(file.place(twins.first), "dropped")
        .help("merge the two, or take one out");
    Some(draft.of(object, path(file, twins)))
}

fn path(file: &File<'_>, twins: Duplicate<'_>) -> String {
    let document = file.stream().and_then(|stream| stream.document_at(twins.again.start));
    let path = document
        .and_then(|document| path_of(document, twins.again.start, &["name", "host", "path"]));
    path.map_or_else(|| twins.key.to_owned(), |path| path.to_string())
}
