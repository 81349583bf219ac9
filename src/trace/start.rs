//! Whether an nginx starts, and takes what the Service sends to its port.

use crate::nginx::Shape;
use crate::path::{Backend, Site, Unreachable};
use crate::set::Place;

/// Why nobody answers on the port of a pod.
#[derive(Debug, Clone)]
pub(super) struct Closed {
    pub(super) what: String,
    pub(super) place: Option<Place>,
    /// The rules that explain it, the best first.
    pub(super) rules: &'static [&'static str],
}

/// Why an nginx that is configured for a port answers nothing there; `None` if it does.
pub(super) fn broken(site: &Site<'_>, backend: Option<&Backend<'_>>, port: u16) -> Option<Closed> {
    not_started(site).or_else(|| unreachable(site, backend?, port))
}

fn not_started(site: &Site<'_>) -> Option<Closed> {
    let closed = |why: &str, place, rules| {
        let what = format!("nginx does not start: {why}");
        Some(Closed { what, place: Some(place), rules })
    };
    if let Some(first) = site.refused().first() {
        return closed(&first.message, site.place(first.node), &["nginx-would-not-start"]);
    }
    if let Some(line) = site.undefined_upgrade().filter(|_| site.config.shape() == Shape::Full) {
        let why = "nothing defines `$connection_upgrade`";
        return closed(why, site.place(line), &["connection-upgrade-undefined"]);
    }
    if let Some(line) = site.said_by_image().first() {
        let name = site.config.name(*line);
        let why = format!("`{name}` is there twice, here and in the `nginx.conf` of the image");
        return closed(&why, site.place(*line), &["nginx-would-not-start"]);
    }
    if let Some(found) = site.misplaced() {
        let why = format!("`{}` is not allowed in `{}`", site.config.name(found.line), found.path);
        return closed(&why, site.place(found.line), &["nginx-would-not-start"]);
    }
    let (path, place) = unwritable(site)?;
    closed(&format!("it cannot make `{path}`"), place, &["unwritable-temp-path"])
}

/// A file that it needs and cannot make.
fn unwritable(site: &Site<'_>) -> Option<(String, Place)> {
    if let Some(line) = site.file_of_the_kernel() {
        return Some((site.config.value(line).to_owned(), site.value_place(line)));
    }
    // A part goes with the image's own `nginx.conf`, which nobody gave.
    site.containers.iter().filter(|_| site.is_whole()).find_map(|(workload, container)| {
        let found = site.unwritable(workload, container)?;
        let file = found.files.first()?;
        let line = file.line.map(|line| site.value_place(line));
        Some((file.path.clone(), line.unwrap_or_else(|| workload.0.at(found.cause))))
    })
}

fn unreachable(site: &Site<'_>, backend: &Backend<'_>, port: u16) -> Option<Closed> {
    let listens = site.config.on_port(port);
    let what = match site.unreachable(backend, listens)? {
        Unreachable::Loopback => {
            "nginx listens on the loopback of the pod alone, and requests come to its address"
        }
        Unreachable::ProxyProtocol => {
            "nginx waits for the PROXY protocol, which the load balancer does not speak, and closes every connection"
        }
        Unreachable::Tls => {
            "nginx expects TLS, and the load balancer speaks plain HTTP to it: `400` to all"
        }
        Unreachable::Plain => {
            "nginx expects plain HTTP, and the load balancer begins with TLS, as `app-protocols` says"
        }
    };
    let place = listens.first().and_then(|(_, listen)| listen.node).map(|line| site.place(line));
    Some(Closed { what: what.to_owned(), place, rules: &["listen-unreachable"] })
}
