//! What a health check asks for, and what it gets from the nginx in a pod.

use super::{Backend, Configured, Site};
use crate::kube::BackendConfig;
use crate::kube::controller_defaults::HealthCheck;
use crate::nginx::{Answer, NodeId, Outcome, Request};

/// What answers a health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthAnswer {
    /// nginx itself, with this status; by this directive, where one says so.
    Status(u16, Option<NodeId>),
    /// nginx looks for a file, by this location or server.
    File(NodeId),
    /// Another server, behind it.
    Passed,
}

impl Site<'_> {
    /// What answers a health check of a port; `None` where nobody listens there, or where it cannot be told.
    ///
    /// The check names no host: the address of the pod stands there.
    pub fn health_answer(&self, port: u16, path: &str) -> Option<HealthAnswer> {
        let config = &self.config;
        if config.on_port(port).is_empty() || !config.unread().is_empty() {
            return None;
        }
        let request = Request {
            host: "10.0.0.1".to_owned(),
            ..Request::get(port, path)
        };
        let route = config.route(&request).ok().flatten()?;
        if route.selection.doubt.is_some() {
            return None;
        }
        let location = route.selection.location();
        Some(match &route.outcome {
            Outcome::Returned(answer) => HealthAnswer::Status(answer.code, Some(answer.at)),
            Outcome::SlashAdded(_) => HealthAnswer::Status(301, location),
            Outcome::Internal => HealthAnswer::Status(404, location),
            Outcome::Circle => HealthAnswer::Status(500, location),
            Outcome::Location => self.content(location.unwrap_or(route.server.server)),
        })
    }

    fn content(&self, node: NodeId) -> HealthAnswer {
        match self.config.answer(node) {
            Answer::Files { .. } | Answer::TryFiles { .. } => HealthAnswer::File(node),
            Answer::StubStatus { at } => HealthAnswer::Status(200, Some(at)),
            Answer::Return { at, code, .. } => HealthAnswer::Status(code, Some(at)),
            Answer::Pass { .. } => HealthAnswer::Passed,
        }
    }
}

impl Backend<'_> {
    /// The path that the load balancer's check asks for, where that is certain: a readiness probe's may stand in.
    pub fn health_path(&self, config: &BackendConfig<'_>) -> Option<String> {
        if let Some(node) = config.get(&["healthCheck", "requestPath"]) {
            let path = node.as_str().filter(|path| path.starts_with('/'));
            return path.map(str::to_owned);
        }
        let known = !self.pods.workloads.is_empty() && !self.pods.have_http_probe();
        known.then(|| "/".to_owned())
    }

    /// The port of the pods that is asked, and whether requests go there too.
    pub fn health_port(&self, config: &BackendConfig<'_>) -> (Option<i64>, bool) {
        let serving = self.pods.port_number(&self.port);
        match config.number(&["healthCheck", "port"]) {
            Some((port, _)) => (Some(port), Some(port) == serving),
            None => (serving, true),
        }
    }
}

/// Half of a health check, and a default for the other half that the API refuses beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthMisfit {
    /// The field that is given.
    pub given: &'static str,
    /// The field that is not.
    pub missing: &'static str,
    /// Its default.
    pub default: u32,
    /// Whether that default holds for certain.
    pub is_certain: bool,
}

impl Configured<'_> {
    /// What the controller's defaults make of a check that is given by half. A readiness probe is taken before them.
    pub fn health_misfit(&self) -> Option<HealthMisfit> {
        let seconds = |key: &str| {
            let number = self.config.number(&["healthCheck", key]);
            number.map(|(number, _)| number)
        };
        let (interval, timeout) = (seconds("checkIntervalSec"), seconds("timeoutSec"));
        if interval.is_some() == timeout.is_some() || self.pods.have_http_probe() {
            return None;
        }
        let all = self.health_defaults();
        let misfit = |default: &HealthCheck| match (interval, timeout) {
            (Some(interval), _) => {
                (i64::from(default.timeout) > interval).then_some(default.timeout)
            }
            (_, Some(timeout)) => {
                (timeout > i64::from(default.interval)).then_some(default.interval)
            }
            _ => None,
        };
        let misfits: Vec<u32> = all.iter().filter_map(misfit).collect();
        let (given, missing) = match interval {
            Some(_) => ("checkIntervalSec", "timeoutSec"),
            None => ("timeoutSec", "checkIntervalSec"),
        };
        Some(HealthMisfit {
            given,
            missing,
            default: *misfits.first()?,
            is_certain: misfits.len() == all.len() && !self.pods.workloads.is_empty(),
        })
    }
}
