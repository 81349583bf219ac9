//! `sioway diff`: what differs between what an app renders to and what is there, and why it matters.

mod builds;
mod existing;
mod landed;
mod patch;
mod side;

use camino::Utf8PathBuf;
use rayon::prelude::*;

use self::existing::Existing;
use self::patch::{Patch, Wanted};
use self::side::{Wish, app_diff};
use super::app::{AppLoader, Overrides};
use super::render::is_as_rendered;
use super::repository::{NamedEnvironment, Repository};
use super::stop::Result;
use crate::exit::ExitStatus;
use crate::render::{Renderer, Style};
use crate::report::Console;
use crate::report::diff::{AppDiff, DiffReport};
use crate::spec::Name;

/// Compare what apps render to with existing manifests.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Apps by name, or by the path of their app.toml; all of the workspace where left out.
    apps: Vec<String>,
    /// The manifests to compare with: a file or a directory, or `-` for a stream such as `kubectl get -o yaml` prints;
    /// may be repeated. Where left out, what the workspace says, or the app's own output.
    #[arg(long, value_name = "PATH|-")]
    against: Vec<Utf8PathBuf>,
    /// The environment to compare; all of them where left out.
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// How to print what differs.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Tell also which fields are there and not compared.
    #[arg(long)]
    show_ignored: bool,
    /// Take the differences away: edit the files that are there, and nothing else in them.
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    overrides: Overrides,
}

/// How differences are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Format {
    /// One block an object, with the reasons, for people.
    #[default]
    Text,
    /// For scripts; `sioway schema diff` prints its schema.
    Json,
    /// For a comment on a pull request.
    Markdown,
    /// The smallest edits that take the differences away, as `git apply` takes them.
    Unified,
}

/// Compares every app that is asked for.
pub fn run(args: &Args, console: Console) -> Result {
    let repository = Repository::discover()?;
    let environments = repository.environments(args.env.as_deref())?;
    let apps = repository.apps(&args.apps)?;
    let loader = AppLoader::new(&repository, &args.overrides);
    let renderer =
        Renderer::new(Style { comments: repository.workspace.comments, ..Style::default() });
    let shared = Existing::of(&args.against)?;
    let comparison = Comparison { args, repository: &repository, loader, renderer, shared };
    let jobs: Vec<(&NamedEnvironment, &Utf8PathBuf)> = environments
        .iter()
        .flat_map(|environment| apps.iter().map(move |app| (environment, app)))
        .collect();
    let compared: Vec<Result<(AppDiff, Wanted)>> = if jobs.len() < 16 {
        jobs.iter().map(|job| comparison.compare(job)).collect()
    } else {
        jobs.par_iter().map(|job| comparison.compare(job)).collect()
    };
    let mut report = DiffReport {
        verbose: console.is_verbose(),
        show_ignored: args.show_ignored,
        ..DiffReport::default()
    };
    let (mut status, mut wanted) = (ExitStatus::Success, Vec::new());
    for one in compared {
        match one {
            Ok((app, edits)) => {
                report.apps.push(app);
                wanted.push(edits);
            }
            Err(stop) => status = stop.report(console),
        }
    }
    let patch = Patch::of(wanted);
    if args.write {
        return Ok(status.max(patch.write(console)?));
    }
    if args.format == Format::Unified {
        patch.tell_refused(console);
        console.data(&patch.unified())?;
    } else {
        print(args.format, &report, console)?;
    }
    let found = if report.has_differences() { ExitStatus::Findings } else { ExitStatus::Success };
    Ok(status.max(found))
}

fn print(format: Format, report: &DiffReport, console: Console) -> Result<()> {
    use std::io::IsTerminal;
    let text = match format {
        Format::Text => report.text(console.colors(std::io::stdout().is_terminal())),
        Format::Json => report.json(),
        Format::Markdown => report.markdown(),
        Format::Unified => String::new(),
    };
    Ok(console.data(&text)?)
}

/// What the comparisons of a run share.
struct Comparison<'a> {
    args: &'a Args,
    repository: &'a Repository,
    loader: AppLoader<'a>,
    renderer: Renderer,
    /// The manifests that were named, for all apps.
    shared: Option<Existing>,
}

impl Comparison<'_> {
    fn compare(
        &self,
        (environment, path): &(&NamedEnvironment, &Utf8PathBuf),
    ) -> Result<(AppDiff, Wanted)> {
        let app = self.loader.load(path, environment)?;
        let files = self.renderer.files(&app.plan, &self.repository.header(path))?;
        let name = environment.name.as_ref().map(Name::to_string);
        if let Some(shared) = &self.shared {
            return app_diff(&app, &files, shared, name, self.wish());
        }
        let expand = |pattern: &crate::spec::OutPattern| {
            self.repository.root.join(pattern.expand(&app.plan.name, &app.plan.namespace))
        };
        let own = expand(&environment.environment.out);
        let there = match &environment.environment.against {
            Some(against) => self.repository.root.join(against),
            None => own,
        };
        if environment.environment.against.is_none()
            && !self.args.show_ignored
            && is_as_rendered(&there, &files)?
        {
            let same = side::same(&app, &self.renderer, &files, &there, name);
            return Ok((same, Wanted::default()));
        }
        // What sioway rendered is compared as it is, whatever is built of it.
        let existing = match &environment.environment.against {
            Some(_) => Existing::of(std::slice::from_ref(&there))?.unwrap_or_default(),
            None if there.exists() => Existing::plain(std::slice::from_ref(&there))?,
            None => Existing::default(),
        };
        app_diff(&app, &files, &existing, name, self.wish())
    }

    fn wish(&self) -> Wish {
        let edits = self.args.write || self.args.format == Format::Unified;
        Wish { show_ignored: self.args.show_ignored, edits }
    }
}
