//! `sioway graph`: the way of a request and the timeouts on it, drawn.

use std::io::IsTerminal;

use camino::Utf8PathBuf;

use super::app::{AppLoader, Overrides};
use super::lint::facts;
use super::lint::gather::gather;
use super::repository::Repository;
use super::stop::Result;
use super::trace::{nothing, targets};
use crate::diagnostic::Severity;
use crate::exit::ExitStatus;
use crate::path::Model;
use crate::picture::{Picture, planned};
use crate::report::Console;
use crate::report::picture::{Format, write};
use crate::set::Set;
use crate::trace::{Options, pictures};

/// Draw the way of a request and the timeouts on it, of an app or of manifests.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Apps by name or by their app.toml; or files and directories with manifests and nginx configurations, `-` for
    /// stdin, where what breaks sessions is marked. All apps of the workspace, or the current directory, where left out.
    #[arg(value_name = "APP|PATH")]
    targets: Vec<String>,
    /// How to draw it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Of manifests: reckon with this many pods.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    replicas: Option<u32>,
    /// The environment of the apps; all of them where left out.
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    #[command(flatten)]
    overrides: Overrides,
}

/// Draws all that was given.
pub fn run(args: &Args, console: Console) -> Result {
    let repository = Repository::discover()?;
    let (apps, paths) = targets(&args.targets, &repository);
    let (mut all, mut status) = (Vec::new(), ExitStatus::Success);
    if let Some(paths) = paths {
        let (found, read) = of_paths(&paths, args, &repository, console)?;
        all.extend(found);
        status = status.max(read);
    }
    if let Some(apps) = apps {
        status = status.max(of_apps(&apps, args, &repository, &mut all, console)?);
    }
    if all.is_empty() && status == ExitStatus::Success {
        return Err(nothing());
    }
    let color = console.colors(std::io::stdout().is_terminal());
    console.data(&write(args.format, &all, color))?;
    Ok(status)
}

/// The sessions that files speak of, and whether all of them could be read.
fn of_paths(
    paths: &[Utf8PathBuf],
    args: &Args,
    repository: &Repository,
    console: Console,
) -> Result<(Vec<Picture>, ExitStatus)> {
    let gathered = gather(paths)?;
    let (sources, apps) = facts::apps(repository, gathered.sources.clone())?;
    let files = gathered.read(&sources);
    let mut problems = gathered.problems(&files);
    problems.extend(apps.problems);
    console.diagnostics(&sources, &problems);
    let set = Set::new(&files);
    let options = Options { replicas: args.replicas, ..Options::default() };
    let found = pictures(&Model::new(&set, &apps.facts), &options);
    let broken = problems.iter().any(|problem| problem.severity == Severity::Error);
    Ok((found, if broken { ExitStatus::Failure } else { ExitStatus::Success }))
}

/// Apps, as they are planned; what is wrong with one does not keep the others from being drawn.
fn of_apps(
    apps: &[String],
    args: &Args,
    repository: &Repository,
    all: &mut Vec<Picture>,
    console: Console,
) -> Result {
    let environments = repository.environments(args.env.as_deref())?;
    let paths = repository.apps(apps)?;
    let loader = AppLoader::new(repository, &args.overrides);
    let mut status = ExitStatus::Success;
    for environment in &environments {
        for path in &paths {
            match loader.load(path, environment) {
                Ok(app) => {
                    let mut picture = planned(&app.plan);
                    if let Some(name) = &environment.name {
                        picture.title = format!("{}, {name}", picture.title);
                    }
                    all.push(picture);
                }
                Err(stop) => status = status.max(stop.report(console)),
            }
        }
    }
    Ok(status)
}
