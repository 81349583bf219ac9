//! The patches of kustomizations: what each is for, and which fields it writes.

use super::Model;
use super::kustomize::Kustomization;
use crate::diagnostic::Span;
use crate::kube::Object;
use crate::manifest::{Document, Embedded, Node, Stream, read};
use crate::set::{File, Place};

/// A patch, in a file of its own or as a text in a kustomization: a part of a manifest, or the steps of a JSON patch.
#[derive(Debug)]
pub struct Patch<'p> {
    /// What it says: a map, or a list of steps.
    pub root: Node<'p>,
    target: Option<Node<'p>>,
    text: Option<&'p Embedded<'p>>,
    file: &'p File<'p>,
}

impl<'p> Patch<'p> {
    /// A place in it, in the file.
    pub fn place(&self, span: Span) -> Place {
        self.file.place(self.text.map_or(span, |text| text.span_to_file(span)))
    }

    /// Whether it stands in a kustomization, and not in a file of its own.
    pub fn is_inline(&self) -> bool {
        self.text.is_some()
    }

    /// The kind that it is for, as far as it says one.
    pub fn kind(&self) -> Option<&'p str> {
        let target = self.target.and_then(|target| target.get("kind"));
        target.or_else(|| self.root.get("kind")).and_then(Node::as_str)
    }

    /// Whether it is for an object; the name of a target is an expression, and may have got a prefix.
    pub fn is_for(&self, object: &Object<'_>) -> bool {
        let own = self.root.at(&["metadata", "name"]);
        let name = self.target.map_or(own, |target| target.get("name"));
        let name = name.and_then(Node::as_str).unwrap_or_default();
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        self.kind() == Some(object.kind)
            && (!plain || name.is_empty() || name.contains(object.name))
    }

    /// What it writes into a field below `spec`; a step that writes a block around it counts with the block.
    pub fn written(&self, keys: &[&str]) -> Option<Node<'p>> {
        if self.root.is_map() {
            return self.root.get("spec")?.at(keys).filter(|node| !node.is_null());
        }
        let pointer = format!("/spec/{}", keys.join("/"));
        let writes = |step: &Node<'_>| {
            let text = |key: &str| step.get(key).and_then(Node::as_str).unwrap_or_default();
            let rest = pointer.strip_prefix(text("path"));
            matches!(text("op"), "add" | "replace")
                && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.root.items().find(writes)?.get("value")
    }
}

impl<'s> Model<'s> {
    /// Looks at each patch of a kustomization.
    pub fn each_patch(&self, of: &Kustomization<'s>, visit: &mut dyn FnMut(&Patch<'_>)) {
        for key in ["patches", "patchesJson6902", "patchesStrategicMerge"] {
            for entry in of.root.get(key).into_iter().flat_map(Node::items) {
                self.each_part(of, entry, visit);
            }
        }
    }

    /// The documents of one entry: a path of a file, a text, or a map that has either.
    fn each_part(
        &self,
        of: &Kustomization<'s>,
        entry: Node<'s>,
        visit: &mut dyn FnMut(&Patch<'_>),
    ) {
        let target = entry.get("target");
        let path = entry.get("path").unwrap_or(entry).as_str();
        if let Some(file) = path.and_then(|path| self.set.file(&of.path_of(path))) {
            let stream = file.stream().into_iter();
            for root in stream.flat_map(Stream::documents).filter_map(Document::root) {
                visit(&Patch { root, target, text: None, file });
            }
            return;
        }
        let Some(text) = entry.get("patch").unwrap_or(entry).embedded() else {
            return;
        };
        let stream = read(text.text());
        for root in stream.documents().filter_map(Document::root) {
            visit(&Patch { root, target, text: Some(&text), file: of.file });
        }
    }

    /// Whether a file has a patch, and no whole objects.
    pub fn is_patch(&self, object: &Object<'s>) -> bool {
        self.kustomizations.is_patch(object.file.name)
    }

    /// Whether kustomizations write a field below the `spec` of an object on each way out of the files given, so
    /// that what the object says itself of it, or does not say, is not what a cluster gets.
    pub fn is_set_elsewhere(&self, object: &Object<'s>, keys: &[&str]) -> bool {
        !self.kustomizations.is_open(object.file.name, &mut |one| self.sets(one, object, keys))
    }

    /// Whether a kustomization, or a component of it, writes a field of an object.
    fn sets(&self, one: &Kustomization<'s>, object: &Object<'s>, keys: &[&str]) -> bool {
        let mut found = one.is_beyond_reading() && one.file.text.contains(object.kind);
        for part in self.kustomizations.with_components(one) {
            self.each_patch(&part, &mut |patch| {
                found |= patch.is_for(object) && patch.written(keys).is_some();
            });
        }
        found
    }

    /// The numbers of pods that kustomizations give a workload.
    pub(super) fn counts_of(&self, workload: &Object<'s>) -> Vec<(i64, Place)> {
        let mut found = Vec::new();
        for one in self.kustomizations_of(workload) {
            let entries = one.root.get("replicas").into_iter().flat_map(Node::items);
            let named = entries
                .filter(|entry| entry.get("name").and_then(Node::as_str) == Some(workload.name));
            let counts = named.filter_map(|entry| entry.get("count"));
            found.extend(
                counts.filter_map(|node| Some((node.as_int()?, one.file.place(node.span())))),
            );
            self.each_patch(&one, &mut |patch| {
                let count = patch.written(&["replicas"]).filter(|_| patch.is_for(workload));
                let count = count.and_then(|node| Some((node.as_int()?, node.span())));
                found.extend(count.map(|(count, span)| (count, patch.place(span))));
            });
        }
        found
    }
}
