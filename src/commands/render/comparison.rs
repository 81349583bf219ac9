//! What is to be written, held against what is there.

use camino::Utf8Path;

use super::lock::{self, Lock, digest};
use crate::commands::files::{read_if_there, same};
use crate::commands::paths::shown;
use crate::commands::stop::{Result, Stop};
use crate::diagnostic::Diagnostic;
use crate::render::File;

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is as it would be written.
    Same,
    /// It is not there yet.
    Add,
    /// sioway wrote it, and writes it anew.
    Change,
    /// Somebody changed it after sioway wrote it: left alone.
    EditedByHand,
    /// Somebody else wrote it: left alone.
    Foreign,
    /// sioway wrote it once, and no longer does: left alone.
    Stale,
    /// The same, and it is to be removed.
    Remove,
}

/// What the user allows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Policy {
    /// Remove what is no longer rendered.
    pub(super) prune: bool,
    /// Overwrite, and with `prune` remove, what others wrote.
    pub(super) force: bool,
}

/// A directory's files, each with its verdict.
#[derive(Debug)]
pub(super) struct Comparison {
    rendered: Vec<(File, Verdict)>,
    left_over: Vec<(String, Verdict)>,
    lock: Lock,
    lock_is_same: bool,
}

impl Verdict {
    /// Whether something is written or removed.
    pub(super) fn is_work(self) -> bool {
        matches!(self, Self::Add | Self::Change | Self::Remove)
    }

    /// The verb for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Change => "change",
            Self::Remove => "remove",
            Self::Same | Self::EditedByHand | Self::Foreign | Self::Stale => "leave",
        }
    }
}

impl Comparison {
    /// Whether a directory holds exactly these files and their lock: the common case, for which no lock is parsed.
    pub(super) fn is_unchanged(directory: &Utf8Path, files: &[File]) -> Result<bool> {
        for file in files {
            if same(&directory.join(&file.name), file.text.as_bytes())? != Some(true) {
                return Ok(false);
            }
        }
        Ok(same(
            &directory.join(lock::NAME),
            Lock::of(files).text().as_bytes(),
        )? == Some(true))
    }

    /// All of it new: there is no directory yet.
    pub(super) fn of_nothing(files: Vec<File>) -> Self {
        let lock = Lock::of(&files);
        let rendered = files.into_iter().map(|file| (file, Verdict::Add)).collect();
        Self {
            rendered,
            left_over: Vec::new(),
            lock,
            lock_is_same: false,
        }
    }

    /// Holds files against a directory.
    pub(super) fn new(directory: &Utf8Path, files: Vec<File>, policy: Policy) -> Result<Self> {
        let old = read_lock(directory)?;
        let old_lock = old.clone().unwrap_or_default();
        let mut lock = Lock::of(&files);
        let mut rendered = Vec::with_capacity(files.len());
        for file in files {
            let verdict = judge(directory, &file, &old_lock, policy.force)?;
            match (verdict, old_lock.0.get(&file.name)) {
                (Verdict::EditedByHand, Some(hash)) => {
                    lock.0.insert(file.name.clone(), hash.clone());
                }
                (Verdict::Foreign, _) => {
                    lock.0.remove(&file.name);
                }
                _ => {}
            }
            rendered.push((file, verdict));
        }
        let left_over = left_over(directory, &rendered, &old_lock, policy)?;
        for (name, verdict) in &left_over {
            if *verdict != Verdict::Remove {
                lock.0.insert(name.clone(), old_lock.0[name].clone());
            }
        }
        let lock_is_same = old.is_some_and(|old| old == lock);
        Ok(Self {
            rendered,
            left_over,
            lock,
            lock_is_same,
        })
    }

    /// Every file with its verdict, rendered ones first.
    pub(super) fn verdicts(&self) -> impl Iterator<Item = (&str, Verdict)> {
        let rendered = self
            .rendered
            .iter()
            .map(|(file, verdict)| (file.name.as_str(), *verdict));
        rendered.chain(
            self.left_over
                .iter()
                .map(|(name, verdict)| (name.as_str(), *verdict)),
        )
    }

    /// The files to write.
    pub(super) fn to_write(&self) -> impl Iterator<Item = &File> {
        self.rendered
            .iter()
            .filter(|(_, verdict)| verdict.is_work())
            .map(|(file, _)| file)
    }

    /// The files to remove.
    pub(super) fn to_remove(&self) -> impl Iterator<Item = &str> {
        self.left_over
            .iter()
            .filter(|(_, verdict)| *verdict == Verdict::Remove)
            .map(|(name, _)| name.as_str())
    }

    /// The lock to write, unless it is there already.
    pub(super) fn lock_to_write(&self) -> Option<String> {
        (!self.lock_is_same).then(|| self.lock.text())
    }
}

fn read_lock(directory: &Utf8Path) -> Result<Option<Lock>> {
    let path = directory.join(lock::NAME);
    let Some(bytes) = read_if_there(&path)? else {
        return Ok(None);
    };
    let not_text = || {
        Stop::call(Diagnostic::bare(
            "broken-lock",
            format!("`{}` is not text", shown(&path)),
        ))
    };
    let text = String::from_utf8(bytes).map_err(|_| not_text())?;
    Lock::parse(&shown(&path), &text).map(Some)
}

fn judge(directory: &Utf8Path, file: &File, old: &Lock, force: bool) -> Result<Verdict> {
    let Some(there) = read_if_there(&directory.join(&file.name))? else {
        return Ok(Verdict::Add);
    };
    Ok(match old.0.get(&file.name) {
        _ if there == file.text.as_bytes() => Verdict::Same,
        _ if force => Verdict::Change,
        None => Verdict::Foreign,
        Some(hash) if is_as_written(&there, hash) => Verdict::Change,
        Some(_) => Verdict::EditedByHand,
    })
}

fn left_over(
    directory: &Utf8Path,
    rendered: &[(File, Verdict)],
    old: &Lock,
    policy: Policy,
) -> Result<Vec<(String, Verdict)>> {
    let mut left_over = Vec::new();
    for (name, hash) in &old.0 {
        if rendered.iter().any(|(file, _)| file.name == *name) {
            continue;
        }
        let Some(there) = read_if_there(&directory.join(name))? else {
            continue;
        };
        let verdict = match (is_as_written(&there, hash), policy.prune, policy.force) {
            (true, true, _) | (false, true, true) => Verdict::Remove,
            (true, false, _) => Verdict::Stale,
            (false, ..) => Verdict::EditedByHand,
        };
        left_over.push((name.clone(), verdict));
    }
    Ok(left_over)
}

fn is_as_written(there: &[u8], hash: &str) -> bool {
    std::str::from_utf8(there).is_ok_and(|text| digest(text) == hash)
}
