//! The fields of objects, each with what is behind it and how to tell that the old value has that fault.

use super::faults::{
    always, asks_for_no_neg, changes_method, has_cdn, has_idle_lifetime, has_no_affinity,
    has_no_drain, has_no_redirect, has_ports_of_nodes, is_absent, is_cut_at_timeout,
    is_cut_when_idle, is_engines, is_half, is_loose, is_loose_and_cut, is_passed_over,
    is_services_port, is_shorter_than_drain, is_too_long, is_unserved, leads_elsewhere,
    leads_sessions_elsewhere, never, path_of,
};
use super::{Case, Why, row};
use crate::manifest::{Path, Step};

/// What is behind a field.
pub(super) struct Row {
    kinds: &'static [&'static str],
    /// The beginning of the path, items of lists left out.
    path: &'static str,
    /// Whether the old value has the fault that the reason names.
    pub(super) holds: fn(&Case<'_, '_>) -> bool,
    pub(super) why: Why,
}

const fn field(
    kinds: &'static [&'static str],
    path: &'static str,
    holds: fn(&Case<'_, '_>) -> bool,
    why: Why,
) -> Row {
    Row { kinds, path, holds, why }
}

const CONFIG: &[&str] = &["BackendConfig"];
const SERVICE: &[&str] = &["Service"];
const WORKLOADS: &[&str] = &["Deployment", "StatefulSet"];

/// `kubernetes/kubernetes:pkg/apis/apps/validation/validation.go`, `ValidateDeploymentUpdate` and
/// `ValidateStatefulSetUpdate`; <https://kubernetes.io/docs/tasks/run-application/delete-stateful-set/>.
const UNCHANGEABLE: &str = "the API server does not change it: one that runs is deleted first, and `kubectl delete --cascade=orphan` lets its pods run on";
/// `kubernetes/kubernetes:pkg/apis/core/validation/validation.go`, `ValidateServiceClusterIPsRelatedFields`.
const ADDRESSED: &str = "the API server does not take away the address that a Service has: one that runs is deleted first";

/// Of several with one path the first that holds counts.
const FIELDS: &[Row] = &[
    field(
        CONFIG,
        "apiVersion",
        always,
        row(
            "backendconfig-api-old",
            "",
            "the version of the beta does not know all that is rendered, and drops it when it is applied",
        ),
    ),
    field(
        CONFIG,
        "spec.cdn",
        has_cdn,
        row(
            "cdn-on-session-traffic",
            "cdn.static-paths",
            "a CDN that stores an answer gives one session to everybody",
        ),
    ),
    field(
        CONFIG,
        "spec.cdn",
        is_absent,
        row("", "cdn.static-paths", "left out, it stays as it is: a CDN that was on stays on"),
    ),
    field(
        CONFIG,
        "spec.connectionDraining",
        has_no_drain,
        row(
            "drain-disabled",
            "session.drain",
            "without draining the requests of a pod that leaves are cut",
        ),
    ),
    field(
        CONFIG,
        "spec.healthCheck",
        is_half,
        row(
            "health-check-incomplete",
            "health.path",
            "what is left out is not the documented default, and may fail the sync of the whole Ingress",
        ),
    ),
    field(
        CONFIG,
        "spec.healthCheck.checkIntervalSec",
        is_too_long,
        row(
            "health-check-timeout-over-interval",
            "health.interval",
            "a timeout over the interval is refused, and the whole Ingress stops syncing",
        ),
    ),
    field(CONFIG, "spec.healthCheck.healthyThreshold", never, row("", "health.healthy", "")),
    field(
        CONFIG,
        "spec.healthCheck.port",
        is_services_port,
        row(
            "health-port-unserved",
            "nginx.listen",
            "the check asks a port that no container listens on: no backend is healthy, 502 for all",
        ),
    ),
    field(
        CONFIG,
        "spec.healthCheck.requestPath",
        is_engines,
        row(
            "health-path-unanswered",
            "health.path",
            "anything but 200 makes the backend unhealthy: 502 for all",
        ),
    ),
    field(
        CONFIG,
        "spec.healthCheck.timeoutSec",
        is_too_long,
        row(
            "health-check-timeout-over-interval",
            "health.timeout",
            "a timeout over the interval is refused, and the whole Ingress stops syncing",
        ),
    ),
    field(CONFIG, "spec.healthCheck.unhealthyThreshold", never, row("", "health.unhealthy", "")),
    field(
        CONFIG,
        "spec.logging",
        is_absent,
        row("", "", "left out, it stays as it is; its log tells what the load balancer answered"),
    ),
    field(
        CONFIG,
        "spec.sessionAffinity",
        has_no_affinity,
        row(
            "session-affinity-missing",
            "session.affinity",
            "polling needs every request of a session on one pod: 400, Session ID unknown, otherwise",
        ),
    ),
    field(
        CONFIG,
        "spec.sessionAffinity.affinityCookieTtlSec",
        has_idle_lifetime,
        row(
            "affinity-ttl-ignored",
            "session.affinity-ttl",
            "a lifetime is the cookie's; one that was set earlier stays until 0 is written",
        ),
    ),
    field(
        CONFIG,
        "spec.sessionAffinity.affinityCookieTtlSec",
        is_absent,
        row("", "session.affinity-ttl", "a lifetime that was set earlier stays until 0 is written"),
    ),
    field(
        CONFIG,
        "spec.timeoutSec",
        is_cut_at_timeout,
        row(
            "websocket-cut-by-timeout",
            "session.max-age",
            "the classic load balancer closes every WebSocket at this age, idle or not",
        ),
    ),
    field(
        CONFIG,
        "spec.timeoutSec",
        is_cut_when_idle,
        row(
            "websocket-cut-by-timeout",
            "session.max-age",
            "the load balancer closes a WebSocket that is silent for this long",
        ),
    ),
    field(
        WORKLOADS,
        "spec.template.spec.terminationGracePeriodSeconds",
        is_shorter_than_drain,
        row(
            "grace-shorter-than-drain",
            "workload.grace-period",
            "pods are killed before the drain that app.toml asks for is over",
        ),
    ),
    field(WORKLOADS, "spec.selector", always, row("", "selector", UNCHANGEABLE)),
    field(&["StatefulSet"], "spec.podManagementPolicy", always, row("", "", UNCHANGEABLE)),
    field(&["StatefulSet"], "spec.serviceName", always, row("", "", UNCHANGEABLE)),
    field(
        &["Deployment"],
        "spec.template.metadata.annotations",
        always,
        row(
            "",
            "",
            "another nginx configuration makes other pods: nginx does not read it again by itself",
        ),
    ),
    field(
        &["FrontendConfig"],
        "spec.redirectToHttps",
        has_no_redirect,
        row("", "ingress.https-redirect", "clients that begin with HTTP stay there"),
    ),
    field(
        &["FrontendConfig"],
        "spec.redirectToHttps.responseCodeName",
        changes_method,
        row("", "ingress.https-redirect", "after this redirect a client repeats its POST as a GET"),
    ),
    field(
        &["Ingress"],
        "metadata.annotations[\"kubernetes.io/ingress.class\"]",
        is_passed_over,
        row(
            "ingress-class-ignored",
            "ingress.class",
            "GKE serves no Ingress that has `ingressClassName` alone",
        ),
    ),
    field(
        &["Ingress"],
        "spec.rules",
        leads_sessions_elsewhere,
        row(
            "socketio-path-unrouted",
            "socketio.path",
            "the Socket.IO path must lead to this app's backend, whatever the other paths do",
        ),
    ),
    field(
        &["Ingress"],
        "spec.rules",
        leads_elsewhere,
        row("", "host", "the load balancer sends these requests elsewhere"),
    ),
    field(
        SERVICE,
        "metadata.annotations[\"cloud.google.com/backend-config\"]",
        is_loose_and_cut,
        row(
            "backendconfig-not-attached",
            "names.backend-config",
            "the BackendConfig is read from here only: without it there is no affinity, and every WebSocket is cut after 30 s",
        ),
    ),
    field(
        SERVICE,
        "metadata.annotations[\"cloud.google.com/backend-config\"]",
        is_loose,
        row(
            "backendconfig-not-attached",
            "names.backend-config",
            "the BackendConfig is read from here only: without it there is no affinity, and a WebSocket is closed after 30 s of silence",
        ),
    ),
    field(
        SERVICE,
        "metadata.annotations[\"cloud.google.com/neg\"]",
        asks_for_no_neg,
        row(
            "neg-not-requested",
            "",
            "without NEGs the load balancer picks a node, and kube-proxy any pod",
        ),
    ),
    field(
        SERVICE,
        "spec.ports.targetPort",
        is_unserved,
        row(
            "target-port-unserved",
            "nginx.listen",
            "the load balancer sends to a port that nobody listens on",
        ),
    ),
    field(SERVICE, "spec.clusterIP", always, row("", "", ADDRESSED)),
    field(SERVICE, "spec.selector", always, row("", "selector", "the Service selects other pods")),
    field(
        SERVICE,
        "spec.type",
        has_ports_of_nodes,
        row(
            "",
            "",
            "with NEGs the load balancer asks the pods themselves: no port of the nodes is needed, and whoever uses one, or an address of the Service's own, loses it",
        ),
    ),
    field(
        SERVICE,
        "spec.sessionAffinity",
        always,
        row(
            "",
            "session.affinity",
            "for clients inside the cluster; the load balancer does not read it",
        ),
    ),
];

/// What is behind a field of a kind: what is said of the field itself before what is said of all around it.
pub(super) fn rows(kind: &str, path: &Path) -> impl Iterator<Item = &'static Row> {
    let keys = path.steps.iter().filter(|step| matches!(step, Step::Key(_))).cloned();
    let plain = keys.collect::<Path>().to_string();
    let fits = |row: &&Row| {
        let rest = plain.strip_prefix(row.path);
        row.kinds.contains(&kind)
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let mut found: Vec<&'static Row> = FIELDS.iter().filter(fits).collect();
    if !is_session_path(path) {
        found.retain(|row| row.why.rule != Some("socketio-path-unrouted"));
    }
    found.sort_by_key(|row| std::cmp::Reverse(row.path.len()));
    found.into_iter()
}

/// Everything that may be said of a field.
pub(super) fn all() -> impl Iterator<Item = &'static Why> {
    FIELDS.iter().map(|row| &row.why)
}

fn is_session_path(path: &Path) -> bool {
    path_of(path).is_some_and(|path| path.contains("socket.io"))
}
