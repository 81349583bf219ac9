//! Which files are one nginx: what a container mounts, and what includes what.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use rayon::prelude::*;

use super::Model;
use super::site::Site;
use super::site_sessions::sessions;
use crate::kube::{Container, Object, Workload};
use crate::kustomize::joined;
use crate::manifest::{Document, Node, Stream};
use crate::nginx::{Config, FileId, Included, Shape};
use crate::set::{NginxText, Set, directory_of, nearness};

/// Where the images' own nginx.conf looks for files
/// (nginx/docker-nginx-unprivileged:mainline/alpine/nginx.conf is the distribution's).
pub(super) const CONF_D: &str = "/etc/nginx/conf.d/";

/// Every nginx of a model.
pub(super) fn all<'s>(model: &Model<'s>) -> Vec<Site<'s>> {
    let set = model.set;
    let mounts = model.workloads.par_iter().flat_map_iter(|workload| {
        let containers = workload.containers().into_iter();
        containers.filter_map(|container| Mount::of(model, workload, container))
    });
    let mounts: Vec<Mount<'s>> = mounts.collect();
    let mut used: BTreeSet<usize> =
        mounts.iter().flat_map(|mount| mount.files.iter().map(|(_, index)| *index)).collect();
    let mut sites: Vec<Site<'s>> =
        by_root(&mounts).par_iter().map(|(root, of)| mounted_site(set, *root, of)).collect();
    add_alone(set, &mut used, &mut sites);
    sites.par_iter_mut().enumerate().for_each(|(index, site)| {
        site.index = index;
        site.sessions = sessions(site);
    });
    sites
}

/// The nginx configurations that a container has.
struct Mount<'s> {
    container: (Workload<'s>, Container<'s>),
    /// By their paths in it.
    files: Vec<(String, usize)>,
    /// Those that nginx begins with.
    roots: Vec<usize>,
}

impl<'s> Mount<'s> {
    fn of(model: &Model<'s>, workload: &Workload<'s>, container: Container<'s>) -> Option<Self> {
        let files = mounted(model.set, workload, &container);
        let roots = roots(model.set, &files);
        (!files.is_empty()).then_some(Self { container: (*workload, container), files, roots })
    }
}

/// The mounts that begin with the same configuration, in the order in which they come first.
fn by_root<'m, 's>(mounts: &'m [Mount<'s>]) -> Vec<(usize, Vec<&'m Mount<'s>>)> {
    let mut order: HashMap<usize, usize> = HashMap::new();
    let mut found: Vec<(usize, Vec<&Mount<'s>>)> = Vec::new();
    for mount in mounts {
        for root in &mount.roots {
            let at = *order.entry(*root).or_insert_with(|| {
                found.push((*root, Vec::new()));
                found.len() - 1
            });
            found[at].1.push(mount);
        }
    }
    found
}

/// One nginx in some containers, as the first of them has it.
fn mounted_site<'s>(set: &'s Set<'s>, root: usize, mounts: &[&Mount<'s>]) -> Site<'s> {
    let files = mounts.first().map(|mount| &*mount.files).unwrap_or_default();
    let are_made = mounts.iter().any(|mount| makes_files(&mount.container.1));
    let includes = |pattern: &str| included(set, files, are_made, pattern);
    site(set, root, &includes, mounts.iter().map(|mount| mount.container).collect())
}

/// The nginx configurations that a container has, by their paths in it.
pub(super) fn mounted<'s>(
    set: &Set<'s>,
    workload: &Workload<'s>,
    container: &Container<'s>,
) -> Vec<(String, usize)> {
    let mut files = Vec::new();
    for mount in workload.mounts(container) {
        for (key, index) in texts_of(set, mount.config_map, &workload.0) {
            let path = path_of_key(&mount.volume, &key);
            match mount.sub_path {
                Some(sub) if sub == path => files.push((mount.path.to_owned(), index)),
                Some(_) => {}
                None => files.push((format!("{}/{path}", mount.path.trim_end_matches('/')), index)),
            }
        }
    }
    files
}

/// The file name of a ConfigMap's key in a volume.
fn path_of_key(volume: &Node<'_>, key: &str) -> String {
    let items = volume.get("items").into_iter().flat_map(Node::items);
    let text =
        |item: Node<'_>, name: &str| item.get(name).and_then(|node| node.text().map(str::to_owned));
    let mut renamed = items.filter(|item| text(*item, "key").as_deref() == Some(key));
    let path = renamed.next().and_then(|item| text(item, "path"));
    path.unwrap_or_else(|| key.to_owned())
}

/// The keys of a ConfigMap that are nginx configurations; also of one that Kustomize generates.
fn texts_of(set: &Set<'_>, name: &str, from: &Object<'_>) -> Vec<(String, usize)> {
    let map = set
        .sharing("ConfigMap", name, from.namespace)
        .into_iter()
        .max_by_key(|object| nearness(object.file.name, from.file.name));
    let Some(map) = map else {
        return generated(set, name, from);
    };
    let own = set.nginx_in(map).iter();
    own.map(|index| (set.nginx[*index].name().into_owned(), *index)).collect()
}

/// The files that a ConfigMap is generated from, by the kustomization.yaml beside whoever mounts it.
pub(super) fn generated(set: &Set<'_>, name: &str, from: &Object<'_>) -> Vec<(String, usize)> {
    let directory = directory_of(from.file.name);
    let file = set.kustomization_in(directory);
    let documents = file.and_then(|file| file.stream()).into_iter().flat_map(Stream::documents);
    let roots = documents.filter_map(Document::root);
    let maps = roots.filter_map(|root| root.get("configMapGenerator")).flat_map(Node::items);
    let ours = maps.filter(|map| map.get("name").and_then(Node::as_str) == Some(name));
    let files = ours.filter_map(|map| map.get("files")).flat_map(Node::items);
    files.filter_map(|entry| generated_file(set, directory, entry.text()?)).collect()
}

/// An entry of `files`: `path`, or `key=path`.
fn generated_file(set: &Set<'_>, directory: &str, entry: &str) -> Option<(String, usize)> {
    let last = entry.rsplit('/').next().unwrap_or(entry);
    let (key, path) = entry.split_once('=').unwrap_or((last, entry));
    let index = set.nginx_file(&joined(directory, path))?;
    Some((key.to_owned(), index))
}

/// Where nginx begins: without a whole nginx.conf the image's own includes the fragments.
pub(super) fn roots(set: &Set<'_>, files: &[(String, usize)]) -> Vec<usize> {
    let shape_of = |index: &usize| Shape::of(&set.nginx[*index].tree);
    let of = |wanted: Shape| {
        let indexes = files.iter().map(|(_, index)| *index);
        indexes.filter(|index| shape_of(index) == wanted).collect::<Vec<usize>>()
    };
    let full = of(Shape::Full);
    if full.is_empty() { of(Shape::Http) } else { full }
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
        index: 0,
        front: OnceLock::new(),
    }
}

/// Whether nginx's own images make files of `conf.d` from templates before nginx begins
/// (nginx/docker-nginx:entrypoint/20-envsubst-on-templates.sh).
pub(super) fn makes_files(container: &Container<'_>) -> bool {
    const TEMPLATES: &str = "/etc/nginx/templates";
    let mounts = container.0.get("volumeMounts").into_iter().flat_map(Node::items);
    let mut paths = mounts.filter_map(|mount| mount.get("mountPath")?.as_str());
    let mut names = container.0.get("env").into_iter().flat_map(Node::items);
    paths.any(|path| path.starts_with(TEMPLATES))
        || names.any(|one| {
            one.get("name").and_then(Node::as_str) == Some("NGINX_ENVSUBST_TEMPLATE_DIR")
        })
}

/// What an `include` brings in a container. `are_made` says that files of `conf.d` are made when it starts.
pub(super) fn included<'s>(
    set: &'s Set<'s>,
    files: &[(String, usize)],
    are_made: bool,
    pattern: &str,
) -> Included<'s> {
    if is_well_known(pattern) {
        return Included::Files(Vec::new());
    }
    let absolute =
        if pattern.starts_with('/') { pattern.to_owned() } else { format!("/etc/nginx/{pattern}") };
    let matches =
        |path: &str| glob::Pattern::new(&absolute).is_ok_and(|pattern| pattern.matches(path));
    let mut found: Vec<&(String, usize)> = files.iter().filter(|(path, _)| matches(path)).collect();
    found.sort();
    if found.is_empty() || are_made && absolute.starts_with(CONF_D) {
        return Included::Unknown;
    }
    let file = |index: usize| (FileId(index), &*set.nginx[index].tree);
    Included::Files(found.into_iter().map(|(_, index)| file(*index)).collect())
}

/// Files of the distribution that set nothing a session depends on.
pub(super) fn is_well_known(pattern: &str) -> bool {
    const NAMES: [&str; 7] = [
        "mime.types",
        "fastcgi_params",
        "fastcgi.conf",
        "uwsgi_params",
        "scgi_params",
        "koi-win",
        "resolver.conf",
    ];
    let name = pattern.rsplit('/').next().unwrap_or(pattern);
    NAMES.contains(&name) || pattern.contains("/modules")
}

/// The configurations that no container given mounts.
fn add_alone<'s>(set: &'s Set<'s>, used: &mut BTreeSet<usize>, sites: &mut Vec<Site<'s>>) {
    let mut alone: Vec<usize> =
        (0..set.nginx.len()).filter(|index| !used.contains(index)).collect();
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
pub(super) fn neighbours(set: &Set<'_>, root: usize, pattern: &str) -> Vec<usize> {
    let own = &set.nginx[root];
    let directory = directory_of(own.file().name);
    let relative = pattern.trim_start_matches("/etc/nginx/");
    let wanted = match own.object() {
        Some(_) => relative.rsplit('/').next().unwrap_or(relative).to_owned(),
        None if directory.is_empty() => relative.to_owned(),
        None => format!("{directory}/{relative}"),
    };
    let plain = wanted.find(['*', '?', '[']).map_or(&*wanted, |at| &wanted[..at]).to_owned();
    let Ok(wanted) = glob::Pattern::new(&wanted) else {
        return Vec::new();
    };
    let same_home = |other: &NginxText<'_>| match (own.object(), other.object()) {
        (Some(one), Some(other)) => one.is(other),
        (None, None) => true,
        _ => false,
    };
    let options =
        glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::default() };
    let matches = |index: &usize| {
        let text = &set.nginx[*index];
        *index != root && same_home(text) && wanted.matches_with(&text.name(), options)
    };
    match own.object() {
        Some(map) => set.nginx_in(map).iter().copied().filter(matches).collect(),
        None => set.nginx_files(&plain).filter(matches).collect(),
    }
}
