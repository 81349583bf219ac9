//! What a kustomization.yaml does to all objects at once: namespace, names, labels, annotations, replicas, images.

use super::resource::Resource;
use super::value::{Data, Origin, Value};

/// Kinds that are in no namespace.
const CLUSTER_WIDE: [&str; 16] = [
    "APIService",
    "CSIDriver",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "RuntimeClass",
    "StorageClass",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

/// Kinds whose names stay (kubernetes-sigs/kustomize:plugin/builtin/prefixtransformer/PrefixTransformer.go).
const NAMED_FOR_GOOD: [&str; 3] = ["APIService", "CustomResourceDefinition", "Namespace"];

/// Whether objects of a kind are in no namespace.
pub(super) fn is_cluster_wide(kind: &str) -> bool {
    CLUSTER_WIDE.contains(&kind)
}

/// Puts an object into a namespace.
pub(super) fn namespace(resource: &mut Resource, to: &Value) {
    resource.remember();
    let key = match resource.kind() {
        "Namespace" => "name",
        kind if is_cluster_wide(kind) => return,
        _ => "namespace",
    };
    *resource.value.make(&["metadata", key], to.origin) = to.clone();
}

/// Gives the name of an object a prefix and a suffix.
pub(super) fn affix(resource: &mut Resource, prefix: &str, suffix: &str) {
    if NAMED_FOR_GOOD.contains(&resource.kind()) {
        return;
    }
    if !prefix.is_empty() {
        rename(resource, format!("{prefix}{}", resource.name()));
        resource.prefixes.push(prefix.to_owned());
    }
    if !suffix.is_empty() {
        rename(resource, format!("{}{suffix}", resource.name()));
        resource.suffixes.push(suffix.to_owned());
    }
}

/// Gives an object another name; where it was set stays known.
pub(super) fn rename(resource: &mut Resource, name: String) {
    resource.remember();
    let origin = resource.value.origin;
    resource.value.make(&["metadata", "name"], origin).data = Data::Scalar(name.into());
}

/// The keys that lead to what a workload makes its pods from.
pub(super) fn pod_template(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "Deployment"
        | "ReplicaSet"
        | "DaemonSet"
        | "StatefulSet"
        | "Job"
        | "ReplicationController" => Some(&["spec", "template"]),
        "CronJob" => Some(&["spec", "jobTemplate", "spec", "template"]),
        "PodTemplate" => Some(&["template"]),
        _ => None,
    }
}

/// Where labels go besides the object itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) selectors: bool,
    pub(super) templates: bool,
}

/// Labels an object, and as far as is said its selectors and what it makes pods from
/// (kubernetes-sigs/kustomize:api/internal/konfig/builtinpluginconsts/commonlabels.go).
pub(super) fn label(resource: &mut Resource, pairs: &Value, reach: Reach) {
    let kind = resource.kind().to_owned();
    set_all(&mut resource.value, &["metadata", "labels"], pairs, true);
    if reach.templates || reach.selectors {
        templates(&mut resource.value, &kind, "labels", pairs);
    }
    if reach.selectors {
        selectors(&mut resource.value, &kind, pairs);
    }
}

/// Annotates an object, and what it makes pods from.
pub(super) fn annotate(resource: &mut Resource, pairs: &Value) {
    let kind = resource.kind().to_owned();
    set_all(&mut resource.value, &["metadata", "annotations"], pairs, true);
    templates(&mut resource.value, &kind, "annotations", pairs);
}

fn templates(value: &mut Value, kind: &str, key: &str, pairs: &Value) {
    if let Some(template) = pod_template(kind).filter(|_| kind != "PodTemplate") {
        set_all(value, &[template, &["metadata", key]].concat(), pairs, true);
    }
    if kind == "CronJob" {
        set_all(value, &["spec", "jobTemplate", "metadata", key], pairs, true);
    }
    if kind == "StatefulSet" && key == "labels" {
        set_all(value, &["spec", "volumeClaimTemplates", "metadata", key], pairs, false);
    }
}

fn selectors(value: &mut Value, kind: &str, pairs: &Value) {
    match kind {
        "Service" | "ReplicationController" => set_all(value, &["spec", "selector"], pairs, true),
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" => {
            set_all(value, &["spec", "selector", "matchLabels"], pairs, true);
        }
        "Job" | "PodDisruptionBudget" => {
            set_all(value, &["spec", "selector", "matchLabels"], pairs, false);
        }
        "NetworkPolicy" => {
            set_all(value, &["spec", "podSelector", "matchLabels"], pairs, false);
            let peers = [["ingress", "from"], ["egress", "to"]];
            for [way, peer] in peers {
                set_all(value, &["spec", way, peer, "podSelector", "matchLabels"], pairs, false);
            }
        }
        _ => {}
    }
    if matches!(kind, "Deployment" | "StatefulSet") {
        let pod = ["spec", "template", "spec"];
        let spread = ["topologySpreadConstraints", "labelSelector", "matchLabels"];
        set_all(value, &[&pod[..], &spread].concat(), pairs, false);
        for affinity in ["podAffinity", "podAntiAffinity"] {
            let pod = [&pod[..], &["affinity", affinity]].concat();
            let wanted = ["preferredDuringSchedulingIgnoredDuringExecution", "podAffinityTerm"];
            let needed = ["requiredDuringSchedulingIgnoredDuringExecution"];
            let selector = ["labelSelector", "matchLabels"];
            set_all(value, &[&pod[..], &wanted, &selector].concat(), pairs, false);
            set_all(value, &[&pod[..], &needed, &selector].concat(), pairs, false);
        }
    }
}

/// Sets all pairs in the map at a path; a map that is not there is made only where that is said.
fn set_all(value: &mut Value, path: &[&str], pairs: &Value, makes: bool) {
    each_at(value, path, makes.then_some(pairs.origin), &mut |map| {
        for (key, pair) in pairs.map().into_iter().flat_map(|map| &map.entries) {
            map.make_map(pairs.origin).set(key, pair.clone());
        }
    });
}

/// Looks at each value at a path; lists on the way are gone through.
pub(super) fn each_at(
    value: &mut Value,
    path: &[&str],
    makes: Option<Origin>,
    visit: &mut dyn FnMut(&mut Value),
) {
    if let Data::List(items) = &mut value.data {
        for item in items {
            each_at(item, path, makes, visit);
        }
        return;
    }
    let Some((key, rest)) = path.split_first() else {
        visit(value);
        return;
    };
    match (&mut value.data, makes) {
        (Data::Map(map), None) => {
            if let Some(inner) = map.get_mut(key) {
                each_at(inner, rest, makes, visit);
            }
        }
        (_, Some(origin)) => each_at(value.make(&[key], origin), rest, makes, visit),
        _ => {}
    }
}

/// Sets the number of replicas of the workload of a name.
pub(super) fn replicas(resource: &mut Resource, name: &str, count: &Value) {
    const KINDS: [&str; 4] = ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];
    let is_it =
        KINDS.contains(&resource.kind()) && resource.names().any(|(other, _)| other == name);
    if is_it {
        *resource.value.make(&["spec", "replicas"], count.origin) = count.clone();
    }
}

/// Replaces the image of a name by what an entry of `images` says.
pub(super) fn image(resource: &mut Resource, entry: &Value) {
    let pod = match resource.kind() {
        "Pod" => vec!["spec"],
        kind => match pod_template(kind) {
            Some(template) => [template, &["spec"]].concat(),
            None => return,
        },
    };
    for list in ["containers", "initContainers"] {
        let path = [&pod[..], &[list, "image"]].concat();
        each_at(&mut resource.value, &path, None, &mut |image| {
            if let Some(new) = image.as_str().and_then(|old| replaced(old, entry)) {
                let origin = entry.origin.computed("`images` of a kustomization.yaml sets it");
                *image = Value::text_of(new, origin);
            }
        });
    }
}

/// The image with another name, tag or digest; nothing if the entry is for another one.
fn replaced(image: &str, entry: &Value) -> Option<String> {
    let text = |key: &str| match &entry.get(key)?.data {
        Data::Scalar(serde_json::Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Data::Scalar(number) if number.is_number() => Some(number.to_string()),
        _ => None,
    };
    let wanted = text("name")?;
    let rest = image.strip_prefix(wanted.as_str())?;
    if !rest.is_empty() && !rest.starts_with([':', '@']) {
        return None;
    }
    let name = text("newName").unwrap_or(wanted);
    let version = match (text("digest"), text("newTag")) {
        (Some(digest), _) => format!("@{digest}"),
        (None, Some(tag)) => format!(":{tag}"),
        (None, None) => rest.to_owned(),
    };
    let suffix = text("tagSuffix").filter(|_| version.starts_with(':')).unwrap_or_default();
    Some(format!("{name}{version}{suffix}"))
}
