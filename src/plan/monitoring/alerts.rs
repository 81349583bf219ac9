//! What is alerted on, as PromQL for both readers of the metrics.

use serde::Serialize;

use super::Metrics;
use crate::plan::derived;
use crate::plan::promql::{Matcher, Reader, number};
use crate::spec::{self, Platform, Spec};

/// How many WebSockets must have ended in an hour before their median says anything.
const ENOUGH: &str = "10";

/// One alert.
#[derive(Debug, Clone, Serialize)]
pub struct Alert {
    /// What it is, as its file is called.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What is wrong, in one line.
    pub summary: String,
    /// What that means, and what to do.
    pub description: String,
    /// `critical` where users are sure to notice.
    pub severity: &'static str,
    /// What is measured, over the metrics of Cloud Monitoring.
    pub query: String,
    /// The alert's condition, over the metrics of Cloud Monitoring.
    pub condition: String,
    /// What is measured, over the metrics of `stackdriver_exporter`.
    pub exporter_query: String,
    /// The condition, over the metrics of `stackdriver_exporter`.
    pub exporter_condition: String,
    /// How long it must hold, in seconds.
    pub wait: u64,
    /// The threshold, as graphs draw it.
    pub threshold: f64,
    /// The unit of what is measured, as Grafana calls it.
    pub unit: &'static str,
}

/// What an alert is made of, before it is written for a reader.
struct Draft<'a> {
    id: &'static str,
    name: &'static str,
    summary: String,
    description: String,
    severity: &'static str,
    query: &'a dyn Fn(Reader) -> String,
    operator: &'static str,
    threshold: f64,
    guard: &'a dyn Fn(Reader) -> String,
    wait: u64,
    unit: &'static str,
}

impl Draft<'_> {
    fn alert(self) -> Alert {
        let condition = |reader| {
            let (query, guard) = ((self.query)(reader), (self.guard)(reader));
            format!("{query}\n  {} {}{guard}", self.operator, number(self.threshold))
        };
        Alert {
            id: self.id,
            name: self.name,
            query: (self.query)(Reader::Google),
            condition: condition(Reader::Google),
            exporter_query: (self.query)(Reader::Exporter),
            exporter_condition: condition(Reader::Exporter),
            summary: self.summary,
            description: self.description,
            severity: self.severity,
            wait: self.wait,
            threshold: self.threshold,
            unit: self.unit,
        }
    }
}

/// The alerts of an app; those of WebSockets only where clients may use them.
pub(super) fn all(
    spec: &Spec,
    platform: &Platform,
    given: &spec::Monitoring,
    metrics: &Metrics,
) -> Vec<Alert> {
    let mut alerts = vec![bad_requests(given, metrics), unanswered(given, metrics)];
    if spec.socketio.transports.websocket() {
        alerts.extend([failed_upgrades(given, metrics), short_sessions(spec, metrics)]);
        alerts.extend(platform.cuts_websockets().then(|| cut_sessions(spec, given, metrics)));
    }
    alerts
}

/// The series of a backend's requests that fit; `on_path` leaves out those off the Socket.IO path.
fn requests(metrics: &Metrics, reader: Reader, on_path: bool, more: &[Matcher<'_>]) -> String {
    let backend = [("backend_target_name", "=~", metrics.backend.as_str())];
    let rule = metrics
        .rule
        .as_deref()
        .filter(|_| on_path)
        .map(|rule| ("matched_url_path_rule", "=~", rule));
    let matchers: Vec<Matcher<'_>> =
        backend.into_iter().chain(rule).chain(more.iter().copied()).collect();
    metrics.requests.select(reader, "", &matchers)
}

/// How much series grow in a minute, over five.
fn a_minute(series: &str) -> String {
    format!("sum(increase({series}[5m])) / 5")
}

fn bad_requests(given: &spec::Monitoring, metrics: &Metrics) -> Alert {
    let query = |reader| {
        let bad = requests(metrics, reader, true, &[("response_code", "=", "400")]);
        let all = requests(metrics, reader, true, &[]);
        format!("sum(rate({bad}[5m]))\n  / sum(rate({all}[5m]))")
    };
    Draft {
        id: "bad-requests",
        name: "SocketIoBadRequests",
        summary: format!("more than {} of the requests on the Socket.IO path are answered with 400", given.bad_requests),
        description: "Engine.IO answers 400 to a session id that the pod does not know: requests of one session reach \
            several pods. `sioway doctor` names the layer, `sioway lint` the line."
            .into(),
        severity: "critical",
        query: &query,
        operator: ">",
        threshold: given.bad_requests.fraction(),
        guard: &none,
        wait: 300,
        unit: "percentunit",
    }
    .alert()
}

fn unanswered(given: &spec::Monitoring, metrics: &Metrics) -> Alert {
    let query = |reader| {
        let code = [("response_code", "=~", "502|503")];
        a_minute(&requests(metrics, reader, false, &code))
    };
    Draft {
        id: "unanswered",
        name: "SocketIoUnanswered",
        summary: format!("requests find no pod that answers, more than {} a minute", given.unanswered),
        description: "The load balancer answers 502 or 503 by itself where no pod is healthy, or one closes the \
            connection. `sioway doctor` compares the health check with what the pods answer."
            .into(),
        severity: "critical",
        query: &query,
        operator: ">",
        threshold: f64::from(given.unanswered.get()),
        guard: &none,
        wait: 300,
        unit: "reqpm",
    }
    .alert()
}

fn failed_upgrades(given: &spec::Monitoring, metrics: &Metrics) -> Alert {
    let query = |reader| {
        let series = metrics.failed_upgrades.select(reader, "", &[]);
        a_minute(&series)
    };
    Draft {
        id: "failed-upgrades",
        name: "SocketIoUpgradesFail",
        summary: format!("WebSocket requests are refused, more than {} a minute", given.failed_upgrades),
        description: "A client that may poll goes on polling and seems well; one that may not is disconnected. \
            `sioway probe` says which hop refuses the upgrade."
            .into(),
        severity: "warning",
        query: &query,
        operator: ">",
        threshold: f64::from(given.failed_upgrades.get()),
        guard: &none,
        wait: 300,
        unit: "reqpm",
    }
    .alert()
}

fn median(metrics: &Metrics, reader: Reader) -> String {
    let series = metrics.session_length.select(reader, "_bucket", &[]);
    format!("histogram_quantile(0.5, sum by (le) (rate({series}[1h])))")
}

/// A median of a few sessions says nothing.
fn enough(metrics: &Metrics, reader: Reader) -> String {
    let series = metrics.session_length.select(reader, "_count", &[]);
    format!("\n  and sum(increase({series}[1h])) >= {ENOUGH}")
}

fn none(_: Reader) -> String {
    String::new()
}

fn short_sessions(spec: &Spec, metrics: &Metrics) -> Alert {
    let limit = derived::shortest_median(spec);
    Draft {
        id: "short-sessions",
        name: "SocketIoSessionsShort",
        summary: format!("half of the WebSockets end within {limit}"),
        description: "Something ends them early: a backend without settings of its own closes every WebSocket after \
            30 s. `sioway doctor` compares the backend's timeout with the files."
            .into(),
        severity: "warning",
        query: &|reader| median(metrics, reader),
        operator: "<",
        #[allow(clippy::cast_precision_loss, reason = "a duration of at most a day")]
        threshold: limit.get() as f64,
        guard: &|reader| enough(metrics, reader),
        wait: 900,
        unit: "s",
    }
    .alert()
}

fn cut_sessions(spec: &Spec, given: &spec::Monitoring, metrics: &Metrics) -> Alert {
    Draft {
        id: "cut-sessions",
        name: "SocketIoSessionsCut",
        summary: format!(
            "half of the WebSockets end later than at {} of session.max-age, {}",
            given.longest_median, spec.session.max_age
        ),
        description: "The load balancer closes every WebSocket at `session.max-age`, in use or not, and its clients \
            come back at once. Raise it where it is below 24h."
            .into(),
        severity: "warning",
        query: &|reader| median(metrics, reader),
        operator: ">",
        #[allow(clippy::cast_precision_loss, reason = "a duration of at most a day")]
        threshold: derived::longest_median(spec).get() as f64,
        guard: &|reader| enough(metrics, reader),
        wait: 900,
        unit: "s",
    }
    .alert()
}
