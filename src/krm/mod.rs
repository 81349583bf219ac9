//! A `ResourceList`: the objects that Kustomize and kpt hand from function to function, and what a function says of them.
//!
//! The contract is `kubernetes-sigs/kustomize:cmd/config/docs/api-conventions/functions-spec.md`. The list is one text,
//! in which objects are found and edited as in any other, so that comments and the annotations of the orchestrator stay.

mod config;
mod results;

use std::cmp::Reverse;

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Edit, Finding, Label, Severity, SourceId, Span, ValueChange};
use crate::fix::{Refused, apply};
use crate::manifest::{self, Document, Node, Path, Stream};
use crate::set::Set;

pub use config::{Config, json, read as read_config};

/// The versions of the list, which agree in all that is used here.
const VERSIONS: [&str; 3] =
    ["config.kubernetes.io/v1", "config.kubernetes.io/v1beta1", "config.kubernetes.io/v1alpha1"];

/// The list that a text holds, which is one document.
pub fn list<'s>(stream: &'s Stream<'_>, source: SourceId) -> Result<Node<'s>, Diagnostic> {
    let mut roots = stream.documents().filter_map(Document::root);
    let (root, more) = (roots.next(), roots.next());
    let help = "Kustomize and kpt write one; `sioway lint` and `sioway render` work without it";
    let Some(root) = root else {
        let message = "there is no `ResourceList` in what came from stdin";
        return Err(Diagnostic::bare("no-resource-list", message).help(help));
    };
    let refused = |node: Node<'_>, message: &str| {
        let label = Label::new(source, node.span(), "");
        Err(Diagnostic::at("no-resource-list", message, label).help(help))
    };
    if let Some(more) = more {
        return refused(more, "a function gets one document");
    }
    let text = |key| root.get(key).and_then(Node::as_str);
    if text("kind") != Some("ResourceList") {
        return refused(root.get("kind").unwrap_or(root), "this is no `ResourceList`");
    }
    if !text("apiVersion").is_some_and(|version| VERSIONS.contains(&version)) {
        let version = root.get("apiVersion").unwrap_or(root);
        return refused(version, "this version of `ResourceList` is not known");
    }
    match root.get("items") {
        Some(items) if !items.is_list() && !items.is_null() => {
            refused(items, "`items` is a list of objects")
        }
        _ => Ok(root),
    }
}

/// The text of a list with more objects.
pub fn with_items(text: &str, objects: Vec<Value>) -> Result<String, Refused> {
    let items = Path::of_keys(&["items"]);
    if let (object, true) = place(text)? {
        let edit = Edit::set(object, items, Value::Array(objects));
        return Ok(apply(text, &[edit])?.text);
    }
    let mut text = text.to_owned();
    for value in objects {
        let (object, _) = place(&text)?;
        let change = ValueChange::Append { path: items.clone(), value };
        text = apply(&text, &[Edit::Value { object, change }])?.text;
    }
    Ok(text)
}

/// Where the list stands, and whether it has no items.
fn place(text: &str) -> Result<(Span, bool), Refused> {
    let stream = manifest::read(text);
    let root = root(&stream)?;
    let is_empty = root.get("items").is_none_or(|items| items.items().next().is_none());
    Ok((root.span(), is_empty))
}

/// The list was read before: that it is not there does not happen, and is told if it does.
fn root<'s>(stream: &'s Stream<'_>) -> Result<Node<'s>, Refused> {
    let root = stream.documents().find_map(Document::root);
    root.ok_or_else(|| Refused::new((0..0).into(), "the list is not there any more"))
}

/// The text of a list that says also what was found in it. What earlier functions said stays.
pub fn with_results(text: &str, set: &Set<'_>, found: &[Finding]) -> Result<String, Refused> {
    if found.is_empty() {
        return Ok(text.to_owned());
    }
    let stream = manifest::read(text);
    let root = root(&stream)?;
    let earlier = root.get("results").into_iter().flat_map(Node::items).map(json);
    // kpt shows the first few.
    let mut worst_first: Vec<&Finding> = found.iter().collect();
    worst_first.sort_by_key(|finding| Reverse(finding.diagnostic.severity));
    let own = worst_first.into_iter().map(|finding| results::of(finding, set));
    let all: Vec<Value> = earlier.chain(own).collect();
    let edit = Edit::set(root.span(), Path::of_keys(&["results"]), Value::Array(all));
    Ok(apply(text, &[edit])?.text)
}

/// Whether a function that found this has failed.
pub fn is_failure(found: &[Finding]) -> bool {
    found.iter().any(|finding| finding.diagnostic.severity == Severity::Error)
}
