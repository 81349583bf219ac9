//! Google's health check finds nothing in nginx that answers it with 200.

use super::location::Repair;
use super::wording::ONCE_APPLIED;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Insertion, NginxChange, Severity};
use crate::kube::Grade;
use crate::kube::controller_defaults::LoadBalancer;
use crate::nginx::NodeId;
use crate::path::{Backend, BadAnswer, Front, HealthCheck, Part, Probed, Site};

pub(super) static RULE: Rule = Rule {
    id: "health-location-missing",
    severity: Severity::Error,
    grade: Grade::Reproduced,
    fix: Applicability::Unsafe,
    sources: &[
        "https://cloud.google.com/load-balancing/docs/health-check-concepts",
        "kubernetes/ingress-gce:pkg/translator/healthchecks.go",
        "weaviate/weaviate#1039",
    ],
    page: include_str!("health_location_missing.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    let backends = model.session_backends().map(|(backend, _)| backend);
    for backend in backends.filter(|backend| backend.is_behind_gce()) {
        let sites = backend.sites.iter().map(|index| &model.sites[*index]);
        findings.extend(sites.filter_map(|site| by_check(backend, site)));
    }
    let alone = |site: &&Site<'_>| site.containers.is_empty() && !site.sessions.is_empty();
    for site in model.sites().iter().filter(alone) {
        let google = model.front_of(site).filter(|front| front.is_google);
        findings.extend(google.and_then(|front| by_address(site, &front)));
    }
}

/// What the health check of a backend gets from the nginx in its pods: as things are, or once a BackendConfig applies
/// that somebody meant for it.
fn by_check(backend: &Backend<'_>, site: &Site<'_>) -> Option<Draft> {
    // Where requests are not understood either, that is another rule's to name.
    let port = backend.pods.port_number(&backend.port).and_then(|port| u16::try_from(port).ok());
    let listens = port.map(|port| site.config.on_port(port)).unwrap_or_default();
    let mute = site.unreachable(backend, listens).is_some();
    let refused = |asked: HealthCheck<'_>| match asked.answer_of(site) {
        Probed::Bad(bad) if bad.because.is_some() && mute => None,
        Probed::Bad(bad) if site.is_whole() => Some(bad),
        _ => None,
    };
    let meant = backend.health_check_meant();
    let later = meant.and_then(|asked| Some((asked, refused(asked)?)));
    let now = backend.health_check_in_force().and_then(|asked| Some((asked, refused(asked)?)));
    let other =
        |meant: &HealthCheck<'_>| now.as_ref().is_none_or(|(asked, _)| asked.path != meant.path);
    match (now.as_ref(), meant.filter(other)) {
        (Some((asked, bad)), None) => Some(in_force(backend, site, asked, bad)),
        (Some((asked, bad)), Some(meant)) => {
            let then = later.as_ref().map(|(_, bad)| bad);
            Some(before(backend, site, (asked, bad), (&meant, then)))
        }
        (None, _) => later.map(|(asked, bad)| once_applied(backend, site, &asked, &bad)),
    }
}

fn in_force(
    backend: &Backend<'_>,
    site: &Site<'_>,
    asked: &HealthCheck<'_>,
    bad: &BadAnswer,
) -> Draft {
    let draft = draft(site, asked, bad, &refusal(backend, asked, bad));
    let draft = draft.help(help_with(site, bad, asked));
    draft.fix(Applicability::Unsafe, repair(site, bad, asked.path))
}

/// The check that is made while the BackendConfig that was meant does not apply: it is not for nginx to answer that one.
fn before(
    backend: &Backend<'_>,
    site: &Site<'_>,
    (asked, bad): (&HealthCheck<'_>, &BadAnswer),
    (meant, then): (&HealthCheck<'_>, Option<&BadAnswer>),
) -> Draft {
    let draft = draft(site, asked, bad, &refusal(backend, asked, bad));
    let path = meant.path;
    let applying = format!("let the Service name the BackendConfig, so that `{path}` is asked for");
    let Some(then) = then else {
        return draft.help(applying);
    };
    let note = format!(
        "once the BackendConfig applies, `{path}` is asked for, and answered {}",
        then.said()
    );
    let help = format!("{applying}, and {}", help(site, then.at, path));
    draft.note(note).help(help).fix(Applicability::Unsafe, repair(site, then, path))
}

fn once_applied(
    backend: &Backend<'_>,
    site: &Site<'_>,
    asked: &HealthCheck<'_>,
    bad: &BadAnswer,
) -> Draft {
    let message = format!("{ONCE_APPLIED}{}", refusal(backend, asked, bad));
    let draft = draft(site, asked, bad, &message).only(Severity::Warning);
    let draft = draft.help(help_with(site, bad, asked));
    draft.fix(Applicability::Unsafe, repair(site, bad, asked.path))
}

fn refusal(backend: &Backend<'_>, asked: &HealthCheck<'_>, bad: &BadAnswer) -> String {
    let so_far = if bad.certain { "" } else { " as far as the files go" };
    format!(
        "Google's health check of `{}` is answered {}{so_far}: no pod counts as healthy, and every request gets {}",
        asked.path,
        bad.said(),
        status(backend)
    )
}

fn draft(site: &Site<'_>, asked: &HealthCheck<'_>, bad: &BadAnswer, message: &str) -> Draft {
    let beside = format!("answers {}", bad.said());
    let mut draft = Draft::at(site.place(bad.at), beside, message).of_directive(site, bad.at);
    if bad.server != bad.at {
        draft = draft.and(site.place(bad.server), "requests by address come here");
    }
    if let Some(place) = asked.place {
        draft = draft.and(place, "what the load balancer asks for");
    }
    if !bad.certain {
        let note = "unless there is a file of that name";
        draft = draft.only(Severity::Warning).note(note);
    }
    draft
}

/// A location for the path, where the server has none for it: nginx itself answers then, whatever the app does.
fn repair(site: &Site<'_>, bad: &BadAnswer, path: &str) -> Option<Repair> {
    let config = &site.config;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if bad.at != bad.server || !bad.certain || !path.bytes().all(plain) {
        return None;
    }
    let text = format!(
        "location = {path} {{\n    default_type text/plain;\n    return 200 \"ok\\n\";\n}}"
    );
    let place = Insertion::End(Some(config.directive(bad.server).span));
    Some(site.text_of(bad.server).edit(NginxChange::Insert { place, text }))
}

/// What to write against an answer that is not 200.
fn help_with(site: &Site<'_>, bad: &BadAnswer, asked: &HealthCheck<'_>) -> String {
    if bad.because.is_none() {
        return help(site, bad.at, asked.path);
    }
    let kind = if asked.spoken.is_tls() { "HTTP" } else { "HTTPS" };
    format!(
        "write `type: {kind}` into the BackendConfig's `healthCheck`; or leave it out, and the check speaks what the port does"
    )
}

fn help(site: &Site<'_>, at: NodeId, path: &str) -> String {
    let location =
        format!("`location = {path} {{ default_type text/plain; return 200 \"ok\\n\"; }}`");
    if comes_first(site, at) {
        return format!(
            "move this into `location / {{ … }}`, as it answers before any location is looked at; then {location} can answer in the same server"
        );
    }
    format!("write into the server that answers requests by address: {location}")
}

/// Whether a `return` or a `rewrite` stands in the server, where it runs before a location is chosen.
fn comes_first(site: &Site<'_>, at: NodeId) -> bool {
    let config = &site.config;
    let mut around = config.levels(at).skip(1);
    let level = around.find(|level| config.name(*level) != "if");
    matches!(config.name(at), "return" | "rewrite")
        && level.is_some_and(|level| config.name(level) != "location")
}

/// What clients get from a load balancer without a healthy pod.
fn status(backend: &Backend<'_>) -> u16 {
    let mut kinds = backend.gce_routes().filter_map(|route| route.ingress.load_balancer());
    let kind = kinds.next().unwrap_or(LoadBalancer::Classic);
    kind.status_without_backends()
}

/// What can be said without knowing what the health check asks.
fn by_address(site: &Site<'_>, front: &Front) -> Option<Draft> {
    let found = site.unhealthy_by_address()?;
    let message = match &found.said {
        Some(said) => format!(
            "Google's health checks come by address, and this server answers them {said}"
        ),
        None => "nothing here answers Google's health check with 200, unless the app does: a pod that fails it gets no request".to_owned(),
    };
    let draft = Draft::at(site.place(found.at), "", message).of_directive(site, found.at);
    let draft = match found.hidden.filter(|hidden| *hidden != found.at) {
        Some(location) => draft.and(site.place(location), "meant for health checks"),
        None => draft,
    };
    let draft = draft.and(front.place, front.said).help(help(site, found.at, "/health"));
    Some(draft.only(Severity::Warning))
}
