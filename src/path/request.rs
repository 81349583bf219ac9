//! A session's requests, as a load balancer of Google's that ends TLS sends them on to nginx.

use super::site::{Site, SiteLocation};
use crate::kube::controller_defaults::LoadBalancer;
use crate::nginx::Request;

/// Two of the many addresses that Google's front ends have. All health checks come from such.
pub const FRONT_ENDS: [&str; 2] = ["35.191.0.1", "130.211.3.9"];

/// Two proxies of a subnet whose range nobody can know: documentation's own addresses (RFC 5737) stand for them.
const PROXIES: [&str; 2] = ["192.0.2.3", "192.0.2.4"];

/// Two of the addresses that a load balancer's requests come from.
pub fn senders(balancer: Option<LoadBalancer>) -> [&'static str; 2] {
    if balancer.is_some_and(LoadBalancer::has_own_subnet) { PROXIES } else { FRONT_ENDS }
}

/// A request that every session may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionRequest {
    /// The first poll, which opens the session.
    Handshake,
    /// What the client says by polling: a POST.
    Message,
    /// The request for a WebSocket.
    WebSocket,
}

/// The path and the query of a request, as Socket.IO's client asks for them.
pub fn target(path: &str, websocket: bool, has_session: bool) -> String {
    // Polling is never to be cached: the client makes each URL another one.
    let transport = if websocket { "websocket" } else { "polling&t=T" };
    let sid = if has_session { "&sid=SID" } else { "" };
    format!("{path}?EIO=4&transport={transport}{sid}")
}

/// A request as it comes to a port of nginx. Who asks, and where the load balancer stands, is told by documentation's
/// own addresses (RFC 5737).
pub fn forwarded(method: &str, host: &str, port: u16, target: &str, websocket: bool) -> Request {
    let mut headers = vec![
        ("X-Forwarded-For", "198.51.100.7, 203.0.113.10"),
        ("X-Forwarded-Proto", "https"),
        ("Via", "1.1 google"),
    ];
    if websocket {
        headers.extend([
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("Sec-WebSocket-Version", "13"),
        ]);
    }
    let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Request {
        method: method.to_owned(),
        host: host.to_owned(),
        remote_addr: FRONT_ENDS[0].to_owned(),
        headers: headers.into_iter().map(text).collect(),
        ..Request::get(port, target)
    }
}

impl Site<'_> {
    /// One of a session's requests.
    pub fn request_of(&self, session: &SiteLocation<'_>, of: SessionRequest) -> Request {
        let (host, port) = self.asked_for(session);
        let (method, websocket, has_session) = match of {
            SessionRequest::Handshake => ("GET", false, false),
            SessionRequest::Message => ("POST", false, true),
            SessionRequest::WebSocket => ("GET", true, false),
        };
        let target = target(&session.path, websocket, has_session);
        forwarded(method, host, port, &target, websocket)
    }

    /// A host and a port that lead to the server of a session.
    pub(super) fn asked_for(&self, session: &SiteLocation<'_>) -> (&str, u16) {
        let listens = self.config.listens(session.server);
        let port = listens.iter().find_map(|listen| listen.port).unwrap_or(80);
        let names = self.config.server_names(session.server);
        let plain = |name: &&str| !name.starts_with(['*', '.', '~']) && !name.ends_with('*');
        let host = names.iter().map(|(name, _)| *name).find(plain);
        (host.unwrap_or_default(), port)
    }
}
