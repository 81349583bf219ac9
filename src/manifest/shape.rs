//! Which parts of a stream are Kubernetes objects.

use crate::diagnostic::Span;

use super::node::Node;
use super::stream::{Document, Stream};

/// Lists of lists are followed this far.
const DEPTH: usize = 8;

/// An object: a map with `apiVersion` and `kind`.
#[derive(Debug, Clone, Copy)]
pub struct Object<'s> {
    /// The document that it is in.
    pub document: Document<'s>,
    /// The map.
    pub node: Node<'s>,
}

impl<'s> Object<'s> {
    /// `apiVersion`, such as `networking.k8s.io/v1`.
    pub fn api_version(self) -> &'s str {
        self.text_at(&["apiVersion"])
    }

    /// The group in `apiVersion`; empty for the core group.
    pub fn group(self) -> &'s str {
        self.api_version().split_once('/').map_or("", |(group, _)| group)
    }

    /// `kind`, such as `Ingress`.
    pub fn kind(self) -> &'s str {
        self.text_at(&["kind"])
    }

    /// `metadata.name`; empty if it is missing or no text.
    pub fn name(self) -> &'s str {
        self.text_at(&["metadata", "name"])
    }

    /// `metadata.namespace`, if there is one.
    pub fn namespace(self) -> Option<&'s str> {
        self.node.at(&["metadata", "namespace"])?.as_str()
    }

    /// Where `apiVersion` is written.
    pub fn api_version_span(self) -> Span {
        self.span_at(&["apiVersion"])
    }

    /// Where `kind` is written.
    pub fn kind_span(self) -> Span {
        self.span_at(&["kind"])
    }

    /// Where the name is written; that of the kind if there is none.
    pub fn name_span(self) -> Span {
        let name = self.node.at(&["metadata", "name"]);
        name.map_or_else(|| self.kind_span(), Node::span)
    }

    /// Where the namespace is written, if there is one.
    pub fn namespace_span(self) -> Option<Span> {
        self.node.at(&["metadata", "namespace"]).map(Node::span)
    }

    fn text_at(self, keys: &[&str]) -> &'s str {
        self.node.at(keys).and_then(Node::as_str).unwrap_or("")
    }

    fn span_at(self, keys: &[&str]) -> Span {
        self.node.at(keys).unwrap_or(self.node).span()
    }
}

/// The objects of a stream, in order; of a list its items.
pub fn objects<'s>(stream: &'s Stream<'_>) -> impl Iterator<Item = Object<'s>> {
    stream.documents().flat_map(|document| {
        let mut found = Vec::new();
        if let Some(root) = document.root() {
            collect(document, root, DEPTH, &mut found);
        }
        found
    })
}

/// A kind that ends in `List` with `items` holds objects, and is none itself.
fn collect<'s>(document: Document<'s>, node: Node<'s>, depth: usize, found: &mut Vec<Object<'s>>) {
    let text = |key| node.get(key).and_then(Node::as_str);
    let (Some(_), Some(kind)) = (text("apiVersion"), text("kind")) else {
        return;
    };
    let items = node.get("items").filter(|items| items.is_list());
    match items {
        Some(items) if kind.ends_with("List") && depth > 0 => {
            for item in items.items() {
                collect(document, item, depth - 1, found);
            }
        }
        _ => found.push(Object { document, node }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let stream = read(text);
        objects(&stream).map(|object| format!("{} {}", object.kind(), object.name())).collect()
    }

    #[test]
    fn finds_objects_in_documents_and_lists() {
        let text = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n# empty\n---\nkind: List\n\
            apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: b\n- just text\n---\n- a\n---\nkind: x\n";
        assert_eq!(names(text), ["Service a", "Pod b"]);
    }

    #[test]
    fn finds_objects_in_json() {
        let text = r#"{"apiVersion": "v1", "kind": "ServiceList", "items": [
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "n"}}]}"#;
        assert_eq!(names(text), ["Service a"]);
        let stream = read(text);
        let object = objects(&stream).next().unwrap();
        assert_eq!(object.namespace(), Some("n"));
        assert_eq!(&text[object.name_span().start..object.name_span().end], "\"a\"");
        assert_eq!(object.group(), "");
    }
}
