//! What the BackendConfig says: `[session]` and `[health]`.

use super::app::App;
use super::draft::Draft;
use super::faults::Faults;
use super::own_words;
use super::proxy::Proxy;
use crate::kube::BackendConfig;
use crate::manifest::Node;
use crate::path::ConfigLink;
use crate::spec::{Affinity, Platform, Seconds, Threshold, UrlPath};

/// Below this a WebSocket is cut so often that nobody can have meant it.
const LEAST_AGE: u64 = 600;

/// How long sessions live, and what keeps them on a pod.
pub(super) fn write(app: &App<'_, '_>, platform: &Platform, faults: &Faults, draft: &mut Draft) {
    transports(app, draft);
    let Some(config) = app.config() else {
        draft.note("session", without_config(app));
        return health_of_pods(app, draft);
    };
    if app.session.backend_config().is_none() {
        draft.note(
            "names.backend-config",
            format!(
                "`{}` was named on the Ingress, where nothing reads it: none of its settings was in force",
                config.0.name
            ),
        );
    }
    max_age(config, platform, faults, draft);
    affinity(config, draft);
    drain(config, draft);
    health(config, faults, draft);
    if config.get(&["healthCheck", "requestPath"]).is_none() {
        health_of_pods(app, draft);
    }
}

fn without_config(app: &App<'_, '_>) -> String {
    match &app.session.config {
        ConfigLink::NotGiven(named) => format!(
            "the BackendConfig `{}` is not among the files: what it says is not known, these are the defaults",
            named.name
        ),
        _ => "there was no BackendConfig: no affinity, no draining, and every WebSocket closed after 30 s"
            .to_owned(),
    }
}

/// What a comment of the user's or of sioway's own says of polling.
fn transports(app: &App<'_, '_>, draft: &mut Draft) {
    let told = app.session.session.as_ref();
    let marked = told.is_some_and(|session| !session.numbers.polling);
    let own = app.config().and_then(|config| own_words::polling(&config.0));
    let several = app.session.pods.most() != Some(1);
    let without = app.config().is_some_and(|config| own_words::needs_no_affinity(&config.0));
    if marked || own == Some(false) || (without && several) {
        draft.set("socketio.transports", ["websocket"]);
    }
    let is_gateway = app.proxy.as_ref().is_some_and(Proxy::is_gateway);
    let one_pod = own == Some(true) && app.service.client_ip_affinity().is_none();
    if one_pod && !is_gateway && app.workload().is_none() {
        draft.set("replicas", 1);
    }
}

fn seconds(config: &BackendConfig<'_>, keys: &[&str]) -> Option<u64> {
    let (number, _) = config.number(keys)?;
    u64::try_from(number).ok()
}

fn max_age(config: &BackendConfig<'_>, platform: &Platform, faults: &Faults, draft: &mut Draft) {
    const KEY: &str = "session.max-age";
    let Some(age) = seconds(config, &["timeoutSec"]) else {
        let note = "timeoutSec was not set: every WebSocket was closed after 30 s";
        return draft.note(KEY, note);
    };
    let told = faults.at(&config.0, "spec.timeoutSec");
    let short = platform.cuts_websockets() && age < LEAST_AGE || age < 60;
    if short {
        let how = if platform.cuts_websockets() {
            format!("every WebSocket was cut after {age} s, busy or not")
        } else {
            format!("a WebSocket that was silent for {age} s was closed")
        };
        draft.note(KEY, format!("timeoutSec was {age}: {how}"));
    } else if let Some(message) = told {
        draft.note(KEY, format!("timeoutSec was {age}: {message}"));
    } else {
        draft.set(KEY, Seconds::new(age));
    }
}

fn affinity(config: &BackendConfig<'_>, draft: &mut Draft) {
    const KEY: &str = "session.affinity";
    let ttl = seconds(config, &["sessionAffinity", "affinityCookieTtlSec"]).unwrap_or(0);
    match config.affinity() {
        Some(("CLIENT_IP", _)) => {
            draft.set(KEY, Affinity::ClientIp);
            if ttl > 0 {
                let note = format!(
                    "affinityCookieTtlSec was {ttl}, which nothing reads where there is no cookie"
                );
                draft.note("session.affinity-ttl", note);
            }
        }
        Some(("GENERATED_COOKIE", _)) => {
            draft.set(KEY, Affinity::Cookie);
            draft.set("session.affinity-ttl", Seconds::new(ttl));
        }
        Some(("NONE", _)) => draft.set(KEY, Affinity::None),
        Some((other, _)) => draft.note(
            KEY,
            format!("affinityType was `{other}`, which no BackendConfig takes"),
        ),
        None => draft.note(
            KEY,
            "there was no sessionAffinity: requests of one session went to several pods, 400, Session ID unknown",
        ),
    }
}

fn drain(config: &BackendConfig<'_>, draft: &mut Draft) {
    const KEY: &str = "session.drain";
    match seconds(config, &["connectionDraining", "drainingTimeoutSec"]) {
        Some(0) => draft.note(
            KEY,
            "drainingTimeoutSec was 0: each rollout cut the requests of a pod that left",
        ),
        Some(drain) => draft.set(KEY, Seconds::new(drain)),
        None => draft.note(
            KEY,
            "connectionDraining was not set: each rollout cut the requests of a pod that left",
        ),
    }
}

fn health(config: &BackendConfig<'_>, faults: &Faults, draft: &mut Draft) {
    let kind = config.get(&["healthCheck", "type"]).and_then(Node::as_str).unwrap_or("HTTP");
    if kind != "HTTP" {
        draft.note(
            "health",
            format!("the health check's type was `{kind}`: sioway renders HTTP, which nginx and the app speak"),
        );
    }
    let path = config.get(&["healthCheck", "requestPath"]).and_then(Node::text);
    if let Some(path) = path {
        match faults.at(&config.0, "spec.healthCheck.requestPath") {
            Some(message) => {
                draft.note("health.path", format!("requestPath was `{path}`: {message}"));
            }
            None => {
                draft.parse::<UrlPath>("health.path", path);
            }
        }
    }
    for (key, field) in [("health.interval", "checkIntervalSec"), ("health.timeout", "timeoutSec")]
    {
        if let Some(given) = seconds(config, &["healthCheck", field]) {
            draft.set(key, Seconds::new(given));
        }
    }
    for (key, field) in
        [("health.healthy", "healthyThreshold"), ("health.unhealthy", "unhealthyThreshold")]
    {
        let given = seconds(config, &["healthCheck", field]).and_then(|it| u32::try_from(it).ok());
        match given {
            Some(count @ 1..=10) => draft.set(key, Threshold::new(count)),
            Some(count) => draft.note(key, format!("{field} was {count}: it is 1 to 10")),
            None => {}
        }
    }
}

/// Without a BackendConfig's the load balancer takes the path of the readiness probe
/// (kubernetes/ingress-gce:pkg/controller/translator/translator.go).
fn health_of_pods(app: &App<'_, '_>, draft: &mut Draft) {
    let Some(workload) = app.workload() else {
        return;
    };
    let wanted = app.session.pods.port_number(&app.session.port);
    for container in workload.containers() {
        let probe = container.0.at(&["readinessProbe", "httpGet"]);
        let Some(path) = probe.and_then(|probe| probe.get("path")?.text()) else {
            continue;
        };
        let ports = container.ports();
        let listens = ports.iter().filter_map(|port| port.get("containerPort")?.as_int());
        if listens.into_iter().any(|port| Some(port) == wanted) {
            let key = "health.path";
            draft.note(key, "the readiness probe's: no BackendConfig says another");
            draft.parse::<UrlPath>(key, path);
        }
    }
}
