//! The servers that nginx sends to, as far as two of them can be told apart.

use std::net::IpAddr;

use super::Site;
use super::request::SessionRequest;
use super::sender::Sender;
use super::site::SiteLocation;
use crate::nginx::{Outcome, ProxyPass};

/// A server by its address.
pub(super) type Server = (IpAddr, u16);

impl<'s> Site<'s> {
    /// Where one kind of a session's requests is sent, with the variables filled in. `None` where that is not certain.
    pub fn target_of(
        &self,
        session: &SiteLocation<'s>,
        sender: Sender,
        of: SessionRequest,
    ) -> Option<ProxyPass> {
        let request = self.request_of(session, sender, of);
        let route = self.config.route(&request).ok()??;
        let certain = route.server.server == session.server
            && route.outcome == Outcome::Location
            && route.selection.doubt.is_none();
        let location = route.scene.location.filter(|_| certain)?;
        self.config.proxy_target(location, &route.scene).ok()
    }

    /// The servers behind a `proxy_pass`. `None` unless all of them are written as addresses: two names may be one server's.
    pub(super) fn servers_of(&self, pass: &ProxyPass) -> Option<Vec<Server>> {
        let Some(upstream) = pass.upstream else {
            return Some(vec![server(&pass.host, pass.port)?]);
        };
        let upstream = self.config.upstream(upstream);
        let peers = upstream.peers.iter().filter(|_| upstream.unread.is_none());
        peers.map(|peer| server(peer.address, peer.port)).collect()
    }

    /// Whether two requests certainly go to different servers.
    pub fn are_apart(&self, one: &ProxyPass, other: &ProxyPass) -> bool {
        let [Some(one), Some(other)] = [one, other].map(|pass| self.servers_of(pass)) else {
            return false;
        };
        !one.is_empty() && !other.is_empty() && !one.iter().any(|server| other.contains(server))
    }
}

fn server(address: &str, port: Option<u16>) -> Option<Server> {
    let address = if address == "localhost" { "127.0.0.1" } else { address };
    let address = address.trim_start_matches('[').trim_end_matches(']');
    Some((address.parse().ok()?, port.unwrap_or(80)))
}
