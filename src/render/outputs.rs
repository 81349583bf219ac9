//! The files that an app may have, and when it has them.

use crate::plan::Plan;
use crate::spec::Evaluator;

/// A file, made from the template of the same name.
#[derive(Clone, Copy)]
pub struct Output {
    /// The file's name, and its template's without `.j2`.
    pub file: &'static str,
    /// The kind of its object.
    pub kind: &'static str,
    name: fn(&Plan) -> &str,
    /// Whether an app has it.
    pub when: fn(&Plan) -> bool,
    /// Whether Kustomize can make it from a plain file.
    pub generated: bool,
    /// Whether its object belongs to no namespace.
    clusterwide: bool,
}

/// What tells one object of a cluster from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// Its kind. No two kinds of one name, of different groups, are told apart.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Output {
    const fn new(
        file: &'static str,
        kind: &'static str,
        name: fn(&Plan) -> &str,
        when: fn(&Plan) -> bool,
    ) -> Self {
        Self { file, kind, name, when, generated: false, clusterwide: false }
    }

    /// The object that the file defines in an app.
    pub fn object(&self, plan: &Plan) -> ObjectId {
        ObjectId {
            kind: self.kind.to_owned(),
            namespace: if self.clusterwide { String::new() } else { plan.namespace.to_string() },
            name: (self.name)(plan).to_owned(),
        }
    }
}

/// Every file that sioway renders, in the order of a stream: what others refer to comes first.
pub fn outputs() -> &'static [Output] {
    &OUTPUTS
}

static OUTPUTS: [Output; 18] = [
    Output {
        generated: true,
        ..Output::new("nginx-configmap.yaml", "ConfigMap", |plan| &plan.names.config_map, has_nginx)
    },
    Output::new("backendconfig.yaml", "BackendConfig", |plan| &plan.names.backend_config, always),
    Output::new(
        "backendconfig-static.yaml",
        "BackendConfig",
        |plan| &plan.names.static_backend_config,
        is_split,
    ),
    Output::new("service.yaml", "Service", |plan| &plan.names.service, always),
    Output::new("pods-service.yaml", "Service", |plan| &plan.names.pods_service, is_gateway),
    Output::new("deployment.yaml", "Deployment", |plan| &plan.names.workload, has_deployment),
    Output::new("statefulset.yaml", "StatefulSet", |plan| &plan.names.workload, has_stateful_set),
    Output::new(
        "poddisruptionbudget.yaml",
        "PodDisruptionBudget",
        |plan| &plan.names.workload,
        has_workload,
    ),
    Output::new("nginx-deployment.yaml", "Deployment", |plan| &plan.names.gateway, is_gateway),
    Output::new(
        "nginx-poddisruptionbudget.yaml",
        "PodDisruptionBudget",
        |plan| &plan.names.gateway,
        is_gateway,
    ),
    Output::new(
        "frontendconfig.yaml",
        "FrontendConfig",
        |plan| &plan.names.frontend_config,
        has_frontend,
    ),
    Output::new(
        "managedcertificate.yaml",
        "ManagedCertificate",
        |plan| &plan.names.certificate,
        has_certificate,
    ),
    Output::new("ingress.yaml", "Ingress", |plan| &plan.names.ingress, always),
    Output {
        clusterwide: true,
        ..Output::new(
            "globalrules.yaml",
            "GlobalRules",
            |plan| &plan.names.global_rules,
            has_global_rules,
        )
    },
    Output::new(
        "prometheusrule.yaml",
        "PrometheusRule",
        |plan| &plan.names.monitoring,
        has_prometheus_rule,
    ),
    Output::new(
        "grafana-dashboard.yaml",
        "ConfigMap",
        |plan| &plan.names.monitoring,
        has_dashboard,
    ),
    Output::new("verify-cronjob.yaml", "CronJob", |plan| &plan.names.verify, is_scheduled),
    Output::new("verify-job.yaml", "Job", |plan| &plan.names.verify, is_verified_after_sync),
];

fn always(_: &Plan) -> bool {
    true
}

fn has_nginx(plan: &Plan) -> bool {
    plan.nginx.is_some()
}

fn is_split(plan: &Plan) -> bool {
    plan.backends.len() > 1
}

fn is_gateway(plan: &Plan) -> bool {
    plan.gateway.is_some()
}

fn has_workload(plan: &Plan) -> bool {
    plan.workload.is_some()
}

fn has_deployment(plan: &Plan) -> bool {
    has_workload(plan) && !is_gateway(plan)
}

fn has_stateful_set(plan: &Plan) -> bool {
    has_workload(plan) && is_gateway(plan)
}

fn has_frontend(plan: &Plan) -> bool {
    plan.frontend.is_some()
}

fn has_certificate(plan: &Plan) -> bool {
    plan.managed_certificate
}

fn has_global_rules(plan: &Plan) -> bool {
    plan.monitoring
        .as_ref()
        .is_some_and(|monitoring| monitoring.is_for(Evaluator::ManagedPrometheus))
}

fn has_prometheus_rule(plan: &Plan) -> bool {
    plan.monitoring
        .as_ref()
        .is_some_and(|monitoring| monitoring.is_for(Evaluator::PrometheusOperator))
}

fn has_dashboard(plan: &Plan) -> bool {
    plan.monitoring.as_ref().is_some_and(|monitoring| monitoring.dashboard)
}

fn is_scheduled(plan: &Plan) -> bool {
    plan.verify.as_ref().is_some_and(|verify| verify.schedule.is_some())
}

fn is_verified_after_sync(plan: &Plan) -> bool {
    plan.verify.as_ref().is_some_and(|verify| verify.after_sync)
}
