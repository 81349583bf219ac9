//! Names that Kubernetes would refuse, or that would mean two things.

use super::super::{derived, gateway};
use super::{Context, Refusal};
use crate::spec::{Problem, ServiceName};

pub(super) const REFUSALS: &[Refusal] = &[
    service_name,
    gateway_names,
    duplicate_host,
    selector_of_gateway,
];

/// The longest DNS label, which a Service's name and a label's value must fit.
const LABEL_MAX: usize = 63;

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

fn gateway_names(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if !derived::is_gateway(c.spec) {
        return;
    }
    let made = [
        (
            &c.names.pods_service,
            "names.service",
            c.spec.names.service.is_some(),
        ),
        (
            &c.names.gateway,
            "names.workload",
            c.spec.names.workload.is_some(),
        ),
    ];
    for (name, key, given) in made.into_iter().filter(|(name, ..)| name.len() > LABEL_MAX) {
        let message = format!(
            "a gateway needs the name `{name}`, which is longer than {LABEL_MAX} characters"
        );
        let problem = Problem::new("service-name", message, format!("give a shorter `{key}`"));
        problems.push(problem.end(
            if given { key } else { "name" },
            "the name is made from this",
        ));
    }
}

fn duplicate_host(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let hosts = derived::hosts(c.spec);
    for (index, host) in hosts
        .iter()
        .enumerate()
        .filter(|(index, host)| hosts[..*index].contains(host))
    {
        let message = format!("the host `{host}` is named twice");
        let problem = Problem::new(
            "duplicate-host",
            message,
            "name it once: of two rules for a host only the last counts",
        );
        problems.push(problem.end(
            "host",
            format!("the {} of {} hosts", index + 1, hosts.len()),
        ));
    }
}

/// A gateway's pods must not be among those that it sends to.
fn selector_of_gateway(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if derived::is_gateway(c.spec) && derived::selector(c.spec) == gateway::selector(c.names) {
        let message = "`selector` selects the gateway's own pods";
        let problem = Problem::new(
            "selector-of-gateway",
            message,
            "select the app's pods: they are others than nginx's",
        );
        problems.push(problem.end("selector", "matches nginx"));
    }
}
