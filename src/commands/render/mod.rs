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

use std::collections::HashSet;

use camino::{Utf8Path, Utf8PathBuf};

use self::claims::Claims;
use self::comparison::Policy;
use self::directory::Tree;
use self::pass::{Job, Mode, Outcome, Pass, Survey};
use super::app::{AppLoader, Overrides};
use super::interrupt;
use super::many::each;
use super::pick::{Pick, PickArgs};
use super::repository::{NamedEnvironment, Repository};
use super::stop::{Result, Stop};
use super::template_files;
use crate::diagnostic::Diagnostic;
use crate::exit::ExitStatus;
use crate::render::{Renderer, Style};
use crate::report::Console;
use crate::spec::Name;

/// Of how many apps a stream is held in memory.
const AT_A_TIME: usize = 256;

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
    pick: PickArgs,
    #[command(flatten)]
    overrides: Overrides,
}

/// Renders all that is asked for.
pub fn run(args: &Args, console: Console) -> Result {
    interrupt::listen()?;
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
    let streams = args.output.as_ref().is_some_and(|output| output == "-");
    if streams && args.pick.are_given() {
        return Err(Stop::call(part_of_a_stream()));
    }
    let output = args.output.as_deref().map(|output| repository.absolute(output));
    let templates = templates(args, &repository)?;
    let pass = Pass {
        tree: Tree::new(output.as_deref().unwrap_or(&repository.root))?,
        pick: Pick::new(&args.pick, &repository, templates.as_deref())?,
        repository: &repository,
        loader: AppLoader::new(&repository, &args.overrides),
        renderer: Renderer::new(style(templates.as_deref(), &repository)?),
        environments: &environments,
        output,
        several: apps.len() > 1,
        mode: mode(args),
        tell: mode(args) != Mode::Write || console.is_verbose(),
        policy: Policy { prune: args.prune, force: args.force },
    };
    let job = |environment| apps.iter().map(move |app| Job { app, environment });
    let jobs: Vec<Job<'_>> = (0..environments.len()).flat_map(job).collect();
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

/// The directory of the user's own templates.
fn templates(args: &Args, repository: &Repository) -> Result<Option<Utf8PathBuf>> {
    if let Some(given) = &args.templates {
        return Ok(Some(repository.absolute(given)));
    }
    let configured = repository.workspace.templates.as_ref();
    let within = |path: &String| repository.within(Utf8Path::new(path), "--templates");
    configured.map(within).transpose()
}

fn style(templates: Option<&Utf8Path>, repository: &Repository) -> Result<Style> {
    let workspace = &repository.workspace;
    Ok(Style {
        comments: workspace.comments,
        layout: workspace.layout,
        templates: match templates {
            Some(directory) => template_files::read(directory)?,
            None => crate::render::TemplateSet::default(),
        },
    })
}

/// Whether a directory holds exactly what was rendered.
pub(super) fn is_as_rendered(path: &Utf8Path, files: &[crate::render::File]) -> Result<bool> {
    Ok(path.is_dir() && comparison::Comparison::is_unchanged(path, files)?)
}

fn part_of_a_stream() -> Diagnostic {
    let message =
        "`--changed-since` and `--shard` print no stream: who reads it would miss the rest";
    Diagnostic::bare("part-of-a-stream", message)
        .help("write into a directory, or print all: `sioway render -o -`")
}

fn one_environment(environments: &[NamedEnvironment]) -> Diagnostic {
    let names: Vec<&str> =
        environments.iter().filter_map(|one| one.name.as_ref()).map(Name::as_str).collect();
    Diagnostic::bare("several-environments", "`--output` takes the manifests of one environment")
        .help(format!("add `--env` with one of {}", names.join(", ")))
}

/// All or nothing: whoever reads a stream would take a missing object for one to delete.
fn stream(pass: &Pass<'_>, jobs: &[Job<'_>], console: Console) -> Result {
    let surveys = each("read", jobs.iter().collect(), |job| pass.preview(job))?;
    let clashes = Claims::of(&surveys).clashes(pass, jobs);
    let mut digests = Vec::with_capacity(jobs.len());
    let mut status = ExitStatus::Success;
    for (survey, clash) in surveys.into_iter().zip(clashes) {
        match (clash, survey) {
            (Some(stop), _) | (None, Survey::Failed(stop)) => status = stop.report(console),
            (None, survey) => digests.push(survey.digest()),
        }
    }
    if status == ExitStatus::Success {
        print(pass, jobs, &digests, console)?;
    }
    Ok(status)
}

/// Prints what was rendered once already: all of it may be more than fits into the memory.
fn print(pass: &Pass<'_>, jobs: &[Job<'_>], digests: &[u64], console: Console) -> Result<()> {
    for (jobs, digests) in jobs.chunks(AT_A_TIME).zip(digests.chunks(AT_A_TIME)) {
        let known = jobs.iter().zip(digests).collect();
        let texts = each("rendered", known, |(job, digest)| pass.stream(job, *digest))?;
        let texts: Vec<String> = texts.into_iter().collect::<Result<_>>()?;
        console.data(&texts.concat())?;
    }
    Ok(())
}

fn write(pass: &Pass<'_>, jobs: &[Job<'_>], whole: bool, console: Console) -> Result {
    let surveys = each("read", jobs.iter().collect(), |job| pass.survey(job))?;
    let claims = Claims::of(&surveys);
    // An app that could not be loaded may be the one that a directory belongs to.
    let whole = whole && surveys.iter().all(Survey::is_loaded) && pass.pick.may_leave_directories();
    let clashes = claims.clashes(pass, jobs);
    let work = jobs.iter().zip(surveys).zip(clashes).collect();
    let mut outcomes: Vec<Result<Outcome>> =
        each("rendered", work, |((job, survey), clash)| match (clash, survey) {
            (_, Survey::Elsewhere(_)) | (None, Survey::Unchanged(_)) => Ok(Outcome::default()),
            (Some(clash), _) => Err(clash),
            (None, Survey::Failed(stop)) => Err(stop),
            (None, Survey::Pending(_) | Survey::Previewed(..)) => pass.settle(job),
        })?;
    if whole {
        let mut orphans = orphans::find(&pass.repository.root, pass.environments, &claims)?;
        orphans.retain(|orphan| pass.pick.shares(orphan));
        outcomes.extend(each("removed", orphans, |orphan| pass.settle_orphan(&orphan))?);
    }
    let mut told = HashSet::new();
    let statuses = outcomes.into_iter().map(|outcome| match outcome {
        Ok(outcome) => outcome.report(console),
        // What is wrong with an app may be so in every environment.
        Err(stop) if stop.said().is_some_and(|said| !told.insert(said)) => Ok(ExitStatus::Failure),
        Err(stop) => Ok(stop.report(console)),
    });
    let statuses: Vec<ExitStatus> = statuses.collect::<Result<_>>()?;
    Ok(statuses.into_iter().max().unwrap_or(ExitStatus::Success))
}
