//! Where profiles are kept: in the binary, in the workspace's `profiles/`, or in a file.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

use super::files::{is_path, read_text};
use super::paths::{check_within, shown};
use super::repository::Repository;
use super::stop::{Result, Stop};
use crate::spec::{Profile, ProfileError, ProfileText, load_chain};

/// The embedded profiles. A test holds the list against the folder.
pub(super) const EMBEDDED: [(&str, &str); 2] = [
    ("gke", include_str!("../../profiles/gke.toml")),
    ("gke-internal", include_str!("../../profiles/gke-internal.toml")),
];

/// Profiles by what asked for them, each loaded once in a run.
pub(super) struct Profiles<'a> {
    repository: &'a Repository,
    loaded: Mutex<BTreeMap<(String, Utf8PathBuf), Arc<Profile>>>,
    /// What the command line names, which may lie anywhere.
    by_call: Option<&'a str>,
}

impl<'a> Profiles<'a> {
    /// No profile loaded yet.
    pub(super) fn new(repository: &'a Repository) -> Self {
        Self { repository, loaded: Mutex::default(), by_call: None }
    }

    /// The same, of which the command line names one.
    pub(super) fn with(repository: &'a Repository, by_call: Option<&'a str>) -> Self {
        Self { by_call, ..Self::new(repository) }
    }

    /// A profile by name, or by a path relative to `base`.
    pub(super) fn get(&self, name: &str, base: &Utf8Path) -> Result<Arc<Profile>> {
        let key =
            (name.to_owned(), if is_path(name) { base.to_owned() } else { Utf8PathBuf::new() });
        if let Some(profile) = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).get(&key)
        {
            return Ok(Arc::clone(profile));
        }
        let profile = Arc::new(self.load(name, base)?);
        self.loaded
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, Arc::clone(&profile));
        Ok(profile)
    }

    fn load(&self, name: &str, base: &Utf8Path) -> Result<Profile> {
        let fetch = |name: &str, asker: Option<&str>| {
            let is_free = asker.is_none() && self.by_call == Some(name);
            let base = asker.and_then(|asker| Utf8Path::new(asker).parent()).unwrap_or(base);
            self.fetch(name, base, is_free)
        };
        load_chain(name, &fetch).map_err(Stop::from)
    }

    fn fetch(
        &self,
        name: &str,
        base: &Utf8Path,
        is_free: bool,
    ) -> std::result::Result<ProfileText, ProfileError> {
        if is_path(name) {
            return Self::read_file(&base.join(name), (!is_free).then_some(base));
        }
        if let Some((name, text)) = EMBEDDED.iter().find(|(embedded, _)| *embedded == name) {
            let shown = format!("profiles/{name}.toml (embedded)");
            return Ok(ProfileText { identity: (*name).into(), shown, text: (*text).into() });
        }
        let file = self.repository.root.join("profiles").join(format!("{name}.toml"));
        if file.is_file() {
            Self::read_file(&file, Some(&self.repository.root))
        } else {
            Err(ProfileError::Unknown(self.names()))
        }
    }

    /// `within` is the directory whose repository it has to be in.
    fn read_file(
        path: &Utf8Path,
        within: Option<&Utf8Path>,
    ) -> std::result::Result<ProfileText, ProfileError> {
        let unreadable = |reason: String| ProfileError::Unreadable(reason);
        let checked = within.map_or(Ok(()), |from| check_within(path, from));
        checked.map_err(|stop| unreadable(stop.reason()))?;
        let identity = path.canonicalize_utf8().map_err(|error| unreadable(error.to_string()))?;
        let text = read_text(&identity).map_err(|stop| unreadable(stop.reason()))?;
        Ok(ProfileText { identity: identity.into_string(), shown: shown(path), text })
    }

    /// The names that a profile may be asked for by.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = EMBEDDED.iter().map(|(name, _)| (*name).to_owned()).collect();
        if let Ok(entries) = self.repository.root.join("profiles").read_dir_utf8() {
            let stem = |path: &Utf8Path| path.file_stem().map(str::to_owned);
            let files = entries.flatten().filter(|entry| entry.path().extension() == Some("toml"));
            names.extend(files.filter_map(|entry| stem(entry.path())));
        }
        names.sort();
        names.dedup();
        names
    }
}
