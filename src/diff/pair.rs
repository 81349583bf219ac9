//! Which object is which.

use std::collections::{BTreeSet, HashSet};

use super::hashed;
use crate::diagnostic::ObjectName;
use crate::kube::Object;
use crate::set::{Set, directory_of, nearness};

/// An object that may be any of several that are there.
#[derive(Debug)]
pub struct Unclear<'s> {
    /// As it is rendered.
    pub ours: Object<'s>,
    /// Those that are there.
    pub fits: Vec<Object<'s>>,
}

/// A rendered object with those there that may be it: one as a rule, none where it is not there.
type Fits<'s> = (Object<'s>, Vec<Object<'s>>);

/// Every rendered object with the one that is there under its name.
pub(super) fn pairs<'s>(ours: &Set<'s>, theirs: &Set<'s>) -> Vec<(Object<'s>, Option<Object<'s>>)> {
    let decided = decided(ours, theirs).into_iter();
    decided.map(|(one, fits)| (one, nearest(&one, &fits))).collect()
}

/// Every object with the one in the same file, where the files are the same before and after.
pub(super) fn pairs_in_place<'s>(
    before: &Set<'s>,
    after: &Set<'s>,
) -> Vec<(Object<'s>, Option<Object<'s>>)> {
    let compared = before.objects.iter().filter(|one| is_compared(one));
    compared.map(|one| (*one, nearest(one, &candidates(one, after)))).collect()
}

/// The objects of which nothing tells which one there they are.
pub fn unclear<'s>(ours: &Set<'s>, theirs: &Set<'s>) -> Vec<Unclear<'s>> {
    let several = decided(ours, theirs).into_iter().filter(|(_, fits)| fits.len() > 1);
    several.map(|(ours, fits)| Unclear { ours, fits }).collect()
}

/// An app's objects lie together: of several that fit, those count that lie beside one that is certain.
fn decided<'s>(ours: &Set<'s>, theirs: &Set<'s>) -> Vec<Fits<'s>> {
    let compared = ours.objects.iter().filter(|one| is_compared(one));
    let mut all: Vec<Fits<'s>> = compared.map(|one| (*one, candidates(one, theirs))).collect();
    let certain: HashSet<&str> = all
        .iter()
        .filter(|(_, fits)| fits.len() == 1)
        .flat_map(|(_, fits)| fits.iter().map(|one| directory_of(one.file.name)))
        .collect();
    for (_, fits) in all.iter_mut().filter(|(_, fits)| fits.len() > 1) {
        let is_beside = |one: &Object<'s>| certain.contains(directory_of(one.file.name));
        if fits.iter().any(is_beside) {
            fits.retain(is_beside);
        }
    }
    all
}

fn nearest<'s>(one: &Object<'s>, fits: &[Object<'s>]) -> Option<Object<'s>> {
    fits.iter().max_by_key(|other| nearness(other.file.name, one.file.name)).copied()
}

/// What is compared: objects for the API server. A kustomization.yaml is for Kustomize.
fn is_compared(object: &Object<'_>) -> bool {
    object.kind != "Kustomization"
}

/// By group, kind, namespace and name, whatever the version, wherever the file lies. Those that name the namespace go
/// before those that may go into any.
fn candidates<'s>(one: &Object<'s>, theirs: &Set<'s>) -> Vec<Object<'s>> {
    let exact = theirs.candidates(one.kind, one.name);
    let fits = |other: &&Object<'s>| same_group(one, other) && one.shares_namespace_with(other);
    let mut fits: Vec<Object<'s>> = exact.into_iter().filter(fits).copied().collect();
    if fits.is_empty() {
        fits = renamed(one, theirs);
    }
    let names_it =
        |other: &Object<'s>| other.namespace.is_some() && other.namespace == one.namespace;
    if fits.iter().any(names_it) {
        fits.retain(names_it);
    }
    fits
}

/// Ingress came from `extensions`. Others have an Ingress of their own, such as Knative
/// (knative/networking:pkg/apis/networking/register.go).
fn same_group(one: &Object<'_>, other: &Object<'_>) -> bool {
    let is_ingress = |object: &Object<'_>| {
        object.kind == "Ingress" && matches!(object.group, "extensions" | "networking.k8s.io")
    };
    one.group == other.group || is_ingress(one) && is_ingress(other)
}

/// A ConfigMap that Kustomize built ends with a hash of what is in it. Of several the one counts that is in use; where
/// that does not show, the one that is most like it.
fn renamed<'s>(one: &Object<'s>, theirs: &Set<'s>) -> Vec<Object<'s>> {
    if one.kind != "ConfigMap" {
        return Vec::new();
    }
    let all = theirs.of_kind("ConfigMap").filter(|other| {
        same_group(one, other)
            && one.shares_namespace_with(other)
            && hashed::is_same(one.name, other.name)
    });
    let all: Vec<Object<'s>> = all.copied().collect();
    if all.len() < 2 {
        return all;
    }
    let in_use = all.iter().filter(|other| hashed::is_in_use(other, theirs));
    let in_use: Vec<Object<'s>> = in_use.copied().collect();
    if in_use.is_empty() { hashed::likest(one, &all).into_iter().collect() } else { in_use }
}

/// Whether an object there goes by the name that one is rendered with: a name with a hash is the same, and an object
/// that names no namespace may be of any.
pub fn goes_by(there: &ObjectName, rendered: &ObjectName) -> bool {
    let same_namespace = match (&there.namespace, &rendered.namespace) {
        (Some(there), Some(rendered)) => there == rendered,
        _ => true,
    };
    let hashed = || there.kind == "ConfigMap" && hashed::is_same(&rendered.name, &there.name);
    there.kind == rendered.kind && same_namespace && (there.name == rendered.name || hashed())
}

/// The objects that only the other side has, in the directories of those that were found.
pub(super) fn only_there<'s>(
    theirs: &Set<'s>,
    pairs: &[(Object<'s>, Option<Object<'s>>)],
) -> Vec<Object<'s>> {
    let found: Vec<&Object<'s>> = pairs.iter().filter_map(|(_, other)| other.as_ref()).collect();
    let directories: BTreeSet<&str> =
        found.iter().map(|object| directory_of(object.file.name)).collect();
    let is_other =
        |object: &&Object<'s>| is_compared(object) && !found.iter().any(|one| one.is(object));
    let beside = directories.into_iter().flat_map(|directory| theirs.in_directory(directory));
    beside.filter(is_other).copied().collect()
}
