//! Paths as the user can click them: relative to where they stand.

use std::env;
use std::sync::LazyLock;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::stop::{Result, Stop};
use crate::diagnostic::Diagnostic;

/// Where the user stands: nothing here goes elsewhere.
static HERE: LazyLock<Option<Utf8PathBuf>> = LazyLock::new(|| {
    env::current_dir().ok().and_then(|here| Utf8PathBuf::from_path_buf(here).ok())
});

/// The root of the git repository around the user. In a worktree `.git` is a file.
static ROOT: LazyLock<Option<&'static Utf8Path>> = LazyLock::new(|| {
    HERE.as_deref()?.ancestors().find(|directory| directory.join(".git").exists())
});

/// Where the user stands in their git repository, from its root; empty there, and outside of any.
pub(super) fn place_in_repository() -> &'static str {
    let place = ROOT.and_then(|root| HERE.as_deref()?.strip_prefix(root).ok());
    place.map_or("", Utf8Path::as_str)
}

/// The root of the git repository around the user; outside of any, where they stand.
pub(super) fn own_directory() -> Option<&'static Utf8Path> {
    ROOT.or(HERE.as_deref())
}

/// A path from the root of the git repository around the user, as git names the file; as it is shown outside of any,
/// and where it leads out of it.
pub(super) fn in_repository(path: &Utf8Path) -> String {
    let file = real(&absolute(path));
    let inside = ROOT.and_then(|root| file.strip_prefix(root).map(Utf8Path::to_string).ok());
    inside.unwrap_or_else(|| shown(path))
}

/// Where a file is that [`in_repository`] names so.
pub(super) fn from_repository(name: &str) -> Utf8PathBuf {
    ROOT.map_or_else(|| Utf8PathBuf::from(name), |root| root.join(name))
}

/// A path without links, as far as it is there: git follows none.
pub(super) fn real(path: &Utf8Path) -> Utf8PathBuf {
    let there = path.ancestors().find_map(|part| Some((part, part.canonicalize_utf8().ok()?)));
    match there.and_then(|(part, real)| Some(real.join(path.strip_prefix(part).ok()?))) {
        // A file that is there has nothing to be added, and no slash at its end.
        Some(real) => real.components().collect(),
        None => path.to_owned(),
    }
}

/// Refuses a file that others of a git repository lead to, and that lies outside of it. `from` is the directory that
/// leads there. Whoever writes into a repository must not have sioway show or change the files of whoever runs it.
pub(super) fn check_within(path: &Utf8Path, from: &Utf8Path) -> Result<()> {
    match leading_out(path, from) {
        None => Ok(()),
        Some(problem) => Err(Stop::call(problem.help("copy what is wanted into the repository"))),
    }
}

/// What is wrong with a path that [`check_within`] refuses; what to do about it is for the caller to say.
pub(super) fn leading_out(path: &Utf8Path, from: &Utf8Path) -> Option<Diagnostic> {
    // Whoever is led goes by the words; where they come to, the links say.
    let from = lexical(&HERE.as_ref().map_or_else(|| from.to_owned(), |here| here.join(from)));
    let named = absolute(path);
    let real = real(&named);
    if real == named && real.starts_with(&from) {
        return None;
    }
    let root = root_around(&from)?;
    let message = format!("`{}` leads out of the repository, to `{real}`", shown(path));
    (!real.starts_with(&root)).then(|| Diagnostic::bare("outside-the-repository", message))
}

/// The root of the git repository around a place, without links. A repository that a link of the user's own one leads
/// to is another: its root is no root for what is led there.
fn root_around(place: &Utf8Path) -> Option<Utf8PathBuf> {
    let root = place.ancestors().find(|directory| directory.join(".git").exists())?;
    let root = root.canonicalize_utf8().ok()?;
    let own = ROOT.filter(|own| place.starts_with(own));
    let own = own.and_then(|own| own.canonicalize_utf8().ok());
    Some(own.filter(|own| !root.starts_with(own)).unwrap_or(root))
}

/// A path from the root of all files, without `.` and `..`.
pub(super) fn absolute(path: &Utf8Path) -> Utf8PathBuf {
    HERE.as_ref().map_or_else(|| normal(path), |here| normal(&here.join(path)))
}

/// A path as the user can click it.
pub(super) fn shown(path: &Utf8Path) -> String {
    if !path.is_absolute() {
        return path.to_string();
    }
    HERE.as_ref().map_or_else(|| path.to_string(), |here| relative(path, here))
}

/// The way from `here` to `path`, both absolute.
fn relative(path: &Utf8Path, here: &Utf8Path) -> String {
    let path = normal(path);
    let mut up = Utf8PathBuf::new();
    for directory in here.ancestors() {
        // What has nothing in common but the root of all files is not found by going up.
        if directory.parent().is_none() && !up.as_str().is_empty() {
            break;
        }
        if let Ok(rest) = path.strip_prefix(directory) {
            let shown = up.join(rest);
            return if shown.as_str().is_empty() { ".".into() } else { shown.into_string() };
        }
        up.push("..");
    }
    path.into_string()
}

/// A path without `.` and `..`. What is above a link is what is above the directory that it leads to.
pub(super) fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut normal = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                if normal.is_symlink() {
                    normal = normal.canonicalize_utf8().unwrap_or(normal);
                }
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// A path as people would write it, without `.` and `..`, whatever is a link: to be shown, not to be opened.
pub(super) fn lexical(path: &Utf8Path) -> Utf8PathBuf {
    let mut plain = Utf8PathBuf::new();
    for part in path.components() {
        match part {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_where_the_user_stands() {
        let shown = |path: &str, here: &str| relative(Utf8Path::new(path), Utf8Path::new(here));
        assert_eq!(shown("/w/apps/chat/app.toml", "/w"), "apps/chat/app.toml");
        assert_eq!(shown("/w/apps/chat/app.toml", "/w/apps/chat"), "app.toml");
        assert_eq!(shown("/w/out", "/w/apps/chat"), "../../out");
        assert_eq!(shown("/w/a/../b", "/w"), "b");
        assert_eq!(shown("/w", "/w"), ".");
        assert_eq!(shown("/dev/fd/63", "/w/apps"), "/dev/fd/63");
        assert_eq!(shown("/w/app.toml", "/"), "w/app.toml");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_above_a_link_is_above_where_it_leads() {
        let scratch = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(scratch.path().canonicalize().unwrap()).unwrap();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::os::unix::fs::symlink("a/b", root.join("link")).unwrap();
        assert_eq!(normal(&root.join("link/../x")), root.join("a/x"));
        assert_eq!(normal(&root.join("link/c/../../x")), root.join("a/x"));
        assert_eq!(normal(&root.join("a/../x")), root.join("x"));
        assert_eq!(normal(&root.join("none/../x")), root.join("x"));
    }
}
