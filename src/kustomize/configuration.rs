//! From a difference in an nginx configuration that was built into a ConfigMap back to where it is written.

use super::landing::{Addition, Landing, Unset, first_line};
use super::resource::Resource;
use super::value::How;
use crate::diagnostic::{Edit, NginxChange, Sources, Span};
use crate::kube::Object;
use crate::manifest::{self, Document, Node};
use crate::set::Place;

/// A change of an nginx configuration in a ConfigMap.
pub(super) fn landing(
    sources: &Sources,
    resource: &Resource,
    object: &Object<'_>,
    scalar: Span,
    change: &NginxChange,
    there: Option<Place>,
) -> Option<Landing> {
    let mut entries = object.node.get("data").into_iter().flat_map(Node::entries);
    let entry = entries.find(|entry| entry.value().span() == scalar)?;
    let origin = resource.value.at(&["data", &entry.key()])?.origin;
    let text = entry.value().embedded()?;
    // Of a place in what was built, the bytes of the configuration.
    let inner = there
        .filter(|place| scalar.start <= place.span.start)
        .map(|place| Span::from(text.from_file(place.span.start)..text.from_file(place.span.end)));
    let edit = |scalar| Edit::nginx(scalar, change.clone());
    let source = origin.place.source;
    let (place, edit) = match origin.how {
        How::File => (inner.map(|span| Place { source, span }), Ok(edit(None))),
        How::Written => {
            let place = inner.and_then(|inner| inside(sources, origin.place, inner));
            (place, Ok(edit(Some(origin.place.span))))
        }
        How::Computed(why) => (None, Err(Unset { why })),
        _ => (None, Err(Unset { why: "the configuration is part of another text" })),
    };
    let place = place.unwrap_or_else(|| first_line(sources, origin.place));
    let outcome = edit.map(|edit| Addition { source, edit, file: None });
    Some(Landing { place, outcome })
}

/// A part of the text of a scalar, in the file that the scalar is in.
fn inside(sources: &Sources, scalar: Place, part: Span) -> Option<Place> {
    let stream = manifest::read(&sources.get(scalar.source).text);
    let root = stream.document_at(scalar.span.start).and_then(Document::root)?;
    let span = node_at(root, scalar.span)?.embedded()?.span_to_file(part);
    Some(Place { source: scalar.source, span })
}

/// The value that is written at a span.
fn node_at(node: Node<'_>, span: Span) -> Option<Node<'_>> {
    if node.span() == span {
        return Some(node);
    }
    let holds = |child: &Node<'_>| child.span().start <= span.start && span.end <= child.span().end;
    let children = node.items().chain(node.entries().map(manifest::Entry::value));
    children.filter(holds).find_map(|child| node_at(child, span))
}
