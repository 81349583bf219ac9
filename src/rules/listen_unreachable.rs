//! nginx listens on the right port, and in a way that what comes through the Service cannot use.

use super::http2_to_backend::protocol;
use super::listen_port_mismatch::only_nginx;
use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::Grade;
use crate::nginx::Listen;
use crate::path::{Backend, Model, Part};

pub(super) static RULE: Rule = Rule {
    id: "listen-unreachable",
    severity: Severity::Error,
    grade: Grade::Source,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#listen",
        "https://kubernetes.io/docs/concepts/services-networking/service/",
        "https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration#https_tls_between_load_balancer_and_your_application",
    ],
    page: include_str!("listen_unreachable.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for backend in model.backends() {
        findings.extend(finding(model, backend));
    }
}

fn finding(model: &Model<'_>, backend: &Backend<'_>) -> Option<Draft> {
    let port = backend.pods.port_number(&backend.port)?;
    let site = only_nginx(model, backend, port)?;
    let listens = site.config.on_port(u16::try_from(port).ok()?);
    let (message, help) = fault(backend, listens.iter().map(|(_, listen)| listen))?;
    let line = listens.first()?.1.node?;
    let draft = Draft::at(site.place(line), "", message).of_directive(site, line);
    Some(draft.and(backend.port_place(), "this sends to it").help(help))
}

/// What is wrong with all servers of a port, and what to write.
fn fault<'l>(
    backend: &Backend<'_>,
    mut listens: impl Iterator<Item = &'l Listen> + Clone,
) -> Option<(&'static str, &'static str)> {
    listens.clone().next()?;
    let google = backend.is_behind_gce();
    if listens.clone().all(is_loopback) {
        return Some((
            "every request is refused: nginx listens on the pod's loopback alone, and a Service sends to the pod's address",
            "write the port alone",
        ));
    }
    if google && listens.clone().any(|listen| listen.proxy_protocol) {
        return Some((
            "every request is answered with 400: nginx waits for the PROXY protocol, and an application load balancer does not speak it",
            "take `proxy_protocol` out",
        ));
    }
    if google && listens.all(|listen| listen.ssl) && is_plain(backend) {
        return Some((
            "every request is answered with 400: nginx expects TLS on this port, and the load balancer speaks plain HTTP to it",
            "take `ssl` out: TLS ends at the load balancer; or name the port in `cloud.google.com/app-protocols` as HTTPS",
        ));
    }
    None
}

fn is_loopback(listen: &Listen) -> bool {
    listen.address == "localhost" || listen.address == "[::1]" || listen.address.starts_with("127.")
}

/// Whether nothing says that the load balancer speaks anything but HTTP to the port.
fn is_plain(backend: &Backend<'_>) -> bool {
    protocol(backend).is_none_or(|(_, protocol, _)| protocol == "HTTP")
        && backend.port.node.get("appProtocol").is_none()
}
