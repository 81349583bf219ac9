//! A setting that is taken out, and stays on.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Edit, ObjectName, Severity, SourceId, Span};
use crate::kube::{Grade, Object, turned_off};
use crate::manifest::{Entry, Node};
use crate::path::{Kustomization, Part, Patch};
use crate::set::Place;

pub(super) static RULE: Rule = Rule {
    id: "disabling-block-removed",
    severity: Severity::Warning,
    grade: Grade::Source,
    fix: Applicability::Unsafe,
    sources: &[
        "kubernetes/ingress-gce:pkg/backends/features/cdn.go",
        "kubernetes/ingress-gce:pkg/backends/features/affinity.go",
        "kubernetes/ingress-gce#347",
    ],
    page: include_str!("disabling_block_removed.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for config in model.of_kind("BackendConfig") {
        for (at, block, off) in emptied(config.node) {
            let draft = finding(config.place(at), block, off).of(config, format!("spec.{block}"));
            findings.add(draft.fix(Applicability::Unsafe, repair(config, block)));
        }
    }
    for one in kustomizations(model) {
        model.each_patch(&one, &mut |patch| {
            let taken_out = taken_out(patch).into_iter();
            for (place, block, off) in taken_out.filter(|(place, ..)| !is_in_object(model, *place))
            {
                findings.add(finding(place, block, off).of_named(named(&one), "patches"));
            }
        });
    }
}

/// Whether a place is in a BackendConfig, or in a part of one, which is looked at as such.
fn is_in_object(model: &Part<'_, '_>, place: Place) -> bool {
    model.set.of_kind("BackendConfig").any(|config| {
        let span = config.node.span();
        let inside = span.start <= place.span.start && place.span.end <= span.end;
        config.file.source == place.source && inside
    })
}

/// An empty `cdn` is repaired. Without affinity or draining sessions break, and without the other blocks an app may be
/// open to everybody: whether that was wanted is not for sioway to decide. `$patch` is for Kustomize.
fn repair(config: &Object<'_>, block: &str) -> Option<(SourceId, Edit)> {
    let empty = config.in_spec(&["cdn"]).is_some_and(Node::is_null);
    (block == "cdn" && empty).then(|| config.set(&["spec", "cdn", "enabled"], false))
}

/// Every kustomization: by the name of its file, or by its kind.
fn kustomizations<'s>(model: &Part<'_, 's>) -> Vec<Kustomization<'s>> {
    let known = model.kustomizations().to_vec();
    let others = model.of_kind("Kustomization").filter(|object| {
        let same = |one: &Kustomization<'_>| one.file.source == object.file.source;
        object.group == "kustomize.config.k8s.io" && !known.iter().any(same)
    });
    let others: Vec<Kustomization<'s>> =
        others.map(|object| Kustomization { file: object.file, root: object.node }).collect();
    known.into_iter().chain(others).collect()
}

/// A kustomization may do without a kind, and mostly has no name.
fn named(one: &Kustomization<'_>) -> ObjectName {
    let name = one.root.at(&["metadata", "name"]).and_then(Node::as_str);
    ObjectName {
        kind: "Kustomization".to_owned(),
        namespace: None,
        name: name.unwrap_or_default().to_owned(),
    }
}

/// What a patch takes out. One in a file of its own that is a part of a BackendConfig is looked at as such.
fn taken_out(patch: &Patch<'_>) -> Vec<(Place, &'static str, &'static str)> {
    if patch.kind() != Some("BackendConfig") {
        return Vec::new();
    }
    let merged = patch.is_inline().then(|| emptied(patch.root)).into_iter().flatten();
    let rows = merged.chain(removed(patch.root));
    rows.map(|(span, block, off)| (patch.place(span), block, off)).collect()
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
