//! The front end: what the Ingress routes, and what only a FrontendConfig can say.

use std::net::IpAddr;

use serde::Serialize;

use super::{ObjectNames, Service, derived};
use crate::spec::{
    AddressRange, Feature, GoogleName, IngressRoute, LabelKey, ObjectName, PathType, Platform,
    Port, ServicePort, Spec,
};

/// The Ingress.
#[derive(Debug, Clone, Serialize)]
pub struct Ingress {
    /// The value of `kubernetes.io/ingress.class`.
    pub class: String,
    /// The annotation for a reserved address, and the address's name.
    pub static_ip: Option<(LabelKey, GoogleName)>,
    /// The name of a certificate resource at Google.
    pub pre_shared: Option<GoogleName>,
    /// The name of a TLS Secret.
    pub tls_secret: Option<ObjectName>,
    /// Whether plain HTTP is turned off, because the platform cannot serve both.
    pub https_only: bool,
    /// Whether the annotation that nothing reads is carried.
    pub websocket_annotation: bool,
    /// The paths of every host.
    pub paths: Vec<Path>,
}

/// One path of every host.
#[derive(Debug, Clone, Serialize)]
pub struct Path {
    /// The path.
    pub path: String,
    /// How it matches.
    pub path_type: PathType,
    /// The Service it goes to.
    pub service: String,
    /// The port of that Service.
    pub port: ServicePort,
    /// Whether it is the Socket.IO path.
    pub session: bool,
}

/// What only a FrontendConfig can say.
#[derive(Debug, Clone, Serialize)]
pub struct Frontend {
    /// Whether plain HTTP is redirected to HTTPS.
    pub https_redirect: bool,
    /// The name of an SSL policy.
    pub ssl_policy: Option<GoogleName>,
}

impl Ingress {
    pub(super) fn new(spec: &Spec, platform: &Platform, names: &ObjectNames) -> Self {
        let ingress = &spec.ingress;
        let tls = ingress.tls.as_ref();
        let static_ip = |name: &GoogleName| (platform.static_ip_annotation.clone(), name.clone());
        Self {
            class: derived::ingress_class(spec, platform).to_owned(),
            static_ip: ingress.static_ip.as_ref().map(static_ip),
            pre_shared: tls.and_then(|tls| tls.pre_shared.clone()),
            tls_secret: tls.and_then(|tls| tls.secret.clone()),
            https_only: tls.is_some() && !platform.supports(Feature::HttpAndHttps),
            websocket_annotation: ingress.websocket_annotation,
            paths: paths(spec, names),
        }
    }
}

impl Frontend {
    pub(super) fn new(spec: &Spec, platform: &Platform) -> Option<Self> {
        let frontend = Self {
            https_redirect: derived::https_redirect(spec, platform),
            ssl_policy: spec.ingress.ssl_policy.clone(),
        };
        let needed = frontend.https_redirect || frontend.ssl_policy.is_some();
        (needed && platform.supports(Feature::FrontendConfig)).then_some(frontend)
    }
}

/// The Socket.IO path first, then static files, then the routes; the longest match wins, whatever the order.
fn paths(spec: &Spec, names: &ObjectNames) -> Vec<Path> {
    let session = to_this_app(spec.socketio.path.as_str(), Service::session_port(), names, true);
    let static_files = spec
        .cdn
        .static_paths
        .iter()
        .map(|path| to_this_app(path.as_str(), Service::static_port(), names, false));
    let mut paths: Vec<Path> = std::iter::once(session).chain(static_files).collect();
    if spec.ingress.route.is_empty() {
        let root = to_this_app("/", Service::session_port(), names, false);
        add(&mut paths, root);
    }
    for route in &spec.ingress.route {
        add(&mut paths, routed(route, names));
    }
    // A Prefix path is its own Exact path too, and of two equal paths the load balancer takes the later.
    paths.sort_by_key(|path| path.path_type == PathType::Exact);
    paths
}

/// A path that is there already stays as it is: it is more than a route, session traffic or static files.
fn add(paths: &mut Vec<Path>, path: Path) {
    let taken =
        |other: &Path| other.path_type == path.path_type && same_path(&other.path, &path.path);
    if !paths.iter().any(taken) {
        paths.push(path);
    }
}

/// Whether two paths are one to a Prefix rule, which does not look at a closing slash.
pub(super) fn same_path(a: &str, b: &str) -> bool {
    a.trim_end_matches('/') == b.trim_end_matches('/')
}

fn to_this_app(path: &str, port: Port, names: &ObjectNames, session: bool) -> Path {
    Path {
        path: path.to_owned(),
        path_type: PathType::Prefix,
        service: names.service.clone(),
        port: ServicePort::Number(port),
        session,
    }
}

fn routed(route: &IngressRoute, names: &ObjectNames) -> Path {
    let service = route.service.as_ref().map(|service| service.as_str().to_owned());
    let port = route.service_port.clone().unwrap_or(ServicePort::Number(Service::session_port()));
    Path {
        path: route.path.as_str().to_owned(),
        path_type: route.path_type,
        service: service.unwrap_or_else(|| names.service.clone()),
        port,
        session: false,
    }
}

/// An address as the range that holds it alone.
pub(super) fn as_range(address: IpAddr) -> AddressRange {
    let bits = if address.is_ipv4() { 32 } else { 128 };
    format!("{address}/{bits}").parse().expect("an address and its length are a range")
}
