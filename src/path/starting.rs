//! Whether an nginx starts, and takes what the Service sends it.

use std::collections::HashSet;

use memchr::memmem;

use super::{Backend, Site};
use crate::manifest::json;
use crate::nginx::{Listen, NodeId, Violation, variables, violations};
use crate::set::Place;

/// The variable without which many configurations that were copied do not start: nginx's own page on WebSockets has
/// the `map` for it.
pub const UNDEFINED: &str = "connection_upgrade";

/// Why nothing that a Service sends to a port is answered as it should be, although nginx listens there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// It listens on the loopback of the pod alone.
    Loopback,
    /// It waits for the PROXY protocol, which the load balancer does not speak.
    ProxyProtocol,
    /// It expects TLS, and the load balancer speaks plain HTTP.
    Tls,
    /// The load balancer speaks TLS, and it expects plain HTTP.
    Plain,
}

impl Site<'_> {
    /// `https` on a port where it wants TLS, else `http`: what the connection is, whatever the client's was.
    pub fn scheme_on(&self, port: u16) -> &'static str {
        let listens = self.config.on_port(port);
        let tls = !listens.is_empty() && listens.iter().all(|(_, listen)| listen.ssl);
        if tls { "https" } else { "http" }
    }

    /// What nginx refuses to start with; of several of one kind in one block, the first. Empty where another program
    /// fills in the text first, and without the variable that has a rule of its own.
    pub fn refused(&self) -> Vec<Violation> {
        if self.is_template() {
            return Vec::new();
        }
        let whole = !self.is_part();
        let unknown = self.config.unknown_variables().filter(|_| whole);
        let unknown = unknown.into_iter().flatten();
        let others = unknown.filter(|one| !one.message.contains(UNDEFINED));
        let mut known = HashSet::new();
        let all = violations(&self.config).into_iter().chain(others);
        all.filter(|one| known.insert((self.config.parent(one.node), one.message.clone())))
            .collect()
    }

    /// What another program fills in first may be anything yet.
    pub fn is_template(&self) -> bool {
        let text = self.root.text().as_bytes();
        let marks = ["{{", "{%", "<%", "@@"];
        marks.iter().any(|mark| memmem::find(text, mark.as_bytes()).is_some())
    }

    /// The first line that uses `$connection_upgrade`, where nothing here defines it.
    pub fn undefined_upgrade(&self) -> Option<NodeId> {
        let uses = |node: &NodeId| {
            self.config.arguments(*node).any(|value| variables(value).contains(&UNDEFINED))
        };
        let line = self.config.walk().find(uses)?;
        let defined = self.config.defined_variables().contains(&UNDEFINED);
        (!defined && self.config.unread().is_empty()).then_some(line)
    }

    /// Why nothing reaches the servers that listen on a port, where that is so for all of them.
    pub fn unreachable(
        &self,
        backend: &Backend<'_>,
        servers: &[(NodeId, Listen)],
    ) -> Option<Unreachable> {
        servers.first()?;
        let mut listens = servers.iter().map(|(_, listen)| listen);
        let google = backend.is_behind_gce();
        if listens.clone().all(is_loopback) {
            return Some(Unreachable::Loopback);
        }
        if google && listens.clone().any(|listen| listen.proxy_protocol) {
            return Some(Unreachable::ProxyProtocol);
        }
        // By this status of its own, nginx may answer plain HTTP where it expects TLS.
        let answers = |server: NodeId| self.config.error_page(server, 497).is_some();
        let plain = listens.clone().all(|listen| !listen.ssl);
        if google && plain && backend.spoken().is_some_and(Spoken::is_tls) {
            return Some(Unreachable::Plain);
        }
        let tls = listens.all(|listen| listen.ssl) && !servers.iter().any(|(one, _)| answers(*one));
        (google && tls && backend.is_plain()).then_some(Unreachable::Tls)
    }
}

fn is_loopback(listen: &Listen) -> bool {
    listen.address == "localhost" || listen.address == "[::1]" || listen.address.starts_with("127.")
}

/// What says which protocol the load balancer speaks to a port. The older key is read first
/// (kubernetes/ingress-gce:pkg/annotations/service.go).
const PROTOCOL_KEYS: [&str; 2] =
    ["service.alpha.kubernetes.io/app-protocols", "cloud.google.com/app-protocols"];

/// What the load balancer speaks to a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    /// HTTP/1.1, in the clear.
    Http,
    /// HTTP/1.1 over TLS.
    Https,
    /// HTTP/2, which is over TLS here.
    Http2,
}

impl Spoken {
    /// By its name in an annotation, or in a BackendConfig's `healthCheck.type`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "HTTP" => Self::Http,
            "HTTPS" => Self::Https,
            "HTTP2" => Self::Http2,
            _ => return None,
        })
    }

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::Http2 => "HTTP/2",
        }
    }

    /// Whether it begins with a TLS handshake.
    pub fn is_tls(self) -> bool {
        self != Self::Http
    }

    /// The scheme of the readiness probes that the Ingress controller takes over for such a port
    /// (kubernetes/ingress-gce:pkg/controller/translator/translator.go, `getProbeScheme`).
    pub fn probe_scheme(self) -> &'static str {
        if self.is_tls() { "HTTPS" } else { "HTTP" }
    }
}

impl Backend<'_> {
    /// What an annotation says that the load balancer speaks to the port, by the port's name, for a number is no key
    /// there: the annotation, the protocol, and where it is.
    pub fn protocol(&self) -> Option<(&'static str, String, Place)> {
        let service = &self.service.0;
        let key = PROTOCOL_KEYS.into_iter().find(|key| service.annotation(key).is_some())?;
        let text = service.annotation(key)?.value().embedded()?;
        let map = json::read(text.text()).ok()?;
        let protocol = map.get(self.port.name?)?;
        let place = service.place(text.span_to_file(protocol.span));
        Some((key, protocol.as_str()?.to_owned(), place))
    }

    /// What the Ingress controller lets the load balancer speak to the port: HTTP unless the annotation says otherwise
    /// (kubernetes/ingress-gce:pkg/controller/translator/translator.go, `setAppProtocol`). `None` for what it refuses.
    pub fn spoken(&self) -> Option<Spoken> {
        self.protocol().map_or(Some(Spoken::Http), |(_, protocol, _)| Spoken::named(&protocol))
    }

    /// Whether nothing says that the load balancer speaks anything but HTTP to the port.
    fn is_plain(&self) -> bool {
        self.protocol().is_none_or(|(_, protocol, _)| protocol == "HTTP")
            && self.port.node.get("appProtocol").is_none()
    }
}
