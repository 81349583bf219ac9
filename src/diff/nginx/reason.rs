//! Why a difference matters, as far as that is true of what is there.

use super::meaning::{Amount, amount};
use super::side::Side;
use crate::diff::why::{Why, why_rendered};
use crate::nginx::{Directive, units, variables};

/// Where only the server differs that is asked.
const ELSEWHERE: Why = Why { rule: None, key: None, reason: "these requests go to another server" };

/// Why a line of ours matters, beside the one of theirs that holds.
pub(super) fn reason(theirs: &Side<'_>, ours: &Directive, line: Option<&Directive>) -> Why {
    let why = why_rendered(ours, line);
    if &*ours.name.text == "proxy_pass" && line.is_some_and(|line| same_uri(ours, line)) {
        return ELSEWHERE;
    }
    if is_well(theirs, ours, line) { Why::default() } else { why }
}

/// Whether what is there does what the line is for, in another way.
fn is_well(theirs: &Side<'_>, ours: &Directive, line: Option<&Directive>) -> bool {
    let name = &*ours.name.text;
    if name == "proxy_set_header" {
        let header = ours.argument(0).unwrap_or_default();
        let value = line.map(|line| line.argument(1).unwrap_or_default());
        return is_header_well(theirs, &header.to_lowercase(), value);
    }
    let words = ours.argument(0).zip(line.and_then(|line| line.argument(0)));
    words.is_some_and(|(mine, yours)| is_more(name, mine, yours))
}

/// The client's own headers pass where nginx sets none
/// (`ngx_http_proxy_create_request` of `nginx/nginx:src/http/modules/ngx_http_proxy_module.c`), and the load balancer
/// sets those that tell of the client.
fn is_header_well(theirs: &Side<'_>, header: &str, value: Option<&str>) -> bool {
    let speaks_of = |name: &str| value.is_some_and(|value| variables(value).contains(&name));
    match header {
        "host" => speaks_of("host") || speaks_of("http_host"),
        "x-forwarded-for" => {
            value.is_none()
                || speaks_of("proxy_add_x_forwarded_for")
                || speaks_of("http_x_forwarded_for")
        }
        "x-forwarded-proto" => value.is_none_or(|value| {
            !value.is_empty() && !value.eq_ignore_ascii_case("http") && !speaks_of("scheme")
        }),
        "connection" => value.is_some_and(|value| is_upgrade(theirs, value)),
        "upgrade" => speaks_of("http_upgrade"),
        _ => false,
    }
}

/// Whether a variable is `upgrade` where the client asks for that.
fn is_upgrade(theirs: &Side<'_>, value: &str) -> bool {
    let Some(name) = value.strip_prefix('$') else {
        return false;
    };
    let map = theirs.config.map_of(name).filter(|map| theirs.config.value(*map) == "$http_upgrade");
    let mapped = map.and_then(|map| theirs.config.mapped(map, "websocket").ok());
    name == "http_connection" || mapped.is_some_and(|it| it.value.eq_ignore_ascii_case("upgrade"))
}

/// Whether a limit of theirs is wider than ours: that ends no session.
fn is_more(name: &str, mine: &str, yours: &str) -> bool {
    let wider = |read: fn(&str) -> Option<u64>| match (read(mine), read(yours)) {
        (Some(mine), Some(yours)) => yours >= mine || yours == 0 && name == "client_max_body_size",
        _ => false,
    };
    match (amount(name), name) {
        (Some(Amount::Time), _) => wider(units::milliseconds),
        (Some(Amount::Size), _) | (None, "worker_connections") => wider(units::bytes),
        _ => false,
    }
}

/// Whether both have the same behind the host.
fn same_uri(ours: &Directive, theirs: &Directive) -> bool {
    let uri = |one: &Directive| {
        let url = one.argument(0).unwrap_or_default();
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        rest.split_once('/').map(|(_, uri)| uri.to_owned())
    };
    uri(ours) == uri(theirs)
}
