//! Cloud CDN: whether the answer to a poll can be another client's.

use super::fault::Fault;
use super::passage::{End, Passage};
use super::way::{Ask, Way};
use super::{HopKind, gateway};
use crate::kube::BackendConfig;
use crate::manifest::Node;
use crate::set::Place;

/// The hop of the CDN.
pub(super) fn walk(way: &Way<'_, '_>, ask: &Ask, passage: &mut Passage) {
    let is_stored = ask.method == "GET" && !ask.upgrades();
    if way.has(Fault::QueryBlindCache) && is_stored {
        return stored(&[], ask, way.config_place(), passage);
    }
    if way.has(Fault::CacheByUrl) && is_stored {
        return stored_by_url(way.config_place(), passage);
    }
    if let Some(gateway) = way.front.gateway().filter(|_| is_stored) {
        gateway::cdn(gateway, passage);
    }
    let Some((config, enabled)) = enabled(way) else {
        return;
    };
    let place = Some(config.0.at(enabled));
    if ask.method != "GET" {
        return passage.hop(HopKind::Cdn, "on, but only GET is cached", place);
    }
    let mode = config.get(&["cdn", "cacheMode"]);
    let mode_text = mode.and_then(Node::text).unwrap_or("CACHE_ALL_STATIC");
    if mode_text != "FORCE_CACHE_ALL" {
        let what =
            format!("on, {mode_text}: Engine.IO's `no-store` (since 6.5.3) keeps the answer out");
        passage.hop(HopKind::Cdn, what, place);
        return may_store(&config, ask, passage);
    }
    let place = mode.map(|node| config.0.at(node)).or(place);
    if ask.upgrades() {
        let why = "whether Cloud CDN passes an Upgrade for a path that it caches by force is not documented";
        return passage.doubt(HopKind::Cdn, why, place);
    }
    forced(&config, ask, place, passage);
}

/// What Engine.IO forbids is kept out, as far as nothing adds a lifetime.
fn may_store(config: &BackendConfig<'_>, ask: &Ask, passage: &mut Passage) {
    if ask.upgrades() {
        return;
    }
    let blind = !key(config).contains(&"sid");
    let rule = if blind { "cdn-key-drops-query" } else { "cdn-on-session-traffic" };
    let caution = "before Engine.IO 6.5.3 polling answers carry no `no-store`: they are stored where nginx or the app adds a lifetime";
    passage.caution(caution, Some(rule));
}

/// Every answer is stored, whatever Engine.IO says.
fn forced(config: &BackendConfig<'_>, ask: &Ask, place: Option<Place>, passage: &mut Passage) {
    let key = key(config);
    if key.contains(&"t") {
        return stored_by_url(place, passage);
    }
    let policy = config.get(&["cdn", "cachePolicy"]).map(|node| config.0.at(node));
    stored(&key, ask, policy.or(place), passage);
}

/// One answer for each URL.
fn stored_by_url(place: Option<Place>, passage: &mut Passage) {
    let what =
        "on, FORCE_CACHE_ALL: stored, but under a key of its own, as the client's `t` is in it";
    passage.hop(HopKind::Cdn, what, place);
    let caution = "a client without `t` in its URL gets another's session";
    passage.caution(caution, Some("cdn-on-session-traffic"));
}

/// One answer for all requests that share so much of the query.
fn stored(key: &[&str], ask: &Ask, place: Option<Place>, passage: &mut Passage) {
    let in_key = if key.is_empty() { "none".to_owned() } else { key.join(", ") };
    let what = format!(
        "on, FORCE_CACHE_ALL: one stored answer for all; of the query the key holds {in_key}"
    );
    let end = if ask.sid && !key.contains(&"sid") {
        End::bad("`200`, but the stored handshake again, without a message").status(200)
    } else if ask.sid {
        End::bad("`200`, but the answer to an earlier poll again").status(200)
    } else {
        let text = "`200 0{sid}` of another client's session: its requests get `400 {\"code\":1}` when that session has ended";
        End::bad(text).status(200)
    };
    let end = end.rules(&["cdn-key-drops-query", "cdn-on-session-traffic"]);
    passage.stop(HopKind::Cdn, what, end.at(place));
}

/// `cdn.enabled`, where it is on and the load balancer has a CDN.
fn enabled<'s>(way: &Way<'_, 's>) -> Option<(BackendConfig<'s>, Node<'s>)> {
    let class = way.front.class()?;
    let config = *way.config()?;
    let node = config.get(&["cdn", "enabled"])?;
    (node.as_bool() == Some(true) && class.load_balancer.has_cdn()).then_some((config, node))
}

/// Whether handshakes are answered from a store that does not tell clients apart.
pub(super) fn shares_sessions(way: &Way<'_, '_>) -> bool {
    let supposed = way.has(Fault::QueryBlindCache) && way.front.load_balancer().is_some();
    supposed
        || enabled(way).is_some_and(|(config, _)| {
            let mode = config.get(&["cdn", "cacheMode"]).and_then(Node::text);
            mode == Some("FORCE_CACHE_ALL") && !key(&config).contains(&"t")
        })
}

/// What of the query is in the key (kubernetes/ingress-gce:pkg/backends/features/cdn.go): all of it without a
/// policy, nothing where the policy does not name it.
fn key(config: &BackendConfig<'_>) -> Vec<&'static str> {
    const PARAMETERS: [&str; 4] = ["EIO", "transport", "t", "sid"];
    let Some(policy) = config.get(&["cdn", "cachePolicy"]) else {
        return PARAMETERS.to_vec();
    };
    if policy.get("includeQueryString").and_then(Node::as_bool) != Some(true) {
        return Vec::new();
    }
    let list = |name: &str| -> Option<Vec<&str>> {
        let node = policy.get(name)?;
        let names: Vec<&str> = node.items().filter_map(Node::as_str).collect();
        (!names.is_empty()).then_some(names)
    };
    let (kept, dropped) = (list("queryStringWhitelist"), list("queryStringBlacklist"));
    let in_key = |name: &&str| match (&kept, &dropped) {
        (Some(kept), _) => kept.contains(name),
        (None, Some(dropped)) => !dropped.contains(name),
        (None, None) => true,
    };
    PARAMETERS.into_iter().filter(in_key).collect()
}
