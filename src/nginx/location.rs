//! Which location answers.
//!
//! `ngx_http_core_find_location` of `nginx/nginx:src/http/ngx_http_core_module.c`: at each level an exact location,
//! or the longest prefix, into which the search goes on; then the regular expressions of the level in their order,
//! unless the prefix says `^~`.

use std::sync::LazyLock;

use super::config::{Config, Doubt, NodeId};
use super::index::Locations;
use super::pattern::{Groups, NotEvaluable, Pattern};
use super::uri::{Uri, escape};

/// How a location is compared with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `location = /p`
    Exact,
    /// `location /p`
    Prefix,
    /// `location ^~ /p`: no regular expression is tried behind it.
    PrefixFinal,
    /// `location ~ p`
    Regex,
    /// `location ~* p`
    RegexIgnoringCase,
    /// `location @p`: never chosen by path.
    Named,
}

/// A `location`, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location<'t> {
    /// The directive.
    pub node: NodeId,
    /// How it is compared.
    pub kind: Kind,
    /// The path, the pattern, or the name with its `@`.
    pub path: &'t str,
}

/// The location that answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The location and those it is nested in, the outermost first; empty if the server itself answers.
    pub chain: Vec<NodeId>,
    /// Where nginx redirects to with 301, because the path lacks the slash of a proxied location; without the query.
    pub redirect: Option<String>,
    /// The prefix location that would answer if no regular expression did.
    pub beaten: Option<NodeId>,
    /// Why another location may answer: a file on the way is not known.
    pub doubt: Option<Doubt>,
    /// The groups of the last regular expression that matched on the way.
    pub(super) groups: Option<Groups>,
}

impl Selection {
    /// The location that answers; `None` if the server itself does.
    pub fn location(&self) -> Option<NodeId> {
        self.chain.last().copied()
    }
}

/// The directives that make nginx redirect `/p` to `/p/`.
const PASSES: [&str; 6] =
    ["proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "memcached_pass", "grpc_pass"];

/// How the search at a level ended.
enum Found {
    /// Nothing else is tried.
    Final,
    /// Regular expressions of the levels around may still win.
    Open,
}

impl<'t> Config<'t> {
    /// The locations directly in a server or a location.
    pub fn locations(&self, level: NodeId) -> Vec<Location<'t>> {
        self.named(level, "location").filter_map(|node| self.location(node)).collect()
    }

    /// A `location`, read; `None` if its arguments are none that nginx knows.
    pub fn location(&self, node: NodeId) -> Option<Location<'t>> {
        let mut words = self.arguments(node);
        let (first, second) = (words.next()?, words.next());
        let (kind, path) = match second {
            Some(path) => (modifier(first)?, path),
            None => glued(first),
        };
        Some(Location { node, kind, path })
    }

    /// The location of a server that answers.
    ///
    /// # Errors
    ///
    /// A [`Doubt`] if a regular expression decides that cannot be evaluated.
    pub fn select(&self, server: NodeId, uri: &Uri) -> Result<Selection, Doubt> {
        let mut selection = Selection::default();
        self.find(server, &uri.path, &mut selection)?;
        Ok(selection)
    }

    fn find(&self, level: NodeId, path: &[u8], into: &mut Selection) -> Result<Found, Doubt> {
        let locations = self.index.locations.get(&level).unwrap_or(&NONE);
        if let Some(exact) = locations.at(path).iter().find(|one| one.kind == Kind::Exact) {
            into.chain.push(exact.node);
            return Ok(Found::Final);
        }
        if let Some(include) = self.unread_in(level) {
            into.doubt = Some(Doubt::at(include, "locations may stand in the included file"));
        }
        let best = locations.longest_prefix(path);
        let shorter = best.is_none_or(|best| best.path.len() < path.len());
        if let Some(slashed) = self.slashed(locations, path).filter(|_| shorter) {
            into.chain.push(slashed.node);
            into.redirect = Some(escape(slashed.path.as_bytes()));
            return Ok(Found::Final);
        }
        let depth = into.chain.len();
        let mut final_prefix = false;
        if let Some(best) = best {
            into.chain.push(best.node);
            final_prefix = best.kind == Kind::PrefixFinal;
            if let Found::Final = self.find(best.node, path, into)? {
                return Ok(Found::Final);
            }
        }
        if final_prefix {
            return Ok(Found::Open);
        }
        self.find_regex(locations, path, depth, into)
    }

    fn find_regex(
        &self,
        locations: &Locations<'_>,
        path: &[u8],
        depth: usize,
        into: &mut Selection,
    ) -> Result<Found, Doubt> {
        for (one, pattern) in &locations.regexes {
            let pattern = pattern.get_or_init(|| one.pattern());
            if let Some(groups) = one.groups(pattern.as_ref(), path)? {
                into.groups = Some(groups);
                into.beaten = into.chain.last().copied().filter(|_| into.chain.len() > depth);
                into.chain.truncate(depth);
                into.chain.push(one.node);
                self.find(one.node, path, into)?;
                // nginx forgets that a location below a regular expression wanted to redirect.
                into.redirect = None;
                return Ok(Found::Final);
            }
        }
        Ok(Found::Open)
    }

    /// The location that has the path with one more slash, and passes it on.
    fn slashed<'l>(&self, locations: &'l Locations<'t>, path: &[u8]) -> Option<&'l Location<'t>> {
        let found = locations.at(&[path, b"/"].concat());
        let passes = |one: &&Location<'_>| {
            PASSES.iter().any(|pass| self.named(one.node, pass).next().is_some())
        };
        // Only one of an exact and a prefix location of the same path has to pass it on; the exact one is used.
        found.iter().find(passes)?;
        found.iter().find(|one| one.kind == Kind::Exact).or(found.first())
    }
}

impl Location<'_> {
    /// Its regular expression, compiled; `None` if it has none, or none that can be evaluated.
    fn pattern(&self) -> Option<Pattern> {
        Pattern::new(self.path, self.kind == Kind::RegexIgnoringCase)
    }

    /// The groups of its regular expression; `None` if it does not match.
    fn groups(&self, pattern: Option<&Pattern>, path: &[u8]) -> Result<Option<Groups>, Doubt> {
        pattern
            .ok_or(NotEvaluable)
            .and_then(|pattern| pattern.groups(path))
            .map_err(|_| Doubt::at(self.node, format!("`{}` cannot be evaluated", self.path)))
    }

    /// Whether its regular expression matches a path; `None` if it has none, or none that can be evaluated.
    pub fn regex_matches(&self, path: &str) -> Option<bool> {
        let regex = matches!(self.kind, Kind::Regex | Kind::RegexIgnoringCase);
        self.pattern().filter(|_| regex)?.is_match(path.as_bytes())
    }
}

/// The locations of a block that has none.
static NONE: LazyLock<Locations<'static>> = LazyLock::new(Locations::default);

/// The signs before a path; one that starts another stands behind it.
const MODIFIERS: [(&str, Kind); 4] = [
    ("=", Kind::Exact),
    ("^~", Kind::PrefixFinal),
    ("~*", Kind::RegexIgnoringCase),
    ("~", Kind::Regex),
];

fn modifier(word: &str) -> Option<Kind> {
    let found = MODIFIERS.iter().find(|(sign, _)| *sign == word)?;
    Some(found.1)
}

/// `location =/p`: a modifier may stand right before its path.
fn glued(word: &str) -> (Kind, &str) {
    let signed = |(sign, kind): &(&str, Kind)| Some((*kind, word.strip_prefix(*sign)?));
    let plain = if word.starts_with('@') { Kind::Named } else { Kind::Prefix };
    MODIFIERS.iter().find_map(signed).unwrap_or((plain, word))
}
