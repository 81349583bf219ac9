//! An nginx, put together from the files that a container mounts, or from what was given alone.

use std::collections::BTreeSet;

use super::Model;
use super::evidence::{Carries, Evidence, comment_says_socketio, names_socketio};
use super::session::Numbers;
use crate::kube::{Container, Object, Workload};
use crate::nginx::{Config, Doubt, FileId, Included, Kind, NodeId, Shape, Version};
use crate::set::{Mark, NginxText, Origin, Place, Remark, Set};

/// The version that is assumed: the newest whose defaults are the strictest. Images are pinned far behind.
pub const ASSUMED: Version = Version(1, 28, 0);

/// One nginx.
#[derive(Debug)]
pub struct Site<'s> {
    /// Its configuration. A `FileId` of it counts the configurations of the set.
    pub config: Config<'s>,
    /// The configuration that the others are included from.
    pub root: &'s NginxText<'s>,
    /// The containers that mount it, where they were given.
    pub containers: Vec<(Workload<'s>, Container<'s>)>,
    /// Where session traffic goes through it.
    pub sessions: Vec<SiteLocation<'s>>,
    set: &'s Set<'s>,
}

/// Session traffic through a location.
#[derive(Debug, Clone)]
pub struct SiteLocation<'s> {
    /// The server.
    pub server: NodeId,
    /// The location that answers the Socket.IO path; `None` if the server itself does, or if nobody can tell.
    pub location: Option<NodeId>,
    /// The location that is meant for it, where another one answers.
    pub meant: Option<NodeId>,
    /// The path that browsers ask for.
    pub path: String,
    /// Why it is taken for session traffic, the best first.
    pub evidence: Vec<Evidence>,
    /// What the server is set to, as far as somebody says it.
    pub numbers: Numbers,
    /// What a mark or an app.toml says.
    pub mark: Mark,
    /// The objects that stand for it in messages: the ConfigMap, if it is in one.
    pub object: Option<Object<'s>>,
}

impl SiteLocation<'_> {
    /// Whether Socket.IO goes through it, and not just WebSockets of some kind.
    pub fn is_socketio(&self) -> bool {
        self.evidence
            .iter()
            .any(|one| one.carries == Carries::SocketIo)
    }
}

impl<'s> Site<'s> {
    /// The text that a directive is in.
    pub fn text_of(&self, node: NodeId) -> &'s NginxText<'s> {
        &self.set.nginx[self.config.file(node).0]
    }

    /// Where a directive is: its name and its arguments.
    pub fn place(&self, node: NodeId) -> Place {
        self.text_of(node).place(self.config.place(node).span)
    }

    /// Where the value of a directive is.
    pub fn value_place(&self, node: NodeId) -> Place {
        let directive = self.config.directive(node);
        let span = directive.value_span().unwrap_or(directive.name.span);
        self.text_of(node).place(span)
    }

    /// A directive by its blocks: `http.server.location[/socket.io/].proxy_read_timeout`.
    pub fn path_of(&self, node: NodeId) -> String {
        let mut parts: Vec<String> = self
            .config
            .levels(node)
            .map(|level| self.part(level))
            .collect();
        parts.retain(|part| !part.is_empty());
        parts.reverse();
        let inner = parts.join(".");
        match &self.text_of(node).origin {
            Origin::File(_) => inner,
            Origin::ConfigMap { entry, .. } => format!("data[\"{}\"].{inner}", entry.key()),
        }
    }

    fn part(&self, level: NodeId) -> String {
        let name = self.config.name(level);
        let arguments: Vec<&str> = self.config.arguments(level).collect();
        let block = self.config.directive(level).block.is_some();
        if block && !arguments.is_empty() {
            format!("{name}[{}]", arguments.join(" "))
        } else {
            name.to_owned()
        }
    }

    /// Whether a doubt is one that matters. What stands around a fragment of `conf.d` is the image's own nginx.conf:
    /// that of the stock images sets no header, no limit and no timeout of a proxy
    /// (nginx/docker-nginx-unprivileged:mainline/alpine/nginx.conf is the distribution's).
    pub fn is_in_doubt(&self, doubt: Option<&Doubt>) -> bool {
        doubt.is_some_and(|doubt| doubt.at.is_some() || self.config.shape() != Shape::Http)
    }

    /// The location that answers a path, and whether something could not be told.
    pub fn location_for(&self, server: NodeId, path: &str) -> Option<NodeId> {
        let uri = crate::nginx::normalise(path, true).ok()?;
        self.config.select(server, &uri).ok()?.location()
    }

    /// The hosts and ports that a location may send to; none if a variable decides.
    pub fn targets(&self, location: NodeId) -> Vec<(String, Option<u16>)> {
        let Some(pass) = self
            .config
            .proxy_pass(location)
            .filter(|pass| !pass.has_variables())
        else {
            return Vec::new();
        };
        match self.config.upstream_named(&pass.host) {
            Some(upstream) => {
                let peers = upstream.peers.iter();
                peers
                    .map(|peer| (peer.address.to_owned(), peer.port))
                    .collect()
            }
            None => vec![(pass.host, pass.port)],
        }
    }

    /// Adds session traffic that another file speaks of, to the server that answers its host.
    pub(super) fn add_session(
        &mut self,
        server: NodeId,
        path: &str,
        evidence: Evidence,
        numbers: Numbers,
    ) {
        if let Some(known) = self
            .sessions
            .iter_mut()
            .find(|one| one.server == server && one.path == path)
        {
            known.numbers = numbers;
            known.evidence.push(evidence);
            known
                .evidence
                .sort_by_key(|one| std::cmp::Reverse(one.carries));
            return;
        }
        let location = self.location_for(server, path);
        self.sessions.push(SiteLocation {
            server,
            location,
            meant: None,
            path: path.to_owned(),
            mark: evidence.mark.clone(),
            evidence: vec![evidence],
            numbers,
            object: self.root.object().copied(),
        });
    }
}

/// Every nginx of a model.
pub(super) fn all<'s>(model: &Model<'s>) -> Vec<Site<'s>> {
    let set = model.set;
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut sites = Vec::new();
    for workload in &model.workloads {
        for container in workload.containers() {
            let files = mounted(model, workload, &container);
            if !files.is_empty() {
                used.extend(files.iter().map(|(_, index)| *index));
                add_mounted(set, &files, (*workload, container), &mut sites);
            }
        }
    }
    add_alone(set, &mut used, &mut sites);
    for site in &mut sites {
        site.sessions = sessions(site);
    }
    sites
}

/// The nginx configurations that a container has, by their paths in it.
fn mounted<'s>(
    model: &Model<'s>,
    workload: &Workload<'s>,
    container: &Container<'s>,
) -> Vec<(String, usize)> {
    let mut files = Vec::new();
    for mount in workload.mounts(container) {
        for (key, index) in texts_of(model.set, mount.config_map, &workload.0) {
            let path = path_of_key(&mount.volume, &key);
            match mount.sub_path {
                Some(sub) if sub == path => files.push((mount.path.to_owned(), index)),
                Some(_) => {}
                None => files.push((
                    format!("{}/{path}", mount.path.trim_end_matches('/')),
                    index,
                )),
            }
        }
    }
    files
}

/// The file name of a ConfigMap's key in a volume.
fn path_of_key(volume: &crate::manifest::Node<'_>, key: &str) -> String {
    let items = volume
        .get("items")
        .into_iter()
        .flat_map(|items| items.items());
    let text = |item: crate::manifest::Node<'_>, name: &str| {
        item.get(name)
            .and_then(|node| node.text().map(str::to_owned))
    };
    let mut renamed = items.filter(|item| text(*item, "key").as_deref() == Some(key));
    let path = renamed.next().and_then(|item| text(item, "path"));
    path.unwrap_or_else(|| key.to_owned())
}

/// The keys of a ConfigMap that are nginx configurations; also of one that Kustomize generates.
fn texts_of(set: &Set<'_>, name: &str, from: &Object<'_>) -> Vec<(String, usize)> {
    let map = set
        .candidates("ConfigMap", name)
        .into_iter()
        .filter(|object| object.shares_namespace_with(from))
        .max_by_key(|object| crate::set::nearness(object.file.name, from.file.name));
    let Some(map) = map else {
        return generated(set, name, from);
    };
    let texts = set.nginx.iter().enumerate();
    let own = texts.filter(|(_, text)| text.object().is_some_and(|object| object.is(map)));
    own.map(|(index, text)| (text.name().into_owned(), index))
        .collect()
}

fn generated(set: &Set<'_>, name: &str, from: &Object<'_>) -> Vec<(String, usize)> {
    let directory = |file: &str| {
        file.rsplit_once('/')
            .map_or(String::new(), |(path, _)| format!("{path}/"))
    };
    let here = directory(from.file.name);
    let mut found = Vec::new();
    for file in set
        .files
        .iter()
        .filter(|file| directory(file.name) == here && file.name.ends_with("kustomization.yaml"))
    {
        let roots = file
            .stream()
            .into_iter()
            .flat_map(|stream| stream.documents());
        for root in roots.filter_map(|document| document.root()) {
            let maps = root
                .get("configMapGenerator")
                .into_iter()
                .flat_map(|list| list.items());
            let ours =
                maps.filter(|map| map.get("name").and_then(|name| name.as_str()) == Some(name));
            let files = ours
                .filter_map(|map| map.get("files"))
                .flat_map(|files| files.items());
            for entry in files.filter_map(|entry| entry.text()) {
                let (key, path) = entry
                    .split_once('=')
                    .unwrap_or((entry.rsplit('/').next().unwrap_or(entry), entry));
                let wanted = format!("{here}{path}");
                let index = set
                    .nginx
                    .iter()
                    .position(|text| text.name() == wanted.as_str());
                found.extend(index.map(|index| (key.to_owned(), index)));
            }
        }
    }
    found
}

fn add_mounted<'s>(
    set: &'s Set<'s>,
    files: &[(String, usize)],
    container: (Workload<'s>, Container<'s>),
    sites: &mut Vec<Site<'s>>,
) {
    let full = files
        .iter()
        .filter(|(_, index)| Shape::of(&set.nginx[*index].tree) == Shape::Full);
    let full: Vec<usize> = full.map(|(_, index)| *index).collect();
    // Without a whole nginx.conf the image's own includes the fragments.
    let roots = if full.is_empty() {
        fragments(set, files)
    } else {
        full
    };
    for root in roots {
        let known = sites
            .iter_mut()
            .find(|site| std::ptr::eq(site.root, &raw const set.nginx[root]));
        if let Some(site) = known {
            site.containers.push(container);
            continue;
        }
        let includes = |pattern: &str| included(set, files, pattern);
        sites.push(site(set, root, &includes, vec![container]));
    }
}

fn fragments(set: &Set<'_>, files: &[(String, usize)]) -> Vec<usize> {
    let shapes = files
        .iter()
        .map(|(_, index)| (*index, Shape::of(&set.nginx[*index].tree)));
    let http = shapes.filter(|(_, shape)| *shape == Shape::Http);
    http.map(|(index, _)| index).collect()
}

fn site<'s>(
    set: &'s Set<'s>,
    root: usize,
    includes: &dyn Fn(&str) -> Included<'s>,
    containers: Vec<(Workload<'s>, Container<'s>)>,
) -> Site<'s> {
    let text = &set.nginx[root];
    Site {
        config: Config::assemble(FileId(root), &text.tree, includes),
        root: text,
        containers,
        sessions: Vec::new(),
        set,
    }
}

/// What an `include` brings in a container.
fn included<'s>(set: &'s Set<'s>, files: &[(String, usize)], pattern: &str) -> Included<'s> {
    if is_well_known(pattern) {
        return Included::Files(Vec::new());
    }
    let absolute = if pattern.starts_with('/') {
        pattern.to_owned()
    } else {
        format!("/etc/nginx/{pattern}")
    };
    let matches =
        |path: &str| glob::Pattern::new(&absolute).is_ok_and(|pattern| pattern.matches(path));
    let mut found: Vec<&(String, usize)> = files.iter().filter(|(path, _)| matches(path)).collect();
    found.sort();
    if found.is_empty() {
        return Included::Unknown;
    }
    let file = |index: usize| (FileId(index), &*set.nginx[index].tree);
    Included::Files(found.into_iter().map(|(_, index)| file(*index)).collect())
}

/// Files of the distribution that set nothing a session depends on.
fn is_well_known(pattern: &str) -> bool {
    const NAMES: [&str; 6] = [
        "mime.types",
        "fastcgi_params",
        "fastcgi.conf",
        "uwsgi_params",
        "scgi_params",
        "koi-win",
    ];
    let name = pattern.rsplit('/').next().unwrap_or(pattern);
    NAMES.contains(&name) || pattern.contains("/modules")
}

/// The configurations that no container given mounts.
fn add_alone<'s>(set: &'s Set<'s>, used: &mut BTreeSet<usize>, sites: &mut Vec<Site<'s>>) {
    let mut alone: Vec<usize> = (0..set.nginx.len())
        .filter(|index| !used.contains(index))
        .collect();
    // Whole configurations first: what they include is not judged a second time.
    alone.sort_by_key(|index| Shape::of(&set.nginx[*index].tree) != Shape::Full);
    for root in alone {
        if used.contains(&root) {
            continue;
        }
        let taken = std::cell::RefCell::new(Vec::new());
        let includes = |pattern: &str| {
            let found = neighbours(set, root, pattern);
            taken.borrow_mut().extend(found.iter().copied());
            match (found.is_empty(), is_well_known(pattern)) {
                (_, true) => Included::Files(Vec::new()),
                (true, _) => Included::Unknown,
                _ => Included::Files(
                    found
                        .into_iter()
                        .map(|index| (FileId(index), &*set.nginx[index].tree))
                        .collect(),
                ),
            }
        };
        let site = site(set, root, &includes, Vec::new());
        used.insert(root);
        used.extend(taken.into_inner());
        sites.push(site);
    }
}

/// The given files that an `include` may mean: keys of the same ConfigMap, or files beside this one.
fn neighbours(set: &Set<'_>, root: usize, pattern: &str) -> Vec<usize> {
    let own = &set.nginx[root];
    let directory = own
        .file()
        .name
        .rsplit_once('/')
        .map_or("", |(directory, _)| directory);
    let relative = pattern.trim_start_matches("/etc/nginx/");
    let wanted = match own.object() {
        Some(_) => relative.rsplit('/').next().unwrap_or(relative).to_owned(),
        None if directory.is_empty() => relative.to_owned(),
        None => format!("{directory}/{relative}"),
    };
    let Ok(wanted) = glob::Pattern::new(&wanted) else {
        return Vec::new();
    };
    let same_home = |other: &NginxText<'_>| match (own.object(), other.object()) {
        (Some(one), Some(other)) => one.is(other),
        (None, None) => true,
        _ => false,
    };
    let options = glob::MatchOptions {
        require_literal_separator: true,
        ..glob::MatchOptions::default()
    };
    let texts = set.nginx.iter().enumerate();
    let found = texts.filter(|(index, text)| {
        *index != root && same_home(text) && wanted.matches_with(&text.name(), options)
    });
    found.map(|(index, _)| index).collect()
}

/// Where session traffic goes through a site, by what the configuration itself says.
fn sessions<'s>(site: &Site<'s>) -> Vec<SiteLocation<'s>> {
    let mut found: Vec<SiteLocation<'s>> = Vec::new();
    let config = &site.config;
    for node in config
        .walk()
        .filter(|node| config.name(*node) == "location")
    {
        let evidence = evidence(site, node);
        if evidence.is_empty() {
            continue;
        }
        let mark = evidence.iter().find(|one| one.mark != Mark::default());
        let mark = mark.map(|one| one.mark.clone()).unwrap_or_default();
        let Some(path) = mark.path.clone().or_else(|| session_path(site, node)) else {
            continue;
        };
        let server = config.server_of(node);
        let location = site.location_for(server, &path).or(Some(node));
        found.push(SiteLocation {
            server,
            location,
            meant: (location != Some(node)).then_some(node),
            path,
            numbers: Numbers::of(&mark),
            mark,
            evidence,
            object: site.root.object().copied(),
        });
    }
    // A location for Socket.IO speaks for its server: others there that forward `Upgrade` are other WebSockets.
    found
}

/// The path that a browser would ask for to get into a location.
fn session_path(site: &Site<'_>, node: NodeId) -> Option<String> {
    let location = site.config.location(node)?;
    match location.kind {
        Kind::Named => None,
        Kind::Regex | Kind::RegexIgnoringCase if names_socketio(location.path) => {
            Some("/socket.io/".to_owned())
        }
        Kind::Regex | Kind::RegexIgnoringCase => None,
        Kind::Exact => Some(location.path.to_owned()),
        Kind::Prefix | Kind::PrefixFinal => {
            let path = location.path.trim_end_matches('/');
            if names_socketio(path) {
                // What follows the name, as in `/socket.io/1/`, is inside.
                let end = path
                    .to_ascii_lowercase()
                    .find("socket.io")
                    .map_or(path.len(), |at| at + "socket.io".len());
                let rest = &path[end..];
                Some(if rest.is_empty() {
                    format!("{path}/")
                } else {
                    format!("{path}/")
                })
            } else {
                Some(format!("{path}/socket.io/"))
            }
        }
    }
}

/// What says that session traffic goes through a location.
fn evidence(site: &Site<'_>, node: NodeId) -> Vec<Evidence> {
    let config = &site.config;
    let mut found = Vec::new();
    let mut say = |carries, place, said, mark| {
        found.push(Evidence {
            carries,
            place,
            said,
            mark,
        });
    };
    for (place, mark) in marks(site, node) {
        say(Carries::SocketIo, place, "a mark says so", mark);
    }
    let pass = config.named(node, "proxy_pass").next();
    let location = config.location(node);
    if location.is_some_and(|one| names_socketio(one.path)) {
        say(
            Carries::SocketIo,
            site.place(node),
            "this is Socket.IO's path",
            Mark::default(),
        );
    } else if let Some(pass) = pass.filter(|pass| names_socketio(config.value(*pass))) {
        say(
            Carries::SocketIo,
            site.place(pass),
            "this is Socket.IO's path",
            Mark::default(),
        );
    } else if let Some(place) = pass.and_then(|_| comment_about(site, node)) {
        say(
            Carries::SocketIo,
            place,
            "this comment says so",
            Mark::default(),
        );
    }
    if pass.is_some() {
        let sent = config.headers_sent(node, ASSUMED);
        let upgrade = sent
            .named("Upgrade")
            .find(|header| !header.value.is_empty());
        if let Some(line) = upgrade.and_then(|header| header.at) {
            say(
                Carries::WebSockets,
                site.place(line),
                "WebSockets go through here",
                Mark::default(),
            );
        }
    }
    found
}

/// The lines of a text around a location: from the comments right above it to its end.
fn region(site: &Site<'_>, node: NodeId) -> std::ops::Range<usize> {
    let text = site.text_of(node).text();
    let span = site.config.directive(node).span;
    let mut start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    while start > 0 {
        let before = text[..start - 1].rfind('\n').map_or(0, |at| at + 1);
        if !text[before..start].trim_start().starts_with('#') {
            break;
        }
        start = before;
    }
    start..span.end
}

fn comment_about(site: &Site<'_>, node: NodeId) -> Option<Place> {
    let text = site.text_of(node);
    let region = region(site, node);
    let nested: Vec<_> = nested_spans(site, node);
    let comments = text.tree.comments.iter().filter(|comment| {
        let at = comment.span.start;
        region.contains(&at) && !nested.iter().any(|span| span.contains(&at))
    });
    let mut saying = comments.filter(|comment| {
        comment_says_socketio(&text.text()[comment.span.start..comment.span.end])
    });
    saying.next().map(|comment| text.place(comment.span))
}

/// Comments inside of a nested location speak of that one.
fn nested_spans(site: &Site<'_>, node: NodeId) -> Vec<std::ops::Range<usize>> {
    let nested = site.config.named(node, "location");
    nested.map(|inner| region(site, inner)).collect()
}

/// The marks on a location: on its line, above it, or inside it; and above its server, for the whole of it.
fn marks(site: &Site<'_>, node: NodeId) -> Vec<(Place, Mark)> {
    let text = site.text_of(node);
    let region = region(site, node);
    let within = text.place(region.into()).span;
    let remarks = site.set.remarks.iter().filter(|one| {
        text.holds(one.place)
            && within.start <= one.place.span.start
            && one.place.span.start <= line_end(site, within.end, text)
    });
    remarks
        .filter_map(|one| match &one.remark {
            Remark::Mark(mark) => Some((one.place, mark.clone())),
            _ => None,
        })
        .collect()
}

/// The end of the line that a place of a file is on.
fn line_end(_: &Site<'_>, at: usize, text: &NginxText<'_>) -> usize {
    let file = text.file().text;
    file.get(at..)
        .and_then(|rest| rest.find('\n'))
        .map_or(file.len(), |length| at + length)
}
