//! What `configMapGenerator` makes. What `secretGenerator` makes is neither read nor built.

use std::fmt::Write as _;

use serde_json::{Map as JsonMap, Value as Json};

use super::build::{Builder, Kustomization};
use super::resource::{Resource, same_space};
use super::tree::{file_entry, items, joined};
use super::value::{Data, How, Map, Origin, Value};
use crate::diagnostic::Span;
use crate::manifest::Node;
use crate::render::sha256;
use crate::set::Place;

/// Why a value of a generated ConfigMap is not set where it is made.
pub(super) const GENERATED: &str = "a configMapGenerator makes it";

/// What an entry of a generator comes to.
struct Generated {
    data: Map,
    /// Whether all of its data was text.
    is_whole: bool,
}

impl Builder<'_> {
    /// Makes the ConfigMaps of a kustomization.
    pub(super) fn generate(&mut self, of: &Kustomization<'_>, into: &mut Vec<Resource>) {
        for entry in items(of.root, "configMapGenerator") {
            let data = self.data(of, entry);
            let made = config_map(of, entry, data);
            match entry.get("behavior").and_then(Node::as_str) {
                Some(how @ ("merge" | "replace")) => self.lay_over(of, entry, &made, how, into),
                _ if into.iter().any(|other| is_named_as(other, &made)) => {
                    self.broken(
                        of,
                        entry.span(),
                        "there is a ConfigMap of this name, or was under it",
                    );
                }
                _ => into.push(made),
            }
        }
    }

    fn data(&mut self, of: &Kustomization<'_>, entry: Node<'_>) -> Generated {
        let mut made = Generated { data: Map::default(), is_whole: true };
        for file in items(entry, "files") {
            self.add_file(of, file, &mut made);
        }
        for literal in items(entry, "literals") {
            let pair = literal.text().and_then(|text| text.split_once('='));
            let Some((key, value)) = pair else {
                self.broken(of, literal.span(), "a literal is written as `key=value`");
                continue;
            };
            let origin = Origin { how: How::Literal, ..of.text.origin(literal.span()) };
            made.data.set(key, Value::text_of(value.trim_matches(['"', '\'']), origin));
        }
        let single = entry.get("env").into_iter();
        for file in items(entry, "envs").chain(single) {
            self.add_lines(of, file, &mut made);
        }
        made
    }

    /// A file, under its name or under the key that is said.
    fn add_file(&mut self, of: &Kustomization<'_>, file: Node<'_>, made: &mut Generated) {
        let (key, path) = file_entry(file.as_str().unwrap_or_default());
        let path = joined(of.directory, path);
        if self.tree.is_binary(&path) {
            made.is_whole = false;
            return;
        }
        if let Some(source) = self.file(of, &path, file.span()) {
            let text = &self.sources.get(source).text;
            let place = Place { source, span: (0..text.len()).into() };
            made.data.set(key, Value::text_of(&**text, Origin { place, how: How::File }));
        }
    }

    /// A file of variables.
    fn add_lines(&mut self, of: &Kustomization<'_>, file: Node<'_>, made: &mut Generated) {
        let path = joined(of.directory, file.as_str().unwrap_or_default());
        let Some(source) = self.file(of, &path, file.span()) else {
            return;
        };
        let text = &*self.sources.get(source).text;
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let span: Span = (start..start + line.trim_end().len()).into();
            start += line.len();
            let line = line.trim_end_matches(['\n', '\r']).trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // A name alone takes its value from whoever runs Kustomize.
            let Some((key, value)) = line.split_once('=') else {
                made.is_whole = false;
                continue;
            };
            let place = Place { source, span };
            made.data.set(key, Value::text_of(value, Origin { place, how: How::Line }));
        }
    }

    /// Lays what is made over a ConfigMap of the same name that is there.
    fn lay_over(
        &mut self,
        of: &Kustomization<'_>,
        entry: Node<'_>,
        made: &Resource,
        how: &str,
        into: &mut [Resource],
    ) {
        let mut known = into.iter_mut().filter(|other| is_named_as(other, made));
        let (first, second) = (known.next(), known.next());
        let Some(known) = first.filter(|_| second.is_none()) else {
            let several = "there are several ConfigMaps that have this name or had it";
            let none = "there is no ConfigMap of this name to change";
            self.broken(of, entry.span(), if second.is_some() { several } else { none });
            return;
        };
        let origin = made.value.origin;
        let data = made.value.get("data").and_then(Value::map).cloned().unwrap_or_default();
        let target = known.value.make(&["data"], origin);
        if how == "replace" {
            *target = Value { data: Data::Map(data), origin };
        } else {
            let target = target.make_map(origin);
            for (key, value) in data.entries {
                target.set(&key, value);
            }
        }
        for key in ["labels", "annotations"] {
            let more = made.value.at(&["metadata", key]).and_then(Value::map);
            for (name, value) in more.into_iter().flat_map(|map| &map.entries) {
                let target = known.value.make(&["metadata", key], origin);
                target.make_map(origin).set(name, value.clone());
            }
        }
        known.is_hashed &= made.is_hashed;
        known.generated = made.generated;
    }
}

/// Whether a ConfigMap has the name of one that is made, or had it.
fn is_named_as(other: &Resource, made: &Resource) -> bool {
    let is_it =
        |(name, space): (&str, &str)| name == made.name() && same_space(space, made.namespace());
    other.kind() == "ConfigMap" && other.names().any(is_it)
}

fn config_map(of: &Kustomization<'_>, entry: Node<'_>, made: Generated) -> Resource {
    let here = of.text.origin(entry.span());
    let origin = here.computed(GENERATED);
    let mut value = Value::empty_map(origin);
    for (key, text) in [("apiVersion", "v1"), ("kind", "ConfigMap")] {
        value.make_map(origin).set(key, Value::text_of(text, origin));
    }
    for key in ["name", "namespace"] {
        if let Some(node) = entry.get(key) {
            let value = value.make(&["metadata"], origin).make_map(origin);
            value.set(key, Value::read(node, of.text));
        }
    }
    for options in [of.root.get("generatorOptions"), entry.get("options")].into_iter().flatten() {
        for key in ["labels", "annotations"] {
            let target = |value: &mut Value, name: &str, node: Node<'_>| {
                let map = value.make(&["metadata", key], origin);
                map.make_map(origin).set(name, Value::read(node, of.text));
            };
            for one in options.get(key).into_iter().flat_map(Node::entries) {
                target(&mut value, &one.key(), one.value());
            }
        }
    }
    if !made.data.entries.is_empty() {
        value.make_map(origin).set("data", Value { data: Data::Map(made.data), origin });
    }
    let mut resource = Resource::new(value);
    resource.is_hashed = made.is_whole && !is_unhashed(of.root, entry);
    resource.generated = Some(here);
    resource
}

fn is_unhashed(root: Node<'_>, entry: Node<'_>) -> bool {
    let options = [root.get("generatorOptions"), entry.get("options")];
    let says = |one: Node<'_>| one.get("disableNameSuffixHash")?.as_bool();
    options.into_iter().flatten().any(|one| says(one) == Some(true))
}

/// The end of the name of a ConfigMap: ten letters of the SHA-256 of what is in it, without those that could make a
/// word (kubernetes-sigs/kustomize:api/hasher/hasher.go).
pub(super) fn hash(resource: &Resource) -> String {
    let part = |key: &str| resource.value.get(key).map(Value::json);
    let mut encoded = JsonMap::new();
    if let Some(binary) = part("binaryData").filter(Json::is_object) {
        encoded.insert("binaryData".to_owned(), sorted(binary));
    }
    encoded.insert("data".to_owned(), part("data").map_or_else(|| "".into(), sorted));
    encoded.insert("kind".to_owned(), "ConfigMap".into());
    // It asks for a field called `metadata/name`, which no object has.
    encoded.insert("name".to_owned(), "".into());
    let digest = sha256(as_go_writes(&Json::Object(encoded).to_string()).as_bytes());
    let letters = digest.chars().take(10);
    letters
        .map(|letter| match letter {
            '0' => 'g',
            '1' => 'h',
            '3' => 'k',
            'a' => 'm',
            'e' => 't',
            other => other,
        })
        .collect()
}

fn sorted(value: Json) -> Json {
    match value {
        Json::Object(map) => {
            let mut entries: Vec<(String, Json)> = map.into_iter().collect();
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            Json::Object(entries.into_iter().collect())
        }
        other => other,
    }
}

/// Go's `encoding/json` escapes what could end a script in a page.
fn as_go_writes(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out
}
