//! What is the same to nginx, and what is taste.

use crate::nginx::{Directive, is_inherited, rows, units};

/// What everybody writes as they like: no session depends on it, so it is no difference. A directive that only names a
/// place for files, how much is logged, or what is compressed is the image's affair, or the team's.
pub(super) fn is_taste(ours: &Directive) -> bool {
    const TASTE: [&str; 17] = [
        "access_log",
        "client_body_temp_path",
        "default_type",
        "error_log",
        "fastcgi_temp_path",
        "include",
        "keepalive_requests",
        "log_format",
        "pid",
        "proxy_temp_path",
        "scgi_temp_path",
        "server_name",
        "server_tokens",
        "uwsgi_temp_path",
        "worker_processes",
        "worker_rlimit_nofile",
        "zone",
    ];
    let name = &*ours.name.text;
    is_client_header(ours) || TASTE.contains(&name) || name == "gzip" || name.starts_with("gzip_")
}

/// The lines within a block that rest on others elsewhere, which are taste and not brought along.
pub(super) fn dependent<'d>(block: &'d Directive, visit: &mut impl FnMut(&'d Directive)) {
    for child in block.children() {
        let log = &*child.name.text == "access_log" && child.argument(1).is_some();
        if log || is_client_header(child) {
            visit(child);
        }
        dependent(child, visit);
    }
}

fn is_client_header(ours: &Directive) -> bool {
    &*ours.name.text == "proxy_set_header" && ours.argument(0) == Some("X-Real-IP")
}

/// Whether a block may have several lines of a name, which fill one list, and hide those of the blocks around.
pub(super) fn is_list(name: &str) -> bool {
    let rows = rows(name);
    let plain = rows.iter().all(|row| !row.once && !row.block);
    is_inherited(name) && name != "listen" && !rows.is_empty() && plain
}

/// What tells a line from others of its name in one block.
pub(super) fn key(one: &Directive) -> String {
    let first = || one.argument(0).unwrap_or_default();
    match &*one.name.text {
        "set" | "rewrite" | "error_page" => first().to_owned(),
        name if name.ends_with("_set_header") || name == "add_header" => first().to_lowercase(),
        name if is_list(name) => words(one).join(" "),
        _ => String::new(),
    }
}

/// The ports of a `listen`, or of those in a server.
pub(in crate::diff) fn ports_of(one: &Directive) -> Vec<&str> {
    match &*one.name.text {
        "listen" => {
            let address = one.argument(0).unwrap_or_default();
            vec![address.rsplit_once(':').map_or(address, |(_, port)| port)]
        }
        "server" if one.block.is_some() => {
            let listens = one.children().iter().filter(|child| &*child.name.text == "listen");
            listens.flat_map(ports_of).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a location of ours is the one for sessions: only that turns buffering off.
pub(super) fn is_session(ours: &Directive) -> bool {
    let off =
        |one: &Directive| &*one.name.text == "proxy_buffering" && one.argument(0) == Some("off");
    &*ours.name.text == "location" && ours.children().iter().any(off)
}

pub(super) fn words(directive: &Directive) -> Vec<&str> {
    directive.arguments.iter().map(|word| &*word.text).collect()
}

/// Whether two lines of a name say the same; `mine` are the words of ours, with the other side's names in them.
pub(super) fn same_words(ours: &Directive, mine: &[String], theirs: &Directive) -> bool {
    let name = &*ours.name.text;
    let yours = words(theirs);
    let same = |(one, other): (&String, &&str)| same_word(name, one, other);
    match name {
        // Of one server, the first is the default one anyway.
        "listen" if ports_of(ours) == ports_of(theirs) => protocols(ours) == protocols(theirs),
        // The second is only told to the client.
        "keepalive_timeout" => mine.iter().zip(&yours).take(1).all(same),
        // What is answered beside the status is taste, unless it says where to go.
        "return" if mine.first().is_some_and(|code| code.starts_with('2')) => {
            mine.first().map(String::as_str) == yours.first().copied()
        }
        // Of a server of an upstream only what is asked for.
        "server" => mine.iter().all(|one| yours.iter().any(|other| one == other)),
        _ if !is_once(name) => *mine == yours,
        _ => mine.len() == yours.len() && mine.iter().zip(&yours).all(same),
    }
}

/// What decides how a connection begins.
fn protocols(listen: &Directive) -> Vec<&str> {
    let words = listen.arguments.iter().map(|word| &*word.text);
    words.filter(|word| matches!(*word, "ssl" | "proxy_protocol" | "quic")).collect()
}

/// Whether a block may have but one line of a name: a setting, with a value that nginx reads.
fn is_once(name: &str) -> bool {
    rows(name).iter().any(|row| row.once)
}

/// Whether two words are the same to a directive: `90` and `90s`, `1m` and `1024k`, `on` and `ON`.
pub(super) fn same_word(name: &str, one: &str, other: &str) -> bool {
    let times = (units::milliseconds(one), units::milliseconds(other));
    let sizes = (units::bytes(one), units::bytes(other));
    let both = |(one, other): (Option<u64>, Option<u64>)| one.is_some() && one == other;
    if one == other || units::switch(one).is_some_and(|on| Some(on) == units::switch(other)) {
        return true;
    }
    match amount(name) {
        Some(Amount::Time) => both(times),
        Some(Amount::Size) => both(sizes),
        // A letter may be a time's or a size's: here all that can be read must agree.
        None => times.0 == times.1 && sizes.0 == sizes.1 && (both(times) || both(sizes)),
    }
}

/// What an argument of a directive counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    Time,
    Size,
}

pub(super) fn amount(name: &str) -> Option<Amount> {
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
    if ends(&["_timeout", "_time", "_delay"]) {
        Some(Amount::Time)
    } else if ends(&["_size", "_buffer", "_after", "_rate"]) {
        Some(Amount::Size)
    } else {
        None
    }
}
