//! Strategic merge patches: a part of a manifest, laid over an object.
//!
//! Maps are merged. Lists are replaced, but those of Kubernetes's own kinds whose items have names: there the items
//! of the patch come first, then the others (`kubernetes-sigs/kustomize:kyaml/yaml/merge2/merge2.go`,
//! `kyaml/yaml/walk/associative_sequence.go`). Fields of other kinds have no such lists.

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

fn directive(value: &Value) -> Option<&str> {
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
            match keys_of(lists.kind, lists.within) {
                Some(keys) if !items.iter().any(|item| directive(item) == Some("replace")) => {
                    merge_lists(old, items, keys, lists);
                }
                _ => map.set(key, cleaned(new)),
            }
        }
        _ => map.set(key, cleaned(new)),
    }
}

/// The items of the patch, each merged with the one of its name, and then the others. Where items have two names, new
/// ones come first and the others stay in their order.
fn merge_lists(list: &mut Value, patch: &[Value], keys: &[&str], lists: Lists<'_>) {
    let Data::List(old) = &mut list.data else {
        return;
    };
    let said = |key: &&&str| old.iter().chain(patch).any(|item| item.get(key).is_some());
    let stays = keys.iter().filter(said).count() > 1;
    let mut rest: Vec<Value> = std::mem::take(old);
    for item in patch {
        let known = rest.iter().position(|other| is_same(other, item, keys));
        let merges = item.map().is_some() && directive(item) != Some("replace");
        match known {
            _ if directive(item) == Some("delete") => {
                known.map(|index| rest.remove(index));
            }
            Some(index) if stays && merges => merge_maps(&mut rest[index], item, lists),
            Some(index) if merges => {
                let mut known = rest.remove(index);
                merge_maps(&mut known, item, lists);
                old.push(known);
            }
            Some(index) => {
                rest.remove(index);
                old.push(cleaned(item));
            }
            None => old.push(cleaned(item)),
        }
    }
    old.extend(rest);
}

/// Whether two items have one name. What neither of them says is the same.
fn is_same(one: &Value, other: &Value, keys: &[&str]) -> bool {
    if keys.is_empty() {
        return one.json() == other.json();
    }
    let name = |value: &Value, key: &str| value.get(key).map(Value::json);
    keys.iter().all(|key| name(one, key) == name(other, key)) && name(one, keys[0]).is_some()
}

/// A value of a patch without what only the patch means.
fn cleaned(value: &Value) -> Value {
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
