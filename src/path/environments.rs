//! Directories that are environments, without Kustomize: the same objects of the same names in each.

use foldhash::HashMap;

use super::Model;
use super::kustomize::{Kustomizations, is_part};
use crate::kube::Object;
use crate::set::{Set, Tie, directory_of};

/// The namespaces of whole Services and Ingresses, by their kinds, their names, and each directory that they are below.
pub(super) type Whole<'s> = HashMap<(&'s str, &'s str, &'s str), Vec<Option<&'s str>>>;

/// What goes through Kustomize lies wherever its parts were put.
pub(super) fn whole<'s>(set: &Set<'s>, kustomizations: &Kustomizations<'s>) -> Whole<'s> {
    let mut found = Whole::default();
    let all = set.of_kind("Service").chain(set.of_kind("Ingress"));
    for object in all.filter(|one| !is_part(one) && !kustomizations.has(one)) {
        for directory in directories(directory_of(object.file.name)) {
            let key = (object.kind, object.name, directory);
            let namespaces: &mut Vec<Option<&str>> = found.entry(key).or_default();
            if !namespaces.contains(&object.namespace) {
                namespaces.push(object.namespace);
            }
        }
    }
    found
}

/// A directory and those that it is in, the innermost first.
fn directories(of: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(of), |inner| Some(inner.rsplit_once('/')?.0))
}

impl<'s> Model<'s> {
    /// Whether what `from` names so may be this object. It is not where the same object as `from` lies in the part of
    /// the tree that this one is in: then both are of another environment, and what `from` names is not among the files
    /// given. What goes through Kustomize is never left out.
    pub(super) fn may_mean(&self, from: &Object<'s>, object: &Object<'s>) -> bool {
        let Some(apart) = apart(directory_of(object.file.name), directory_of(from.file.name))
        else {
            return true;
        };
        if is_part(from) || self.kustomizations.has(from) || self.kustomizations.has(object) {
            return true;
        }
        self.set.ask(Tie::Object(from.kind, from.name), object.namespace);
        let mut twins = self.environments.get(&(from.kind, from.name, apart)).into_iter().flatten();
        !twins.any(|own| own.is_none() || object.namespace.is_none() || *own == object.namespace)
    }
}

/// The first directory on the way to `to` that another one is not in; `None` where that is below `to`, or beside.
fn apart<'d>(to: &'d str, other: &str) -> Option<&'d str> {
    let is_above = |one: &str| {
        one.is_empty()
            || other == one
            || other.strip_prefix(one).is_some_and(|rest| rest.starts_with('/'))
    };
    directories(to).take_while(|one| !is_above(one)).last()
}
