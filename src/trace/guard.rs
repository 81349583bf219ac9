//! What a load balancer of Google's asks of clients before it lets a request through: who they are, and what a policy
//! says.

use super::HopKind;
use super::passage::Passage;
use super::way::Way;

/// The hops of Identity-Aware Proxy and Cloud Armor.
pub(super) fn walk(way: &Way<'_, '_>, passage: &mut Passage) {
    let Some(config) = way.config() else {
        return;
    };
    if let Some(node) = config.get(&["iap", "enabled"]).filter(|node| node.as_bool() == Some(true))
    {
        let what = "Identity-Aware Proxy lets signed-in users through alone";
        passage.hop(HopKind::LoadBalancer, what, Some(config.0.at(node)));
        // https://cloud.google.com/iap/docs/concepts-overview
        passage.caution("a client that is not signed in gets the answer of Identity-Aware Proxy, and no session", None);
    }
    let policy = config.get(&["securityPolicy", "name"]);
    if let Some((node, name)) =
        policy.and_then(|node| Some((node, node.as_str()?))).filter(|(_, name)| !name.is_empty())
    {
        let what = format!("Cloud Armor: what the policy `{name}` refuses is in none of the files");
        passage.hop(HopKind::LoadBalancer, what, Some(config.0.at(node)));
    }
}
