//! What stands at the port of a pod: nginx, or the server itself.

use super::Options;
use super::entries::Seed;
use super::start::{Closed, broken};
use crate::kube::{Container, TargetPort, Workload};
use crate::manifest::Node;
use crate::path::{Backend, Model, Site};
use crate::set::Place;

/// What a request meets in the pod.
#[derive(Debug)]
pub(super) enum Gate<'m, 's> {
    /// An nginx.
    Nginx {
        site: &'m Site<'s>,
        port: u16,
        /// No workload given mounts it, but it listens on the port.
        assumed: bool,
    },
    /// The server itself.
    Direct {
        what: String,
        place: Option<Place>,
        /// Why somebody else may listen there, and nobody.
        caution: Option<String>,
    },
    /// Nobody listens.
    Closed(Closed),
    /// The files do not tell.
    Unknown(String, Option<Place>),
}

impl<'m, 's> Gate<'m, 's> {
    pub(super) fn find(
        model: &'m Model<'s>,
        backend: Option<&'m Backend<'s>>,
        seed: Seed<'m, 's>,
        options: &Options,
    ) -> Self {
        match (backend, seed) {
            (Some(backend), _) => of_backend(model, backend, options),
            (None, Seed::Site(site)) => match first_port(site) {
                Some(port) => nginx(site, None, port, false),
                None => Self::Unknown("the nginx configuration has no server".to_owned(), None),
            },
            (None, _) => Self::Unknown("the Service is not among the files given".to_owned(), None),
        }
    }
}

/// An nginx, if it starts and takes what comes.
fn nginx<'m, 's>(
    site: &'m Site<'s>,
    backend: Option<&Backend<'s>>,
    port: u16,
    assumed: bool,
) -> Gate<'m, 's> {
    match broken(site, backend, port) {
        Some(closed) => Gate::Closed(closed),
        None => Gate::Nginx { site, port, assumed },
    }
}

fn first_port(site: &Site<'_>) -> Option<u16> {
    let servers = site.config.servers();
    let session = site.sessions.first().map(|session| session.server);
    let server = session.or(servers.first().copied())?;
    site.config.listens(server).into_iter().find_map(|listen| listen.port)
}

fn of_backend<'m, 's>(
    model: &'m Model<'s>,
    backend: &'m Backend<'s>,
    options: &Options,
) -> Gate<'m, 's> {
    let Some(port) = backend.pod_port() else {
        if let Some(closed) = unnamed(backend) {
            return Gate::Closed(closed);
        }
        let why = format!(
            "the target of port {} is a name, and no workload given says its number",
            backend.port.said()
        );
        return Gate::Unknown(why, Some(backend.port_place()));
    };
    if let Some(closed) = unmounted(model, backend) {
        return Gate::Closed(closed);
    }
    let own = backend.sites.iter().map(|index| &model.sites[*index]);
    if let Some(site) = own.clone().find(|site| !site.config.on_port(port).is_empty()) {
        return nginx(site, Some(backend), port, false);
    }
    if options.without_nginx {
        let what = format!("port {port} is the server's own");
        return Gate::Direct { what, place: Some(backend.port_place()), caution: None };
    }
    if backend.sites.is_empty()
        && let Some(unknown) = not_given(model, backend)
    {
        return unknown;
    }
    let alone = model.unmounted_sites(backend);
    match (alone.as_slice(), own.count()) {
        ([site], 0) => nginx(site, Some(backend), port, true),
        ([], 0) => without_nginx(backend, port),
        ([], _) => closed(backend, port),
        _ => {
            let why = format!(
                "{} nginx configurations listen on port {port}, and no workload given mounts one",
                alone.len()
            );
            Gate::Unknown(why, Some(backend.port_place()))
        }
    }
}

/// A pod that does not start for want of a file.
fn unmounted(model: &Model<'_>, backend: &Backend<'_>) -> Option<Closed> {
    let (workload, missing) = nginx_containers(backend)
        .find_map(|(pod, one)| Some((pod, model.missing_keys(&pod, &one).into_iter().next()?)))?;
    let key = missing.node.as_str().unwrap_or_default();
    let what =
        format!("no pod starts: ConfigMap `{}` has no key `{key}` to mount", missing.map.name);
    let place = Some(workload.0.at(missing.node));
    Some(Closed { what, place, rules: &["mounted-key-missing"] })
}

/// An nginx that mounts a ConfigMap nobody gave, which says more of it than what is given beside.
fn not_given<'m, 's>(model: &Model<'s>, backend: &Backend<'s>) -> Option<Gate<'m, 's>> {
    let (workload, mount) = nginx_containers(backend)
        .find_map(|(pod, one)| Some((pod, model.map_not_given(&pod, &one)?)))?;
    let name = mount.config_map;
    let why = format!("nginx mounts the ConfigMap `{name}`, which is not among the files given");
    Some(Gate::Unknown(why, Some(workload.0.at(mount.node))))
}

fn nginx_containers<'b, 's>(
    backend: &'b Backend<'s>,
) -> impl Iterator<Item = (Workload<'s>, Container<'s>)> + use<'b, 's> {
    let pods = backend.pods.workloads.iter();
    let all = pods.flat_map(|pod| pod.containers().into_iter().map(|one| (*pod, one)));
    all.filter(|(_, one)| one.runs_nginx())
}

/// The target is a name that no container port of the pods has.
fn unnamed(backend: &Backend<'_>) -> Option<Closed> {
    let Some(TargetPort::Name(name)) = backend.port.target_port() else {
        return None;
    };
    let what =
        format!("no container port of the pods is named `{name}`: the Service has no endpoint");
    let place = Some(backend.port_place());
    let rules = &["target-port-unserved"];
    (!backend.pods.workloads.is_empty()).then_some(Closed { what, place, rules })
}

/// Nothing given is an nginx for these pods.
fn without_nginx<'m, 's>(backend: &Backend<'_>, port: u16) -> Gate<'m, 's> {
    let workloads = &backend.pods.workloads;
    let Some(workload) = workloads.first() else {
        let why = format!(
            "the pods of the Service `{}` are not among the files given, so what listens on port {port} is not known",
            backend.service.0.name
        );
        return Gate::Unknown(why, Some(backend.port_place()));
    };
    let containers = workload.containers();
    if let Some(nginx) = containers.iter().find(|one| one.runs_nginx()) {
        let why = format!(
            "the container `{}` is an nginx whose configuration is not among the files given",
            nginx.name()
        );
        return Gate::Unknown(why, Some(workload.0.at(nginx.0)));
    }
    let (kind, name) = (workload.0.kind, workload.0.name);
    let what = format!("{kind} `{name}`: no nginx in the pod, port {port} is the server's own");
    let undeclared = backend.pods.declare_ports() && !backend.pods.declares(i64::from(port));
    let caution = undeclared
        .then(|| format!("no container says that it listens on port {port}: if none does, `502`"));
    Gate::Direct { what, place: Some(workload.0.title()), caution }
}

/// The nginx of the pod is known and does not listen on the port: another container may.
fn closed<'m, 's>(backend: &Backend<'_>, port: u16) -> Gate<'m, 's> {
    let names = |one: &Container<'_>| {
        let numbers = one.ports();
        let mut numbers = numbers.iter().map(|each| each.get("containerPort"));
        numbers.any(|each| each.and_then(Node::as_int) == Some(i64::from(port)))
    };
    let place = Some(backend.port_place());
    let mut others = backend.pods.workloads.iter().flat_map(Workload::containers);
    if others.clone().any(|one| !one.runs_nginx() && names(&one)) {
        let what = format!("port {port} goes past nginx, to a container that names it");
        return Gate::Direct { what, place, caution: None };
    }
    if others.any(|one| !one.runs_nginx() && one.ports().is_empty()) {
        let why = format!(
            "nginx does not listen on port {port}, and which port the other container has is not written"
        );
        return Gate::Unknown(why, place);
    }
    let what = format!("nobody in the pod listens on port {port}");
    Gate::Closed(Closed { what, place, rules: &["listen-port-mismatch", "target-port-unserved"] })
}
