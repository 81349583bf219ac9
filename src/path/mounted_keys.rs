//! What a container is to have of ConfigMaps, and has not.

use super::Model;
use super::site_files::generated;
use crate::kube::{Container, Mount, Object, Workload};
use crate::manifest::{Entry, Node};

/// A key of a ConfigMap that a container is to have, and that the ConfigMap lacks.
#[derive(Debug, Clone)]
pub struct MissingKey<'s> {
    /// The ConfigMap.
    pub map: Object<'s>,
    /// Where the key is named: a `subPath`, or the `key` of an item.
    pub node: Node<'s>,
    /// What comes of it.
    pub end: Unmounted,
    /// What it has.
    pub keys: Vec<String>,
}

/// Why a container does not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmounted {
    /// kubelet makes a directory of a `subPath` that the volume lacks, and it cannot be mounted over a file
    /// (`kubernetes/kubernetes:pkg/kubelet/kubelet_pods.go`, `makeMounts`).
    Directory,
    /// A volume is not set up where an item names a key that is not there
    /// (<https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/#projections>).
    Volume,
}

impl<'s> Model<'s> {
    /// The keys that a container of nginx is to have of ConfigMaps that are among the files, and that these lack.
    pub fn missing_keys(
        &self,
        workload: &Workload<'s>,
        container: &Container<'s>,
    ) -> Vec<MissingKey<'s>> {
        if !container.runs_nginx() || self.is_patched(&workload.0) {
            return Vec::new();
        }
        let mounts = workload.mounts(container);
        mounts.iter().filter_map(|mount| self.missing_key(workload, mount)).collect()
    }

    fn missing_key(&self, workload: &Workload<'s>, mount: &Mount<'s>) -> Option<MissingKey<'s>> {
        let maps = self.set.sharing("ConfigMap", mount.config_map, workload.0.namespace);
        let is_certain = |map: &&Object<'s>| {
            !self.is_patched(map) && generated(self.set, map.name, map).is_empty()
        };
        let is_optional = mount.volume.get("optional").and_then(Node::as_bool) == Some(true);
        let map = **maps.first().filter(|_| !is_optional)?;
        let keys: Vec<String> = maps.iter().flat_map(|map| keys_of(map)).collect();
        if !maps.iter().all(is_certain) || keys.is_empty() {
            return None;
        }
        let has = |name: &str| keys.iter().any(|key| key == name);
        let items: Vec<Node<'s>> =
            mount.volume.get("items").into_iter().flat_map(Node::items).collect();
        let named = items.iter().filter_map(|item| item.get("key"));
        let missing = named.into_iter().find(|key| key.as_str().is_some_and(|key| !has(key)));
        let missing = missing.map(|node| (node, Unmounted::Volume));
        let (node, end) = missing.or_else(|| {
            let sub = mount.node.get("subPath")?;
            let path = sub.as_str()?;
            let is_item = |item: &Node<'s>| item.get("path").and_then(Node::as_str) == Some(path);
            let is_there = if items.is_empty() { has(path) } else { items.iter().any(is_item) };
            (!is_there).then_some((sub, Unmounted::Directory))
        })?;
        Some(MissingKey { map, node, end, keys })
    }

    /// A ConfigMap that a container of nginx mounts, and that is not among the files.
    pub fn map_not_given(
        &self,
        workload: &Workload<'s>,
        container: &Container<'s>,
    ) -> Option<Mount<'s>> {
        let is_absent = |mount: &Mount<'s>| {
            self.set.sharing("ConfigMap", mount.config_map, workload.0.namespace).is_empty()
                && generated(self.set, mount.config_map, &workload.0).is_empty()
        };
        let mounts = workload.mounts(container).into_iter();
        mounts.filter(|_| container.runs_nginx()).find(is_absent)
    }
}

fn keys_of(map: &Object<'_>) -> Vec<String> {
    let data = ["data", "binaryData"].into_iter().filter_map(|key| map.node.get(key));
    let entries = data.flat_map(Node::entries);
    entries.map(|entry: Entry<'_>| entry.key().into_owned()).collect()
}
