//! Names as Kubernetes takes them.

use super::newtype::{Invalid, checked_text, only};

const LABEL: &str = "a name is made of lowercase letters, digits and `-`";
const LABEL_MAX: usize = 63;
const SUBDOMAIN_MAX: usize = 253;

checked_text!(
    /// An RFC 1123 label: what names an app or a namespace.
    Name, check_label,
    expecting: "a name such as \"chat\"",
    schema: { "title": "name", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "maxLength": 63 }
);

checked_text!(
    /// An RFC 1035 label: what a Service may be called.
    ServiceName, check_service,
    expecting: "a Service name such as \"chat\"",
    schema: { "title": "name", "pattern": "^[a-z]([-a-z0-9]*[a-z0-9])?$", "maxLength": 63 }
);

checked_text!(
    /// An RFC 1123 subdomain: what most other objects may be called.
    ObjectName, check_subdomain,
    expecting: "an object name such as \"chat\"",
    schema: { "title": "name", "pattern": "^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$", "maxLength": 253 }
);

checked_text!(
    /// The name of a resource of Google's: an RFC 1035 label.
    GoogleName, check_google,
    expecting: "the name of a resource such as \"chat-ip\"",
    schema: { "title": "name", "pattern": "^[a-z]([-a-z0-9]*[a-z0-9])?$", "maxLength": 63 }
);

impl From<&Name> for ObjectName {
    fn from(name: &Name) -> Self {
        Self(name.as_str().to_owned())
    }
}

fn check_label(text: &str) -> Result<(), Invalid> {
    only(text, |c| matches!(c, 'a'..='z' | '0'..='9' | '-'), LABEL)?;
    edges(text)?;
    length(text, LABEL_MAX)
}

fn check_service(text: &str) -> Result<(), Invalid> {
    check_label(text)?;
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Invalid::new("a Service name begins with a letter"));
    }
    Ok(())
}

fn check_google(text: &str) -> Result<(), Invalid> {
    check_label(text)?;
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Invalid::new("the name of a resource of Google's begins with a letter"));
    }
    Ok(())
}

fn check_subdomain(text: &str) -> Result<(), Invalid> {
    only(text, |c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.'), LABEL)?;
    text.split('.').try_for_each(edges)?;
    length(text, SUBDOMAIN_MAX)
}

fn edges(text: &str) -> Result<(), Invalid> {
    if text.is_empty() {
        return Err(Invalid::new("a name is not empty"));
    }
    if text.starts_with('-') || text.ends_with('-') {
        return Err(Invalid::new("a name begins and ends with a letter or a digit"));
    }
    Ok(())
}

fn length(text: &str, max: usize) -> Result<(), Invalid> {
    if text.len() > max {
        let found = text.len();
        return Err(Invalid::new(format!("a name has at most {max} characters, not {found}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_kubernetes_takes() {
        for good in ["chat", "a", "chat-2", "2chat"] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in ["", "Chat", "chat_1", "-chat", "chat-", "a.b", "ch\nat", &"a".repeat(64)] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
    }

    #[test]
    fn service_names_begin_with_a_letter() {
        assert!("2chat".parse::<ServiceName>().is_err());
        assert!("chat2".parse::<ServiceName>().is_ok());
    }

    #[test]
    fn object_names_may_have_dots_but_no_empty_part() {
        assert!("chat.v2".parse::<ObjectName>().is_ok());
        assert!("chat..v2".parse::<ObjectName>().is_err());
        assert!("chat.-v2".parse::<ObjectName>().is_err());
    }

    #[test]
    fn says_what_is_allowed_and_what_was_found() {
        let error = "Chat".parse::<Name>().unwrap_err();
        assert_eq!(error.to_string(), format!("{LABEL}, but it holds 'C'"));
    }
}
