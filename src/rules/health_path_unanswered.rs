//! A health check that is not answered with 200.

use super::wording::as_it_applies;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::kube::controller_defaults::HEALTHY_STATUS;
use crate::kube::{BackendConfig, Workload};
use crate::path::{Backend, Model, Part, Session};
use crate::set::Place;

pub(super) static RULE: Rule = Rule {
    id: "health-path-unanswered",
    severity: Severity::Error,
    grade: Grade::Documented,
    fix: Applicability::Manual,
    sources: &[
        "https://cloud.google.com/load-balancing/docs/health-check-concepts",
        "kubernetes/ingress-gce:pkg/translator/healthchecks.go",
        "socketio/socket.io:packages/engine.io/lib/server.ts",
    ],
    page: include_str!("health_path_unanswered.md"),
    check,
};

const KEYS: [&str; 2] = ["healthCheck", "requestPath"];

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (backend, session, config) in model.judged_sessions() {
        let Some(path) = backend.health_path(config) else {
            continue;
        };
        let patched = model.is_set_elsewhere(&config.0, &KEYS);
        let passed = passed_on(model, backend, config);
        let direct = is_engines(backend, session, config, &path) && !has_nginx(model, backend);
        if patched || !(direct || passed.is_some()) {
            continue;
        }
        let beside = if config.get(&KEYS).is_some() { "asked for" } else { "`/` is asked for" };
        let status = HEALTHY_STATUS.value;
        let fault = format!(
            "no pod is ever healthy: Socket.IO answers `{path}` with 400, and only {status} counts"
        );
        let in_force = backend.backend_config().is_some();
        let (message, severity) = as_it_applies(in_force, Severity::Error, fault);
        let draft = Draft::at(config.place(&KEYS), beside, message)
            .of(&config.0, "spec.healthCheck.requestPath")
            .because(session.because());
        let draft = match passed {
            Some(place) => draft.and(place, "nginx hands it to Socket.IO"),
            None => draft,
        };
        let help = "ask a path outside of Socket.IO's, such as `requestPath: /health`, and let the app answer it with 200";
        findings.add(draft.only(severity).help(help));
    }
}

/// Whether an nginx in the pods may answer first: what that does is another rule's to say. Where no pods are given, any
/// nginx that is may be theirs.
fn has_nginx(model: &Model<'_>, backend: &Backend<'_>) -> bool {
    let mut containers = backend.pods.workloads.iter().flat_map(Workload::containers);
    if backend.pods.workloads.is_empty() {
        model.has_nginx()
    } else {
        !backend.sites.is_empty() || containers.any(|container| container.runs_nginx())
    }
}

/// Where the nginx in all pods hands the check to the Socket.IO server.
fn passed_on(
    model: &Model<'_>,
    backend: &Backend<'_>,
    config: &BackendConfig<'_>,
) -> Option<Place> {
    let [index] = backend.sites.as_slice() else {
        return None;
    };
    let site = &model.sites[*index];
    let asked = backend.health_check(Some(config))?;
    let at = asked.ends_at_engine(site)?;
    Some(site.place(at))
}

/// Engine.IO answers what is no handshake with 400.
fn is_engines(
    backend: &Backend<'_>,
    session: &Session,
    config: &BackendConfig<'_>,
    path: &str,
) -> bool {
    session.refuses(path) && backend.health_port(config).1
}
