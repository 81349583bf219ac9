//! What a health check asks for.

use super::{Backend, Configured, Model};
use crate::kube::controller_defaults::HealthCheck;
use crate::kube::{BackendConfig, ServicePort, TargetPort};

impl Backend<'_> {
    /// The path that the load balancer's check asks for, where that is certain: a readiness probe's may stand in.
    pub fn health_path(&self, config: &BackendConfig<'_>) -> Option<String> {
        if let Some(node) = config.get(&["healthCheck", "requestPath"]) {
            let path = node.as_str().filter(|path| path.starts_with('/'));
            return path.map(str::to_owned);
        }
        let known = !self.pods.workloads.is_empty()
            && !self.pods.have_http_probe(&self.service, &self.port);
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
    /// What it says.
    pub seconds: i64,
    /// The field that is not.
    pub missing: &'static str,
    /// Its default.
    pub default: u32,
    /// Whether that default holds for certain.
    pub is_certain: bool,
}

/// Whether the pods listen where a health check asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthPort {
    /// They do, or nobody can tell.
    Served,
    /// They do not: it is the Service's own port.
    Unserved,
    /// No container says so.
    Undeclared,
}

impl Model<'_> {
    /// Whether the pods listen on the port of a health check.
    pub fn health_port(&self, configured: &Configured<'_>, port: i64) -> HealthPort {
        let pods = &configured.pods;
        let ports = configured.service.ports();
        let targets: Vec<TargetPort<'_>> =
            ports.iter().filter_map(ServicePort::target_port).collect();
        let served = targets.contains(&TargetPort::Number(port))
            || pods.port_number(&configured.port) == Some(port)
            || pods.declares(port)
            || self.nginx_listens(&configured.sites, port);
        if served {
            return HealthPort::Served;
        }
        let is_services = ports.iter().any(|one| one.number == Some(port));
        let named = |target: &TargetPort<'_>| matches!(target, TargetPort::Name(_));
        let resolved = !pods.workloads.is_empty() || !targets.iter().any(named);
        if is_services && resolved {
            HealthPort::Unserved
        } else if pods.declare_ports() {
            HealthPort::Undeclared
        } else {
            HealthPort::Served
        }
    }

    /// What is known of a backend's port as one that has a BackendConfig.
    pub fn configured_as(&self, backend: &Backend<'_>) -> Option<&Configured<'_>> {
        self.configured.iter().find(|one| {
            one.service.0.is(&backend.service.0) && one.port.node.span() == backend.port.node.span()
        })
    }
}

impl Configured<'_> {
    /// What the controller's defaults make of a check that is given by half. A readiness probe is taken before them.
    pub fn health_misfit(&self) -> Option<HealthMisfit> {
        let seconds = |key: &str| {
            let number = self.config.number(&["healthCheck", key]);
            number.map(|(number, _)| number)
        };
        let (interval, timeout) = (seconds("checkIntervalSec"), seconds("timeoutSec"));
        let probed = self.pods.have_http_probe(&self.service, &self.port);
        if interval.is_some() == timeout.is_some() || probed {
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
        let seconds = interval.or(timeout)?;
        Some(HealthMisfit {
            given,
            seconds,
            missing,
            default: *misfits.first()?,
            is_certain: misfits.len() == all.len() && !self.pods.workloads.is_empty(),
        })
    }
}
