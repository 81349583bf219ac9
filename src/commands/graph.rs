//! `sioway graph`: the way of a request and the timeouts on it, drawn.

use camino::Utf8PathBuf;

use super::app::{AppLoader, Variant};
use super::repository::Repository;
use super::stop::Result;
use super::subject::{Subject, Targets, read};
use super::trace::nothing;
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
    #[command(flatten)]
    variant: Variant,
}

/// Draws all that was given.
pub fn run(args: &Args, console: Console) -> Result {
    let repository = Repository::discover()?;
    let Targets { apps, paths } = Targets::of(&args.targets, &repository);
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
    console.painted(|color| write(args.format, &all, color))?;
    Ok(status)
}

/// The sessions that files speak of, and whether all of them could be read.
fn of_paths(
    paths: &[Utf8PathBuf],
    args: &Args,
    repository: &Repository,
    console: Console,
) -> Result<(Vec<Picture>, ExitStatus)> {
    let subject = Subject::of_paths(paths, repository)?;
    console.diagnostics(&subject.sources, &subject.problems);
    let files = read(&subject.files, &subject.sources);
    let set = Set::new(&files);
    let options = Options { replicas: args.replicas, ..Options::default() };
    let found = pictures(&Model::new(&set, &subject.apps), &options);
    Ok((found, if subject.is_broken() { ExitStatus::Failure } else { ExitStatus::Success }))
}

/// Apps, as they are planned; what is wrong with one does not keep the others from being drawn.
fn of_apps(
    apps: &[String],
    args: &Args,
    repository: &Repository,
    all: &mut Vec<Picture>,
    console: Console,
) -> Result {
    let environments = repository.environments(args.variant.env.as_deref())?;
    let paths = repository.apps(apps)?;
    let loader = AppLoader::new(repository, &args.variant.overrides);
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
