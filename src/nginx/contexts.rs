//! Whether directives stand where nginx wants them, as often as it wants them.
//!
//! This is `ngx_conf_handler` of `nginx/nginx:src/core/ngx_conf_file.c`. nginx stops at the first violation; here all
//! of them are found. Directives that are not nginx's own are left alone, as they may belong to a module.

use foldhash::{HashMap, HashMapExt};

use super::config::{Config, NodeId, Shape};
use super::directives::{Row, rows};
use super::spelling::meant;
use super::tree::Directive;

/// What a directive stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// The top level of `nginx.conf`.
    Main,
    /// `events { … }`
    Events,
    /// `http { … }`
    Http,
    /// `http { server { … } }`
    Server,
    /// `location … { … }`
    Location,
    /// `if (…) { … }` in a server.
    ServerIf,
    /// `if (…) { … }` in a location.
    LocationIf,
    /// `limit_except … { … }`
    LimitExcept,
    /// `http { upstream … { … } }`
    Upstream,
    /// `stream { … }`
    Stream,
    /// `stream { server { … } }`
    StreamServer,
    /// `stream { upstream … { … } }`
    StreamUpstream,
}

impl Context {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Main,
        Self::Events,
        Self::Http,
        Self::Server,
        Self::Location,
        Self::ServerIf,
        Self::LocationIf,
        Self::LimitExcept,
        Self::Upstream,
        Self::Stream,
        Self::StreamServer,
        Self::StreamUpstream,
    ];

    /// The name for messages and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Events => "events",
            Self::Http => "http",
            Self::Server => "server",
            Self::Location => "location",
            Self::ServerIf => "server-if",
            Self::LocationIf => "location-if",
            Self::LimitExcept => "limit-except",
            Self::Upstream => "upstream",
            Self::Stream => "stream",
            Self::StreamServer => "stream-server",
            Self::StreamUpstream => "stream-upstream",
        }
    }

    /// The context inside a block that stands in this one.
    ///
    /// `None` for blocks whose lines are not directives (`map`, `types`, …) and for those that are not known.
    pub fn inside(self, block: &str) -> Option<Self> {
        Some(match (self, block) {
            (Self::Main, "events") => Self::Events,
            (Self::Main, "http") => Self::Http,
            (Self::Main, "stream") => Self::Stream,
            (Self::Http, "server") => Self::Server,
            (Self::Http, "upstream") => Self::Upstream,
            (Self::Stream, "server") => Self::StreamServer,
            (Self::Stream, "upstream") => Self::StreamUpstream,
            (Self::Server | Self::Location, "location") => Self::Location,
            (Self::Server, "if") => Self::ServerIf,
            (Self::Location, "if") => Self::LocationIf,
            (Self::Location, "limit_except") => Self::LimitExcept,
            _ => return None,
        })
    }
}

/// A directive that nginx refuses to start with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The directive.
    pub node: NodeId,
    /// What it does wrong.
    pub kind: ViolationKind,
    /// The fact: lower case, no full stop.
    pub message: String,
}

/// What a directive can do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViolationKind {
    /// It may not stand in this block.
    NotAllowedHere,
    /// It has too few or too many arguments.
    ArgumentCount,
    /// One of its arguments looks like the next directive.
    SemicolonMissing,
    /// It wants a block and has a `;`.
    WantsBlock,
    /// It wants a `;` and has a block.
    WantsSemicolon,
    /// It is there twice in the same block.
    Duplicate {
        /// The one that came first.
        first: NodeId,
    },
    /// A variable that nothing defines.
    UnknownVariable,
    /// A zone of shared memory that nothing declares.
    UnknownZone,
    /// Its name is not quite that of a directive.
    Misspelt,
    /// A `proxy_pass` that does not begin with `http://` or `https://`.
    UrlPrefix,
    /// A `proxy_pass` with a port behind the name of an `upstream`.
    UpstreamPort,
    /// A `proxy_pass` with a URI part where nginx has no prefix to replace by it.
    UriPart,
}

/// What nginx refuses about single directives, and about names that are taken or missing. Empty for parts of a file whose context is not known.
pub fn violations(config: &Config<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut seen = HashMap::new();
    let loads = config.all_named("load_module").next().is_some();
    for node in config.walk() {
        let Some(context) = config.parent(node).and_then(|parent| config.context(parent)) else {
            continue;
        };
        let directive = config.directive(node);
        if config.shape() != Shape::Full && may_be_stream(context, directive) {
            continue;
        }
        let kind = judge(context, directive)
            .or_else(|| duplicate(config, node, context, &mut seen))
            .or_else(|| config.refuses_uri_part(node).then_some(ViolationKind::UriPart))
            .or_else(|| config.refused_target(node));
        if let Some(kind) = kind.filter(|kind| !loads || *kind != ViolationKind::Misspelt) {
            let message = words(kind, context, directive);
            found.push(Violation { node, kind, message });
        }
    }
    found.extend(config.clashes());
    found
}

/// Whether a directive of a part would be right in `stream`, which has a `server` and an `upstream` of its own.
fn may_be_stream(context: Context, directive: &Directive) -> bool {
    let stream = match context {
        Context::Http => Context::Stream,
        Context::Server => Context::StreamServer,
        Context::Upstream => Context::StreamUpstream,
        _ => return false,
    };
    let rows = rows(&directive.name.text);
    let allowed = |context: Context| rows.iter().any(|row| row.allows(context));
    allowed(stream) && !allowed(context)
}

/// What is wrong with a directive by itself.
fn judge(context: Context, directive: &Directive) -> Option<ViolationKind> {
    let rows = rows(&directive.name.text);
    if rows.is_empty() {
        return meant(context, directive).map(|_| ViolationKind::Misspelt);
    }
    let Some(row) = rows.iter().find(|row| row.allows(context)) else {
        return Some(ViolationKind::NotAllowedHere);
    };
    if row.block && directive.block.is_none() {
        return Some(ViolationKind::WantsBlock);
    }
    if swallowed(context, directive).is_some() {
        return Some(ViolationKind::SemicolonMissing);
    }
    if !row.block && directive.block.is_some() {
        return Some(ViolationKind::WantsSemicolon);
    }
    count(row, directive)
}

fn count(row: &Row, directive: &Directive) -> Option<ViolationKind> {
    let count = directive.arguments.len();
    let fits = (row.least..=row.most).contains(&count);
    (!fits).then_some(ViolationKind::ArgumentCount)
}

/// The argument that is the next directive: nginx reads on over the end of the line if the `;` is missing.
///
/// Only an argument with arguments behind it, so that `root index` is no finding.
fn swallowed(context: Context, directive: &Directive) -> Option<&str> {
    let count = directive.arguments.len();
    let fits =
        rows(&directive.name.text).iter().any(|row| row.allows(context) && row.most >= count);
    let candidates = directive.arguments.get(1..count.checked_sub(1)?).filter(|_| !fits)?;
    let known = |text: &&str| rows(text).iter().any(|row| row.allows(context));
    candidates.iter().map(|word| &*word.text).find(known)
}

/// The names of the directives that one without its `;` swallows.
pub(super) fn swallowed_names(context: Context, directive: &Directive) -> Vec<&'static str> {
    if swallowed(context, directive).is_none() {
        return Vec::new();
    }
    let words = directive.arguments.iter().skip(1);
    words
        .filter_map(|word| Some(rows(&word.text).iter().find(|row| row.allows(context))?.name))
        .collect()
}

fn duplicate<'t>(
    config: &Config<'t>,
    node: NodeId,
    context: Context,
    seen: &mut HashMap<(Option<NodeId>, &'t str), NodeId>,
) -> Option<ViolationKind> {
    let name = config.name(node);
    let row = rows(name).iter().find(|row| row.allows(context))?;
    let first = *seen.entry((config.parent(node), name)).or_insert(node);
    (row.once && first != node).then_some(ViolationKind::Duplicate { first })
}

fn words(kind: ViolationKind, context: Context, directive: &Directive) -> String {
    let name = &directive.name.text;
    match kind {
        ViolationKind::NotAllowedHere => {
            format!("`{name}` is not allowed in the context `{}`", context.name())
        }
        ViolationKind::ArgumentCount => {
            format!("`{name}` has the wrong number of arguments: {}", directive.arguments.len())
        }
        ViolationKind::SemicolonMissing => {
            let next = swallowed(context, directive).unwrap_or_default();
            format!("`;` is missing between `{name}` and `{next}`")
        }
        ViolationKind::WantsBlock => format!("`{name}` has no `{{`"),
        ViolationKind::WantsSemicolon => format!("`{name}` is not ended by `;`"),
        ViolationKind::Duplicate { .. } => format!("`{name}` is there twice"),
        ViolationKind::UnknownVariable => format!("`{name}` uses an unknown variable"),
        ViolationKind::UnknownZone => format!("`{name}` names a zone that nothing declares"),
        ViolationKind::Misspelt => format!("unknown directive `{name}`"),
        ViolationKind::UrlPrefix => format!("`{name}` has an invalid URL prefix"),
        ViolationKind::UpstreamPort => {
            "an `upstream` may not have a port behind its name".to_owned()
        }
        ViolationKind::UriPart => {
            format!("`{name}` cannot have a URI part in this block, which has no prefix to replace")
        }
    }
}
