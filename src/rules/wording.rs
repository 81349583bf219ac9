//! Numbers as people say them.

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
