//! `sioway render`: writes the manifests of apps.
//!
//! Two passes. The first loads every app and notes what it claims: its directory and
//! its objects. Two apps that claim the same are both refused, before anything is
//! written. The second renders what the first found to need it. Between the two only
//! the claims are kept, so memory does not grow with the apps' text.

mod claims;
mod comparison;
mod directory;
pub(super) mod lock;
mod orphans;
mod pass;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use self::claims::Claims;
use self::comparison::Policy;
use self::directory::Tree;
use self::pass::{Job, Mode, Outcome, Pass, Survey};
use super::app::{AppLoader, Overrides};
use super::repository::{NamedEnvironment, Repository};
use super::stop::{Result, Stop};
use super::template_files;
use crate::diagnostic::Diagnostic;
use crate::exit::ExitStatus;
use crate::render::{Renderer, Style};
use crate::report::{Console, Progress};
use crate::spec::Name;

/// Below this many jobs a pool of threads takes longer to start than it saves.
const WORTH_A_POOL: usize = 16;

/// Write the manifests of apps.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Apps by name, or by the path of their app.toml; all of the workspace where left out.
    apps: Vec<String>,
    /// Where to write: into DIR itself for one app, into DIR/{name} for several; `-` prints one YAML stream.
    #[arg(long, short, value_name = "DIR|-")]
    output: Option<Utf8PathBuf>,
    /// The environment to render for; all of them where left out.
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Write nothing; exit with 1 if anything would change.
    #[arg(long)]
    check: bool,
    /// Exit with 1 if anything was written or removed: for hooks, which fail where files change.
    #[arg(long, conflicts_with = "check")]
    fail_on_change: bool,
    /// Remove files that sioway wrote earlier and no longer renders.
    #[arg(long)]
    prune: bool,
    /// Overwrite files that were edited by hand, or that sioway did not write.
    #[arg(long)]
    force: bool,
    /// Use the templates in this directory over the embedded ones.
    #[arg(long, value_name = "DIR")]
    templates: Option<Utf8PathBuf>,
    #[command(flatten)]
    overrides: Overrides,
}

/// Renders all that is asked for.
pub fn run(args: &Args, console: Console) -> Result {
    let repository = Repository::discover()?;
    let environments = repository.environments(args.env.as_deref())?;
    let apps = repository.apps(&args.apps)?;
    if args.output.as_ref().is_some_and(|output| output.as_str().is_empty()) {
        return Err(Stop::call(Diagnostic::bare(
            "output",
            "`--output` names a directory, or `-` for one stream",
        )));
    }
    if args.output.is_some() && environments.len() > 1 {
        return Err(Stop::call(one_environment(&environments)));
    }
    let output = args.output.as_deref().map(|output| repository.absolute(output));
    let pass = Pass {
        tree: Tree::new(output.as_deref().unwrap_or(&repository.root))?,
        repository: &repository,
        loader: AppLoader::new(&repository, &args.overrides),
        renderer: Renderer::new(style(args, &repository)?),
        environments: &environments,
        output,
        several: apps.len() > 1,
        mode: mode(args),
        tell: mode(args) != Mode::Write || console.is_verbose(),
        policy: Policy { prune: args.prune, force: args.force },
    };
    let job = |environment| apps.iter().map(move |app| Job { app, environment });
    let jobs: Vec<Job<'_>> = (0..environments.len()).flat_map(job).collect();
    let streams = args.output.as_ref().is_some_and(|output| output == "-");
    if streams {
        return stream(&pass, &jobs, console);
    }
    let whole = args.apps.is_empty() && args.output.is_none() && args.env.is_none();
    write(&pass, &jobs, whole, console)
}

fn mode(args: &Args) -> Mode {
    match (args.check, args.fail_on_change) {
        (true, _) => Mode::Check,
        (false, true) => Mode::WriteAndFail,
        (false, false) => Mode::Write,
    }
}

fn style(args: &Args, repository: &Repository) -> Result<Style> {
    let workspace = &repository.workspace;
    let given = args.templates.as_ref().map(|templates| repository.absolute(templates));
    let configured =
        || workspace.templates.as_ref().map(|templates| repository.root.join(templates));
    Ok(Style {
        comments: workspace.comments,
        layout: workspace.layout,
        templates: match given.or_else(configured) {
            Some(directory) => template_files::read(&directory)?,
            None => crate::render::TemplateSet::default(),
        },
    })
}

/// Whether a directory holds exactly what was rendered.
pub(super) fn is_as_rendered(path: &Utf8Path, files: &[crate::render::File]) -> Result<bool> {
    Ok(path.is_dir() && comparison::Comparison::is_unchanged(path, files)?)
}

fn one_environment(environments: &[NamedEnvironment]) -> Diagnostic {
    let names: Vec<&str> =
        environments.iter().filter_map(|one| one.name.as_ref()).map(Name::as_str).collect();
    Diagnostic::bare("several-environments", "`--output` takes the manifests of one environment")
        .help(format!("add `--env` with one of {}", names.join(", ")))
}

/// All or nothing: whoever reads a stream would take a missing object for one to delete.
fn stream(pass: &Pass<'_>, jobs: &[Job<'_>], console: Console) -> Result {
    let surveys: Vec<Survey> = each("read", jobs.iter().collect(), |job| pass.survey(job));
    let clashes = Claims::of(&surveys).clashes(pass, jobs);
    let mut text = String::new();
    let mut status = ExitStatus::Success;
    for ((job, survey), clash) in jobs.iter().zip(surveys).zip(clashes) {
        let streamed = match (clash, survey) {
            (Some(stop), _) | (None, Survey::Failed(stop)) => Err(stop),
            (None, Survey::Unchanged(_) | Survey::Pending(_)) => pass.stream(job),
        };
        match streamed {
            Ok(part) => text.push_str(&part),
            Err(stop) => status = stop.report(console),
        }
    }
    if status == ExitStatus::Success {
        console.data(&text)?;
    }
    Ok(status)
}

fn write(pass: &Pass<'_>, jobs: &[Job<'_>], whole: bool, console: Console) -> Result {
    let surveys: Vec<Survey> = each("read", jobs.iter().collect(), |job| pass.survey(job));
    let claims = Claims::of(&surveys);
    // An app that could not be loaded may be the one that a directory belongs to.
    let whole = whole && !surveys.iter().any(|survey| matches!(survey, Survey::Failed(_)));
    let clashes = claims.clashes(pass, jobs);
    let work = jobs.iter().zip(surveys).zip(clashes).collect();
    let mut outcomes: Vec<Result<Outcome>> =
        each("rendered", work, |((job, survey), clash)| match (clash, survey) {
            (Some(clash), _) => Err(clash),
            (None, Survey::Failed(stop)) => Err(stop),
            (None, Survey::Unchanged(_)) => Ok(Outcome::default()),
            (None, Survey::Pending(_)) => pass.settle(job),
        });
    if whole {
        let orphans = orphans::find(&pass.repository.root, pass.environments, &claims)?;
        outcomes.extend(orphans.iter().map(|orphan| pass.settle_orphan(orphan)));
    }
    let statuses = outcomes.into_iter().map(|outcome| match outcome {
        Ok(outcome) => outcome.report(console),
        Err(stop) => Ok(stop.report(console)),
    });
    let statuses: Vec<ExitStatus> = statuses.collect::<Result<_>>()?;
    Ok(statuses.into_iter().max().unwrap_or(ExitStatus::Success))
}

/// In order, on all cores where there is enough to do.
fn each<T: Send, R: Send>(
    what: &'static str,
    items: Vec<T>,
    work: impl Fn(T) -> R + Sync + Send,
) -> Vec<R> {
    if items.len() < WORTH_A_POOL {
        return items.into_iter().map(work).collect();
    }
    let progress = Progress::new(what, items.len());
    let step = |item| {
        let result = work(item);
        progress.step();
        result
    };
    items.into_par_iter().map(step).collect()
}
