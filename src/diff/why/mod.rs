//! Why a difference matters: the rule or the rung of the ladder behind each field that sioway renders.
//!
//! A reason that names a fault is given only where what is there has it. Where it has not, the description asks for
//! another value, and no more is said.

mod faults;
mod fields;
mod nginx;

use super::ground::Ground;
use super::nginx::meaning::ports_of;
use crate::kube::Object;
use crate::manifest::{Node, Path};
use crate::nginx::Directive;

pub(super) use nginx::settle;

/// Why a field is as it is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Why {
    /// The rule that names what happens otherwise.
    pub rule: Option<&'static str>,
    /// The key of app.toml behind it.
    pub key: Option<&'static str>,
    /// What happens otherwise: lower case, no full stop. Empty where the difference speaks for itself.
    pub reason: &'static str,
}

const fn row(rule: &'static str, key: &'static str, reason: &'static str) -> Why {
    Why {
        rule: if rule.is_empty() { None } else { Some(rule) },
        key: if key.is_empty() { None } else { Some(key) },
        reason,
    }
}

/// What is said where no fault of the old value is known.
pub(crate) const OTHER_VALUE: &str = "app.toml asks for another value";

/// The same where there is no old value.
pub(crate) const NO_VALUE: &str = "app.toml asks for it";

/// A field that differs, with all that is known of it.
pub(super) struct Case<'a, 'c> {
    /// Both sides as a whole.
    pub(super) ground: &'a Ground<'c>,
    /// The object as it is rendered.
    pub(super) one: &'a Object<'a>,
    /// As it is there.
    pub(super) other: &'a Object<'a>,
    /// The field.
    pub(super) path: &'a Path,
    /// Whether anything is there.
    pub(super) is_there: bool,
}

/// Why a field of a kind matters, whatever it is.
pub fn why(kind: &str, path: &Path) -> Why {
    fields::rows(kind, path).next().map(|row| row.why).unwrap_or_default()
}

/// Why it matters that a field is not as it is rendered.
pub(super) fn why_changed(case: &Case<'_, '_>) -> Why {
    let mut rows = fields::rows(case.one.kind, case.path).peekable();
    let key = rows.peek().and_then(|row| row.why.key);
    let known = rows.find(|row| (row.holds)(case)).map(|row| row.why);
    let why = known.unwrap_or_else(|| plain(key, case.is_there));
    let is_nginx = why.key == Some(LISTEN) && !leads_to_nginx(case);
    Why { key: if is_nginx { Some("port") } else { why.key }, ..why }
}

/// Where nginx listens: it decides where it is asked, unless the app is asked itself.
const LISTEN: &str = "nginx.listen";

/// Whether a rendered Service or BackendConfig is for nginx: one of its ports is where nginx listens.
fn leads_to_nginx(case: &Case<'_, '_>) -> bool {
    let ports = case.one.in_spec(&["ports"]).into_iter().flat_map(Node::items);
    let targets = ports.filter_map(|port| port.get("targetPort")?.text());
    let checked = case.one.in_spec(&["healthCheck", "port"]).and_then(Node::text);
    let asked: Vec<&str> = targets.chain(checked).collect();
    let listens = |one: &Directive| ports_of(one).iter().any(|port| asked.contains(port));
    case.ground.ours.nginx.iter().any(|text| is_any(&text.tree.directives, &listens))
}

fn is_any(all: &[Directive], holds: &dyn Fn(&Directive) -> bool) -> bool {
    all.iter().any(|one| holds(one) || is_any(one.children(), holds))
}

/// The description asks for it: that is all.
fn plain(key: Option<&'static str>, is_there: bool) -> Why {
    let reason = match key {
        None => "",
        Some(_) if is_there => OTHER_VALUE,
        Some(_) => NO_VALUE,
    };
    Why { rule: None, key, reason }
}

/// By the directive's name, and for headers by the header's.
const DIRECTIVES: &[(&str, Why)] = &[
    ("absolute_redirect", row("", "", "redirects would name nginx's own port and plain HTTP")),
    (
        "client_max_body_size",
        row(
            "body-limit-too-small",
            "socketio.max-message",
            "a larger POST is answered with 413, and the client disconnects",
        ),
    ),
    (
        "keepalive_timeout",
        row(
            "keepalive-shorter-than-lb",
            "",
            "shorter than the load balancer's 600 s means 502 now and then",
        ),
    ),
    (
        "include",
        row(
            "",
            "",
            "nginx does not start without a DNS server that it may ask for the pods' names",
        ),
    ),
    ("listen", row("listen-port-mismatch", "nginx.listen", "the Service sends to another port")),
    // Rendered for health checks alone.
    (
        "location =",
        row(
            "health-location-missing",
            "health.path",
            "the load balancer asks for it, and takes nothing but 200",
        ),
    ),
    ("location", row("", "", "requests for this path are answered otherwise")),
    ("map", row("", "", "nginx does not start without a variable that other lines use")),
    (
        "proxy_buffering",
        row(
            "polling-buffered",
            "",
            "answers to polling go through nginx's buffers, and large ones through a file",
        ),
    ),
    (
        "proxy_http_version",
        row(
            "http10-to-upstream",
            "",
            "older versions ask in HTTP/1.0, which Node.js takes and other servers may refuse",
        ),
    ),
    (
        "proxy_pass",
        row(
            "prefix-not-mapped",
            "socketio.server-path",
            "the Socket.IO server would be asked for another path",
        ),
    ),
    (
        "proxy_read_timeout",
        row(
            "read-timeout-too-short",
            "socketio.ping-timeout",
            "nginx closes a session that is silent for longer",
        ),
    ),
    (
        "proxy_set_header Connection",
        row("upgrade-not-forwarded", "", "no WebSocket gets through without it"),
    ),
    ("proxy_set_header Host", row("host-not-forwarded", "", "the app sees the upstream's name")),
    (
        "proxy_set_header Upgrade",
        row("upgrade-not-forwarded", "", "no WebSocket gets through without it"),
    ),
    (
        "proxy_set_header X-Forwarded-For",
        row("client-address-lost", "", "the app does not see the client's address"),
    ),
    (
        "proxy_set_header X-Forwarded-Proto",
        row(
            "forwarded-proto-overwritten",
            "",
            "the app is told `http` where the load balancer ended TLS",
        ),
    ),
    (
        "zone",
        row("", "", "nginx does not start without memory for the addresses that it asks for later"),
    ),
    ("worker_connections", row("too-few-connections", "", "a WebSocket takes two")),
];

/// Files that nginx makes, which are a difference in no other case.
const UNWRITABLE: Why = row(
    "",
    "",
    "nginx does not start: it cannot make this where the root file system is to be read-only",
);

/// Where each request says that it upgrades, WebSockets get through: what differs is the others.
const CONSTANT_UPGRADE: Why = row(
    "constant-connection-upgrade",
    "",
    "polling requests say `Connection: upgrade` too, which some servers answer with 400",
);

/// Why a directive matters that is rendered, beside the one that is there.
pub(in crate::diff) fn why_rendered(ours: &Directive, theirs: Option<&Directive>) -> Why {
    let first = ours.argument(0).unwrap_or_default();
    let name = &*ours.name.text;
    let connection = name == "proxy_set_header" && first.eq_ignore_ascii_case("connection");
    let old = theirs.and_then(|theirs| theirs.argument(1)).unwrap_or_default();
    let why = why_directive(name, first);
    if crate::path::default_file(name).is_some() {
        return UNWRITABLE;
    }
    if connection && old.eq_ignore_ascii_case("upgrade") {
        CONSTANT_UPGRADE
    } else if name == "map" && ours.argument(1) == Some("$connection_upgrade") {
        Why { rule: Some("connection-upgrade-undefined"), ..why }
    } else {
        why
    }
}

/// Why a directive of nginx matters.
fn why_directive(name: &str, first: &str) -> Why {
    let with_header = format!("{name} {first}");
    let found =
        DIRECTIVES.iter().find(|(key, _)| key.eq_ignore_ascii_case(&with_header) || *key == name);
    found.map(|(_, why)| *why).unwrap_or_default()
}

/// Every rule that a difference may name.
pub fn rules() -> impl Iterator<Item = &'static str> {
    let fields = fields::all();
    let directives = DIRECTIVES.iter().map(|(_, why)| why);
    let special = [&CONSTANT_UPGRADE].into_iter().filter_map(|why| why.rule);
    let special = special.chain(["connection-upgrade-undefined", "ingress-api-removed"]);
    fields.chain(directives).filter_map(|why| why.rule).chain(special)
}
