//! Which server answers: `listen` and `server_name`.
//!
//! `ngx_http_find_virtual_server` of `nginx/nginx:src/http/ngx_http_request.c`: an exact name, the longest `*.name`,
//! the longest `name.*`, the first regular expression, the default of the port.

use foldhash::{HashMap, HashMapExt};

use super::config::{Config, Doubt, NodeId, ROOT, Shape};
use super::pattern::{Groups, Pattern};

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// The directive; `None` where there is none and nginx listens on port 80 by itself.
    pub node: Option<NodeId>,
    /// The address, or the path of a socket behind `unix:`; `*` if there is none.
    pub address: String,
    /// The port; `None` for a socket.
    pub port: Option<u16>,
    /// Whether it wants TLS.
    pub ssl: bool,
    /// Whether it says `default_server`.
    pub default_server: bool,
    /// Whether it wants the PROXY protocol.
    pub proxy_protocol: bool,
}

/// Why a server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy {
    /// A name without wildcards.
    Name,
    /// `*.example.com` or `.example.com`
    WildcardPrefix,
    /// `www.example.*`
    WildcardSuffix,
    /// `~^www\d+\.example\.com$`
    Regex,
    /// No name fits, and it says `default_server`.
    DefaultFlag,
    /// No name fits, no server says `default_server`, and it is the first.
    First,
}

/// The server that answers, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// The `server` block; [`ROOT`] if the text is the inside of one.
    pub server: NodeId,
    /// What decided.
    pub by: ChosenBy,
    /// The `server_name` or `listen` that decided; `None` if there is none.
    pub at: Option<NodeId>,
}

impl Config<'_> {
    /// The HTTP servers, in the order in which nginx reads them.
    pub fn servers(&self) -> Vec<NodeId> {
        match (self.shape(), self.http()) {
            (Shape::Server, _) => vec![ROOT],
            (_, Some(http)) => self.named(http, "server").collect(),
            _ => Vec::new(),
        }
    }

    /// Where a server listens.
    pub fn listens(&self, server: NodeId) -> Vec<Listen> {
        let own: Vec<Listen> =
            self.named(server, "listen").filter_map(|node| self.listen(node)).collect();
        if own.is_empty() && self.named(server, "listen").next().is_none() {
            // nginx/nginx:src/http/ngx_http_core_module.c, ngx_http_core_server: 8000 when it is not root.
            return vec![Listen {
                node: None,
                address: "*".to_owned(),
                port: Some(80),
                ssl: false,
                default_server: false,
                proxy_protocol: false,
            }];
        }
        own
    }

    fn listen(&self, node: NodeId) -> Option<Listen> {
        let (address, port) = address(self.value(node))?;
        let says = |flag: &str| self.arguments(node).skip(1).any(|argument| argument == flag);
        Some(Listen {
            node: Some(node),
            address: address.to_owned(),
            port,
            ssl: says("ssl"),
            // `default` is the name that it had before 0.8.21, and is still read.
            default_server: says("default_server") || says("default"),
            proxy_protocol: says("proxy_protocol"),
        })
    }

    /// The names of a server, each with its `server_name`; the empty name if there is none.
    pub fn server_names(&self, server: NodeId) -> Vec<(&str, Option<NodeId>)> {
        let mut names = Vec::new();
        for node in self.named(server, "server_name") {
            names.extend(self.arguments(node).map(|name| (name, Some(node))));
        }
        if names.is_empty() {
            names.push(("", None));
        }
        names
    }

    /// The servers that share a port, each with the `listen` that makes it so.
    ///
    /// nginx keeps the servers of `10.0.0.1:80` apart from those of `*:80`, and takes the first if a connection
    /// comes to that address. As the address is not known here, those of `*` are taken, or else those of `[::]`, or
    /// else those of the first address.
    pub fn on_port(&self, port: u16) -> &[(NodeId, Listen)] {
        self.port(port).map(|one| one.servers.as_slice()).unwrap_or_default()
    }

    fn port(&self, port: u16) -> Option<&Port> {
        self.index.ports.get_or_init(|| self.ports()).get(&port)
    }

    fn ports(&self) -> Ports {
        let mut all: HashMap<u16, Vec<(NodeId, Listen)>> = HashMap::new();
        for server in self.servers() {
            for listen in self.listens(server) {
                if let Some(port) = listen.port {
                    all.entry(port).or_default().push((server, listen));
                }
            }
        }
        all.into_iter().map(|(port, servers)| (port, self.read_port(servers))).collect()
    }

    fn read_port(&self, mut servers: Vec<(NodeId, Listen)>) -> Port {
        let any = ["*", "[::]"].map(|any| servers.iter().any(|(_, one)| one.address == any));
        let address = match any {
            [true, _] => "*".to_owned(),
            [_, true] => "[::]".to_owned(),
            _ => servers.first().map_or_else(String::new, |(_, listen)| listen.address.clone()),
        };
        servers.retain(|(_, listen)| listen.address == address);
        let mut port = Port::default();
        for (server, _) in &servers {
            for (name, at) in self.server_names(*server) {
                port.add_name(name, *server, at);
            }
        }
        let flagged = servers.iter().find(|(_, listen)| listen.default_server);
        let by = if flagged.is_some() { ChosenBy::DefaultFlag } else { ChosenBy::First };
        port.default = flagged.or(servers.first()).map(|(server, listen)| Chosen {
            server: *server,
            by,
            at: listen.node,
        });
        port.servers = servers;
        port
    }

    /// The server of a port that answers when no name fits; `None` if nobody listens there.
    pub fn default_server(&self, port: u16) -> Option<Chosen> {
        self.port(port)?.default
    }

    /// The server that answers a request with this `Host`, which is empty if it has none.
    ///
    /// # Errors
    ///
    /// A [`Doubt`] if a regular expression cannot be evaluated, or if servers may stand in a file that is not known.
    pub fn server_for(&self, port: u16, host: &str) -> Result<Option<Chosen>, Doubt> {
        let host = host_name(host);
        let on_port = self.port(port);
        let chosen = match on_port {
            Some(on_port) => on_port.by_name(&host)?,
            None => None,
        };
        if chosen.is_some() {
            return Ok(chosen);
        }
        if let Some(include) = self.http().and_then(|http| self.unread_in(http)) {
            return Err(Doubt::at(include, "servers may stand in the included file"));
        }
        Ok(on_port.and_then(|on_port| on_port.default))
    }

    /// The groups of the name that decided, if it is a regular expression.
    pub(super) fn server_groups(&self, chosen: &Chosen, host: &str) -> Option<Groups> {
        let host = host_name(host);
        let regexes = self.arguments(chosen.at?).filter_map(|name| name.strip_prefix('~'));
        let groups = |regex| Pattern::new(regex, true)?.groups(host.as_bytes()).ok()?;
        regexes.filter(|_| chosen.by == ChosenBy::Regex).find_map(groups)
    }
}

/// The servers of every port.
pub(super) type Ports = HashMap<u16, Port>;

/// The servers of a port, and their names.
#[derive(Debug, Clone, Default)]
pub(super) struct Port {
    servers: Vec<(NodeId, Listen)>,
    default: Option<Chosen>,
    /// The servers by names without wildcards.
    exact: HashMap<String, (usize, Chosen)>,
    /// Names with wildcards, in lower case.
    wild: Vec<(String, NodeId, Option<NodeId>)>,
    regexes: Vec<(String, Option<Pattern>, Chosen)>,
}

impl Port {
    fn add_name(&mut self, name: &str, server: NodeId, at: Option<NodeId>) {
        if let Some(regex) = name.strip_prefix('~') {
            let chosen = Chosen { server, by: ChosenBy::Regex, at };
            self.regexes.push((name.to_owned(), Pattern::new(regex, true), chosen));
            return;
        }
        let name = name.to_ascii_lowercase();
        if !name.contains('*') {
            let chosen = Chosen { server, by: ChosenBy::Name, at };
            let bare = name.strip_prefix('.').unwrap_or(&name).to_owned();
            let known = self.exact.get(&bare).is_some_and(|(length, _)| *length >= name.len());
            if !known {
                self.exact.insert(bare, (name.len(), chosen));
            }
        }
        if name.contains('*') || name.starts_with('.') {
            self.wild.push((name, server, at));
        }
    }

    /// The server whose name fits best.
    fn by_name(&self, host: &str) -> Result<Option<Chosen>, Doubt> {
        if let Some((_, chosen)) = self.exact.get(host) {
            return Ok(Some(*chosen));
        }
        for by in [ChosenBy::WildcardPrefix, ChosenBy::WildcardSuffix] {
            if let Some(chosen) = self.longest(by, host) {
                return Ok(Some(chosen));
            }
        }
        self.by_regex(host)
    }

    fn longest(&self, by: ChosenBy, host: &str) -> Option<Chosen> {
        let mut best: Option<(usize, Chosen)> = None;
        for (name, server, at) in &self.wild {
            let length = name.trim_start_matches('*').len();
            let longer = best.is_none_or(|(best, _)| length > best);
            if longer && matches(name, by, host) {
                best = Some((length, Chosen { server: *server, by, at: *at }));
            }
        }
        best.map(|(_, chosen)| chosen)
    }

    fn by_regex(&self, host: &str) -> Result<Option<Chosen>, Doubt> {
        for (name, pattern, chosen) in &self.regexes {
            match pattern.as_ref().and_then(|one| one.is_match(host.as_bytes())) {
                Some(true) => return Ok(Some(*chosen)),
                Some(false) => {}
                None => {
                    let why = format!("`{name}` cannot be evaluated");
                    return Err(Doubt { why, at: chosen.at });
                }
            }
        }
        Ok(None)
    }
}

/// Whether a name in lower case fits in one way.
fn matches(name: &str, by: ChosenBy, host: &str) -> bool {
    match by {
        ChosenBy::WildcardPrefix => {
            let suffix = name.strip_prefix('*').unwrap_or(name);
            suffix.starts_with('.') && host.len() > suffix.len() && host.ends_with(suffix)
        }
        _ => name.strip_suffix('*').is_some_and(|prefix| {
            prefix.ends_with('.') && host.len() > prefix.len() && host.starts_with(prefix)
        }),
    }
}

/// The name in a `Host`: lower case, without the port and a last dot.
pub(super) fn host_name(host: &str) -> String {
    let name = match (host.starts_with('['), host.find(']')) {
        (true, Some(end)) => &host[..=end],
        _ => host.split(':').next().unwrap_or(host),
    };
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// The address and the port of a `listen`.
fn address(text: &str) -> Option<(&str, Option<u16>)> {
    if text.starts_with("unix:") {
        return Some((text, None));
    }
    if let Ok(port) = text.parse() {
        return Some(("*", Some(port)));
    }
    let behind_bracket = text.find(']').unwrap_or(0);
    let (address, port) = match text[behind_bracket..].find(':') {
        Some(colon) => {
            let colon = behind_bracket + colon;
            (&text[..colon], text[colon + 1..].parse().ok()?)
        }
        None => (text, 80),
    };
    // 0.0.0.0 is the same socket as *.
    let address = if matches!(address, "" | "0.0.0.0") { "*" } else { address };
    Some((address, Some(port)))
}
