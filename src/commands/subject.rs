//! What a command looks at: files as they are, or an app that is rendered in memory.

use camino::{Utf8Path, Utf8PathBuf};

use super::app::{App, is_app};
use super::lint::facts;
use super::lint::gather::gather;
use super::paths::shown;
use super::repository::{NamedEnvironment, Repository};
use super::stop::Result;
use crate::diagnostic::{Diagnostic, Severity, SourceId, Sources};
use crate::path::AppFacts;
use crate::render::{Renderer, Style};
use crate::set::File;
use crate::spec::Replicas;

/// The targets of a command line; `None` where there are none of the kind.
pub(super) struct Targets {
    /// Apps by name or by their file; none of them is all of the workspace.
    pub(super) apps: Option<Vec<String>>,
    /// Files and directories; none of them is the current directory.
    pub(super) paths: Option<Vec<Utf8PathBuf>>,
}

impl Targets {
    /// Tells apps and paths from one another; without targets there are apps where there is a workspace.
    pub(super) fn of(targets: &[String], repository: &Repository) -> Self {
        if targets.is_empty() {
            let has_apps = repository.found || Utf8Path::new("app.toml").is_file();
            return Self { apps: has_apps.then(Vec::new), paths: (!has_apps).then(Vec::new) };
        }
        let (apps, paths): (Vec<&String>, Vec<&String>) =
            targets.iter().partition(|target| is_app(target));
        let apps: Vec<String> = apps.into_iter().cloned().collect();
        let paths: Vec<Utf8PathBuf> = paths.into_iter().map(Utf8PathBuf::from).collect();
        Self {
            apps: (!apps.is_empty()).then_some(apps),
            paths: (!paths.is_empty()).then_some(paths),
        }
    }
}

/// Files that belong together, and what descriptions say of them.
#[derive(Default)]
pub(super) struct Subject {
    /// The texts.
    pub(super) sources: Sources,
    /// Which of them are the files.
    pub(super) files: Vec<SourceId>,
    /// What the descriptions say.
    pub(super) apps: Vec<AppFacts>,
    /// What is wrong with the files.
    pub(super) problems: Vec<Diagnostic>,
}

impl Subject {
    /// Reads files, and everything below directories.
    pub(super) fn of_paths(paths: &[Utf8PathBuf], repository: &Repository) -> Result<Self> {
        let gathered = gather(paths)?;
        let (sources, apps) = facts::apps(repository, gathered.sources.clone())?;
        let read = gathered.read(&sources);
        let problems = [gathered.problems(&read), apps.problems].concat();
        let files = read.iter().map(|file| file.source).collect();
        drop(read);
        Ok(Self { sources, files, apps: apps.facts, problems })
    }

    /// Whether something of it could not be read.
    pub(super) fn is_broken(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}

/// The files among some texts, parsed.
pub(super) fn read<'s>(files: &[SourceId], sources: &'s Sources) -> Vec<File<'s>> {
    files.iter().map(|file| File::of(sources, *file, true)).collect()
}

/// An app as it is rendered, beside what only its description says.
pub(super) struct InMemory {
    /// Its files.
    pub(super) files: Vec<SourceId>,
    /// What its description says of sessions.
    pub(super) apps: Vec<AppFacts>,
    /// How many pods run, where the files do not say it.
    pub(super) replicas: Option<u32>,
    /// Whether it is known that no nginx is in the way.
    pub(super) without_nginx: bool,
}

impl InMemory {
    /// Renders an app; the texts go to `sources`, under the names that they would have.
    pub(super) fn of(
        app: &App,
        path: &Utf8Path,
        environment: &NamedEnvironment,
        repository: &Repository,
        sources: &mut Sources,
    ) -> Result<Self> {
        let style = Style { comments: repository.workspace.comments, ..Style::default() };
        let out = repository.out(app, environment);
        let rendered = Renderer::new(style).files(&app.plan, &repository.header(path))?;
        let add = |file: crate::render::File| sources.add(shown(&out.join(&file.name)), file.text);
        let files = rendered.into_iter().map(add).collect();
        let unsaid = app.plan.workload.is_none();
        Ok(Self {
            files,
            apps: facts::facts(app, sources).into_iter().collect(),
            replicas: app.spec.replicas.filter(|_| unsaid).map(Replicas::get),
            without_nginx: app.plan.nginx.is_none(),
        })
    }
}
