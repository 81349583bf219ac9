//! What the cluster says: its objects, with what only the live ones have.

use std::collections::BTreeSet;

use serde_json::Value;

use super::requests::{KINDS, Scope};
use super::without_secrets;
use crate::path::Model;

/// The objects of a cluster, as far as they were read.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    objects: Vec<Value>,
    /// The kinds of which all objects were read.
    whole: BTreeSet<String>,
}

/// A complaint of a controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint<'c> {
    pub(super) reason: &'c str,
    /// Without what looks like a secret.
    pub(super) message: String,
    pub(super) last: &'c str,
}

/// How many of a Service's endpoints are ready.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Endpoints {
    pub(super) ready: usize,
    pub(super) all: usize,
}

impl Cluster {
    /// Objects that somebody saved: which kinds they are all of nobody knows, but of those that are there.
    pub fn saved(objects: Vec<Value>) -> Self {
        let whole = objects.iter().filter_map(|one| one["kind"].as_str());
        Self { whole: whole.map(str::to_owned).collect(), objects }
    }

    /// Objects that a cluster was asked for; `refused` are the resources that it did not tell of.
    pub fn asked(objects: Vec<Value>, scopes: &[Scope], refused: &[String]) -> Self {
        let asked = KINDS.iter().filter(|one| scopes.iter().any(|scope| scope.asks_for(one)));
        let told = asked.filter(|one| {
            let short = one.resource.split('.').next().unwrap_or(one.resource);
            !refused.iter().any(|refused| refused == short || refused == one.resource)
        });
        Self { whole: told.map(|one| one.kind.to_owned()).collect(), objects }
    }

    /// The objects in the namespaces of files: others may have objects of the same names. Files that name no
    /// namespace are of the one that has their objects; the namespaces, where that is not one.
    pub fn within(mut self, scopes: &[Scope], files: &Model<'_>) -> Result<Self, Vec<String>> {
        if files.set.objects.is_empty() {
            return Ok(self);
        }
        let mut own: BTreeSet<String> =
            scopes.iter().filter_map(|one| one.namespace.clone()).collect();
        if scopes.iter().any(|one| one.namespace.is_none()) {
            let meant = self.namespaces_of(files);
            if meant.len() > 1 {
                return Err(meant.into_iter().collect());
            }
            if meant.is_empty() {
                return Ok(self);
            }
            own.extend(meant);
        }
        let is_own = |one: &Value| namespace(one).is_none_or(|namespace| own.contains(namespace));
        self.objects.retain(is_own);
        Ok(self)
    }

    /// The namespaces that have objects of the files that name none.
    fn namespaces_of(&self, files: &Model<'_>) -> BTreeSet<String> {
        let meant = |one: &&Value| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let (kind, name) = (text(&one["kind"]), text(&one["metadata"]["name"]));
            let candidates = files.set.candidates(&kind, &name);
            candidates.iter().any(|object| object.namespace.is_none())
        };
        let found = self.objects.iter().filter(meant).filter_map(namespace);
        found.map(str::to_owned).collect()
    }

    /// Whether an object of the kind that is not among these is not in the cluster.
    pub(super) fn is_whole(&self, kind: &str) -> bool {
        self.whole.contains(kind)
    }

    /// The objects as one manifest.
    pub fn manifest(&self) -> String {
        let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": self.objects});
        format!("{list:#}\n")
    }

    /// An object; `None` for the namespace is any.
    pub(super) fn get(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<&Value> {
        let in_namespace = |one: &&Value| {
            let own = one["metadata"]["namespace"].as_str();
            namespace.is_none() || own.is_none() || own == namespace
        };
        self.of_kind(kind).filter(in_namespace).find(|one| one["metadata"]["name"] == name)
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        // Knative has Services too.
        let is_core = move |one: &&Value| kind != "Service" || one["apiVersion"] == "v1";
        self.objects.iter().filter(move |one| one["kind"] == kind).filter(is_core)
    }

    /// The endpoints of a Service; `None` where they were not read.
    pub(super) fn endpoints(&self, namespace: Option<&str>, service: &str) -> Option<Endpoints> {
        let slices = self.of_kind("EndpointSlice").filter(|slice| {
            let metadata = &slice["metadata"];
            metadata["labels"]["kubernetes.io/service-name"] == service
                && (namespace.is_none() || metadata["namespace"].as_str() == namespace)
        });
        let mut count = Endpoints::default();
        for endpoint in slices.flat_map(|slice| list(&slice["endpoints"])) {
            count.all += 1;
            // Without a word it is ready (kubernetes/api:discovery/v1/types.go).
            count.ready += usize::from(endpoint["conditions"]["ready"] != false);
        }
        (count.all > 0 || self.is_whole("EndpointSlice")).then_some(count)
    }

    /// What controllers complain of an Ingress; events are kept for an hour.
    pub(super) fn complaints(&self, namespace: Option<&str>, ingress: &str) -> Vec<Complaint<'_>> {
        let events = self.of_kind("Event").filter(|event| {
            // The newer API has other words (kubernetes/api:events/v1/types.go).
            let old = &event["involvedObject"];
            let about = if old.is_object() { old } else { &event["regarding"] };
            event["type"] == "Warning"
                && about["kind"] == "Ingress"
                && about["name"] == ingress
                && (namespace.is_none() || about["namespace"].as_str() == namespace)
        });
        let mut found: Vec<Complaint<'_>> = events.map(complaint).collect();
        found.sort_by(|one, other| other.last.cmp(one.last));
        found.dedup_by(|one, other| one.message == other.message);
        found
    }
}

fn namespace(object: &Value) -> Option<&str> {
    object["metadata"]["namespace"].as_str()
}

fn complaint(event: &Value) -> Complaint<'_> {
    let text = |keys: &[&str]| keys.iter().find_map(|key| event[*key].as_str()).unwrap_or_default();
    Complaint {
        reason: text(&["reason"]),
        message: without_secrets(text(&["message", "note"])),
        last: text(&["lastTimestamp", "eventTime", "firstTimestamp"]),
    }
}

/// The items of a list; nothing for anything else.
pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// An annotation of an object.
pub(super) fn annotation<'v>(object: &'v Value, key: &str) -> Option<&'v str> {
    object["metadata"]["annotations"][key].as_str()
}

/// The address of an Ingress, if it has one.
pub(super) fn address(ingress: &Value) -> Option<&str> {
    let mut given = list(&ingress["status"]["loadBalancer"]["ingress"]);
    given.find_map(|one| one["ip"].as_str().or_else(|| one["hostname"].as_str()))
}

/// What the controller says of the backends of an Ingress: their names, and `HEALTHY`, `UNHEALTHY` or `Unknown`
/// (kubernetes/ingress-gce:pkg/loadbalancers/l7.go).
pub(super) fn backends(ingress: &Value) -> Vec<(String, String)> {
    let text = annotation(ingress, "ingress.kubernetes.io/backends").unwrap_or_default();
    let read = serde_json::from_str::<serde_json::Map<String, Value>>(text).unwrap_or_default();
    let state = |value: Value| value.as_str().unwrap_or_default().to_owned();
    read.into_iter().map(|(name, value)| (name, state(value))).collect()
}

/// The NEG of a port of a Service, and its zones, as the controller says in an annotation
/// (kubernetes/ingress-gce:pkg/negannotation/negannotation.go).
pub(super) fn neg(service: &Value, port: i64) -> Option<(String, Vec<String>)> {
    let text = annotation(service, "cloud.google.com/neg-status")?;
    let status: Value = serde_json::from_str(text).ok()?;
    let name = status["network_endpoint_groups"][port.to_string()].as_str()?;
    let zones = list(&status["zones"]).filter_map(Value::as_str).map(str::to_owned);
    Some((name.to_owned(), zones.collect()))
}

/// What keeps a ManagedCertificate from being used, if anything does
/// (GoogleCloudPlatform/gke-managed-certs:deploy/managedcertificates-crd.yaml).
pub(super) fn inactive(certificate: &Value) -> Option<String> {
    let status = &certificate["status"];
    let state = status["certificateStatus"].as_str().filter(|state| !state.is_empty());
    let state = state.unwrap_or("no state yet");
    let domains = list(&status["domainStatus"]).filter(|one| one["status"] != "Active");
    let domains = domains
        .filter_map(|one| Some(format!("{} {}", one["domain"].as_str()?, one["status"].as_str()?)));
    let domains: Vec<String> = domains.collect();
    (state != "Active").then(|| {
        if domains.is_empty() {
            state.to_owned()
        } else {
            format!("{state} ({})", domains.join(", "))
        }
    })
}
