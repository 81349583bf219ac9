//! File names as URIs.

use std::fmt::Write as _;

/// What relative names are relative to, in the words that GitHub knows.
const ROOT: &str = "%SRCROOT%";

/// The URI of a file name, and the base that it is relative to.
pub(super) fn of(name: &str) -> (String, Option<&'static str>) {
    let encoded = encode(name);
    if name.starts_with('/') { (format!("file://{encoded}"), None) } else { (encoded, Some(ROOT)) }
}

/// Without a colon, too: what is before one in a relative reference would be a scheme.
fn encode(name: &str) -> String {
    let mut uri = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_what_a_uri_reserves() {
        assert_eq!(of("k8s/a b#1:é.yaml").0, "k8s/a%20b%231%3A%C3%A9.yaml");
        assert_eq!(of("k8s/a.yaml").1, Some(ROOT));
        assert_eq!(of("/k8s/a.yaml"), ("file:///k8s/a.yaml".to_owned(), None));
    }
}
