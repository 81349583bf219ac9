//! What GKE's Gateway controller says of routes and policies, in their status
//! (kubernetes-sigs/gateway-api:apis/v1/shared_types.go; GoogleCloudPlatform/gke-gateway-api:config/crd).

use serde_json::Value;

use super::super::cluster::list;
use super::super::{Case, Cluster, Subject};
use super::verdict::{self, Judged, Verdict};
use crate::kube::Object;
use crate::kube::policy::POLICIES;
use crate::live::check::{Check, Layer};

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
