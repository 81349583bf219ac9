//! A health check that is not answered with 200.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::BackendConfig;
use crate::kube::Grade;
use crate::kube::controller_defaults::HEALTHY_STATUS;
use crate::path::{Backend, HealthAnswer, Model, Session};
use crate::set::Place;

pub(super) static RULE: Rule = Rule {
    id: "health-path-unanswered",
    severity: Severity::Error,
    grade: Grade::Documented,
    sources: &[
        "https://cloud.google.com/load-balancing/docs/health-check-concepts",
        "kubernetes/ingress-gce:pkg/translator/healthchecks.go",
        "socketio/socket.io:packages/engine.io/lib/server.ts",
    ],
    page: include_str!("health_path_unanswered.md"),
    check,
};

const KEYS: [&str; 2] = ["healthCheck", "requestPath"];

/// What is wrong with the answer, and where that is decided.
type Fault = (Severity, String, Option<Place>);

fn check(model: &Model<'_>, findings: &mut Findings) {
    for (backend, session, config) in model.judged_sessions() {
        let Some(path) = backend.health_path(config) else {
            continue;
        };
        let fault = of_engine(backend, session, config, &path)
            .or_else(|| of_nginx(model, backend, config, &path));
        let Some((severity, message, place)) = fault else {
            continue;
        };
        let beside = if config.get(&KEYS).is_some() {
            "asked for"
        } else {
            "`/` is asked for"
        };
        let mut draft = Draft::at(config.place(&KEYS), beside, message)
            .of(&config.0, "spec.healthCheck.requestPath");
        if let Some(place) = place {
            draft = draft.and(place, "this answers");
        }
        let help = "let it be answered by itself: `location = /health { default_type text/plain; return 200 'ok'; }` \
                    in nginx's default server, and `requestPath: /health`";
        findings.add(draft.only(severity).help(help));
    }
}

/// Engine.IO answers what is no handshake with 400.
fn of_engine(
    backend: &Backend<'_>,
    session: &Session,
    config: &BackendConfig<'_>,
    path: &str,
) -> Option<Fault> {
    let own = session
        .paths
        .iter()
        .any(|one| path.starts_with(one.as_str()));
    let asked = own && backend.health_port(config).1 && !path.contains("transport=polling");
    asked.then(|| (Severity::Error, unhealthy("Socket.IO", path, 400), None))
}

fn of_nginx(
    model: &Model<'_>,
    backend: &Backend<'_>,
    config: &BackendConfig<'_>,
    path: &str,
) -> Option<Fault> {
    let port = u16::try_from(backend.health_port(config).0?).ok()?;
    let mut sites = backend.sites.iter().map(|site| &model.sites[*site]);
    let (site, answer) = sites.find_map(|site| Some((site, site.health_answer(port, path)?)))?;
    // A path without a file type is no file, as a rule.
    let name = path.rsplit('/').next().unwrap_or_default();
    match answer {
        HealthAnswer::Status(code, at) if code != HEALTHY_STATUS.value => {
            let place = at.map(|node| site.place(node));
            Some((Severity::Error, unhealthy("nginx", path, code), place))
        }
        HealthAnswer::File(node) if !name.is_empty() && !name.contains('.') => {
            let message = format!(
                "nothing answers the health check itself: nginx looks for a file `{path}`, and answers 404 or the web site's page, whatever state the app is in"
            );
            Some((Severity::Warning, message, Some(site.place(node))))
        }
        _ => None,
    }
}

fn unhealthy(who: &str, path: &str, status: u16) -> String {
    let good = HEALTHY_STATUS.value;
    format!("no pod is ever healthy: {who} answers `{path}` with {status}, and only {good} counts")
}
