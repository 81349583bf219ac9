//! Names of other objects, which follow when those are renamed
//! (kubernetes-sigs/kustomize:api/internal/konfig/builtinpluginconsts/namereference.go).

use serde_json::Value as Json;

use super::resource::{Resource, same_space};
use super::transform::{each_at, pod_template};
use super::value::Data;

/// Below the specification of pods: the kind that is named, and where.
const OF_PODS: [(&str, &[&str]); 15] = [
    ("ConfigMap", &["volumes", "configMap", "name"]),
    ("ConfigMap", &["volumes", "projected", "sources", "configMap", "name"]),
    ("ConfigMap", &["containers", "env", "valueFrom", "configMapKeyRef", "name"]),
    ("ConfigMap", &["initContainers", "env", "valueFrom", "configMapKeyRef", "name"]),
    ("ConfigMap", &["containers", "envFrom", "configMapRef", "name"]),
    ("ConfigMap", &["initContainers", "envFrom", "configMapRef", "name"]),
    ("Secret", &["volumes", "secret", "secretName"]),
    ("Secret", &["volumes", "projected", "sources", "secret", "name"]),
    ("Secret", &["containers", "env", "valueFrom", "secretKeyRef", "name"]),
    ("Secret", &["initContainers", "env", "valueFrom", "secretKeyRef", "name"]),
    ("Secret", &["containers", "envFrom", "secretRef", "name"]),
    ("Secret", &["initContainers", "envFrom", "secretRef", "name"]),
    ("Secret", &["imagePullSecrets", "name"]),
    ("ServiceAccount", &["serviceAccountName"]),
    ("PersistentVolumeClaim", &["volumes", "persistentVolumeClaim", "claimName"]),
];

/// In other kinds: the kind that names, the kind that is named, and where.
const OTHERS: [(&str, &str, &[&str]); 10] = [
    ("Ingress", "Secret", &["spec", "tls", "secretName"]),
    ("Ingress", "Service", &["spec", "rules", "http", "paths", "backend", "service", "name"]),
    ("Ingress", "Service", &["spec", "rules", "http", "paths", "backend", "serviceName"]),
    ("Ingress", "Service", &["spec", "defaultBackend", "service", "name"]),
    ("Ingress", "Service", &["spec", "backend", "serviceName"]),
    ("Ingress", "IngressClass", &["spec", "ingressClassName"]),
    ("HTTPRoute", "Service", &["spec", "rules", "backendRefs", "name"]),
    ("StatefulSet", "Service", &["spec", "serviceName"]),
    ("HorizontalPodAutoscaler", "Deployment", &["spec", "scaleTargetRef", "name"]),
    ("HorizontalPodAutoscaler", "StatefulSet", &["spec", "scaleTargetRef", "name"]),
];

/// An object that has another name than it was written with.
struct Renamed {
    kind: String,
    former: Vec<(String, String)>,
    name: String,
    affixes: Vec<usize>,
}

/// Makes every name of another object the one that this has in the end.
pub(super) fn follow(resources: &mut [Resource]) {
    let is_renamed = |one: &&Resource| one.former.iter().any(|(name, _)| name != one.name());
    let renamed: Vec<Renamed> = resources
        .iter()
        .filter(is_renamed)
        .map(|one| Renamed {
            kind: one.kind().to_owned(),
            former: one.former.clone(),
            name: one.name().to_owned(),
            affixes: one.affixes.clone(),
        })
        .collect();
    if renamed.is_empty() {
        return;
    }
    for resource in resources {
        in_one(resource, &renamed);
    }
}

fn in_one(resource: &mut Resource, renamed: &[Renamed]) {
    for (target, path) in fields(resource.kind()) {
        replace(resource, target, &path, renamed);
    }
}

/// The fields of a kind that name others: the kind that is named, and where.
fn fields(kind: &str) -> Vec<(&'static str, Vec<&'static str>)> {
    let pod = match kind {
        "Pod" => Some(vec!["spec"]),
        kind => pod_template(kind).map(|template| [template, &["spec"]].concat()),
    };
    let of_pods = pod
        .into_iter()
        .flat_map(|pod| OF_PODS.map(|(target, path)| (target, [&pod[..], path].concat())));
    let others = OTHERS.iter().filter(|(from, ..)| *from == kind);
    of_pods.chain(others.map(|(_, target, path)| (*target, path.to_vec()))).collect()
}

/// A value that has to stand below some keys in what is built, as it is to be written: names of others as `written`
/// tells them, which follow when those are renamed.
pub(super) fn before(
    kind: &str,
    keys: &[&str],
    mut value: Json,
    written: &dyn Fn(&str, &str) -> Option<String>,
) -> Json {
    for (target, path) in fields(kind) {
        if let Some(rest) = path.strip_prefix(keys) {
            each_name(&mut value, rest, &|name| written(target, name));
        }
    }
    value
}

fn each_name(value: &mut Json, keys: &[&str], written: &dyn Fn(&str) -> Option<String>) {
    match (value, keys) {
        (Json::Array(items), _) => items.iter_mut().for_each(|one| each_name(one, keys, written)),
        (Json::String(name), []) => {
            if let Some(before) = written(name) {
                *name = before;
            }
        }
        (Json::Object(map), [key, rest @ ..]) => {
            if let Some(inner) = map.get_mut(*key) {
                each_name(inner, rest, written);
            }
        }
        _ => {}
    }
}

fn replace(resource: &mut Resource, target: &str, path: &[&str], renamed: &[Renamed]) {
    let spaces: Vec<String> = resource.names().map(|(_, space)| space.to_owned()).collect();
    let affixes = resource.affixes.clone();
    each_at(&mut resource.value, path, None, &mut |value| {
        let Some(name) = value.as_str() else {
            return;
        };
        let known = |(former, space): &(String, String)| {
            former == name && spaces.iter().any(|own| same_space(own, space))
        };
        let fits = |one: &&Renamed| one.kind == target && one.former.iter().any(known);
        let found: Vec<&Renamed> = renamed.iter().filter(fits).collect();
        // Of several, the one that went the same way.
        let same_way = found.iter().find(|one| one.affixes == affixes);
        if let Some(one) = same_way.or(found.first()) {
            value.data = Data::Scalar(one.name.clone().into());
        }
    });
}
