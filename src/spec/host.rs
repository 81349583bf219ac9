//! Host names, one or several.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::newtype::{Invalid, checked_text, only};

const HOST_MAX: usize = 253;
const PART_MAX: usize = 63;

checked_text!(
    /// A DNS name in lower case, as an Ingress rule takes it; no wildcard, no port, no scheme.
    Host, check,
    expecting: "a host name such as \"chat.example.com\"",
    schema: { "title": "host name", "pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?\\.)*[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "maxLength": 253 }
);

fn check(text: &str) -> Result<(), Invalid> {
    if text.contains("://") || text.contains('/') {
        return Err(Invalid::new("a host is a bare DNS name, without scheme or path"));
    }
    if text.starts_with("*.") {
        return Err(Invalid::new("a wildcard host is not supported: name each host"));
    }
    let what = "a host is a DNS name of lowercase letters, digits, `-` and `.`";
    only(text, |c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.'), what)?;
    if text.len() > HOST_MAX {
        return Err(Invalid::new(format!("a host has at most {HOST_MAX} characters")));
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err(Invalid::new("a host is a DNS name: an Ingress takes no IP address"));
    }
    text.split('.').try_for_each(check_part)
}

fn check_part(part: &str) -> Result<(), Invalid> {
    if part.is_empty() || part.len() > PART_MAX {
        return Err(Invalid::new(format!(
            "each part between the dots of a host has 1 to {PART_MAX} characters"
        )));
    }
    if part.starts_with('-') || part.ends_with('-') {
        return Err(Invalid::new(
            "each part between the dots of a host begins and ends with a letter or a digit",
        ));
    }
    Ok(())
}

/// One host, or a list of them that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts(Vec<Host>);

impl Hosts {
    /// The hosts, in the order written.
    pub fn as_slice(&self) -> &[Host] {
        &self.0
    }
}

/// One host is written as one, not as a list.
impl Serialize for Hosts {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [host] => host.serialize(to),
            hosts => hosts.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Hosts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OneOrMany)
    }
}

struct OneOrMany;

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Hosts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a host name such as \"chat.example.com\", or a list of them")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Hosts, E> {
        text.parse().map(|host| Hosts(vec![host])).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Hosts, A::Error> {
        let mut hosts = Vec::new();
        while let Some(host) = items.next_element()? {
            hosts.push(host);
        }
        if hosts.is_empty() {
            return Err(de::Error::custom("an app has at least one host"));
        }
        Ok(Hosts(hosts))
    }
}

impl JsonSchema for Hosts {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Hosts".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let host = generator.subschema_for::<Host>();
        json_schema!({
            "anyOf": [host, { "type": "array", "items": host, "minItems": 1, "uniqueItems": true }]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_dns_names_only() {
        for good in ["chat.example.com", "localhost", "a-b.c", "xn--bcher-kva.example"] {
            assert!(good.parse::<Host>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "Chat.example.com",
            "*.example.com",
            "a..b",
            "a.-b",
            "https://a.b",
            "a.b/c",
            "10.0.0.1",
            "a b",
            "a:80",
        ] {
            assert!(bad.parse::<Host>().is_err(), "{bad}");
        }
    }
}
