//! Files that are not what is applied, since Kustomize changes them first.

use crate::manifest::Node;
use crate::path::{Kustomization, Model};

/// What Kustomize does to names and values. What it adds beside them is nobody's to compare
/// (kubernetes-sigs/kustomize:api/types/kustomization.go).
const CHANGES: [&str; 17] = [
    "namePrefix",
    "nameSuffix",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "replacements",
    "components",
    "images",
    "replicas",
    "transformers",
    "generators",
    "helmCharts",
    "helmChartInflationGenerator",
    "vars",
    "configurations",
    "openapi",
    "crds",
];

/// A kustomization that changes what is compared: its file, and the key by which it does.
pub fn changed_by_kustomize(files: &Model<'_>) -> Option<(String, &'static str)> {
    files.kustomizations().iter().find_map(|one| {
        let key = CHANGES.into_iter().find(|key| one.root.get(key).is_some_and(says_something));
        let key = key.or_else(|| moves(files, one).then_some("namespace"))?;
        Some((one.file.name.to_owned(), key))
    })
}

fn says_something(node: Node<'_>) -> bool {
    !node.is_null() && node.as_str() != Some("")
}

/// Whether it puts objects into another namespace than their own.
fn moves(files: &Model<'_>, one: &Kustomization<'_>) -> bool {
    let wanted = one.root.get("namespace").and_then(Node::as_str);
    let others = |wanted: &str| {
        let own = files.set.objects.iter().filter_map(|object| object.namespace);
        own.into_iter().any(|own| own != wanted)
    };
    wanted.is_some_and(others)
}
