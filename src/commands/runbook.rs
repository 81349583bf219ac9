//! `sioway runbook`: what to do when sessions of an app break, with its own names in every command.

use camino::Utf8Path;

use super::app::{App, AppLoader, Variant};
use super::paths::shown;
use super::repository::{NamedEnvironment, Repository};
use super::stop::{Result, Stop};
use crate::diagnostic::Diagnostic;
use crate::exit::ExitStatus;
use crate::render::{ObjectId, Renderer};
use crate::report::{Console, runbook_markdown};
use crate::runbook::{Subject, runbook};

/// Write what to do when sessions of an app break, as Markdown, with its own names in every command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// An app by name or by its app.toml. The app of the workspace, or the current directory, where left out.
    app: Option<String>,
    #[command(flatten)]
    variant: Variant,
}

/// Prints the runbook.
pub fn run(args: &Args, console: Console) -> Result {
    let repository = Repository::discover()?;
    let asked: Vec<String> = args.app.iter().cloned().collect();
    let paths = repository.apps(&asked)?;
    let [path] = &paths[..] else {
        return Err(Stop::call(
            Diagnostic::bare("several-apps", format!("there are {} apps here", paths.len()))
                .help("name one: `sioway runbook NAME`"),
        ));
    };
    let environments = repository.environments(args.variant.env.as_deref())?;
    let [environment] = &environments[..] else {
        return Err(Stop::call(
            Diagnostic::bare("several-environments", "the app has several environments")
                .help("name one: `--env NAME`"),
        ));
    };
    let app = AppLoader::new(&repository, &args.variant.overrides).load(path, environment)?;
    let subject = subject(&app, path, environment, &repository);
    console.data(&runbook_markdown(&runbook(&subject)))?;
    Ok(ExitStatus::Success)
}

fn subject<'a>(
    app: &'a App,
    path: &Utf8Path,
    environment: &NamedEnvironment,
    repository: &Repository,
) -> Subject<'a> {
    let settings = &environment.environment;
    let manifests = match &settings.against {
        Some(against) => repository.root.join(against),
        None => repository.root.join(settings.out.expand(&app.plan.name, &app.plan.namespace)),
    };
    let object = |(file, object): (&'static str, ObjectId)| {
        // Hand-written files have names of their own.
        let is_ours = settings.against.is_none();
        let place = if is_ours { manifests.join(file) } else { manifests.clone() };
        [format!("{} {}", object.kind, object.name), shown(&place)]
    };
    let objects = Renderer::embedded(&app.plan).into_iter().map(object).collect();
    Subject {
        plan: &app.plan,
        port: crate::plan::derived::port(&app.spec),
        described: shown(path),
        manifests: shown(&manifests),
        is_rendered: settings.against.is_none(),
        environment: environment.name.as_ref().map(ToString::to_string),
        objects,
    }
}
