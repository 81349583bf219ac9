//! Strategic merge patches: a part of a manifest, laid over an object.
//!
//! Maps are merged. Lists are replaced, but those of Kubernetes's own kinds whose items have names
//! (`kubernetes-sigs/kustomize:kyaml/yaml/merge2/merge2.go`). Fields of other kinds have no such lists.

use super::merge_lists::merged;
use super::value::{Data, Map, Origin, Value};

/// Lays a patch over an object of a kind. `None` if the patch takes the whole object out.
pub(super) fn merge(object: &mut Value, patch: &Value, kind: &str) -> Option<()> {
    match directive(patch) {
        Some("delete") => return None,
        Some("replace") => *object = cleaned(patch),
        _ => merge_maps(object, patch, Lists { kind, within: "" }),
    }
    Some(())
}

/// What a patch says that is not followed here, and where.
pub(super) fn beyond(patch: &Value) -> Option<(&str, Origin)> {
    match &patch.data {
        Data::Scalar(_) => None,
        Data::List(items) => items.iter().find_map(beyond),
        Data::Map(map) => map.entries.iter().find_map(|(key, value)| {
            if key.starts_with('$') && key != "$patch" {
                return Some((key.as_str(), value.origin));
            }
            beyond(value)
        }),
    }
}

pub(super) fn directive(value: &Value) -> Option<&str> {
    value.str_at(&["$patch"])
}

/// Which lists of a kind have items with names.
#[derive(Debug, Clone, Copy)]
struct Lists<'k> {
    kind: &'k str,
    /// The key that the map stands under.
    within: &'k str,
}

/// The names that tell the items of a list apart (kubernetes/api: `patchMergeKey` and `listMapKey`); none where the
/// list is one value. Empty for a list of texts to which a patch adds.
pub(super) fn keys_of(kind: &str, list: &str) -> Option<&'static [&'static str]> {
    const KINDS: [&str; 11] = [
        "Pod",
        "PodTemplate",
        "Deployment",
        "ReplicaSet",
        "DaemonSet",
        "StatefulSet",
        "Job",
        "CronJob",
        "ReplicationController",
        "Service",
        "ServiceAccount",
    ];
    if !KINDS.contains(&kind) {
        return None;
    }
    match list {
        "ports" if kind == "Service" => Some(&["port", "protocol"]),
        "ports" => Some(&["containerPort", "protocol"]),
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "volumes"
        | "env"
        | "imagePullSecrets"
        | "secrets" => Some(&["name"]),
        "volumeMounts" => Some(&["mountPath"]),
        "volumeDevices" => Some(&["devicePath"]),
        "hostAliases" => Some(&["ip"]),
        "topologySpreadConstraints" => Some(&["topologyKey", "whenUnsatisfiable"]),
        "finalizers" => Some(&[]),
        _ => None,
    }
}

fn merge_maps(object: &mut Value, patch: &Value, lists: Lists<'_>) {
    let origin = patch.origin;
    for (key, new) in patch.map().into_iter().flat_map(|map| &map.entries) {
        if key != "$patch" {
            let lists = Lists { within: key, ..lists };
            merge_entry(object.make_map(origin), key, new, lists);
        }
    }
}

fn merge_entry(map: &mut Map, key: &str, new: &Value, lists: Lists<'_>) {
    match (&new.data, directive(new), map.get_mut(key)) {
        _ if new.is_null() => {
            map.take_out(key, new.origin);
        }
        (_, Some("delete"), _) => {
            map.take_out(key, new.origin.computed("a patch deletes it"));
        }
        (Data::Map(_), None | Some("merge"), Some(old)) if old.map().is_some() => {
            merge_maps(old, new, lists);
        }
        (Data::List(items), _, Some(old)) if matches!(old.data, Data::List(_)) => {
            match (keys_of(lists.kind, lists.within), of_list(items)) {
                (Some(_), Some("delete")) => {
                    map.take_out(key, new.origin.computed("a patch deletes it"));
                }
                (Some(keys), None | Some("merge")) => merge_lists(old, items, keys, lists),
                _ => map.set(key, cleaned(new)),
            }
        }
        _ => map.set(key, cleaned(new)),
    }
}

/// What a patch says of a whole list: the first item that says anything must say nothing else.
fn of_list(items: &[Value]) -> Option<&str> {
    let first = items.iter().find(|item| item.get("$patch").is_some())?;
    directive(first).filter(|_| first.map().is_some_and(|map| map.entries.len() == 1))
}

fn merge_lists(list: &mut Value, patch: &[Value], keys: &[&'static str], lists: Lists<'_>) {
    let Data::List(items) = &mut list.data else {
        return;
    };
    let old = std::mem::take(items);
    *items = if keys.is_empty() {
        let is_new = |item: &&Value| !patch.iter().any(|other| other.json() == item.json());
        let kept: Vec<Value> = old.iter().filter(is_new).cloned().collect();
        patch.iter().map(cleaned).chain(kept).collect()
    } else {
        merged(old, patch, keys, &|item, patch| merge_maps(item, patch, lists))
    };
}

/// A value of a patch without what only the patch means.
pub(super) fn cleaned(value: &Value) -> Value {
    let data = match &value.data {
        Data::Scalar(_) => value.data.clone(),
        Data::List(items) => {
            let kept = items.iter().filter(|item| !is_only_directive(item));
            Data::List(kept.map(cleaned).collect())
        }
        Data::Map(map) => {
            let mut new = Map::default();
            for (key, value) in map.entries.iter().filter(|(key, _)| key != "$patch") {
                if value.is_null() {
                    new.gone.push((key.clone(), value.origin));
                } else {
                    new.entries.push((key.clone(), cleaned(value)));
                }
            }
            Data::Map(new)
        }
    };
    Value { data, origin: value.origin }
}

fn is_only_directive(item: &Value) -> bool {
    directive(item).is_some_and(|what| what == "delete")
        || item.map().is_some_and(|map| map.entries.len() == 1 && directive(item).is_some())
}
