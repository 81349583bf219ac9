//! The nginx configurations that no workload given mounts, and in whose pods each may be.
//!
//! What people keep in one file, or else in one directory, belongs together.

use foldhash::HashMap;

use super::{Backend, Model, Site, index};
use crate::set::directory_of;

/// The sites that no workload given mounts.
#[derive(Debug)]
pub(super) struct Unmounted {
    by_directory: HashMap<String, Vec<usize>>,
    /// How near the nearest backend is that may have it, of each site of the model.
    near: Vec<Near>,
}

/// How near a site lies to a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Near {
    Elsewhere,
    Directory,
    File,
}

impl<'s> Backend<'s> {
    /// The number of the port that requests go to in the pods.
    pub fn pod_port(&self) -> Option<u16> {
        u16::try_from(self.pods.port_number(&self.port)?).ok()
    }

    /// Whether an nginx that nobody mounts listens where requests go.
    fn may_have(&self, site: &Site<'s>) -> bool {
        let near = site.root.object().is_none_or(|map| map.shares_namespace_with(&self.service.0));
        let port = self.pod_port().filter(|_| near && site.containers.is_empty());
        port.is_some_and(|port| !site.config.on_port(port).is_empty())
    }

    fn near(&self, site: &Site<'s>) -> Near {
        let (own, other) = (self.service.0.file.name, site.root.file().name);
        match directory_of(own) == directory_of(other) {
            true if own == other => Near::File,
            true => Near::Directory,
            false => Near::Elsewhere,
        }
    }
}

impl<'s> Model<'s> {
    /// The nginx configurations that may be in the pods of a backend, although no workload given mounts them. Of several
    /// those nearest to the Service, and none that lies nearer to another one.
    pub fn unmounted_sites(&self, backend: &Backend<'s>) -> Vec<&Site<'s>> {
        if self.is_served(backend) {
            return Vec::new();
        }
        if let Some(nearest) = self.nearest_unmounted(backend) {
            return nearest;
        }
        let all = self.unmounted().by_directory.values().flatten().map(|index| &self.sites[*index]);
        let mut found: Vec<_> = all.filter(|site| self.is_far_from_all(site)).collect();
        found.retain(|site| backend.may_have(site));
        found
    }

    /// Whether an nginx configuration is one of those, without a look at all of them.
    pub fn may_be_in_pods(&self, site: &Site<'s>, backend: &Backend<'s>) -> bool {
        backend.may_have(site)
            && !self.is_served(backend)
            && match self.nearest_unmounted(backend) {
                Some(nearest) => nearest.iter().any(|one| one.index == site.index),
                None => self.is_far_from_all(site),
            }
    }

    /// Those in the directory of the Service; `None` where there are none.
    fn nearest_unmounted(&self, backend: &Backend<'s>) -> Option<Vec<&Site<'s>>> {
        let beside =
            self.unmounted().by_directory.get(directory_of(backend.service.0.file.name))?;
        let beside = beside.iter().map(|index| &self.sites[*index]);
        let mut found: Vec<_> = beside.filter(|site| backend.may_have(site)).collect();
        if found.is_empty() {
            return None;
        }
        found.retain(|site| backend.near(site) >= self.unmounted().near[site.index]);
        let nearest = found.iter().map(|site| backend.near(site)).max();
        found.retain(|site| Some(backend.near(site)) == nearest);
        Some(found)
    }

    /// Whether an nginx that its pods mount listens where requests go.
    fn is_served(&self, backend: &Backend<'s>) -> bool {
        let port = backend.pod_port();
        let mut sites = backend.sites.iter().map(|index| &self.sites[*index]);
        sites.any(|site| port.is_some_and(|port| !site.config.on_port(port).is_empty()))
    }

    fn is_far_from_all(&self, site: &Site<'s>) -> bool {
        self.unmounted().near[site.index] == Near::Elsewhere
    }

    fn unmounted(&self) -> &Unmounted {
        self.unmounted.get_or_init(|| unmounted(self))
    }
}

fn unmounted(model: &Model<'_>) -> Unmounted {
    let backends = model.backends.iter().filter(|one| !model.is_served(one));
    let backends = index(backends.map(|one| (directory_of(one.service.0.file.name), one)));
    let near = model.sites.iter().map(|site| nearest(&backends, site)).collect();
    let sites = model.sites.iter().enumerate().filter(|(_, site)| site.containers.is_empty());
    let by_directory =
        index(sites.map(|(at, site)| (directory_of(site.root.file().name).to_owned(), at)));
    Unmounted { by_directory, near }
}

fn nearest<'s>(backends: &HashMap<&str, Vec<&Backend<'s>>>, site: &Site<'s>) -> Near {
    let beside = backends.get(directory_of(site.root.file().name)).into_iter().flatten();
    let near = beside.filter(|one| one.may_have(site)).map(|one| one.near(site));
    near.max().unwrap_or(Near::Elsewhere)
}
