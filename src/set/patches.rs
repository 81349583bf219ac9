//! The patches that a kustomization.yaml has as texts.
//!
//! What is merged into one object that it names is a part of a manifest like one in a file of its own, and is read as
//! such, where what it says holds by itself: the fields of a BackendConfig, and the annotations of a Service or an
//! Ingress. Ports, routes and pods are only right or wrong together with what they are merged into. What a target chooses
//! by an expression is left, too: nobody can tell from the text alone what it is for.

use super::{Content, File};
use crate::manifest::{Document, Node, Stream, within};

/// Each as if it were a file, which has the name and the places of the kustomization.
pub(super) fn of<'t>(file: &File<'t>) -> Vec<File<'t>> {
    let documents = file.stream().into_iter().flat_map(Stream::documents);
    let roots = documents.filter_map(Document::root);
    roots.flat_map(texts).flat_map(|one| parts(file, one)).collect()
}

/// The texts of a kustomization, each with its target.
fn texts(root: Node<'_>) -> impl Iterator<Item = (Node<'_>, Option<Node<'_>>)> {
    let patches = root.get("patches").into_iter().flat_map(Node::items);
    let patches = patches.filter_map(|entry| Some((entry.get("patch")?, entry.get("target"))));
    let merged = root.get("patchesStrategicMerge").into_iter().flat_map(Node::items);
    patches.chain(merged.map(|text| (text, None)))
}

fn parts<'t>(file: &File<'t>, (text, target): (Node<'_>, Option<Node<'_>>)) -> Vec<File<'t>> {
    let mut streams = within(file.text, text);
    streams.retain(|stream| {
        let mut roots = stream.documents().filter_map(Document::root);
        roots.all(|root| root.get("$patch").is_none() && is_by_itself(root) && names(root, target))
    });
    let one = |stream| File {
        source: file.source,
        name: file.name,
        text: file.text,
        content: Content::Manifest(Box::new(stream)),
        mentions_socketio: file.mentions_socketio,
        patches: Vec::new(),
    };
    streams.into_iter().map(one).collect()
}

/// Whether what a part says can be judged without the rest.
fn is_by_itself(root: Node<'_>) -> bool {
    match root.get("kind").and_then(Node::as_str) {
        Some("BackendConfig") => true,
        Some("Service" | "Ingress") => root.get("spec").is_none(),
        _ => false,
    }
}

/// Whether a target is just the object that the patch names.
fn names(root: Node<'_>, target: Option<Node<'_>>) -> bool {
    let Some(target) = target else {
        return true;
    };
    let own = |keys: &[&str]| root.at(keys).and_then(Node::as_str);
    target.entries().all(|entry| {
        let said = match &*entry.key() {
            "kind" => own(&["kind"]),
            "name" => own(&["metadata", "name"]),
            "namespace" => own(&["metadata", "namespace"]),
            "group" | "version" => return true,
            _ => return false,
        };
        said.is_some() && said == entry.value().as_str()
    }) && target.get("name").is_some()
        && target.get("kind").is_some()
}
