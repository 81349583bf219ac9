//! Files that wait aside until they get their names, one or several together.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::files::{aside, read_if_there, replace};
use super::interrupt;
use super::paths::{check_within, own_directory, shown};
use super::stop::{Doing, Result, Stop};
use crate::diagnostic::Diagnostic;

/// Files that change together: all of them, or none.
///
/// Each is written aside first, so that a directory that takes no file, or a full disk, is met before any of them
/// changes.
#[derive(Debug, Default)]
pub(super) struct Together(Vec<Waiting>);

impl Together {
    /// What is to replace a file, as [`replace`] does. Of one file under several names the last text counts.
    pub(super) fn replace(&mut self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        let target = followed(path)?;
        self.0.retain(|known| known.target != target);
        self.0.push(Waiting::replacing(path, bytes)?);
        Ok(())
    }

    /// What is to replace a file that was read: if somebody has changed it since, nothing is written.
    pub(super) fn edit(&mut self, path: &Utf8Path, read: &Arc<str>, bytes: &[u8]) -> Result<()> {
        self.replace(path, bytes)?;
        if let Some(file) = self.0.last_mut() {
            file.read = Some(Arc::clone(read));
        }
        Ok(())
    }

    /// What is to be a new file, as [`create`](super::files::create) makes it.
    pub(super) fn create(&mut self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        self.0.push(Waiting::created(path, bytes)?);
        Ok(())
    }

    /// Gives the files their names, in the order in which they came. If one cannot have it, those before it become
    /// what they were.
    pub(super) fn publish(self) -> Result<()> {
        let mut done = Vec::new();
        for file in &self.0 {
            match file.before().and_then(|old| file.publish().map(|()| old)) {
                Ok(old) => done.push((file, old)),
                Err(stop) => return Err(undo(&done, stop)),
            }
        }
        Ok(())
    }
}

/// Puts back what was there. If that fails too, both errors are told.
fn undo(done: &[(&Waiting, Option<Vec<u8>>)], stop: Stop) -> Stop {
    let mut told = stop;
    for (file, old) in done.iter().rev() {
        let undone = match old {
            Some(old) => replace(&file.target, old),
            None => fs::remove_file(&file.target).doing("remove", &file.path),
        };
        if let Err(error) = undone {
            let why = io::Error::other(format!("{error}; before that: {told}"));
            told = Stop::Io { doing: "put back", path: file.path.clone(), source: why };
        }
    }
    told
}

/// A file that is written, and does not have its name yet. It goes if it never gets it.
#[derive(Debug)]
pub(super) struct Waiting {
    /// As it was named.
    path: Utf8PathBuf,
    /// The file itself.
    target: Utf8PathBuf,
    aside: Utf8PathBuf,
    is_new: bool,
    /// What it was when it was read, where that matters.
    read: Option<Arc<str>>,
}

impl Waiting {
    /// What [`create`](super::files::create) makes.
    pub(super) fn created(path: &Utf8Path, bytes: &[u8]) -> Result<Self> {
        check_within(path, path.parent().unwrap_or(path))?;
        let file = Self::of(path, path.to_owned(), true);
        write_aside(&file.aside, bytes, None).doing("write", path)?;
        Ok(file)
    }

    /// What [`replace`] puts in the place of another.
    pub(super) fn replacing(path: &Utf8Path, bytes: &[u8]) -> Result<Self> {
        check_within(path, path.parent().unwrap_or(path))?;
        let file = Self::of(path, followed(path)?, false);
        let there = fs::metadata(&file.target).ok();
        if there.as_ref().is_some_and(|there| !there.is_file() && !there.is_dir()) {
            // Renamed over, a device or a pipe would be gone.
            return Err(io::Error::other("it is not a file")).doing("write", path);
        }
        let written = write_aside(&file.aside, bytes, there.as_ref());
        written.doing("write", if file.aside.exists() { &file.aside } else { path })?;
        Ok(file)
    }

    fn of(path: &Utf8Path, target: Utf8PathBuf, is_new: bool) -> Self {
        Self { path: path.to_owned(), aside: aside(&target), target, is_new, read: None }
    }

    /// What has its name now.
    fn before(&self) -> Result<Option<Vec<u8>>> {
        let there = if self.is_new { None } else { read_if_there(&self.target)? };
        let is_known = |read: &Arc<str>| there.as_deref() == Some(read.as_bytes());
        match &self.read {
            // Another run may have made the same of it.
            Some(read) if !is_known(read) && read_if_there(&self.aside)? != there => {
                let message = format!("`{}` has changed since it was read", shown(&self.path));
                let problem = Diagnostic::bare("changed-meanwhile", message);
                Err(Stop::call(problem.help("nothing was written: run it again")))
            }
            _ => Ok(there),
        }
    }

    /// Gives it its name.
    pub(super) fn publish(&self) -> Result<()> {
        if self.is_new {
            return publish(&self.aside, &self.target).doing("write", &self.path);
        }
        fs::rename(&self.aside, &self.target).doing("replace", &self.path)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // Best effort: the error that matters is another one, and the next run removes what is left.
        let _ = fs::remove_file(&self.aside);
    }
}

/// Does work that writes beside files, when no other run does so in this repository: each would take what the other
/// has aside for what was left behind. A signal does not cut it short.
pub(super) fn alone<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let _turn = turn();
    interrupt::carefully(work)
}

/// Removes what runs that were killed left beside files, as [`sweep`] does, when no other run writes here.
pub(super) fn sweep_all<'p>(paths: impl Iterator<Item = &'p Utf8Path>) {
    let _turn = turn();
    paths.for_each(sweep);
}

/// Waits for one's turn, which ends with what this returns. Some file systems know no turns.
fn turn() -> Option<File> {
    let directory = File::open(own_directory()?).ok()?;
    directory.lock().is_ok().then_some(directory)
}

/// Removes what a run that was killed left beside a file that it was about to write.
pub(super) fn sweep(path: &Utf8Path) {
    // Best effort: nobody reads it, and whoever writes this file needs its place.
    if let Ok(target) = followed(path) {
        let _ = fs::remove_file(aside(&target));
    }
}

/// The file that a path leads to, by the one name that it has for all paths.
fn followed(path: &Utf8Path) -> Result<Utf8PathBuf> {
    match path.canonicalize_utf8() {
        Err(_) if !path.is_symlink() => Ok(path.to_owned()),
        found => found.doing("follow", path),
    }
}

/// Gives a file its name, unless that is taken. A file system without links has no way to ask both at once.
fn publish(aside: &Utf8Path, path: &Utf8Path) -> io::Result<()> {
    match fs::hard_link(aside, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            if path.symlink_metadata().is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(aside, path)
        }
        linked => linked,
    }
}

/// Writes a new file. One that an earlier run left behind is removed, not followed: it may be a link by now.
///
/// What it is to replace says whose it is and who may read it, also before it has its name.
fn write_aside(aside: &Utf8Path, bytes: &[u8], there: Option<&Metadata>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if there.is_some() {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let create = || options.open(aside);
    let mut file = match create() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(aside)?;
            create()?
        }
        created => created?,
    };
    file.write_all(bytes)?;
    match there {
        Some(there) => {
            keep_owner(&file, there);
            file.set_permissions(there.permissions())
        }
        None => Ok(()),
    }
}

/// Gives a file to whom it belongs that it replaces: root repairs the files of others.
#[cfg(unix)]
fn keep_owner(file: &File, there: &Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let is_same = |own: Metadata| (own.uid(), own.gid()) == (there.uid(), there.gid());
    if !file.metadata().is_ok_and(is_same) {
        // Best effort: who may write to a directory may not give away what is in it.
        let _ = fchown(file, Some(there.uid()), Some(there.gid()))
            .or_else(|_| fchown(file, None, Some(there.gid())));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) {}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is in a directory, with the texts of the files.
    fn all(directory: &Utf8Path) -> Vec<(String, Option<String>)> {
        let entries = directory.read_dir_utf8().unwrap().map(std::result::Result::unwrap);
        let text = |path: &Utf8Path| fs::read_to_string(path).ok();
        let mut all: Vec<_> =
            entries.map(|one| (one.file_name().to_owned(), text(one.path()))).collect();
        all.sort();
        all
    }

    fn directory() -> (tempfile::TempDir, Utf8PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(directory.path().to_owned()).unwrap();
        fs::write(path.join("a"), "old a").unwrap();
        fs::write(path.join("b"), "old b").unwrap();
        fs::create_dir(path.join("c")).unwrap();
        (directory, path)
    }

    #[test]
    fn all_get_their_names_or_none_does() {
        let (_directory, path) = directory();
        let before = all(&path);
        // The last cannot have its name: a directory has it, or a file has that was not to be there.
        for (last, is_new) in [("c", false), ("c", true), ("b", true)] {
            let mut files = Together::default();
            files.replace(&path.join("a"), b"new a").unwrap();
            files.create(&path.join("new"), b"new").unwrap();
            let last = path.join(last);
            let staged =
                if is_new { files.create(&last, b"x") } else { files.replace(&last, b"x") };
            staged.unwrap();
            assert_eq!(fs::read(path.join("a")).unwrap(), b"old a");
            let error = files.publish().unwrap_err().to_string();
            assert!(error.contains(&format!("/{}", last.file_name().unwrap())), "{error}");
            assert_eq!(all(&path), before, "{last}");
        }
        let mut files = Together::default();
        files.replace(&path.join("a"), b"new a").unwrap();
        files.create(&path.join("new"), b"new").unwrap();
        files.publish().unwrap();
        let mut after = before;
        after[0].1 = Some("new a".to_owned());
        after.push(("new".to_owned(), Some("new".to_owned())));
        assert_eq!(all(&path), after);
    }

    #[test]
    fn what_cannot_be_put_back_is_told_with_the_cause() {
        let (_directory, path) = directory();
        let mut files = Together::default();
        files.replace(&path.join("a"), b"new a").unwrap();
        files.replace(&path.join("c"), b"x").unwrap();
        // The place that the old text would be written to is taken once the new one has left it.
        let file = &files.0[0];
        let old = file.before().unwrap();
        file.publish().unwrap();
        fs::create_dir(&file.aside).unwrap();
        let cause = files.0[1].before().unwrap_err();
        let error = undo(&[(file, old)], cause).to_string();
        assert!(error.starts_with("cannot put back ") && error.contains("/a: "), "{error}");
        assert!(error.contains("before that: cannot read ") && error.contains("/c: "), "{error}");
    }

    #[test]
    fn what_somebody_changed_meanwhile_is_left_alone() {
        let (_directory, path) = directory();
        let read: Arc<str> = "old b".into();
        for now in ["old b, and more", "old c", "old b"] {
            fs::write(path.join("b"), now).unwrap();
            let before = all(&path);
            let mut files = Together::default();
            files.replace(&path.join("a"), b"new a").unwrap();
            files.edit(&path.join("b"), &read, b"new b").unwrap();
            let done = files.publish();
            assert_eq!(done.is_ok(), now == "old b", "{now}");
            assert_eq!(all(&path) == before, done.is_err(), "{now}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn one_file_under_several_names_is_one_file() {
        let (_directory, path) = directory();
        std::os::unix::fs::symlink(path.join("a"), path.join("link")).unwrap();
        let mut files = Together::default();
        files.replace(&path.join("a"), b"first").unwrap();
        files.replace(&path.join("c/../a"), b"second").unwrap();
        files.replace(&path.join("link"), b"third").unwrap();
        files.publish().unwrap();
        assert_eq!(fs::read(path.join("a")).unwrap(), b"third");
        assert!(path.join("link").is_symlink());
        assert_eq!(all(&path).len(), 4);
    }
}
