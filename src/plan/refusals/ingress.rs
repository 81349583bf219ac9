//! Front ends that would not route sessions here, or that belong to another load balancer.

use super::super::derived;
use super::super::ingress::same_path;
use super::{Context, Refusal, path_twice};
use crate::spec::{IngressRoute, Problem};

pub(super) const REFUSALS: &[Refusal] = &[
    ingress_class,
    client_address_lost,
    route_twice,
    socketio_path_unrouted,
    route_port,
    reserved_annotation,
];

/// The class chooses the load balancer, and with it everything else that the profile says.
fn ingress_class(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let class = derived::ingress_class(c.spec, c.platform);
    if class == c.platform.ingress_class {
        return;
    }
    let message = format!("the class `{class}` is not {}'s", c.platform.load_balancer);
    let help = format!(
        "leave `class` out (it is \"{}\"), or choose the profile of that class",
        c.platform.ingress_class
    );
    let problem = Problem::new("ingress-class", message, help);
    problems.push(
        problem
            .end("ingress.class", "another load balancer's")
            .end("profile", "chooses the load balancer"),
    );
}

fn client_address_lost(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let useless = c.platform.trusted_proxies.is_empty() && derived::has_nginx(c.spec);
    if c.spec.ingress.address.is_none() || !useless {
        return;
    }
    let message = format!(
        "the address of {} does not lead nginx to the true client",
        c.platform.load_balancer
    );
    let help = "leave it out: the client is then the second entry from the end of X-Forwarded-For";
    let problem = Problem::new("client-address-lost", message, help);
    let part = "real_ip would need the range of the proxy-only subnet too";
    problems.push(
        problem
            .end("ingress.address", part)
            .end("profile", "chooses the load balancer"),
    );
}

fn route_twice(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let routes = &c.spec.ingress.route;
    for (index, route) in routes.iter().enumerate() {
        let same = |other: &IngressRoute| {
            other.path_type == route.path_type
                && same_path(other.path.as_str(), route.path.as_str())
        };
        if let Some(earlier) = routes[..index].iter().position(same) {
            let what = format!("`{}` is routed twice", route.path);
            let help = "keep one: of two equal paths the load balancer takes the later";
            problems.push(path_twice(
                what,
                help,
                (key(index, "path"), "again"),
                (key(earlier, "path"), "first"),
            ));
        }
    }
}

fn socketio_path_unrouted(c: &Context<'_>, problems: &mut Vec<Problem>) {
    for (index, route) in c.spec.ingress.route.iter().enumerate() {
        let elsewhere = route
            .service
            .as_ref()
            .is_some_and(|service| service.as_str() != c.names.service);
        if elsewhere && same_path(route.path.as_str(), c.spec.socketio.path.as_str()) {
            let message = "the Socket.IO path is routed to another Service";
            let problem = Problem::new(
                "socketio-path-unrouted",
                message,
                "leave this route out: the path is routed to this app",
            );
            problems.push(
                problem
                    .end(key(index, "service"), "another Service")
                    .end("socketio.path", "this app's sessions"),
            );
        }
    }
}

fn route_port(c: &Context<'_>, problems: &mut Vec<Problem>) {
    for (index, route) in c.spec.ingress.route.iter().enumerate() {
        if route.service.is_none() && route.service_port.is_some() {
            let problem = Problem::new(
                "route-port",
                "`service-port` goes with `service`",
                "name the `service`, or leave it out",
            );
            problems.push(problem.end(key(index, "service-port"), "of which Service?"));
        }
    }
}

fn reserved_annotation(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let matches = |key: &str, pattern: &String| match pattern.strip_suffix('*') {
        Some(prefix) => key.starts_with(prefix),
        None => key == pattern,
    };
    let reserved = |key: &str| {
        c.platform
            .reserved_annotations
            .iter()
            .any(|pattern| matches(key, pattern))
    };
    for key in c
        .spec
        .annotations
        .keys()
        .filter(|key| reserved(key.as_str()))
    {
        let message = format!("the annotation `{key}` is sioway's to write, or a controller's");
        let problem = Problem::new(
            "reserved-annotation",
            message,
            "leave it out: `sioway explain` lists the keys behind annotations",
        );
        problems.push(problem.end("annotations", format!("would put `{key}` on every object")));
    }
}

fn key(index: usize, name: &str) -> String {
    format!("ingress.route[{index}].{name}")
}
