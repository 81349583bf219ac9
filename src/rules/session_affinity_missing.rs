//! No affinity on a hop that polling clients cross.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::Grade;
use crate::path::{Backend, Model, Session};

pub(super) static RULE: Rule = Rule {
    id: "session-affinity-missing",
    severity: Severity::Error,
    grade: Grade::Source,
    sources: &[
        "kubernetes/ingress-gce:pkg/backends/features/affinity.go",
        "https://socket.io/docs/v4/using-multiple-nodes/",
        "kubernetes/kubernetes#53886",
    ],
    page: include_str!("session_affinity_missing.md"),
    check,
};

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (backend, session) in model.session_backends() {
        if session.polls() && backend.is_behind_gce() && backend.may_have_several_pods() {
            findings_of(backend, session)
                .into_iter()
                .for_each(|draft| findings.add(draft));
        }
    }
}

/// A BackendConfig that is not in force is another rule's to name.
fn findings_of(backend: &Backend<'_>, session: &Session) -> Option<Draft> {
    let message = "polling needs every request of a session on one pod, and nothing keeps it there: 400, Session ID unknown";
    let help = "write `sessionAffinity: {affinityType: CLIENT_IP}` (or `GENERATED_COOKIE`) into the BackendConfig";
    let config = backend.judged_config()?;
    let draft = match config.affinity() {
        Some(("CLIENT_IP" | "GENERATED_COOKIE", _)) => return None,
        // A value that is none of the three is refused, not obeyed.
        Some((other, _)) if !matches!(other, "NONE" | "") => return None,
        Some((other, node)) => {
            let beside = format!("`{other}` keeps no session on a pod");
            Draft::at(config.0.at(node), beside, message)
                .of(&config.0, "spec.sessionAffinity.affinityType")
        }
        None => Draft::at(config.0.spec_title(), "no `sessionAffinity`", message)
            .of(&config.0, "spec.sessionAffinity"),
    };
    let draft = match backend.pods.count_node() {
        Some((object, node)) => draft.and(object.at(node), "several pods"),
        None => draft,
    };
    Some(draft.because(session.because()).help(help))
}
