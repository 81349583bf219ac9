//! What Google's health check asks, and what nginx answers to it.

use super::{Backend, ConfigLink, Site};
use crate::kube::{Mount, TargetPort};
use crate::manifest::{Entry, Node};
use crate::nginx::{Answer, Kind, NodeId, Outcome, Request, Route, Shape};
use crate::set::Place;

/// The one server of nginx's own images.
const DEFAULT: &str = "/etc/nginx/conf.d/default.conf";

/// What the health check of a backend asks.
#[derive(Debug, Clone, Copy)]
pub struct HealthCheck<'s> {
    /// The path.
    pub path: &'s str,
    /// The port of the pod.
    pub port: u16,
    /// Where the path comes from; `None` for the default.
    pub place: Option<Place>,
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
    /// The status, in words: `with 404`.
    pub said: String,
    /// Whether it is certain: a file of that name could be there.
    pub certain: bool,
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
    /// What its health check asks: the path of the BackendConfig, of a readiness probe on the same port, or `/`
    /// (kubernetes/ingress-gce:pkg/translator/healthchecks.go). `None` where that cannot be told.
    pub fn health_check(&self) -> Option<HealthCheck<'s>> {
        if matches!(self.config, ConfigLink::NotGiven(_)) {
            return None;
        }
        let config = self.judged_config();
        let field = |key: &str| config.and_then(|config| config.get(&["healthCheck", key]));
        let kind = field("type").and_then(Node::as_str).unwrap_or("HTTP");
        let served = self.pods.port_number(&self.port)?;
        let port = field("port").and_then(Node::as_int).unwrap_or(served);
        let own = field("requestPath").zip(config);
        let own = own.and_then(|(node, config)| Some((node.as_str()?, config.0.at(node))));
        let (path, place) = match own.or_else(|| self.readiness_path(served)) {
            Some((path, place)) => (path, Some(place)),
            None => ("/", None),
        };
        let port = u16::try_from(port).ok().filter(|_| kind == "HTTP")?;
        Some(HealthCheck { path, port, place })
    }

    fn readiness_path(&self, served: i64) -> Option<(&'s str, Place)> {
        let mut found = self.pods.workloads.iter().flat_map(|workload| {
            let containers = workload.containers().into_iter();
            let paths = containers.filter_map(move |container| {
                let get = container.0.at(&["readinessProbe", "httpGet"])?;
                // A probe by HTTPS is not taken for a port of HTTP.
                let scheme = get.get("scheme").and_then(Node::as_str);
                scheme.is_none_or(|scheme| scheme == "HTTP").then_some(())?;
                let port = get.get("port")?;
                let target = match port.as_int() {
                    Some(number) => TargetPort::Number(number),
                    None => TargetPort::Name(port.as_str()?),
                };
                let path = get.get("path")?;
                let same = workload.port_number(target) == Some(served);
                same.then_some((path.as_str()?, workload.0.at(path)))
            });
            paths.collect::<Vec<_>>()
        });
        found.next()
    }
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

    /// What nginx by itself answers to a health check, which comes by address.
    pub fn probe(&self, port: u16, path: &str) -> Probed {
        let request = Request {
            host: "10.0.0.1".to_owned(),
            remote_addr: "35.191.0.1".to_owned(),
            headers: vec![("User-Agent".to_owned(), "GoogleHC/1.0".to_owned())],
            ..Request::get(port, path)
        };
        match self.config.route(&request) {
            Ok(Some(route)) if route.selection.doubt.is_none() => self.probed(&route, path),
            _ => Probed::Unknown,
        }
    }

    /// Whether a location's `root` is a directory that is neither in nginx's own images nor mounted.
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

    fn probed(&self, route: &Route<'_>, path: &str) -> Probed {
        let server = route.server.server;
        let location = route.selection.location();
        let bad = |at: Option<NodeId>, said: &str| {
            Probed::Bad(BadAnswer {
                server,
                at: at.unwrap_or(server),
                said: said.to_owned(),
                certain: true,
            })
        };
        match &route.outcome {
            Outcome::Returned(returned) => match returned.code {
                200 => Probed::Good,
                444 => bad(Some(returned.at), "by closing the connection"),
                code => bad(Some(returned.at), &format!("with {code}")),
            },
            Outcome::SlashAdded(_) => bad(location, "with 301"),
            Outcome::Circle => bad(location, "with 500"),
            Outcome::Internal => bad(location, "with 404"),
            Outcome::Location => self.answered_by_files(server, location, path),
        }
    }

    /// What files come to, as far as that can be told without seeing them.
    fn answered_by_files(&self, server: NodeId, location: Option<NodeId>, path: &str) -> Probed {
        let level = location.unwrap_or(server);
        let (nothing, unlikely) = (self.has_no_files(level), names_no_file(path));
        let bad = |at: Option<NodeId>, said: String, certain| {
            let at = at.unwrap_or(level);
            Probed::Bad(BadAnswer { server, at, said, certain })
        };
        let not_found = "with 404".to_owned();
        match self.config.answer(level) {
            Answer::StubStatus { .. } => Probed::Good,
            Answer::TryFiles { at, fallback } => match fallback.strip_prefix('=') {
                Some(code) if code != "200" && (nothing || unlikely) => {
                    bad(Some(at), format!("with {code}"), nothing)
                }
                // The fallback is not there either, and leads back to itself.
                None if nothing
                    && fallback.starts_with('/')
                    && self.location_for(server, fallback) == location =>
                {
                    bad(Some(at), "with 500".to_owned(), true)
                }
                _ => Probed::Unknown,
            },
            // The directory that nginx has by default is not in its images.
            Answer::Files { at: None } if self.is_whole() => bad(None, not_found, true),
            Answer::Files { at: Some(at) } if nothing => bad(Some(at), not_found, true),
            Answer::Files { at: Some(_) } if unlikely => bad(None, not_found, false),
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
                Some(Unhealthy { at: bad.at, hidden: Some(meant), said: Some(bad.said) })
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

/// Whether a path is one that hardly a file has: `/health`, but not `/` or `/index.html`.
fn names_no_file(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    !last.is_empty() && !last.contains('.')
}
