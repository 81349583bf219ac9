//! Values that end up in a container: images, quantities, paths, variables.

use super::newtype::{Invalid, checked_text, only};

/// nginx stops reading a word at 4,096 bytes; a path stays well below.
const FILE_PATH_MAX: usize = 1024;
const IMAGE_MAX: usize = 512;

checked_text!(
    /// A container image reference: `registry/repository:tag` or `…@sha256:…`.
    Image, check_image,
    expecting: "an image such as \"registry.example.com/chat:1.4.2\"",
    schema: { "title": "image", "pattern": "^[A-Za-z0-9]([-A-Za-z0-9._/:]*[A-Za-z0-9_])?(@sha256:[0-9a-f]{64})?$", "maxLength": 512 }
);

checked_text!(
    /// A Kubernetes quantity: `"250m"` of a CPU, `"256Mi"` of memory.
    Quantity, check_quantity,
    expecting: "a quantity such as \"250m\" or \"256Mi\"",
    schema: { "title": "quantity", "pattern": "^[0-9]+(\\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi)?$" }
);

checked_text!(
    /// An absolute path inside the nginx container.
    FilePath, check_file_path,
    expecting: "an absolute path such as \"/app/dist\"",
    schema: { "title": "file path", "pattern": "^/[^$\\x00-\\x1f\\x7f]*$", "maxLength": 1024 }
);

checked_text!(
    /// The name of an environment variable.
    VariableName, check_variable_name,
    expecting: "a variable name such as \"LOG_LEVEL\"",
    schema: { "title": "variable name", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" }
);

checked_text!(
    /// A DNS server: a host name or an IPv4 address, with an optional port.
    Resolver, check_resolver,
    expecting: "a DNS server such as \"kube-dns.kube-system.svc.cluster.local\"",
    schema: { "title": "DNS server", "pattern": "^[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?(:[0-9]{1,5})?$", "maxLength": 253 }
);

fn check_image(text: &str) -> Result<(), Invalid> {
    let (name, digest) = text
        .split_once('@')
        .map_or((text, None), |(name, digest)| (name, Some(digest)));
    let what = "an image is made of letters, digits and `-._/:`";
    only(
        name,
        |c| c.is_ascii_alphanumeric() || "-._/:".contains(c),
        what,
    )?;
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric())
        || name.ends_with(['-', '.', '/', ':'])
    {
        return Err(Invalid::new(
            "an image begins with a letter or a digit and ends with its tag",
        ));
    }
    if name.contains("//") || text.len() > IMAGE_MAX {
        return Err(Invalid::new(
            "an image is a registry path such as \"registry.example.com/chat:1.4.2\"",
        ));
    }
    let hex = |digest: &str| {
        digest.len() == 64
            && digest
                .bytes()
                .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    match digest.map(|digest| digest.strip_prefix("sha256:")) {
        None => Ok(()),
        Some(Some(digest)) if hex(digest) => Ok(()),
        Some(_) => Err(Invalid::new(
            "an image digest is `sha256:` and 64 hex digits",
        )),
    }
}

fn check_quantity(text: &str) -> Result<(), Invalid> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let shaped =
        !number.starts_with('.') && !number.ends_with('.') && number.matches('.').count() <= 1;
    if number.is_empty() || !shaped || !["", "m", "k", "Ki", "M", "Mi", "G", "Gi"].contains(&unit) {
        return Err(Invalid::new(
            "a quantity is a number with a unit of m, k, Ki, M, Mi, G, Gi or none",
        ));
    }
    Ok(())
}

fn check_file_path(text: &str) -> Result<(), Invalid> {
    if !text.starts_with('/') {
        return Err(Invalid::new(
            "a path inside the container is absolute: it begins with `/`",
        ));
    }
    if text.contains('$') {
        return Err(Invalid::new(
            "a path holds no `$`: nginx reads it as a variable and cannot escape it",
        ));
    }
    only(
        text,
        |c| !c.is_control(),
        "a path holds no control characters",
    )?;
    if text.len() > FILE_PATH_MAX {
        return Err(Invalid::new(format!(
            "a path has at most {FILE_PATH_MAX} bytes"
        )));
    }
    Ok(())
}

fn check_variable_name(text: &str) -> Result<(), Invalid> {
    only(
        text,
        |c| c.is_ascii_alphanumeric() || c == '_',
        "a variable name is made of letters, digits and `_`",
    )?;
    if text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Invalid::new("a variable name begins with a letter or `_`"));
    }
    Ok(())
}

fn check_resolver(text: &str) -> Result<(), Invalid> {
    let (host, port) = text
        .split_once(':')
        .map_or((text, None), |(host, port)| (host, Some(port)));
    let what = "a DNS server is a host name or an IPv4 address, with an optional port";
    only(
        host,
        |c| c.is_ascii_alphanumeric() || "-.".contains(c),
        what,
    )?;
    let part_ok = |part: &str| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-');
    let is_numbered = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    if !host.split('.').all(part_ok) || !is_numbered {
        return Err(Invalid::new(what));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images() {
        let digest = format!("a/b@sha256:{}", "0f".repeat(32));
        for good in [
            "chat",
            "chat:1.4",
            "registry.example.com:5000/team/chat:1.4.2",
            digest.as_str(),
        ] {
            assert!(good.parse::<Image>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "chat:",
            "chat 1",
            "chat@sha256:12",
            "a//b",
            "-a",
            "chat@md5:x",
        ] {
            assert!(bad.parse::<Image>().is_err(), "{bad}");
        }
    }

    #[test]
    fn quantities() {
        for good in ["1", "250m", "0.5", "256Mi", "1Gi"] {
            assert!(good.parse::<Quantity>().is_ok(), "{good}");
        }
        for bad in ["", "m", "1.", ".5", "1.2.3", "1MB", "-1", "1e3"] {
            assert!(bad.parse::<Quantity>().is_err(), "{bad}");
        }
    }

    #[test]
    fn file_paths_are_what_nginx_can_carry() {
        for good in [
            "/app/dist",
            "/with space",
            "/quo\"te",
            "/back\\slash",
            "/{brace};",
            "/é",
        ] {
            assert!(good.parse::<FilePath>().is_ok(), "{good}");
        }
        for bad in ["app", "", "/a$b", "/a\nb", "/a\u{7f}"] {
            assert!(bad.parse::<FilePath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn resolvers() {
        for good in [
            "kube-dns.kube-system.svc.cluster.local",
            "10.0.0.10",
            "127.0.0.1:5353",
        ] {
            assert!(good.parse::<Resolver>().is_ok(), "{good}");
        }
        for bad in ["", "a:0", "a:b", "a:70000", "a..b", "a;b", "[::1]"] {
            assert!(bad.parse::<Resolver>().is_err(), "{bad}");
        }
    }
}
