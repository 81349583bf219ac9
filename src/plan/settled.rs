//! The final value of every key of `app.toml`, and where it comes from.

use serde_json::Value as Json;

use super::{Plan, derived};
use crate::spec::{Key, Layers, Origin, Platform, Profile, Spec, Value, app_keys};

/// A key with its final value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The dotted path.
    pub key: &'static str,
    /// The value as TOML; `None` where the key has none.
    pub value: Option<String>,
    /// Where the value comes from.
    pub origin: SettledBy,
    /// What the key means, and why its default is what it is.
    pub reason: &'static str,
}

/// Where a final value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettledBy {
    /// A line of a layer, as `file:line:column`.
    Line(String),
    /// sioway's own default.
    Default,
    /// Another key.
    Key(&'static str),
}

/// Every key but tables and the inside of lists, in the order of the schema.
pub fn settled(layers: &Layers, spec: &Spec, profile: &Profile, plan: &Plan) -> Vec<Settled> {
    let spec_json = serde_json::to_value(spec).expect("a spec is JSON");
    let keys = app_keys().iter().filter(|key| key.is_leaf() && !key.is_in_list());
    keys.map(|key| settle(key, layers, spec, profile, plan, &spec_json)).collect()
}

fn settle(
    key: &'static Key,
    layers: &Layers,
    spec: &Spec,
    profile: &Profile,
    plan: &Plan,
    json: &Json,
) -> Settled {
    let settled = |value, origin| Settled { key: &key.path, value, origin, reason: &key.doc };
    let written = || at_path(json, &key.path).and_then(as_toml);
    if let Some(entry) = layers.table.find(&key.path) {
        let at = match &entry.node.value {
            Value::Table(_) => entry.key_at,
            _ => entry.node.at,
        };
        return settled(written(), line(layers, at));
    }
    if let Some((value, field)) = of_platform(&key.path, &profile.platform) {
        let at = profile.platform_table.get(field).map(|entry| entry.node.at);
        return settled(Some(value), at.map_or(SettledBy::Default, |at| line(layers, at)));
    }
    match follows(&key.path, spec, &profile.platform, plan) {
        Some((value, origin)) => settled(Some(value), origin),
        None => settled(written(), SettledBy::Default),
    }
}

/// The keys that take their value from others.
fn follows(
    key: &str,
    spec: &Spec,
    platform: &Platform,
    plan: &Plan,
) -> Option<(String, SettledBy)> {
    let names = &plan.names;
    let (value, from) = match key {
        "selector" => (toml_of(&derived::selector(spec)), "name"),
        "socketio.server-path" => (toml_of(derived::server_path(spec)), "socketio.path"),
        "health.answered-by" => (toml_of(&derived::answered_by(spec)), "nginx.placement"),
        "ingress.https-redirect" => {
            (toml_of(&derived::https_redirect(spec, platform)), "ingress.tls")
        }
        "names.service" => (toml_of(&names.service), "name"),
        "names.ingress" => (toml_of(&names.ingress), "name"),
        "names.backend-config" => (toml_of(&names.backend_config), "name"),
        "names.frontend-config" => (toml_of(&names.frontend_config), "name"),
        "names.config-map" => (toml_of(&names.config_map), "name"),
        "names.certificate" => (toml_of(&names.certificate), "name"),
        "names.workload" => (toml_of(&names.workload), "name"),
        "workload.replicas" if spec.workload.is_some() && spec.replicas.is_some() => {
            (derived::replicas(spec).to_string(), "replicas")
        }
        "workload.replicas" if spec.workload.is_some() => {
            return Some((derived::replicas(spec).to_string(), SettledBy::Default));
        }
        "workload.grace-period" if spec.workload.is_some() => {
            (toml_of(&derived::grace_period(spec)), "session.drain")
        }
        "monitoring.shortest-median" if spec.monitoring.is_some() => {
            (toml_of(&derived::shortest_median(spec)), "session.max-age")
        }
        "verify.url" if spec.verify.is_some() => (toml_of(&derived::probed_url(spec)), "host"),
        _ => return None,
    };
    Some((value, SettledBy::Key(from)))
}

/// The keys that take their value from the platform, with the platform's own key.
fn of_platform(key: &str, platform: &Platform) -> Option<(String, &'static str)> {
    match key {
        "ingress.class" => Some((toml_of(&platform.ingress_class), "ingress-class")),
        _ => None,
    }
}

fn line(layers: &Layers, at: Origin) -> SettledBy {
    SettledBy::Line(layers.sources.locate(at.source, at.span))
}

fn at_path<'a>(json: &'a Json, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(json, |json, key| json.get(key))
}

fn toml_of(value: &impl serde::Serialize) -> String {
    let json = serde_json::to_value(value).expect("a value of a spec is JSON");
    as_toml(&json).unwrap_or_default()
}

/// JSON as inline TOML; null is nothing.
fn as_toml(json: &Json) -> Option<String> {
    match json {
        Json::Null => None,
        Json::Array(items) => {
            Some(format!("[{}]", items.iter().filter_map(as_toml).collect::<Vec<_>>().join(", ")))
        }
        Json::Object(entries) => {
            let entry = |(key, value): (&String, &Json)| {
                Some(format!("{} = {}", toml_key(key), as_toml(value)?))
            };
            let entries: Vec<String> = entries.iter().filter_map(entry).collect();
            Some(if entries.is_empty() {
                "{}".into()
            } else {
                format!("{{ {} }}", entries.join(", "))
            })
        }
        Json::String(text) => Some(toml::Value::from(text.as_str()).to_string()),
        other => Some(other.to_string()),
    }
}

fn toml_key(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if key.chars().all(bare) { key.to_owned() } else { toml::Value::from(key).to_string() }
}
