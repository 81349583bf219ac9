//! Candidates that are not in the files: one fault is put into the way, and the session traced again.

use super::compare::Fit;
use super::{Candidate, Case, Compared, Kind, SeenCheck};
use crate::diagnostic::Applicability;
use crate::kube::controller_defaults::BACKEND_TIMEOUT;
use crate::live::probe::Observed;
use crate::set::Place;
use crate::trace::{Fault, Trace, Verdict};

/// The faults that explain something of what is left: those that fit, and those that something speaks against.
pub(super) fn candidates(
    case: &Case<'_>,
    base: &Trace,
    left: &[&SeenCheck],
) -> (Vec<Candidate>, Vec<Candidate>) {
    if left.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let all = supposed(&case.evidence.observed).into_iter();
    let explaining = all.filter_map(|fault| candidate(case, base, left, fault));
    explaining.partition(|one| one.against.is_empty())
}

/// The faults to try. A time is the default or the one that was seen, a number of pods the least that would do.
fn supposed(seen: &Observed) -> Vec<Fault> {
    let mut all = vec![
        Fault::ConfigNotInForce,
        Fault::NoAffinity,
        Fault::ToNodes,
        Fault::QueryBlindCache,
        Fault::CacheByUrl,
        Fault::Http2,
        Fault::Unrouted,
        Fault::Unhealthy,
        Fault::UpgradeDropped,
        Fault::BodyLimit,
        Fault::QueryLost,
        Fault::MountedElsewhere,
        Fault::Timeout(BACKEND_TIMEOUT.value.into()),
    ];
    let held = seen.held.as_ref().filter(|held| held.ended).map(|held| held.millis);
    let polled = seen.slow_poll.as_ref().filter(|slow| slow.poll.failed());
    let times = held.into_iter().chain(polled.map(|slow| slow.poll.millis));
    for millis in times {
        all.push(Fault::Timeout((millis + 500) / 1_000));
        all.push(Fault::ReadTimeout((millis + 500) / 1_000 * 1_000));
    }
    let tally = seen.sessions.as_ref().map(|sessions| sessions.with_cookies.tally());
    if let Some(tally) = tally.filter(|tally| tally.lost > 0) {
        all.push(Fault::Replicas(tally.servers().0.into()));
    }
    let mut known = Vec::new();
    all.retain(|fault| !known.contains(fault) && (known.push(*fault), true).1);
    all
}

/// What a fault explains, and what not; `None` where it explains nothing.
fn candidate(
    case: &Case<'_>,
    base: &Trace,
    left: &[&SeenCheck],
    fault: Fault,
) -> Option<Candidate> {
    let variant = case.trace(Some(fault)).filter(|variant| variant != base)?;
    let (mut explains, mut against) = (Vec::new(), Vec::new());
    for check in case.seen() {
        let judged = case.judge(check, &variant);
        let is_left = left.iter().any(|one| one.id == check.id);
        if is_left && judged.explains() {
            explains.push(Compared::of(check, &judged));
        } else if judged.fit == Fit::Contradicts && case.judge(check, base).fit != Fit::Contradicts
        {
            against.push(Compared::of(check, &judged));
        }
    }
    (!explains.is_empty()).then(|| Candidate {
        kind: Kind::Drift,
        rule: Some(fault.rule()),
        what: what(fault),
        place: place(&variant, base),
        explains,
        against,
        todo: todo(fault),
        fix: Applicability::None,
    })
}

/// The line that what runs does not obey: the one that decides the first step that the fault makes a bad one.
fn place(variant: &Trace, base: &Trace) -> Option<Place> {
    let mut steps = variant.steps.iter().filter(|step| step.outcome.verdict == Verdict::Bad);
    steps.find_map(|step| {
        let before = base.step(step.step).map(|one| &one.outcome);
        step.decided_by.filter(|_| before != Some(&step.outcome))
    })
}

fn what(fault: Fault) -> String {
    match fault {
        Fault::ConfigNotInForce => {
            "the load balancer goes by none of the BackendConfig that this Service names".into()
        }
        Fault::NoAffinity => {
            "the load balancer keeps no session on its pod, though this asks for it".into()
        }
        Fault::Timeout(seconds) => {
            format!("the load balancer's timeout is {seconds} s, and not what this says")
        }
        Fault::Replicas(pods) => {
            format!("{pods} pods or more run, and nothing keeps a session on one")
        }
        Fault::ToNodes => {
            "the load balancer sends to nodes, and not straight to the pods: there is no NEG".into()
        }
        Fault::QueryBlindCache => {
            "a cache in front stores every answer, under a key without the query".into()
        }
        Fault::CacheByUrl => "a cache in front stores every answer, under its URL".into(),
        Fault::Http2 => "the load balancer speaks HTTP/2 to the pods".into(),
        Fault::Unrouted => {
            "the load balancer has no rule for the path, though this asks for one".into()
        }
        Fault::Unhealthy => "no pod passes its health check".into(),
        Fault::UpgradeDropped => {
            "the nginx that runs does not forward `Upgrade`, though this does".into()
        }
        Fault::ReadTimeout(wait) => {
            format!("the nginx that runs waits {} s, and not what this says", wait / 1_000)
        }
        Fault::BodyLimit => "the nginx that runs takes only smaller bodies than this says".into(),
        Fault::QueryLost => "the query is lost on the way to the server".into(),
        Fault::MountedElsewhere => {
            "the server is mounted elsewhere than where these requests arrive".into()
        }
    }
}

fn todo(fault: Fault) -> String {
    match fault {
        Fault::MountedElsewhere => {
            "compare the server's `path` option with the path that reaches it: `sioway trace` prints it".into()
        }
        Fault::Replicas(_) => {
            "count the pods (`kubectl get pods`), and let the load balancer keep sessions: `sioway explain session-affinity-missing`".into()
        }
        Fault::Unhealthy => {
            "`sioway doctor` asks the load balancer for the health of each pod, and compares what is asked for".into()
        }
        one if one.is_in_the_pod() => {
            "these files are not what runs: `kubectl exec POD -c CONTAINER -- nginx -T` prints what nginx reads".into()
        }
        _ => {
            "what runs is not what these files say: `sioway doctor` compares them with the cluster and the load balancer".into()
        }
    }
}
