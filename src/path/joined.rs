//! The nginx that a ConfigMap is a part of, put together without the rest of the model.

use std::ops::ControlFlow;

use super::site_files::{CONF_D, included, is_well_known, makes_files, mounted, neighbours, roots};
use crate::kube::{Container, Object, Workload};
use crate::nginx::{Config, FileId, Included, Shape};
use crate::set::Set;

/// The nginx that has the configurations of a ConfigMap: with all files that the first container mounts which mounts
/// this one, and otherwise with those of the ConfigMap alone. A `FileId` counts the configurations of the set.
///
/// `None` if none of them is one that nginx begins with.
pub fn nginx_of<'s>(set: &'s Set<'s>, map: &Object<'s>) -> Option<Config<'s>> {
    let mounting = set.mounting(map.name).filter(|one| one.0.shares_namespace_with(map));
    let mut containers = mounting
        .flat_map(|one| one.containers().into_iter().map(move |container| (one, container)));
    let found = containers.try_for_each(|(workload, container)| {
        in_container(set, map, &workload, &container)
            .map_or(ControlFlow::Continue(()), ControlFlow::Break)
    });
    found.break_value().or_else(|| alone(set, map))
}

fn in_container<'s>(
    set: &'s Set<'s>,
    map: &Object<'s>,
    workload: &Workload<'s>,
    container: &Container<'s>,
) -> Option<Config<'s>> {
    let files = mounted(set, workload, container);
    let own = set.nginx_in(map);
    files.iter().find(|(_, index)| own.contains(index))?;
    let mut first = roots(set, &files);
    let in_conf_d = |index: &usize| {
        files.iter().any(|(path, other)| other == index && path.starts_with(CONF_D))
    };
    if first.iter().any(in_conf_d) {
        first.retain(in_conf_d);
    }
    begun_with(set, &first, &|pattern| included(set, &files, makes_files(container), pattern))
}

/// Without anything that mounts it: the keys of the ConfigMap are the files.
fn alone<'s>(set: &'s Set<'s>, map: &Object<'s>) -> Option<Config<'s>> {
    let files: Vec<(String, usize)> = set
        .nginx_in(map)
        .iter()
        .map(|index| (set.nginx[*index].name().into_owned(), *index))
        .collect();
    let first = roots(set, &files);
    let root = *first.first()?;
    let includes = |pattern: &str| {
        let found = neighbours(set, root, pattern);
        if found.is_empty() && !is_well_known(pattern) {
            return Included::Unknown;
        }
        let files = found.into_iter().map(|index| (FileId(index), &*set.nginx[index].tree));
        Included::Files(files.collect())
    };
    begun_with(set, &first, &includes)
}

/// Of several whole configurations the first; fragments are all read, in the order of their names.
fn begun_with<'s>(
    set: &'s Set<'s>,
    first: &[usize],
    includes: &dyn Fn(&str) -> Included<'s>,
) -> Option<Config<'s>> {
    let shape = Shape::of(&set.nginx[*first.first()?].tree);
    let count = if shape == Shape::Full { 1 } else { first.len() };
    let mut first = first[..count].to_vec();
    first.sort_by_key(|index| set.nginx[*index].name());
    let files: Vec<_> =
        first.iter().map(|index| (FileId(*index), &*set.nginx[*index].tree)).collect();
    Some(Config::assemble_all(shape, &files, includes))
}
