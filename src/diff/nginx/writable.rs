//! The files that nginx makes at its start. Where they are is taste, unless the pods that are rendered have a root file
//! system that is read-only: then nginx starts with those alone that are on a volume.

use crate::kube::{Container, Object, Workload};
use crate::path::default_file;
use crate::set::Set;

/// The containers that have a configuration, as they are to be and as they are.
#[derive(Debug, Default)]
pub(super) struct Room<'c> {
    ours: Vec<(Workload<'c>, Container<'c>)>,
    theirs: Vec<(Workload<'c>, Container<'c>)>,
}

impl<'c> Room<'c> {
    pub(super) fn of(
        (ours, one): (&'c Set<'c>, &Object<'c>),
        (theirs, other): (&'c Set<'c>, &Object<'c>),
    ) -> Self {
        let mut closed = containers(ours, one);
        closed.retain(|(_, container)| container.has_read_only_root().is_some());
        Self { ours: closed, theirs: containers(theirs, other) }
    }

    /// Whether nginx cannot make what a directive of ours is about, at the path that is said there, or where its images
    /// have it.
    pub(super) fn is_closed(&self, name: &str, path: Option<&str>) -> bool {
        let Some(path) = default_file(name).map(|default| path.unwrap_or(default)) else {
            return false;
        };
        let mut all = self.ours.iter().chain(&self.theirs);
        let is_open = !path.starts_with('/')
            || path.starts_with("/dev/")
            || all.any(|(workload, container)| workload.has_volume_for(container, path));
        !self.ours.is_empty() && !is_open
    }
}

/// The containers that mount a ConfigMap.
fn containers<'c>(set: &'c Set<'c>, map: &Object<'c>) -> Vec<(Workload<'c>, Container<'c>)> {
    let mut found = Vec::new();
    for workload in set.mounting(map.name).filter(|one| one.0.shares_namespace_with(map)) {
        for container in workload.containers() {
            if workload.mounts(&container).iter().any(|mount| mount.config_map == map.name) {
                found.push((workload, container));
            }
        }
    }
    found
}
