//! A health check of a port where nobody listens.

use super::wording::as_it_applies;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::{Configured, HealthPort, Model, Part};

pub(super) static RULE: Rule = Rule {
    id: "health-port-unserved",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Safe,
    sources: &[
        "kubernetes/ingress-gce:pkg/translator/healthchecks.go",
        "https://cloud.google.com/load-balancing/docs/health-check-concepts",
    ],
    page: include_str!("health_port_unserved.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for configured in model.configured() {
        let port = configured.config.number(&["healthCheck", "port"]);
        // An instance group is asked at its node port.
        let Some((port, node)) = port.filter(|_| configured.neg == Some(true)) else {
            continue;
        };
        let Some((severity, beside)) = fault(model, configured, port) else {
            continue;
        };
        let fault = match severity {
            Severity::Error => format!(
                "every pod is taken for broken, and all requests are answered 502 or 503: the health check asks port {port} of the pods, which listen elsewhere"
            ),
            _ => format!(
                "the health check asks port {port} of the pods, where no container says that it listens: if none does, every pod is taken for broken"
            ),
        };
        let fix = (severity == Severity::Error).then(|| port_of_all(model, configured)).flatten();
        let (message, severity) = as_it_applies(configured.in_force, severity, fault);
        let config = &configured.config.0;
        let draft = Draft::at(config.at(node), beside, message)
            .of(config, "spec.healthCheck.port")
            .and(configured.service.0.at(configured.port.node), "requests go here");
        let fix = fix.map(|port| config.set(&["spec", "healthCheck", "port"], port));
        let draft = draft.only(severity).help(help(configured));
        findings.add(draft.fix(Applicability::Safe, fix));
    }
}

fn fault(
    model: &Model<'_>,
    configured: &Configured<'_>,
    port: i64,
) -> Option<(Severity, &'static str)> {
    match model.health_port(configured, port) {
        HealthPort::Served => None,
        HealthPort::Unserved => Some((Severity::Error, "the Service's port, not the pods'")),
        HealthPort::Undeclared => Some((Severity::Warning, "no container port")),
    }
}

/// The port of the pods that requests go to, if it is the same for all that have this BackendConfig.
fn port_of_all<'s>(model: &Model<'s>, one: &Configured<'s>) -> Option<i64> {
    let mut sharing = model.sharing_config(one);
    let port = one.pods.port_number(&one.port)?;
    sharing.all(|other| other.pods.port_number(&other.port) == Some(port)).then_some(port)
}

fn help(configured: &Configured<'_>) -> String {
    match configured.pods.port_number(&configured.port) {
        Some(number) => format!(
            "write `port: {number}`, or leave `port` out: then the port of the requests is asked"
        ),
        None => "leave `port` out: then the port of the requests is asked".to_owned(),
    }
}
