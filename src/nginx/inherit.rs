//! What holds at a location: inheritance.
//!
//! nginx merges each level into the one inside it. A directive that is written at a level hides all lines of that
//! name further out, however many there are on either side: one `proxy_set_header` in a location drops all of the
//! server's (`ngx_conf_merge_ptr_value` and its neighbours in `nginx/nginx:src/core/ngx_conf_file.h`). Some are not
//! inherited at all.

use super::config::{Config, Doubt, NodeId, ROOT, Shape};
use super::contexts::Context;
use super::defaults::{Default, Version, default_of};

/// Directives that work only where they are written.
const NOT_INHERITED: [&str; 16] = [
    "break",
    "empty_gif",
    "fastcgi_pass",
    "grpc_pass",
    "if",
    "internal",
    "limit_except",
    "location",
    "memcached_pass",
    "proxy_pass",
    "return",
    "rewrite",
    "scgi_pass",
    "set",
    "stub_status",
    "try_files",
];

/// What holds for one directive at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The lines that count, all of one level; empty if nothing is written.
    pub lines: Vec<NodeId>,
    /// The lines further out that these hide, the nearest level first.
    pub hidden: Vec<NodeId>,
    /// What holds if nothing is written.
    pub default: Option<&'static Default>,
    /// Why it may be otherwise: a file on the way is not known, or the text is only a part of a configuration.
    pub doubt: Option<Doubt>,
}

impl Effective {
    /// The line that counts, if it is one that stands alone.
    pub fn line(&self) -> Option<NodeId> {
        self.lines.first().copied()
    }
}

/// A header of a request to an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// As written.
    pub name: String,
    /// With variables in it. A header whose value comes out empty is not sent.
    pub value: String,
    /// The `proxy_set_header`; `None` for what nginx does by itself.
    pub at: Option<NodeId>,
}

/// The headers that nginx sets on its way to an upstream; the client's other headers pass as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadersSent {
    /// Those that nginx sets, or drops with an empty value.
    pub headers: Vec<Header>,
    /// Lines of outer levels that do not count, because the inner level has lines of its own.
    pub lost: Vec<NodeId>,
    /// Why it may be otherwise.
    pub doubt: Option<Doubt>,
}

impl HeadersSent {
    /// The headers of a name, in whatever case.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Header> {
        self.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name))
    }
}

/// Whether an inner level takes a directive over from an outer one.
pub fn is_inherited(name: &str) -> bool {
    !NOT_INHERITED.contains(&name)
}

impl Config<'_> {
    /// What holds for a directive in a block: a location, an `if`, a server, `http`, or [`ROOT`].
    pub fn effective(&self, level: NodeId, name: &str) -> Effective {
        let mut effective = Effective {
            lines: Vec::new(),
            hidden: Vec::new(),
            default: default_of(name),
            doubt: None,
        };
        for level in self.levels_for(level, name) {
            self.add_level(level, name, &mut effective);
        }
        if effective.lines.is_empty() && effective.doubt.is_none() && is_inherited(name) {
            effective.doubt = self.beyond();
        }
        effective
    }

    /// The text of the first argument that holds, or the default of a version.
    pub fn effective_value(&self, level: NodeId, name: &str, version: Version) -> Option<&str> {
        let effective = self.effective(level, name);
        match effective.line() {
            Some(line) => Some(self.value(line)),
            None => effective.default.map(|default| default.in_version(version)),
        }
    }

    fn add_level(&self, level: NodeId, name: &str, effective: &mut Effective) {
        let mut lines: Vec<NodeId> = self.named(level, name).collect();
        if let Some(other) = one_setting(name) {
            lines.extend(self.named(level, other));
            lines.sort_unstable();
        }
        let decided = !effective.lines.is_empty();
        if !decided && effective.doubt.is_none() {
            // A single value that is written is not written again in the included file: nginx refuses that.
            let open = lines.is_empty() || !self.stands_alone(lines[0], level);
            effective.doubt = self
                .unread_in(level)
                .filter(|_| open)
                .map(|include| Doubt::at(include, "the included file may set it"));
        }
        if let Some(line) = self.meant_in(level, name).filter(|_| !decided) {
            let doubt = || Doubt::at(line, "what stands here was meant to be another directive");
            effective.doubt.get_or_insert_with(doubt);
        }
        if decided {
            effective.hidden.extend(lines);
        } else {
            effective.lines = lines;
        }
    }

    /// A line in a block that was meant to be a directive of a name, or that swallows one: nginx refuses it.
    fn meant_in(&self, level: NodeId, name: &str) -> Option<NodeId> {
        self.index.meant.get(&level)?.get(name).copied()
    }

    /// Whether a block has lines that nginx refuses, and that were meant to be others.
    pub fn is_garbled(&self, level: NodeId) -> bool {
        self.index.meant.contains_key(&level)
    }

    fn stands_alone(&self, line: NodeId, level: NodeId) -> bool {
        let context = self.context(level);
        super::directives::rows(self.name(line))
            .iter()
            .any(|row| row.once && context.is_none_or(|context| row.allows(context)))
    }

    fn levels_for(&self, level: NodeId, name: &str) -> Vec<NodeId> {
        let mut levels: Vec<NodeId> = self.levels(level).collect();
        if !is_inherited(name) {
            // A handler passes into `if` and `limit_except`, which are no locations of their own.
            let handler = name.ends_with("_pass");
            let inside = |level: &NodeId| {
                let context = self.context(*level);
                handler && matches!(context, Some(Context::LocationIf | Context::LimitExcept))
            };
            let kept = levels.iter().take_while(|level| inside(level)).count() + 1;
            levels.truncate(kept);
        }
        levels
    }

    /// That this is a part, and what is around it may decide.
    fn beyond(&self) -> Option<Doubt> {
        let around = match self.shape() {
            Shape::Full => return None,
            Shape::Http => "`http`",
            Shape::Server => "`server` or `http`",
            Shape::Location | Shape::Unknown => "the blocks",
        };
        Some(Doubt::bare(format!("{around} around this file may set it")))
    }

    /// The headers that a location sends to its upstream.
    pub fn headers_sent(&self, location: NodeId, version: Version) -> HeadersSent {
        let effective = self.effective(location, "proxy_set_header");
        let mut headers: Vec<Header> = effective
            .lines
            .iter()
            .filter_map(|line| {
                let mut words = self.arguments(*line);
                Some(Header {
                    name: words.next()?.to_owned(),
                    value: words.next()?.to_owned(),
                    at: Some(*line),
                })
            })
            .collect();
        for (name, value) in own_headers(version) {
            if !headers.iter().any(|header| header.name.eq_ignore_ascii_case(name)) {
                headers.push(Header { name: name.to_owned(), value: value.to_owned(), at: None });
            }
        }
        HeadersSent { headers, lost: effective.hidden, doubt: effective.doubt }
    }

    /// The blocks of a location that only some requests go through: their lines are not in any answer about it.
    pub fn conditions(&self, location: NodeId) -> Vec<NodeId> {
        ["if", "limit_except"].into_iter().flat_map(|name| self.named(location, name)).collect()
    }

    /// The server a location stands in; [`ROOT`] if the text is smaller than a server.
    pub fn server_of(&self, location: NodeId) -> NodeId {
        self.levels(location).find(|level| self.name(*level) == "server").unwrap_or(ROOT)
    }
}

/// The directive that fills the same list, so that one hides the other.
fn one_setting(name: &str) -> Option<&'static str> {
    Some(match name {
        "allow" => "deny",
        "deny" => "allow",
        "root" => "alias",
        "alias" => "root",
        _ => return None,
    })
}

/// `ngx_http_proxy_headers` of `nginx/nginx:src/http/modules/ngx_http_proxy_module.c`, without the body's.
fn own_headers(version: Version) -> [(&'static str, &'static str); 6] {
    // Not sent since 1.29.7, which keeps connections to upstreams open.
    let connection = if version < Version(1, 29, 7) { "close" } else { "" };
    [
        ("Host", "$proxy_host"),
        ("Connection", connection),
        ("TE", ""),
        ("Keep-Alive", ""),
        ("Expect", ""),
        ("Upgrade", ""),
    ]
}
