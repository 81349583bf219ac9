//! What is for Google Cloud and not for Kubernetes: JSON that gcloud takes, a file each.

use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

use super::{Failure, File, Renderer, merged, origin};
use crate::plan::{Alert, LogMetric, Monitoring, Plan};
use crate::spec::Evaluator;

/// What one of the templates is given beside the plan.
#[derive(Serialize)]
struct With<'a> {
    rendered_from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alert: Option<&'a Alert>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<&'a LogMetric>,
}

/// The metrics of the request log, which every alert needs that is not of the load balancer's own metrics, and the
/// alert policies. JSON has no comments: its descriptions say where it comes from.
pub(super) fn files(renderer: &Renderer, plan: &Plan, header: &str) -> Result<Vec<File>, Failure> {
    let Some(monitoring) = &plan.monitoring else {
        return Ok(Vec::new());
    };
    let file = |template: &str, id: &str, more: With<'_>| {
        let context = merged(Value::from(Serde(plan)), more);
        let text = renderer.text(&format!("{template}.json"), context)?;
        Ok(File { name: format!("{template}-{id}.json"), text })
    };
    let metrics = monitoring.log_metrics.iter().map(|metric| {
        let more = With { rendered_from: origin(header), alert: None, metric: Some(metric) };
        file("log-metric", metric.id, more)
    });
    let policies = policies(monitoring).map(|alert| {
        let more = With { rendered_from: origin(header), alert: Some(alert), metric: None };
        file("alert-policy", alert.id, more)
    });
    metrics.chain(policies).collect()
}

/// A policy holds one condition in PromQL, so there is one for each alert.
fn policies(monitoring: &Monitoring) -> impl Iterator<Item = &Alert> {
    let wanted = monitoring.is_for(Evaluator::CloudMonitoring);
    monitoring.alerts.iter().filter(move |_| wanted)
}
