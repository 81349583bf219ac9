//! Of which files findings are told: of all, or of the part that is asked for.
//!
//! Everything is judged in any case, as what one file lacks another may have.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use crate::commands::app::{App, AppLoader, Overrides};
use crate::commands::many::each;
use crate::commands::paths::{normal, real};
use crate::commands::pick::{Changed, Pick};
use crate::commands::repository::{NamedEnvironment, Repository};
use crate::commands::stop::Result;
use crate::diagnostic::{Diagnostic, Label, Sources};
use crate::set::is_stream;

/// The part of the files of which findings are told.
pub(super) struct Told<'a> {
    pub(super) pick: &'a Pick<'a>,
    repository: &'a Repository,
    /// Where something changed, by real names; `None` where that does not matter.
    places: Option<Places>,
}

struct Places {
    /// The directories of the files that changed.
    directories: BTreeSet<Utf8PathBuf>,
    /// Those of the manifests of apps of which something changed.
    of_apps: BTreeSet<Utf8PathBuf>,
}

impl<'a> Told<'a> {
    /// What a pick comes to.
    pub(super) fn of(pick: &'a Pick<'a>, repository: &'a Repository) -> Result<Self> {
        let places = pick.changed().map(|changed| Places::of(pick, changed, repository));
        Ok(Self { pick, repository, places: places.transpose()? })
    }

    /// Whether a finding is told, or what is wrong with a file: its directory is in the share, and something changed in
    /// that directory or in one of the others that it speaks of.
    pub(super) fn tells(&self, diagnostic: &Diagnostic, sources: &Sources) -> bool {
        let Some(first) = diagnostic.labels.first() else {
            return self.pick.has_the_rest();
        };
        self.pick.shares(&directory(&self.path(first, sources)))
            && self.places.as_ref().is_none_or(|places| {
                diagnostic.labels.iter().any(|label| places.hold(&self.path(label, sources)))
            })
    }

    fn path(&self, label: &Label, sources: &Sources) -> Utf8PathBuf {
        normal(&self.repository.absolute(Utf8Path::new(&*sources.get(label.source).name)))
    }
}

impl Places {
    fn of(pick: &Pick<'_>, changed: &Changed, repository: &Repository) -> Result<Self> {
        let directories = changed.files().map(directory).collect();
        let of_apps = of_apps(pick, repository)?;
        Ok(Self { directories, of_apps })
    }

    fn hold(&self, file: &Utf8Path) -> bool {
        // What is no file is nowhere in git.
        if file.file_name().is_some_and(is_stream) {
            return true;
        }
        let directory = directory(&real(file));
        self.directories.contains(&directory)
            || directory.ancestors().any(|part| self.of_apps.contains(part))
    }
}

fn directory(file: &Utf8Path) -> Utf8PathBuf {
    file.parent().unwrap_or(file).to_owned()
}

/// Where the manifests of apps are that are rendered from something that changed, or that changed themselves.
fn of_apps(pick: &Pick<'_>, repository: &Repository) -> Result<BTreeSet<Utf8PathBuf>> {
    if !repository.found {
        return Ok(BTreeSet::new());
    }
    let overrides = Overrides::default();
    let loader = AppLoader::new(repository, &overrides);
    let environments = repository.environments(None)?;
    let paths = repository.apps(&[]).unwrap_or_default();
    let jobs = environments.iter().flat_map(|one| paths.iter().map(move |path| (one, path)));
    let changed = |(environment, path): (&NamedEnvironment, &Utf8PathBuf)| {
        let app = loader.load(path, environment).ok()?;
        let directories = directories(repository, &app, environment);
        let is_touched =
            |_: &App, changed: &Changed| directories.iter().any(|path| changed.touches(path));
        pick.has_changed(path, Some(&app), is_touched).then_some(directories)
    };
    let found = each("looked at", jobs.collect(), changed)?;
    Ok(found.into_iter().flatten().flatten().map(|path| real(&path)).collect())
}

/// Where an app's manifests are in an environment.
pub(super) fn directories(
    repository: &Repository,
    app: &App,
    environment: &NamedEnvironment,
) -> Vec<Utf8PathBuf> {
    let against = environment.environment.against(&app.plan.name, &app.plan.namespace);
    let against = against.map(|path| repository.root.join(path));
    [repository.out(app, environment)].into_iter().chain(against).collect()
}
