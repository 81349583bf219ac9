//! Front ends that would not route sessions here, or that belong to another load balancer.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::super::derived;
use super::super::ingress::same_path;
use super::{Context, Refusal, path_twice};
use crate::spec::{PathType, Problem, ServicePort};

pub(super) const REFUSALS: &[Refusal] = &[
    ingress_class,
    client_address_lost,
    address_not_public,
    route_twice,
    socketio_path_unrouted,
    route_port,
    route_port_unserved,
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
    problems.push(problem.end("ingress.address", part).end("profile", "chooses the load balancer"));
}

/// nginx passes over the addresses that it trusts: one that is not the load balancer's leaves everybody with that.
fn address_not_public(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let Some(address) = c.spec.ingress.address else {
        return;
    };
    let is_public = match address {
        IpAddr::V4(address) => {
            let special = address.is_private() || address.is_loopback() || address.is_link_local();
            let nobody =
                address.octets()[0] == 0 || address.is_multicast() || address.is_broadcast();
            !special && !nobody
        }
        IpAddr::V6(address) => {
            let special = address.is_unique_local() || address.is_unicast_link_local();
            !special
                && !address.is_loopback()
                && !address.is_unspecified()
                && !address.is_multicast()
        }
    };
    if is_public || c.platform.trusted_proxies.is_empty() {
        return;
    }
    let message = format!("`{address}` is no address that {} can have", c.platform.load_balancer);
    let help = "write the address that the hosts resolve to, or leave it out";
    let problem = Problem::new("client-address-lost", message, help);
    problems.push(problem.end("ingress.address", "not a public address"));
}

fn route_twice(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let mut seen = BTreeMap::new();
    for (index, route) in c.spec.ingress.route.iter().enumerate() {
        let place = (route.path.as_str().trim_end_matches('/'), route.path_type == PathType::Exact);
        let earlier = *seen.entry(place).or_insert(index);
        if earlier != index {
            let what = format!("`{}` is routed twice", route.path);
            let help = "keep one: of two equal paths the load balancer takes the later";
            let first = (key(earlier, "path"), "first");
            problems.push(path_twice(what, help, (key(index, "path"), "again"), first));
        }
    }
}

/// The Socket.IO path has a route of its own; another on the same path, of whatever type, would take it.
fn socketio_path_unrouted(c: &Context<'_>, problems: &mut Vec<Problem>) {
    for (index, route) in c.spec.ingress.route.iter().enumerate() {
        let here = same_path(route.path.as_str(), c.spec.socketio.path.as_str());
        if here && (route.service.is_some() || route.path_type == PathType::Exact) {
            let message = "this route would take the Socket.IO path, or a part of it";
            let help = "leave this route out: the path is routed to this app's sessions by itself";
            let problem = Problem::new("socketio-path-unrouted", message, help);
            problems.push(
                problem
                    .end(key(index, "path"), "routed again")
                    .end("socketio.path", "this app's sessions"),
            );
        }
    }
}

/// A backend that cannot be resolved stops the sync of the whole Ingress (kubernetes/ingress-gce:pkg/controller/errors.go).
fn route_port_unserved(c: &Context<'_>, problems: &mut Vec<Problem>) {
    for (index, route) in c.spec.ingress.route.iter().enumerate() {
        let ours =
            route.service.as_ref().is_some_and(|service| service.as_str() == c.names.service);
        let Some(port) = route.service_port.as_ref().filter(|_| ours) else {
            continue;
        };
        let served = c.plan.service.ports.iter().any(|own| match port {
            ServicePort::Number(number) => *number == own.port,
            ServicePort::Name(name) => name.as_str() == own.name,
        });
        if !served {
            let message = "this app's Service has no such port";
            let problem = Problem::new(
                "route-port",
                message,
                "leave `service` and `service-port` out: they are this app's",
            );
            problems.push(problem.end(key(index, "service-port"), "not served"));
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
    for key in c.spec.annotations.keys().filter(|key| is_reserved(c, key.as_str())) {
        let message = format!("the annotation `{key}` is sioway's to write, or a controller's");
        let help = "leave it out: `sioway explain` lists the keys behind annotations";
        let problem = Problem::new("reserved-annotation", message, help);
        problems.push(problem.end(format!("annotations.\"{key}\""), "would be on every object"));
    }
}

fn is_reserved(c: &Context<'_>, key: &str) -> bool {
    // On the pods, where they are rendered.
    const OURS: &str = "checksum/nginx-conf";
    let matches = |pattern: &String| match pattern.strip_suffix('*') {
        Some(prefix) => key.starts_with(prefix),
        None => key == pattern,
    };
    key == OURS || c.platform.reserved_annotations.iter().any(matches)
}

fn key(index: usize, name: &str) -> String {
    format!("ingress.route[{index}].{name}")
}
