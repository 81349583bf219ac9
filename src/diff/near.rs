//! Which manifests have to do with an app: what each object may be found by, and what an app's objects look for.
//!
//! Many apps may lie in one directory, more than are read at once. A comparison looks for an object by its name, for
//! what its pods mount, for what selects or scales them, and hardly for anything else. What it would find is told by
//! numbers, which fit into memory where the manifests do not.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;

use super::followers::led_to;
use super::ground::labels;
use super::hashed::{references, stem};
use crate::kube::{Object, Workload};
use crate::manifest::Node;
use crate::set::Set;

/// What an object is found by, or looked for by, in its namespace or in any. Two that are alike by chance are looked at
/// without need, and nothing else happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tie {
    what: u64,
    /// 0 for any.
    namespace: u64,
}

#[derive(Hash)]
enum What<'a> {
    /// An object of a name, with or without a hash at its end.
    Named(&'a str),
    /// What takes something from a ConfigMap of a name.
    Uses(&'a str),
    /// What scales a workload of a name.
    Scales(&'a str),
    /// A route to a port of a Service of a name, by the port's number.
    Leads(&'a str),
    /// Pods with a label.
    Labelled(&'a str, &'a str),
}

impl Tie {
    fn new(what: &What<'_>, of: &Object<'_>) -> Self {
        Self::within(what, of.namespace)
    }

    fn within(what: &What<'_>, namespace: Option<&str>) -> Self {
        let hash = FixedState::default();
        let namespace = namespace.map_or(0, |one| hash.hash_one(one).max(1));
        Self { what: hash.hash_one(what), namespace }
    }

    /// Where the ties of the same kind and name begin, in the order of ties.
    #[must_use]
    pub fn first_alike(self) -> Self {
        Self { namespace: 0, ..self }
    }

    /// Whether both are of one kind and name.
    pub fn is_alike(self, other: Self) -> bool {
        self.what == other.what
    }

    /// Whether one may be found by the other: an object that names no namespace may go into any.
    pub fn fits(self, other: Self) -> bool {
        let any = self.namespace == 0 || other.namespace == 0;
        self.is_alike(other) && (any || self.namespace == other.namespace)
    }
}

/// A name, and the same without a hash.
fn names(name: &str) -> impl Iterator<Item = &str> {
    std::iter::once(name).chain(stem(name))
}

/// What an object may be found by.
pub fn found_by(object: &Object<'_>, add: &mut impl FnMut(Tie)) {
    for (service, namespace) in led_to(object) {
        add(Tie::within(&What::Leads(service), namespace));
    }
    let mut add = |what: What<'_>| add(Tie::new(&what, object));
    names(object.name).for_each(|name| add(What::Named(name)));
    if object.kind != "ConfigMap" {
        references(object.node, &mut |map| names(map).for_each(|name| add(What::Uses(name))));
    }
    if let Some(workload) = Workload::of(object) {
        workload.pod_labels().iter().for_each(|(key, value)| add(What::Labelled(key, value)));
    }
    let target = object.in_spec(&["scaleTargetRef", "name"]).and_then(Node::as_str);
    if let Some(name) = target {
        add(What::Scales(name));
    }
}

/// What a workload that is there looks for: the ConfigMaps that its pods mount.
pub fn looked_for_by(object: &Object<'_>, add: &mut impl FnMut(Tie)) {
    let maps = Workload::of(object).into_iter().flat_map(|one| one.config_maps());
    maps.for_each(|map| add(Tie::new(&What::Named(map), object)));
}

/// What the rendered objects of an app look for: first themselves, as they are there, then all else.
pub fn looked_for(ours: &Set<'_>) -> (Vec<Tie>, Vec<Tie>) {
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for object in &ours.objects {
        own.push(Tie::new(&What::Named(object.name), object));
        let mut add = |what: What<'_>| others.push(Tie::new(&what, object));
        add(What::Scales(object.name));
        if object.kind == "Service" {
            add(What::Leads(object.name));
        }
        if object.kind == "ConfigMap" {
            names(object.name).for_each(|name| {
                add(What::Named(name));
                add(What::Uses(name));
            });
        }
        let selector = object.in_spec(&["selector", "matchLabels"]);
        let selector = selector.or_else(|| object.in_spec(&["selector"]));
        if let Some((key, value)) = selector.and_then(|selector| telling(&labels(selector))) {
            add(What::Labelled(key, value));
        }
        if object.kind == "Ingress" {
            texts(object.node, &mut |text| add(What::Named(text)));
        }
    }
    (own, others)
}

/// Of a selector's labels, the one that says most.
fn telling<'s>(selector: &[(&'s str, &'s str)]) -> Option<(&'s str, &'s str)> {
    selector.iter().copied().max_by_key(|(_, value)| value.len())
}

/// Every text within a value.
fn texts<'s>(node: Node<'s>, show: &mut impl FnMut(&'s str)) {
    node.as_str().into_iter().for_each(&mut *show);
    node.items().for_each(|item| texts(item, show));
    node.entries().for_each(|entry| texts(entry.value(), show));
}
