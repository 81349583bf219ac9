//! A session's requests, as they come to nginx.

use super::sender::Sender;
use super::site::{Site, SiteLocation};
use crate::nginx::Request;

/// Two of the many addresses that Google's front ends have. All health checks come from such.
pub const FRONT_ENDS: [&str; 2] = ["35.191.0.1", "130.211.3.9"];

/// What browsers call themselves, more or less.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

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

/// A request as a sender passes it to a port of nginx. Who asks, and where the load balancer stands, is told by
/// documentation's own addresses (RFC 5737).
pub fn forwarded(
    sender: Sender,
    method: &str,
    (host, port): (&str, u16),
    target: &str,
    websocket: bool,
) -> Request {
    let mut headers = sender.headers(host);
    headers.push(("User-Agent", BROWSER.to_owned()));
    headers.extend(own(method, websocket).map(|(name, value)| (name, value.to_owned())));
    let text = |(name, value): (&str, String)| (name.to_owned(), value);
    Request {
        method: method.to_owned(),
        host: host.to_owned(),
        remote_addr: sender.addresses().map_or("", |[one, _]| one).to_owned(),
        headers: headers.into_iter().map(text).collect(),
        open: true,
        ..Request::get(port, target)
    }
}

/// The headers that each request of its kind has, and those that it lacks: these are empty.
fn own(method: &str, websocket: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    let upgrade = if websocket {
        [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("Sec-WebSocket-Version", "13"),
        ]
    } else {
        [
            ("Connection", ""),
            ("Upgrade", ""),
            ("Sec-WebSocket-Key", ""),
            ("Sec-WebSocket-Version", ""),
        ]
    };
    let bodiless = [("Content-Type", ""), ("Content-Length", "")];
    upgrade.into_iter().chain(bodiless.into_iter().filter(move |_| method != "POST"))
}

impl Site<'_> {
    /// One of a session's requests.
    pub fn request_of(
        &self,
        session: &SiteLocation<'_>,
        sender: Sender,
        of: SessionRequest,
    ) -> Request {
        let (host, port) = self.asked_for(session);
        let (method, websocket, has_session) = match of {
            SessionRequest::Handshake => ("GET", false, false),
            SessionRequest::Message => ("POST", false, true),
            SessionRequest::WebSocket => ("GET", true, false),
        };
        let target = target(&session.path, websocket, has_session);
        let scheme = self.scheme_on(port).to_owned();
        Request { scheme, ..forwarded(sender, method, (host, port), &target, websocket) }
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
