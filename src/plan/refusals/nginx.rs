//! Settings of an nginx that is not there, and of one that could not start.

use super::super::derived;
use super::{Context, Refusal, path_twice, refuse_unread};
use crate::spec::{AnsweredBy, Nginx, NginxLocation, Placement, Problem};

pub(super) const REFUSALS: &[Refusal] = &[
    nginx_absent,
    prefix_not_mapped,
    port_taken,
    port_privileged,
    location_twice,
    location_target,
];

fn nginx_absent(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if derived::has_nginx(c.spec) {
        return;
    }
    let (nginx, default) = (&c.spec.nginx, Nginx::default());
    let keys = [
        ("nginx.listen", nginx.listen != default.listen),
        ("nginx.form", nginx.form != default.form),
        ("nginx.image", nginx.image != default.image),
        ("nginx.location", !nginx.location.is_empty()),
        ("ingress.address", c.spec.ingress.address.is_some()),
        (
            "health.answered-by",
            c.spec.health.answered_by == Some(AnsweredBy::Nginx),
        ),
        ("names.config-map", c.spec.names.config_map.is_some()),
    ];
    refuse_unread(
        problems,
        "nginx-absent",
        &keys,
        "there is no nginx",
        ("nginx.placement", "no nginx"),
    );
}

fn prefix_not_mapped(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if derived::has_nginx(c.spec) || *derived::server_path(c.spec) == c.spec.socketio.path {
        return;
    }
    problems.push(
        Problem::new(
            "prefix-not-mapped",
            "nothing maps the browser's path to the server's: the load balancer rewrites none",
            "mount the server at `socketio.path`, or place an nginx",
        )
        .end("socketio.path", "what the browser asks for")
        .end("socketio.server-path", "where the server listens")
        .end("nginx.placement", "no nginx"),
    );
}

/// A sidecar shares the pod's ports with the app.
fn port_taken(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if c.spec.nginx.placement != Placement::Sidecar {
        return;
    }
    let listen = c.spec.nginx.listen;
    let proxied = c.spec.nginx.location.iter().enumerate();
    let proxied = proxied.filter_map(|(index, one)| {
        Some((
            format!("nginx.location[{index}].proxy-port"),
            one.proxy_port?,
        ))
    });
    let app = std::iter::once(("port".to_owned(), derived::port(c.spec)));
    for (key, _) in app.chain(proxied).filter(|(_, port)| *port == listen) {
        let message = format!("nginx and the app both want port {listen} of the pod");
        let problem = Problem::new("port-taken", message, "give nginx another `listen`");
        problems.push(
            problem
                .end("nginx.listen", "nginx listens here")
                .end(key, "the app listens here"),
        );
    }
}

fn port_privileged(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let ours = c.spec.workload.is_some() || derived::is_gateway(c.spec);
    let listen = c.spec.nginx.listen;
    if !ours || !derived::has_nginx(c.spec) || listen.get() >= 1024 {
        return;
    }
    let key = if c.spec.workload.is_some() {
        "workload"
    } else {
        "nginx.placement"
    };
    let message = format!("nginx's pods run without root, which port {listen} needs");
    let problem = Problem::new("port-privileged", message, "write `listen = 8080`");
    problems.push(
        problem
            .end("nginx.listen", "below 1024")
            .end(key, "sioway renders the pods, without root"),
    );
}

fn location_twice(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let locations = &c.spec.nginx.location;
    for (index, location) in locations.iter().enumerate() {
        let what = format!("nginx would have two locations `{}`", location.path);
        let again = || (key(index, "path"), "again");
        if location.path == c.spec.socketio.path {
            let first = (
                "socketio.path".to_owned(),
                "the Socket.IO path has a location of its own",
            );
            problems.push(path_twice(what, "leave this location out", again(), first));
        } else if let Some(earlier) = locations[..index]
            .iter()
            .position(|earlier| earlier.path == location.path)
        {
            problems.push(path_twice(
                what,
                "give each its own path",
                again(),
                (key(earlier, "path"), "first"),
            ));
        }
    }
}

fn location_target(c: &Context<'_>, problems: &mut Vec<Problem>) {
    for (index, location) in c.spec.nginx.location.iter().enumerate() {
        problems.extend(target(location, index));
    }
}

fn target(location: &NginxLocation, index: usize) -> Option<Problem> {
    let problem = |message: String, help: &str| Problem::new("location-target", message, help);
    let path = &location.path;
    match (location.proxy_port, &location.root) {
        (None, None) => Some(
            problem(
                format!("the location `{path}` leads nowhere"),
                "add `proxy-port` or `root`",
            )
            .end(key(index, "path"), "has neither `proxy-port` nor `root`"),
        ),
        (Some(_), Some(_)) => Some(
            problem(
                format!("the location `{path}` leads to two places"),
                "keep one of the two",
            )
            .end(key(index, "proxy-port"), "to the app")
            .end(key(index, "root"), "to files"),
        ),
        (Some(_), None) if location.fallback.is_some() => Some(
            problem(
                "`fallback` goes with `root`".into(),
                "leave it out: the app answers for what it has not",
            )
            .end(key(index, "fallback"), "nothing reads it"),
        ),
        (None, Some(_)) if location.upstream_path.is_some() => Some(
            problem(
                "`upstream-path` goes with `proxy-port`".into(),
                "leave it out: files lie below `root` + `path`",
            )
            .end(key(index, "upstream-path"), "nothing reads it"),
        ),
        _ => None,
    }
}

fn key(index: usize, name: &str) -> String {
    format!("nginx.location[{index}].{name}")
}
