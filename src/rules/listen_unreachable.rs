//! nginx listens on the right port, and in a way that what comes through the Service cannot use.

use super::listen_port_mismatch::only_nginx;
use super::location::arguments;
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::Grade;
use crate::path::{Backend, Model, Part, Unreachable};

pub(super) static RULE: Rule = Rule {
    id: "listen-unreachable",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Unsafe,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#listen",
        "nginx/nginx:src/http/ngx_http_request.c",
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
    let (message, help, takes_out) = fault(site.unreachable(backend, listens)?);
    let line = listens.first()?.1.node?;
    let draft = Draft::at(site.place(line), "", message).of_directive(site, line);
    let draft = draft.and(backend.port_place(), "this sends to it").help(help);
    // Of several lines each would have to be changed.
    let words = || site.config.arguments(line);
    let left: Vec<&str> = words().map(takes_out).filter(|word| !word.is_empty()).collect();
    let one_edit = listens.len() == 1 && !left.is_empty() && words().ne(left.iter().copied());
    let fix = one_edit.then(|| arguments(site, line, &left.join(" ")));
    Some(draft.fix(Applicability::Unsafe, fix))
}

/// What is left of a word of the line in the repaired one; nothing where it goes.
type TakesOut = fn(&str) -> &str;

/// `127.0.0.1:8080` without the address.
fn without_address(word: &str) -> &str {
    let port = word.rsplit_once(':').map(|(_, port)| port);
    port.filter(|port| port.parse::<u16>().is_ok()).unwrap_or(word)
}

fn without_proxy_protocol(word: &str) -> &str {
    if word == "proxy_protocol" { "" } else { word }
}

/// What is wrong with all servers of a port, what to write, and what of the line stays then.
fn fault(of: Unreachable) -> (&'static str, &'static str, TakesOut) {
    match of {
        Unreachable::Loopback => (
            "every request is refused: nginx listens on the pod's loopback alone, and a Service sends to the pod's address",
            "write the port alone",
            without_address,
        ),
        Unreachable::ProxyProtocol => (
            "every connection is closed without an answer: nginx waits for the PROXY protocol, and an application load balancer does not speak it",
            "take `proxy_protocol` out",
            without_proxy_protocol,
        ),
        Unreachable::Tls => (
            "every request is answered with 400: nginx expects TLS on this port, and the load balancer speaks plain HTTP to it",
            "take `ssl` out: TLS ends at the load balancer; or name the port in `cloud.google.com/app-protocols` as HTTPS",
            |word| word,
        ),
        Unreachable::Plain => (
            "every request fails: the load balancer begins with TLS, and nginx expects plain HTTP on this port",
            "write `ssl` and a certificate here, as TLS is what `cloud.google.com/app-protocols` asks for; or say HTTP there",
            |word| word,
        ),
    }
}
