//! What a probe saw, as it comes from a probe or from the JSON that one wrote.

use serde::Deserialize;

use crate::live::check::{Check, Status};
use crate::live::probe::{Observed, Report};

/// The version of the JSON that is read.
const VERSION: u64 = 1;

/// What a probe saw.
#[derive(Debug, Clone, Deserialize)]
pub struct Evidence {
    /// Its checks.
    pub checks: Vec<SeenCheck>,
    /// What they rest on.
    pub observed: Observed,
}

/// A check of a probe.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SeenCheck {
    /// Its id.
    pub id: String,
    /// What should hold.
    pub claim: String,
    /// Whether it does.
    pub status: Status,
    /// What was seen.
    pub evidence: String,
    /// The rules that the probe names.
    #[serde(default)]
    pub rules: Vec<String>,
}

/// Why a text is not what a probe wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is no JSON.
    #[error("it is no JSON: {0}")]
    NotJson(String),
    /// It is the JSON of something else.
    #[error("it has no `checks` and `observed`, so it is not what `sioway probe` prints")]
    NotAProbe,
    /// Another sioway wrote it.
    #[error("its version is {0}, and this sioway reads version 1")]
    Version(String),
    /// A part of it is not as it should be.
    #[error("it is not what `sioway probe` prints: {0}")]
    Odd(String),
}

impl Evidence {
    /// Reads what `sioway probe --format json` printed.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| Unreadable::NotJson(error.to_string()))?;
        if value.get("checks").is_none() || value.get("observed").is_none() {
            return Err(Unreadable::NotAProbe);
        }
        match value.get("version") {
            Some(version) if version.as_u64() == Some(VERSION) => {}
            other => {
                let said = other.map_or("not written".to_owned(), ToString::to_string);
                return Err(Unreadable::Version(said));
            }
        }
        serde_json::from_value(value).map_err(|error| Unreadable::Odd(error.to_string()))
    }

    /// Why nothing could be asked at all.
    pub fn unreachable(&self) -> Option<&str> {
        self.observed.reach.trouble.as_deref()
    }

    /// The host that was probed.
    pub fn host(&self) -> String {
        let rest = self.rest();
        let authority = rest.split('/').next().unwrap_or_default();
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        match authority.rsplit_once(':') {
            Some((host, port)) if is_port(port) => host.to_owned(),
            _ => authority.to_owned(),
        }
    }

    /// The path that was probed.
    pub fn path(&self) -> String {
        let rest = self.rest();
        rest.find('/').map_or("/".to_owned(), |at| rest[at..].to_owned())
    }

    fn rest(&self) -> &str {
        let url = &self.observed.url;
        url.split_once("://").map_or(url, |(_, rest)| rest)
    }
}

impl SeenCheck {
    /// Whether it did not hold. A warning counts where a rule explains it: others are remarks.
    pub fn failed(&self) -> bool {
        match self.status {
            Status::Fail => true,
            Status::Warn => !self.rules.is_empty(),
            Status::Pass | Status::Skip => false,
        }
    }
}

impl From<&Check> for SeenCheck {
    fn from(check: &Check) -> Self {
        Self {
            id: check.id.to_owned(),
            claim: check.claim.to_owned(),
            status: check.status,
            evidence: check.evidence.clone(),
            rules: check.rules.iter().map(|&rule| rule.to_owned()).collect(),
        }
    }
}

impl From<&Report> for Evidence {
    fn from(report: &Report) -> Self {
        Self {
            checks: report.checks.iter().map(SeenCheck::from).collect(),
            observed: report.observed.clone(),
        }
    }
}
