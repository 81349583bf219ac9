//! An object of a manifest, whatever its kind.

use crate::diagnostic::{ObjectName, Span};
use crate::manifest::{self, Entry, Node};
use crate::set::{File, Place};

/// An object, and the file that it is in.
#[derive(Debug, Clone, Copy)]
pub struct Object<'s> {
    /// The file.
    pub file: &'s File<'s>,
    /// The object itself.
    pub node: Node<'s>,
    /// Where its document is, with the comments before it.
    pub document: Span,
    /// The API group: empty for the core.
    pub group: &'s str,
    /// The version of the API.
    pub version: &'s str,
    /// The kind.
    pub kind: &'s str,
    /// The namespace, where the manifest says it.
    pub namespace: Option<&'s str>,
    /// The name; empty where the manifest has none, such as with `generateName`.
    pub name: &'s str,
}

impl<'s> Object<'s> {
    /// An object of a file.
    pub fn new(file: &'s File<'s>, found: &manifest::Object<'s>) -> Option<Self> {
        let node = found.node;
        let text = |keys: &[&str]| node.at(keys).and_then(Node::as_str);
        let api = text(&["apiVersion"])?;
        let (group, version) = api.split_once('/').unwrap_or(("", api));
        Some(Self {
            file,
            node,
            document: found.document.span,
            group,
            version,
            kind: text(&["kind"])?,
            namespace: text(&["metadata", "namespace"]),
            name: text(&["metadata", "name"]).unwrap_or_default(),
        })
    }

    /// Whether both may be in one namespace: a manifest that names none may go into any.
    pub fn shares_namespace_with(&self, other: &Self) -> bool {
        match (self.namespace, other.namespace) {
            (Some(own), Some(other)) => own == other,
            _ => true,
        }
    }

    /// Whether both are the same place of the same file.
    pub fn is(&self, other: &Self) -> bool {
        self.file.source == other.file.source && self.node.span() == other.node.span()
    }

    /// Its name, to be said.
    pub fn object_name(&self) -> ObjectName {
        ObjectName {
            kind: self.kind.to_owned(),
            namespace: self.namespace.map(str::to_owned),
            name: self.name.to_owned(),
        }
    }

    /// A place in its file.
    pub fn place(&self, span: Span) -> Place {
        self.file.place(span)
    }

    /// Where a value of it is.
    pub fn at(&self, node: Node<'s>) -> Place {
        self.place(node.span())
    }

    /// Where its name is written, or its kind where it has none: the place to say something about the whole.
    pub fn title(&self) -> Place {
        let name = self.node.at(&["metadata", "name"]);
        let node = name.or_else(|| self.node.get("kind")).unwrap_or(self.node);
        self.at(node)
    }

    /// Where the key of `spec` is, or the title where there is none.
    pub fn spec_title(&self) -> Place {
        let key = self.node.key_span("spec");
        key.map_or_else(|| self.title(), |span| self.place(span))
    }

    /// Its `spec`.
    pub fn spec(&self) -> Option<Node<'s>> {
        self.node.get("spec")
    }

    /// A value below its `spec`.
    pub fn in_spec(&self, keys: &[&str]) -> Option<Node<'s>> {
        self.spec()?.at(keys)
    }

    /// Its annotations.
    pub fn annotations(&self) -> impl Iterator<Item = Entry<'s>> + use<'s> {
        let annotations = self.node.at(&["metadata", "annotations"]);
        annotations.into_iter().flat_map(Node::entries)
    }

    /// An annotation.
    pub fn annotation(&self, key: &str) -> Option<Entry<'s>> {
        self.node.at(&["metadata", "annotations"])?.entry(key)
    }

    /// Every annotation, also those of the pods that it makes: the kind that it is read on, the path of it, itself.
    pub fn annotations_within(&self) -> Vec<(&'s str, String, Entry<'s>)> {
        let own = self.annotations().map(|one| (self.kind, annotation_path(&one.key()), one));
        let within = |one: &Entry<'_>| format!("spec.template.{}", annotation_path(&one.key()));
        let pods = self.in_spec(&["template", "metadata", "annotations"]);
        let pods = pods.into_iter().flat_map(Node::entries);
        own.chain(pods.map(|one| ("Pod", within(&one), one))).collect()
    }

    /// The text of an annotation.
    pub fn annotation_text(&self, key: &str) -> Option<&'s str> {
        self.annotation(key)?.value().text()
    }

    /// Where a new annotation would go: the key of the annotations, else the title.
    pub fn annotations_title(&self) -> Place {
        let metadata = self.node.get("metadata");
        let key = metadata.and_then(|metadata| metadata.key_span("annotations"));
        key.map_or_else(|| self.title(), |span| self.place(span))
    }

    /// The comments beside a value, and on the lines right above it.
    pub fn comments_at(&self, span: Span) -> impl Iterator<Item = &'s str> {
        let text = self.file.text;
        let mut start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[span.end..].find('\n');
        let end = end.map_or(text.len(), |length| span.end + length);
        while let Some(before) = text[..start].strip_suffix('\n') {
            let above = before.rfind('\n').map_or(0, |at| at + 1);
            if !before[above..].trim_start().starts_with('#') {
                break;
            }
            start = above;
        }
        let comments = self.file.stream().map(manifest::Stream::comments);
        let comments = comments.unwrap_or_default().iter();
        comments
            .filter(move |one| start <= one.span.start && one.span.start < end)
            .map(|one| &text[one.span.start..one.span.end])
    }

    /// `Service chat`, as people say it.
    pub fn said(&self) -> String {
        format!("{} `{}`", self.kind, self.name)
    }
}

/// The path of an annotation: `metadata.annotations["cloud.google.com/neg"]`.
pub fn annotation_path(key: &str) -> String {
    format!("metadata.annotations[\"{key}\"]")
}
