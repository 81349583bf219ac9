//! What to probe, and how.

use std::time::Duration;

use crate::live::client::Manner;
use crate::live::engineio::Eio;
use crate::live::url::{BadUrl, Url};

/// The transports that the clients of an app use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transports {
    /// HTTP long-polling.
    pub polling: bool,
    /// WebSocket.
    pub websocket: bool,
}

/// What a user's URL and `--path` come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Host and path of the Socket.IO server; the query is that of every request, without Engine.IO's own keys.
    pub url: Url,
    /// What to tell the user about the URL.
    pub note: Option<String>,
}

/// What to probe, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where.
    pub target: Target,
    /// The version of the protocol.
    pub eio: Eio,
    /// The transports.
    pub transports: Transports,
    /// Over how many sessions the affinity is measured; 0 for not at all.
    pub sessions: u32,
    /// How long a WebSocket is held; zero for no longer than one ping.
    pub hold: Duration,
    /// Whether nothing is done that has to wait for a ping.
    pub quick: bool,
    /// A path that health checks ask for.
    pub health: Option<String>,
    /// How many bytes a large message has.
    pub max_message: Option<u64>,
    /// How connections are made.
    pub manner: Manner,
}

impl Options {
    /// A probe with everything at its default.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            eio: Eio::Four,
            transports: Transports { polling: true, websocket: true },
            sessions: 20,
            hold: Duration::ZERO,
            quick: false,
            health: None,
            max_message: None,
            manner: Manner {
                connect: None,
                headers: Vec::new(),
                insecure: false,
                timeout: Duration::from_secs(10),
            },
        }
    }

    /// The longest that the whole probe may take, whatever the server does.
    pub fn longest(&self) -> Duration {
        self.manner.timeout * 20 + self.hold + Duration::from_mins(4)
    }
}

impl Target {
    /// Joins a URL and a path.
    ///
    /// To Socket.IO's client the path of a URL is a namespace, so one that is no Socket.IO path is refused.
    pub fn new(url: &str, path: Option<&str>) -> Result<Self, BadUrl> {
        let mut url: Url = url.parse()?;
        let note = truncated(&url.query);
        let written = url.path.trim_end_matches('/').to_owned();
        url.path = match path {
            Some(path) => with_slashes(path)?,
            None if written.is_empty() => "/socket.io/".into(),
            None if written.ends_with("/socket.io") => with_slashes(&url.path)?,
            None => return Err(namespace(&written)),
        };
        let own = |pair: &&str| {
            let key = pair.split('=').next().unwrap_or_default();
            !matches!(key, "" | "EIO" | "transport" | "sid" | "t")
        };
        url.query = url.query.split('&').filter(own).collect::<Vec<_>>().join("&");
        Ok(Self { url, note })
    }
}

fn with_slashes(path: &str) -> Result<String, BadUrl> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"?#\"<>\\^`{|}".contains(&byte);
    if !path.starts_with('/') || !path.bytes().all(plain) {
        return Err(BadUrl {
            message: format!("`{}` is no path", path.escape_debug()),
            help: "a path begins with `/`, and has no query".into(),
        });
    }
    Ok(if path.ends_with('/') { path.to_owned() } else { format!("{path}/") })
}

fn namespace(path: &str) -> BadUrl {
    BadUrl {
        message: format!("the URL's path is `{path}`, which does not end in `/socket.io/`"),
        help: format!(
            "where the server is mounted is said by `--path {path}/socket.io/`; in the client's URL, `{path}` \
             would be a namespace"
        ),
    }
}

/// A shell ends a command at an unquoted `&`; what is left of the URL tells of it.
fn truncated(query: &str) -> Option<String> {
    let lonely = query.starts_with("EIO=") && !query.contains('&');
    lonely.then(|| {
        "the URL ends after `EIO=…`, as it does when a shell takes an unquoted `&` for its own; curl would have got \
         a 400 with code 0 from a healthy server. sioway sends the whole query itself"
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str, path: Option<&str>) -> String {
        let url = Target::new(url, path).unwrap().url;
        format!("{url}?{}", url.query)
    }

    #[test]
    fn joins_url_and_path() {
        assert_eq!(target("https://a.b", None), "https://a.b/socket.io/?");
        assert_eq!(target("https://a.b/t/socket.io", None), "https://a.b/t/socket.io/?");
        assert_eq!(target("https://a.b/", Some("/x")), "https://a.b/x/?");
        let whole = "https://a.b/socket.io/?EIO=4&transport=polling&token=x&sid=y";
        assert_eq!(target(whole, None), "https://a.b/socket.io/?token=x");
    }

    #[test]
    fn says_what_a_shell_did() {
        let target = Target::new("https://a.b/socket.io/?EIO=4", None).unwrap();
        assert!(target.note.unwrap().contains("unquoted `&`"));
    }

    #[test]
    fn refuses_namespaces_and_odd_paths() {
        let error = Target::new("https://a.b/theia", None).unwrap_err();
        assert!(error.help.contains("--path /theia/socket.io/"), "{}", error.help);
        for path in ["", "x/", "/a?b", "/a b", "/a\r\nb"] {
            assert!(Target::new("https://a.b", Some(path)).is_err(), "{path:?}");
        }
    }
}
