//! Which object is which.

use super::hashed;
use crate::kube::Object;
use crate::set::{Set, nearness};

/// Every rendered object with the one that is there under its name.
pub(super) fn pairs<'s>(ours: &Set<'s>, theirs: &Set<'s>) -> Vec<(Object<'s>, Option<Object<'s>>)> {
    ours.objects
        .iter()
        .filter(|one| is_compared(one))
        .map(|one| (*one, counterpart(one, theirs)))
        .collect()
}

/// What is compared: objects for the API server. A kustomization.yaml is for Kustomize.
fn is_compared(object: &Object<'_>) -> bool {
    object.kind != "Kustomization"
}

/// By group, kind, namespace and name, whatever the version, wherever the file lies.
fn counterpart<'s>(one: &Object<'s>, theirs: &Set<'s>) -> Option<Object<'s>> {
    let exact = theirs.candidates(one.kind, one.name);
    let fits = |other: &&Object<'s>| same_group(one, other) && one.shares_namespace_with(other);
    let exact =
        exact.into_iter().filter(fits).max_by_key(|other| nearness(other.file.name, one.file.name));
    exact.copied().or_else(|| renamed(one, theirs))
}

/// Ingress came from `extensions`, and some kinds of Google's changed their version only.
fn same_group(one: &Object<'_>, other: &Object<'_>) -> bool {
    one.group == other.group || one.kind == "Ingress"
}

/// A ConfigMap that Kustomize built ends with a hash of what is in it.
fn renamed<'s>(one: &Object<'s>, theirs: &Set<'s>) -> Option<Object<'s>> {
    if one.kind != "ConfigMap" {
        return None;
    }
    let all = theirs.of_kind("ConfigMap").filter(|other| one.shares_namespace_with(other));
    hashed::likest(one, all.copied())
}

/// The objects that only the other side has: of the kinds that are rendered, in the files of those that were found.
pub(super) fn only_there<'s>(
    theirs: &Set<'s>,
    pairs: &[(Object<'s>, Option<Object<'s>>)],
) -> Vec<Object<'s>> {
    let found: Vec<&Object<'s>> = pairs.iter().filter_map(|(_, other)| other.as_ref()).collect();
    let directory =
        |object: &Object<'s>| object.file.name.rsplit_once('/').map_or("", |(path, _)| path);
    let beside = |object: &&Object<'s>| {
        is_compared(object)
            && !found.iter().any(|one| one.is(object))
            && found.iter().any(|one| directory(one) == directory(object))
    };
    theirs.objects.iter().filter(beside).copied().collect()
}
