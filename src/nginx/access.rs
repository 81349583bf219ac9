//! `allow`, `deny` and `auth_basic`: who is kept out before a request is answered.
//!
//! A `return` comes first: it answers whoever asks (`nginx/nginx:src/http/ngx_http.h`, the phases).

use std::net::IpAddr;

use super::config::{Config, NodeId};
use super::defaults::Version;

impl Config<'_> {
    /// The `deny` that certainly keeps an address out of a level: the first line that fits it decides. `None` also
    /// where a line cannot be read, and where a password would do as well.
    pub fn keeps_out(&self, level: NodeId, address: IpAddr) -> Option<NodeId> {
        let access = self.effective(level, "deny");
        if access.doubt.is_some() || self.is_satisfied_by_any(level) {
            return None;
        }
        for line in access.lines {
            if fits(self.value(line), address)? {
                return (self.name(line) == "deny").then_some(line);
            }
        }
        None
    }

    /// The `auth_basic` that asks everybody for a password.
    pub fn asks_for_password(&self, level: NodeId) -> Option<NodeId> {
        let asks = self.effective(level, "auth_basic");
        let line = asks.line().filter(|_| asks.doubt.is_none())?;
        let value = self.value(line);
        let sure = !value.contains('$') && value != "off" && !self.is_satisfied_by_any(level);
        sure.then_some(line)
    }

    pub(super) fn is_satisfied_by_any(&self, level: NodeId) -> bool {
        self.effective_value(level, "satisfy", Version(1, 0, 0)) == Some("any")
    }
}

/// Whether what a line names holds an address; `None` where it is neither an address nor a network.
fn fits(named: &str, address: IpAddr) -> Option<bool> {
    match named {
        "all" => return Some(true),
        "unix:" => return Some(false),
        _ => {}
    }
    let (network, bits) = match named.split_once('/') {
        Some((network, bits)) => (network, Some(bits.parse::<u32>().ok()?)),
        None => (named, None),
    };
    Some(match (network.parse().ok()?, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let shift = 32_u32.checked_sub(bits.unwrap_or(32))?;
            let head = |address: u32| address.checked_shr(shift).unwrap_or(0);
            head(network.into()) == head(address.into())
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let shift = 128_u32.checked_sub(bits.unwrap_or(128))?;
            let head = |address: u128| address.checked_shr(shift).unwrap_or(0);
            head(network.into()) == head(address.into())
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nginx::parse;

    fn keeps_out(lines: &str, address: &str) -> Option<String> {
        let tree = parse(&format!("location / {{ {lines} }}"));
        let config = Config::alone(&tree);
        let location = config.all_named("location").next().unwrap();
        let line = config.keeps_out(location, address.parse().unwrap())?;
        Some(format!("{} {}", config.name(line), config.value(line)))
    }

    #[test]
    fn the_first_line_that_fits_decides() {
        let lines = "deny 35.191.7.0/24; allow 35.191.0.0/16; allow 2001:db8::/32; deny all;";
        for (address, by) in [
            ("35.191.7.9", Some("deny 35.191.7.0/24")),
            ("35.191.8.9", None),
            ("130.211.0.9", Some("deny all")),
            ("2001:db8:1::1", None),
            ("2001:db9::1", Some("deny all")),
        ] {
            assert_eq!(keeps_out(lines, address).as_deref(), by, "{address}");
        }
        assert_eq!(keeps_out("allow 10.0.0.0/8;", "35.191.0.1"), None, "nobody is denied");
        assert_eq!(keeps_out("deny 0.0.0.0/0;", "35.191.0.1").as_deref(), Some("deny 0.0.0.0/0"));
    }

    #[test]
    fn what_cannot_be_read_keeps_nobody_out_for_sure() {
        for lines in ["allow $office; deny all;", "satisfy any; auth_basic x; deny all;"] {
            assert_eq!(keeps_out(lines, "35.191.0.1"), None, "{lines}");
        }
    }
}
