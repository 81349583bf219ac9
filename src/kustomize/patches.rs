//! The patches of a kustomization, and what it does to all objects, in Kustomize's order.

use std::collections::HashSet;

use super::build::{Builder, Kustomization};
use super::json_patch;
use super::merge;
use super::resource::{Applied, Resource, Target, effective};
use super::transform::{Reach, affix, annotate, image, label, namespace, replicas};
use super::tree::{is_inline, items, joined};
use super::value::{Data, Map, Text, Value};
use crate::manifest::{self, Document, Node};

impl Builder<'_> {
    /// Everything that a kustomization does to the objects
    /// (`kubernetes-sigs/kustomize:api/internal/target/kusttarget.go`).
    pub(super) fn transform(&mut self, of: &Kustomization<'_>, all: &mut Vec<Resource>) {
        for key in ["patchesStrategicMerge", "patches"] {
            for entry in items(of.root, key) {
                self.patch(of, entry, false, all);
            }
        }
        self.name_all(of, all);
        self.label_all(of, all);
        for entry in items(of.root, "patchesJson6902") {
            self.patch(of, entry, true, all);
        }
        for entry in items(of.root, "replicas") {
            let name = entry.get("name").and_then(Node::as_str).unwrap_or_default();
            if let Some(count) = entry.get("count") {
                let count = Value::read(count, of.text);
                for one in all.iter_mut() {
                    replicas(one, name, &count);
                }
            }
        }
        for entry in items(of.root, "images") {
            let entry = Value::read(entry, of.text);
            for one in all.iter_mut() {
                image(one, &entry);
            }
        }
    }

    /// Namespace, prefix and suffix.
    fn name_all(&mut self, of: &Kustomization<'_>, all: &mut [Resource]) {
        let is_said = |node: &Node<'_>| node.as_str().is_some_and(|text| !text.is_empty());
        let text = |key| of.root.get(key).filter(is_said);
        if let Some(node) = text("namespace") {
            let to = Value::read(node, of.text);
            for one in all.iter_mut() {
                namespace(one, &to);
            }
            if let Some(twin) = first_twin(all) {
                self.broken(of, node.span(), &format!("this makes two of the name {twin}"));
            }
        }
        let part = |key| text(key).and_then(Node::as_str).unwrap_or_default();
        let (prefix, suffix) = (part("namePrefix"), part("nameSuffix"));
        if !prefix.is_empty() || !suffix.is_empty() {
            for one in all.iter_mut() {
                affix(one, prefix, suffix);
            }
        }
    }

    fn label_all(&mut self, of: &Kustomization<'_>, all: &mut [Resource]) {
        for entry in items(of.root, "labels") {
            if let Some(span) = entry.key_span("fields") {
                self.beyond(of, span, "`fields` of `labels`");
            }
            let is = |key| entry.get(key).and_then(Node::as_bool) == Some(true);
            let reach =
                Reach { selectors: is("includeSelectors"), templates: is("includeTemplates") };
            if let Some(pairs) = entry.get("pairs") {
                let pairs = Value::read(pairs, of.text);
                for one in all.iter_mut() {
                    label(one, &pairs, reach);
                }
            }
        }
        if let Some(pairs) = of.root.get("commonLabels") {
            let pairs = Value::read(pairs, of.text);
            let reach = Reach { selectors: true, templates: true };
            for one in all.iter_mut() {
                label(one, &pairs, reach);
            }
        }
        if let Some(pairs) = of.root.get("commonAnnotations") {
            let pairs = Value::read(pairs, of.text);
            for one in all.iter_mut() {
                annotate(one, &pairs);
            }
        }
    }

    /// An entry of one of the lists of patches: a path, a text, or a map that has either.
    fn patch(
        &mut self,
        of: &Kustomization<'_>,
        entry: Node<'_>,
        names_one: bool,
        all: &mut Vec<Resource>,
    ) {
        let target =
            entry.get("target").map(|node| (node, Target::read(&Value::read(node, of.text))));
        let target = match target {
            Some((node, Err(key))) => {
                return self.beyond(of, node.span(), &format!("`{key}` of this target"));
            }
            Some((_, Ok(target))) => Some(target),
            None => None,
        };
        let allows = |key| entry.at(&["options", key]).and_then(Node::as_bool) == Some(true);
        if allows("allowKindChange") {
            return self.beyond(of, entry.span(), "a patch that may change the kind");
        }
        for mut root in self.parts(of, entry) {
            if !entry.is_map() || target.is_some() {
                keep_metadata(&mut root);
            }
            let patch = Patch {
                entry,
                root,
                target: target.as_ref(),
                names_one,
                may_rename: allows("allowNameChange"),
            };
            self.lay(of, &patch, all);
        }
    }

    /// What an entry says: the documents of a text, or of a file.
    fn parts(&mut self, of: &Kustomization<'_>, entry: Node<'_>) -> Vec<Value> {
        let is_text = |entry: &Node<'_>| entry.as_str().is_some_and(is_inline);
        let path = entry.get("path").unwrap_or(entry);
        let mut found = Vec::new();
        if let Some(said) = entry.get("patch").or(Some(entry).filter(is_text)) {
            match said.embedded() {
                Some(text) => {
                    let within = Text { file: of.text.file, within: Some((&text, said.span())) };
                    documents(text.text(), &mut |root| found.push(Value::read(root, within)));
                }
                None => self.beyond(of, said.span(), "a patch that is written in this way"),
            }
        } else if let Some(path_text) = path.as_str() {
            let file = joined(of.directory, path_text);
            if let Some(source) = self.file(of, &file, path.span()) {
                let text = Text { file: source, within: None };
                let read = &self.sources.get(source).text;
                documents(read, &mut |root| found.push(Value::read(root, text)));
            }
        }
        if found.is_empty() {
            self.broken(of, entry.span(), "this patch says nothing");
        }
        found
    }

    /// Lays a patch over the objects that it is for.
    fn lay(&mut self, of: &Kustomization<'_>, patch: &Patch<'_>, all: &mut Vec<Resource>) {
        let is_steps = matches!(patch.root.data, Data::List(_));
        if let Some((key, origin)) = merge::beyond(&patch.root).filter(|_| !is_steps) {
            let label = origin.place.label("");
            return self.beyond_at(label, &format!("`{key}` in a patch"));
        }
        let is_for = |one: &Resource| match patch.target {
            Some(target) => target.fits(one),
            None => one.is_named_by(&patch.root),
        };
        let chosen: Vec<usize> = (0..all.len()).filter(|index| is_for(&all[*index])).collect();
        if chosen.is_empty() && (patch.target.is_none() || patch.names_one) {
            let why = if is_steps && patch.target.is_none() {
                "a patch of steps needs a target"
            } else {
                "this patch is for an object that is not there"
            };
            return self.broken(of, patch.entry.span(), why);
        }
        let is_sole = chosen.len() == 1;
        for index in chosen.into_iter().rev() {
            if is_steps {
                if let Err((origin, why)) = json_patch::apply(&mut all[index].value, &patch.root) {
                    self.broken_at(origin.place.label(""), &why);
                }
            } else if !merged(&mut all[index], patch, of.layer, is_sole) {
                all.remove(index);
            }
        }
    }
}

/// Kustomize takes labels and annotations for texts where a patch has a target, and in `patchesStrategicMerge`: `null`
/// for a key is the text, and for all of them nothing. So does the Kustomize 5.5 that the tests ask.
fn keep_metadata(patch: &mut Value) {
    let Data::Map(map) = &mut patch.data else {
        return;
    };
    let Some(Data::Map(metadata)) = map.get_mut("metadata").map(|value| &mut value.data) else {
        return;
    };
    for key in ["labels", "annotations"] {
        metadata.entries.retain(|(other, value)| other != key || !value.is_null());
        if let Some(Data::Map(pairs)) = metadata.get_mut(key).map(|value| &mut value.data) {
            for (_, value) in pairs.entries.iter_mut().filter(|(_, value)| value.is_null()) {
                *value = Value::text_of("null", value.origin);
            }
        }
    }
}

/// A patch: what it says, whom it is for, and what it may change.
struct Patch<'p> {
    entry: Node<'p>,
    root: Value,
    target: Option<&'p Target>,
    /// Its target is an object that must be there.
    names_one: bool,
    may_rename: bool,
}

/// Merges a part into an object, whose name stays as a rule; whether there still is one.
fn merged(resource: &mut Resource, patch: &Patch<'_>, layer: usize, is_sole: bool) -> bool {
    let kept: Vec<(&str, Option<Value>)> = ["name", "namespace"]
        .map(|key| (key, resource.value.at(&["metadata", key]).cloned()))
        .to_vec();
    let own_kind = resource.value.get("kind").cloned();
    let kind = resource.kind().to_owned();
    if patch.may_rename {
        resource.remember();
    }
    if merge::merge(&mut resource.value, &patch.root, &kind).is_none() {
        return false;
    }
    let origin = resource.value.origin;
    restore(resource.value.make_map(origin), "kind", own_kind);
    for (key, value) in kept {
        if key != "name" || !patch.may_rename {
            let metadata = resource.value.make(&["metadata"], origin);
            restore(metadata.make_map(origin), key, value);
        }
    }
    resource.patches.push(Applied { layer, root: patch.root.clone(), is_sole });
    true
}

fn restore(map: &mut Map, key: &str, value: Option<Value>) {
    match value {
        Some(value) => map.set(key, value),
        None => map.entries.retain(|(other, _)| other != key),
    }
}

/// The first object of which there are two.
fn first_twin(all: &[Resource]) -> Option<String> {
    let mut known = HashSet::new();
    let id = |one| (Resource::kind(one), one.api().0, one.name(), effective(one.namespace()));
    let twin = all.iter().find(|&one| !known.insert(id(one)))?;
    Some(format!("{} `{}`", twin.kind(), twin.name()))
}

/// The patch that a text is, or several.
fn documents(text: &str, visit: &mut dyn FnMut(Node<'_>)) {
    let stream = manifest::read(text);
    for root in stream.documents().filter_map(Document::root) {
        visit(root);
    }
}
