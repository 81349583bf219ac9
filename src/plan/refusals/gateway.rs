//! Gateways that could not find the app's pods, or keep a client on one.

use super::super::derived;
use super::{Context, Refusal};
use crate::spec::{Affinity, Problem};

pub(super) const REFUSALS: &[Refusal] =
    &[gateway_absent, gateway_image_too_old, cookie_ends_at_gateway, gateway_uncounted];

fn gateway_absent(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if !derived::is_gateway(c.spec) {
        let keys = ["nginx.replicas", "nginx.resolver"];
        c.refuse_unread(
            problems,
            "gateway-absent",
            &keys,
            "nginx is no gateway",
            ("nginx.placement", "not \"gateway\""),
        );
    }
}

/// `server … resolve` is in nginx's open source since 1.27.3 (nginx/nginx.org:xml/en/CHANGES.xml).
fn gateway_image_too_old(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let image = c.spec.nginx.image.as_str();
    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
    let mut numbers = tag.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    let (Some(major), Some(minor)) = (numbers.next(), numbers.next()) else {
        return;
    };
    let patch = numbers.next().unwrap_or(u32::MAX);
    if derived::is_gateway(c.spec) && (major, minor, patch) < (1, 27, 3) {
        let message = "a gateway follows its pods' addresses, which nginx does since 1.27.3";
        let problem = Problem::new(
            "gateway-image-too-old",
            message,
            "name a later image, such as \"…:1.28\"",
        );
        problems.push(
            problem.end("nginx.image", "an earlier nginx").end("nginx.placement", "a gateway"),
        );
    }
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
    let of_workload = c.spec.workload.as_ref().and_then(|workload| workload.replicas);
    if !derived::is_gateway(c.spec) || c.spec.replicas.or(of_workload).is_some() {
        return;
    }
    let message = "a gateway names each pod of the app, so it must know how many there are";
    let problem =
        Problem::new("gateway-uncounted", message, "add `replicas = 3`, or as many as run");
    problems.push(problem.end("nginx.placement", "a gateway").end("replicas", "how many pods?"));
}
