//! An nginx, put together from the files that a container mounts, or from what was given alone.

use std::sync::OnceLock;

use super::backend::SiteNews;
use super::evidence::{Carries, Evidence};
use super::front::Front;
use super::session::Numbers;
use crate::kube::{Container, Object, Workload};
use crate::nginx::{Config, Doubt, NodeId, Shape, Version};
use crate::set::{Mark, NginxText, Origin, Place, Set};

/// The version that is assumed: the newest whose defaults are the strictest. Images are pinned far behind.
pub const ASSUMED: Version = Version(1, 28, 0);

/// One nginx.
#[derive(Debug)]
pub struct Site<'s> {
    /// Its configuration. A `FileId` of it counts the configurations of the set.
    pub config: Config<'s>,
    /// The configuration that the others are included from.
    pub root: &'s NginxText<'s>,
    /// The containers that mount it, where they were given.
    pub containers: Vec<(Workload<'s>, Container<'s>)>,
    /// Where session traffic goes through it.
    pub sessions: Vec<SiteLocation<'s>>,
    pub(super) set: &'s Set<'s>,
    /// Its place among the sites of the model.
    pub(super) index: usize,
    /// What stands before it, once somebody asked.
    pub(super) front: OnceLock<Option<Front>>,
}

/// Session traffic through a location.
#[derive(Debug, Clone)]
pub struct SiteLocation<'s> {
    /// The server.
    pub server: NodeId,
    /// The location that answers the Socket.IO path; `None` if the server itself does, or if nobody can tell.
    pub location: Option<NodeId>,
    /// The location that is meant for it, where another one answers.
    pub meant: Option<NodeId>,
    /// The path that browsers ask for.
    pub path: String,
    /// Why it is taken for session traffic, the best first.
    pub evidence: Vec<Evidence>,
    /// What the server is set to, as far as somebody says it.
    pub numbers: Numbers,
    /// What a mark or an app.toml says.
    pub mark: Mark,
    /// The objects that stand for it in messages: the ConfigMap, if it is in one.
    pub object: Option<Object<'s>>,
}

impl SiteLocation<'_> {
    /// Whether Socket.IO goes through it, and not just WebSockets of some kind.
    pub fn is_socketio(&self) -> bool {
        self.evidence.iter().any(|one| one.carries == Carries::SocketIo)
    }
}

impl<'s> Site<'s> {
    /// The text that a directive is in.
    pub fn text_of(&self, node: NodeId) -> &'s NginxText<'s> {
        &self.set.nginx[self.config.file(node).0]
    }

    /// Where a directive is: its name and its arguments.
    pub fn place(&self, node: NodeId) -> Place {
        self.text_of(node).place(self.config.place(node).span)
    }

    /// Where the value of a directive is.
    pub fn value_place(&self, node: NodeId) -> Place {
        let directive = self.config.directive(node);
        let span = directive.value_span().unwrap_or(directive.name.span);
        self.text_of(node).place(span)
    }

    /// A directive by its blocks: `http.server.location[/socket.io/].proxy_read_timeout`.
    pub fn path_of(&self, node: NodeId) -> String {
        let mut parts: Vec<String> =
            self.config.levels(node).map(|level| self.part(level)).collect();
        parts.retain(|part| !part.is_empty());
        parts.reverse();
        let inner = parts.join(".");
        match &self.text_of(node).origin {
            Origin::File(_) => inner,
            Origin::ConfigMap { entry, .. } => format!("data[\"{}\"].{inner}", entry.key()),
        }
    }

    fn part(&self, level: NodeId) -> String {
        let name = self.config.name(level);
        let arguments: Vec<&str> = self.config.arguments(level).collect();
        let block = self.config.directive(level).block.is_some();
        if block && !arguments.is_empty() {
            format!("{name}[{}]", arguments.join(" "))
        } else {
            name.to_owned()
        }
    }

    /// Whether a doubt is one that matters. What stands around a fragment of `conf.d` is the image's own nginx.conf:
    /// that of the stock images sets no header, no limit and no timeout of a proxy
    /// (nginx/docker-nginx-unprivileged:mainline/alpine/nginx.conf is the distribution's).
    pub fn is_in_doubt(&self, doubt: Option<&Doubt>) -> bool {
        doubt.is_some_and(|doubt| doubt.at.is_some() || self.config.shape() != Shape::Http)
    }

    /// The location that answers a path, and whether something could not be told.
    pub fn location_for(&self, server: NodeId, path: &str) -> Option<NodeId> {
        let uri = crate::nginx::normalise(path, true).ok()?;
        self.config.select(server, &uri).ok()?.location()
    }

    /// The hosts and ports that a location may send to; none if a variable decides.
    pub fn targets(&self, location: NodeId) -> Vec<(String, Option<u16>)> {
        let Some(pass) = self.config.proxy_pass(location).filter(|pass| !pass.has_variables())
        else {
            return Vec::new();
        };
        match self.config.upstream_named(&pass.host) {
            Some(upstream) => {
                let peers = upstream.peers.iter();
                peers.map(|peer| (peer.address.to_owned(), peer.port)).collect()
            }
            None => vec![(pass.host, pass.port)],
        }
    }

    /// Takes in what a backend says of sessions, for the server that answers its host.
    pub(super) fn hear(&mut self, news: SiteNews) {
        let port = news.port.and_then(|port| u16::try_from(port).ok());
        let host = news.host.as_deref().unwrap_or_default();
        let chosen = port.and_then(|port| self.config.server_for(port, host).ok().flatten());
        if let Some(chosen) = chosen {
            self.add_session(chosen.server, &news.path, news.evidence, news.numbers);
        }
    }

    /// Adds session traffic that another file speaks of, to a server.
    fn add_session(&mut self, server: NodeId, path: &str, evidence: Evidence, numbers: Numbers) {
        if let Some(known) =
            self.sessions.iter_mut().find(|one| one.server == server && one.path == path)
        {
            known.numbers = numbers;
            known.evidence.push(evidence);
            known.evidence.sort_by_key(|one| std::cmp::Reverse(one.carries));
            return;
        }
        let location = self.location_for(server, path);
        self.sessions.push(SiteLocation {
            server,
            location,
            meant: None,
            path: path.to_owned(),
            mark: evidence.mark.clone(),
            evidence: vec![evidence],
            numbers,
            object: self.root.object().copied(),
        });
    }
}
