//! Alerts on the session path, and the metrics they are made of.
//!
//! The load balancer counts requests by status and by rule of the URL map, but not by transport, and it has no metric
//! of how long a WebSocket lasts. Both stand in its request log, of which metrics are made: there `requestUrl` has the
//! query, and `latency` of a WebSocket is its whole duration
//! (<https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#HttpRequest>).

mod alerts;

use serde::Serialize;

use super::promql::{Metric, literal};
use super::{ObjectNames, Service, derived};
use crate::kube::backend_name;
use crate::spec::{Channel, Evaluator, Platform, Spec};

pub use alerts::Alert;

/// The longest path of a rule that a metric's label holds whole.
///
/// <https://docs.cloud.google.com/load-balancing/docs/https/https-logging-monitoring>: up to 50 characters.
const RULE_MAX: usize = 50;

/// What is rendered of `[monitoring]`.
#[derive(Debug, Clone, Serialize)]
pub struct Monitoring {
    /// Who evaluates the alerts.
    pub evaluators: Vec<Evaluator>,
    /// Whether a Grafana dashboard is rendered.
    pub dashboard: bool,
    /// Whether the dashboard asks the metrics of the exporter.
    pub dashboard_of_exporter: bool,
    /// The alerts.
    pub alerts: Vec<Alert>,
    /// The metrics made of the request log.
    pub log_metrics: Vec<LogMetric>,
    /// What their types, and those of the load balancer's own metrics, begin with.
    pub prefixes: Vec<String>,
    /// Who is told by the alert policies.
    pub channels: Vec<Channel>,
}

/// A metric that Cloud Logging makes of a log.
#[derive(Debug, Clone, Serialize)]
pub struct LogMetric {
    /// What it is, as its file is called.
    pub id: &'static str,
    /// Its name.
    pub name: String,
    /// What it measures.
    pub description: &'static str,
    /// Which entries it counts.
    pub filter: String,
    /// The upper ends of the buckets in seconds, where it is a distribution of durations.
    pub bounds: Vec<u64>,
}

/// The metrics of one app.
struct Metrics {
    /// Requests, by the load balancer.
    requests: Metric,
    /// Refused WebSocket requests.
    failed_upgrades: Metric,
    /// How long WebSockets lasted.
    session_length: Metric,
    /// What fits the name of the session backend.
    backend: String,
    /// What fits the URL map's rule for the Socket.IO path; none where that is every path.
    rule: Option<String>,
}

impl Monitoring {
    pub(super) fn new(spec: &Spec, platform: &Platform, names: &ObjectNames) -> Option<Self> {
        let given = spec.monitoring.as_ref()?;
        let metrics = Metrics::new(spec, platform, names);
        let log_metrics = log_metrics(spec, platform, names);
        let logged =
            log_metrics.iter().map(|metric| format!("logging.googleapis.com/user/{}", metric.name));
        Some(Self {
            evaluators: given.alerts.clone(),
            dashboard: given.dashboard,
            dashboard_of_exporter: given.alerts == [Evaluator::PrometheusOperator],
            alerts: alerts::all(spec, platform, given, &metrics),
            prefixes: [metrics.requests.kind].into_iter().chain(logged).collect(),
            log_metrics,
            channels: given.channels.clone(),
        })
    }

    /// Whether the alerts are rendered for one of their evaluators.
    pub fn is_for(&self, evaluator: Evaluator) -> bool {
        self.evaluators.contains(&evaluator)
    }
}

impl Metrics {
    fn new(spec: &Spec, platform: &Platform, names: &ObjectNames) -> Self {
        let of_log = |id| Metric {
            kind: format!("logging.googleapis.com/user/{}", log_metric_name(names, id)),
            resource: platform.log_metric_resource.to_string(),
        };
        let port = Service::session_port().get();
        Self {
            requests: Metric {
                kind: format!("{}/request_count", platform.metrics),
                resource: platform.metric_resource.to_string(),
            },
            failed_upgrades: of_log(FAILED_UPGRADES),
            session_length: of_log(SESSION_LENGTH),
            backend: backend_name::pattern(spec.namespace.as_str(), &names.service, port),
            rule: rule(spec.socketio.path.as_str()),
        }
    }
}

/// A Prefix path becomes two of the URL map, with and without `/*`
/// (kubernetes/ingress-gce:pkg/translator/translator.go); the label holds the one that matched.
fn rule(path: &str) -> Option<String> {
    let path = path.trim_end_matches('/');
    match path.get(..RULE_MAX - 2) {
        _ if path.is_empty() => None,
        Some(beginning) if path.len() > RULE_MAX - 2 => Some(format!("{}.*", literal(beginning))),
        _ => Some(format!("{}(/.*)?", literal(path))),
    }
}

const FAILED_UPGRADES: &str = "failed-upgrades";
const SESSION_LENGTH: &str = "session-length";

/// How the metric of an app's log is called: lower case, and `.` between, which a name of Kubernetes has not.
pub(super) fn log_metric_name(names: &ObjectNames, id: &str) -> String {
    format!("sioway.{}.{}", names.app, id.replace('-', "_"))
}

/// The metrics of the request log that the alerts need: those of WebSockets.
fn log_metrics(spec: &Spec, platform: &Platform, names: &ObjectNames) -> Vec<LogMetric> {
    if !spec.socketio.transports.websocket() {
        return Vec::new();
    }
    let of = |id, description, status: &str, bounds| LogMetric {
        id,
        name: log_metric_name(names, id),
        description,
        filter: filter(spec, platform, status),
        bounds,
    };
    vec![
        of(
            FAILED_UPGRADES,
            "WebSocket requests of Socket.IO that were refused",
            "httpRequest.status>=400",
            Vec::new(),
        ),
        of(
            SESSION_LENGTH,
            "How long the WebSockets of Socket.IO lasted, in seconds, counted when they end",
            "httpRequest.status<400",
            bounds(spec),
        ),
    ]
}

/// Which entries of the request log are WebSockets of the app.
fn filter(spec: &Spec, platform: &Platform, status: &str) -> String {
    let hosts: Vec<String> =
        derived::hosts(spec).iter().map(|host| literal(host.as_str())).collect();
    let url = format!(
        r"^https?://({})(:[0-9]+)?{}/?\?(.*&)?transport=websocket(&|$)",
        hosts.join("|"),
        literal(spec.socketio.path.as_str().trim_end_matches('/'))
    );
    let pattern = url.replace('\\', r"\\");
    format!(
        "resource.type=\"{}\" AND httpRequest.requestUrl=~\"{pattern}\" AND {status}",
        platform.log_resource
    )
}

/// The ends of the buckets: what the alerts compare with is among them, so that nothing is guessed between.
fn bounds(spec: &Spec) -> Vec<u64> {
    const USUAL: [u64; 14] =
        [1, 5, 10, 25, 35, 60, 120, 300, 900, 1_800, 3_600, 10_800, 28_800, 86_400];
    let max_age = spec.session.max_age.get();
    let ends = [derived::shortest_median(spec).get(), derived::longest_median(spec).get(), max_age];
    let mut bounds: Vec<u64> = USUAL.into_iter().chain(ends).filter(|end| *end > 0).collect();
    bounds.sort_unstable();
    bounds.dedup();
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_fits_what_the_url_map_holds() {
        let fits = |path: &str, seen: &str| {
            let pattern = rule(path).unwrap();
            regex_lite::Regex::new(&format!("^(?:{pattern})$")).unwrap().is_match(seen)
        };
        assert!(rule("/").is_none());
        for seen in ["/socket.io", "/socket.io/", "/socket.io/*"] {
            assert!(fits("/socket.io/", seen), "{seen}");
        }
        for other in ["/socket-io/*", "/socket.iox", "/", "/*", "UNMATCHED"] {
            assert!(!fits("/socket.io/", other), "{other}");
        }
        let long = format!("/{}/", "a".repeat(70));
        assert!(fits(&long, &long[..50]) && fits(&long, &format!("{long}*")));
    }
}
