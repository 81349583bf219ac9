//! What only the cluster knows: addresses, complaints, pods, groups.

use super::super::cluster::{address, annotation, backends, inactive, neg};
use super::super::subject::Attached;
use super::super::{Case, Cluster, Subject};
use super::each;
use super::some;
use super::verdict::{Judged, Verdict};
use crate::kube::{Attachment, AttachmentContent, Object};
use crate::live::check::{Check, Layer};

/// What keeps the controller from making a load balancer of an Ingress.
pub(super) const NO_SYNC: [&str; 4] = [
    "ingress-class-ignored",
    "backendconfig-annotation-invalid",
    "backendconfig-missing",
    "service-not-found",
];

/// Why health checks find nobody.
pub(super) const UNHEALTHY: [&str; 5] = [
    "health-path-unanswered",
    "health-location-missing",
    "health-port-unserved",
    "target-port-unserved",
    "listen-port-mismatch",
];

pub(super) fn checks<'a>(
    case: &Case<'a>,
    cluster: &Cluster,
    subjects: &[Subject<'a>],
) -> Vec<Judged> {
    let new = |id, claim| Check::new(id, Layer::Cluster, claim);
    let google: Vec<Subject<'a>> =
        subjects.iter().filter(|one| !one.routes(case).is_empty()).copied().collect();
    let mut checks = vec![
        each(new("cluster-pods", "ready pods stand behind the Service"), subjects, |one| {
            pods(case, cluster, one)
        }),
        each(
            new("cluster-attached", "the Service names a BackendConfig that is there"),
            &google,
            |one| attached(case, one),
        ),
        each(new("cluster-neg", "the Service has its network endpoint groups"), &google, |one| {
            groups(case, cluster, one)
        }),
        each(new("cluster-ingress", "the Ingress has an address"), &google, |one| {
            addresses(case, cluster, one)
        }),
        each(new("cluster-certificate", "the managed certificate is active"), &google, |one| {
            certificates(case, cluster, one)
        }),
        each(new("cluster-events", "the controller complains of nothing"), &google, |one| {
            complaints(case, cluster, one)
        }),
        each(new("cluster-backends", "the Ingress calls the backend healthy"), &google, |one| {
            states(case, cluster, one)
        }),
    ];
    checks.extend(super::gateway::check(case, cluster, subjects));
    checks
}

fn pods(case: &Case<'_>, cluster: &Cluster, subject: &Subject<'_>) -> Verdict {
    let service = subject.service().0;
    let Some(count) = cluster.endpoints(subject.namespace(case), service.name) else {
        return Verdict::skip("no EndpointSlices were read");
    };
    let there = cluster.get("Service", subject.namespace(case), service.name);
    if there.is_none() && cluster.is_whole("Service") {
        return Verdict::fail("the Service is not there").after(Some("cluster-objects"));
    }
    let text = format!("{} of {} ready", count.ready, count.all);
    match (count.ready, count.all) {
        (0, 0) if service.in_spec(&["selector"]).is_none() => Verdict::fail("it has no endpoints"),
        (0, 0) => Verdict::fail("no pod has the labels that the Service selects")
            .advise("look at the Service's `selector` and the labels of the pods"),
        (0, _) => Verdict::fail(text).advise("`kubectl describe pods` says why they are not ready"),
        (ready, all) if ready < all => Verdict::warn(text),
        _ => Verdict::pass(text),
    }
}

fn attached(case: &Case<'_>, subject: &Subject<'_>) -> Verdict {
    match subject.live_config(case) {
        None => Verdict::skip("not all that it takes was read of the cluster"),
        Some(Attached::NoService) => {
            Verdict::fail("the Service is not there").after(Some("cluster-objects"))
        }
        Some(Attached::NoPort) => {
            Verdict::fail("the Service has no such port").after(Some("cluster-fields"))
        }
        Some(Attached::Nothing(service)) => not_attached(case, subject, &service.0),
        Some(Attached::NotThere(name)) => Verdict::fail(format!(
            "it names `{name}`, which is not there"
        ))
        .because(["backendconfig-missing"])
        .after(Some("cluster-objects"))
        .advise("the controller stops syncing the whole Ingress over it: apply the BackendConfig"),
        Some(Attached::There(config)) => Verdict::pass(format!("`{}`", config.0.name)),
    }
}

fn not_attached(case: &Case<'_>, subject: &Subject<'_>, live: &Object<'_>) -> Verdict {
    let text = match Attachment::of(live).map(|one| one.content) {
        Some(AttachmentContent::Broken(_) | AttachmentContent::Empty) => {
            return Verdict::fail("its annotation is nothing that the controller can read")
                .because(["backendconfig-annotation-invalid"])
                .advise("the controller stops syncing the whole Ingress over it: write JSON that names a BackendConfig");
        }
        Some(AttachmentContent::Names { .. }) => "its annotation names none for this port",
        None => "it carries no `cloud.google.com/backend-config` annotation",
    };
    let text = match Attachment::of(&subject.service().0).filter(|_| subject.of_files) {
        Some(one) => {
            let place = subject.service().0.at(one.entry.value());
            format!("{text}; what {} says was not applied", super::super::link::at(case, place))
        }
        None if subject.of_files => {
            let place = subject.service().0.annotations_title();
            format!("{text}, {}", super::super::link::at(case, place))
        }
        None => text.to_owned(),
    };
    // Without a BackendConfig at all the load balancer's defaults hold, which the next layer shows.
    let is_meant = subject.backend.judged_config().is_some();
    let verdict = if is_meant { Verdict::fail(text) } else { Verdict::warn(text) };
    verdict.because(["backendconfig-not-attached"]).advise(
        "write the annotation on the Service: `cloud.google.com/backend-config: '{\"default\": \"NAME\"}'`",
    )
}

fn groups(case: &Case<'_>, cluster: &Cluster, subject: &Subject<'_>) -> Verdict {
    let service = subject.service().0;
    let (Some(live), Some(port)) = (
        cluster.get("Service", subject.namespace(case), service.name),
        subject.backend.port.number,
    ) else {
        return Verdict::skip("the Service or its port is not known");
    };
    if let Some((name, zones)) = neg(live, port) {
        return if zones.is_empty() {
            Verdict::warn(format!("`{name}`, in no zone"))
        } else {
            Verdict::pass(format!("`{name}` in {}", zones.join(", ")))
        };
    }
    let forced = subject.backend.gce_classes().any(|class| class.forces_neg);
    let asked = forced || subject.live_service(case).is_some_and(|one| one.asks_for_neg());
    if asked {
        Verdict::fail("asked for, and not made: `cloud.google.com/neg-status` is missing")
            .after(Some("cluster-events"))
            .advise("`kubectl describe service` shows what the NEG controller says")
    } else {
        Verdict::fail("not asked for: the load balancer chooses a node, and kube-proxy any pod")
            .because(["neg-not-requested"])
    }
}

/// The Ingresses of a subject, as they are in the cluster.
fn live_ingresses<'c>(
    case: &Case<'_>,
    cluster: &'c Cluster,
    subject: &Subject<'_>,
) -> Vec<(String, Option<&'c serde_json::Value>)> {
    let of = |one: &Object<'_>| {
        let live = cluster.get("Ingress", one.namespace.or(subject.namespace(case)), one.name);
        (one.said(), live)
    };
    subject.ingresses(case).iter().map(of).collect()
}

fn addresses(case: &Case<'_>, cluster: &Cluster, subject: &Subject<'_>) -> Verdict {
    let ingresses = live_ingresses(case, cluster, subject);
    let mut found = Vec::new();
    for (said, live) in ingresses {
        match live.map(address) {
            None if !cluster.is_whole("Ingress") => return Verdict::skip("no Ingress was read"),
            None => {
                return Verdict::fail(format!("{said} is not there"))
                    .after(Some("cluster-objects"));
            }
            Some(None) => {
                return Verdict::fail(format!("{said} has none: no load balancer was made of it"))
                    .because(NO_SYNC)
                    .advise("`kubectl describe ingress` shows its events; the first sync takes some minutes");
            }
            Some(Some(address)) => found.push(address.to_owned()),
        }
    }
    Verdict::pass(found.join(", "))
}

fn complaints(case: &Case<'_>, cluster: &Cluster, subject: &Subject<'_>) -> Verdict {
    let ingresses = subject.ingresses(case);
    let of = |one: &Object<'_>| {
        let namespace = one.namespace.or(subject.namespace(case));
        let said = one.said();
        let all = cluster.complaints(namespace, one.name);
        all.into_iter()
            .map(|one| {
                let last = if one.last.is_empty() { "" } else { ", last at " };
                format!("{said}: {} ({}{last}{})", one.message, one.reason, one.last)
            })
            .collect::<Vec<_>>()
    };
    let all: Vec<String> = ingresses.iter().flat_map(of).collect();
    if !all.is_empty() {
        // An event stays for an hour after its cause is gone.
        Verdict::warn(some(&all, 2)).advise(
            "until the controller syncs the Ingress again, the load balancer keeps what it had",
        )
    } else if cluster.is_whole("Event") {
        Verdict::pass("no warning in the last hour")
    } else {
        Verdict::skip("no events were read")
    }
}

fn certificates(case: &Case<'_>, cluster: &Cluster, subject: &Subject<'_>) -> Verdict {
    let namespace = subject.namespace(case);
    let live = live_ingresses(case, cluster, subject);
    let names = live
        .iter()
        .filter_map(|(_, live)| annotation((*live)?, "networking.gke.io/managed-certificates"));
    let names: Vec<&str> =
        names.flat_map(|all| all.split(',')).map(str::trim).filter(|one| !one.is_empty()).collect();
    if names.is_empty() {
        return Verdict::skip("no Ingress names a managed certificate");
    }
    if !cluster.is_whole("ManagedCertificate") {
        return Verdict::skip("no ManagedCertificate was read");
    }
    let mut bad = Vec::new();
    for name in &names {
        let Some(one) = cluster.get("ManagedCertificate", namespace, name) else {
            return Verdict::fail(format!("`{name}` is not there, so none of them is attached"))
                .after(Some("cluster-objects"));
        };
        bad.extend(inactive(one).map(|state| format!("`{name}`: {state}")));
    }
    if bad.is_empty() {
        return Verdict::pass(format!("`{}`: Active", names.join("`, `")));
    }
    Verdict::fail(some(&bad, 2)).advise(
        "the DNS records of all domains must lead to the address of the Ingress; then it takes up to an hour",
    )
}

fn states(case: &Case<'_>, cluster: &Cluster, subject: &Subject<'_>) -> Verdict {
    let live = live_ingresses(case, cluster, subject);
    let all: Vec<(String, String)> =
        live.iter().filter_map(|(_, live)| *live).flat_map(backends).collect();
    if all.is_empty() {
        return Verdict::skip("no Ingress tells of its backends").after(Some("cluster-ingress"));
    }
    let is_own = |(name, _): &&(String, String)| subject.is_named(case, name);
    if all.iter().any(|one| is_own(&one).is_none()) {
        return Verdict::skip("which of them are this Service's takes to know the Service");
    }
    let own = all.iter().filter(|one| is_own(one) == Some(true));
    let Some(worst) = own.max_by_key(|(_, state)| weight(state)) else {
        return Verdict::warn(format!("none of its {} backends is of this Service", all.len()))
            .because(["service-not-found", "backendconfig-missing"])
            .after(Some("cluster-events"));
    };
    let (name, state) = (&worst.0, worst.1.as_str());
    match state {
        "HEALTHY" => Verdict::pass(format!("`{name}`: HEALTHY, as soon as one endpoint is")),
        "UNHEALTHY" => Verdict::fail(format!("`{name}`: UNHEALTHY, no endpoint answers 200"))
            .because(UNHEALTHY)
            .after(Some("cluster-pods")),
        other => Verdict::warn(format!("`{name}`: {other}; after a change it takes some minutes")),
    }
}

fn weight(state: &str) -> u8 {
    match state {
        "HEALTHY" => 0,
        "UNHEALTHY" => 2,
        _ => 1,
    }
}
