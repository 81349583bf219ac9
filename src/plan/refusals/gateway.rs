//! Gateways that could not find the app's pods, or keep a client on one.

use super::super::derived;
use super::{Context, Refusal, refuse_unread};
use crate::spec::{Affinity, Nginx, Problem};

pub(super) const REFUSALS: &[Refusal] =
    &[gateway_absent, cookie_ends_at_gateway, gateway_uncounted];

fn gateway_absent(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if derived::is_gateway(c.spec) {
        return;
    }
    let keys = [
        (
            "nginx.replicas",
            c.spec.nginx.replicas != Nginx::default().replicas,
        ),
        ("nginx.resolver", c.spec.nginx.resolver.is_some()),
    ];
    refuse_unread(
        problems,
        "gateway-absent",
        &keys,
        "nginx is no gateway",
        ("nginx.placement", "not \"gateway\""),
    );
}

fn cookie_ends_at_gateway(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if !derived::is_gateway(c.spec) || c.spec.session.affinity != Affinity::Cookie {
        return;
    }
    problems.push(
        Problem::new(
            "cookie-ends-at-gateway",
            "the affinity cookie chooses a gateway's pod, and tells nginx nothing of the app's",
            "write `affinity = \"client-ip\"`: the gateway places a client by its address",
        )
        .end("session.affinity", "the load balancer's cookie")
        .end("nginx.placement", "nginx chooses the app's pod"),
    );
}

fn gateway_uncounted(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let of_workload = c
        .spec
        .workload
        .as_ref()
        .and_then(|workload| workload.replicas);
    if !derived::is_gateway(c.spec) || c.spec.replicas.or(of_workload).is_some() {
        return;
    }
    let message = "a gateway names each pod of the app, so it must know how many there are";
    let problem = Problem::new(
        "gateway-uncounted",
        message,
        "add `replicas = 3`, or as many as run",
    );
    problems.push(
        problem
            .end("nginx.placement", "a gateway")
            .end("replicas", "how many pods?"),
    );
}
