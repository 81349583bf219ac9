//! No affinity on a hop that polling clients cross.

use super::rewrite_breaks_socketio_path::broken;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{BackendConfig, Grade, Loose};
use crate::path::{Backend, Model, Part, Session};

pub(super) static RULE: Rule = Rule {
    id: "session-affinity-missing",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes/ingress-gce:pkg/backends/features/affinity.go",
        "https://socket.io/docs/v4/using-multiple-nodes/",
        "kubernetes/kubernetes#53886",
        "kubernetes/ingress-nginx:docs/user-guide/nginx-configuration/annotations.md",
    ],
    page: include_str!("session_affinity_missing.md"),
    check,
};

const MESSAGE: &str = "polling needs every request of a session on one pod, and nothing keeps it there: 400, Session ID unknown";

const KEYS: [&str; 2] = ["sessionAffinity", "affinityType"];
const HELP: &str = "write `sessionAffinity: {affinityType: CLIENT_IP}` (or `GENERATED_COOKIE`) into the BackendConfig";

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (backend, session) in model.session_backends() {
        if !session.polls() || !backend.may_have_several_pods() {
            continue;
        }
        let by_config = backend.is_behind_gce().then(|| by_config(model, backend));
        // On a way that a rewrite breaks there are no sessions to lose.
        let hops = backend.loose_hops(model, |route| broken(model, route).is_some());
        let hops = hops.into_iter().map(by_hop);
        for draft in by_config.flatten().into_iter().chain(hops) {
            findings.add(finish(draft, backend, session));
        }
    }
    for (backend, session, patch) in model.patched_sessions() {
        let draft = denied(&patch).filter(|_| session.polls());
        if let Some(draft) = draft.filter(|_| backend.may_have_several_pods()) {
            findings.add(finish(counted(draft, backend), backend, session));
        }
    }
}

fn finish(draft: Draft, backend: &Backend<'_>, session: &Session) -> Draft {
    let draft = match backend.pods.count_place() {
        Some(place) => draft.and(place, "several pods"),
        None => draft,
    };
    draft.because(session.because())
}

/// A BackendConfig that is not in force is another rule's to name.
fn by_config<'s>(model: &Model<'s>, backend: &Backend<'s>) -> Option<Draft> {
    let config = backend.judged_config()?;
    if model.is_set_elsewhere(&config.0, &KEYS) {
        return None;
    }
    let draft = match config.affinity() {
        Some(_) => denied(config)?,
        None => Draft::at(config.0.spec_title(), "no `sessionAffinity`", MESSAGE)
            .of(&config.0, "spec.sessionAffinity"),
    };
    // A lifetime of a cookie beside it says that a cookie was meant.
    let ttl = config.number(&["sessionAffinity", "affinityCookieTtlSec"]);
    let cookie = ttl.is_some_and(|(seconds, _)| seconds > 0);
    let fix = (config.0).set(&["spec", "sessionAffinity", "affinityType"], "CLIENT_IP");
    // Other backends may be better off without affinity.
    let alone = model.is_for_sessions_alone(config);
    let applicability = if alone { Applicability::Safe } else { Applicability::Unsafe };
    let draft = draft.help(HELP).fix(applicability, (!cookie).then_some(fix));
    Some(counted(draft, backend))
}

/// A BackendConfig that asks for no affinity. A value that is none of the three is refused, not obeyed.
fn denied(config: &BackendConfig<'_>) -> Option<Draft> {
    let (kind, node) = config.affinity().filter(|(kind, _)| matches!(*kind, "NONE" | ""))?;
    let draft =
        Draft::at(config.0.at(node), format!("`{kind}` keeps no session on a pod"), MESSAGE);
    Some(draft.of(&config.0, "spec.sessionAffinity.affinityType").help(HELP))
}

/// Pods that nobody has seen need not be several.
fn counted(draft: Draft, backend: &Backend<'_>) -> Draft {
    if backend.pods.most().is_some() || !backend.pods.workloads.is_empty() {
        return draft;
    }
    draft.only(Severity::Warning)
}

/// Another load balancer, or kube-proxy.
fn by_hop(hop: Loose<'_>) -> Draft {
    let severity = if hop.sure { Severity::Error } else { Severity::Warning };
    Draft::at(hop.place, hop.beside, MESSAGE)
        .of(&hop.object, hop.path)
        .only(severity)
        .help(hop.help)
}
