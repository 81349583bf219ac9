//! Directives whose name is not quite one of nginx's.

use super::contexts::Context;
use super::directives::{all, rows};
use super::tree::Directive;

/// Directives of well-known modules whose names are near to nginx's own.
const FOREIGN: [&str; 8] = [
    "subs_filter",
    "subs_filter_types",
    "proxy_pass_trailers",
    "status",
    "check",
    "queue",
    "state",
    "echo",
];

/// The one directive of nginx's own that a name was meant to be, if it is one or two letters away.
pub(super) fn meant(context: Context, directive: &Directive) -> Option<&'static str> {
    let name = &*directive.name.text;
    if !rows(name).is_empty() || name.len() < 6 || FOREIGN.contains(&name) || !is_plain(name) {
        return None;
    }
    let most = if name.len() < 9 { 1 } else { 2 };
    let mut found: Option<(usize, &'static str)> = None;
    let mut rival = false;
    for row in all().filter(|row| row.allows(context) && row.block == directive.block.is_some()) {
        if row.name.len().abs_diff(name.len()) > most {
            continue;
        }
        let distance = distance(name.as_bytes(), row.name.as_bytes());
        match found {
            _ if distance > most => {}
            Some((best, known)) if best < distance || known == row.name => {}
            Some((best, _)) if best == distance => rival = true,
            _ => (found, rival) = (Some((distance, row.name)), false),
        }
    }
    found.map(|(_, name)| name).filter(|_| !rival)
}

/// Whether it may be a name, and is not something that a template is filled in for.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// How many letters have to be put in, taken out or changed.
fn distance(one: &[u8], other: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, a) in one.iter().enumerate() {
        let mut corner = row[0];
        row[0] = at + 1;
        for (index, b) in other.iter().enumerate() {
            let changed = corner + usize::from(a != b);
            corner = row[index + 1];
            row[index + 1] = changed.min(corner + 1).min(row[index] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;

    #[test]
    fn what_is_near_one_directive_was_meant_to_be_it() {
        let meant = |text: &str| meant(Context::Location, &parse(text).directives[0]);
        assert_eq!(meant("proxy_set_heder Host $host;"), Some("proxy_set_header"));
        assert_eq!(meant("proxy_pas http://app;"), Some("proxy_pass"));
        assert_eq!(meant("proxy_pass http://app;"), None);
        for other in ["subs_filter a b;", "more_set_headers a;", "brotli_static on;", "echo hi;"] {
            assert_eq!(meant(other), None, "{other}");
        }
    }
}
