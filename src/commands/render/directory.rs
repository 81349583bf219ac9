//! An app's directory: built aside and renamed when it is new, changed file by file when it is not.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::comparison::Comparison;
use super::lock;
use crate::commands::files::{aside, replace, write_new};
use crate::commands::paths::shown;
use crate::commands::stop::{Doing, Result, Stop};
use crate::diagnostic::Diagnostic;

/// What nothing is written outside of: the directory that was asked for, or the workspace.
pub(super) struct Tree {
    /// Its real path.
    real: Utf8PathBuf,
    /// Directories that are there, and inside. Apps are many and their parents few.
    parents: Mutex<BTreeSet<Utf8PathBuf>>,
}

impl Tree {
    /// The tree below a path, which may not be there yet.
    pub(super) fn new(path: &Utf8Path) -> Result<Self> {
        Ok(Self { real: real(path)?, parents: Mutex::default() })
    }

    /// Refuses a path that a symlink leads out of the tree.
    fn check(&self, path: &Utf8Path) -> Result<()> {
        let real = real(path)?;
        if real.starts_with(&self.real) {
            return Ok(());
        }
        let message =
            format!("`{}` leads out of `{}`, to `{real}`", shown(path), shown(&self.real));
        let problem = Diagnostic::bare("outside-the-tree", message);
        Err(Stop::call(problem.help("sioway follows no symlink out of the tree it writes to")))
    }

    /// Makes the directory that a new one is to be in, unless it is there.
    fn make_parent(&self, path: &Utf8Path) -> Result<()> {
        let parent = path.parent().unwrap_or(path);
        if self.parents().contains(parent) {
            return Ok(());
        }
        self.check(path)?;
        fs::create_dir_all(parent).doing("make", parent)?;
        self.parents().insert(parent.to_owned());
        Ok(())
    }

    fn parents(&self) -> MutexGuard<'_, BTreeSet<Utf8PathBuf>> {
        self.parents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A directory that is, or will be, an app's.
pub(super) struct Directory<'a> {
    path: &'a Utf8Path,
    tree: &'a Tree,
    /// Held while the directory is there and in use; `None` where it is new.
    lock: Option<File>,
}

impl<'a> Directory<'a> {
    /// Opens a directory for writing, alone, if it is there.
    ///
    /// Refuses one that is not a directory, that a symlink leads out of the tree, or that
    /// another sioway is writing to.
    pub(super) fn open(path: &'a Utf8Path, tree: &'a Tree) -> Result<Self> {
        if fs::symlink_metadata(path).is_err() {
            return Ok(Self { path, tree, lock: None });
        }
        tree.check(path)?;
        if !path.is_dir() {
            let message = format!("`{}` is in the way: it is no directory", shown(path));
            let problem = Diagnostic::bare("not-a-directory", message);
            return Err(Stop::call(problem.help("move it away, or render into another directory")));
        }
        Ok(Self { path, tree, lock: Some(locked(path)?) })
    }

    /// Whether there is nothing yet.
    pub(super) fn is_new(&self) -> bool {
        self.lock.is_none()
    }

    /// Writes what differs. Every file ends up old or new, whatever happens in between.
    pub(super) fn write(self, comparison: &Comparison) -> Result<()> {
        if self.lock.is_some() { self.change(comparison) } else { self.build(comparison) }
    }

    fn change(&self, comparison: &Comparison) -> Result<()> {
        if let Some(text) = comparison.lock_before() {
            self.replace(lock::NAME, &text)?;
        }
        for file in comparison.to_write() {
            self.replace(&file.name, &file.text)?;
        }
        for name in comparison.to_remove() {
            let path = self.path.join(name);
            fs::remove_file(&path).doing("remove", &path)?;
        }
        match comparison.lock_after() {
            Some(text) => self.replace(lock::NAME, &text),
            None => Ok(()),
        }
    }

    fn replace(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path.join(name);
        if path.is_symlink() {
            self.tree.check(&path)?;
        }
        replace(&path, text.as_bytes())
    }

    /// Removes what the lock lists, the lock itself when nothing of it is left, and the directory when it is empty.
    pub(super) fn remove(self, comparison: &Comparison) -> Result<()> {
        self.change(comparison)?;
        if comparison.leaves_nothing() {
            let lock = self.path.join(lock::NAME);
            fs::remove_file(&lock).doing("remove", &lock)?;
            // Files of others may be in it.
            let _ = fs::remove_dir(self.path);
        }
        Ok(())
    }

    fn build(&self, comparison: &Comparison) -> Result<()> {
        self.tree.make_parent(self.path)?;
        let aside = aside(self.path);
        let _lock = new_aside(&aside)?;
        let built = fill(&aside, comparison)
            .and_then(|()| fs::rename(&aside, self.path).doing("make", self.path));
        if built.is_err() {
            // Best effort: the error that matters is the one above.
            let _ = fs::remove_dir_all(&aside);
        }
        built
    }
}

fn fill(aside: &Utf8Path, comparison: &Comparison) -> Result<()> {
    let build = |name: &str, text: &str| write_new(&aside.join(name), text.as_bytes());
    for file in comparison.to_write() {
        build(&file.name, &file.text)?;
    }
    let lock = comparison.lock_after();
    lock.map_or(Ok(()), |text| build(lock::NAME, &text))
}

/// A directory to build in. One that an earlier run left behind is cleared away; one in use is not.
fn new_aside(path: &Utf8Path) -> Result<File> {
    if let Err(error) = fs::create_dir(path) {
        if error.kind() != io::ErrorKind::AlreadyExists {
            return Err(error).doing("make", path);
        }
        let _left_behind = locked(path)?;
        fs::remove_dir_all(path).doing("clear", path)?;
        fs::create_dir(path).doing("make", path)?;
    }
    locked(path).inspect_err(|stop| {
        // Best effort, as above. If another sioway has it by now, it is that one's.
        if matches!(stop, Stop::Io { .. }) {
            let _ = fs::remove_dir(path);
        }
    })
}

fn locked(path: &Utf8Path) -> Result<File> {
    let directory = File::open(path).doing("open", path)?;
    match directory.try_lock() {
        Ok(()) => Ok(directory),
        Err(TryLockError::WouldBlock) => {
            let problem = Diagnostic::bare(
                "in-use",
                format!("another sioway is writing to `{}`", shown(path)),
            );
            Err(Stop::call(problem.help("run it again when the other is done")))
        }
        Err(TryLockError::Error(error)) => Err(error).doing("lock", path),
    }
}

/// Where a path really leads, as far as it is there.
fn real(path: &Utf8Path) -> Result<Utf8PathBuf> {
    let there =
        path.ancestors().find(|ancestor| fs::symlink_metadata(ancestor).is_ok()).unwrap_or(path);
    let real = there.canonicalize_utf8().doing("follow", there)?;
    let rest = path.strip_prefix(there).unwrap_or(Utf8Path::new(""));
    Ok(if rest.as_str().is_empty() { real } else { real.join(rest) })
}
