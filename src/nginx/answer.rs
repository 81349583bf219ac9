//! Answers that nginx gives without an upstream, and how they look.

use super::config::{Config, NodeId};
use super::defaults::Version;
use super::units::switch;

/// What answers in a location, if no rewrite or `if` comes before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<'t> {
    /// `return`: nginx alone.
    Return {
        /// The directive.
        at: NodeId,
        /// The status.
        code: u16,
        /// The body, or where to; with variables in it.
        text: Option<&'t str>,
    },
    /// `proxy_pass`, or another `*_pass`.
    Pass {
        /// The directive.
        at: NodeId,
    },
    /// `stub_status`: nginx's own counters.
    StubStatus {
        /// The directive.
        at: NodeId,
    },
    /// `try_files`: files, and what is tried behind them.
    TryFiles {
        /// The directive.
        at: NodeId,
        /// The last argument: a path to start over with, `@name`, or `=CODE`.
        fallback: &'t str,
    },
    /// Files below `root` or `alias`.
    Files {
        /// The `root` or `alias`; `None` for nginx's own `html`.
        at: Option<NodeId>,
    },
}

/// The `Content-Type` headers of an answer by `return`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentTypes<'t> {
    /// The one of `default_type`.
    pub own: &'t str,
    /// The `add_header Content-Type` lines, each of which adds one more.
    pub added: Vec<NodeId>,
}

impl<'t> Config<'t> {
    /// What answers in a location or a server.
    pub fn answer(&self, location: NodeId) -> Answer<'t> {
        if let Some(at) = self.named(location, "return").next() {
            let code = self.value(at).parse().ok();
            let text = self.directive(at).argument(usize::from(code.is_some()));
            return Answer::Return { at, code: code.unwrap_or(302), text };
        }
        // try_files looks before anything that makes content does.
        if let Some(at) = self.named(location, "try_files").next() {
            let fallback = self.arguments(at).last().unwrap_or_default();
            return Answer::TryFiles { at, fallback };
        }
        if let Some(at) = self.pass(location) {
            return Answer::Pass { at };
        }
        if let Some(at) = self.named(location, "stub_status").next() {
            return Answer::StubStatus { at };
        }
        let at = self.effective(location, "root").line();
        Answer::Files { at }
    }

    /// The `proxy_pass`, `grpc_pass`, … of a location.
    pub fn pass(&self, location: NodeId) -> Option<NodeId> {
        let passes = [
            "proxy_pass",
            "fastcgi_pass",
            "uwsgi_pass",
            "scgi_pass",
            "grpc_pass",
            "memcached_pass",
        ];
        passes.iter().find_map(|name| self.effective(location, name).line())
    }

    /// The line by which nobody gets in who asks by a method: `deny all` before any `allow`, in the location or in the
    /// `limit_except` that the method falls under.
    pub fn denied(&self, location: NodeId, method: &str) -> Option<NodeId> {
        let spared = |line: &NodeId| self.arguments(*line).any(|one| spares(one, method));
        let limit = self.named(location, "limit_except").find(|line| !spared(line));
        let limited = limit.filter(|line| self.denies_all(*line));
        let any = self.is_satisfied_by_any(location);
        let own = self.effective(location, "deny").line();
        limited.or_else(|| own.filter(|_| limit.is_none() && self.denies_all(location) && !any))
    }

    /// The `error_page` by which nginx goes on in the place of a status; of several, the first that names it.
    pub fn error_page(&self, level: NodeId, code: u16) -> Option<NodeId> {
        let named = |line: &NodeId| self.arguments(*line).any(|word| word.parse() == Ok(code));
        self.effective(level, "error_page").lines.into_iter().find(named)
    }

    fn denies_all(&self, level: NodeId) -> bool {
        let first = self.effective(level, "deny").line();
        first.is_some_and(|line| self.name(line) == "deny" && self.value(line) == "all")
    }

    /// The `Content-Type` headers of an answer by `return` with a text.
    pub fn content_types(&self, location: NodeId) -> ContentTypes<'_> {
        let added = self.effective(location, "add_header").lines;
        let is_type = |line: &NodeId| self.value(*line).eq_ignore_ascii_case("content-type");
        ContentTypes {
            own: self
                .effective_value(location, "default_type", Version(1, 0, 0))
                .unwrap_or_default(),
            added: added.into_iter().filter(is_type).collect(),
        }
    }

    /// Whether requests to a location are logged: nginx does, into a file of its own, unless `access_log off`.
    pub fn is_logged(&self, location: NodeId) -> bool {
        let lines = self.effective(location, "access_log").lines;
        !lines.iter().any(|line| self.value(*line) == "off")
    }

    /// Whether a switch such as `proxy_buffering` is on where a location is.
    pub fn is_on(&self, location: NodeId, name: &str, version: Version) -> Option<bool> {
        self.effective_value(location, name, version).and_then(switch)
    }
}

/// Whether a `limit_except` that names a method leaves one alone.
fn spares(named: &str, method: &str) -> bool {
    named.eq_ignore_ascii_case(method)
}
