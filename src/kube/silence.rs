//! How long the load balancers of other controllers are told to bear silence.

use crate::manifest::Entry;
use crate::nginx::units::milliseconds;

use super::{Controller, Object, Route, Service, is_placeholder};

const ALB: &str = "alb.ingress.kubernetes.io/load-balancer-attributes";

/// ingress-nginx reads a number of seconds without a unit
/// (kubernetes/ingress-nginx:docs/user-guide/nginx-configuration/annotations.md).
const NGINX: &str = "nginx.ingress.kubernetes.io/proxy-read-timeout";
/// Its default, in milliseconds; a ConfigMap may set another.
const NGINX_DEFAULT: u64 = 60_000;

/// A timeout that an annotation sets.
#[derive(Debug, Clone, Copy)]
pub struct Silence<'s> {
    /// The object that has it.
    pub object: Object<'s>,
    /// The annotation.
    pub entry: Entry<'s>,
    /// Milliseconds.
    pub time: u64,
    /// Whether it is no value that the controller reads, so that its default holds.
    pub is_ignored: bool,
}

/// The timeouts of silence on a way through an Ingress; its Service may set them too.
pub fn silences<'s>(route: &Route<'s>, service: Option<&Service<'s>>) -> Vec<Silence<'s>> {
    let keys: &[&str] = match route.ingress.controller() {
        Controller::IngressNginx => &[NGINX, "nginx.org/proxy-read-timeout"],
        Controller::AwsAlb => &[ALB],
        Controller::HaProxy => &[
            "haproxy-ingress.github.io/timeout-server",
            "haproxy-ingress.github.io/timeout-tunnel",
            "haproxy.org/timeout-server",
            "haproxy.org/timeout-tunnel",
        ],
        _ => &[],
    };
    let objects = service.map(|service| service.0).into_iter();
    let objects = objects.chain([route.ingress.0]);
    let all = objects.flat_map(|object| keys.iter().map(move |key| (object, *key)));
    all.filter_map(|(object, key)| {
        let entry = object.annotation(key)?;
        let text = entry.value().text()?;
        let is_ignored = key == NGINX && text.parse::<i64>().is_err() && !is_placeholder(text);
        let time = if is_ignored { NGINX_DEFAULT } else { time(key, text)? };
        Some(Silence { object, entry, time, is_ignored })
    })
    .collect()
}

/// The same as a text of the annotation by itself, where it is all that the annotation says.
pub fn long_silence_value(key: &str) -> Option<&'static str> {
    match key {
        ALB => None,
        _ if key.contains("haproxy") => Some("1h"),
        _ => Some("3600"),
    }
}

/// The value to write in place of one that is too short.
pub fn long_silence(key: &str) -> String {
    match key {
        ALB => "`idle_timeout.timeout_seconds=3600`".to_owned(),
        _ if key.contains("haproxy") => format!("`{key}: 1h`"),
        _ => format!("`{key}: \"3600\"`"),
    }
}

fn time(key: &str, text: &str) -> Option<u64> {
    if key == ALB {
        let mut parts = text.split(',').filter_map(|part| part.trim().split_once('='));
        let (_, seconds) = parts.find(|(name, _)| *name == "idle_timeout.timeout_seconds")?;
        return seconds.parse::<u64>().ok()?.checked_mul(1000);
    }
    // A number alone is milliseconds to HAProxy, and seconds to nginx.
    let bare = text.bytes().all(|byte| byte.is_ascii_digit());
    if key.contains("haproxy") && bare { text.parse().ok() } else { milliseconds(text) }
}
