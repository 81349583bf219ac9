//! The manifests that are there.

use camino::Utf8PathBuf;

use super::super::lint::gather::{Gathered, gather};
use super::super::stop::{Result, Stop};
use crate::diagnostic::Sources;
use crate::set::File;

/// The manifests that are there: their texts, to be read where they are compared.
#[derive(Debug, Default)]
pub(super) struct Existing {
    gathered: Gathered,
}

impl Existing {
    /// Everything below some paths; `None` where there are no paths.
    pub(super) fn of(paths: &[Utf8PathBuf]) -> Result<Option<Self>> {
        if paths.is_empty() {
            return Ok(None);
        }
        let stays = |path: &&Utf8PathBuf| *path == "-" || path.exists();
        let there: Vec<Utf8PathBuf> = paths.iter().filter(stays).cloned().collect();
        if there.is_empty() {
            return Ok(Some(Self::default()));
        }
        let gathered = gather(&there)?;
        if let Some(problem) = gathered.unreadable.first() {
            return Err(Stop::call(problem.clone()));
        }
        Ok(Some(Self { gathered }))
    }

    /// Their texts.
    pub(super) fn sources(&self) -> &Sources {
        &self.gathered.sources
    }

    /// The files, read.
    pub(super) fn files(&self) -> Vec<File<'_>> {
        self.gathered.read(&self.gathered.sources)
    }
}
