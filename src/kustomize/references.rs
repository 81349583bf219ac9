//! Names of other objects, which follow when those are renamed
//! (kubernetes-sigs/kustomize:api/internal/konfig/builtinpluginconsts/namereference.go).

use serde_json::Value as Json;

use super::resource::{Resource, same_space};
use super::transform::{each_at, is_cluster_wide, pod_template};
use super::value::{Data, Origin};

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

/// An object that others may name by a name it had.
struct Candidate {
    kind: String,
    /// The names it had before something gave it another one, or might have.
    former: Vec<String>,
    name: String,
    namespace: String,
    affixes: Affixes,
}

/// The prefixes and the suffixes of a name, the innermost first.
type Affixes = [Vec<String>; 2];

/// Makes every name of another object the one that this has in the end, chosen as Kustomize chooses it
/// (kubernetes-sigs/kustomize:api/filters/nameref/nameref.go).
///
/// # Errors
///
/// Where a name may mean several objects: which. Kustomize builds nothing then.
pub(super) fn follow(resources: &mut [Resource]) -> Result<(), (Origin, String)> {
    let candidates: Vec<Candidate> = resources
        .iter()
        .filter(|one| !one.former.is_empty())
        .map(|one| Candidate {
            kind: one.kind().to_owned(),
            former: one.former.iter().map(|(name, _)| name.clone()).collect(),
            name: one.name().to_owned(),
            namespace: one.namespace().to_owned(),
            affixes: affixes(one),
        })
        .collect();
    if candidates.is_empty() {
        return Ok(());
    }
    resources.iter_mut().try_for_each(|resource| in_one(resource, &candidates))
}

fn affixes(resource: &Resource) -> Affixes {
    [resource.prefixes.clone(), resource.suffixes.clone()]
}

fn in_one(resource: &mut Resource, candidates: &[Candidate]) -> Result<(), (Origin, String)> {
    for (target, path) in fields(resource.kind()) {
        replace(resource, target, &path, candidates)?;
    }
    Ok(())
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

fn replace(
    resource: &mut Resource,
    target: &str,
    path: &[&str],
    candidates: &[Candidate],
) -> Result<(), (Origin, String)> {
    let (space, own) = (resource.namespace().to_owned(), affixes(resource));
    let mut outcome = Ok(());
    each_at(&mut resource.value, path, None, &mut |value| {
        let Some(name) = value.as_str() else {
            return;
        };
        let fits = |one: &&Candidate| {
            one.kind == target
                && one.former.iter().any(|former| former == name)
                && is_near(one, &space)
        };
        match chosen(candidates.iter().filter(fits).collect(), &own) {
            Ok(Some(one)) => value.data = Data::Scalar(one.name.clone().into()),
            Ok(None) => {}
            Err(several) => {
                let why = format!("`{name}` may mean {}", several.join(" or "));
                outcome = Err((value.origin, why));
            }
        }
    });
    outcome
}

/// Whether an object of a namespace may name it.
fn is_near(one: &Candidate, space: &str) -> bool {
    let is_anywhere = is_cluster_wide(&one.kind) || one.kind == "ServiceAccount";
    is_anywhere || same_space(&one.namespace, space)
}

/// Of several, the one that went the same way; `Err` names those that did.
fn chosen<'c>(
    mut found: Vec<&'c Candidate>,
    own: &Affixes,
) -> Result<Option<&'c Candidate>, Vec<String>> {
    // None at all are like any, at first.
    for is_lenient in [true, false] {
        if found.len() > 1 {
            found.retain(|one| went_alike(&one.affixes, own, is_lenient));
        }
    }
    match found[..] {
        [first, ref rest @ ..] if rest.iter().any(|one| one.name != first.name) => {
            Err(found.iter().map(|one| format!("{} `{}`", one.kind, one.name)).collect())
        }
        _ => Ok(found.first().copied()),
    }
}

fn went_alike(one: &Affixes, other: &Affixes, is_lenient: bool) -> bool {
    let mut pairs = one.iter().zip(other);
    pairs.all(|(one, other)| match (one.is_empty(), other.is_empty()) {
        (true, true) => true,
        (false, false) => one.ends_with(other) || other.ends_with(one),
        _ => is_lenient,
    })
}
