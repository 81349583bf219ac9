//! What lies below a directory, by its names.
//!
//! A link to a file is that file under another name. A link to a directory is not followed, as kubectl does not
//! either: what it leads to has its own place, and may lead back.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use ignore::{DirEntry, WalkBuilder, WalkState};
use rayon::prelude::*;

use super::gather::{Found, Listed};
use crate::commands::paths::{leading_out, shown};
use crate::diagnostic::{Diagnostic, Severity};

/// What directories are searched for. Whoever names a file means it, whatever it is called.
const EXTENSIONS: [&str; 6] = ["yaml", "yml", "json", "conf", "nginx", "vhost"];

/// What the entrypoint of nginx's images fills in from the environment.
const TEMPLATE: &str = ".conf.template";

/// What was found below a directory.
#[derive(Debug, Default)]
struct Below {
    files: Vec<Utf8PathBuf>,
    /// Links, wherever they lead.
    links: Vec<Utf8PathBuf>,
    problems: Vec<Diagnostic>,
}

/// Everything below a directory that may be a manifest or an nginx configuration, but what git ignores.
pub(super) fn walk(root: &Utf8Path, listed: &mut Listed) {
    let collected = Mutex::new(Below::default());
    let walker = WalkBuilder::new(root).require_git(false).threads(2).build_parallel();
    walker.run(|| {
        Box::new(|entry| {
            let mut collected = collected.lock().unwrap_or_else(PoisonError::into_inner);
            match entry {
                Ok(entry) => collected.take(entry),
                Err(error) => collected.problems.push(Diagnostic::bare("io", error.to_string())),
            }
            WalkState::Continue
        })
    });
    let mut below = collected.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !below.links.is_empty() {
        let links = std::mem::take(&mut below.links);
        listed.twins.extend(Links::new(root, &below.files).settle(links, &mut below));
    }
    listed.files.extend(below.files.into_iter().map(|path| (path, false)));
    listed.unreadable.extend(below.problems);
}

/// However a file is spelled, it is one file; and who names it beside its directory means it all the same.
pub(super) fn drop_twins(found: &mut Vec<Found>) {
    let canonical = |(path, _): &Found| path.canonicalize_utf8().unwrap_or_else(|_| path.clone());
    let files: Vec<Utf8PathBuf> = found.par_iter().map(canonical).collect();
    let mut asked: HashMap<Utf8PathBuf, bool> = HashMap::new();
    for (file, (_, own)) in files.iter().zip(&*found) {
        *asked.entry(file.clone()).or_default() |= own;
    }
    let mut files = files.into_iter();
    found.retain_mut(|(_, own)| {
        let first = files.next().and_then(|file| asked.remove(&file));
        *own = first.unwrap_or(*own);
        first.is_some()
    });
}

/// A path as a text that sorts as its parts do: `a/b` before `a-b`.
pub(super) fn in_order(path: &Utf8Path) -> String {
    path.as_str().replace('/', "\0")
}

/// A path without the `./` that it may begin with.
pub(super) fn plain(path: &Utf8Path) -> Utf8PathBuf {
    path.strip_prefix("./").unwrap_or(path).to_owned()
}

fn is_wanted(path: &Utf8Path) -> bool {
    path.extension().is_some_and(|extension| EXTENSIONS.contains(&extension))
        || path.file_name() == Some("nginx.conf")
        || path.as_str().ends_with(TEMPLATE)
}

/// Of a file whose name is no text; nothing where it would not have been read anyway.
fn unnamed(path: &str) -> Option<Diagnostic> {
    let message = format!("cannot read `{path}`: its name is not UTF-8");
    is_wanted(Utf8Path::new(path)).then(|| Diagnostic::bare("io", message).help("rename it"))
}

impl Below {
    fn take(&mut self, entry: DirEntry) {
        let kind = entry.file_type();
        let is_file = kind.is_some_and(|kind| kind.is_file());
        // The directory itself was named, whether or not by a link.
        let is_link = entry.depth() > 0 && kind.is_some_and(|kind| kind.is_symlink());
        if !is_file && !is_link {
            return;
        }
        match Utf8PathBuf::from_path_buf(entry.into_path()) {
            Ok(path) if is_link => self.links.push(plain(&path)),
            Ok(path) => self.files.extend(Some(plain(&path)).filter(|path| is_wanted(path))),
            Err(path) => self.problems.extend(unnamed(&path.to_string_lossy())),
        }
    }
}

/// What links below a directory lead to.
struct Links {
    /// The directory by its real name.
    real: Utf8PathBuf,
    /// The files that are read, by their real names, and the names they are read under.
    known: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
}

impl Links {
    /// The files have real names below the directory: no link led to them.
    fn new(root: &Utf8Path, files: &[Utf8PathBuf]) -> Self {
        let root = plain(root);
        let real = root.canonicalize_utf8().unwrap_or_else(|_| root.clone());
        let below = |file: &Utf8PathBuf| match file.strip_prefix(&root) {
            Ok(rest) => real.join(rest),
            Err(_) => real.join(file),
        };
        let known = files.iter().map(|file| (below(file), file.clone())).collect();
        Self { real, known }
    }

    /// Takes in what the links lead to; gives those back that lead to a file that is read under another name.
    fn settle(
        mut self,
        mut links: Vec<Utf8PathBuf>,
        below: &mut Below,
    ) -> Vec<(Utf8PathBuf, Utf8PathBuf)> {
        let mut twins = Vec::new();
        links.sort_by_cached_key(|link| in_order(link));
        for link in links {
            match self.read_as(&link) {
                Ok(Some(file)) if file == link => below.files.push(link),
                Ok(Some(file)) => twins.push((link, file)),
                Ok(None) => {}
                Err(problem) => below.problems.push(*problem),
            }
        }
        twins
    }

    /// The name under which the file is read that a link leads to; nothing where nobody misses it.
    fn read_as(&mut self, link: &Utf8Path) -> Result<Option<Utf8PathBuf>, Box<Diagnostic>> {
        let there = match link.metadata() {
            Ok(there) => there,
            Err(error) if is_wanted(link) => {
                let message = format!("cannot read `{}`: {error}", shown(link));
                let problem = Diagnostic::bare("io", message);
                return Err(Box::new(problem.help("it is a link: mend it, or remove it")));
            }
            Err(_) => return Ok(None),
        };
        if there.is_dir() {
            return self.unfollowed(link).map_or(Ok(None), |note| Err(Box::new(note)));
        }
        if !is_wanted(link) {
            return Ok(None);
        }
        if !there.is_file() {
            let what = "is a link to what is no file, and not read";
            return Err(Box::new(skipped(link, what)));
        }
        if let Some(problem) = leading_out(link, &self.real) {
            return Err(Box::new(problem));
        }
        let target = link.canonicalize_utf8().unwrap_or_else(|_| link.to_owned());
        Ok(Some(self.known.entry(target).or_insert_with(|| link.to_owned()).clone()))
    }

    /// Says of a link to a directory that it is not followed, unless all of it is read anyway.
    fn unfollowed(&self, link: &Utf8Path) -> Option<Diagnostic> {
        let target = link.canonicalize_utf8().unwrap_or_else(|_| link.to_owned());
        let is_around = self.real.starts_with(&target);
        let mut known = self.known.range(target.clone()..).take(1);
        let is_read = known.any(|(file, _)| file.starts_with(&target));
        let what = "is a link to a directory, which is not followed";
        let help = format!("name it too if it is to be read: `{}`", shown(link));
        (!is_around && !is_read).then(|| skipped(link, what).help(help))
    }
}

fn skipped(link: &Utf8Path, what: &str) -> Diagnostic {
    let note = Diagnostic::bare("link-skipped", format!("`{}` {what}", shown(link)));
    Diagnostic { severity: Severity::Info, ..note }
}
