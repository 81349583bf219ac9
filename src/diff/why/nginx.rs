//! The directives of nginx: how to tell that the old one has the fault that the reason names.

use super::plain;
use crate::diagnostic::SourceId;
use crate::diff::Change;
use crate::diff::ground::Ground;
use crate::kube::controller_defaults::BACKEND_KEEPALIVE;
use crate::nginx::{Directive, units};
use crate::path::{Model, Numbers, Probed, Site};

/// What is said of a difference between directives, where the fault that it names is not there.
pub(in crate::diff) fn settle(change: &mut Change, ground: &Ground<'_>) {
    let Some((rule, place)) = change.why.rule.zip(change.there) else {
        return;
    };
    let (old, new) = (change.old.as_deref(), change.new.as_deref().unwrap_or_default());
    let known = Known { numbers: ground.numbers(), processes: processes(ground, place.source) };
    let is_fault = match rule {
        "connection-upgrade-undefined" => is_upgrade_used(ground, place.source),
        "health-location-missing" => fails_health(ground, change, place.source),
        _ => known.holds(rule, old, new),
    };
    if is_fault {
        return;
    }
    change.why.rule = None;
    // Where the path is the same, or another app's, the server that is asked differs.
    if rule == "prefix-not-mapped" {
        change.why.key = None;
    }
    if !TRUE_ANYWAY.contains(&rule) {
        let key = change.why.key.or(old.map(|_| ""));
        change.why.reason = plain(key, old.is_some()).reason;
    }
}

/// Rules whose reason is true of every value.
const TRUE_ANYWAY: [&str; 4] = [
    "connection-upgrade-undefined",
    "health-location-missing",
    "polling-buffered",
    "too-few-connections",
];

/// The directives of the configurations that are in a file.
fn directives<'g>(ground: &Ground<'g>, source: SourceId) -> impl Iterator<Item = &'g Directive> {
    let texts = ground.theirs.nginx.iter();
    let own =
        texts.filter(move |text| text.object().is_some_and(|object| object.file.source == source));
    own.flat_map(|text| text.tree.walk())
}

/// How many processes nginx has; one, where nobody says a number.
fn processes(ground: &Ground<'_>, source: SourceId) -> u64 {
    let mut lines = directives(ground, source);
    let line = lines.find(|one| &*one.name.text == "worker_processes");
    line.and_then(|one| one.argument(0)?.parse().ok()).unwrap_or(1)
}

/// Whether `$connection_upgrade` is used.
fn is_upgrade_used(ground: &Ground<'_>, source: SourceId) -> bool {
    let uses = |one: &Directive| {
        one.arguments.iter().any(|word| word.text.contains("$connection_upgrade"))
    };
    directives(ground, source).any(uses)
}

/// Whether what is there answers the path of the health check with anything but 200.
fn fails_health(ground: &Ground<'_>, change: &Change, source: SourceId) -> bool {
    let path = change.path.rsplit_once("[= ").and_then(|(_, path)| path.strip_suffix(']'));
    let model = Model::new(ground.theirs, &[]);
    let is_own =
        |site: &&Site<'_>| site.root.object().is_some_and(|object| object.file.source == source);
    let fails = |site: &Site<'_>| {
        let servers = site.config.servers();
        let mut ports = servers.into_iter().flat_map(|one| site.config.listens(one));
        ports.any(|listen| {
            let asked = listen.port.zip(path);
            asked.is_some_and(|(port, path)| matches!(site.probe(port, path), Probed::Bad(_)))
        })
    };
    model.sites.iter().filter(is_own).any(fails)
}

/// What decides, beside the line itself.
struct Known {
    numbers: Numbers,
    processes: u64,
}

impl Known {
    /// Whether the arguments that are there, or nothing at all, are what a rule finds.
    fn holds(&self, rule: &str, old: Option<&str>, new: &str) -> bool {
        let first = old.map(|old| old.split_whitespace().next().unwrap_or_default());
        let milliseconds = |default: &str| units::milliseconds(first.unwrap_or(default));
        match rule {
            "body-limit-too-small" => {
                let limit = units::bytes(first.unwrap_or("1m"));
                limit.is_some_and(|limit| limit > 0 && limit < self.numbers.max_message)
            }
            "keepalive-shorter-than-lb" => {
                let held = u64::from(BACKEND_KEEPALIVE.value) * 1_000;
                milliseconds("75s").is_some_and(|time| time > 0 && time <= held)
            }
            "read-timeout-too-short" => {
                milliseconds("60s").is_some_and(|time| time < self.numbers.silence())
            }
            "listen-port-mismatch" => old.is_none_or(|old| port(old) != port(new)),
            "polling-buffered" => {
                self.numbers.polling && first.is_some_and(|value| value.eq_ignore_ascii_case("on"))
            }
            "http10-to-upstream" => first.is_none_or(|version| version == "1.0"),
            "prefix-not-mapped" => old.is_some_and(|old| is_other_path(uri(old), uri(new))),
            "constant-connection-upgrade" => self.numbers.polling,
            "too-few-connections" => {
                let each = first.and_then(|count| count.parse::<u64>().ok());
                each.is_some_and(|each| each.saturating_mul(self.processes) < 512)
            }
            _ => is_lost(rule, old),
        }
    }
}

/// The rules of headers: whether the one that is there does not say what it should.
fn is_lost(rule: &str, old: Option<&str>) -> bool {
    let value = old.map(|old| old.split_once(char::is_whitespace).map_or("", |(_, value)| value));
    let value = value.map(|value| value.trim().trim_matches(['"', '\'']));
    let is = |value: &str, other: &str| value.eq_ignore_ascii_case(other);
    match rule {
        // What a variable comes to is not seen here.
        "upgrade-not-forwarded" => value.is_none_or(|value| {
            !value.contains('$') && !is(value, "upgrade") && !is(value, "websocket")
        }),
        "host-not-forwarded" => value.is_none_or(|value| value == "$proxy_host"),
        "client-address-lost" => value == Some("$remote_addr"),
        "forwarded-proto-overwritten" => matches!(value, Some("$scheme" | "http")),
        _ => true,
    }
}

fn is_other_path(old: &str, new: &str) -> bool {
    old != new && (old.contains("socket.io") || new.contains("socket.io"))
}

/// The port of a `listen`.
fn port(arguments: &str) -> &str {
    let address = arguments.split_whitespace().next().unwrap_or_default();
    let address = address.rsplit(':').next().unwrap_or_default();
    if address.bytes().all(|byte| byte.is_ascii_digit()) { address } else { "80" }
}

/// What stands behind the host in a `proxy_pass`.
fn uri(url: &str) -> &str {
    let url = url.trim().trim_end_matches(';');
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("", |start| &rest[start..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::set::Mark;

    fn is(rule: &str, old: Option<&str>) -> bool {
        let known = Known { numbers: Numbers::of(&Mark::default()), processes: 1 };
        known.holds(rule, old, "8080")
    }

    #[test]
    fn a_fault_is_named_where_the_old_line_has_it() {
        for (rule, faulty, fine) in [
            ("body-limit-too-small", "100k", "10m"),
            ("body-limit-too-small", "1k", "0"),
            ("keepalive-shorter-than-lb", "65s", "700s"),
            ("keepalive-shorter-than-lb", "600", "0"),
            ("read-timeout-too-short", "30s", "120s"),
            ("listen-port-mismatch", "80", "0.0.0.0:8080 ssl"),
            ("polling-buffered", "on", "off"),
            ("http10-to-upstream", "1.0", "2"),
            ("upgrade-not-forwarded", "Connection close", "Connection $http_connection"),
            ("host-not-forwarded", "Host $proxy_host", "Host $http_host"),
            ("client-address-lost", "X-Forwarded-For $remote_addr", "X-Forwarded-For $proxy_add_x"),
            ("forwarded-proto-overwritten", "X-Forwarded-Proto $scheme", "X-Forwarded-Proto $x"),
            ("too-few-connections", "256", "1024"),
        ] {
            assert!(is(rule, Some(faulty)), "{rule}: {faulty}");
            assert!(!is(rule, Some(fine)), "{rule}: {fine}");
        }
        // What nginx does without the line.
        for (rule, is_fault) in [
            ("keepalive-shorter-than-lb", true),
            ("read-timeout-too-short", false),
            ("client-address-lost", false),
            ("forwarded-proto-overwritten", false),
            ("upgrade-not-forwarded", true),
            ("polling-buffered", false),
        ] {
            assert_eq!(is(rule, None), is_fault, "{rule}");
        }
    }
}
