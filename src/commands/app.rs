//! An app from its file to its plan.

use std::sync::Arc;

use camino::Utf8Path;

use super::files::{is_path, read_text};
use super::paths::shown;
use super::profile_files::Profiles;
use super::repository::{NamedEnvironment, Repository};
use super::stop::{Result, Stop};
use crate::diagnostic::{Diagnostic, Label};
use crate::plan::{Plan, decide};
use crate::spec::{Layers, Profile, Setting, Spec, Value};

/// Whether a target of the command line is an app, by its name or its file, and no file or directory of manifests.
pub(super) fn is_app(target: &str) -> bool {
    let path = Utf8Path::new(target);
    let name = target != "-" && !is_path(target) && !path.exists();
    name || path.extension() == Some("toml") || path.join("app.toml").is_file()
}

/// The profile of an app that names none.
pub(super) const DEFAULT_PROFILE: &str = "gke";

/// The arguments that change what an app's file says.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Overrides {
    /// Use this profile: a name, or a file.
    #[arg(long, value_name = "NAME|FILE")]
    profile: Option<String>,
    /// Set a key over what the file says, such as `session.max-age=1h`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<Setting>,
}

/// The arguments that say which of the apps that a description can become is meant.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Variant {
    /// The environment of the apps. Where left out, all of them; a command about one app takes the only one.
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
    #[command(flatten)]
    pub(super) overrides: Overrides,
}

/// An app with all that is known of it.
pub(super) struct App {
    /// Every layer, to find lines in.
    pub(super) layers: Layers,
    /// What the layers say.
    pub(super) spec: Spec,
    /// What it is laid on.
    pub(super) profile: Arc<Profile>,
    /// What that is called, and by whom, unless by the app itself.
    pub(super) profile_choice: Option<(String, String)>,
    /// What was decided.
    pub(super) plan: Plan,
}

/// Says who chose the profile, where it was not the app.
fn by_whom(mut problem: Diagnostic, choice: Option<&(String, String)>) -> Diagnostic {
    if let Some((name, by)) = choice {
        for note in &mut problem.notes {
            if let Some(part) = note.strip_prefix("`profile` is not given: ") {
                *note = format!("`profile` is `{name}`, by {by}: {part}");
            }
        }
    }
    problem
}

/// Loads apps of a repository.
pub(super) struct AppLoader<'a> {
    repository: &'a Repository,
    profiles: Profiles<'a>,
    overrides: &'a Overrides,
}

impl<'a> AppLoader<'a> {
    /// A loader that has loaded nothing yet.
    pub(super) fn new(repository: &'a Repository, overrides: &'a Overrides) -> Self {
        let by_call = overrides.profile.as_deref();
        Self { repository, profiles: Profiles::with(repository, by_call), overrides }
    }

    /// Loads an app for an environment.
    pub(super) fn load(&self, path: &Utf8Path, environment: &NamedEnvironment) -> Result<App> {
        self.repository.check_app(path)?;
        let text = read_text(path)?;
        let mut layers = Layers::default();
        let read = layers.add(&shown(path), &text).map(|_| ());
        let read = read
            .and_then(|()| self.overrides.set.iter().try_for_each(|setting| layers.set(setting)));
        read.map_err(|problems| Stop::input(&layers.sources, problems))?;
        let profile = self.profile(&layers, path, environment)?;
        let profile_choice = self.profile_choice(environment);
        layers.lay_on(&profile);
        let spec = layers.spec().map_err(|problems| Stop::input(&layers.sources, problems))?;
        let plan = decide(&spec, &profile.platform, &layers).map_err(|problems| {
            let located = problems.iter().map(|problem| layers.locate(problem));
            let told = located.map(|problem| by_whom(problem, profile_choice.as_ref()));
            Stop::input(&layers.sources, told.collect())
        })?;
        Ok(App { layers, spec, profile, profile_choice, plan })
    }

    fn profile_choice(&self, environment: &NamedEnvironment) -> Option<(String, String)> {
        let by_call = self.overrides.profile.clone().map(|name| (name, "--profile".to_owned()));
        by_call.or_else(|| {
            let name = environment.environment.profile.clone()?;
            Some((name, format!("sioway.toml, environment {}", environment.name.as_ref()?)))
        })
    }

    /// The command line's profile, or the environment's, or the app's own.
    fn profile(
        &self,
        layers: &Layers,
        path: &Utf8Path,
        environment: &NamedEnvironment,
    ) -> Result<Arc<Profile>> {
        if let Some(name) = &self.overrides.profile {
            return self.profiles.get(name, &self.repository.absolute(Utf8Path::new("")));
        }
        let own = layers.table.get("profile").and_then(|entry| match &entry.node.value {
            Value::String(name) => Some((name.as_str(), entry.node.at)),
            _ => None,
        });
        let base = path.parent().unwrap_or(path);
        match (&environment.environment.profile, own) {
            (Some(name), None) => self.profiles.get(name, &self.repository.root),
            (None, own) => self.profiles.get(own.map_or(DEFAULT_PROFILE, |(name, _)| name), base),
            (Some(name), Some((own, at))) => {
                let (theirs, ours) = (
                    self.profiles.get(name, &self.repository.root)?,
                    self.profiles.get(own, base)?,
                );
                if ours.chain.last().is_some_and(|own| theirs.chain.contains(own)) {
                    return Ok(theirs);
                }
                let label = Label::new(at.source, at.span, "the app's own");
                let message = format!(
                    "the environment's profile `{name}` does not build on the app's, `{own}`"
                );
                let problem = Diagnostic::at("profiles-differ", message, label).help(format!(
                    "write a profile that extends \"{own}\", or leave `profile` out of the app"
                ));
                Err(Stop::input(&layers.sources, vec![problem]))
            }
        }
    }
}
