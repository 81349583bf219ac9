//! What the app is called, and which of its objects have names of their own.

use std::collections::BTreeMap;

use super::app::App;
use super::draft::Draft;
use super::proxy::Proxy;
use crate::kube::Object;
use crate::spec::{Name, Platform};

/// An object's name, the key that gives it, and what follows the app's name by default.
type Named = (&'static str, &'static str, String);

/// Kustomize's hash: ten of these behind a `-` (kubernetes-sigs/kustomize:api/hasher/hasher.go).
const HASH: &str = "bcdfghkmt2456789";

/// The names that objects have already.
fn given(app: &App<'_, '_>) -> Vec<Named> {
    let mut found = vec![
        ("names.service", "", app.service.0.name.to_owned()),
        ("names.ingress", "", app.ingress.0.name.to_owned()),
    ];
    let mut add = |key, suffix, name: Option<&str>| {
        found.extend(name.map(|name| (key, suffix, name.to_owned())));
    };
    add("names.backend-config", "", app.config_name());
    let frontend = app.frontend();
    add("names.frontend-config", "", frontend.map(|one| one.name));
    let map = app.proxy.as_ref().and_then(Proxy::config_map);
    add("names.config-map", "-nginx", map.map(|map| without_hash(map.name)));
    add("names.certificate", "", app.certificate());
    let behind = app.proxy.as_ref().and_then(|proxy| proxy.behind.as_ref());
    let workload = app.workload().map(|one| one.0.name);
    add("names.workload", "", behind.map_or(workload, |behind| Some(&behind.workload)));
    found
}

/// A ConfigMap's name before Kustomize added a hash of what is in it.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((rest, hash)) if hash.len() == 10 && hash.chars().all(|c| HASH.contains(c)) => rest,
        _ => name,
    }
}

/// The name that makes the most of the others, or what they all begin with.
fn best(given: &[Named]) -> String {
    let common = common_beginning(given);
    let own = given.iter().filter_map(|(_, suffix, name)| name.strip_suffix(suffix));
    let candidates = common.iter().map(String::as_str).chain(own);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates.filter(|name| name.parse::<Name>().is_ok()) {
        let makes = |named: &&Named| named.2 == format!("{candidate}{}", named.1);
        let votes = given.iter().filter(makes).count();
        if best.is_none_or(|(most, _)| votes > most) {
            best = Some((votes, candidate));
        }
    }
    best.map_or_else(|| "app".to_owned(), |(_, name)| name.to_owned())
}

/// `coditect` of `coditect-service` and `coditect-ingress`.
fn common_beginning(given: &[Named]) -> Option<String> {
    let mut parts: Option<Vec<&str>> = None;
    for (_, _, name) in given {
        let own: Vec<&str> = name.split('-').collect();
        let shared = match parts {
            None => own,
            Some(before) => {
                let same = before.iter().zip(&own).take_while(|(a, b)| a == b).count();
                before[..same].to_vec()
            }
        };
        parts = Some(shared);
    }
    parts.map(|parts| parts.join("-")).filter(|name| !name.is_empty())
}

/// Names the app and its objects.
pub(super) fn write(app: &App<'_, '_>, wanted: Option<&Name>, draft: &mut Draft) {
    let given = given(app);
    let name = wanted.map_or_else(|| best(&given), ToString::to_string);
    draft.parse::<Name>("name", &name);
    // A name that no object gets is refused: only those of objects that are rendered are given.
    for (key, suffix, own) in &given {
        if *own != format!("{name}{suffix}") && *key != "names.workload" {
            draft.set(key, own);
        }
    }
    if app.proxy.as_ref().is_some_and(Proxy::is_gateway) {
        workload(app, draft);
    }
    let namespaces = app.objects().into_iter().filter_map(|one| one.namespace);
    if let Some(namespace) = namespaces.into_iter().next() {
        draft.parse::<Name>("namespace", namespace);
    }
}

/// Names the app's Deployment or StatefulSet, for an app.toml that has a use for the name.
pub(super) fn workload(app: &App<'_, '_>, draft: &mut Draft) {
    let given = given(app);
    let own = given.iter().find(|(key, ..)| *key == "names.workload");
    let own = own.filter(|(_, _, own)| draft.get("name").is_none_or(|name| *name != **own));
    if let Some((key, _, own)) = own {
        draft.parse::<Name>(key, own);
    }
}

/// Labels and annotations that all objects of the app have.
pub(super) fn common(app: &App<'_, '_>, platform: &Platform, draft: &mut Draft) {
    let objects = app.objects();
    if objects.len() < 2 {
        return;
    }
    let labels = shared(&objects, "labels");
    if !labels.is_empty() {
        draft.set("labels", labels);
    }
    let mut annotations = shared(&objects, "annotations");
    annotations.retain(|key, _| !is_reserved(platform, key) && !key.contains("last-applied"));
    if !annotations.is_empty() {
        draft.set("annotations", annotations);
    }
}

fn is_reserved(platform: &Platform, key: &str) -> bool {
    let mut patterns = platform.reserved_annotations.iter();
    crate::kube::annotations::is_status(key)
        || patterns.any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => key.starts_with(prefix),
            None => key == pattern,
        })
}

fn shared(objects: &[Object<'_>], what: &str) -> BTreeMap<String, String> {
    let of = |object: &Object<'_>| -> BTreeMap<String, String> {
        let map = object.node.at(&["metadata", what]);
        let entries = map.into_iter().flat_map(crate::manifest::Node::entries);
        entries
            .filter_map(|entry| {
                let text = entry.value().as_str()?;
                Some((entry.key().into_owned(), text.to_owned()))
            })
            .collect()
    };
    let mut all = objects.iter().map(of);
    let first = all.next().unwrap_or_default();
    all.fold(first, |mut shared, other| {
        shared.retain(|key, value| other.get(key) == Some(value));
        shared
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[(&'static str, &str)]) -> Vec<Named> {
        names.iter().map(|(suffix, name)| ("", *suffix, (*name).to_owned())).collect()
    }

    #[test]
    fn the_name_makes_as_many_names_as_it_can() {
        let all = named(&[("", "chat"), ("", "chat-ingress"), ("-nginx", "chat-nginx")]);
        assert_eq!(best(&all), "chat");
        let apart = named(&[("", "io-combined"), ("", "io-front"), ("-nginx", "io-nginx")]);
        assert_eq!(best(&apart), "io");
        let strangers = named(&[("", "sockets"), ("", "front")]);
        assert_eq!(best(&strangers), "sockets");
    }

    #[test]
    fn hashes_of_kustomize_are_no_part_of_a_name() {
        assert_eq!(without_hash("chat-nginx-k8t2m9h6gb"), "chat-nginx");
        assert_eq!(without_hash("chat-production"), "chat-production");
    }
}
