//! What the evidence is laid beside: files as they are, or an app, rendered in memory.

use camino::{Utf8Path, Utf8PathBuf};

use super::super::app::{App, AppLoader, is_app};
use super::super::files::present;
use super::super::lint::facts;
use super::super::lint::gather::gather;
use super::super::paths::shown;
use super::super::repository::{NamedEnvironment, Repository};
use super::super::stop::{Result, Stop};
use super::Args;
use crate::diagnostic::{Diagnostic, SourceId, Sources};
use crate::path::AppFacts;
use crate::render::{Renderer, Style};
use crate::set::File;
use crate::spec::Replicas;

/// Files that belong together, and what is known beside them.
pub(super) struct Files {
    /// The texts.
    pub(super) sources: Sources,
    /// What the descriptions say.
    pub(super) apps: Vec<AppFacts>,
    /// What is wrong with the files.
    pub(super) problems: Vec<Diagnostic>,
    /// How many pods run, where the files do not say it.
    pub(super) replicas: Option<u32>,
    /// The path that the client of an app is told.
    pub(super) path: Option<String>,
    /// Whether it is known that no nginx is in the way.
    pub(super) without_nginx: bool,
    ids: Vec<SourceId>,
}

impl Files {
    /// Finds out what is meant; of several apps the one that has the host that was probed.
    pub(super) fn of(args: &Args, repository: &Repository, host: &str) -> Result<Self> {
        let (apps, paths): (Vec<&String>, Vec<&String>) =
            args.targets.iter().partition(|target| is_app(target));
        let has_app = repository.found || Utf8Path::new("app.toml").is_file();
        match (&apps[..], &paths[..]) {
            ([], []) if has_app => Self::of_apps(&[], args, repository, host),
            (_, []) if !apps.is_empty() => {
                let names: Vec<String> = apps.into_iter().cloned().collect();
                Self::of_apps(&names, args, repository, host)
            }
            ([], paths) => {
                let paths: Vec<Utf8PathBuf> = paths.iter().map(Utf8PathBuf::from).collect();
                Self::of_paths(&paths, repository)
            }
            _ => Err(Stop::call(
                Diagnostic::bare("apps-and-files", "both apps and files were named")
                    .help("name the app, which is rendered; or the files that are there"),
            )),
        }
    }

    /// The files, read.
    pub(super) fn read(&self) -> Vec<File<'_>> {
        self.ids.iter().map(|id| File::of(&self.sources, *id, true)).collect()
    }

    fn of_paths(paths: &[Utf8PathBuf], repository: &Repository) -> Result<Self> {
        let gathered = gather(&present(paths)?)?;
        let (sources, apps) = facts::apps(repository, gathered.sources.clone())?;
        let files = gathered.read(&sources);
        let problems = [gathered.problems(&files), apps.problems].concat();
        let ids = files.iter().map(|file| file.source).collect();
        drop(files);
        let (apps, replicas, path, without_nginx) = (apps.facts, None, None, false);
        Ok(Self { sources, apps, problems, replicas, path, without_nginx, ids })
    }

    fn of_apps(asked: &[String], args: &Args, repository: &Repository, host: &str) -> Result<Self> {
        let environments = repository.environments(args.env.as_deref())?;
        let paths = repository.apps(asked)?;
        let loader = AppLoader::new(repository, &args.overrides);
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
        let style = Style { comments: repository.workspace.comments, ..Style::default() };
        let out = environment.environment.out.expand(&app.plan.name, &app.plan.namespace);
        let out = repository.root.join(out);
        let mut sources = Sources::default();
        let rendered = Renderer::new(style).files(&app.plan, &repository.header(path))?;
        let add = |file: crate::render::File| sources.add(shown(&out.join(&file.name)), file.text);
        let ids = rendered.into_iter().map(add).collect();
        let apps: Vec<AppFacts> = facts::facts(app, &mut sources).into_iter().collect();
        let path = apps.first().and_then(|one| one.mark.path.clone());
        let unsaid = app.plan.workload.is_none();
        let replicas = app.spec.replicas.filter(|_| unsaid).map(Replicas::get);
        let without_nginx = app.plan.nginx.is_none();
        Ok(Self { sources, apps, problems: Vec::new(), replicas, path, without_nginx, ids })
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
