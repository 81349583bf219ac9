//! The nginx of an app: where its sessions come in, where they go out, and in whose pod that happens.

use super::app::App;
use super::own_words;
use crate::kube::Object;
use crate::nginx::{Kind, NodeId};
use crate::path::{Site, SiteLocation};
use crate::set::{Origin, nearness};
use crate::spec::Placement;

/// The nginx of an app.
#[derive(Debug)]
pub(super) struct Proxy<'m, 's> {
    /// Its configuration.
    pub(super) site: &'m Site<'s>,
    /// The server that sessions come to.
    pub(super) server: NodeId,
    /// The location that answers them.
    pub(super) location: NodeId,
    /// The path that browsers ask for.
    pub(super) path: String,
    /// Whether something says that this is Socket.IO's path.
    pub(super) is_known: bool,
    /// The port in the app's pods.
    pub(super) port: u16,
    /// The port that nginx listens on.
    pub(super) listen: u16,
    /// Beside the app, or a gateway.
    pub(super) placement: Placement,
    /// The app's pods behind a gateway.
    pub(super) behind: Option<Behind>,
}

/// The pods behind a gateway of sioway's shape: `chat-0.chat-pods.talk.svc.cluster.local`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Behind {
    /// The StatefulSet.
    pub(super) workload: String,
    /// The headless Service.
    pub(super) pods_service: String,
    /// How many pods there are.
    pub(super) replicas: usize,
}

/// A location that may be the one of sessions, and the path into it.
struct Entrance {
    server: NodeId,
    location: NodeId,
    path: String,
    is_known: bool,
}

impl<'m, 's> Proxy<'m, 's> {
    /// The nginx that an app's Service leads to; `None` where there is none, or none that sioway could render.
    pub(super) fn of(app: &App<'m, 's>, path: Option<&str>) -> Option<Self> {
        let wanted = app.session.pods.port_number(&app.session.port);
        let wanted = wanted.and_then(|port| u16::try_from(port).ok())?;
        let sites = candidates(app, wanted);
        sites.into_iter().find_map(|site| Self::in_site(app, site, wanted, path))
    }

    fn in_site(
        app: &App<'m, 's>,
        site: &'m Site<'s>,
        wanted: u16,
        path: Option<&str>,
    ) -> Option<Self> {
        let entrance = entrance(site, wanted, path)?;
        let targets = site.targets(entrance.location);
        let port = targets.first()?.1?;
        let is_local = |host: &str| matches!(host, "127.0.0.1" | "localhost" | "[::1]");
        let behind = Behind::of(&targets);
        let placement = if targets.iter().all(|(host, _)| is_local(host)) {
            Placement::Sidecar
        } else {
            behind.as_ref().filter(|it| it.is_of(app))?;
            Placement::Gateway
        };
        let listens = site.config.listens(entrance.server);
        let same = listens.iter().find(|listen| listen.port == Some(wanted)).or(listens.first());
        Some(Self {
            site,
            server: entrance.server,
            location: entrance.location,
            path: entrance.path,
            is_known: entrance.is_known,
            port,
            listen: same.and_then(|listen| listen.port).unwrap_or(80),
            placement,
            behind,
        })
    }

    /// The ConfigMap of its configuration.
    pub(super) fn config_map(&self) -> Option<Object<'s>> {
        self.site.root.object().copied()
    }

    /// What the location adds to, or takes from, the path on the way to the server: the path as the server mounts it.
    pub(super) fn server_path(&self) -> Option<String> {
        let config = &self.site.config;
        let pass = config.proxy_pass(self.location)?;
        let location = config.location(self.location)?;
        let uri = pass.uri.filter(|_| matches!(location.kind, Kind::Prefix | Kind::PrefixFinal))?;
        let rest = self.path.strip_prefix(location.path)?;
        Some(format!("{uri}{rest}"))
    }

    /// A part of its text: that of a directive with its block.
    pub(super) fn text_of(&self, node: NodeId) -> &'s str {
        let text = self.site.text_of(node).text();
        let span = self.site.config.directive(node).span;
        &text[span.start..span.end]
    }

    /// Whether it is a gateway.
    pub(super) fn is_gateway(&self) -> bool {
        self.placement == Placement::Gateway
    }
}

/// The sites that may be an app's: those in its pods; where no pods are given, those that listen where its Service
/// sends to, the one whose name is nearest first.
fn candidates<'m, 's>(app: &App<'m, 's>, port: u16) -> Vec<&'m Site<'s>> {
    let model = app.model;
    let mut inside: Vec<&Site<'s>> =
        app.session.sites.iter().map(|index| &model.sites[*index]).collect();
    if !inside.is_empty() {
        inside.sort_by_key(|site| site.sessions.is_empty());
        return inside;
    }
    if app.workload().is_some() {
        return Vec::new();
    }
    let service = &app.service.0;
    let fits = |site: &&Site<'s>| {
        let near = match &site.root.origin {
            Origin::ConfigMap { object, .. } => object.shares_namespace_with(service),
            Origin::File(_) => true,
        };
        site.containers.is_empty() && near && !site.config.on_port(port).is_empty()
    };
    let mut found: Vec<&Site<'s>> = model.sites.iter().filter(fits).collect();
    let likeness = |site: &Site<'s>| {
        let name = site.root.object().map_or("", |object| object.name);
        let shared =
            name.bytes().zip(service.name.bytes()).take_while(|(one, other)| one == other).count();
        (shared, nearness(site.root.file().name, service.file.name))
    };
    found.sort_by_key(|site| std::cmp::Reverse(likeness(site)));
    found
}

fn entrance(site: &Site<'_>, port: u16, path: Option<&str>) -> Option<Entrance> {
    if let Some(path) = path {
        let server = site.config.default_server(port)?.server;
        return Some(Entrance {
            server,
            location: site.location_for(server, path)?,
            path: path.to_owned(),
            is_known: true,
        });
    }
    let mut sessions: Vec<&SiteLocation<'_>> =
        site.sessions.iter().filter(|one| one.location.is_some()).collect();
    sessions.sort_by_key(|one| {
        let unbuffered = one.location.is_some_and(|node| is_unbuffered(site, node));
        (!one.is_socketio(), !unbuffered, one.path.len())
    });
    let Some(session) = sessions.first() else {
        let server = site.config.default_server(port)?.server;
        return Some(Entrance {
            server,
            location: site.location_for(server, "/socket.io/")?,
            path: "/socket.io/".to_owned(),
            is_known: false,
        });
    };
    let location = session.location?;
    Some(Entrance {
        server: session.server,
        location,
        path: browser_path(site, session, location),
        is_known: session.is_socketio(),
    })
}

/// The path that browsers ask for. A location that is for nothing else is the path itself; in another one Socket.IO
/// has its usual name.
fn browser_path(site: &Site<'_>, session: &SiteLocation<'_>, node: NodeId) -> String {
    if let Some(path) = &session.mark.path {
        return path.clone();
    }
    let config = &site.config;
    let Some(location) = config.location(node) else {
        return session.path.clone();
    };
    let named = location.path.to_ascii_lowercase().contains("socket.io");
    let at = config.directive(node).span.start;
    let ours = own_words::is_session_location(site.text_of(node).text(), at);
    let keeps_prefix = config.proxy_pass(node).is_some_and(|pass| pass.uri.as_deref() != Some("/"));
    let alone = location.kind == Kind::PrefixFinal && is_unbuffered(site, node) && keeps_prefix;
    if !named && (ours || alone) && location.path.ends_with('/') {
        location.path.to_owned()
    } else {
        session.path.clone()
    }
}

fn is_unbuffered(site: &Site<'_>, node: NodeId) -> bool {
    let mut own = site.config.named(node, "proxy_buffering");
    own.any(|one| site.config.value(one) == "off")
}

impl Behind {
    fn of(targets: &[(String, Option<u16>)]) -> Option<Self> {
        let mut found: Option<Self> = None;
        for (host, _) in targets {
            let mut parts = host.split('.');
            let (workload, number) = parts.next()?.rsplit_once('-')?;
            number.parse::<u32>().ok()?;
            let pods_service = parts.next()?;
            let one = found.get_or_insert_with(|| Self {
                workload: workload.to_owned(),
                pods_service: pods_service.to_owned(),
                replicas: 0,
            });
            if one.workload != workload || one.pods_service != pods_service {
                return None;
            }
            one.replicas += 1;
        }
        found.filter(|one| one.pods_service.ends_with("-pods"))
    }

    /// Whether sioway would give the gateway in front of them the names that it has.
    fn is_of(&self, app: &App<'_, '_>) -> bool {
        let gateway = format!("{}-nginx", self.workload);
        self.pods_service == format!("{}-pods", app.service.0.name)
            && app.workload().is_none_or(|one| one.0.name == gateway)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_behind_a_gateway_are_told_by_their_names() {
        let target = |host: &str| (host.to_owned(), Some(3000));
        let pods = [
            target("chat-0.chat-pods.talk.svc.cluster.local"),
            target("chat-1.chat-pods.talk.svc.cluster.local"),
        ];
        let behind = Behind::of(&pods).unwrap();
        assert_eq!(
            (&*behind.workload, &*behind.pods_service, behind.replicas),
            ("chat", "chat-pods", 2)
        );
        for other in ["chat.talk.svc", "chat-0.chat.talk", "10.0.0.1"] {
            assert_eq!(Behind::of(&[target(other)]), None, "{other}");
        }
    }
}
