//! Faults of what runs that the files do not have: one is put into the way, and the session is traced with it.

use super::passage::End;
use super::way::Way;

/// A fault that is supposed. The line that its steps are decided by is the one that what runs does not obey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The load balancer knows nothing of the BackendConfig.
    ConfigNotInForce,
    /// The load balancer keeps no session on its pod.
    NoAffinity,
    /// The load balancer's timeout, in seconds, is another one.
    Timeout(u64),
    /// More pods run than the files say.
    Replicas(u64),
    /// The load balancer sends to nodes, which send on to any pod.
    ToNodes,
    /// The CDN stores every answer, under a key without the query.
    QueryBlindCache,
    /// The CDN stores every answer, under the whole URL.
    CacheByUrl,
    /// The load balancer speaks HTTP/2 to the pods.
    Http2,
    /// No rule of the load balancer takes the path.
    Unrouted,
    /// The health check fails at every pod.
    Unhealthy,
    /// nginx does not forward `Upgrade`.
    UpgradeDropped,
    /// nginx waits this long for a word of the server, in milliseconds.
    ReadTimeout(u64),
    /// nginx takes only small bodies.
    BodyLimit,
    /// The query is lost on the way to the server.
    QueryLost,
    /// The server is mounted elsewhere than the requests arrive.
    MountedElsewhere,
}

impl Fault {
    /// The rule under which it is known.
    pub fn rule(self) -> &'static str {
        match self {
            Self::ConfigNotInForce => "backendconfig-not-in-force",
            Self::NoAffinity | Self::Replicas(_) => "session-affinity-missing",
            Self::Timeout(_) => "websocket-cut-by-timeout",
            Self::ToNodes => "neg-not-requested",
            Self::QueryBlindCache => "cdn-key-drops-query",
            Self::CacheByUrl => "cdn-on-session-traffic",
            Self::Http2 => "http2-to-backend",
            Self::Unrouted => "socketio-path-unrouted",
            Self::Unhealthy => "health-path-unanswered",
            Self::UpgradeDropped => "upgrade-not-forwarded",
            Self::ReadTimeout(_) => "read-timeout-too-short",
            Self::BodyLimit => "body-limit-too-small",
            Self::QueryLost => "query-lost",
            Self::MountedElsewhere => "prefix-not-mapped",
        }
    }

    /// Whether it is in what the pods run, not in the load balancer.
    pub fn is_in_the_pod(self) -> bool {
        matches!(
            self,
            Self::UpgradeDropped
                | Self::ReadTimeout(_)
                | Self::BodyLimit
                | Self::QueryLost
                | Self::MountedElsewhere
        )
    }
}

impl Way<'_, '_> {
    /// Whether this fault is supposed.
    pub(super) fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Why no pod answers, where it is supposed that the health check fails.
    pub(super) fn supposed_unhealthy(&self) -> Option<End> {
        let balancer = self.front.load_balancer().filter(|_| self.has(Fault::Unhealthy))?;
        let status = balancer.status_without_backends();
        let end = End::bad(format!("`{status}` of the load balancer, as no pod is healthy"));
        Some(end.status(status).rule(Fault::Unhealthy.rule()).at(self.config_place()))
    }
}
