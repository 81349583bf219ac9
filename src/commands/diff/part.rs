//! The part of the apps that is asked for.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::Job;
use super::layout::Layout;
use crate::commands::app::{App, AppLoader};
use crate::commands::many::each;
use crate::commands::pick::{Changed, Pick};
use crate::commands::repository::{NamedEnvironment, Repository};
use crate::commands::stop::Result;
use crate::commands::streams::Stream;

/// The jobs of which something changed, in the share that is asked for.
pub(super) fn of<'a>(
    jobs: Vec<Job<'a>>,
    pick: &Pick<'_>,
    repository: &Repository,
    loader: &AppLoader<'_>,
    against: &[Utf8PathBuf],
) -> Result<Vec<Job<'a>>> {
    let places = Places { repository, against, known: Mutex::default() };
    let is_wanted = |(environment, path): Job<'a>| {
        if !pick.shares(path) {
            return None;
        }
        // Without git nothing has to be loaded for it.
        let app = pick.changed().and_then(|_| loader.load(path, environment).ok());
        let is_touched = |app: &App, changed: &Changed| places.touched(changed, app, environment);
        pick.wants(path, app.as_ref(), is_touched).then_some((environment, path))
    };
    Ok(each("looked at", jobs, is_wanted)?.into_iter().flatten().collect())
}

/// Where the manifests are that apps are compared with.
struct Places<'a> {
    repository: &'a Repository,
    /// Those that the call names. Whose they are is not known before they are compared.
    against: &'a [Utf8PathBuf],
    /// The places that were looked at, and whether something changed there: several apps may have one.
    known: Mutex<BTreeMap<Utf8PathBuf, bool>>,
}

impl Places<'_> {
    fn touched(&self, changed: &Changed, app: &App, environment: &NamedEnvironment) -> bool {
        let named: Vec<Utf8PathBuf> =
            self.against.iter().filter(|path| Stream::of(path).is_none()).cloned().collect();
        if !self.against.is_empty() {
            return named
                .iter()
                .any(|path| self.touched_or_built(changed, self.repository.absolute(path)));
        }
        match self.repository.against(app, environment) {
            Ok(Some(against)) => self.touched_or_built(changed, against),
            // What sioway rendered is compared as it is, whatever is built of it.
            Ok(None) => changed.touches(&self.repository.out(app, environment)),
            // What cannot be looked at says so when it is compared.
            Err(_) => true,
        }
    }

    /// Whether something changed in a place, or elsewhere and Kustomize builds what is in this place of it.
    fn touched_or_built(&self, changed: &Changed, place: Utf8PathBuf) -> bool {
        let known = |places: &Self| {
            let known = places.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(&place).copied()
        };
        known(self).unwrap_or_else(|| {
            let touched = changed.touches(&place) || is_built_of(changed, &place);
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(place, touched);
            touched
        })
    }
}

/// What cannot be built says so when it is compared.
fn is_built_of(changed: &Changed, place: &Utf8Path) -> bool {
    if changed.is_empty() || !place.exists() {
        return false;
    }
    let read = |layout: Option<Layout>| layout.map(|layout| layout.whole()).transpose();
    let Ok(existing) = Layout::of(&[place.to_owned()]).and_then(read) else {
        return true;
    };
    existing.is_some_and(|one| one.built_of().any(|path| changed.touches(Utf8Path::new(path))))
}
