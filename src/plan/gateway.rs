//! The nginx gateway's own Deployment.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ObjectNames, derived};
use crate::spec::{LabelKey, LabelValue, Port, Spec};

/// The gateway's pods, and the pods behind them.
#[derive(Debug, Clone, Serialize)]
pub struct Gateway {
    /// How many pods of nginx run.
    pub replicas: u32,
    /// `terminationGracePeriodSeconds` of nginx's pods.
    pub grace_period: u64,
    /// How long nginx's pods wait before they stop, so that the load balancer's drain is over.
    pub pre_stop: u64,
    /// The labels of nginx's pods: the user's own without those that select the app's pods, and what the load
    /// balancer's Service selects.
    pub labels: BTreeMap<LabelKey, LabelValue>,
    /// The labels of the app's pods, which the headless Service selects.
    pub pods: BTreeMap<LabelKey, LabelValue>,
    /// The ports of the app's pods.
    pub ports: Vec<Port>,
}

impl Gateway {
    pub(super) fn new(spec: &Spec, names: &ObjectNames) -> Option<Self> {
        derived::is_gateway(spec).then(|| Self {
            replicas: spec.nginx.replicas.get(),
            grace_period: derived::gateway_grace_period(spec).get(),
            pre_stop: derived::nginx_pre_stop(spec).get(),
            labels: labels(spec, names),
            pods: derived::selector(spec),
            ports: derived::app_ports(spec),
        })
    }
}

/// What the load balancer's Service selects the gateway's pods by.
pub(super) fn selector(names: &ObjectNames) -> BTreeMap<LabelKey, LabelValue> {
    // A label value is shorter than an object name may be: the refusals see to that.
    names.gateway.parse().map(derived::by_name).unwrap_or_default()
}

/// The labels of the gateway's own pods.
pub(super) fn labels(spec: &Spec, names: &ObjectNames) -> BTreeMap<LabelKey, LabelValue> {
    let of_app = derived::selector(spec);
    let own = spec.labels.iter().filter(|(key, _)| !of_app.contains_key(*key));
    own.map(|(key, value)| (key.clone(), value.clone())).chain(selector(names)).collect()
}
