//! Labels and annotations as Kubernetes takes them.

use super::newtype::{Invalid, checked_text, only};

const PART_MAX: usize = 63;
const PREFIX_MAX: usize = 253;

checked_text!(
    /// The key of a label or an annotation: a name of at most 63 characters, after an optional DNS prefix and `/`.
    LabelKey, check_key,
    expecting: "a key such as \"team\" or \"example.com/team\"",
    schema: { "title": "label key", "pattern": "^([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$" }
);

checked_text!(
    /// The value of a label: at most 63 characters; may be empty.
    LabelValue, check_value,
    expecting: "a label value such as \"payments\"",
    schema: { "title": "label value", "pattern": "^([A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?)?$" }
);

checked_text!(
    /// The name of a Service port: 1 to 15 lowercase letters, digits and `-`, at least one letter.
    PortName, check_port_name,
    expecting: "a port name such as \"http\"",
    schema: { "title": "port name", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "maxLength": 15 }
);

impl From<&super::Name> for LabelValue {
    fn from(name: &super::Name) -> Self {
        Self(name.as_str().to_owned())
    }
}

fn check_key(text: &str) -> Result<(), Invalid> {
    let (prefix, name) =
        text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    if let Some(prefix) = prefix {
        check_prefix(prefix)?;
    }
    if name.is_empty() {
        return Err(Invalid::new("a key has a name of 1 to 63 characters"));
    }
    check_part(name, "a key")
}

fn check_prefix(prefix: &str) -> Result<(), Invalid> {
    let what = "the part of a key before `/` is a DNS name";
    only(prefix, |c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.'), what)?;
    let part_ok = |part: &str| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-');
    if prefix.len() > PREFIX_MAX || !prefix.split('.').all(part_ok) {
        return Err(Invalid::new(what));
    }
    Ok(())
}

fn check_value(text: &str) -> Result<(), Invalid> {
    if text.is_empty() { Ok(()) } else { check_part(text, "a label value") }
}

fn check_part(text: &str, what: &str) -> Result<(), Invalid> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    only(text, allowed, &format!("{what} is made of letters, digits and `-._`"))?;
    let edge_ok = |c: char| c.is_ascii_alphanumeric();
    if !text.starts_with(edge_ok) || !text.ends_with(edge_ok) {
        return Err(Invalid::new(format!("{what} begins and ends with a letter or a digit")));
    }
    if text.len() > PART_MAX {
        return Err(Invalid::new(format!("{what} has at most {PART_MAX} characters")));
    }
    Ok(())
}

fn check_port_name(text: &str) -> Result<(), Invalid> {
    let what = "a port name is made of lowercase letters, digits and `-`";
    only(text, |c| matches!(c, 'a'..='z' | '0'..='9' | '-'), what)?;
    let shaped = !text.starts_with('-') && !text.ends_with('-') && !text.contains("--");
    if !shaped
        || !(1..=15).contains(&text.len())
        || !text.contains(|c: char| c.is_ascii_lowercase())
    {
        return Err(Invalid::new(
            "a port name has 1 to 15 characters, at least one letter, and `-` only between others",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_may_have_a_dns_prefix() {
        for good in ["team", "example.com/team", "app.kubernetes.io/name", "A_b.c-d"] {
            assert!(good.parse::<LabelKey>().is_ok(), "{good}");
        }
        for bad in
            ["", "/team", "a//b", "Example.com/team", "team-", "a b", "-x/y", &"a".repeat(64), "x/"]
        {
            assert!(bad.parse::<LabelKey>().is_err(), "{bad}");
        }
    }

    #[test]
    fn values_may_be_empty() {
        assert!("".parse::<LabelValue>().is_ok());
        assert!("v1.2_x".parse::<LabelValue>().is_ok());
        assert!("a b".parse::<LabelValue>().is_err());
    }

    #[test]
    fn port_names_have_a_letter() {
        assert!("http-2".parse::<PortName>().is_ok());
        for bad in ["", "80", "a--b", "Http", "a-very-long-name"] {
            assert!(bad.parse::<PortName>().is_err(), "{bad}");
        }
    }
}
