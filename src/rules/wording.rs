//! Numbers as people say them, names as they mistype them, and faults that wait for something.

use strsim::damerau_levenshtein;

use crate::diagnostic::Severity;

/// A time: `25 s`, `500 ms`.
pub(super) fn time(milliseconds: u64) -> String {
    if milliseconds.is_multiple_of(1_000) {
        format!("{} s", milliseconds / 1_000)
    } else {
        format!("{milliseconds} ms")
    }
}

/// A size: `100 KiB`, `5 MB`.
pub(super) fn size(bytes: u64) -> String {
    let units = [(1 << 20, "MiB"), (1_000_000, "MB"), (1 << 10, "KiB"), (1_000, "KB")];
    let mut exact = units.iter().filter(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit));
    exact
        .next()
        .map_or_else(|| format!("{bytes} bytes"), |(unit, name)| format!("{} {name}", bytes / unit))
}

/// Whether one name was probably written for another: `chat-v1` and `chat-v2` are two, and no slip.
pub(super) fn is_slip(own: &str, wanted: &str) -> bool {
    let letters = |name: &str| name.replace(|c: char| c.is_ascii_digit(), "");
    damerau_levenshtein(own, wanted) <= wanted.len() / 8 && letters(own) != letters(wanted)
}

/// How what a BackendConfig says begins, where somebody meant it for a Service that does not name it.
pub(super) const ONCE_APPLIED: &str = "once the BackendConfig applies, ";

/// What a BackendConfig comes to: a fault now, or a warning of one if it does not apply yet.
pub(super) fn as_it_applies(
    in_force: bool,
    severity: Severity,
    fault: String,
) -> (String, Severity) {
    if in_force {
        return (fault, severity);
    }
    (format!("{ONCE_APPLIED}{fault}"), severity.min(Severity::Warning))
}
