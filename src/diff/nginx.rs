//! Comparing nginx configurations as directives.
//!
//! A directive that is rendered and there is compared by its arguments; one that is not there is added; what only the
//! other side has stays. Names that people choose are no difference: an upstream is known by its servers. A location
//! that is there under another path, and already answers the Socket.IO path with the same URI for the same server, is
//! the one that is repaired.

use super::Change;
use super::why::why_rendered;
use crate::diagnostic::{Edit, Insertion, NginxChange, Span};
use crate::kube::Object;
use crate::nginx::{Config, Directive, NodeId, Shape, Tree, units};
use crate::set::{NginxText, Set};

/// What differs between the nginx configurations of two ConfigMaps.
pub(super) fn changes(
    ours: &Set<'_>,
    theirs: &Set<'_>,
    one: &Object<'_>,
    other: &Object<'_>,
) -> Vec<Change> {
    let mine = texts(ours, one);
    let yours = texts(theirs, other);
    let mut changes = Vec::new();
    for text in mine {
        let named = yours.iter().find(|there| there.name() == text.name());
        let alike = || yours.iter().find(|there| shape(there) == shape(text));
        match named.or_else(alike) {
            Some(there) => changes.extend(Comparison::new(text, there).run()),
            None => changes.push(missing(text, one, other)),
        }
    }
    changes
}

fn texts<'m, 's>(set: &'m Set<'s>, of: &Object<'s>) -> Vec<&'m NginxText<'s>> {
    let texts = set.nginx.iter();
    texts.filter(|text| text.object().is_some_and(|object| object.is(of))).collect()
}

fn shape(text: &NginxText<'_>) -> Shape {
    Shape::of(&text.tree)
}

fn missing(text: &NginxText<'_>, one: &Object<'_>, other: &Object<'_>) -> Change {
    let path = crate::manifest::Path::of_keys(&["data", &text.name()]);
    Change {
        path: path.to_string(),
        old: None,
        new: Some(format!("{} lines of nginx configuration", text.text().lines().count())),
        there: Some(other.title()),
        here: one.title(),
        why: super::Why::default(),
        edit: (other.file.source, Edit::set(other.node.span(), path, text.text())),
    }
}

struct Comparison<'c, 's> {
    ours: &'c NginxText<'s>,
    theirs: &'c NginxText<'s>,
    changes: Vec<Change>,
    /// Upstreams of ours that are there under another name.
    renamed: Vec<(String, String)>,
}

/// Where a comparison is: the blocks around it, as they are there.
#[derive(Clone)]
struct Here<'t> {
    path: String,
    /// The block that is there, with its directive.
    block: Option<&'t Directive>,
}

impl<'c, 's> Comparison<'c, 's> {
    fn new(ours: &'c NginxText<'s>, theirs: &'c NginxText<'s>) -> Self {
        Self {
            ours,
            theirs,
            changes: Vec::new(),
            renamed: renamed_upstreams(&ours.tree, &theirs.tree),
        }
    }

    fn run(mut self) -> Vec<Change> {
        let path = match self.theirs.object() {
            Some(_) => format!("data[\"{}\"]", self.theirs.name()),
            None => String::new(),
        };
        let here = Here { path, block: None };
        let (ours, theirs) = (self.ours, self.theirs);
        self.block(&ours.tree.directives, &theirs.tree.directives, &here);
        // Two locations of ours may be one of theirs.
        let mut seen = Vec::new();
        self.changes.retain(|change| {
            let known = seen.contains(&(change.path.clone(), change.new.clone()));
            seen.push((change.path.clone(), change.new.clone()));
            !known
        });
        self.changes
    }

    fn block(&mut self, ours: &'c [Directive], theirs: &'c [Directive], here: &Here<'c>) {
        for directive in ours.iter().filter(|one| !is_taste(one)) {
            let same: Vec<&Directive> =
                theirs.iter().filter(|other| self.is_same(directive, other)).collect();
            match likest(directive, &same) {
                Some(other) => self.pair(directive, other, here),
                None => self.absent(directive, theirs, here),
            }
        }
    }

    fn pair(&mut self, ours: &'c Directive, theirs: &'c Directive, here: &Here<'c>) {
        if ours.block.is_some() && theirs.block.is_some() {
            let inner = Here { path: step(&here.path, theirs), block: Some(theirs) };
            if Self::is_judged(ours) {
                self.block(ours.children(), theirs.children(), &inner);
            } else {
                self.target(ours, theirs, &inner);
            }
        } else if !self.same_arguments(ours, theirs) {
            self.change(ours, theirs, here);
        }
    }

    /// A directive that is not there. A location may be there under another name.
    fn absent(&mut self, ours: &'c Directive, theirs: &'c [Directive], here: &Here<'c>) {
        if let Some(stand_in) = self.stand_in(ours, theirs) {
            let inner = Here { path: step(&here.path, stand_in), block: Some(stand_in) };
            let children = ours.children().iter();
            let mine = children.filter(|one| &*one.name.text != "proxy_pass" && !is_taste(one));
            for child in mine {
                let mut theirs = stand_in.children().iter();
                match theirs.find(|other| self.is_same(child, other)) {
                    Some(other) => self.pair(child, other, &inner),
                    None => self.insert(child, &inner),
                }
            }
            return;
        }
        self.insert(ours, here);
    }

    /// Whether what is in a block is about sessions. Other locations of the app are its own affair, but for where
    /// they lead.
    fn is_judged(ours: &Directive) -> bool {
        &*ours.name.text != "location" || is_session(ours)
    }

    /// Compares where a location leads.
    fn target(&mut self, ours: &'c Directive, theirs: &'c Directive, here: &Here<'c>) {
        const TARGETS: [&str; 5] = ["proxy_pass", "root", "alias", "try_files", "return"];
        for child in ours.children().iter().filter(|one| TARGETS.contains(&&*one.name.text)) {
            match theirs.children().iter().find(|other| self.is_same(child, other)) {
                Some(other) => self.pair(child, other, here),
                None => self.insert(child, here),
            }
        }
    }

    /// The location that already sends our path where ours would.
    fn stand_in(&self, ours: &Directive, theirs: &'c [Directive]) -> Option<&'c Directive> {
        let path = prefix_of(ours)?;
        if !is_session(ours) {
            return None;
        }
        let config = Config::alone(&self.theirs.tree);
        let mine = Config::alone(&self.ours.tree);
        let found = theirs.iter().find(|other| {
            prefix_of(other).is_some_and(|prefix| path.starts_with(prefix))
                && is_selected(&config, other, path)
        })?;
        let sent = |config: &Config<'_>, location: &Directive| sent_uri(config, location, path);
        (sent(&mine, ours).is_some() && sent(&mine, ours) == sent(&config, found)).then_some(found)
    }

    fn change(&mut self, ours: &Directive, theirs: &Directive, here: &Here<'_>) {
        let text = self.arguments(ours);
        let at = theirs.value_span().unwrap_or(theirs.name.span);
        self.changes.push(Change {
            path: step(&here.path, theirs),
            old: Some(written(self.theirs, theirs.value_span())),
            new: Some(text.clone()),
            there: Some(self.theirs.place(at)),
            here: self.ours.place(ours.head_span()),
            why: why_rendered(ours, Some(theirs)),
            edit: self.theirs.edit(NginxChange::SetArguments { directive: theirs.span, text }),
        });
    }

    fn insert(&mut self, ours: &Directive, here: &Here<'_>) {
        let text = self.source(ours);
        let block = here.block.map(|block| block.span);
        let there = here.block.map(|block| self.theirs.place(block.head_span()));
        self.changes.push(Change {
            path: step(&here.path, ours),
            old: None,
            new: Some(text.lines().next().unwrap_or_default().to_owned()),
            there: there.or_else(|| self.theirs.object().map(Object::title)),
            here: self.ours.place(ours.head_span()),
            why: why_rendered(ours, None),
            edit: self.theirs.edit(NginxChange::Insert { place: Insertion::End(block), text }),
        });
    }

    /// Whether two directives are about the same thing.
    fn is_same(&self, ours: &Directive, theirs: &Directive) -> bool {
        if ours.name.text != theirs.name.text || ours.block.is_some() != theirs.block.is_some() {
            return false;
        }
        let first = |one: &Directive| one.argument(0).unwrap_or_default().to_owned();
        match &*ours.name.text {
            "proxy_set_header" | "add_header" => first(ours).eq_ignore_ascii_case(&first(theirs)),
            "upstream" => self.their_name(&first(ours)) == first(theirs),
            "map" => ours.argument(1) == theirs.argument(1),
            "location" => arguments_of(ours) == arguments_of(theirs),
            "include" | "set" | "set_real_ip_from" | "log_format" => first(ours) == first(theirs),
            "server" if ours.block.is_none() => arguments_of(ours) == arguments_of(theirs),
            _ => true,
        }
    }

    fn same_arguments(&self, ours: &Directive, theirs: &Directive) -> bool {
        let mine: Vec<String> =
            ours.arguments.iter().map(|word| self.in_their_words(&word.text)).collect();
        let yours: Vec<String> =
            theirs.arguments.iter().map(|word| word.text.to_string()).collect();
        mine == yours
            || (mine.len() == 1 && yours.len() == 1 && same_amount(&mine[0], &yours[0]))
            // Of one server, the first is the default one anyway.
            || (&*ours.name.text == "listen"
                && ports_of(ours) == ports_of(theirs)
                && protocols(ours) == protocols(theirs))
    }

    /// A word of ours with their names for upstreams.
    fn in_their_words(&self, word: &str) -> String {
        let mut text = word.to_owned();
        for (mine, yours) in &self.renamed {
            for scheme in ["http://", "https://"] {
                let from = format!("{scheme}{mine}");
                if text == from || text.starts_with(&format!("{from}/")) {
                    text = text.replacen(&from, &format!("{scheme}{yours}"), 1);
                }
            }
        }
        text
    }

    fn their_name(&self, name: &str) -> String {
        let found = self.renamed.iter().find(|(mine, _)| mine == name);
        found.map_or_else(|| name.to_owned(), |(_, yours)| yours.clone())
    }

    fn arguments(&self, ours: &Directive) -> String {
        self.in_their_source(&written(self.ours, ours.value_span()))
    }

    /// A directive of ours as it is written, from the start of its line, without what is deeper than it stands.
    fn source(&self, ours: &Directive) -> String {
        let text = self.ours.text();
        let line_of = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let start = line_of(ours.span.start);
        let indentation = ours.span.start - start;
        let mut dropped: Vec<usize> = Vec::new();
        dependent(ours, &mut |one| dropped.push(line_of(one.span.start)));
        let mut at = start;
        let mut plain: Vec<&str> = Vec::new();
        for line in text[start..ours.span.end].split('\n') {
            if !dropped.contains(&at) {
                plain.push(line.get(indentation..).unwrap_or_else(|| line.trim_start()));
            }
            at += line.len() + 1;
        }
        self.in_their_source(&plain.join("\n"))
    }

    fn in_their_source(&self, text: &str) -> String {
        let words = text.split(' ').map(|word| match word.strip_suffix(';') {
            Some(bare) => self.in_their_words(bare) + ";",
            None => self.in_their_words(word),
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// The lines within a block that rest on others elsewhere, which are taste and not brought along.
fn dependent(block: &Directive, visit: &mut impl FnMut(&Directive)) {
    for child in block.children() {
        let log = &*child.name.text == "access_log" && child.argument(1).is_some();
        if log || is_client_header(child) {
            visit(child);
        }
        dependent(child, visit);
    }
}

fn is_client_header(ours: &Directive) -> bool {
    &*ours.name.text == "proxy_set_header" && ours.argument(0) == Some("X-Real-IP")
}

/// Of several that may be meant, the one for the same port. Of several servers without it none is.
fn likest<'c>(ours: &Directive, same: &[&'c Directive]) -> Option<&'c Directive> {
    let ports = ports_of(ours);
    let shares = |other: &&&'c Directive| ports_of(other).iter().any(|port| ports.contains(port));
    if let Some(found) = same.iter().find(shares) {
        return Some(found);
    }
    let first = same.first().copied();
    first.filter(|_| ports.is_empty() || same.len() == 1)
}

/// The ports of a `listen`, or of those in a server.
fn ports_of(one: &Directive) -> Vec<&str> {
    match &*one.name.text {
        "listen" => {
            let address = one.argument(0).unwrap_or_default();
            vec![address.rsplit_once(':').map_or(address, |(_, port)| port)]
        }
        "server" if one.block.is_some() => {
            let listens = one.children().iter().filter(|child| &*child.name.text == "listen");
            listens.flat_map(ports_of).collect()
        }
        _ => Vec::new(),
    }
}

/// What decides how a connection begins.
fn protocols(listen: &Directive) -> Vec<&str> {
    let words = listen.arguments.iter().map(|word| &*word.text);
    words.filter(|word| matches!(*word, "ssl" | "proxy_protocol" | "quic")).collect()
}

/// Whether a location of ours is the one for sessions: only that turns buffering off.
fn is_session(ours: &Directive) -> bool {
    let off =
        |one: &Directive| &*one.name.text == "proxy_buffering" && one.argument(0) == Some("off");
    &*ours.name.text == "location" && ours.children().iter().any(off)
}

/// What everybody writes as they like: no session depends on it, so it is no difference. A directive that only names a
/// place for files, or how much is logged, is the image's affair.
fn is_taste(ours: &Directive) -> bool {
    const TASTE: [&str; 17] = [
        "access_log",
        "client_body_temp_path",
        "default_type",
        "error_log",
        "fastcgi_temp_path",
        "include",
        "keepalive_requests",
        "log_format",
        "pid",
        "proxy_temp_path",
        "scgi_temp_path",
        "server_name",
        "server_tokens",
        "uwsgi_temp_path",
        "worker_processes",
        "worker_rlimit_nofile",
        "zone",
    ];
    let for_logs = &*ours.name.text == "map" && ours.argument(1) == Some("$client_address");
    is_client_header(ours) || for_logs || TASTE.contains(&&*ours.name.text)
}

fn written(text: &NginxText<'_>, span: Option<Span>) -> String {
    span.map_or(String::new(), |span| text.text()[span.start..span.end].to_owned())
}

fn arguments_of(directive: &Directive) -> Vec<&str> {
    directive.arguments.iter().map(|word| &*word.text).collect()
}

pub(super) fn step(path: &str, directive: &Directive) -> String {
    let arguments = arguments_of(directive);
    let name = match (&directive.block, arguments.is_empty()) {
        (Some(_), false) => format!("{}[{}]", directive.name.text, arguments.join(" ")),
        (None, false) if matches!(&*directive.name.text, "proxy_set_header" | "add_header") => {
            format!("{}[{}]", directive.name.text, arguments[0])
        }
        _ => directive.name.text.to_string(),
    };
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

/// The path of a prefix location.
fn prefix_of(directive: &Directive) -> Option<&str> {
    match arguments_of(directive)[..] {
        ["^~", path] => Some(path),
        [path] if path.starts_with('/') => Some(path),
        _ => None,
    }
}

fn is_selected(config: &Config<'_>, location: &Directive, path: &str) -> bool {
    let Some(node) = node_of(config, location) else {
        return false;
    };
    let Ok(uri) = crate::nginx::normalise(path, true) else {
        return false;
    };
    let selected = config.select(config.server_of(node), &uri);
    selected.is_ok_and(|selection| selection.location() == Some(node))
}

fn node_of(config: &Config<'_>, directive: &Directive) -> Option<NodeId> {
    config.walk().find(|node| config.directive(*node).span == directive.span)
}

/// A server of an upstream: address and port.
type Peer = (String, Option<u16>);

/// The servers and the URI that a location sends a path to.
fn sent_uri(config: &Config<'_>, location: &Directive, path: &str) -> Option<(Vec<Peer>, String)> {
    let node = node_of(config, location)?;
    let pass = config.proxy_pass(node)?;
    if pass.has_variables() {
        return None;
    }
    let peers = match config.upstream_named(&pass.host) {
        Some(upstream) => {
            upstream.peers.iter().map(|peer| (peer.address.to_owned(), peer.port)).collect()
        }
        None => vec![(pass.host.clone(), pass.port)],
    };
    let prefix = prefix_of(location)?;
    let uri = match &pass.uri {
        Some(uri) => format!("{uri}{}", path.strip_prefix(prefix)?),
        None => path.to_owned(),
    };
    Some((peers, uri))
}

/// Upstreams of ours that are there under another name: with the same servers.
fn renamed_upstreams(ours: &Tree, theirs: &Tree) -> Vec<(String, String)> {
    let upstreams = |tree: &Tree| -> Vec<(String, Vec<String>)> {
        let blocks = tree.walk().filter(|one| &*one.name.text == "upstream" && one.block.is_some());
        let servers = |one: &Directive| {
            let servers = one.children().iter().filter(|child| &*child.name.text == "server");
            servers.filter_map(|server| server.argument(0)).map(str::to_owned).collect()
        };
        blocks.map(|one| (one.argument(0).unwrap_or_default().to_owned(), servers(one))).collect()
    };
    let there = upstreams(theirs);
    let mut renamed = Vec::new();
    for (name, servers) in upstreams(ours) {
        let same_name = there.iter().any(|(other, _)| *other == name);
        let twin = there.iter().find(|(_, others)| *others == servers);
        renamed.extend(twin.filter(|_| !same_name).map(|(other, _)| (name.clone(), other.clone())));
    }
    renamed
}

/// `90` and `90s`, `1m` and `1024k`.
fn same_amount(one: &str, other: &str) -> bool {
    let time =
        units::milliseconds(one).is_some_and(|time| Some(time) == units::milliseconds(other));
    let size = units::bytes(one).is_some_and(|size| Some(size) == units::bytes(other));
    // A letter may be a time's or a size's: where both read, both must agree.
    time && (units::bytes(one).is_none() || size) || size && units::milliseconds(one).is_none()
}
