//! The app's own pods.

use std::collections::BTreeMap;

use serde::Serialize;

use super::derived;
use crate::spec::{
    AnsweredBy, Cpu, Image, LabelKey, LabelValue, Memory, ObjectName, Placement, Port, Spec,
    UrlPath, VariableName,
};

/// The app's pods.
#[derive(Debug, Clone, Serialize)]
pub struct Workload {
    /// The app's image.
    pub image: Image,
    /// How many pods run.
    pub replicas: u32,
    /// What the Service selects the pods by.
    pub selector: BTreeMap<LabelKey, LabelValue>,
    /// The ports that the app listens on, Socket.IO's first.
    pub ports: Vec<Port>,
    /// How readiness is told.
    pub probe: Probe,
    /// Whether nginx runs in the pod.
    pub sidecar: bool,
    /// The CPU requested.
    pub cpu: Cpu,
    /// The memory requested, and the limit.
    pub memory: Memory,
    /// The user the app runs as.
    pub user: u32,
    /// Environment variables.
    pub env: BTreeMap<VariableName, String>,
    /// Secrets that become environment variables.
    pub secrets: Vec<ObjectName>,
    /// `terminationGracePeriodSeconds`.
    pub grace_period: u64,
    /// How long nginx waits before it stops: the load balancer's drain.
    pub nginx_pre_stop: u64,
    /// How long the app waits before it stops: until nginx is gone.
    pub app_pre_stop: u64,
}

/// How readiness is told.
#[derive(Debug, Clone, Serialize)]
pub struct Probe {
    /// The path to ask, or none where only the port is tried.
    pub path: Option<UrlPath>,
    /// The app's port.
    pub port: Port,
}

impl Workload {
    pub(super) fn new(spec: &Spec) -> Option<Self> {
        let given = spec.workload.as_ref()?;
        let by_app = derived::answered_by(spec) == AnsweredBy::App;
        let sidecar = spec.nginx.placement == Placement::Sidecar;
        Some(Self {
            image: given.image.clone(),
            replicas: derived::replicas(spec).get(),
            selector: derived::selector(spec),
            ports: derived::app_ports(spec),
            probe: Probe {
                path: by_app.then(|| spec.health.path.clone()),
                port: derived::port(spec),
            },
            sidecar,
            cpu: given.cpu.clone(),
            memory: given.memory.clone(),
            user: given.user.get(),
            env: given.env.clone(),
            secrets: given.secrets.clone(),
            grace_period: derived::grace_period(spec).get(),
            nginx_pre_stop: derived::nginx_pre_stop(spec).get(),
            app_pre_stop: derived::app_pre_stop(spec).get(),
        })
    }
}
