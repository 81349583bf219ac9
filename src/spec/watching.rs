//! `[monitoring]` and `[verify]`: what watches the sessions of an app that runs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Channel, Image, PublicUrl, Ranged, Schedule, Seconds, Share};

/// A number of failures a minute.
pub type PerMinute = Ranged<1, 100_000>;
/// How many sessions a probe opens, as it takes them.
pub type Sessions = Ranged<1, 1_000>;

/// Alerts on the session path, measured by the load balancer: its request metrics, and metrics made of its request
/// log where those cannot tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Monitoring {
    /// Who evaluates the alerts: `cloud-monitoring` (alert policies as JSON, for gcloud), `managed-prometheus` (a GlobalRules object) and `prometheus-operator` (a PrometheusRule, over the metrics of `stackdriver_exporter`). Default: Cloud Monitoring, which needs nothing in the cluster.
    pub alerts: Vec<Evaluator>,
    /// Whether to render a Grafana dashboard, as a ConfigMap that the sidecar of Grafana's chart picks up.
    pub dashboard: bool,
    /// Alert where more than this share of the requests on the Socket.IO path is answered with 400. Every fault of affinity shows as one: the pod does not know the session. Clients that come back after a deploy cause a few.
    pub bad_requests: Share,
    /// Alert where more than so many WebSocket requests a minute are refused. A client that polls on hides it from everybody else.
    pub failed_upgrades: PerMinute,
    /// Alert where more than so many requests a minute are answered with 502 or 503: the load balancer finds no healthy pod, or none that answers. It has no metric of the health checks themselves.
    pub unanswered: PerMinute,
    /// Alert where half of the WebSockets end sooner. Default: a minute, twice what a backend without settings of its own allows, or half of `session.max-age` where that is less.
    pub shortest_median: Option<Seconds>,
    /// Alert where half of the WebSockets end later than at this share of `session.max-age`: the load balancer ends them, not their users. Only where the load balancer cuts WebSockets that are in use.
    pub longest_median: Share,
    /// Who is told, by the alert policies of Cloud Monitoring: `projects/PROJECT/notificationChannels/NUMBER`. Without any, an alert only opens an incident.
    pub channels: Vec<Channel>,
}

impl Default for Monitoring {
    fn default() -> Self {
        Self {
            alerts: vec![Evaluator::CloudMonitoring],
            dashboard: false,
            bad_requests: Share::percent(1),
            failed_upgrades: PerMinute::new(5),
            unanswered: PerMinute::new(1),
            shortest_median: None,
            longest_median: Share::percent(90),
            channels: Vec::new(),
        }
    }
}

/// Who evaluates alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Evaluator {
    /// Cloud Monitoring itself.
    CloudMonitoring,
    /// Google Cloud Managed Service for Prometheus.
    ManagedPrometheus,
    /// A Prometheus of the Prometheus Operator.
    PrometheusOperator,
}

/// `sioway probe` in the cluster, against the address that users have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Verify {
    /// An image whose entry point is sioway.
    pub image: Image,
    /// What is probed. Default: the first host, with HTTPS where there is `ingress.tls`.
    #[serde(default)]
    pub url: Option<PublicUrl>,
    /// Whether a Job probes after each sync of Argo CD: a PostSync hook, whose failure fails the sync.
    #[serde(default = "Verify::default_after_sync")]
    pub after_sync: bool,
    /// When a CronJob probes, such as `*/15 * * * *`. Absent: never.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// How long a failing probe is tried again. The load balancer takes minutes to follow its objects.
    #[serde(default = "Verify::default_wait")]
    pub wait: Seconds,
    /// How many sessions the probe opens to see whether requests go astray.
    #[serde(default = "Verify::default_sessions")]
    pub sessions: Sessions,
    /// The user that the probe runs as; never root. 65532 is `nonroot` in distroless images.
    #[serde(default = "Verify::default_user")]
    pub user: super::UserId,
}

impl Verify {
    /// The Job is what `[verify]` is for.
    pub fn default_after_sync() -> bool {
        true
    }

    /// Longer than new backends and their health checks take as a rule.
    pub fn default_wait() -> Seconds {
        Seconds::new(600)
    }

    /// As many as `sioway probe` opens by itself.
    pub fn default_sessions() -> Sessions {
        Sessions::new(20)
    }

    /// `nonroot` of distroless images.
    pub fn default_user() -> super::UserId {
        super::UserId::new(65_532)
    }
}
