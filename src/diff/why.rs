//! Why a difference matters: the rule or the rung of the ladder behind each field that sioway renders.

use crate::manifest::{Path, Step};
use crate::nginx::Directive;

/// Why a field is as it is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Why {
    /// The rule that names what happens otherwise.
    pub rule: Option<&'static str>,
    /// The key of app.toml behind it.
    pub key: Option<&'static str>,
    /// What happens otherwise: lower case, no full stop. Empty where the difference speaks for itself.
    pub reason: &'static str,
}

const fn row(rule: &'static str, key: &'static str, reason: &'static str) -> Why {
    Why {
        rule: if rule.is_empty() { None } else { Some(rule) },
        key: if key.is_empty() { None } else { Some(key) },
        reason,
    }
}

/// By kind and the beginning of the path; the longest that fits counts.
const FIELDS: &[(&str, &str, Why)] = &[
    (
        "BackendConfig",
        "spec.cdn",
        row(
            "cdn-on-session-traffic",
            "cdn.static-paths",
            "a CDN that stores an answer gives one session to everybody",
        ),
    ),
    (
        "BackendConfig",
        "spec.connectionDraining",
        row(
            "drain-disabled",
            "session.drain",
            "without draining the requests of a pod that leaves are cut",
        ),
    ),
    (
        "BackendConfig",
        "spec.healthCheck",
        row(
            "health-check-incomplete",
            "health.path",
            "what is left out is not the documented default, and may fail the sync of the whole Ingress",
        ),
    ),
    (
        "BackendConfig",
        "spec.healthCheck.port",
        row(
            "health-port-unserved",
            "nginx.listen",
            "the check asks a port that no container listens on: no backend is healthy, 502 for all",
        ),
    ),
    (
        "BackendConfig",
        "spec.healthCheck.requestPath",
        row(
            "health-path-unanswered",
            "health.path",
            "anything but 200 makes the backend unhealthy: 502 for all",
        ),
    ),
    (
        "BackendConfig",
        "spec.healthCheck.timeoutSec",
        row(
            "health-check-timeout-over-interval",
            "health.timeout",
            "a timeout over the interval is refused, and the whole Ingress stops syncing",
        ),
    ),
    (
        "BackendConfig",
        "spec.logging",
        row("", "", "left out, it stays as it is; its log tells what the load balancer answered"),
    ),
    (
        "BackendConfig",
        "spec.sessionAffinity",
        row(
            "session-affinity-missing",
            "session.affinity",
            "polling needs every request of a session on one pod: 400, Session ID unknown, otherwise",
        ),
    ),
    (
        "BackendConfig",
        "spec.sessionAffinity.affinityCookieTtlSec",
        row(
            "affinity-ttl-ignored",
            "session.affinity-ttl",
            "a lifetime is the cookie's; one that was set earlier stays until 0 is written",
        ),
    ),
    (
        "BackendConfig",
        "spec.timeoutSec",
        row(
            "websocket-cut-by-timeout",
            "session.max-age",
            "the classic load balancer closes every WebSocket at this age, idle or not",
        ),
    ),
    (
        "Deployment",
        "spec.template.spec.terminationGracePeriodSeconds",
        row(
            "grace-shorter-than-drain",
            "workload.grace-period",
            "pods are killed before their drain is over",
        ),
    ),
    (
        "Deployment",
        "spec.template.metadata.annotations",
        row(
            "",
            "",
            "another nginx configuration makes other pods: nginx does not read it again by itself",
        ),
    ),
    (
        "FrontendConfig",
        "spec.redirectToHttps",
        row(
            "redirect-without-http",
            "ingress.https-redirect",
            "clients that begin with HTTP stay there",
        ),
    ),
    (
        "Ingress",
        "metadata.annotations[\"kubernetes.io/ingress.class\"]",
        row(
            "ingress-class-ignored",
            "ingress.class",
            "GKE serves no Ingress that has `ingressClassName` alone",
        ),
    ),
    ("Ingress", "spec.rules", row("", "host", "the load balancer sends these requests elsewhere")),
    (
        "Service",
        "metadata.annotations[\"cloud.google.com/backend-config\"]",
        row(
            "backendconfig-not-attached",
            "names.backend-config",
            "the BackendConfig is read from here only: without it there is no affinity, and every WebSocket is cut after 30 s",
        ),
    ),
    (
        "Service",
        "metadata.annotations[\"cloud.google.com/neg\"]",
        row(
            "neg-not-requested",
            "",
            "without NEGs the load balancer picks a node, and kube-proxy any pod",
        ),
    ),
    (
        "Service",
        "spec.ports",
        row(
            "target-port-unserved",
            "nginx.listen",
            "the load balancer sends to a port that nobody listens on",
        ),
    ),
    ("Service", "spec.selector", row("", "selector", "the Service selects other pods")),
    (
        "Service",
        "spec.sessionAffinity",
        row(
            "service-affinity-ineffective",
            "session.affinity",
            "for clients inside the cluster; the load balancer does not read it",
        ),
    ),
    (
        "StatefulSet",
        "spec.template.spec.terminationGracePeriodSeconds",
        row(
            "grace-shorter-than-drain",
            "workload.grace-period",
            "pods are killed before their drain is over",
        ),
    ),
];

/// The way of the sessions themselves.
const SESSION_ROUTE: Why = row(
    "socketio-path-unrouted",
    "socketio.path",
    "the Socket.IO path must lead to this app's backend, whatever the other paths do",
);

/// Why a field of a kind matters.
pub fn why(kind: &str, path: &Path) -> Why {
    let session = path.steps.iter().any(|step| matches!(step, Step::Pick { key, value } if key == "path" && value.contains("socket.io")));
    if kind == "Ingress" && session {
        return SESSION_ROUTE;
    }
    let plain: Path =
        path.steps.iter().filter(|step| matches!(step, Step::Key(_))).cloned().collect();
    let plain = plain.to_string();
    let fits = |prefix: &str| {
        plain
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let rows = FIELDS.iter().filter(|(of, prefix, _)| *of == kind && fits(prefix));
    rows.max_by_key(|(_, prefix, _)| prefix.len()).map(|(_, _, why)| *why).unwrap_or_default()
}

/// By the directive's name, and for headers by the header's.
const DIRECTIVES: &[(&str, Why)] = &[
    ("absolute_redirect", row("", "", "redirects would name nginx's own port and plain HTTP")),
    (
        "client_max_body_size",
        row(
            "body-limit-too-small",
            "socketio.max-message",
            "a larger POST is answered with 413, and the client disconnects",
        ),
    ),
    (
        "keepalive_timeout",
        row(
            "keepalive-shorter-than-lb",
            "",
            "shorter than the load balancer's 600 s means 502 now and then",
        ),
    ),
    ("listen", row("listen-port-mismatch", "nginx.listen", "the Service sends to another port")),
    // Rendered for health checks alone.
    (
        "location =",
        row(
            "health-location-missing",
            "health.path",
            "the load balancer asks for it, and takes nothing but 200",
        ),
    ),
    ("location", row("", "", "requests for this path are answered otherwise")),
    ("map", row("", "", "nginx does not start without a variable that other lines use")),
    (
        "proxy_buffering",
        row(
            "polling-buffered",
            "",
            "answers to polling go through nginx's buffers, and large ones through a file",
        ),
    ),
    (
        "proxy_http_version",
        row(
            "http10-to-upstream",
            "",
            "older versions ask in HTTP/1.0, which Node.js takes and other servers may refuse",
        ),
    ),
    (
        "proxy_pass",
        row(
            "prefix-not-mapped",
            "socketio.server-path",
            "the Socket.IO server would be asked for another path",
        ),
    ),
    (
        "proxy_read_timeout",
        row(
            "read-timeout-too-short",
            "socketio.ping-timeout",
            "nginx closes a session that is silent for longer",
        ),
    ),
    (
        "proxy_set_header Connection",
        row("upgrade-not-forwarded", "", "no WebSocket gets through without it"),
    ),
    ("proxy_set_header Host", row("host-not-forwarded", "", "the app sees the upstream's name")),
    (
        "proxy_set_header Upgrade",
        row("upgrade-not-forwarded", "", "no WebSocket gets through without it"),
    ),
    (
        "proxy_set_header X-Forwarded-For",
        row("client-address-lost", "", "the app does not see the client's address"),
    ),
    (
        "proxy_set_header X-Forwarded-Proto",
        row(
            "forwarded-proto-overwritten",
            "",
            "the app is told `http` where the load balancer ended TLS",
        ),
    ),
    ("worker_connections", row("too-few-connections", "", "a WebSocket takes two")),
];

/// Where each request says that it upgrades, WebSockets get through: what differs is the others.
const CONSTANT_UPGRADE: Why = row(
    "constant-connection-upgrade",
    "",
    "polling requests say `Connection: upgrade` too, which some servers answer with 400",
);

/// Why a directive matters that is rendered, beside the one that is there.
pub(in crate::diff) fn why_rendered(ours: &Directive, theirs: Option<&Directive>) -> Why {
    let first = ours.argument(0).unwrap_or_default();
    let name = &*ours.name.text;
    let connection = name == "proxy_set_header" && first.eq_ignore_ascii_case("connection");
    let old = theirs.and_then(|theirs| theirs.argument(1)).unwrap_or_default();
    let why = why_directive(name, first);
    if connection && old.eq_ignore_ascii_case("upgrade") {
        CONSTANT_UPGRADE
    } else if name == "map" && ours.argument(1) == Some("$connection_upgrade") {
        Why { rule: Some("connection-upgrade-undefined"), ..why }
    } else {
        why
    }
}

/// Why a directive of nginx matters.
fn why_directive(name: &str, first: &str) -> Why {
    let with_header = format!("{name} {first}");
    let found =
        DIRECTIVES.iter().find(|(key, _)| key.eq_ignore_ascii_case(&with_header) || *key == name);
    found.map(|(_, why)| *why).unwrap_or_default()
}

/// Every rule that a difference may name.
pub fn rules() -> impl Iterator<Item = &'static str> {
    let fields = FIELDS.iter().map(|(_, _, why)| why);
    let directives = DIRECTIVES.iter().map(|(_, why)| why);
    let special = [&SESSION_ROUTE, &CONSTANT_UPGRADE].into_iter().filter_map(|why| why.rule);
    let special = special.chain(["connection-upgrade-undefined"]);
    fields.chain(directives).filter_map(|why| why.rule).chain(special)
}
