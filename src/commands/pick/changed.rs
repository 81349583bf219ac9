//! What changed since a commit.

use std::collections::BTreeSet;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::commands::paths::{normal, real};
use crate::commands::stop::{Result, Stop};
use crate::diagnostic::Diagnostic;
use crate::live::programs::differing;

/// The longest that git may take for one answer: it may have to look at a million files.
const LIMIT: Duration = Duration::from_mins(2);

/// Files that are not as a commit has them, absolute and by their real names.
#[derive(Debug)]
pub(in crate::commands) struct Changed(BTreeSet<Utf8PathBuf>);

impl Changed {
    /// What changed in the repository around a directory.
    pub(super) fn since(revision: &str, directory: &Utf8Path) -> Result<Self> {
        let told = differing(directory.as_str(), revision, LIMIT)
            .map_err(|untold| Stop::call(Diagnostic::bare("git", untold.why).help(untold.help)))?;
        let root = real(Utf8Path::new(&told.root));
        Ok(Self(told.files.iter().map(|file| root.join(file)).collect()))
    }

    /// Whether nothing changed.
    pub(in crate::commands) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a file changed, or something in a directory.
    pub(in crate::commands) fn touches(&self, path: &Utf8Path) -> bool {
        if self.is_empty() {
            return false;
        }
        let named = normal(path);
        // A link may lead elsewhere since, and what it leads to may be something else.
        self.touches_plain(&named) || {
            let real = real(&named);
            real != named && self.touches_plain(&real)
        }
    }

    /// A submodule, and a directory that is a file or a link now, are told by their own names.
    fn touches_plain(&self, path: &Utf8Path) -> bool {
        let is_below = |other: &Utf8PathBuf| other.starts_with(path);
        path.ancestors().any(|part| self.0.contains(part))
            || self.0.range(path.to_owned()..).next().is_some_and(is_below)
    }

    /// The files.
    pub(in crate::commands) fn files(&self) -> impl Iterator<Item = &Utf8Path> {
        self.0.iter().map(Utf8PathBuf::as_path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_files_directories_and_what_lies_in_a_submodule() {
        let changed = ["/w/a-b", "/w/a/x/file", "/w/sub"].map(Utf8PathBuf::from);
        let changed = Changed(BTreeSet::from(changed));
        for touched in ["/w", "/w/a", "/w/a/x", "/w/a/x/file", "/w/sub/app.toml", "/w/b/../a"] {
            assert!(changed.touches(Utf8Path::new(touched)), "{touched}");
        }
        for other in ["/w/a/y", "/w/a/x/file2", "/w/a/x/fil", "/w/su", "/v"] {
            assert!(!changed.touches(Utf8Path::new(other)), "{other}");
        }
    }
}
