//! A Service sends to a port that nginx does not listen on.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Container, Grade};
use crate::path::{Backend, Model, Part, Site};

pub(super) static RULE: Rule = Rule {
    id: "listen-port-mismatch",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Manual,
    sources: &[
        "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#listen",
    ],
    page: include_str!("listen_port_mismatch.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for backend in model.backends() {
        findings.extend(finding(model, backend));
    }
}

fn finding(model: &Model<'_>, backend: &Backend<'_>) -> Option<Draft> {
    let port = backend.pods.port_number(&backend.port)?;
    let number = u16::try_from(port).ok()?;
    let site = only_nginx(model, backend, port)?;
    if !site.config.on_port(number).is_empty() {
        return None;
    }
    let service = backend.service.0;
    let node = backend.port.target.unwrap_or(backend.port.node);
    let message = format!(
        "every request is refused: nothing in nginx listens on port {port}, which the Service sends to"
    );
    let beside = format!("port {port} of the pods");
    let draft = Draft::at(service.at(node), beside, message).of(&service, "spec.ports.targetPort");
    Some(with_listens(draft, site, port))
}

/// The one nginx in the pods, if it listens nowhere but in this file, and its container names the port as its own.
pub(super) fn only_nginx<'m, 's>(
    model: &'m Model<'s>,
    backend: &Backend<'s>,
    port: i64,
) -> Option<&'m Site<'s>> {
    let [index] = backend.sites[..] else {
        return None;
    };
    let site = &model.sites[index];
    let mut containers = site.containers.iter();
    let own = containers.any(|(_, container)| declares(container, port));
    (site.is_whole() && own).then_some(site)
}

fn declares(container: &Container<'_>, port: i64) -> bool {
    let ports = container.ports().into_iter();
    let mut numbers = ports.filter_map(|one| one.get("containerPort")?.as_int());
    numbers.any(|number| number == port)
}

/// Says where nginx does listen.
fn with_listens(mut draft: Draft, site: &Site<'_>, port: i64) -> Draft {
    let mut first = None;
    for server in site.config.servers() {
        for listen in site.config.listens(server) {
            first = first.or(listen.port);
            draft = match listen.node {
                Some(line) => draft.and(site.place(line), "nginx listens here"),
                None => draft.and(site.place(server), "without `listen`, nginx takes port 80"),
            };
        }
    }
    draft.help(match first {
        Some(first) => format!("write `targetPort: {first}`, or `listen {port};`"),
        None => format!("write `listen {port};` into a server"),
    })
}
