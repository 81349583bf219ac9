//! A health check that ends at the Socket.IO server itself.

use super::{HealthCheck, Session, Site};
use crate::nginx::{Answer, NodeId, Outcome};

/// Whether Engine.IO answers a plain request for a path with 400: it takes everything below its own, and this is no
/// handshake (socketio/socket.io:packages/engine.io/lib/server.ts). The client's script is handed out below it
/// (socketio/socket.io:packages/socket.io/lib/index.ts).
fn refuses(own: &str, target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    let is_script = last.starts_with("socket.io") && last.contains(".js");
    let below = path.starts_with(&format!("{}/", own.trim_end_matches('/')));
    below && !is_script && !target.contains("transport=polling")
}

impl Session {
    /// Whether the Socket.IO server answers a plain request for a path with 400.
    pub fn refuses(&self, target: &str) -> bool {
        self.is_socketio() && self.paths.iter().any(|own| refuses(own, target))
    }
}

impl HealthCheck<'_> {
    /// The line of nginx that hands it to the Socket.IO server, as it does with sessions, where that answers it with 400.
    pub fn ends_at_engine(&self, site: &Site<'_>) -> Option<NodeId> {
        let port = u16::try_from(self.port?).ok()?;
        if !site.is_whole() || site.config.on_port(port).is_empty() {
            return None;
        }
        let request = self.request(site, port);
        let route = site.config.route(&request).ok()??;
        let location = route.selection.location()?;
        let still = route.scene.location.is_none_or(|scene| scene == location);
        let plain = matches!(route.outcome, Outcome::Location) && route.selection.doubt.is_none();
        let passed = matches!(site.config.answer(location), Answer::Pass { .. });
        let mut sessions = site.sessions.iter().filter(|one| one.is_socketio());
        let of_sessions = sessions.any(|one| {
            let same = one.server == route.server.server && one.location == Some(location);
            same && refuses(&one.path, self.path)
        });
        (plain && still && passed && of_sessions).then_some(location)
    }
}
