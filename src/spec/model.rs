//! The keys of `app.toml`, their types and their defaults.
//!
//! The documentation of each field is what editors show on hover, what `sioway explain`
//! prints as the reason, and what the README's table is made of. Its first sentence
//! says what the key means; the rest says why the default is what it is.

use std::collections::BTreeMap;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Bytes, Cpu, FilePath, GoogleName, Hosts, Image, LabelKey, LabelValue, Memory, Milliseconds,
    Monitoring, Name, ObjectName, Port, Replicas, Resolver, Seconds, ServiceName, ServicePort,
    Threshold, Transports, UrlPath, UrlPrefix, UserId, VariableName, Verify,
};

/// A Socket.IO app on Kubernetes behind a Google Cloud load balancer.
///
/// `name`, `host` and `port` are a complete description; everything else has a default
/// that is safe for Socket.IO.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(title = "sioway app.toml", extend("required" = ["name", "host", "port"]))]
pub struct Spec {
    /// The app's name; the base of all object names.
    pub name: Option<Name>,
    /// The namespace of every object.
    pub namespace: Name,
    /// The host name, or the list of host names, that browsers use.
    pub host: Option<Hosts>,
    /// Where the Socket.IO server listens inside the pod.
    pub port: Option<Port>,
    /// The platform or environment whose settings come first: an embedded profile, one of the workspace's `profiles/`, or a file.
    pub profile: String,
    /// How many pods the app runs on. Only used for reasoning, and by `[workload]`.
    pub replicas: Option<Replicas>,
    /// The pod labels that the Service selects. Default: `app.kubernetes.io/name` = the app's name.
    pub selector: BTreeMap<LabelKey, LabelValue>,
    /// Labels added to every object.
    pub labels: BTreeMap<LabelKey, LabelValue>,
    /// Annotations added to every object.
    pub annotations: BTreeMap<LabelKey, String>,
    /// What the Socket.IO server was told.
    pub socketio: SocketIo,
    /// How long a session lives, and what keeps it on one pod.
    pub session: Session,
    /// The load balancer's health check.
    pub health: Health,
    /// Cloud CDN, for paths that carry no session.
    pub cdn: Cdn,
    /// The nginx between the load balancer and the app.
    pub nginx: Nginx,
    /// The load balancer's front end.
    pub ingress: Ingress,
    /// Names of objects that exist already.
    pub names: Names,
    /// The app's own pods. Absent: sioway renders none. They wait for the drain by `preStop.sleep`, which needs Kubernetes 1.30.
    pub workload: Option<Workload>,
    /// Alerts on the session path. Absent: none. The table alone, `[monitoring]`, takes every default.
    pub monitoring: Option<Monitoring>,
    /// `sioway probe` in the cluster, against the address that users have. Absent: nothing probes.
    pub verify: Option<Verify>,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            name: None,
            namespace: "default".parse().expect("a constant"),
            host: None,
            port: None,
            profile: "gke".into(),
            replicas: None,
            selector: BTreeMap::new(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            socketio: SocketIo::default(),
            session: Session::default(),
            health: Health::default(),
            cdn: Cdn::default(),
            nginx: Nginx::default(),
            ingress: Ingress::default(),
            names: Names::default(),
            workload: None,
            monitoring: None,
            verify: None,
        }
    }
}

/// What the Socket.IO server was told. Defaults are those of Socket.IO 4.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SocketIo {
    /// The path as the browser requests it: the client's `path` option. Begins and ends with `/`.
    pub path: UrlPrefix,
    /// The path as the server mounts it: the server's `path` option. nginx maps one to the other; the load balancer rewrites nothing. Default: the same as `path`.
    pub server_path: Option<UrlPrefix>,
    /// The transports that clients may use. Polling is several HTTP requests a session, so it needs affinity.
    pub transports: Transports,
    /// How often the server pings: its `pingInterval`. A long poll is held up to this long.
    pub ping_interval: Milliseconds,
    /// How long the server waits for the answer: its `pingTimeout`.
    pub ping_timeout: Milliseconds,
    /// The largest message: the server's `maxHttpBufferSize`. Above it a POST is answered with 413.
    pub max_message: Bytes,
}

impl Default for SocketIo {
    fn default() -> Self {
        Self {
            path: "/socket.io/".parse().expect("a constant"),
            server_path: None,
            transports: Transports::default(),
            // socketio/socket.io:packages/engine.io/lib/server.ts, the constructor's defaults.
            ping_interval: Milliseconds::new(25_000),
            ping_timeout: Milliseconds::new(20_000),
            max_message: Bytes::new(1_000_000),
        }
    }
}

/// How long a session lives, and what keeps it on one pod.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Session {
    /// What the load balancer keeps a client on one pod by. `client-ip` works for every client, also across origins, but puts all clients behind one NAT on one pod; `cookie` spreads them, but a cross-origin client drops the cookie unless it sends credentials.
    pub affinity: Affinity,
    /// How long the affinity cookie lives; `0s` is as long as the browser runs. Only with `affinity = "cookie"`.
    pub affinity_ttl: Seconds,
    /// The longest a WebSocket may stay open, 1 s to 24 h. The classic load balancer closes every WebSocket at this age, idle or not; its own default is 30 s.
    pub max_age: Seconds,
    /// How long a pod that leaves may finish its requests: connection draining. The load balancer's own default is 0, off.
    pub drain: Seconds,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            affinity: Affinity::ClientIp,
            affinity_ttl: Seconds::new(0),
            max_age: Seconds::DAY,
            drain: Seconds::new(60),
        }
    }
}

/// Which affinity the load balancer keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Affinity {
    /// By the client's address.
    ClientIp,
    /// By a cookie that the load balancer sets.
    Cookie,
    /// None.
    None,
}

/// The load balancer's health check. All of it is rendered: a partial one fails the controller's whole sync.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Health {
    /// The path that is asked. Only status 200 is healthy: no redirect, no 204.
    pub path: UrlPath,
    /// Who answers: nginx itself, or the app behind it. Default: `nginx`, or `app` where there is no nginx.
    pub answered_by: Option<AnsweredBy>,
    /// The time between two checks, 1 s to 300 s.
    pub interval: Seconds,
    /// How long an answer may take; at most `interval`.
    pub timeout: Seconds,
    /// How many good answers make a pod healthy.
    pub healthy: Threshold,
    /// How many bad answers make a pod unhealthy.
    pub unhealthy: Threshold,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            path: "/health".parse().expect("a constant"),
            answered_by: None,
            interval: Seconds::new(10),
            timeout: Seconds::new(5),
            healthy: Threshold::new(1),
            unhealthy: Threshold::new(3),
        }
    }
}

/// Who answers the health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum AnsweredBy {
    /// nginx itself: healthy also while the app is down.
    Nginx,
    /// The app.
    App,
}

/// Cloud CDN, for paths that carry no session.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Cdn {
    /// Paths that go to a second backend with CDN on. Empty: CDN is off everywhere. Session traffic never goes through it.
    pub static_paths: Vec<UrlPrefix>,
}

/// The nginx between the load balancer and the app.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Nginx {
    /// Where nginx runs: `sidecar` in the app's pod, `gateway` as its own Deployment in front of a StatefulSet, or `none`.
    pub placement: Placement,
    /// The port nginx listens on. The Service and the health check follow it. 8080 is the unprivileged image's.
    pub listen: Port,
    /// `full` is a whole nginx.conf; `conf.d` is a fragment for the image's own nginx.conf.
    pub form: NginxForm,
    /// The nginx image, where sioway renders the pods. A gateway needs nginx 1.27.3 or later.
    pub image: Image,
    /// How many gateway pods run. Only with `placement = "gateway"`.
    pub replicas: Replicas,
    /// The DNS server that a gateway asks for the app's pods. Default: the one in its pods' own /etc/resolv.conf.
    pub resolver: Option<Resolver>,
    /// Further locations. Default: `/` to the app.
    pub location: Vec<NginxLocation>,
}

impl Default for Nginx {
    fn default() -> Self {
        Self {
            placement: Placement::Sidecar,
            listen: Port::new(8080),
            form: NginxForm::Full,
            image: "docker.io/nginxinc/nginx-unprivileged:1.28".parse().expect("a constant"),
            replicas: Replicas::new(2),
            resolver: None,
            location: Vec::new(),
        }
    }
}

/// Where nginx runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Placement {
    /// In the app's pod.
    Sidecar,
    /// As its own Deployment in front of several pods.
    Gateway,
    /// Nowhere.
    None,
}

/// Which kind of file nginx is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum NginxForm {
    /// A whole nginx.conf.
    #[serde(rename = "full")]
    Full,
    /// A fragment for `/etc/nginx/conf.d/` of the stock image.
    #[serde(rename = "conf.d")]
    ConfD,
}

/// One more nginx location: `proxy-port`, or `root`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NginxLocation {
    /// The prefix it serves. Begins and ends with `/`.
    pub path: UrlPrefix,
    /// A port in the app's pod to proxy to.
    #[serde(default)]
    pub proxy_port: Option<Port>,
    /// What replaces `path` on the way to `proxy-port`. Default: the request goes on unchanged.
    #[serde(default)]
    pub upstream_path: Option<UrlPrefix>,
    /// A directory in the nginx container to serve files from.
    #[serde(default)]
    pub root: Option<FilePath>,
    /// The file that answers where `root` has none, such as a single-page app's `/index.html`.
    #[serde(default)]
    pub fallback: Option<UrlPath>,
}

/// The load balancer's front end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Ingress {
    /// The Ingress class. Default: the profile's.
    pub class: Option<String>,
    /// The load balancer's own IP address. Lets nginx name the true client by `real_ip`. Without it the client is the second entry from the end of X-Forwarded-For, which the load balancer writes.
    #[schemars(with = "Option<String>")]
    pub address: Option<IpAddr>,
    /// The name of a reserved static IP address.
    pub static_ip: Option<GoogleName>,
    /// Whether plain HTTP is redirected to HTTPS. Default: `true` with `tls`; refused without.
    pub https_redirect: Option<bool>,
    /// The name of an SSL policy.
    pub ssl_policy: Option<GoogleName>,
    /// Where the certificate comes from: exactly one of the three. Absent: plain HTTP.
    pub tls: Option<Tls>,
    /// What the hosts serve. Default: `/` to this app. The Socket.IO path is always routed, and needs no entry.
    pub route: Vec<IngressRoute>,
    /// Whether to carry `cloud.google.com/websocket-max-idle-timeout`. Nothing reads it; for runbooks that look for it.
    pub websocket_annotation: bool,
}

/// Where the certificate comes from: exactly one of the three.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Tls {
    /// A ManagedCertificate, rendered for all hosts.
    pub managed_certificate: Option<bool>,
    /// The name of a TLS Secret in the namespace.
    pub secret: Option<ObjectName>,
    /// The name of a certificate resource at Google.
    pub pre_shared: Option<GoogleName>,
}

/// One path of every host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct IngressRoute {
    /// The path.
    pub path: UrlPath,
    /// How the path matches.
    #[serde(default)]
    pub path_type: PathType,
    /// The Service it goes to. Default: this app's.
    #[serde(default)]
    pub service: Option<ServiceName>,
    /// The port of that Service. Only with `service`; default 80.
    #[serde(default)]
    pub service_port: Option<ServicePort>,
}

/// How an Ingress path matches. `ImplementationSpecific` is not offered: on GKE such a path matches only itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum PathType {
    /// The path and everything below it.
    #[default]
    Prefix,
    /// The path alone.
    Exact,
}

/// Names of objects that exist already. Default: made from `name`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Names {
    /// The Service. Default: `name`.
    pub service: Option<ServiceName>,
    /// The Ingress. Default: `name`.
    pub ingress: Option<ObjectName>,
    /// The BackendConfig. Default: `name`.
    pub backend_config: Option<ObjectName>,
    /// The FrontendConfig. Default: `name`.
    pub frontend_config: Option<ObjectName>,
    /// The ConfigMap that carries the nginx configuration. Default: `name` + `-nginx`.
    pub config_map: Option<ObjectName>,
    /// The ManagedCertificate. Default: `name`.
    pub certificate: Option<ObjectName>,
    /// The Deployment, or the StatefulSet behind a gateway. Default: `name`.
    pub workload: Option<Name>,
}

/// The app's own pods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Workload {
    /// The app's image.
    pub image: Image,
    /// How many pods run. Default: the top-level `replicas`, or 2.
    #[serde(default)]
    pub replicas: Option<Replicas>,
    /// The CPU that the app requests.
    #[serde(default = "Workload::default_cpu")]
    pub cpu: Cpu,
    /// The memory that the app requests, and is held to.
    #[serde(default = "Workload::default_memory")]
    pub memory: Memory,
    /// The user the app runs as; never root. 1000 is `node` in the official Node.js images.
    #[serde(default = "Workload::default_user")]
    pub user: UserId,
    /// Environment variables. Secrets belong in `secrets`.
    #[serde(default)]
    pub env: BTreeMap<VariableName, String>,
    /// Names of Secrets whose keys become environment variables.
    #[serde(default)]
    pub secrets: Vec<ObjectName>,
    /// The pod's `terminationGracePeriodSeconds`. Default: long enough for the drain and nginx's shutdown.
    #[serde(default)]
    pub grace_period: Option<Seconds>,
}

impl Workload {
    /// A tenth of a core: what an idle Node.js server with a few hundred sockets takes.
    pub fn default_cpu() -> Cpu {
        "100m".parse().expect("a constant")
    }

    /// A Node.js heap and its sockets.
    pub fn default_memory() -> Memory {
        "256Mi".parse().expect("a constant")
    }

    /// The user `node` of the official Node.js images.
    pub fn default_user() -> UserId {
        UserId::new(1000)
    }
}
