//! Settings of an nginx that is not there, and of one that could not start.

use super::super::derived;
use super::{Context, Refusal, path_twice};
use crate::spec::{AnsweredBy, Nginx, NginxLocation, Placement, Port, Problem};

pub(super) const REFUSALS: &[Refusal] = &[
    nginx_absent,
    prefix_not_mapped,
    port_taken,
    port_privileged,
    location_twice,
    location_target,
    files_absent,
];

fn nginx_absent(c: &Context<'_>, problems: &mut Vec<Problem>) {
    if derived::has_nginx(c.spec) {
        return;
    }
    let keys = [
        "nginx.listen",
        "nginx.form",
        "nginx.image",
        "nginx.location",
        "ingress.address",
        "names.config-map",
    ];
    let gate = ("nginx.placement", "no nginx");
    c.refuse_unread(problems, "nginx-absent", &keys, "there is no nginx", gate);
    if c.spec.health.answered_by == Some(AnsweredBy::Nginx) {
        c.refuse_unread(
            problems,
            "nginx-absent",
            &["health.answered-by"],
            "there is no nginx",
            gate,
        );
    }
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
        Some((format!("nginx.location[{index}].proxy-port"), one.proxy_port?))
    });
    let app = std::iter::once(("port".to_owned(), derived::port(c.spec)));
    for (key, _) in app.chain(proxied).filter(|(_, port)| *port == listen) {
        let message = format!("nginx and the app both want port {listen} of the pod");
        let problem = Problem::new("port-taken", message, "give nginx another `listen`");
        problems.push(
            problem.end("nginx.listen", "nginx listens here").end(key, "the app listens here"),
        );
    }
}

/// What sioway renders runs without root.
fn port_privileged(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let mut refuse = |port: Port, key: &str, ours: &str, whose: &str, help: &str| {
        if port.get() < 1024 {
            let message = format!("{whose} pods run without root, which port {port} needs");
            let problem = Problem::new("port-privileged", message, help);
            problems.push(
                problem.end(key, "below 1024").end(ours, "sioway renders the pods, without root"),
            );
        }
    };
    let (workload, gateway) = (c.spec.workload.is_some(), derived::is_gateway(c.spec));
    if derived::has_nginx(c.spec) && (workload || gateway) {
        let key = if gateway { "nginx.placement" } else { "workload" };
        refuse(c.spec.nginx.listen, "nginx.listen", key, "nginx's", "write `listen = 8080`");
    }
    if workload {
        refuse(
            derived::port(c.spec),
            "port",
            "workload",
            "the app's",
            "let the app listen above 1023",
        );
    }
}

/// Files are served from nginx's own container, where the stock image has none.
fn files_absent(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let ours = c.spec.workload.is_some() || derived::is_gateway(c.spec);
    if !ours || c.spec.nginx.image != Nginx::default().image {
        return;
    }
    for (index, _) in
        c.spec.nginx.location.iter().enumerate().filter(|(_, location)| location.root.is_some())
    {
        let message = "nginx's stock image does not have the files of this location";
        let problem =
            Problem::new("files-absent", message, "name an image that has them, in `nginx.image`");
        problems.push(
            problem
                .end(key(index, "root"), "served from here")
                .end("nginx.image", "the stock image"),
        );
    }
}

fn location_twice(c: &Context<'_>, problems: &mut Vec<Problem>) {
    let locations = &c.spec.nginx.location;
    for (index, location) in locations.iter().enumerate() {
        let what = format!("nginx would have two locations `{}`", location.path);
        let again = || (key(index, "path"), "again");
        if location.path == c.spec.socketio.path {
            let first =
                ("socketio.path".to_owned(), "the Socket.IO path has a location of its own");
            problems.push(path_twice(what, "leave this location out", again(), first));
        } else if let Some(earlier) =
            locations[..index].iter().position(|earlier| earlier.path == location.path)
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
            problem(format!("the location `{path}` leads nowhere"), "add `proxy-port` or `root`")
                .end(key(index, "path"), "has neither `proxy-port` nor `root`"),
        ),
        (Some(_), Some(_)) => Some(
            problem(format!("the location `{path}` leads to two places"), "keep one of the two")
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
