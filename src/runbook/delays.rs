//! How long a change takes until it is in force.

use crate::kube::tree;
use crate::plan::Plan;

/// A change, and how long it takes.
#[derive(Debug, Clone)]
pub struct Delay {
    /// What changes.
    pub what: &'static str,
    /// How long that takes.
    pub takes: String,
    /// Where that comes from; empty where nobody says it.
    pub source: &'static str,
}

const HEALTH: &str = "https://cloud.google.com/load-balancing/docs/health-check-concepts";
const CONFIG_MAPS: &str = "https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically";

/// Those of an app.
pub(super) fn of(plan: &Plan) -> Vec<Delay> {
    let mut delays = vec![Delay {
        what: "BackendConfig, annotations of the Service, Ingress",
        takes: format!(
            "nobody promises how long: ask question {} until the load balancer itself has the new value",
            tree::questions().position(|one| one.id == "live-backend").map_or(0, |at| at + 1)
        ),
        source: "",
    }];
    delays.extend(health(plan));
    delays.extend(nginx(plan));
    delays.extend(rollout(plan));
    delays.extend(plan.managed_certificate.then(|| Delay {
        what: "a new certificate",
        takes: "up to an hour, from when DNS leads the host to the load balancer".to_owned(),
        source: "https://docs.cloud.google.com/kubernetes-engine/docs/how-to/managed-certs",
    }));
    delays
}

fn health(plan: &Plan) -> Option<Delay> {
    let health = &plan.backends.first()?.health;
    let seconds = |times: u32| health.interval.saturating_mul(u64::from(times));
    let takes = format!(
        "a pod that stops answering gets no requests after about {} s ({} checks, {} s apart), and some again after \
         about {} s of good answers",
        seconds(health.unhealthy),
        health.unhealthy,
        health.interval,
        seconds(health.healthy)
    );
    Some(Delay { what: "the health of a pod", takes, source: HEALTH })
}

fn nginx(plan: &Plan) -> Option<Delay> {
    plan.nginx.as_ref()?;
    let what = "nginx's configuration in its ConfigMap";
    let rendered = plan.gateway.is_some() || plan.workload.as_ref().is_some_and(|one| one.sidecar);
    if rendered {
        let takes = "the pods are replaced: their template carries a checksum of it";
        let source = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#updating-a-deployment";
        return Some(Delay { what, takes: takes.to_owned(), source });
    }
    let takes = "the file in the pod changes after a minute or two (never, where it is mounted with subPath), and \
                 nginx goes on with what it read when it began: restart the pods";
    Some(Delay { what, takes: takes.to_owned(), source: CONFIG_MAPS })
}

fn rollout(plan: &Plan) -> Option<Delay> {
    let workload = plan.workload.as_ref()?;
    let takes = format!(
        "each of the {} pods is given {} s to end; its clients begin new sessions on another",
        workload.replicas, workload.grace_period
    );
    let source =
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination";
    Some(Delay { what: "the pods themselves", takes, source })
}
