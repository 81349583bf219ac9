//! What Google's health check asks, and what nginx answers to it.

use super::{Backend, ConfigLink, FRONT_ENDS, Site, Spoken};
use crate::kube::{BackendConfig, Container, Mount, Workload};
use crate::manifest::{Entry, Node};
use crate::nginx::{Answer, Kind, Listen, NodeId, Outcome, Request, Route, Scene, Shape};
use crate::set::Place;

/// The one server of nginx's own images.
const DEFAULT: &str = "/etc/nginx/conf.d/default.conf";

/// What the health check of a backend asks, by HTTP.
#[derive(Debug, Clone, Copy)]
pub struct HealthCheck<'s> {
    /// The path.
    pub path: &'s str,
    /// Where the path comes from; `None` for the default.
    pub place: Option<Place>,
    /// Who says so.
    pub by: AskedBy,
    /// The port of the pod; `None` where nothing tells it.
    pub port: Option<i64>,
    /// Where the port is written; `None` where it is that of the requests.
    pub port_place: Option<Place>,
    /// What is spoken.
    pub spoken: Spoken,
    /// The `Host` that it names; the address of the pod where there is none.
    pub host: Option<&'s str>,
}

/// Who says what a health check asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedBy {
    /// The BackendConfig.
    Config,
    /// A readiness probe.
    Readiness,
    /// Nobody: it is the default.
    Default,
}

/// How nginx answers a health check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// With 200.
    Good,
    /// That is up to the app, to files that are not known, or to something else that is not.
    Unknown,
    /// With another status.
    Bad(BadAnswer),
}

/// An answer that is not 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadAnswer {
    /// The server that answers.
    pub server: NodeId,
    /// The line that makes it so; the server if there is none.
    pub at: NodeId,
    /// The status.
    pub status: u16,
    /// Whether it is certain: a file of that name could be there.
    pub certain: bool,
    /// Why it is so, where the path has nothing to do with it: TLS meets plain HTTP.
    pub because: Option<&'static str>,
}

/// What the files in the directory that nginx has by default are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum DefaultRoot {
    /// None: it is not in nginx's own images, and nothing puts it there.
    Empty,
    /// That of another build, or one that a command fills.
    Unknown,
    /// Those of a volume.
    Mounted,
}

/// The directory that nginx's own images have by default: they are built with `/etc/nginx` for a prefix
/// (`nginxinc/docker-nginx:mainline/debian/Dockerfile`).
const DEFAULT_ROOT: &str = "/etc/nginx/html";

/// Whether a volume may hold files of the default directory: one that is mounted there or in it; or above, unless that is
/// a ConfigMap's, which makes no directory without being told to.
fn may_fill(workload: &Workload<'_>, container: &Container<'_>) -> bool {
    let flat: Vec<&str> = workload
        .mounts(container)
        .into_iter()
        .filter(|mount| mount.volume.get("items").is_none())
        .map(|mount| mount.path)
        .collect();
    workload.mounts_for(container, DEFAULT_ROOT).any(|at| {
        let below = at.trim_end_matches('/').starts_with(DEFAULT_ROOT);
        below || !flat.contains(&at)
    })
}

/// By which nginx closes a connection without a word.
const CLOSES: u16 = 444;

impl BadAnswer {
    /// Whether the connection is closed, and no status sent.
    pub fn closes(&self) -> bool {
        self.status == CLOSES
    }

    /// The status, in words: `with 404`.
    pub fn said(&self) -> String {
        match self.status {
            CLOSES => "by closing the connection".to_owned(),
            status => match self.because {
                Some(because) => format!("with {status}, as {because}"),
                None => format!("with {status}"),
            },
        }
    }
}

/// Why no health check by address is answered with 200, whatever it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unhealthy {
    /// The line that makes it so.
    pub at: NodeId,
    /// The location that is meant for health checks, if there is one.
    pub hidden: Option<NodeId>,
    /// How it is answered in its place.
    pub said: Option<String>,
}

impl<'s> Backend<'s> {
    /// What its health check asks with a BackendConfig, or without any. First comes what the port speaks and `/`, then a
    /// readiness probe, then the BackendConfig (kubernetes/ingress-gce:pkg/translator/healthchecks.go). `None` where it
    /// cannot be told, or asks otherwise than by HTTP.
    pub fn health_check(&self, config: Option<&BackendConfig<'s>>) -> Option<HealthCheck<'s>> {
        let field = |key: &str| {
            let config = config?;
            config.get(&["healthCheck", key]).map(|node| (node, config.0.at(node)))
        };
        let served = self.spoken()?;
        let spoken = match field("type") {
            Some((node, _)) => Spoken::named(node.as_str()?)?,
            None => served,
        };
        let port = field("port").and_then(|(node, place)| Some((node.as_int()?, place)));
        let own = field("requestPath").and_then(|(node, place)| Some((node.as_str()?, place)));
        let own = own.map(|(path, place)| (path, Some(place), AskedBy::Config));
        let probe = self.pods.http_probe(&self.port, served);
        let path = own.or_else(|| {
            let (object, get) = probe?;
            let path = get.get("path")?;
            Some((path.as_str()?, Some(object.at(path)), AskedBy::Readiness))
        });
        let (path, place, by) = path.unwrap_or(("/", None, AskedBy::Default));
        let port_place = port.map(|(_, place)| place);
        let port = port.map(|(port, _)| port).or(self.pods.port_number(&self.port));
        let host = probe.and_then(|(_, get)| probe_host(get));
        Some(HealthCheck { path, place, by, port, port_place, spoken, host })
    }

    /// What its health check asks as things are. `None` where the BackendConfig that its Service names is not among the
    /// files given, too.
    pub fn health_check_in_force(&self) -> Option<HealthCheck<'s>> {
        let given = !matches!(self.config, ConfigLink::NotGiven(_));
        self.health_check(self.backend_config()).filter(|_| given)
    }

    /// What it will ask once the BackendConfig applies that somebody meant for it; `None` where there is none such.
    pub fn health_check_meant(&self) -> Option<HealthCheck<'s>> {
        self.health_check(Some(self.meant.as_ref()?))
    }
}

/// The `Host` of a readiness probe, which the health check keeps.
fn probe_host(get: Node<'_>) -> Option<&str> {
    let headers = get.get("httpHeaders").into_iter().flat_map(Node::items);
    let mut hosts = headers.filter(|one| one.get("name").and_then(Node::as_str) == Some("Host"));
    hosts.next()?.get("value")?.as_str()
}

impl HealthCheck<'_> {
    /// What nginx by itself answers to it.
    pub fn answer_of(&self, site: &Site<'_>) -> Probed {
        let port = self.port.and_then(|port| u16::try_from(port).ok());
        port.map_or(Probed::Unknown, |port| self.answer_on(site, port))
    }

    /// The same on a port. TLS and plain HTTP do not understand each other; nginx answers both mistakes with 400.
    pub fn answer_on(&self, site: &Site<'_>, port: u16) -> Probed {
        let listens = site.config.on_port(port);
        let all = |tls: bool| !listens.is_empty() && listens.iter().all(|(_, one)| one.ssl == tls);
        if self.spoken.is_tls() && all(false) {
            return mistaken(listens, "it is asked by TLS and expects plain HTTP");
        }
        if !self.spoken.is_tls() && all(true) {
            let answers = |server| site.config.error_page(server, 497).is_some();
            if listens.iter().any(|(server, _)| answers(*server)) {
                return Probed::Unknown;
            }
            return mistaken(listens, "it is asked in plain HTTP and expects TLS");
        }
        match site.probe_by(&self.request(site, port)) {
            // Whether HTTP/2 is agreed on is up to more than these lines.
            Probed::Good if self.spoken == Spoken::Http2 => Probed::Unknown,
            answer => answer,
        }
    }

    /// The check as it comes to nginx.
    pub fn request(&self, site: &Site<'_>, port: u16) -> Request {
        let own = Site::health_request(port, self.path);
        let host = self.host.map_or(own.host.clone(), str::to_owned);
        Request { host, scheme: site.scheme_on(port).to_owned(), ..own }
    }
}

/// The answer to the wrong beginning of a connection.
fn mistaken(listens: &[(NodeId, Listen)], because: &'static str) -> Probed {
    let Some((server, listen)) = listens.first() else {
        return Probed::Unknown;
    };
    Probed::Bad(BadAnswer {
        server: *server,
        at: listen.node.unwrap_or(*server),
        status: 400,
        certain: true,
        because: Some(because),
    })
}

impl Site<'_> {
    /// Whether everything that listens in its container is in it.
    pub fn is_whole(&self) -> bool {
        let http = self.config.http();
        let open = http.and_then(|http| self.config.unread_in(http));
        let whole = match self.config.shape() {
            Shape::Full => true,
            Shape::Http => self.is_all_of_image(),
            _ => false,
        };
        whole && open.is_none()
    }

    /// Whether it is all that the `nginx.conf` of nginx's own images includes: the one file of a volume that takes the
    /// place of `conf.d`, or the `default.conf` in it.
    fn is_all_of_image(&self) -> bool {
        let mut containers = self.containers.iter();
        let name = self.root.object().map(|map| map.name);
        !self.containers.is_empty()
            && containers.all(|(workload, container)| {
                let below = workload.mounts_below(container, "/etc/nginx");
                let fills = |mount: &Mount<'_>| {
                    let takes_all = mount.sub_path.is_none() && mount.path == "/etc/nginx/conf.d";
                    let default = mount.sub_path.is_some() && mount.path == DEFAULT;
                    name == Some(mount.config_map) && (default || takes_all && self.is_alone(mount))
                };
                container.official_nginx().is_some()
                    && !container.runs_a_command()
                    && below == 1
                    && workload.mounts(container).iter().any(fills)
            })
    }

    /// Whether no other key of its ConfigMap is one that `conf.d/*.conf` includes.
    fn is_alone(&self, mount: &Mount<'_>) -> bool {
        let data = self.root.object().and_then(|map| map.node.get("data"));
        let keys = data.into_iter().flat_map(Node::entries).map(Entry::key);
        let read = keys.filter(|key| key.ends_with(".conf")).count() == 1;
        read && self.root.name().ends_with(".conf") && mount.volume.get("items").is_none()
    }

    /// A health check as it comes to nginx: by address.
    pub fn health_request(port: u16, path: &str) -> Request {
        Request {
            host: "10.8.1.17".to_owned(),
            remote_addr: FRONT_ENDS[0].to_owned(),
            headers: vec![("User-Agent".to_owned(), "GoogleHC/1.0".to_owned())],
            ..Request::get(port, path)
        }
    }

    /// What nginx by itself answers to a health check.
    pub fn probe(&self, port: u16, path: &str) -> Probed {
        self.probe_by(&Self::health_request(port, path))
    }

    /// The same for a request that is known.
    fn probe_by(&self, request: &Request) -> Probed {
        let path = request.target.split('?').next().unwrap_or_default();
        match self.config.route(request) {
            Ok(Some(route)) if route.selection.doubt.is_none() => self.probed(&route, path),
            _ => Probed::Unknown,
        }
    }

    /// Whether a location's `root` is a directory that is neither in nginx's own images nor mounted. Something may put
    /// it there all the same that is not among the files given, so that nothing is certain by it.
    fn has_no_files(&self, level: NodeId) -> bool {
        const IN_IMAGE: [&str; 3] = ["/usr/", "/etc/", "/var/"];
        let line = self.config.effective(level, "root").line();
        let Some(root) = line.map(|line| self.config.value(line)) else {
            return false;
        };
        let known = root.starts_with('/') && root != "/" && !root.contains('$');
        let own = IN_IMAGE.iter().any(|start| root.starts_with(start));
        known
            && !own
            && !self.containers.is_empty()
            && self.containers.iter().all(|(workload, container)| {
                container.official_nginx().is_some() && !workload.has_mount_for(container, root)
            })
    }

    /// What the directory holds that nginx has where no `root` is written, `html` below its prefix.
    fn default_root(&self) -> DefaultRoot {
        let one = |(workload, container): &(Workload<'_>, Container<'_>)| {
            if may_fill(workload, container) {
                return DefaultRoot::Mounted;
            }
            let hook = container.0.at(&["lifecycle", "postStart"]).is_some();
            let plain = container.official_nginx().is_some() && !container.runs_a_command();
            if plain && !hook { DefaultRoot::Empty } else { DefaultRoot::Unknown }
        };
        self.containers.iter().map(one).max().unwrap_or(DefaultRoot::Unknown)
    }

    fn probed(&self, route: &Route<'_>, path: &str) -> Probed {
        let server = route.server.server;
        let location = route.selection.location();
        let level = location.unwrap_or(server);
        let bad = |at: Option<NodeId>, status| {
            Probed::Bad(BadAnswer {
                server,
                at: at.unwrap_or(server),
                status,
                certain: true,
                because: None,
            })
        };
        match &route.outcome {
            Outcome::Returned(returned) => match returned.code {
                200 => Probed::Good,
                code => bad(Some(returned.at), code),
            },
            Outcome::SlashAdded(_) => bad(location, 301),
            Outcome::Circle => bad(location, 500),
            Outcome::Internal => bad(location, 404),
            Outcome::Location => match self.kept_out(level) {
                // Another page may come in the place of the status, and with another one.
                Some((_, status)) if self.config.error_page(level, status).is_some() => {
                    Probed::Unknown
                }
                Some((at, status)) => bad(Some(at), status),
                None => self.answered_by_files(server, location, path),
            },
        }
    }

    /// The line that keeps every health check out of a level, and the status that it gets.
    fn kept_out(&self, level: NodeId) -> Option<(NodeId, u16)> {
        let denied = self.keeps_front_ends_out(level).map(|line| (line, 403));
        denied.or_else(|| self.config.asks_for_password(level).map(|line| (line, 401)))
    }

    /// The line that keeps Google's front ends out of a level, from wherever they ask.
    fn keeps_front_ends_out(&self, level: NodeId) -> Option<NodeId> {
        let mut by = FRONT_ENDS.iter().map(|one| self.config.keeps_out(level, one.parse().ok()?));
        let first = by.next()??;
        by.all(|line| line.is_some()).then_some(first)
    }

    /// The line that keeps a request out, where all that nginx knows of its client is the address of Google's front end.
    pub fn keeps_sender_out(&self, level: NodeId, scene: &Scene<'_>) -> Option<NodeId> {
        let sender = scene.request.remote_addr.as_str();
        let seen = self.config.value_at("$remote_addr", scene);
        let settled = self.config.effective(level, "set_real_ip_from").doubt.is_none();
        let known = FRONT_ENDS.contains(&sender) && seen.is_ok_and(|address| address == sender);
        self.keeps_front_ends_out(level).filter(|_| settled && known)
    }

    /// What files come to, as far as that can be told without seeing them.
    fn answered_by_files(&self, server: NodeId, location: Option<NodeId>, path: &str) -> Probed {
        let level = location.unwrap_or(server);
        let (nothing, unlikely) = (self.has_no_files(level), names_no_file(path));
        let bad = |at: Option<NodeId>, status, certain| {
            let at = at.unwrap_or(level);
            Probed::Bad(BadAnswer { server, at, status, certain, because: None })
        };
        match self.config.answer(level) {
            Answer::StubStatus { .. } => Probed::Good,
            Answer::TryFiles { at, fallback } => match status_of(fallback) {
                Some(status) if status != 200 && (nothing || unlikely) => {
                    bad(Some(at), status, false)
                }
                // The fallback is not there either, and leads back to itself.
                None if nothing
                    && fallback.starts_with('/')
                    && self.location_for(server, fallback) == location =>
                {
                    bad(Some(at), 500, false)
                }
                _ => Probed::Unknown,
            },
            Answer::Files { at: None } if self.is_whole() => match self.default_root() {
                DefaultRoot::Empty => bad(None, 404, true),
                // Nothing is said of a container, and nobody has such a file by chance.
                DefaultRoot::Unknown if unlikely => bad(None, 404, self.containers.is_empty()),
                DefaultRoot::Unknown | DefaultRoot::Mounted => Probed::Unknown,
            },
            Answer::Files { at: Some(at) } if nothing => bad(Some(at), 404, false),
            Answer::Files { at: Some(_) } if unlikely => bad(None, 404, false),
            _ => Probed::Unknown,
        }
    }

    /// What can be said of health checks by address where nobody says what they ask for: a location that is meant
    /// for them is on another server, or nothing on the default server answers with 200 by itself.
    pub fn unhealthy_by_address(&self) -> Option<Unhealthy> {
        let config = &self.config;
        let server = self.sessions.first().filter(|_| self.is_whole())?.server;
        let port = config.listens(server).iter().find_map(|listen| listen.port)?;
        let default = config.default_server(port)?.server;
        let meant = config.walk().find(|node| self.is_meant_for_health(*node));
        let Some(meant) = meant else {
            let at = self.answers_nothing(default).then_some(default)?;
            return Some(Unhealthy { at, hidden: None, said: None });
        };
        match self.probe(port, config.location(meant)?.path) {
            Probed::Bad(bad) => {
                Some(Unhealthy { at: bad.at, hidden: Some(meant), said: Some(bad.said()) })
            }
            _ => None,
        }
    }

    fn is_meant_for_health(&self, node: NodeId) -> bool {
        const WORDS: [&str; 5] = ["health", "ready", "live", "ping", "status"];
        let location = self.config.location(node);
        let location = location.filter(|_| self.config.name(node) == "location");
        let answers =
            matches!(self.config.answer(node), Answer::Return { .. } | Answer::StubStatus { .. });
        location.filter(|_| answers).is_some_and(|location| {
            let path = location.path.to_ascii_lowercase();
            let plain = matches!(location.kind, Kind::Exact | Kind::Prefix | Kind::PrefixFinal);
            plain && WORDS.iter().any(|word| path.contains(word))
        })
    }

    /// Whether no location of a server answers by itself with 200, no file can, and the app is not asked for all.
    fn answers_nothing(&self, server: NodeId) -> bool {
        let refuses = |level: NodeId| match self.config.answer(level) {
            Answer::Return { code, .. } => code != 200,
            Answer::Pass { .. } => true,
            Answer::Files { at } => at.is_none(),
            _ => false,
        };
        let mut locations = self.config.locations(server).into_iter();
        refuses(server) && locations.all(|one| one.path != "/" && refuses(one.node))
    }
}

/// The status that the last word of `try_files` answers with.
fn status_of(fallback: &str) -> Option<u16> {
    fallback.strip_prefix('=')?.parse().ok()
}

/// Whether a path is one that hardly a file has: `/health`, but not `/` or `/index.html`.
fn names_no_file(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    !last.is_empty() && !last.contains('.')
}
