//! The app as decided: every number final, and the timeout ladder checked.
//!
//! [`decide`] turns a typed spec into a [`Plan`], or says why an app made from it could
//! not work. The plan is what the templates print: it holds no option whose absence
//! they would have to interpret, and no arithmetic is left to them.

pub mod derived;
mod gateway;
mod ingress;
mod ladder;
mod monitoring;
mod names;
mod nginx;
mod promql;
mod refusals;
mod service;
mod settled;
mod verify;
mod workload;

use std::collections::BTreeMap;

use serde::Serialize;

pub use gateway::Gateway;
pub use ingress::{Frontend, Ingress, Path};
pub use ladder::{Amount, Given, Ladder, Measure, Relation, Rung};
pub use monitoring::{Alert, LogMetric, Monitoring};
pub use names::ObjectNames;
pub use nginx::{Location, Nginx, SessionLocation, Upstream};
pub use service::{Backend, HealthCheck, Service, ServicePort};
pub use settled::{Settled, SettledBy, settled};
pub use verify::Verify;
pub use workload::{Probe, Workload};

use crate::spec::{Host, LabelKey, LabelValue, Layers, Name, Platform, Problem, Spec};

/// Everything a template may print.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The app's name.
    pub name: Name,
    /// The namespace of every object.
    pub namespace: Name,
    /// The hosts.
    pub hosts: Vec<Host>,
    /// Labels of every object.
    pub labels: BTreeMap<LabelKey, LabelValue>,
    /// Annotations of every object.
    pub annotations: BTreeMap<LabelKey, String>,
    /// What the objects are called.
    pub names: ObjectNames,
    /// What `sioway lint` has to know of the sessions: a comment for it.
    pub mark: String,
    /// The Service that the load balancer sends to.
    pub service: Service,
    /// The backends: session traffic first, then static files if they are apart.
    pub backends: Vec<Backend>,
    /// The front end.
    pub ingress: Ingress,
    /// What only a FrontendConfig can say.
    pub frontend: Option<Frontend>,
    /// Whether a ManagedCertificate is rendered.
    pub managed_certificate: bool,
    /// nginx's configuration, where there is an nginx.
    pub nginx: Option<Nginx>,
    /// The gateway's own Deployment, where nginx is one.
    pub gateway: Option<Gateway>,
    /// The app's own pods, where they were asked for.
    pub workload: Option<Workload>,
    /// Alerts, where they were asked for.
    pub monitoring: Option<Monitoring>,
    /// What probes the app, where it was asked for.
    pub verify: Option<Verify>,
    /// The timeouts, each above the one below.
    #[serde(skip)]
    pub ladder: Ladder,
}

/// Decides everything that the spec left open, or says why the app could not work.
///
/// All problems are reported, not the first alone. `layers` tell what the app gives itself, and what it inherits.
pub fn decide(spec: &Spec, platform: &Platform, layers: &Layers) -> Result<Plan, Vec<Problem>> {
    let plan = build(spec, platform);
    let mut problems = refusals::all(spec, platform, layers, &plan);
    problems.extend(plan.ladder.broken());
    if problems.is_empty() { Ok(plan) } else { Err(problems) }
}

fn build(spec: &Spec, platform: &Platform) -> Plan {
    let names = ObjectNames::new(spec);
    let ladder = Ladder::new(spec, platform);
    let nginx = derived::has_nginx(spec).then(|| Nginx::new(spec, platform, &names, &ladder));
    Plan {
        name: derived::name(spec).clone(),
        namespace: spec.namespace.clone(),
        hosts: derived::hosts(spec).to_vec(),
        labels: spec.labels.clone(),
        annotations: spec.annotations.clone(),
        mark: derived::mark(spec),
        service: Service::new(spec, &names),
        backends: Backend::all(spec, platform, &names),
        ingress: Ingress::new(spec, platform, &names),
        frontend: Frontend::new(spec, platform),
        managed_certificate: derived::managed_certificate(spec),
        gateway: Gateway::new(spec, &names),
        workload: Workload::new(spec),
        monitoring: Monitoring::new(spec, platform, &names),
        verify: Verify::new(spec, &names),
        names,
        nginx,
        ladder,
    }
}
