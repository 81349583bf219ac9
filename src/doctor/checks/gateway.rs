//! What GKE's Gateway controller says of routes and policies, in their status
//! (kubernetes-sigs/gateway-api:apis/v1/shared_types.go; GoogleCloudPlatform/gke-gateway-api:config/crd).

use serde_json::Value;

use super::super::cluster::list;
use super::super::{Case, Cluster, Subject};
use super::verdict::{self, Judged, Verdict};
use crate::kube::Object;
use crate::kube::policy::POLICIES;
use crate::live::check::{Check, Layer};
use crate::manifest::Node;

/// What it says; `None` where no HTTPRoute leads to sessions.
pub(super) fn check<'a>(
    case: &Case<'a>,
    cluster: &Cluster,
    subjects: &[Subject<'a>],
) -> Option<Judged> {
    let check = Check::new(
        "cluster-gateway",
        Layer::Cluster,
        "the Gateway takes the route and its policies",
    );
    let behind = subjects.iter().filter(|one| one.http_routes().next().is_some());
    let verdicts: Vec<(String, Verdict)> =
        behind.map(|one| (one.said(), taken(case, cluster, one))).collect();
    (!verdicts.is_empty()).then(|| verdict::of(check, verdicts))
}

/// What of Gateways nothing is known of; each is told only where there is some of it.
pub(super) fn left_out(case: &Case<'_>) -> Vec<Check> {
    let routes = case.files.set.of_kind("HTTPRoute");
    let routes: Vec<Object<'_>> =
        routes.filter(|one| case.has(one.kind, one.name)).copied().collect();
    let named = |list: &str, key: &str, kind: &str| -> Vec<String> {
        let found = routes.iter().flat_map(|route| {
            let rules = route.in_spec(&["rules"]).into_iter().flat_map(Node::items);
            let entries = rules.flat_map(|rule| rule.get(list).into_iter().flat_map(Node::items));
            let refs =
                entries.filter_map(|one| if key.is_empty() { Some(one) } else { one.get(key) });
            let of_kind = refs.filter(|one| one.get("kind").and_then(Node::as_str) == Some(kind));
            let names = of_kind.filter_map(|one| one.get("name")?.as_str());
            names.map(|name| format!("the {kind} `{name}` of {}", route.said())).collect::<Vec<_>>()
        });
        found.collect()
    };
    let skip = |id, claim, found: Vec<String>, why: &str| {
        let check = Check::new(id, Layer::Cluster, claim);
        (!found.is_empty())
            .then(|| check.skip(format!("not checked: {}, {why}", super::some(&found, 2))))
    };
    let filters = skip(
        "cluster-cdn-filter",
        "no filter of a Gateway lets Cloud CDN keep what sessions get",
        named("filters", "extensionRef", "GCPHTTPFilter"),
        "which may turn Cloud CDN on: `sioway probe` sees whether answers are kept",
    );
    let imports = skip(
        "cluster-imports",
        "every cluster behind a Gateway has what the files say",
        named("backendRefs", "", "ServiceImport"),
        "whose pods are in several clusters: examine each, by its `--context`",
    );
    filters.into_iter().chain(imports).collect()
}

fn taken(case: &Case<'_>, cluster: &Cluster, subject: &Subject<'_>) -> Verdict {
    let namespace = |object: &Object<'_>| object.namespace.map(str::to_owned);
    let own = subject.namespace(case).map(str::to_owned);
    let (mut refused, mut silent, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for route in subject.http_routes() {
        let Some(live) =
            cluster.get("HTTPRoute", namespace(&route).or(own.clone()).as_deref(), route.name)
        else {
            return absent(cluster, "HTTPRoute", &route.said());
        };
        let parents: Vec<&Value> = list(&live["status"]["parents"]).collect();
        refused.extend(parents.iter().flat_map(|one| refusals(&route.said(), one)));
        let to = if parents.is_empty() { &mut silent } else { &mut told };
        to.push(route.said());
    }
    for kind in POLICIES {
        let policy = case.live.and_then(|live| live.policy_of(kind, subject.service()));
        let Some(policy) = policy else { continue };
        let live = cluster.get(kind, namespace(&policy).as_deref(), policy.name);
        refused.extend(live.iter().flat_map(|live| refusals(&policy.said(), &live["status"])));
        told.push(policy.said());
    }
    if !refused.is_empty() {
        return Verdict::fail(super::some(&refused, 2))
            .advise("until the controller takes them, the load balancer keeps what it had");
    }
    if !silent.is_empty() {
        return Verdict::warn(format!("no controller speaks of {}", silent.join(", ")))
            .advise("does its `parentRefs` name a Gateway that is there, of a class of GKE's?");
    }
    Verdict::pass(told.join(", "))
}

fn absent(cluster: &Cluster, kind: &str, said: &str) -> Verdict {
    if cluster.is_whole(kind) {
        Verdict::fail(format!("{said} is not there")).after(Some("cluster-objects"))
    } else {
        Verdict::skip(format!("no {kind} was read"))
    }
}

/// What is refused, by the conditions of a status. Others may have conditions of their own.
fn refusals(said: &str, status: &Value) -> Vec<String> {
    const KNOWN: [&str; 5] = ["Accepted", "ResolvedRefs", "Programmed", "Reconciled", "Attached"];
    let conditions = list(&status["conditions"]);
    let refused = conditions.filter(|one| {
        one["status"] == "False" && one["type"].as_str().is_some_and(|kind| KNOWN.contains(&kind))
    });
    let text = |value: &Value| super::super::without_secrets(value.as_str().unwrap_or_default());
    let told = refused.map(|one| {
        let (kind, why) = (text(&one["type"]), text(&one["reason"]));
        format!("{said} is not {kind}: {why}: {}", text(&one["message"]))
    });
    told.collect()
}
