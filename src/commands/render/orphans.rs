//! Directories that sioway wrote for apps that are gone, or that are called otherwise now.
//!
//! A GitOps controller goes on applying them. They are told by their lock file, where
//! an environment's `out` says that an app's directory could be.

use std::fs;
use std::io::ErrorKind::{NotADirectory, NotFound};

use camino::{Utf8Path, Utf8PathBuf};
use glob::Pattern;

use super::claims::Claims;
use crate::commands::repository::NamedEnvironment;
use crate::commands::stop::{Doing, Result};

/// The directories that no app claims.
pub(super) fn find(
    root: &Utf8Path,
    environments: &[NamedEnvironment],
    claims: &Claims,
) -> Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    for environment in environments {
        let any = environment.environment.out.as_glob();
        let parts: Vec<&str> = any.split('/').collect();
        search(root, &parts, claims, &mut found)?;
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn search(
    here: &Utf8Path,
    parts: &[&str],
    claims: &Claims,
    found: &mut Vec<Utf8PathBuf>,
) -> Result<()> {
    let Some((part, rest)) = parts.split_first() else {
        if !claims.hold_directory(here) && here.join(super::lock::NAME).is_file() {
            found.push(here.to_owned());
        }
        return Ok(());
    };
    if !part.contains('*') {
        return search(&here.join(part), rest, claims, found);
    }
    // Names with other signs than a placeholder's cannot be in it: the pattern is one.
    let pattern = Pattern::new(part).unwrap_or_default();
    let entries = match fs::read_dir(here) {
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => return Ok(()),
        entries => entries.doing("search", here)?,
    };
    for entry in entries {
        let entry = entry.doing("search", here)?;
        let name = entry.file_name();
        let Some(name) =
            name.to_str().filter(|name| !name.starts_with('.') && pattern.matches(name))
        else {
            continue;
        };
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            search(&here.join(name), rest, claims, found)?;
        }
    }
    Ok(())
}
