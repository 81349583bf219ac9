//! A setting that is taken out, and stays on.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Severity, Span};
use crate::kube::{Grade, Object, turned_off};
use crate::manifest::{Document, Entry, Node, read};
use crate::path::Model;
use crate::set::Place;

pub(super) static RULE: Rule = Rule {
    id: "disabling-block-removed",
    severity: Severity::Warning,
    grade: Grade::Source,
    sources: &[
        "kubernetes/ingress-gce:pkg/backends/features/cdn.go",
        "kubernetes/ingress-gce:pkg/backends/features/affinity.go",
        "kubernetes/ingress-gce#347",
    ],
    page: include_str!("disabling_block_removed.md"),
    check,
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for config in model.set.of_kind("BackendConfig") {
        let blocks = emptied(config.node).into_iter();
        let draft = |(at, block, off)| finding(config.place(at), block, off);
        findings.extend(blocks.map(|row| draft(row).of(config, format!("spec.{}", row.1))));
    }
    let kustomizations = model.set.of_kind("Kustomization");
    kustomizations.for_each(|one| patches(one, findings));
}

/// Where a block is taken out, its name, and what turns it off.
type Removed = (Span, &'static str, &'static str);

fn finding(place: Place, block: &str, off: &str) -> Draft {
    let message = format!(
        "the load balancer keeps the `{block}` that it has: the controller leaves alone what a BackendConfig does not mention"
    );
    Draft::at(place, "taken out", message).help(format!("write what turns it off: `{off}`"))
}

/// The blocks that a BackendConfig, or a patch that is merged into one, empties.
fn emptied(config: Node<'_>) -> Vec<Removed> {
    let is_emptied = |entry: &Entry<'_>| {
        let patch = entry.value().get("$patch").and_then(Node::as_str);
        entry.value().is_null() || patch == Some("delete")
    };
    let fields = config.get("spec").into_iter().flat_map(Node::entries);
    let row = |entry: Entry<'_>| {
        let (block, off) = turned_off(&entry.key())?;
        Some((entry.key_span(), block, off))
    };
    fields.filter(is_emptied).filter_map(row).collect()
}

/// Of a JSON patch, the steps that remove a block.
fn removed(steps: Node<'_>) -> Vec<Removed> {
    let removes = |step: &Node<'_>| step.get("op").and_then(Node::as_str) == Some("remove");
    let row = |path: Node<'_>| {
        let (block, off) = turned_off(path.as_str()?.strip_prefix("/spec/")?)?;
        Some((path.span(), block, off))
    };
    let steps = steps.items().filter(removes);
    steps.filter_map(|step| row(step.get("path")?)).collect()
}

/// The patches that stand in a kustomization.
fn patches(object: &Object<'_>, findings: &mut Findings) {
    let list = |key: &str| object.node.get(key).into_iter().flat_map(Node::items);
    for patch in list("patches").chain(list("patchesJson6902")) {
        let Some(text) = patch.get("patch").and_then(Node::embedded) else {
            continue;
        };
        let stream = read(text.text());
        let root = stream.document(0).and_then(Document::root);
        let Some(root) = root else { continue };
        let kind = patch.at(&["target", "kind"]).or_else(|| root.get("kind"));
        if kind.and_then(Node::as_str) == Some("BackendConfig") {
            for (span, block, off) in emptied(root).into_iter().chain(removed(root)) {
                let place = object.place(text.span_to_file(span));
                findings.add(finding(place, block, off).of(object, "patches"));
            }
        }
    }
}
