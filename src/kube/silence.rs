//! How long the load balancers of other controllers are told to bear silence.

use crate::manifest::Entry;
use crate::nginx::units::milliseconds;

use super::{Controller, Object, Route, Service};

const ALB: &str = "alb.ingress.kubernetes.io/load-balancer-attributes";

/// A timeout that an annotation sets.
#[derive(Debug, Clone, Copy)]
pub struct Silence<'s> {
    /// The object that has it.
    pub object: Object<'s>,
    /// The annotation.
    pub entry: Entry<'s>,
    /// Milliseconds.
    pub time: u64,
}

/// The timeouts of silence on a way through an Ingress; its Service may set them too.
pub fn silences<'s>(route: &Route<'s>, service: Option<&Service<'s>>) -> Vec<Silence<'s>> {
    let keys: &[&str] = match route.ingress.controller() {
        Controller::IngressNginx => {
            &["nginx.ingress.kubernetes.io/proxy-read-timeout", "nginx.org/proxy-read-timeout"]
        }
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
        let time = time(key, entry.value().text()?)?;
        Some(Silence { object, entry, time })
    })
    .collect()
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
