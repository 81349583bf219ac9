//! A check: something that should hold, and whether it does. `probe` has them, and whoever else looks at the world.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether a claim held.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It held.
    Pass,
    /// It did not, and sessions break.
    Fail,
    /// Sessions work, but not for everybody or not for ever.
    Warn,
    /// It could not be looked at, or was not asked for.
    Skip,
}

/// Which part of the way a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// DNS, TCP, TLS, HTTP.
    Connection,
    /// HTTP long-polling.
    Polling,
    /// WebSocket.
    Websocket,
    /// Whether requests of a session reach one server.
    Sessions,
    /// Caches in between.
    Cache,
    /// Limits of time and size.
    Limits,
    /// The manifests and nginx configurations.
    Files,
    /// The objects in the cluster.
    Cluster,
    /// The load balancer, as Google Cloud tells of it.
    Cloud,
    /// A pod by itself, past the load balancer.
    Pod,
    /// What a client sees.
    Endpoint,
}

impl Layer {
    /// As a title.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Polling => "polling",
            Self::Websocket => "websocket",
            Self::Sessions => "sessions",
            Self::Cache => "cache",
            Self::Limits => "limits",
            Self::Files => "files",
            Self::Cluster => "cluster",
            Self::Cloud => "load balancer",
            Self::Pod => "pod",
            Self::Endpoint => "endpoint",
        }
    }
}

/// Something that should hold, and whether it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// Its stable name.
    pub id: &'static str,
    /// What it is about.
    pub layer: Layer,
    /// What should hold.
    pub claim: &'static str,
    /// Whether it does.
    pub status: Status,
    /// What was seen.
    pub evidence: String,
    /// The rules that explain a failure, the most likely first.
    pub rules: Vec<&'static str>,
    /// What to do, on the server or in the client; null where there is nothing to do.
    pub advice: Option<Box<str>>,
    /// The check whose failure explains this one; not there where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<&'static str>,
}

impl Check {
    /// A check that has not been looked at.
    pub fn new(id: &'static str, layer: Layer, claim: &'static str) -> Self {
        Self {
            id,
            layer,
            claim,
            status: Status::Skip,
            evidence: String::new(),
            rules: Vec::new(),
            advice: None,
            follows: None,
        }
    }

    fn with(mut self, status: Status, evidence: impl Into<String>) -> Self {
        self.status = status;
        self.evidence = evidence.into();
        self
    }

    /// It holds.
    #[must_use]
    pub fn pass(self, evidence: impl Into<String>) -> Self {
        self.with(Status::Pass, evidence)
    }

    /// It does not hold.
    #[must_use]
    pub fn fail(self, evidence: impl Into<String>) -> Self {
        self.with(Status::Fail, evidence)
    }

    /// It does not hold for everybody.
    #[must_use]
    pub fn warn(self, evidence: impl Into<String>) -> Self {
        self.with(Status::Warn, evidence)
    }

    /// It cannot be told.
    #[must_use]
    pub fn skip(self, why: impl Into<String>) -> Self {
        self.with(Status::Skip, why)
    }

    /// The rules that explain it.
    #[must_use]
    pub fn because(mut self, rules: &[&'static str]) -> Self {
        self.rules = rules.to_vec();
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into().into_boxed_str());
        self
    }

    /// The check that it follows from, if that fails.
    #[must_use]
    pub fn after(mut self, check: &'static str) -> Self {
        self.follows = Some(check);
        self
    }
}
