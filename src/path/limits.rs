//! The limits of nginx that sessions run into.

use super::{ClientAddress, Front, Site};
use crate::nginx::{Limit, Most, NodeId};

/// What two sessions that begin at once ask for: handshake, POST, GET, upgrade and a last GET, each.
const TWO_SESSIONS: u64 = 10;

/// A limit that healthy sessions run into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimit<'t> {
    /// The limit.
    pub limit: Limit<'t>,
    /// Whom it counts together.
    pub counts: Counts,
}

/// Whom a limit counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// All clients, as the address that it counts by is the load balancer's.
    Everybody,
    /// Few clients, who are let do less than two of them need.
    Few,
}

impl<'s> Site<'s> {
    /// The limits at a location that healthy sessions run into, behind what stands before nginx. What else is counted
    /// by than addresses, such as a user, may well have one session.
    pub fn limits_on_sessions(
        &self,
        location: NodeId,
        polls: bool,
        front: Option<&Front>,
    ) -> Vec<SessionLimit<'s>> {
        let proxied =
            front.is_some_and(|front| self.address_at(location, front) != ClientAddress::Client);
        let counts = |limit: &Limit<'_>| {
            let together =
                limit.counts_addresses() || matches!(limit.key, "$server_name" | "$host");
            if proxied && limit.counts_addresses() {
                Some(Counts::Everybody)
            } else {
                (together && is_low(limit, polls)).then_some(Counts::Few)
            }
        };
        let limits = self.config.limits(location).into_iter();
        limits.filter_map(|limit| Some(SessionLimit { limit, counts: counts(&limit)? })).collect()
    }
}

fn is_low(limit: &Limit<'_>, polls: bool) -> bool {
    match limit.most {
        Most::Requests { per_minute, burst } => {
            polls && per_minute < TWO_SESSIONS * 60 && burst + 1 < TWO_SESSIONS
        }
        Most::Connections(most) => most < TWO_SESSIONS,
    }
}
