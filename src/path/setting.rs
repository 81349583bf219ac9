//! What holds for session traffic at a location, and how certain that is.

use super::request::SessionRequest;
use super::sender::Sender;
use super::site::{ASSUMED, Site, SiteLocation};
use crate::nginx::{
    Kind, MappedUri, NodeId, Outcome, ProxyPass, ROOT, Request, Scene, Shape, Upstream, Version,
    default_of, units, variables,
};

/// What holds for a directive at a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// This line.
    Written(NodeId),
    /// Nothing is written, so nginx's default. Of a file for `conf.d` this takes for granted that it is included
    /// by the `nginx.conf` of nginx's own images, which sets little.
    Default,
    /// Nobody can tell.
    Unknown,
}

/// What the `nginx.conf` of nginx's own images sets in `http` (`nginxinc/docker-nginx:mainline/debian`).
const IMAGE: [(&str, &str); 3] =
    [("default_type", "application/octet-stream"), ("keepalive_timeout", "65"), ("sendfile", "on")];

/// What the `nginx.conf` of nginx's own images says of a directive.
fn set_by_image(name: &str) -> Option<&'static str> {
    let mut lines = IMAGE.iter();
    lines.find(|(one, _)| *one == name).map(|(_, value)| *value)
}

impl SiteLocation<'_> {
    /// Whether requests of one session may come one by one.
    pub fn polls(&self) -> bool {
        self.is_socketio() && self.numbers.polling
    }
}

impl<'s> Site<'s> {
    /// Whether it is a part of a configuration, and another file may say more.
    pub fn is_part(&self) -> bool {
        self.config.shape() != Shape::Full
    }

    /// The version of its image, as far as the tag says it; [`ASSUMED`] otherwise.
    pub fn version(&self) -> Version {
        let images = self.containers.iter().map(|(_, one)| one.image());
        images.filter_map(version_of).min().unwrap_or(ASSUMED)
    }

    /// The location that answers, and where it sends to.
    pub fn pass_of(&self, session: &SiteLocation<'s>) -> Option<(NodeId, ProxyPass)> {
        let location = session.location?;
        Some((location, self.config.proxy_pass(location)?))
    }

    /// The upstream behind a `proxy_pass`, if more than one of its servers is in use.
    pub fn several_servers(&self, pass: &ProxyPass) -> Option<Upstream<'s>> {
        let upstream = self.config.upstream(pass.upstream?);
        let used = upstream.peers.iter().filter(|peer| !peer.down && !peer.backup);
        (upstream.unread.is_none() && used.count() > 1).then_some(upstream)
    }

    /// The lines of a file for `conf.d` that the `nginx.conf` of nginx's own images has said already, in the same
    /// block.
    pub fn said_by_image(&self) -> Vec<NodeId> {
        let official = self.containers.iter().any(|(_, one)| one.official_nginx().is_some());
        if self.config.shape() != Shape::Http || !official {
            return Vec::new();
        }
        let lines = self.config.children(ROOT).iter().copied();
        lines.filter(|line| set_by_image(self.config.name(*line)).is_some()).collect()
    }

    /// What holds for a directive.
    pub fn setting(&self, level: NodeId, name: &str) -> Setting {
        let effective = self.config.effective(level, name);
        let outer = matches!(self.config.shape(), Shape::Full | Shape::Http);
        match (effective.line(), &effective.doubt) {
            (Some(line), None) => Setting::Written(line),
            (None, None) => Setting::Default,
            (None, Some(doubt)) if doubt.at.is_none() && outer => Setting::Default,
            _ => Setting::Unknown,
        }
    }

    /// A time in milliseconds, and its line if it is written.
    pub fn time(&self, level: NodeId, name: &str) -> Option<(u64, Option<NodeId>)> {
        self.number(level, name, units::milliseconds)
    }

    /// A size in bytes, and its line if it is written.
    pub fn size(&self, level: NodeId, name: &str) -> Option<(u64, Option<NodeId>)> {
        self.number(level, name, units::bytes)
    }

    fn number(
        &self,
        level: NodeId,
        name: &str,
        read: fn(&str) -> Option<u64>,
    ) -> Option<(u64, Option<NodeId>)> {
        match self.setting(level, name) {
            Setting::Written(line) => Some((read(self.config.value(line))?, Some(line))),
            Setting::Default => {
                let image = set_by_image(name).filter(|_| self.config.shape() == Shape::Http);
                let default = image.or(Some(default_of(name)?.in_version(self.version())))?;
                Some((read(default)?, None))
            }
            Setting::Unknown => None,
        }
    }

    /// The URI that the Socket.IO server gets for a handshake, and the `proxy_pass` that makes it so.
    pub fn sent_for(
        &self,
        session: &SiteLocation<'s>,
        sender: Sender,
    ) -> Option<(ProxyPass, String)> {
        let request = self.request_of(session, sender, SessionRequest::Handshake);
        let route = self.config.route(&request).ok()??;
        let certain = route.server.server == session.server
            && route.outcome == Outcome::Location
            && route.selection.doubt.is_none();
        let location = route.scene.location.filter(|_| certain)?;
        match self.config.map_uri(location, &route.scene).ok()? {
            MappedUri::Sent(uri) => Some((self.config.proxy_pass(location)?, uri)),
            MappedUri::Refused => None,
        }
    }

    /// What a header comes to in a request for a WebSocket; `None` where that cannot be told.
    pub fn for_websocket(
        &self,
        session: &SiteLocation<'s>,
        sender: Sender,
        template: &str,
    ) -> Option<String> {
        let request = self.request_of(session, sender, SessionRequest::WebSocket);
        let route = self.config.route(&request).ok()??;
        let same = route.server.server == session.server && route.scene.location.is_some();
        let known = same && route.scene.location == session.location;
        self.value_for_upgrade(template, &route.scene).filter(|_| known)
    }

    /// What a header that concerns the upgrade comes to: those of a client are known, and another that it might send
    /// does not come into this.
    pub fn value_for_upgrade(&self, template: &str, scene: &Scene<'_>) -> Option<String> {
        let request = Request { open: false, ..scene.request.clone() };
        let scene = scene.with(&request);
        let value = self.config.value_at(template, &scene).ok();
        value.filter(|_| !self.asks_a_proxy(template))
    }

    /// Whether a value rests on a header that a proxy before this one may set, by itself or by a `map`.
    fn asks_a_proxy(&self, template: &str) -> bool {
        let foreign = |text: &str| variables(text).iter().any(|one| one.starts_with("http_x_"));
        let map = |name: &str| {
            self.config.map_of(name).is_some_and(|map| foreign(self.config.value(map)))
        };
        foreign(template) || variables(template).into_iter().any(map)
    }

    /// Whether a location takes one path only.
    pub fn is_exact(&self, location: NodeId) -> bool {
        self.config.location(location).is_some_and(|one| one.kind == Kind::Exact)
    }

    /// Whether a path of a server is passed on.
    pub fn passes(&self, server: NodeId, path: &str) -> bool {
        let location = self.location_for(server, path);
        location.is_some_and(|location| self.config.pass(location).is_some())
    }
}

/// The version in the tag of an image: `nginx:1.27-alpine`. A part that is left out is the newest there is.
fn version_of(image: &str) -> Option<Version> {
    let (name, tag) = image.split('@').next()?.rsplit_once(':')?;
    let name = name.rsplit('/').next()?;
    if !matches!(name, "nginx" | "nginx-unprivileged") {
        return None;
    }
    let mut numbers = tag.split('-').next()?.split('.').map(str::parse::<u16>);
    let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    let patch = numbers.next().map_or(Ok(u16::MAX), |patch| patch).ok()?;
    Some(Version(major, minor, patch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_says_the_version() {
        for (image, expected) in [
            ("nginx:1.27.3-alpine", Some(Version(1, 27, 3))),
            ("docker.io/nginxinc/nginx-unprivileged:1.29", Some(Version(1, 29, u16::MAX))),
            ("nginx:latest", None),
            ("nginx", None),
            ("registry:5000/nginx", None),
            ("ingress-nginx:1.9.4", None),
        ] {
            assert_eq!(version_of(image), expected, "{image}");
        }
    }
}
