//! The files of an app, or files as they are.

use camino::Utf8PathBuf;

use super::super::app::{App, AppLoader};
use super::super::files::present;
use super::super::lint::facts;
use super::super::lint::gather::gather;
use super::super::paths::shown;
use super::super::repository::{NamedEnvironment, Repository};
use super::super::stop::{Result, Stop};
use super::super::streams::Stream;
use super::super::subject::{Subject, Targets, read};
use super::Args;
use crate::diagnostic::{Diagnostic, SourceId, Sources};
use crate::diff::{ObjectDiff, Status, compare};
use crate::doctor::Own;
use crate::path::{AppFacts, Model};
use crate::render::{File as Rendered, Renderer, Style};
use crate::set::{File, Set};

/// What is examined.
pub(super) struct Files {
    /// What it is called.
    pub(super) subject: String,
    /// The texts.
    pub(super) sources: Sources,
    /// What the descriptions say.
    pub(super) apps: Vec<AppFacts>,
    /// The Service of the app.
    pub(super) service: Option<String>,
    /// What differs from what the app renders; `None` without an app.
    pub(super) stale: Option<Vec<String>>,
    /// What is wrong with the files themselves.
    pub(super) problems: Vec<Diagnostic>,
    ids: Vec<SourceId>,
    /// What the app renders.
    rendered: Sources,
    rendered_ids: Vec<SourceId>,
}

impl Files {
    /// Finds out what is meant.
    pub(super) fn of(args: &Args, repository: &Repository) -> Result<Self> {
        match Targets::of(&args.targets, repository) {
            Targets { apps: Some(apps), paths: None } if apps.len() < 2 => {
                Self::of_app(&apps, args, repository)
            }
            Targets { apps: None, paths } => Self::of_paths(&paths.unwrap_or_default(), repository),
            Targets { apps: Some(_), .. } => Err(Stop::call(
                Diagnostic::bare("several-apps", "one app is examined at a time")
                    .help("name one app; the directory of its manifests is named by `--against`"),
            )),
        }
    }

    fn of_paths(paths: &[Utf8PathBuf], repository: &Repository) -> Result<Self> {
        let files = Subject::of_paths(&present(paths)?, repository)?;
        let name = |path: &Utf8PathBuf| match Stream::of(path) {
            Some(Stream::Stdin) => "stdin".to_owned(),
            _ => shown(path),
        };
        let names: Vec<String> = paths.iter().map(name).collect();
        let subject = if names.is_empty() { ".".to_owned() } else { names.join(", ") };
        let Subject { sources, files: ids, apps, problems } = files;
        let (rendered, rendered_ids) = (Sources::default(), Vec::new());
        let (service, stale) = (None, None);
        Ok(Self { subject, sources, apps, service, stale, problems, ids, rendered, rendered_ids })
    }

    fn of_app(asked: &[String], args: &Args, repository: &Repository) -> Result<Self> {
        let paths = repository.apps(asked)?;
        let [path] = &paths[..] else {
            return Err(Stop::call(
                Diagnostic::bare("several-apps", format!("there are {} apps here", paths.len()))
                    .help("name the one to examine: `sioway doctor NAME`"),
            ));
        };
        let environments = repository.environments(args.variant.env.as_deref())?;
        let [environment] = &environments[..] else {
            return Err(Stop::call(
                Diagnostic::bare("several-environments", "the app has several environments")
                    .help("name the one that runs: `--env NAME`"),
            ));
        };
        let app = AppLoader::new(repository, &args.variant.overrides).load(path, environment)?;
        let style = Style { comments: repository.workspace.comments, ..Style::default() };
        let rendered = Renderer::new(style).files(&app.plan, &repository.header(path))?;
        let there = manifests(args, &app, environment, repository)?;
        Self::beside(&app, &rendered, &there)
    }

    /// The manifests of an app beside what it renders, or these alone where there are none.
    fn beside(app: &App, rendered: &[Rendered], there: &[Utf8PathBuf]) -> Result<Self> {
        let mut ours = Sources::default();
        let rendered_ids: Vec<SourceId> =
            rendered.iter().map(|one| ours.add(&*one.name, &*one.text)).collect();
        let exists = there.iter().all(|path| path.exists());
        let (mut sources, files, problems, stale) = if exists {
            let gathered = gather(there)?;
            let sources = gathered.sources.clone();
            let files = gathered.read(&sources);
            let stale = differences(&ours, &rendered_ids, &sources, &files);
            let found: Vec<SourceId> = files.iter().map(|file| file.source).collect();
            let problems = gathered.problems(&files);
            drop(files);
            (sources, found, problems, stale)
        } else {
            let names: Vec<String> = there.iter().map(|path| shown(path)).collect();
            let stale = format!("{} is not there: the app was not rendered", names.join(", "));
            (ours.clone(), rendered_ids.clone(), Vec::new(), vec![stale])
        };
        let apps = facts::facts(app, &mut sources).into_iter().collect();
        let subject = format!("{}, namespace {}", app.plan.name, app.plan.namespace);
        let service = Some(app.plan.names.service.clone());
        let (stale, rendered) = (Some(stale), ours);
        let ids = files;
        Ok(Self { subject, sources, apps, service, stale, problems, ids, rendered, rendered_ids })
    }

    /// The objects of the app; `None` without one.
    pub(super) fn own(&self, model: &Model<'_>) -> Option<Own> {
        let service = self.service.as_deref()?;
        let read = |id: &SourceId| File::of(&self.rendered, *id, false);
        let rendered: Vec<File<'_>> = self.rendered_ids.iter().map(read).collect();
        Some(Own::of(Set::new(&rendered).objects.iter(), model, service))
    }

    /// The files, read.
    pub(super) fn read(&self) -> Vec<File<'_>> {
        read(&self.ids, &self.sources)
    }
}

/// Where the manifests of an app are.
fn manifests(
    args: &Args,
    app: &App,
    environment: &NamedEnvironment,
    repository: &Repository,
) -> Result<Vec<Utf8PathBuf>> {
    if !args.against.is_empty() {
        return present(&args.against);
    }
    let against = repository.against(app, environment)?;
    let out = || repository.within(&repository.out(app, environment), "--against");
    Ok(vec![against.map_or_else(out, Ok)?])
}

/// What differs between what an app renders and its files.
fn differences(
    ours: &Sources,
    ids: &[SourceId],
    sources: &Sources,
    files: &[File<'_>],
) -> Vec<String> {
    let rendered: Vec<File<'_>> = ids.iter().map(|id| File::of(ours, *id, false)).collect();
    let (ours, theirs) = (Set::new(&rendered), Set::new(files));
    let diffs = compare(&ours, &theirs);
    diffs.iter().flat_map(|diff| told(diff, sources)).collect()
}

fn told(diff: &ObjectDiff<'_>, sources: &Sources) -> Vec<String> {
    let object = diff.ours.map(|object| object.said()).unwrap_or_default();
    if diff.status == Status::Add {
        return vec![format!("{object} is not among them")];
    }
    let changes = diff.changes.iter().map(|change| {
        let place = change.there.map(|place| sources.locate(place.source, place.span));
        let old = change.old.as_deref().unwrap_or("nothing");
        let place = place.unwrap_or_default();
        // The values of environments are nobody's business.
        if change.path.split(['.', '[']).any(|key| key == "env") {
            return format!("{object} {}: in {place} not as rendered", change.path);
        }
        let new = change.new.as_deref().unwrap_or("nothing");
        format!("{object} {}: {old} in {place}, {new} rendered", change.path)
    });
    changes.collect()
}
