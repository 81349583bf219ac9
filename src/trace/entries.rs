//! Which sessions there are to trace: a host and a path each.

use super::front::{Front, Led};
use super::{Options, gateway};
use crate::kube::{Ingress, Route};
use crate::path::{Backend, Model, Session, Site};

/// A session to trace.
#[derive(Debug)]
pub(super) struct Entry<'m, 's> {
    pub(super) host: Option<String>,
    pub(super) also: Vec<String>,
    pub(super) path: String,
    pub(super) seed: Seed<'m, 's>,
}

/// What made it known.
#[derive(Debug, Clone, Copy)]
pub(super) enum Seed<'m, 's> {
    /// A port of a Service that carries sessions.
    Backend(&'m Backend<'s>),
    /// An nginx that no Service given leads to.
    Site(&'m Site<'s>),
    /// The options alone.
    Asked,
}

/// Where Socket.IO is, unless somebody says otherwise.
pub(super) const DEFAULT_PATH: &str = "/socket.io/";

/// Every session that the files speak of, or the one that is asked for.
pub(super) fn all<'m, 's>(model: &'m Model<'s>, options: &Options) -> Vec<Entry<'m, 's>> {
    let mut entries: Vec<Entry<'m, 's>> = Vec::new();
    for (backend, session) in model.whole().session_backends() {
        // What nginx sends to is part of a way, not the beginning of one.
        if !is_led_to(backend) && !backend.proxies.is_empty() {
            continue;
        }
        for path in paths(session, options) {
            for one in of_backend(model, backend, &path, options) {
                add(&mut entries, one);
            }
        }
    }
    for (site, path) in lone_sites(model, options) {
        if entries.iter().any(|entry| leads_to(entry, model, site)) {
            continue;
        }
        let before = model.backends.iter().filter(|one| is_led_to(one));
        let mut before = before.filter(|one| model.may_be_in_pods(site, one)).peekable();
        if before.peek().is_some() {
            let found = before.flat_map(|one| of_backend(model, one, &path, options));
            found.for_each(|one| add(&mut entries, one));
        } else if !entries.iter().any(|one| same_site(one, site, &path)) {
            let (host, also) = (options.host.clone(), Vec::new());
            let seed = Seed::Site(site);
            entries.push(Entry { host, also, path, seed });
        }
    }
    if entries.is_empty() {
        entries.extend(asked(model, options));
    }
    if let (Some(host), true) = (&options.host, options.path.is_none()) {
        keep_host(&mut entries, host);
    }
    entries
}

fn paths(session: &Session, options: &Options) -> Vec<String> {
    match &options.path {
        Some(path) => vec![path.clone()],
        None if session.paths.is_empty() => vec![DEFAULT_PATH.to_owned()],
        None => session.paths.clone(),
    }
}

/// The sessions of a backend at a path: one for all hosts that lead there the same way.
fn of_backend<'m, 's>(
    model: &'m Model<'s>,
    backend: &'m Backend<'s>,
    path: &str,
    options: &Options,
) -> Vec<Entry<'m, 's>> {
    let seed = Seed::Backend(backend);
    let entry = |host| Entry { host, also: Vec::new(), path: path.to_owned(), seed };
    let hosts = match &options.host {
        Some(host) => vec![host.clone()],
        None => hosts(backend),
    };
    let mut found: Vec<(Option<Led<'_>>, Entry<'m, 's>)> = Vec::new();
    for host in hosts {
        let led = Front::find(model, Some(&host), path, seed).led();
        match found.iter_mut().find(|(known, _)| *known == led) {
            Some((_, one)) => one.also.push(host),
            None => found.push((led, entry(Some(host)))),
        }
    }
    if found.is_empty() {
        return vec![entry(None)];
    }
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// The hosts that lead there, each once.
fn hosts(backend: &Backend<'_>) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for host in host_names(backend) {
        // A wildcard stands for any name: one of them will do.
        let host = host.strip_prefix("*.").map_or(host.to_owned(), |rest| format!("app.{rest}"));
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}

/// Whether a load balancer is said to lead there.
fn is_led_to(backend: &Backend<'_>) -> bool {
    !backend.routes.is_empty() || !backend.ways.is_empty()
}

/// The hosts that lead there, of Ingresses and else of Gateways.
fn host_names<'s>(backend: &Backend<'s>) -> Vec<&'s str> {
    if backend.routes.is_empty() {
        let rules = gateway::rules(backend);
        return rules.flat_map(|rule| gateway::hosts(&rule.object)).collect();
    }
    backend.routes.iter().filter_map(Route::host_text).collect()
}

fn add<'m, 's>(entries: &mut Vec<Entry<'m, 's>>, new: Entry<'m, 's>) {
    let known =
        |one: &Entry<'_, '_>| one.host == new.host && one.path == new.path && !is_apart(one, &new);
    if !entries.iter().any(known) {
        entries.push(new);
    }
}

/// The same host and path in two Ingresses: two load balancers.
fn is_apart(one: &Entry<'_, '_>, other: &Entry<'_, '_>) -> bool {
    let (Seed::Backend(one), Seed::Backend(other)) = (one.seed, other.seed) else {
        return true;
    };
    let front = |backend: &Backend<'_>| {
        let ingress = backend.routes.first().map(|route| route.ingress.0.title());
        ingress.or_else(|| backend.ways.first().map(|way| way.object.title()))
    };
    front(one) != front(other)
}

/// The nginx configurations with sessions that no Service given leads to, each with a path.
fn lone_sites<'m, 's>(model: &'m Model<'s>, options: &Options) -> Vec<(&'m Site<'s>, String)> {
    let mut found = Vec::new();
    for (site, location) in model.whole().socketio_locations() {
        let path = options.path.clone().unwrap_or_else(|| location.path.clone());
        found.push((site, path));
    }
    found
}

fn leads_to<'s>(entry: &Entry<'_, 's>, model: &Model<'s>, site: &Site<'s>) -> bool {
    let Seed::Backend(backend) = entry.seed else {
        return false;
    };
    let mounted = backend
        .sites
        .iter()
        .any(|index| std::ptr::eq(&raw const model.sites[*index], &raw const *site));
    mounted || model.may_be_in_pods(site, backend)
}

fn same_site(entry: &Entry<'_, '_>, site: &Site<'_>, path: &str) -> bool {
    matches!(entry.seed, Seed::Site(known) if std::ptr::eq(known, site)) && entry.path == path
}

/// Nothing speaks of a session, but somebody asks for one.
fn asked<'m, 's>(model: &'m Model<'s>, options: &Options) -> Option<Entry<'m, 's>> {
    let path = options.path.clone()?;
    let mut routes = model.ingresses.iter().flat_map(Ingress::routes);
    let host = routes.find_map(|route| route.host_text());
    let host = options.host.clone().or(host.map(str::to_owned));
    let seed = match (model.ingresses.first(), model.sites.first()) {
        (None, Some(site)) => Seed::Site(site),
        _ => Seed::Asked,
    };
    Some(Entry { host, also: Vec::new(), path, seed })
}

/// Of the sessions, those behind an Ingress that knows the host; all where none does.
fn keep_host(entries: &mut Vec<Entry<'_, '_>>, host: &str) {
    let knows = |entry: &Entry<'_, '_>| match entry.seed {
        Seed::Backend(backend) if backend.routes.is_empty() => {
            let mut hosts = host_names(backend).into_iter();
            hosts.any(|known| super::front::host_matches(known, host))
        }
        Seed::Backend(backend) => {
            let mut hosts = backend.routes.iter().map(Route::host_text);
            hosts.any(|known| known.is_none_or(|known| super::front::host_matches(known, host)))
        }
        _ => false,
    };
    if entries.iter().any(knows) {
        entries.retain(knows);
    }
}
