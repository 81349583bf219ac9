//! Goes through kustomizations in the order that Kustomize does.

use std::collections::HashMap;

use super::generate::hash;
use super::references;
use super::resource::Resource;
use super::transform::rename;
use super::tree::{Tree, is_remote, items, joined, root};
use super::value::{Text, Value};
use crate::diagnostic::{Diagnostic, Label, SourceId, Sources, Span};
use crate::manifest::{self, Node};

/// A kustomization.yaml that takes part in a build. The first is the one that is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Its directory.
    pub directory: String,
    /// The file.
    pub source: SourceId,
}

/// What a kustomization.yaml builds.
#[derive(Debug)]
pub struct Built {
    /// The manifests: JSON, one object a document.
    pub text: String,
    /// The kustomizations that took part.
    pub layers: Vec<Layer>,
    pub(super) resources: Vec<Resource>,
    /// Where each object begins in the text.
    pub(super) starts: Vec<usize>,
    /// Which kustomization brought a file in.
    pub(super) owners: HashMap<SourceId, usize>,
}

/// Builds the kustomization.yaml of a directory, which is called `shown` in what is said.
///
/// # Errors
///
/// If something is not followed here, or Kustomize would build nothing: all of it, with the places.
pub fn build(
    tree: &Tree,
    sources: &Sources,
    directory: &str,
    shown: &str,
) -> Result<Built, Vec<Diagnostic>> {
    let mut builder = Builder {
        tree,
        sources,
        shown,
        layers: Vec::new(),
        owners: HashMap::new(),
        open: Vec::new(),
        troubles: Vec::new(),
    };
    let mut resources = Vec::new();
    builder.accumulate(directory, &mut resources);
    if !builder.troubles.is_empty() {
        return Err(builder.troubles);
    }
    for resource in resources.iter_mut().filter(|resource| resource.is_hashed) {
        rename(resource, format!("{}-{}", resource.name(), hash(resource)));
    }
    if let Err((origin, why)) = references::follow(&mut resources) {
        let label = Label::new(origin.place.source, origin.place.span, "");
        builder.broken_at(label, &why);
        return Err(builder.troubles);
    }
    let (mut text, mut starts) = (String::new(), Vec::new());
    for resource in &resources {
        text.push_str("---\n");
        starts.push(text.len());
        text.push_str(&written(resource));
        text.push('\n');
    }
    Ok(Built { text, layers: builder.layers, resources, starts, owners: builder.owners })
}

/// An object as JSON. What is in a Secret stays where it is.
fn written(resource: &Resource) -> String {
    let mut json = resource.value.json();
    if let Some(map) = json.as_object_mut().filter(|_| resource.kind() == "Secret") {
        map.retain(|key, _| key != "data" && key != "stringData");
    }
    json.to_string()
}

/// What a build knows while it is under way.
pub(super) struct Builder<'s> {
    pub(super) tree: &'s Tree,
    pub(super) sources: &'s Sources,
    /// What is built, as people call it.
    shown: &'s str,
    layers: Vec<Layer>,
    owners: HashMap<SourceId, usize>,
    /// The directories that are being gone through.
    open: Vec<String>,
    troubles: Vec<Diagnostic>,
}

/// A kustomization.yaml that is gone through.
#[derive(Clone, Copy)]
pub(super) struct Kustomization<'k> {
    pub(super) root: Node<'k>,
    pub(super) text: Text<'k>,
    pub(super) directory: &'k str,
    pub(super) layer: usize,
}

/// Keys with which others than the built-in ones decide what is built.
const BEYOND: [&str; 9] = [
    "configurations",
    "generators",
    "helmChartInflationGenerator",
    "helmCharts",
    "helmGlobals",
    "openapi",
    "replacements",
    "transformers",
    "vars",
];

impl Builder<'_> {
    /// Goes through a kustomization: its resources come to those that are there, and all of them are changed.
    fn accumulate(&mut self, directory: &str, into: &mut Vec<Resource>) {
        let Some(source) = self.tree.kustomization(directory) else {
            return;
        };
        let layer = self.layers.len();
        self.layers.push(Layer { directory: directory.to_owned(), source });
        self.owners.insert(source, layer);
        let stream = manifest::read(&self.sources.get(source).text);
        for problem in &stream.problems {
            let label = Label::new(source, problem.span, "");
            self.troubles.push(Diagnostic::at("yaml-syntax", &*problem.message, label));
        }
        let Some(root) = root(&stream) else {
            let label = Label::new(source, (0..0).into(), "");
            return self.broken_at(label, "this kustomization.yaml says nothing");
        };
        let text = Text { file: source, within: None };
        let of = Kustomization { root, text, directory, layer };
        self.refuse_beyond(&of);
        self.open.push(directory.to_owned());
        for key in ["resources", "bases"] {
            for entry in items(root, key) {
                self.resource(&of, entry, into);
            }
        }
        self.generate(&of, into);
        for entry in items(root, "components") {
            self.component(&of, entry, into);
        }
        self.transform(&of, into);
        self.open.pop();
    }

    fn refuse_beyond(&mut self, of: &Kustomization<'_>) {
        for key in BEYOND {
            if let Some(span) = of.root.key_span(key).filter(|_| !is_empty(of.root.get(key))) {
                self.beyond(of, span, &format!("`{key}`"));
            }
        }
    }

    /// A file of manifests, or another kustomization.
    fn resource(&mut self, of: &Kustomization<'_>, entry: Node<'_>, into: &mut Vec<Resource>) {
        let name = entry.as_str().unwrap_or_default();
        if is_remote(name) {
            return self.beyond(of, entry.span(), &format!("`{name}`, which lies elsewhere,"));
        }
        let path = joined(of.directory, name);
        if self.tree.kustomization(&path).is_some() {
            if self.is_within(of, &path, entry) {
                return;
            }
            let mut inner = Vec::new();
            self.accumulate(&path, &mut inner);
            for resource in inner {
                self.take(resource, entry.span(), of, into);
            }
        } else if let Some(source) = self.file(of, &path, entry.span()) {
            self.manifests(of, source, entry.span(), into);
        }
    }

    fn manifests(
        &mut self,
        of: &Kustomization<'_>,
        source: SourceId,
        listed: Span,
        into: &mut Vec<Resource>,
    ) {
        let stream = manifest::read(&self.sources.get(source).text);
        if let Some(problem) = stream.problems.first() {
            let label = Label::new(source, problem.span, "");
            self.troubles.push(Diagnostic::at("yaml-syntax", &*problem.message, label));
        }
        let text = Text { file: source, within: None };
        for object in manifest::objects(&stream) {
            let value = Value::read(object.node, text);
            self.take(Resource::new(value), listed, of, into);
        }
    }

    fn component(&mut self, of: &Kustomization<'_>, entry: Node<'_>, into: &mut Vec<Resource>) {
        let name = entry.as_str().unwrap_or_default();
        let path = joined(of.directory, name);
        if is_remote(name) {
            self.beyond(of, entry.span(), &format!("`{name}`, which lies elsewhere,"));
        } else if self.tree.kustomization(&path).is_none() {
            self.broken(of, entry.span(), "there is no kustomization.yaml in this directory");
        } else if !self.is_within(of, &path, entry) {
            self.accumulate(&path, into);
        }
    }

    /// Whether a directory is among those that are being gone through, which would never end.
    fn is_within(&mut self, of: &Kustomization<'_>, path: &str, entry: Node<'_>) -> bool {
        let is_open = self.open.iter().any(|other| other == path);
        if is_open {
            self.broken(of, entry.span(), "this leads back to where it came from");
        }
        is_open
    }

    /// Takes in an object.
    pub(super) fn take(
        &mut self,
        resource: Resource,
        listed: Span,
        of: &Kustomization<'_>,
        into: &mut Vec<Resource>,
    ) {
        if into.iter().any(|other| other.clashes_with(&resource)) {
            let (kind, name) = (resource.kind(), resource.name());
            let why = format!("with this there are two of the name {kind} `{name}`");
            return self.broken(of, listed, &why);
        }
        into.push(resource);
    }

    /// A file that a kustomization names.
    pub(super) fn file(
        &mut self,
        of: &Kustomization<'_>,
        path: &str,
        named: Span,
    ) -> Option<SourceId> {
        let source = self.tree.file(path);
        match source {
            Some(source) => {
                self.owners.entry(source).or_insert(of.layer);
            }
            None => self.broken(of, named, "there is no such file"),
        }
        source
    }

    /// Says that something is not followed.
    pub(super) fn beyond(&mut self, of: &Kustomization<'_>, span: Span, what: &str) {
        self.beyond_at(Label::new(of.text.file, span, ""), what);
    }

    /// The same, of a place in whatever file.
    pub(super) fn beyond_at(&mut self, label: Label, what: &str) {
        let directory = self.shown;
        let message = format!("{what} is not followed: only Kustomize knows what it comes to");
        let help = format!(
            "compare what Kustomize builds: `kubectl kustomize {directory} | sioway diff --against -`"
        );
        self.troubles.push(Diagnostic::at("kustomize-not-followed", message, label).help(help));
    }

    /// Says why Kustomize would build nothing.
    pub(super) fn broken(&mut self, of: &Kustomization<'_>, span: Span, why: &str) {
        self.broken_at(Label::new(of.text.file, span, ""), why);
    }

    /// The same, of a place in whatever file.
    pub(super) fn broken_at(&mut self, label: Label, why: &str) {
        let problem = Diagnostic::at("kustomize-broken", why, label);
        let directory = self.shown;
        let help = format!("`kubectl kustomize {directory}` says what Kustomize makes of it");
        self.troubles.push(problem.help(help));
    }
}

fn is_empty(node: Option<Node<'_>>) -> bool {
    node.is_none_or(|node| {
        node.is_null()
            || node.is_list() && node.items().next().is_none()
            || node.is_map() && node.entries().next().is_none()
    })
}
