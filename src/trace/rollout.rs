//! A pod that is replaced: what becomes of the sessions on it.

use super::passage::{End, Passage};
use super::way::Way;
use super::{HopKind, Step, StepKind, gateway};
use crate::kube::controller_defaults::DRAIN;
use crate::kube::{Container, Workload};
use crate::manifest::Node;
use crate::path::Backend;
use crate::set::Place;

/// Seconds that a pod has to end where nothing says so
/// (<https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/>).
const GRACE: i64 = 30;

/// The step; `None` where no Service is among the files.
pub(super) fn step(way: &Way<'_, '_>) -> Option<Step> {
    let backend = way.backend?;
    let mut passage = Passage::default();
    let drain = drain(way, &mut passage);
    let Some(workload) = backend.pods.workloads.first() else {
        let why = "the pods are not among the files given: how long they have to end is not known";
        passage.doubt(HopKind::Pod, why, Some(backend.service.0.title()));
        return Some(finish(drain, passage));
    };
    pods(workload, backend, drain, &mut passage);
    Some(finish(drain, passage))
}

fn finish(drain: Option<(i64, Option<Place>)>, mut passage: Passage) -> Step {
    if let (Some((0, place)), None) = (drain, &passage.end) {
        let text = "every session of the pod is cut at once: its polls and its WebSockets end without draining";
        passage.end = Some(End::bad(text).after(0).rule("drain-disabled").at(place));
    }
    let held = drain.map_or_else(String::new, |(seconds, _)| format!(" for {seconds} s"));
    let good = End::good(format!(
        "requests under way may end{held}, WebSockets stay as long; then the clients of that pod begin new sessions"
    ));
    passage.step(StepKind::Rollout, String::new(), good)
}

/// Connection draining, in seconds.
fn drain(way: &Way<'_, '_>, passage: &mut Passage) -> Option<(i64, Option<Place>)> {
    if way.front.load_balancer().is_none() {
        let why = "how the load balancer lets go of a pod is not known";
        passage.doubt(HopKind::LoadBalancer, why, None);
        return None;
    }
    if way.doubts_config(passage) {
        return None;
    }
    if let Some(gateway) = way.front.gateway().filter(|one| one.policy.is_none()) {
        let why = gateway::not_given("GCPBackendPolicy", way.backend?.service.0.name);
        passage.doubt(HopKind::LoadBalancer, why, Some(gateway.place()));
        return None;
    }
    let written = way.setting(&["connectionDraining", "drainingTimeoutSec"]);
    let (seconds, place) = match written {
        Some((seconds, place)) => (seconds, Some(place)),
        None => (i64::from(DRAIN.value), way.config_place()),
    };
    let what =
        if seconds == 0 { "drains nothing".to_owned() } else { format!("drains for {seconds} s") };
    let default = if written.is_none() { ", the default" } else { "" };
    passage.hop(HopKind::LoadBalancer, format!("{what}{default}"), place);
    Some((seconds, place))
}

fn pods(
    workload: &Workload<'_>,
    backend: &Backend<'_>,
    drain: Option<(i64, Option<Place>)>,
    passage: &mut Passage,
) {
    all_at_once(workload, passage);
    for container in workload.containers() {
        let hook = container.0.at(&["lifecycle", "preStop"]);
        let slept = hook.and_then(|hook| hook.at(&["sleep", "seconds"])).and_then(Node::as_int);
        let what = match (hook, slept) {
            (None, _) => {
                format!("container `{}`: told to stop at once, no preStop", container.name())
            }
            (Some(_), Some(seconds)) => {
                format!("container `{}`: told to stop after {seconds} s", container.name())
            }
            (Some(_), None) => {
                format!("container `{}`: told to stop after its preStop", container.name())
            }
        };
        passage.hop(HopKind::Pod, what, Some(workload.0.at(hook.unwrap_or(container.0))));
    }
    let grace = workload.grace_period();
    let place = grace.map_or_else(|| workload.0.title(), |node| workload.0.at(node));
    let seconds = grace.and_then(Node::as_int).unwrap_or(GRACE);
    let default = if grace.is_none() { ", the default" } else { "" };
    passage.hop(HopKind::Pod, format!("killed after {seconds} s{default}"), Some(place));
    if let Some((drain, _)) = drain.filter(|(drain, _)| *drain > seconds) {
        let text = format!(
            "sessions are cut after {seconds} s, though {drain} s of draining are asked for"
        );
        let after = u64::try_from(seconds).unwrap_or(0) * 1_000;
        let end = End::bad(text).after(after).rule("grace-shorter-than-drain").at(Some(place));
        passage.end.get_or_insert(end);
    }
    refused_meanwhile(workload, backend, passage);
}

/// nginx closes its port when it is told to stop; the load balancer learns of that some seconds later.
fn refused_meanwhile(workload: &Workload<'_>, backend: &Backend<'_>, passage: &mut Passage) {
    let gate = workload.containers().into_iter().find(Container::runs_nginx);
    let several = backend.pods.most().is_none_or(|most| most > 1);
    if let Some(nginx) = gate.filter(|one| several && one.0.at(&["lifecycle", "preStop"]).is_none())
    {
        let text = "`502` for some seconds: nginx closes its port before the load balancer knows";
        let end = End::bad(text).status(502).rule("rollout-cuts-sessions");
        passage.end.get_or_insert(end.at(Some(workload.0.at(nginx.0))));
    }
}

fn all_at_once(workload: &Workload<'_>, passage: &mut Passage) {
    if let Some((node, _)) = workload.ends_all_at_once() {
        let place = Some(workload.0.at(node));
        let end = End::bad(
            "every session of every pod ends: all pods go before the first new one is there",
        );
        passage.stop(
            HopKind::Pod,
            "all pods are replaced at once",
            end.rule("rollout-cuts-sessions").at(place),
        );
    }
}
