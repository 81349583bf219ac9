//! Where `proxy_pass` goes, and which URI it sends there.
//!
//! `ngx_http_proxy_create_request` of `nginx/nginx:src/http/modules/ngx_http_proxy_module.c`.

use super::config::{Config, Doubt, NodeId};
use super::contexts::{Context, ViolationKind};
use super::evaluate::Scene;
use super::location::Kind;
use super::upstream::address;
use super::uri::{Change, Uri, escape};

/// A `proxy_pass`, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyPass {
    /// The directive.
    pub node: NodeId,
    /// The URL, as nginx reads it.
    pub url: String,
    /// `http` or `https`; empty if it is not written out.
    pub scheme: String,
    /// The name of an upstream or of a host, an address, or `unix:` and a path; may hold variables.
    pub host: String,
    /// The port: of its own, or that of the scheme; `None` for a socket, and if a variable decides.
    pub port: Option<u16>,
    /// What is written behind the host: the URI part. `None` if there is none.
    pub uri: Option<String>,
    /// The `upstream` of that name, if there is one.
    pub upstream: Option<NodeId>,
}

/// The URI that an upstream gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappedUri {
    /// This one, with its query.
    Sent(String),
    /// nginx does not start: a URI part may not stand in this location.
    Refused,
}

impl ProxyPass {
    fn parse(node: NodeId, url: &str) -> Self {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let (authority, uri) = split_authority(rest);
        let (host, port) = address(authority);
        let written = authority.len() > host.len();
        let default = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
        let variable = authority.contains('$') || scheme.is_empty();
        Self {
            node,
            url: url.to_owned(),
            scheme: scheme.to_ascii_lowercase(),
            host: host.to_owned(),
            port: match port {
                Some(port) if written => Some(port),
                Some(_) if !variable => Some(default),
                _ => None,
            },
            uri: (!uri.is_empty()).then(|| uri.to_owned()),
            upstream: None,
        }
    }

    /// Whether the URL has variables in it: nginx then sends a URI part as it is.
    pub fn has_variables(&self) -> bool {
        self.url.contains('$')
    }

    /// `$proxy_host`: the host, and the port if it is not that of the scheme.
    pub fn host_header(&self) -> String {
        let default = if self.scheme == "https" { 443 } else { 80 };
        match self.port {
            _ if self.host.starts_with("unix:") => "localhost".to_owned(),
            Some(port) if port != default => format!("{}:{port}", self.host),
            _ => self.host.clone(),
        }
    }
}

/// What is before the URI part, and the URI part.
fn split_authority(rest: &str) -> (&str, &str) {
    if let Some(path) = rest.strip_prefix("unix:") {
        return match path.find(':') {
            Some(colon) => (&rest[.."unix:".len() + colon], &path[colon + 1..]),
            None => (rest, ""),
        };
    }
    rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()))
}

/// Encoded again only if the client had encoded something, or a rewrite changed it.
fn sent_path(path: &[u8], uri: &Uri) -> String {
    if uri.quoted || uri.change.is_of_path() {
        return escape(path);
    }
    String::from_utf8_lossy(path).into_owned()
}

impl Config<'_> {
    /// Where a location, or an `if` in it, passes requests to; `None` if it passes none by `proxy_pass`.
    pub fn proxy_pass(&self, location: NodeId) -> Option<ProxyPass> {
        let node = self.effective(location, "proxy_pass").line()?;
        Some(self.read_pass(node, self.value(node)))
    }

    pub(super) fn read_pass(&self, node: NodeId, url: &str) -> ProxyPass {
        let mut pass = ProxyPass::parse(node, url);
        // An upstream has no port of its own; one that is written makes it another name.
        let plain = !url.split("://").nth(1).unwrap_or(url).starts_with("unix:");
        pass.upstream =
            plain.then(|| self.upstream_named(&pass.host)).flatten().map(|upstream| upstream.node);
        pass
    }

    /// The `proxy_pass` of a location with its variables filled in.
    ///
    /// # Errors
    ///
    /// A [`Doubt`] if there is none, or if a variable is not known.
    pub fn proxy_target(&self, location: NodeId, scene: &Scene<'_>) -> Result<ProxyPass, Doubt> {
        let pass =
            self.proxy_pass(location).ok_or_else(|| Doubt::bare("there is no `proxy_pass`"))?;
        if !pass.has_variables() {
            return Ok(pass);
        }
        let url = self.value_at(&pass.url, scene)?;
        Ok(self.read_pass(pass.node, &url))
    }

    /// The URI that the upstream of a location gets for the request of a scene.
    ///
    /// The scene must have gone through rewrites, as that of a [`Route`](super::Route) has.
    ///
    /// # Errors
    ///
    /// A [`Doubt`] if there is no `proxy_pass`, or if a variable in it is not known.
    pub fn map_uri(&self, location: NodeId, scene: &Scene<'_>) -> Result<MappedUri, Doubt> {
        let has_variables = self.proxy_pass(location).is_some_and(|pass| pass.has_variables());
        let target = self.proxy_target(location, scene)?;
        let uri = &scene.uri;
        let args = if uri.args.is_empty() { String::new() } else { format!("?{}", uri.args) };
        Ok(MappedUri::Sent(match &target.uri {
            // Sent as it is: neither the rest of the path nor the query of the request is added.
            Some(part) if has_variables && part.starts_with('?') => format!("/{part}"),
            Some(part) if has_variables => part.clone(),
            None if uri.change == Change::None => uri.raw.clone(),
            None => format!("{}{args}", sent_path(&uri.path, uri)),
            Some(part) => {
                let Some(prefix) = self.prefix_of(target.node) else {
                    return Ok(MappedUri::Refused);
                };
                if uri.change == Change::Broken {
                    format!("{}{args}", sent_path(&uri.path, uri))
                } else {
                    let rest = &uri.path[prefix.min(uri.path.len())..];
                    format!("{part}{}{args}", sent_path(rest, uri))
                }
            }
        }))
    }

    /// Whether nginx refuses a `proxy_pass` because of its URI part.
    pub(super) fn refuses_uri_part(&self, node: NodeId) -> bool {
        if self.name(node) != "proxy_pass" {
            return false;
        }
        let pass = ProxyPass::parse(node, self.value(node));
        let plain = pass.uri.is_some() && !pass.scheme.is_empty() && !pass.has_variables();
        let in_location = self.parent(node).and_then(|level| self.context(level));
        let inside = matches!(
            in_location,
            Some(Context::Location | Context::LocationIf | Context::LimitExcept)
        );
        // The inside of a location may be in a file of its own.
        let known = self.parent(node).is_some_and(|level| !self.name(level).is_empty());
        plain && inside && known && self.prefix_of(node).is_none()
    }

    /// Why nginx refuses the target of a `proxy_pass`, if it does: `ngx_http_proxy_pass` and `ngx_http_upstream_add`.
    pub(super) fn refused_target(&self, node: NodeId) -> Option<ViolationKind> {
        let url = self.value(node);
        let context = self.parent(node).and_then(|level| self.context(level));
        let http =
            matches!(context, Some(Context::Location | Context::LocationIf | Context::LimitExcept));
        // What is in capitals or in brackets is for somebody to fill in.
        let open = url.contains(['$', '<', '{', '%', '@']) || !url.contains(char::is_lowercase);
        if self.name(node) != "proxy_pass" || !http || open {
            return None;
        }
        let lower = url.to_ascii_lowercase();
        if !["http://", "https://"].iter().any(|scheme| lower.starts_with(scheme)) {
            return Some(ViolationKind::UrlPrefix);
        }
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (authority, _) = split_authority(rest);
        let host = ProxyPass::parse(node, url).host;
        let written = authority.len() > host.len() && !authority.starts_with("unix:");
        (written && self.upstream_named(&host).is_some()).then_some(ViolationKind::UpstreamPort)
    }

    /// The length of the path that a URI part replaces; `None` where nginx refuses a URI part.
    fn prefix_of(&self, pass: NodeId) -> Option<usize> {
        let level = self.parent(pass)?;
        let inside = matches!(
            self.context(level),
            Some(Context::LocationIf | Context::LimitExcept | Context::ServerIf)
        );
        let location =
            self.location(level).filter(|_| !inside && self.name(level) == "location")?;
        match location.kind {
            Kind::Exact | Kind::Prefix | Kind::PrefixFinal => Some(location.path.len()),
            Kind::Regex | Kind::RegexIgnoringCase | Kind::Named => None,
        }
    }
}
