//! Names that Kubernetes would refuse, or that would mean two things.

use std::collections::{BTreeMap, BTreeSet};

use super::super::derived;
use super::{Context, Refusal};
use crate::spec::{Feature, LabelKey, LabelValue, Problem, ServiceName};

pub(super) const REFUSALS: &[Refusal] =
    &[service_name, name_too_long, name_unread, duplicate_host, selector_of_gateway];

/// An app's name may begin with a digit, a Service's may not.
fn service_name(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if let Err(error) = c.names.service.parse::<ServiceName>() {
        let message = format!("`{}` cannot name a Service: {error}", c.names.service);
        problems.push(
            Problem::new("service-name", message, "give `names.service`")
                .end("name", "names the Service too"),
        );
    }
}

/// Names made from names, and where Kubernetes allows less than for other objects: the name of a StatefulSet goes
/// into a label with eleven characters behind it (kubernetes/kubernetes#64023).
fn name_too_long(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let made = made_names(c);
    for (_, name, most, key, what) in
        made.into_iter().filter(|(needed, name, most, ..)| *needed && name.len() > *most)
    {
        let message = format!("`{name}` is longer than the {most} characters that name {what}");
        let given = if c.layers.origin(key).is_some() { key } else { "name" };
        let problem = Problem::new("name-too-long", message, format!("give a shorter `{key}`"));
        problems.push(problem.end(given, "the name is made from this"));
    }
}

/// A name made from others: whether it is needed, how long it may be, its key, and what it names.
type MadeName<'a> = (bool, &'a str, usize, &'static str, &'static str);

fn made_names<'a>(c: &'a Context<'_>) -> Vec<MadeName<'a>> {
    let gateway = derived::is_gateway(c.spec);
    let (pods, split) = ("names.workload", c.plan.backends.len() > 1);
    let config = &c.names.static_backend_config;
    let mut names = vec![
        (gateway, c.names.pods_service.as_str(), 63, "names.service", "a headless Service"),
        (gateway, &c.names.gateway, 63, pods, "the gateway's pods"),
        (gateway, &c.names.workload, 52, pods, "a StatefulSet"),
        (split, config, 253, "names.backend-config", "a BackendConfig"),
        (true, &c.names.config_map, 253, "names.config-map", "a ConfigMap"),
    ];
    names.extend(watching_names(c));
    names
}

/// A CronJob's Jobs are called after it with eleven characters behind it
/// (<https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/>).
fn watching_names<'a>(c: &'a Context<'_>) -> impl Iterator<Item = MadeName<'a>> {
    let verify = c.plan.verify.as_ref();
    let most = if verify.is_some_and(|verify| verify.schedule.is_some()) { 52 } else { 63 };
    let probe = (verify.is_some(), c.names.verify.as_str(), most, "name", "the Job of a probe");
    let metrics = c.plan.monitoring.iter().flat_map(|monitoring| &monitoring.log_metrics);
    let metrics =
        metrics.map(|metric| (true, metric.name.as_str(), 100, "name", "a metric of a log"));
    [probe].into_iter().chain(metrics)
}

/// Names of objects that are not rendered.
fn name_unread(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let pods = c.spec.workload.is_some() || derived::is_gateway(c.spec);
    let certificate = derived::managed_certificate(c.spec);
    let frontend = c.plan.frontend.is_some() || !c.platform.supports(Feature::FrontendConfig);
    let mut unread = |needed: bool, key: &str, why: &str, gate: (&str, &str)| {
        if !needed {
            c.refuse_unread(problems, "name-unread", &[key], why, gate);
        }
    };
    unread(pods, "names.workload", "sioway renders no pods", ("workload", "no pods"));
    unread(
        certificate,
        "names.certificate",
        "there is no ManagedCertificate",
        ("ingress.tls", "no ManagedCertificate"),
    );
    unread(
        frontend,
        "names.frontend-config",
        "there is no FrontendConfig",
        ("ingress.tls", "no redirect, no policy"),
    );
}

fn duplicate_host(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for host in derived::hosts(c.spec).iter().filter(|host| !seen.insert(*host)) {
        let message = format!("the host `{host}` is named twice");
        let help = "name it once: of two rules for a host only the last counts";
        problems.push(Problem::new("duplicate-host", message, help).end("host", "in this list"));
    }
}

/// Neither Service may select the other's pods, and neither `PodDisruptionBudget`.
fn selector_of_gateway(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(gateway) = &c.plan.gateway else {
        return;
    };
    let selects = |selector: &Labels, labels: &Labels| {
        selector.iter().all(|(key, value)| labels.get(key) == Some(value))
    };
    let mut app = c.spec.labels.clone();
    app.extend(gateway.pods.clone());
    // Without any label the gateway's name is too long for one, which is told.
    let of_gateway = Some(&c.plan.service.selector).filter(|selector| !selector.is_empty());
    if selects(&gateway.pods, &gateway.labels)
        || of_gateway.is_some_and(|selector| selects(selector, &app))
    {
        let message = "`selector` does not tell the app's pods from the gateway's";
        let help = "select the app's pods by a label that nginx's have not";
        problems.push(
            Problem::new("selector-of-gateway", message, help)
                .end("selector", "fits nginx's pods too"),
        );
    }
}

type Labels = BTreeMap<LabelKey, LabelValue>;
