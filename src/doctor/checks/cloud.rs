//! The load balancer as Google Cloud tells of it, beside what the files and the cluster say.

use std::collections::BTreeSet;

use super::super::cloud::last;
use super::super::cluster::backends;
use super::super::requests::{Request, Whom, is_name, of_health};
use super::super::{BackendService, Case, Cloud, Subject, subjects};
use super::cluster::{NO_SYNC, UNHEALTHY};
use super::each;
use super::settings;
use super::url_map;
use super::verdict::{self, Judged, Verdict};
use crate::live::check::{Check, Layer, Status};

/// A subject, a backend service that was made for it, and whether that is certain.
pub(super) type Pair<'a, 'c> = (Subject<'a>, BackendService<'c>, bool);

pub(super) fn checks<'a>(case: &Case<'a>, cloud: &Cloud, subjects: &[Subject<'a>]) -> Vec<Judged> {
    let google: Vec<Subject<'a>> =
        subjects.iter().filter(|one| !one.is_behind_others(case)).copied().collect();
    let found = Check::new(
        "cloud-backend-service",
        Layer::Cloud,
        "a backend service was made for the port",
    );
    let mut checks = vec![each(found, &google, |one| made(case, cloud, one))];
    let pairs: Vec<Pair<'a, '_>> = google
        .iter()
        .flat_map(|one| {
            let found = services_of(case, cloud, one);
            let is_certain = !is_ambiguous(case, one, &found);
            found.into_iter().map(move |service| (*one, service, is_certain))
        })
        .collect();
    checks.extend(settings::checks(case, cloud, &pairs));
    checks.push(of_pairs(
        "cloud-neg",
        "the load balancer sends to the pods themselves",
        &pairs,
        |one| groups(cloud, one),
    ));
    checks.push(of_pairs(
        "cloud-health",
        "health checks find the endpoints healthy",
        &pairs,
        |one| health(cloud, one),
    ));
    checks.push(of_pairs(
        "cloud-url-map",
        "the host and the path lead to the backend service",
        &pairs,
        |one| url_map::leads(case, cloud, one),
    ));
    checks
}

/// A claim about every backend service.
pub(super) fn of_pairs<'a, 'c>(
    id: &'static str,
    claim: &'static str,
    pairs: &[Pair<'a, 'c>],
    judge: impl Fn(&Pair<'a, 'c>) -> Verdict,
) -> Judged {
    let check = Check::new(id, Layer::Cloud, claim);
    if pairs.is_empty() {
        return check.skip("there is no backend service to look at").into();
    }
    let mut verdicts: Vec<(String, Verdict)> =
        pairs.iter().map(|one| (one.1.said(), judge(one))).collect();
    for at in 0..pairs.len() {
        // What fails may be another cluster's, where one that may be meant is as it should be.
        let twin_passes = |other: usize| {
            let same = std::ptr::eq(pairs[at].0.backend, pairs[other].0.backend);
            same && verdicts[other].1.status == Status::Pass
        };
        if !pairs[at].2 && (0..pairs.len()).any(twin_passes) {
            let (name, verdict) = verdicts[at].clone();
            verdicts[at] = (name, verdict.in_doubt());
        }
    }
    verdict::of(check, verdicts)
}

/// The backend services that were made for a subject. Other clusters of the project may have Services of the same
/// names; which are this cluster's its Ingress tells.
pub fn services_of<'c>(
    case: &Case<'_>,
    cloud: &'c Cloud,
    subject: &Subject<'_>,
) -> Vec<BackendService<'c>> {
    let described: Vec<BackendService<'c>> =
        cloud.backend_services().filter(|one| is_of(case, *one, subject)).collect();
    let listed = listed(case, subject);
    if listed.is_empty() {
        return described;
    }
    let is_listed = |one: &BackendService<'c>| {
        one.is_gateways() || listed.iter().any(|name| name == one.name())
    };
    described.into_iter().filter(is_listed).collect()
}

/// What gcloud is asked about the health of the backend services that the cluster tells of, before any was read.
///
/// Those of the load balancers of one region are left out: the cluster does not tell which.
pub fn health_requests(case: &Case<'_>, whom: &Whom) -> Vec<Request> {
    let subjects = subjects(case);
    let global = subjects.iter().filter(|one| one.backend.is_behind_classic());
    let names = global.flat_map(|subject| {
        let own = move |name: &String| subject.is_named(case, name) == Some(true);
        listed(case, subject).into_iter().filter(own)
    });
    names.filter(|name| is_name(name)).map(|name| of_health(whom, &name, None)).collect()
}

/// The backend services that the Ingresses in the cluster list.
fn listed(case: &Case<'_>, subject: &Subject<'_>) -> Vec<String> {
    let Some(cluster) = case.cluster.said() else {
        return Vec::new();
    };
    let ingresses = subject.ingresses(case);
    let live = ingresses.iter().filter_map(|one| {
        cluster.get("Ingress", one.namespace.or(subject.namespace(case)), one.name)
    });
    live.flat_map(backends).map(|(name, _)| name).collect()
}

/// By its description, which GKE's controller writes; by its name where it has none.
fn is_of(case: &Case<'_>, service: BackendService<'_>, subject: &Subject<'_>) -> bool {
    if service.is_gateways() {
        return subject.has_http_routes() && subject.has_groups_of(case, service);
    }
    let (wanted, port) = (subject.service().0, &subject.backend.port);
    let namespace = subject.namespace(case);
    match service.description() {
        Some(description) => {
            let number = port.number.map(|number| number.to_string());
            let names = [number.as_deref(), port.name];
            description.service == wanted.name
                && namespace.is_none_or(|own| own == description.namespace)
                && names.contains(&Some(&*description.port))
        }
        None => subject.is_named(case, service.name()) == Some(true),
    }
}

fn made(case: &Case<'_>, cloud: &Cloud, subject: &Subject<'_>) -> Verdict {
    let found = services_of(case, cloud, subject);
    let names: Vec<String> = found.iter().map(|one| one.said()).collect();
    match found.len() {
        0 if subject.routes(case).is_empty() && subject.has_http_routes() => Verdict::warn(
            "not compared: none in the project is one of a Gateway of GKE's that sends to the NEG of this port",
        )
        .after(Some("cluster-gateway"))
        .advise("is it the right project, and the Gateway one of GKE's?"),
        0 if subject.routes(case).is_empty() => {
            Verdict::skip("no Ingress of Google's leads to it, among what was read")
        }
        0 if !cloud.has("backendServices") => Verdict::warn("nobody knows: no backend service was read")
            .advise("is it the right project? A read-out takes what `gcloud compute backend-services list` prints"),
        0 => Verdict::fail("none of those in the project is described as that of this port")
            .because(NO_SYNC)
            .after(Some("cluster-ingress"))
            .advise("is it the right project? Otherwise the events of the Ingress say why none was made"),
        _ if !is_ambiguous(case, subject, &found) => Verdict::pass(names.join(", ")),
        _ => Verdict::warn(format!(
            "several: {}; perhaps of other clusters, which the Ingress in the cluster would tell",
            names.join(", ")
        )),
    }
}

/// Whether some of several may be another cluster's: none of the load balancers in one place has two for a port.
fn is_ambiguous(case: &Case<'_>, subject: &Subject<'_>, found: &[BackendService<'_>]) -> bool {
    let (by_gateways, by_ingresses): (Vec<&BackendService<'_>>, Vec<&BackendService<'_>>) =
        found.iter().partition(|one| one.is_gateways());
    let groups: BTreeSet<&str> =
        by_gateways.iter().flat_map(|one| one.groups()).map(last).collect();
    let regions: BTreeSet<Option<&str>> = by_ingresses.iter().map(|one| one.region()).collect();
    groups.len() > 1 || (regions.len() < by_ingresses.len() && listed(case, subject).is_empty())
}

fn groups(cloud: &Cloud, (_, service, _): &Pair<'_, '_>) -> Verdict {
    let groups: Vec<&str> = service.groups().collect();
    if groups.is_empty() {
        return Verdict::fail("it has no group of endpoints")
            .because(["neg-not-requested"])
            .after(Some("cluster-neg"));
    }
    if groups.iter().any(|one| one.contains("/instanceGroups/")) {
        return Verdict::fail(
            "it sends to instance groups: affinity keeps a node, and kube-proxy takes any pod",
        )
        .because(["neg-not-requested"])
        .after(Some("cluster-neg"));
    }
    let names: BTreeSet<&str> = groups.iter().map(|one| last(one)).collect();
    let names = names.into_iter().collect::<Vec<_>>().join("`, `");
    match cloud.endpoints(*service) {
        None => Verdict::pass(format!("`{names}`")),
        Some(0) => Verdict::fail(format!("no endpoint in `{names}`")).after(Some("cluster-pods")),
        Some(1) => Verdict::pass(format!("1 endpoint in `{names}`")),
        Some(count) => Verdict::pass(format!("{count} endpoints in `{names}`")),
    }
}

fn health(cloud: &Cloud, (_, service, _): &Pair<'_, '_>) -> Verdict {
    let Some(health) = cloud.health(*service) else {
        return Verdict::skip("`gcloud compute backend-services get-health` was not read");
    };
    let text = format!("{} of {} healthy", health.healthy, health.all);
    match (health.healthy, health.all) {
        // https://cloud.google.com/sdk/gcloud/reference/compute/backend-services/get-health
        (_, 0) => Verdict::fail(
            "no endpoint has a state: there is none, or no forwarding rule leads to the backend service",
        )
        .after(Some("cloud-neg")),
        (0, _) => Verdict::fail(format!("{text}: every request is answered 502 or 503"))
            .because(UNHEALTHY)
            .after(Some("cloud-health-check")),
        (healthy, all) if healthy < all => Verdict::warn(text).because(UNHEALTHY),
        _ => Verdict::pass(text),
    }
}
