//! What is to be written, held against what is there.

use camino::Utf8Path;

use super::lock::{self, Lock};
use crate::commands::files::{read_if_there, same};
use crate::commands::stop::Result;
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
    locks: Locks,
}

/// The lock of a directory, in the course of a run.
#[derive(Debug)]
struct Locks {
    /// What holds while files are being replaced.
    interim: Lock,
    /// What holds in the end.
    lock: Lock,
    /// Whether that is there already.
    is_there: bool,
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
        Ok(same(&directory.join(lock::NAME), Lock::of(files).text().as_bytes())? == Some(true))
    }

    /// All of it new: there is no directory yet.
    pub(super) fn of_nothing(files: Vec<File>) -> Self {
        let lock = Lock::of(&files);
        let rendered = files.into_iter().map(|file| (file, Verdict::Add)).collect();
        let locks = Locks { interim: lock.clone(), lock, is_there: false };
        Self { rendered, left_over: Vec::new(), locks }
    }

    /// Holds files against a directory.
    pub(super) fn new(directory: &Utf8Path, files: Vec<File>, policy: Policy) -> Result<Self> {
        let there = Lock::read(directory)?;
        let old = there.clone().unwrap_or_default();
        let mut lock = Lock::of(&files);
        let mut rendered = Vec::with_capacity(files.len());
        for file in files {
            let verdict = judge(directory, &file, &old, policy.force)?;
            if matches!(verdict, Verdict::EditedByHand | Verdict::Foreign) {
                lock.take_over(&file.name, &old);
            }
            rendered.push((file, verdict));
        }
        let left_over = left_over(directory, &rendered, &old, policy)?;
        for (name, _) in left_over.iter().filter(|(_, verdict)| *verdict != Verdict::Remove) {
            lock.take_over(name, &old);
        }
        let locks = Locks {
            interim: old.union(&lock),
            is_there: there.is_some_and(|there| there == lock),
            lock,
        };
        Ok(Self { rendered, left_over, locks })
    }

    /// All the files that a lock lists, none of which is rendered any more.
    pub(super) fn of_orphan(directory: &Utf8Path, policy: Policy) -> Result<Self> {
        Self::new(directory, Vec::new(), policy)
    }

    /// Every file with its verdict, rendered ones first.
    pub(super) fn verdicts(&self) -> impl Iterator<Item = (&str, Verdict)> {
        let rendered = self.rendered.iter().map(|(file, verdict)| (file.name.as_str(), *verdict));
        rendered.chain(self.left_over.iter().map(|(name, verdict)| (name.as_str(), *verdict)))
    }

    /// The files to write.
    pub(super) fn to_write(&self) -> impl Iterator<Item = &File> {
        self.rendered.iter().filter(|(_, verdict)| verdict.is_work()).map(|(file, _)| file)
    }

    /// The files to remove.
    pub(super) fn to_remove(&self) -> impl Iterator<Item = &str> {
        self.left_over
            .iter()
            .filter(|(_, verdict)| *verdict == Verdict::Remove)
            .map(|(name, _)| name.as_str())
    }

    /// The lock to write before anything else is, if anything is.
    pub(super) fn lock_before(&self) -> Option<String> {
        let works = self.verdicts().any(|(_, verdict)| verdict.is_work());
        works.then(|| self.locks.interim.text())
    }

    /// The lock to write in the end, unless it is there already.
    pub(super) fn lock_after(&self) -> Option<String> {
        (!self.locks.is_there).then(|| self.locks.lock.text())
    }

    /// Whether nothing of sioway's would be left.
    pub(super) fn leaves_nothing(&self) -> bool {
        self.locks.lock.names().next().is_none()
    }
}

fn judge(directory: &Utf8Path, file: &File, old: &Lock, force: bool) -> Result<Verdict> {
    let Some(there) = read_if_there(&directory.join(&file.name))? else {
        return Ok(Verdict::Add);
    };
    Ok(match () {
        () if there == file.text.as_bytes() => Verdict::Same,
        () if force || old.knows(&file.name, &there) => Verdict::Change,
        () if old.lists(&file.name) => Verdict::EditedByHand,
        () => Verdict::Foreign,
    })
}

fn left_over(
    directory: &Utf8Path,
    rendered: &[(File, Verdict)],
    old: &Lock,
    policy: Policy,
) -> Result<Vec<(String, Verdict)>> {
    let mut left_over = Vec::new();
    for name in old.names() {
        if rendered.iter().any(|(file, _)| file.name == name) {
            continue;
        }
        let Some(there) = read_if_there(&directory.join(name))? else {
            continue;
        };
        let verdict = match (old.knows(name, &there), policy.prune, policy.force) {
            (true, true, _) | (false, true, true) => Verdict::Remove,
            (true, false, _) => Verdict::Stale,
            (false, ..) => Verdict::EditedByHand,
        };
        left_over.push((name.to_owned(), verdict));
    }
    Ok(left_over)
}
