//! URLs as far as a probe needs them, read strictly: what would be misread is refused with the way to write it.

use std::fmt;
use std::str::FromStr;

/// Where an app is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// Whether TLS is spoken.
    pub tls: bool,
    /// A DNS name, or an address; IPv6 without its brackets.
    pub host: String,
    /// The port, whether written or meant.
    pub port: u16,
    /// The path, from its slash; never empty.
    pub path: String,
    /// What stands after `?`; empty where nothing does.
    pub query: String,
}

/// Why a text is no URL to probe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadUrl {
    /// The fact.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

fn bad<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, BadUrl> {
    Err(BadUrl { message: message.into(), help: help.into() })
}

impl FromStr for Url {
    type Err = BadUrl;

    fn from_str(text: &str) -> Result<Self, BadUrl> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return without_scheme(text);
        };
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "https" | "wss" => true,
            "http" | "ws" => false,
            other => {
                return bad(
                    format!("`{}` is not spoken here", printable(other)),
                    "write `https://` or `http://`",
                );
            }
        };
        if let Some(odd) =
            text.chars().find(|c| c.is_control() || c.is_whitespace() || !c.is_ascii())
        {
            return bad(
                format!("the URL holds {odd:?}"),
                "percent-encode it, or write the host as `xn--…`",
            );
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, after) = rest.split_at(end);
        let (host, port) = split_authority(authority)?;
        let (path, query) = after.split_once('?').unwrap_or((after, ""));
        Ok(Self {
            tls,
            host,
            port: port.unwrap_or(if tls { 443 } else { 80 }),
            path: if path.is_empty() { "/" } else { path }.to_owned(),
            query: query.to_owned(),
        })
    }
}

/// What was probably meant: what follows half a scheme, or nothing of one.
fn without_scheme(text: &str) -> Result<Url, BadUrl> {
    if text.trim().is_empty() {
        return bad("the URL is empty", "write `https://chat.example.com`");
    }
    let half = ["https:", "http:", "https//", "http//"];
    let started = half.iter().find_map(|start| Some((*start, text.strip_prefix(start)?)));
    let rest = started.map_or(text, |(_, rest)| rest).trim_start_matches('/');
    let host = rest.split([':', '/']).next().unwrap_or_default();
    let here = host == "localhost" || host.starts_with("127.");
    let plain = started.map_or(here, |(start, _)| !start.starts_with("https"));
    let scheme = if plain { "http" } else { "https" };
    bad("the URL has no scheme", format!("write `{scheme}://{}`", printable(rest)))
}

/// Without what moves the cursor, or turns the direction of writing.
fn printable(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !c.is_control() && !turns(*c)).take(80).collect()
}

/// Host and port of `HOST`, `HOST:PORT`, `[IPv6]` or `[IPv6]:PORT`.
pub fn split_authority(text: &str) -> Result<(String, Option<u16>), BadUrl> {
    if text.contains('@') {
        return bad(
            "the URL carries a user or a password",
            "give it as `--header 'Authorization: …'`",
        );
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, port)) if host.parse::<std::net::Ipv6Addr>().is_ok() => (host, port),
            _ => return bad("the brackets hold no IPv6 address", "write `[::1]:3000`"),
        },
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    check_host(host, text.starts_with('['))?;
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => None,
        Some(digits) => match digits.parse::<u16>() {
            Ok(port) if port > 0 && digits.bytes().all(|b| b.is_ascii_digit()) => Some(port),
            _ => {
                return bad(
                    format!("`{}` is no port", printable(digits)),
                    "a port is a number from 1 to 65535; an IPv6 address stands in brackets",
                );
            }
        },
        None => return bad("something stands after the brackets", "write `[::1]:3000`"),
    };
    Ok((host.to_ascii_lowercase(), port))
}

fn check_host(host: &str, brackets: bool) -> Result<(), BadUrl> {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let name = host.strip_suffix('.').unwrap_or(host);
    if host.is_empty() {
        return bad("the URL has no host", "write `https://chat.example.com`");
    }
    if !brackets && (name.len() > 253 || !name.split('.').all(label)) {
        return bad(
            format!("`{}` is no host name", printable(host)),
            "a host name is made of letters, digits, `-` and `.`",
        );
    }
    Ok(())
}

impl Url {
    /// The host as it is written in a URL.
    fn written_host(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }

    /// The value of the `Host` header.
    pub fn authority(&self) -> String {
        let usual = if self.tls { 443 } else { 80 };
        if self.port == usual {
            self.written_host()
        } else {
            format!("{}:{}", self.written_host(), self.port)
        }
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }

    /// Where a `Location` leads from here.
    pub fn join(&self, location: &str) -> Result<Self, BadUrl> {
        if location.contains("://") {
            return location.parse();
        }
        if let Some(rest) = location.strip_prefix("//") {
            return format!("{}://{rest}", self.scheme()).parse();
        }
        let path = if location.starts_with('/') {
            location.to_owned()
        } else {
            let folder = self.path.rfind('/').map_or("/", |at| &self.path[..=at]);
            format!("{folder}{location}")
        };
        format!("{}://{}{path}", self.scheme(), self.authority()).parse()
    }
}

/// Without the query, which may hold secrets.
impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme(), self.authority(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn reads_what_is_meant() {
        assert_eq!(url("https://A.b").to_string(), "https://a.b/");
        assert_eq!(url("wss://a.b:443/x?y=1#z").to_string(), "https://a.b/x");
        assert_eq!(url("ws://[::1]:3000").authority(), "[::1]:3000");
        assert_eq!(url("http://a.b?x=1").query, "x=1");
        assert_eq!((url("http://a").port, url("https://a").port), (80, 443));
    }

    #[test]
    fn what_turns_the_writing_is_not_repeated() {
        let error = "\u{2068}a\u{202e}b".parse::<Url>().unwrap_err();
        assert_eq!(error.help, "write `https://ab`");
    }

    #[test]
    fn refuses_what_is_not() {
        for text in [
            "",
            "a.b",
            "ftp://a.b",
            "http://",
            "http://a b/",
            "http://a.b:0",
            "http://a.b:65536",
            "http://a.b:+1",
            "http://a.b:x",
            "http://u:p@a.b",
            "http://[::1",
            "http://[1.2.3.4]",
            "http://[::1]x",
            "http://::1/",
            "http://a..b",
            "http://a/\u{7}",
            "http://ü.de",
            "http://a/\r\nHost: b",
        ] {
            let error = text.parse::<Url>().unwrap_err();
            assert!(!error.help.is_empty(), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_forgotten_scheme_is_written_in_the_help() {
        for (text, wanted) in [
            ("chat.example.com", "https://chat.example.com"),
            ("//chat.example.com/", "https://chat.example.com/"),
            ("http:/chat.example.com", "http://chat.example.com"),
            ("https//chat.example.com", "https://chat.example.com"),
            ("localhost:3000", "http://localhost:3000"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            (" ", "https://chat.example.com"),
        ] {
            let error = text.parse::<Url>().unwrap_err();
            assert_eq!(error.help, format!("write `{wanted}`"), "{text}");
        }
    }

    #[test]
    fn follows_locations() {
        let here = url("https://a.b/p/q?x=1");
        let joined = |location| here.join(location).unwrap().to_string();
        assert_eq!(joined("/z"), "https://a.b/z");
        assert_eq!(joined("z"), "https://a.b/p/z");
        assert_eq!(joined("//c.d/z"), "https://c.d/z");
        assert_eq!(joined("http://c.d:8080/z/"), "http://c.d:8080/z/");
        assert!(here.join("http://c d").is_err());
    }

    proptest::proptest! {
        #[test]
        fn bears_anything(text: String, rest: String) {
            let _ = (text.parse::<Url>(), split_authority(&text), url("http://a.b").join(&rest));
            if let Ok(url) = format!("http://a.b/{rest}").parse::<Url>() {
                assert!(url.to_string().parse::<Url>().is_ok());
            }
        }
    }
}
