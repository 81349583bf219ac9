//! Why sioway takes something for session traffic.
//!
//! Rules judge session traffic only. A static site behind a CDN is fine, and so is an API that nobody polls: a
//! false alarm is a bug. So each judgement begins with a place that says so.

use crate::diagnostic::{SourceId, Span};
use crate::set::{Mark, Place};
use crate::spec::Spec;

/// What a place says goes through here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carries {
    /// WebSockets of some kind, perhaps without polling: a location that forwards `Upgrade`.
    WebSockets,
    /// Socket.IO.
    SocketIo,
}

/// A place that says that session traffic goes through here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What it says.
    pub carries: Carries,
    /// Where.
    pub place: Place,
    /// In words, to stand beside the place.
    pub said: &'static str,
    /// What a mark or an app.toml says beyond that.
    pub mark: Mark,
}

impl Evidence {
    /// What a mark says.
    pub(super) fn of_mark(place: Place, mark: &Mark) -> Self {
        Self { carries: Carries::SocketIo, place, said: "a mark says so", mark: mark.clone() }
    }
}

/// What a description says of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppFacts {
    /// The description.
    pub source: SourceId,
    /// Where it names the app.
    pub place: Place,
    /// The name of its Service.
    pub service: String,
    /// Its namespace.
    pub namespace: String,
    /// What it says of sessions.
    pub mark: Mark,
    /// Where its manifests are, in the environment that this is said of, as the names of files begin. One app may say
    /// something else in each.
    pub directories: Vec<String>,
}

impl AppFacts {
    /// Whether a file is among its manifests.
    pub(super) fn holds(&self, file: &str) -> bool {
        self.directories.iter().any(|directory| match directory.as_str() {
            "." => !file.starts_with(".."),
            directory => file.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/')),
        })
    }

    /// What a description says, whose name stands at `place`.
    pub fn of(spec: &Spec, service: &str, place: Place) -> Self {
        let socketio = &spec.socketio;
        let server_path = socketio.server_path.as_ref().unwrap_or(&socketio.path);
        Self {
            source: place.source,
            place,
            service: service.to_owned(),
            namespace: spec.namespace.to_string(),
            mark: Mark {
                path: Some(socketio.path.to_string()),
                server_path: Some(server_path.to_string()),
                max_message: Some(socketio.max_message.get()),
                polling: Some(socketio.transports.polling()),
                ping_interval: Some(socketio.ping_interval.get()),
                ping_timeout: Some(socketio.ping_timeout.get()),
                max_age: Some(spec.session.max_age.get()),
                replicas: spec.replicas.map(|replicas| u64::from(replicas.get())),
            },
            directories: Vec::new(),
        }
    }
}

/// Whether a text names Socket.IO's own path: `/socket.io/` is the default of every version.
pub(super) fn names_socketio(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("socket.io") || text.contains(r"socket\.io")
}

/// A span, with the comment lines right above it: nginx, YAML and TOML begin them alike.
pub fn with_comments_above(text: &str, span: Span) -> Span {
    let mut start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    while start > 0 {
        let before = text[..start - 1].rfind('\n').map_or(0, |at| at + 1);
        if !text[before..start].trim_start().starts_with('#') {
            break;
        }
        start = before;
    }
    (start..span.end).into()
}

/// The path of Socket.IO that a text names: all up to the name, where it is plain, and a slash. `None` where a
/// pattern stands before the name.
pub fn socketio_path(text: &str) -> Option<String> {
    let plain = text.replace(r"\.", ".");
    let at = plain.to_ascii_lowercase().find("socket.io")?;
    let front = plain[..at].trim_start_matches(['^', '~', ' ']);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
    let path = format!("{front}{}/", &plain[at..at + "socket.io".len()]);
    (path.starts_with('/') && path.chars().all(is_plain)).then_some(path)
}

/// A text that a simple regular expression matches, perhaps: of each choice the first, of each class one letter.
pub(super) fn sample(regex: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = regex;
    while let Some(first) = rest.chars().next() {
        let behind = &rest[first.len_utf8()..];
        rest = match first {
            '^' | '$' | '?' | '*' | '+' => behind,
            '\\' => {
                let escaped = behind.chars().next()?;
                text.push(match escaped {
                    'd' => '1',
                    'w' => 'x',
                    other if other.is_ascii_alphanumeric() => return None,
                    other => other,
                });
                &behind[escaped.len_utf8()..]
            }
            '(' => {
                let end = behind.find(')')?;
                let inner = behind[..end].trim_start_matches("?:");
                text.push_str(&sample(inner.split('|').next()?)?);
                &behind[end + 1..]
            }
            '[' => {
                let end = behind.find(']')?;
                let negated = behind.starts_with(['^', '\\']);
                text.push(behind.chars().next().filter(|_| !negated).unwrap_or('x'));
                &behind[end + 1..]
            }
            '.' => {
                // A dot in a name is meant to be one.
                text.push('.');
                behind
            }
            '|' | '{' => return None,
            other => {
                text.push(other);
                behind
            }
        };
    }
    Some(text)
}

/// Whether a location is for files below Socket.IO's path, such as the client that a server offers to browsers.
pub(super) fn names_a_file(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let behind = path.split_once("socket").and_then(|(_, rest)| rest.split_once("io"));
    let rest = behind.map_or("", |(_, rest)| rest);
    [".js", ".map", "\\.("].iter().any(|end| rest.contains(end))
}

/// Whether the address that nginx sends to is named for Socket.IO, such as `http://socketio-server/`.
pub(super) fn target_is_socketio(url: &str) -> bool {
    let mut letters = url.to_ascii_lowercase();
    letters.retain(|letter| !matches!(letter, '-' | '_' | '.'));
    letters.contains("socketio")
}

/// Whether a comment says that Socket.IO goes through here: not that it does not, or did, and no line that somebody
/// took out.
pub(super) fn comment_says_socketio(comment: &str) -> bool {
    const DENIALS: [&str; 20] = [
        "no ",
        "not ",
        "n't ",
        "without",
        "never",
        "except",
        "instead",
        "todo",
        "removed",
        "replace",
        "old ",
        "was ",
        "were ",
        "former",
        "legacy",
        "deprecated",
        "by another",
        "used to",
        "moved",
        "gone",
    ];
    let comment = comment.to_ascii_lowercase();
    let names = ["socket.io", "socketio", "engine.io"];
    names.iter().any(|name| comment.contains(name))
        && !DENIALS.iter().any(|denial| comment.contains(denial))
        && !is_code(&comment)
}

/// Whether a comment is a line of nginx's or of a manifest.
fn is_code(comment: &str) -> bool {
    let text = comment.trim_start_matches(['#', ' ']).trim_end();
    let keys = ["path:", "host:", "name:", "servicename:", "location ", "proxy_pass "];
    text.contains('{')
        || text.ends_with([';', '}'])
        || keys.iter().any(|key| text.trim_start_matches("- ").starts_with(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_somebody_says_of_today_is_evidence() {
        for says in
            ["# Socket.IO goes here", "# for socket.io; polling too", "# NOTE: Socket.IO traffic"]
        {
            assert!(comment_says_socketio(says), "{says}");
        }
        for other in [
            "# location /socket.io/ { proxy_pass http://app; }",
            "# location /socket.io/",
            "# proxy_pass http://socketio;",
            "# - path: /socket.io",
            "# Replaces the engine.io gateway",
            "# Socket.IO is handled by another server",
        ] {
            assert!(!comment_says_socketio(other), "{other}");
        }
    }

    #[test]
    fn a_regular_expression_has_a_path_that_it_matches() {
        for (regex, path) in [
            (r"^/(api|ws)/socket\.io/", Some("/api/socket.io/")),
            (r"^/[^/]+/socket.io", Some("/x/socket.io")),
            (r"^/(?=x)socket.io", None),
        ] {
            let sampled = sample(regex);
            assert_eq!(sampled.as_deref().filter(|text| !text.contains('=')), path, "{regex}");
        }
    }
}
