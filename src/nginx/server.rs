//! Which server answers: `listen` and `server_name`.
//!
//! `ngx_http_find_virtual_server` of `nginx/nginx:src/http/ngx_http_request.c`: an exact name, the longest `*.name`,
//! the longest `name.*`, the first regular expression, the default of the port.

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
    pub fn on_port(&self, port: u16) -> Vec<(NodeId, Listen)> {
        let listens =
            |server: NodeId| self.listens(server).into_iter().map(move |one| (server, one));
        let all: Vec<(NodeId, Listen)> = self
            .servers()
            .into_iter()
            .flat_map(listens)
            .filter(|(_, listen)| listen.port == Some(port))
            .collect();
        let any = ["*", "[::]"].map(|any| all.iter().any(|(_, listen)| listen.address == any));
        let address = match any {
            [true, _] => "*".to_owned(),
            [_, true] => "[::]".to_owned(),
            _ => all.first().map_or_else(String::new, |(_, listen)| listen.address.clone()),
        };
        all.into_iter().filter(|(_, listen)| listen.address == address).collect()
    }

    /// The server of a port that answers when no name fits; `None` if nobody listens there.
    pub fn default_server(&self, port: u16) -> Option<Chosen> {
        let servers = self.on_port(port);
        let flagged = servers.iter().find(|(_, listen)| listen.default_server);
        let by = if flagged.is_some() { ChosenBy::DefaultFlag } else { ChosenBy::First };
        let (server, listen) = flagged.or(servers.first())?;
        Some(Chosen { server: *server, by, at: listen.node })
    }

    /// The server that answers a request with this `Host`, which is empty if it has none.
    ///
    /// # Errors
    ///
    /// A [`Doubt`] if a regular expression cannot be evaluated, or if servers may stand in a file that is not known.
    pub fn server_for(&self, port: u16, host: &str) -> Result<Option<Chosen>, Doubt> {
        let host = host_name(host);
        let servers = self.on_port(port);
        for by in [ChosenBy::Name, ChosenBy::WildcardPrefix, ChosenBy::WildcardSuffix] {
            if let Some(chosen) = self.longest(&servers, by, &host) {
                return Ok(Some(chosen));
            }
        }
        if let Some(chosen) = self.by_regex(&servers, &host)? {
            return Ok(Some(chosen));
        }
        if let Some(include) = self.http().and_then(|http| self.unread_in(http)) {
            return Err(Doubt::at(include, "servers may stand in the included file"));
        }
        Ok(self.default_server(port))
    }

    /// The groups of the name that decided, if it is a regular expression.
    pub(super) fn server_groups(&self, chosen: &Chosen, host: &str) -> Option<Groups> {
        let host = host_name(host);
        let regexes = self.arguments(chosen.at?).filter_map(|name| name.strip_prefix('~'));
        let groups = |regex| Pattern::new(regex, true)?.groups(host.as_bytes()).ok()?;
        regexes.filter(|_| chosen.by == ChosenBy::Regex).find_map(groups)
    }

    fn longest(&self, servers: &[(NodeId, Listen)], by: ChosenBy, host: &str) -> Option<Chosen> {
        let mut best: Option<(usize, Chosen)> = None;
        for (server, _) in servers {
            for (name, at) in self.server_names(*server) {
                let name = name.to_ascii_lowercase();
                let length = name.trim_start_matches('*').len();
                let longer = best.is_none_or(|(best, _)| length > best);
                if longer && matches(&name, by, host) {
                    let server = *server;
                    best = Some((length, Chosen { server, by, at }));
                }
            }
        }
        best.map(|(_, chosen)| chosen)
    }

    fn by_regex(&self, servers: &[(NodeId, Listen)], host: &str) -> Result<Option<Chosen>, Doubt> {
        for (server, _) in servers {
            for (name, at) in self.server_names(*server) {
                let Some(regex) = name.strip_prefix('~') else {
                    continue;
                };
                let found = Pattern::new(regex, true).and_then(|one| one.is_match(host.as_bytes()));
                match found {
                    Some(true) => {
                        return Ok(Some(Chosen { server: *server, by: ChosenBy::Regex, at }));
                    }
                    Some(false) => {}
                    None => {
                        let why = format!("`{name}` cannot be evaluated");
                        return Err(Doubt { why, at });
                    }
                }
            }
        }
        Ok(None)
    }
}

/// Whether a name in lower case fits in one way.
fn matches(name: &str, by: ChosenBy, host: &str) -> bool {
    match by {
        // `.example.com` is `example.com` and `*.example.com`.
        ChosenBy::Name if name.starts_with('.') => &name[1..] == host,
        ChosenBy::Name => name == host && !name.contains('*'),
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
