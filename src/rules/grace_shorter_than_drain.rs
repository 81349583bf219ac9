//! The pod is gone before the load balancer has drained it.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::controller_defaults::POD_GRACE;
use crate::kube::{Grade, Object, Workload, policy};
use crate::manifest::Node;
use crate::path::{Backend, Part, Session};
use crate::set::Place;

pub(super) static RULE: Rule = Rule {
    id: "grace-shorter-than-drain",
    severity: Severity::Warning,
    grade: Grade::Documented,
    fix: Applicability::Safe,
    sources: &[
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
        "https://cloud.google.com/load-balancing/docs/enabling-connection-draining",
    ],
    page: include_str!("grace_shorter_than_drain.md"),
    check,
};

const GRACE: &str = "terminationGracePeriodSeconds";

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (backend, session) in model.session_backends() {
        if let Some(drain) = drain(backend) {
            each(backend, session, drain, findings);
        }
    }
    for (backend, session, gateway) in model.gateway_sessions() {
        let policy = gateway.policy.filter(|_| drain(backend).is_none());
        if let Some(drain) = policy.and_then(|policy| policy_drain(&policy)) {
            each(backend, session, drain, findings);
        }
    }
}

fn each(backend: &Backend<'_>, session: &Session, drain: (i64, Place), findings: &mut Findings) {
    let workloads = backend.pods.workloads.iter();
    findings.extend(workloads.filter_map(|one| finding(drain, session, one)));
}

/// The same of the policy of a Gateway.
fn policy_drain(policy: &Object<'_>) -> Option<(i64, Place)> {
    let node = policy::setting(policy, &["connectionDraining", "drainingTimeoutSec"])?;
    let seconds = node.as_int().filter(|seconds| *seconds > 0)?;
    Some((seconds, policy.at(node)))
}

/// Seconds until the pods of a workload are killed, and where that is written, or would be.
pub(super) fn grace(workload: &Workload<'_>) -> Option<(i64, Place)> {
    if let Some(node) = workload.grace_period() {
        return Some((node.as_int()?, workload.0.at(node)));
    }
    let pod = workload.template().and_then(|it| it.key_span("spec"));
    let place = pod.map_or_else(|| workload.0.title(), |span| workload.0.place(span));
    Some((i64::from(POD_GRACE.value), place))
}

/// Seconds of draining, where the BackendConfig sets any.
pub(super) fn drain<'s>(backend: &Backend<'s>) -> Option<(i64, Place)> {
    let config = backend.judged_config().filter(|_| backend.is_behind_gce())?;
    let (seconds, node): (i64, Node<'s>) =
        config.accepted(&["connectionDraining", "drainingTimeoutSec"])?;
    (seconds > 0).then(|| (seconds, config.0.at(node)))
}

fn finding(
    (drain, drained_at): (i64, Place),
    session: &Session,
    workload: &Workload<'_>,
) -> Option<Draft> {
    let (grace, place) = grace(workload).filter(|(grace, _)| *grace < drain)?;
    let message = format!(
        "on each rollout sessions are cut after {grace} s: the pod is killed then, though {drain} s of draining are asked for"
    );
    let beside = match workload.grace_period() {
        Some(_) => String::new(),
        None => format!("{grace} s without `terminationGracePeriodSeconds`"),
    };
    let path = if workload.0.kind == "Pod" { "spec" } else { "spec.template.spec" };
    let draft = Draft::at(place, beside, message)
        .of(&workload.0, format!("{path}.{GRACE}"))
        .and(drained_at, "asked for here")
        .because(session.because())
        .help(format!("write `terminationGracePeriodSeconds: {}` into the pod's spec", drain + 15));
    let keys = path.split('.').chain([GRACE]).collect::<Vec<_>>();
    let fix = workload.pod_spec().map(|_| workload.0.set(&keys, drain + 15));
    // Of two numbers that somebody wrote, either may be the one that was meant.
    let chosen = workload.grace_period().is_some();
    let applicability = if chosen { Applicability::Unsafe } else { Applicability::Safe };
    Some(draft.fix(applicability, fix))
}
