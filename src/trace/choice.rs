//! Whether two requests of a session come to the same of several servers.

use super::gate::Gate;
use super::nginx::{request, value_of};
use super::way::{Ask, Way};
use crate::nginx::{Balancing, NodeId};
use crate::path::Site;

/// How a server is chosen, in words; and the rules against it, and whether only clients without cookies suffer.
pub(super) type Choice = (String, Option<(Vec<&'static str>, bool)>);

/// Whether two requests of a session come to the same server: their keys are compared.
pub(super) fn keyed(
    way: &Way<'_, '_>,
    site: &Site<'_>,
    at: NodeId,
    balancing: Balancing<'_>,
    ask: &Ask,
) -> Choice {
    let lost = |how: &str, rule| (how.to_owned(), Some((vec![rule], false)));
    let key = match balancing {
        Balancing::Hash { key, .. } => key,
        Balancing::IpHash => "$remote_addr",
        Balancing::LeastConnections => return lost("the least busy", "upstream-without-affinity"),
        Balancing::Random => return lost("at random", "upstream-without-affinity"),
        Balancing::RoundRobin => return lost("in turn", "upstream-without-affinity"),
        Balancing::Other(name) => return lost(name, "upstream-without-affinity"),
    };
    let Gate::Nginx { port, .. } = way.gate else {
        return lost("by hash", "upstream-without-affinity");
    };
    let first = Ask { method: "GET", transport: "polling", sid: false, body: 0, waits: 0 };
    let value = |ask: &Ask, front_end| value_of(site, at, key, &request(way, ask, port, front_end));
    let how = format!("by hash of `{key}`");
    let [sender, another] = way.senders();
    // What is not known of a key is real_ip's: then it is the client's address.
    let Some(begun) = value(&first, sender) else {
        return (how, None);
    };
    if value(ask, sender).is_some_and(|later| later != begun) {
        return (
            format!("{how}, which the handshake did not have"),
            Some((vec!["upstream-without-affinity"], false)),
        );
    }
    if value(&first, another).is_some_and(|other| other != begun) {
        return (
            format!("{how}, which is the load balancer's own"),
            Some((vec!["hash-sees-load-balancer"], false)),
        );
    }
    (how, None)
}
