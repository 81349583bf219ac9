//! nginx's configuration: what it listens on, what it sends where, and how long it waits.

use serde::Serialize;

use super::ingress::as_range;
use super::{Ladder, ObjectNames, derived};
use crate::spec::{
    AddressRange, AnsweredBy, FilePath, NginxForm, NginxLocation, Platform, Port, Resolver, Spec,
    UrlPath, UrlPrefix,
};

/// Two workers: `auto` counts the node's CPUs, not the container's, and each worker takes memory.
const WORKERS: u32 = 2;

/// Connections a worker may hold. A proxied WebSocket takes two.
const WORKER_CONNECTIONS: u32 = 8_192;

/// What a proxied WebSocket takes of nginx's memory, in kibibytes: 18 were measured (nginx 1.28), and the kernel's
/// buffers come on top.
const KIBIBYTES_A_WEBSOCKET: u32 = 32;

/// What nginx takes without a connection, in mebibytes.
const MEBIBYTES_AT_REST: u32 = 64;

/// Writes the first name server of `/etc/resolv.conf` as nginx wants it, then becomes nginx. An IPv6 address goes
/// into brackets.
const WITH_RESOLVER: &str = "awk '$1 == \"nameserver\" { server = $2; if (server ~ /:/) server = \"[\" server \"]\"; \
    print \"resolver \" server \" valid=10s ipv6=off;\"; exit }' /etc/resolv.conf > /tmp/resolver.conf \
    && exec nginx -g 'daemon off;'";

/// What nginx is to be told.
#[derive(Debug, Clone, Serialize)]
pub struct Nginx {
    /// Whether it is a whole nginx.conf; if not, a fragment for `conf.d`.
    pub full: bool,
    /// The file it becomes inside the container.
    pub file: &'static str,
    /// The image, where sioway renders the pods.
    pub image: String,
    /// What `sioway lint` has to know of the server: a comment for it.
    pub mark: String,
    /// The port it listens on.
    pub listen: Port,
    /// `worker_processes`.
    pub workers: u32,
    /// `worker_connections`.
    pub worker_connections: u32,
    /// How many WebSockets a worker holds.
    pub websockets: u32,
    /// The memory that all of them take, in mebibytes: the container's limit.
    pub memory_mebibytes: u32,
    /// `worker_rlimit_nofile`: a file for each connection, and as many again for temporary files.
    pub open_files: u32,
    /// `worker_shutdown_timeout`.
    pub shutdown: u64,
    /// `keepalive_timeout`.
    pub keepalive: u64,
    /// How long the load balancer keeps an idle connection.
    pub lb_keepalive: u64,
    /// The proxies whose X-Forwarded-For entries `real_ip` skips; empty where it cannot tell.
    pub trusted_proxies: Vec<AddressRange>,
    /// The health check's path.
    pub health_path: UrlPath,
    /// Whether nginx answers the health check itself.
    pub answers_health: bool,
    /// The location of session traffic.
    pub session: SessionLocation,
    /// All other locations.
    pub locations: Vec<Location>,
    /// Whether any location serves files, and so needs their types.
    pub serves_files: bool,
    /// Where requests go.
    pub upstreams: Vec<Upstream>,
    /// What starts nginx in a gateway's pod, which asks its own DNS server.
    pub command: &'static str,
    /// The DNS server to ask for upstreams; without one a gateway asks its pod's own.
    pub resolver: Option<Resolver>,
}

/// The location of session traffic.
#[derive(Debug, Clone, Serialize)]
pub struct SessionLocation {
    /// The path as the browser requests it.
    pub path: UrlPrefix,
    /// What replaces it on the way to the server, if anything does.
    pub upstream_path: Option<UrlPrefix>,
    /// `proxy_read_timeout` and `proxy_send_timeout`.
    pub read_timeout: u64,
    /// The longest silence that Engine.IO permits, in seconds, rounded up.
    pub silence: u64,
    /// `client_max_body_size`, in mebibytes.
    pub body_limit_mebibytes: u64,
}

/// A location that carries no session.
#[derive(Debug, Clone, Serialize)]
pub struct Location {
    /// The prefix.
    pub path: UrlPrefix,
    /// The upstream it goes to, unless it serves files.
    pub upstream: Option<String>,
    /// What replaces the prefix on the way, if anything does.
    pub upstream_path: Option<UrlPrefix>,
    /// Where the files are.
    pub root: Option<FilePath>,
    /// What answers where there is no file.
    pub fallback: Option<UrlPath>,
}

/// A group of servers.
#[derive(Debug, Clone, Serialize)]
pub struct Upstream {
    /// Its name.
    pub name: String,
    /// Its servers, with their ports.
    pub servers: Vec<String>,
    /// The shared memory for them, in kibibytes.
    pub zone_kibibytes: usize,
}

impl Nginx {
    pub(super) fn new(
        spec: &Spec,
        platform: &Platform,
        names: &ObjectNames,
        ladder: &Ladder,
    ) -> Self {
        let nginx = &spec.nginx;
        let full = nginx.form == NginxForm::Full;
        let locations = locations(spec);
        Self {
            full,
            file: if full { "nginx.conf" } else { "default.conf" },
            image: nginx.image.to_string(),
            mark: derived::server_mark(spec),
            listen: nginx.listen,
            workers: WORKERS,
            worker_connections: WORKER_CONNECTIONS,
            websockets: WORKER_CONNECTIONS / 2,
            memory_mebibytes: MEBIBYTES_AT_REST
                + WORKERS * WORKER_CONNECTIONS / 2 * KIBIBYTES_A_WEBSOCKET / 1024,
            open_files: WORKER_CONNECTIONS * 2,
            shutdown: derived::NGINX_SHUTDOWN.get(),
            keepalive: ladder.nginx_keepalive.get(),
            lb_keepalive: platform.backend_keepalive.get(),
            trusted_proxies: trusted_proxies(spec, platform),
            health_path: spec.health.path.clone(),
            answers_health: derived::answered_by(spec) == AnsweredBy::Nginx,
            session: SessionLocation::new(spec, ladder),
            serves_files: locations.iter().any(|location| location.root.is_some()),
            upstreams: upstreams(spec, platform, names),
            command: WITH_RESOLVER,
            resolver: nginx.resolver.clone(),
            locations,
        }
    }
}

impl SessionLocation {
    fn new(spec: &Spec, ladder: &Ladder) -> Self {
        let (path, server_path) = (&spec.socketio.path, derived::server_path(spec));
        Self {
            path: path.clone(),
            upstream_path: (path != server_path).then(|| server_path.clone()),
            read_timeout: ladder.nginx_read_timeout.get(),
            silence: spec.socketio.ping_interval.plus(spec.socketio.ping_timeout).round_up().get(),
            body_limit_mebibytes: ladder.body_limit.get() >> 20,
        }
    }
}

/// Google's ranges alone would name the load balancer as every client: its own address must be among them.
fn trusted_proxies(spec: &Spec, platform: &Platform) -> Vec<AddressRange> {
    match spec.ingress.address {
        Some(address) => {
            platform.trusted_proxies.iter().cloned().chain([as_range(address)]).collect()
        }
        None => Vec::new(),
    }
}

fn locations(spec: &Spec) -> Vec<Location> {
    let mut locations: Vec<Location> =
        spec.nginx.location.iter().map(|given| location(spec, given)).collect();
    let root: UrlPrefix = "/".parse().expect("a constant");
    let taken =
        spec.socketio.path == root || locations.iter().any(|location| location.path == root);
    if !taken {
        let upstream = Some(upstream_name(spec, derived::port(spec)));
        locations.push(Location {
            path: root,
            upstream,
            upstream_path: None,
            root: None,
            fallback: None,
        });
    }
    locations
}

fn location(spec: &Spec, given: &NginxLocation) -> Location {
    let upstream_path = given.upstream_path.clone().filter(|path| *path != given.path);
    Location {
        path: given.path.clone(),
        upstream: given.proxy_port.map(|port| upstream_name(spec, port)),
        upstream_path,
        root: given.root.clone(),
        fallback: given.fallback.clone(),
    }
}

fn upstream_name(spec: &Spec, port: Port) -> String {
    if port == derived::port(spec) { "socketio".into() } else { format!("port_{port}") }
}

fn upstreams(spec: &Spec, platform: &Platform, names: &ObjectNames) -> Vec<Upstream> {
    let upstream = |port: Port| {
        let servers = servers(spec, platform, names, port);
        // A server takes about a kibibyte and a half, and its address as much again.
        let zone_kibibytes = 128 + 4 * servers.len();
        Upstream { name: upstream_name(spec, port), servers, zone_kibibytes }
    };
    derived::app_ports(spec).into_iter().map(upstream).collect()
}

/// The app beside nginx, or each pod of the StatefulSet by its own name: `hash … consistent` tells
/// servers apart by their names, so the addresses behind one name would be taken in turn
/// (`nginx/nginx:src/http/modules/ngx_http_upstream_hash_module.c`).
fn servers(spec: &Spec, platform: &Platform, names: &ObjectNames, port: Port) -> Vec<String> {
    if !derived::is_gateway(spec) {
        return vec![format!("127.0.0.1:{port}")];
    }
    let domain =
        format!("{}.{}.svc.{}", names.pods_service, spec.namespace, platform.cluster_domain);
    (0..derived::replicas(spec).get())
        .map(|pod| format!("{}-{pod}.{domain}:{port}", names.workload))
        .collect()
}
