//! Values that end up in a container: images, quantities, paths, variables.

use super::newtype::{Invalid, checked_text, only};

/// nginx stops reading a word at 4,096 bytes; a path stays well below.
const FILE_PATH_MAX: usize = 1024;
const IMAGE_MAX: usize = 512;

checked_text!(
    /// A container image reference: `registry/repository:tag` or `…@sha256:…`.
    Image, check_image,
    expecting: "an image such as \"registry.example.com/chat:1.4.2\"",
    schema: { "title": "image", "pattern": "^[-A-Za-z0-9._:]+(/[a-z0-9._-]+)*(:[A-Za-z0-9_][-A-Za-z0-9._]*)?(@sha256:[0-9a-f]{64})?$", "maxLength": 512 }
);

checked_text!(
    /// CPUs, as Kubernetes counts them: `"2"`, `"0.5"` or `"250m"`, thousandths.
    Cpu, check_cpu,
    expecting: "an amount of CPU such as \"250m\"",
    schema: { "title": "CPU", "pattern": "^[0-9]+(m|\\.[0-9]{1,3})?$" }
);

checked_text!(
    /// Memory, as Kubernetes counts it: `"256Mi"`.
    Memory, check_memory,
    expecting: "an amount of memory such as \"256Mi\"",
    schema: { "title": "memory", "pattern": "^[0-9]+(k|Ki|M|Mi|G|Gi)$" }
);

checked_text!(
    /// An absolute path inside the nginx container.
    FilePath, check_file_path,
    expecting: "an absolute path such as \"/app/dist\"",
    schema: { "title": "file path", "pattern": "^/[^$\\x00-\\x1f\\x7f]*$", "maxLength": 1024 }
);

checked_text!(
    /// A range of IP addresses.
    AddressRange, check_range,
    expecting: "a range of addresses such as \"130.211.0.0/22\"",
    schema: { "title": "address range", "pattern": "^[0-9a-fA-F.:]+/[0-9]{1,3}$" }
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

/// A range of IP addresses: `"130.211.0.0/22"`.
fn check_range(text: &str) -> Result<(), Invalid> {
    let range = text.split_once('/').and_then(|(address, bits)| {
        Some((address.parse::<std::net::IpAddr>().ok()?, bits.parse::<u8>().ok()?))
    });
    match range {
        Some((address, bits)) if bits <= if address.is_ipv4() { 32 } else { 128 } => Ok(()),
        _ => Err(Invalid::new(
            "a range is an address and a number of bits, such as \"130.211.0.0/22\"",
        )),
    }
}

/// `[registry[:port]/]path[:tag][@sha256:digest]`; a path is in lower case.
fn check_image(text: &str) -> Result<(), Invalid> {
    let (name, digest) =
        text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    let (place, last) = name.rsplit_once('/').map_or(("", name), |(place, last)| (place, last));
    let (last, tag) = last.split_once(':').map_or((last, None), |(last, tag)| (last, Some(tag)));
    let (registry, path) = match place.split_once('/') {
        Some((first, rest)) if is_registry(first) => (Some(first), rest),
        None if is_registry(place) => (Some(place), ""),
        _ => (None, place),
    };
    let path_ok = path.is_empty() || path.split('/').all(is_image_part);
    let tag_ok = tag.is_none_or(is_tag);
    let digest_ok = digest.is_none_or(is_digest);
    if registry.is_none_or(is_plain_registry)
        && path_ok
        && is_image_part(last)
        && tag_ok
        && digest_ok
        && text.len() <= IMAGE_MAX
    {
        return Ok(());
    }
    Err(Invalid::new(
        "an image is a path in lower case with a tag or a digest, such as \"registry.example.com/chat:1.4.2\"",
    ))
}

/// The first part of a path is a registry if it could be a host.
fn is_registry(part: &str) -> bool {
    part.contains(['.', ':']) || part == "localhost"
}

fn is_plain_registry(part: &str) -> bool {
    part.chars().all(|c| c.is_ascii_alphanumeric() || "-.:".contains(c))
}

fn is_image_part(part: &str) -> bool {
    let inner = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.' | '_');
    let edge = |c: char| matches!(c, 'a'..='z' | '0'..='9');
    part.chars().all(inner) && part.starts_with(edge) && part.ends_with(edge)
}

fn is_tag(tag: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    (1..=128).contains(&tag.len()) && tag.chars().all(inner) && !tag.starts_with(['-', '.'])
}

fn is_digest(digest: &str) -> bool {
    let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    digest.strip_prefix("sha256:").is_some_and(|hash| hash.len() == 64 && hash.bytes().all(hex))
}

fn check_cpu(text: &str) -> Result<(), Invalid> {
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let whole = text.strip_suffix('m').unwrap_or(text);
    let shaped = match whole.split_once('.') {
        None => all_digits(whole),
        Some((whole, part)) => {
            !text.ends_with('m') && all_digits(whole) && all_digits(part) && part.len() <= 3
        }
    };
    if shaped {
        Ok(())
    } else {
        Err(Invalid::new(
            "CPU is a number such as \"2\" or \"0.5\", or thousandths such as \"250m\"",
        ))
    }
}

fn check_memory(text: &str) -> Result<(), Invalid> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    if number.is_empty() || !["k", "Ki", "M", "Mi", "G", "Gi"].contains(&unit) {
        return Err(Invalid::new(
            "memory is a whole number with a unit of k, Ki, M, Mi, G or Gi, such as \"256Mi\"",
        ));
    }
    Ok(())
}

fn check_file_path(text: &str) -> Result<(), Invalid> {
    if !text.starts_with('/') {
        return Err(Invalid::new("a path inside the container is absolute: it begins with `/`"));
    }
    if text.contains('$') {
        return Err(Invalid::new(
            "a path holds no `$`: nginx reads it as a variable and cannot escape it",
        ));
    }
    only(text, |c| !c.is_control(), "a path holds no control characters")?;
    if text.len() > FILE_PATH_MAX {
        return Err(Invalid::new(format!("a path has at most {FILE_PATH_MAX} bytes")));
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
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let what = "a DNS server is a host name or an IPv4 address, with an optional port";
    only(host, |c| c.is_ascii_alphanumeric() || "-.".contains(c), what)?;
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
        for good in
            ["chat", "chat:1.4", "registry.example.com:5000/team/chat:1.4.2", digest.as_str()]
        {
            assert!(good.parse::<Image>().is_ok(), "{good}");
        }
        for bad in ["", "chat:", "chat 1", "chat@sha256:12", "a//b", "-a", "chat@md5:x"] {
            assert!(bad.parse::<Image>().is_err(), "{bad}");
        }
    }

    #[test]
    fn cpu_and_memory_have_units_of_their_own() {
        for good in ["1", "250m", "0.5"] {
            assert!(good.parse::<Cpu>().is_ok(), "{good}");
        }
        for bad in ["", "m", "1.", ".5", "1.2.3", "0.5m", "256Mi", "-1", "1e3"] {
            assert!(bad.parse::<Cpu>().is_err(), "{bad}");
        }
        for good in ["256Mi", "1G", "1000k"] {
            assert!(good.parse::<Memory>().is_ok(), "{good}");
        }
        for bad in ["", "Mi", "1m", "1MB", "256", "0.5Gi"] {
            assert!(bad.parse::<Memory>().is_err(), "{bad}");
        }
    }

    #[test]
    fn file_paths_are_what_nginx_can_carry() {
        for good in ["/app/dist", "/with space", "/quo\"te", "/back\\slash", "/{brace};", "/é"] {
            assert!(good.parse::<FilePath>().is_ok(), "{good}");
        }
        for bad in ["app", "", "/a$b", "/a\nb", "/a\u{7f}"] {
            assert!(bad.parse::<FilePath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn resolvers() {
        for good in ["kube-dns.kube-system.svc.cluster.local", "10.0.0.10", "127.0.0.1:5353"] {
            assert!(good.parse::<Resolver>().is_ok(), "{good}");
        }
        for bad in ["", "a:0", "a:b", "a:70000", "a..b", "a;b", "[::1]"] {
            assert!(bad.parse::<Resolver>().is_err(), "{bad}");
        }
    }
}
