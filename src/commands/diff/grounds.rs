//! What several apps are compared with, read once.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::existing::Existing;
use super::{Args, Job};
use crate::commands::app::AppLoader;
use crate::commands::repository::Repository;
use crate::commands::stop::Result;
use crate::report::Console;
use crate::set::{File, Set};

/// Manifests that several apps are compared with.
pub(super) struct Ground {
    /// Where an environment says that they are; `None` for those that the call names, for all apps.
    directory: Option<Utf8PathBuf>,
    existing: Existing,
}

/// The grounds of a run, by their directories.
pub(super) type Grounds<'a> = BTreeMap<Option<&'a Utf8Path>, (&'a Existing, &'a Set<'a>)>;

impl Ground {
    /// All of a run, read: what the call names, or else what the environments of several apps name together.
    pub(super) fn all(
        args: &Args,
        repository: &Repository,
        loader: &AppLoader<'_>,
        jobs: &[Job<'_>],
    ) -> Result<Vec<Self>> {
        let mut all = Vec::new();
        if let Some(existing) = Existing::of(&args.against)? {
            all.push(Self { directory: None, existing });
        } else {
            for directory in shared(repository, loader, jobs) {
                let existing = Existing::of(std::slice::from_ref(&directory))?.unwrap_or_default();
                all.push(Self { directory: Some(directory), existing });
            }
        }
        for ground in all.iter().filter(|_| args.write) {
            ground.existing.sweep();
        }
        Ok(all)
    }

    /// Their files. One that cannot be read ends the run.
    pub(super) fn files(&self, console: Console) -> Result<Vec<File<'_>>> {
        let files = self.existing.files();
        console.diagnostics(self.existing.sources(), &self.existing.check(&files)?);
        Ok(files)
    }

    /// The ground, and where it is found.
    pub(super) fn with<'a>(
        &'a self,
        set: &'a Set<'a>,
    ) -> (Option<&'a Utf8Path>, (&'a Existing, &'a Set<'a>)) {
        (self.directory.as_deref(), (&self.existing, set))
    }
}

/// The directories that the environments of several apps name.
fn shared(repository: &Repository, loader: &AppLoader<'_>, jobs: &[Job<'_>]) -> Vec<Utf8PathBuf> {
    let mut count: BTreeMap<Utf8PathBuf, usize> = BTreeMap::new();
    for (environment, path) in jobs {
        let against = environment.environment.against.as_deref();
        let Some(pattern) = against.filter(|pattern| !pattern.contains("{name}")) else {
            continue;
        };
        let directory = if pattern.contains('{') {
            // Who cannot be loaded says so when their turn comes.
            let plan = loader.load(path, environment).map(|app| app.plan).ok();
            plan.and_then(|plan| environment.environment.against(&plan.name, &plan.namespace))
        } else {
            Some(pattern.to_owned())
        };
        if let Some(directory) = directory {
            *count.entry(repository.root.join(directory)).or_default() += 1;
        }
    }
    count.into_iter().filter(|(_, apps)| *apps > 1).map(|(directory, _)| directory).collect()
}
