//! Files that wait aside until they get their names, one or several together.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};

use super::files::{aside, read_if_there, replace};
use super::paths::check_within;
use super::stop::{Doing, Result, Stop};

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
        let mode = there.map(|metadata| metadata.permissions());
        let written = write_aside(&file.aside, bytes, mode);
        written.doing("write", if file.aside.exists() { &file.aside } else { path })?;
        Ok(file)
    }

    fn of(path: &Utf8Path, target: Utf8PathBuf, is_new: bool) -> Self {
        Self { path: path.to_owned(), aside: aside(&target), target, is_new }
    }

    /// What has its name now.
    fn before(&self) -> Result<Option<Vec<u8>>> {
        if self.is_new { Ok(None) } else { read_if_there(&self.target) }
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
fn write_aside(aside: &Utf8Path, bytes: &[u8], mode: Option<Permissions>) -> io::Result<()> {
    let create = || OpenOptions::new().write(true).create_new(true).open(aside);
    let mut file = match create() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(aside)?;
            create()?
        }
        created => created?,
    };
    file.write_all(bytes)?;
    match mode {
        Some(mode) => file.set_permissions(mode),
        None => Ok(()),
    }
}

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
