//! What variables hold for a request.
//!
//! Only what follows from the configuration and the request. Time, the connection, and what other modules say is not
//! known.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::config::{Config, Doubt, NodeId};
use super::pattern::Groups;
use super::server::host_name;
use super::template::{Piece, pieces};
use super::uri::Uri;

/// How many variables may be behind each other: a `map` may use one that another `map` defines.
const CHAIN: usize = 16;

/// How many variables one value may take in all: maps that use each other twice would take for ever.
const LOOKUPS: u32 = 1_000;

/// How long a value may be, in bytes: one that `set` doubles often enough would fill the memory.
pub(super) const LONGEST: usize = 1 << 16;

/// How far the evaluation of a value has come.
#[derive(Clone, Copy)]
struct Reach<'b> {
    depth: usize,
    left: &'b Cell<u32>,
}

/// A request, as nginx receives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path and the query, as sent.
    pub target: String,
    /// `Host`; empty if there is none.
    pub host: String,
    /// `http` or `https`, as the connection is, not as a balancer says.
    pub scheme: String,
    /// The address of the peer; empty where it is not known.
    pub remote_addr: String,
    /// The port that it comes to.
    pub port: u16,
    /// The other headers. An empty one is known not to be there.
    pub headers: Vec<(String, String)>,
    /// Whether there may be others, of which nobody knows.
    pub open: bool,
}

impl Request {
    /// A `GET` for a target on a port, without any header.
    pub fn get(port: u16, target: &str) -> Self {
        Self {
            method: "GET".to_owned(),
            target: target.to_owned(),
            scheme: "http".to_owned(),
            port,
            ..Self::default()
        }
    }

    /// The values of a header, put together as nginx does since 1.23; `None` if it is not there, or not known.
    pub fn header(&self, name: &str) -> Option<String> {
        let host = [("host".to_owned(), self.host.clone())];
        let all = host.iter().chain(&self.headers);
        let filled = all.filter(|(own, value)| is_header(own, name) && !value.is_empty());
        let values: Vec<&str> = filled.map(|(_, value)| value.as_str()).collect();
        let separator = if name.eq_ignore_ascii_case("cookie") { "; " } else { ", " };
        (!values.is_empty()).then(|| values.join(separator))
    }

    /// Whether it is known what a header says, or that it is not there.
    pub fn knows(&self, name: &str) -> bool {
        let named = |(own, _): &(String, String)| is_header(own, name);
        !self.open || name.eq_ignore_ascii_case("host") || self.headers.iter().any(named)
    }

    /// What a variable of it holds; `None` where that is not known.
    fn text_of(&self, name: &str) -> Option<String> {
        self.knows(name).then(|| self.header(name).unwrap_or_default())
    }
}

/// Whether two names are of the same header. In variables `-` is `_`.
fn is_header(one: &str, other: &str) -> bool {
    let word = |byte: u8| {
        if byte == b'-' { b'_' } else { byte.to_ascii_lowercase() }
    };
    one.bytes().map(word).eq(other.bytes().map(word))
}

/// A request on its way: where it is, and what was set so far.
#[derive(Debug, Clone)]
pub struct Scene<'r> {
    /// The request.
    pub request: &'r Request,
    /// Its URI, as rewrites left it.
    pub uri: Uri,
    /// The server that answers.
    pub server: NodeId,
    /// The location, or the `if` in it; `None` before one is chosen.
    pub location: Option<NodeId>,
    /// What `set` has set.
    pub variables: BTreeMap<String, String>,
    /// What it has perhaps set, as nobody knows whether the condition around it holds.
    pub(super) perhaps: BTreeSet<String>,
    /// The groups of the last regular expression that matched.
    pub(super) groups: Groups,
}

impl Scene<'_> {
    /// The same for a request of which something else is known.
    pub fn with<'n>(&self, request: &'n Request) -> Scene<'n> {
        Scene {
            request,
            uri: self.uri.clone(),
            server: self.server,
            location: self.location,
            variables: self.variables.clone(),
            perhaps: self.perhaps.clone(),
            groups: self.groups.clone(),
        }
    }

    /// From now on these are `$1` to `$9`, and the variables that groups are named after.
    pub(super) fn matched(&mut self, groups: Groups) {
        self.variables.extend(groups.named.iter().cloned());
        self.groups = groups;
    }
}

impl Config<'_> {
    /// A template with its variables filled in.
    ///
    /// # Errors
    ///
    /// A [`Doubt`] that names the first variable whose value is not known.
    pub fn value_at(&self, template: &str, scene: &Scene<'_>) -> Result<String, Doubt> {
        let left = Cell::new(LOOKUPS);
        self.fill(template, scene, Reach { depth: 0, left: &left })
    }

    /// The value of a variable, named without its `$`.
    pub(super) fn variable_of(&self, name: &str, scene: &Scene<'_>) -> Result<String, Doubt> {
        let left = Cell::new(LOOKUPS);
        self.variable(name, scene, Reach { depth: 0, left: &left })
    }

    fn fill(&self, template: &str, scene: &Scene<'_>, reach: Reach<'_>) -> Result<String, Doubt> {
        let pieces = pieces(template).map_err(|_| Doubt::bare("a `$` without a variable"))?;
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Variable(name) => text.push_str(&self.variable(name, scene, reach)?),
            }
            short_enough(&text)?;
        }
        Ok(text)
    }

    fn variable(&self, name: &str, scene: &Scene<'_>, reach: Reach<'_>) -> Result<String, Doubt> {
        let inner = Reach { depth: reach.depth + 1, ..reach };
        reach.left.set(reach.left.get().saturating_sub(1));
        if inner.depth > CHAIN || reach.left.get() == 0 {
            return Err(Doubt::bare(format!("`${name}` needs too many other variables")));
        }
        if scene.perhaps.contains(name) {
            return Err(Doubt::bare(format!("`${name}` is not known")));
        }
        if let Some(value) = scene.variables.get(name) {
            return Ok(value.clone());
        }
        if let Some(map) = self.map_of(name) {
            let input = self.fill(self.value(map), scene, inner)?;
            let mapped = self.mapped(map, &input)?;
            return match mapped.groups {
                None => self.fill(mapped.value, scene, inner),
                Some(groups) => {
                    let mut scene = scene.clone();
                    scene.matched(groups);
                    self.fill(mapped.value, &scene, inner)
                }
            };
        }
        let value = match name {
            "remote_addr" | "proxy_add_x_forwarded_for" => self.address(name, scene)?,
            "proxy_host" => self.proxy_host(scene, inner)?,
            "host" => Some(self.host(scene)),
            "server_name" => Some(self.first_name(scene)),
            _ => own(name, scene),
        };
        value.ok_or_else(|| Doubt::bare(format!("`${name}` is not known")))
    }

    /// `$remote_addr`, unless `real_ip` changes it.
    fn address(&self, name: &str, scene: &Scene<'_>) -> Result<Option<String>, Doubt> {
        let level = scene.location.unwrap_or(scene.server);
        if let Some(line) = self.effective(level, "set_real_ip_from").line() {
            return Err(Doubt::at(line, "the client's address is taken from a header"));
        }
        let address = Some(&scene.request.remote_addr).filter(|address| !address.is_empty());
        if name == "remote_addr" {
            return Ok(address.cloned());
        }
        let before = scene.request.text_of("x_forwarded_for");
        Ok(address.zip(before).map(|(address, before)| match before.as_str() {
            "" => address.clone(),
            before => format!("{before}, {address}"),
        }))
    }

    fn host(&self, scene: &Scene<'_>) -> String {
        match scene.request.host.as_str() {
            "" => self.first_name(scene),
            host => host_name(host),
        }
    }

    fn first_name(&self, scene: &Scene<'_>) -> String {
        let names = self.server_names(scene.server);
        names.first().map_or_else(String::new, |(name, _)| (*name).to_owned())
    }

    fn proxy_host(&self, scene: &Scene<'_>, reach: Reach<'_>) -> Result<Option<String>, Doubt> {
        let Some(pass) = scene.location.and_then(|location| self.proxy_pass(location)) else {
            return Ok(None);
        };
        let url = self.fill(&pass.url, scene, reach)?;
        Ok(Some(self.read_pass(pass.node, &url).host_header()))
    }
}

/// Refuses values that nobody sends.
pub(super) fn short_enough(value: &str) -> Result<(), Doubt> {
    if value.len() > LONGEST {
        return Err(Doubt::bare("the value is longer than 64 KiB"));
    }
    Ok(())
}

/// What a request says by itself.
fn own(name: &str, scene: &Scene<'_>) -> Option<String> {
    let Scene { request, uri, .. } = scene;
    if let Ok(index) = name.parse::<usize>() {
        return Some(scene.groups.texts.get(index).cloned().unwrap_or_default());
    }
    if let Some(rest) = name.strip_prefix("http_") {
        return request.text_of(rest);
    }
    if let Some(rest) = name.strip_prefix("cookie_") {
        return request.knows("cookie").then(|| cookie(request, rest).unwrap_or_default());
    }
    if let Some(key) = name.strip_prefix("arg_") {
        return Some(arg(&uri.args, key).unwrap_or_default().to_owned());
    }
    Some(match name {
        "uri" | "document_uri" => String::from_utf8(uri.path.clone()).ok()?,
        "request_uri" => uri.raw.clone(),
        "args" | "query_string" => uri.args.clone(),
        "is_args" => if uri.args.is_empty() { "" } else { "?" }.to_owned(),
        "scheme" => request.scheme.clone(),
        "https" => if request.scheme == "https" { "on" } else { "" }.to_owned(),
        "request_method" => request.method.clone(),
        "server_port" => request.port.to_string(),
        "content_type" | "content_length" => return request.text_of(name),
        _ => return None,
    })
}

fn cookie(request: &Request, name: &str) -> Option<String> {
    let cookies = request.header("cookie")?;
    let pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    let found = pairs.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(found.1.to_owned())
}

fn arg<'a>(args: &'a str, key: &str) -> Option<&'a str> {
    let mut pairs = args.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
}
