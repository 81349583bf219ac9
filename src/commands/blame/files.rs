//! What the evidence is laid beside: files as they are, or an app, rendered in memory.

use camino::Utf8Path;

use super::super::app::{App, AppLoader};
use super::super::files::present;
use super::super::repository::{NamedEnvironment, Repository};
use super::super::stop::{Result, Stop};
use super::super::subject::{InMemory, Subject, Targets};
use super::Args;
use crate::diagnostic::{Diagnostic, Sources};

/// Files that belong together, and what is known beside them.
pub(super) struct Files {
    /// The files themselves.
    pub(super) subject: Subject,
    /// How many pods run, where the files do not say it.
    pub(super) replicas: Option<u32>,
    /// The path that the client of an app is told.
    pub(super) path: Option<String>,
    /// Whether it is known that no nginx is in the way.
    pub(super) without_nginx: bool,
}

impl Files {
    /// Finds out what is meant; of several apps the one that has the host that was probed.
    pub(super) fn of(args: &Args, repository: &Repository, host: &str) -> Result<Self> {
        match Targets::of(&args.targets, repository) {
            Targets { apps: Some(apps), paths: None } => {
                Self::of_apps(&apps, args, repository, host)
            }
            Targets { apps: None, paths } => {
                let subject = Subject::of_paths(&present(&paths.unwrap_or_default())?, repository)?;
                Ok(Self { subject, replicas: None, path: None, without_nginx: false })
            }
            Targets { apps: Some(_), paths: Some(_) } => Err(Stop::call(
                Diagnostic::bare("apps-and-files", "both apps and files were named")
                    .help("name the app, which is rendered; or the files that are there"),
            )),
        }
    }

    fn of_apps(asked: &[String], args: &Args, repository: &Repository, host: &str) -> Result<Self> {
        let environments = repository.environments(args.variant.env.as_deref())?;
        let paths = repository.apps(asked)?;
        let loader = AppLoader::new(repository, &args.variant.overrides);
        let mut all = Vec::new();
        for environment in &environments {
            for path in &paths {
                all.push((loader.load(path, environment)?, path, environment));
            }
        }
        if all.len() > 1 {
            all.retain(|(app, ..)| app.plan.hosts.iter().any(|own| own.as_str() == host));
        }
        match &all[..] {
            [(app, path, environment)] => Self::of_app(app, path, environment, repository),
            several => Err(which(several.len(), host)),
        }
    }

    fn of_app(
        app: &App,
        path: &Utf8Path,
        environment: &NamedEnvironment,
        repository: &Repository,
    ) -> Result<Self> {
        let mut sources = Sources::default();
        let made = InMemory::of(app, path, environment, repository, &mut sources)?;
        let path = made.apps.first().and_then(|one| one.mark.path.clone());
        let InMemory { files, apps, replicas, without_nginx } = made;
        let subject = Subject { sources, files, apps, problems: Vec::new() };
        Ok(Self { subject, replicas, path, without_nginx })
    }
}

/// None or several apps have the host.
fn which(count: usize, host: &str) -> Stop {
    let message = match count {
        0 => format!("no app here has the host `{host}`, which was probed"),
        _ => format!("{count} apps or environments have the host `{host}`"),
    };
    let help = "name the app, and its environment with `--env`; or the files that are there";
    Stop::call(Diagnostic::bare("which-app", message).help(help))
}
