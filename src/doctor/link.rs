//! Why a setting of a file is not what the load balancer has: the link between the two that is missing.

use super::subject::{Attached, Subject};
use super::{BackendService, Case};
use crate::kube::{Attachment, BACKEND_CONFIG_KEY, policy};
use crate::manifest::Node;
use crate::path::ConfigLink;
use crate::set::Place;

/// A missing link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// In words.
    pub(super) said: String,
    /// The rule that names it.
    pub(super) rule: Option<&'static str>,
    /// The check that finds it.
    pub(super) check: Option<&'static str>,
}

impl Link {
    fn new(said: impl Into<String>) -> Self {
        Self { said: said.into(), rule: None, check: None }
    }

    fn rule(self, rule: &'static str) -> Self {
        Self { rule: Some(rule), ..self }
    }

    fn check(self, check: &'static str) -> Self {
        Self { check: Some(check), ..self }
    }
}

/// A place, to be clicked.
pub(super) fn at(case: &Case<'_>, place: Place) -> String {
    case.sources.locate(place.source, place.span)
}

/// What the files say of a setting, and where.
pub(super) fn wanted(
    case: &Case<'_>,
    subject: &Subject<'_>,
    service: BackendService<'_>,
    keys: &[&str],
) -> Option<(String, String)> {
    let (object, node) = if !subject.of_files {
        return None;
    } else if service.is_gateways() {
        let policy = case.files.policy_of(policy::kind_of(keys), subject.service())?;
        (policy, policy::setting(&policy, keys)?)
    } else {
        let config = subject.backend.judged_config()?;
        (config.0, config.get(keys)?)
    };
    Some((plain(node)?, at(case, object.at(node))))
}

/// A value as Kubernetes reads it, however it is spelled: `True`, `86_400`.
fn plain(node: Node<'_>) -> Option<String> {
    let number = node.as_int().map(|number| number.to_string());
    let truth = || node.as_bool().map(|truth| truth.to_string());
    number.or_else(truth).or_else(|| node.text().map(str::to_owned))
}

/// The link that is missing between a setting of a file and the load balancer.
pub(super) fn missing(
    case: &Case<'_>,
    subject: &Subject<'_>,
    service: BackendService<'_>,
    keys: &[&str],
    value: &str,
) -> Link {
    if service.is_gateways() {
        return of_policy(case, subject, keys, value);
    }
    match subject.live_config(case) {
        None => in_files(case, subject),
        Some(Attached::NoService) => {
            Link::new("the Service is not in the cluster").check("cluster-objects")
        }
        Some(Attached::NoPort) => {
            Link::new("the Service in the cluster has no such port").check("cluster-fields")
        }
        Some(Attached::Nothing(_)) => {
            let said = format!("the Service names no BackendConfig{}", annotated(case, subject));
            Link::new(said).rule("backendconfig-not-attached").check("cluster-attached")
        }
        Some(Attached::NotThere(_)) => {
            Link::new("the BackendConfig that the Service names is not in the cluster")
                .rule("backendconfig-missing")
                .check("cluster-attached")
        }
        Some(Attached::There(config)) => {
            in_cluster("BackendConfig", config.get(keys), value, "cluster-events")
        }
    }
}

/// The same for a policy, which a Gateway goes by.
fn of_policy(case: &Case<'_>, subject: &Subject<'_>, keys: &[&str], value: &str) -> Link {
    let kind = policy::kind_of(keys);
    let cluster = case.cluster.said().filter(|one| one.is_whole(kind));
    let (Some(live), Some(_)) = (case.live, cluster) else {
        return Link::new("the file was not applied, or not carried out; the cluster would tell");
    };
    match live.policy_of(kind, subject.service()) {
        None => Link::new(format!("no {kind} in the cluster is for this Service"))
            .check("cluster-objects"),
        Some(one) => in_cluster(kind, policy::setting(&one, keys), value, "cluster-gateway"),
    }
}

/// Whether the files have the annotation that the cluster does not.
fn annotated(case: &Case<'_>, subject: &Subject<'_>) -> String {
    if !subject.of_files {
        return String::new();
    }
    let service = &subject.service().0;
    match Attachment::of(service) {
        Some(attachment) => {
            let place = service.at(attachment.entry.value());
            format!(" in the cluster: {} was not applied", at(case, place))
        }
        None => {
            format!(", {}", at(case, service.annotations_title()))
        }
    }
}

fn in_cluster(kind: &str, live: Option<Node<'_>>, value: &str, told_by: &'static str) -> Link {
    match live.and_then(plain) {
        Some(live) if live == value => Link::new(format!(
            "the {kind} in the cluster says the same, and the controller has not carried it out: it takes some \
             minutes, or the {} no longer syncs",
            if kind == "BackendConfig" { "Ingress" } else { "Gateway" }
        ))
        .check(told_by),
        Some(live) => {
            Link::new(format!("the {kind} in the cluster says {live}: the file was not applied"))
                .check("cluster-fields")
        }
        None => Link::new(format!(
            "the {kind} in the cluster says nothing of it: the file was not applied"
        ))
        .check("cluster-fields"),
    }
}

/// Where the cluster was not read, as far as the files tell.
fn in_files(case: &Case<'_>, subject: &Subject<'_>) -> Link {
    let service = &subject.service().0;
    match &subject.backend.config {
        ConfigLink::None => {
            let place = at(case, service.annotations_title());
            Link::new(format!(
                "the Service carries no `{BACKEND_CONFIG_KEY}` for this port, {place}"
            ))
            .rule("backendconfig-not-attached")
            .check("files-sessions")
        }
        ConfigLink::NotGiven(named) => Link::new(format!(
            "the Service names the BackendConfig `{}`, which is not among the files",
            named.name
        ))
        .rule("backendconfig-missing"),
        ConfigLink::Found(..) => {
            Link::new("the file was not applied, or not carried out; the cluster would tell")
        }
    }
}
