//! `sioway trace`: the Socket.IO exchange that an app or manifests will produce, predicted hop by hop.

use camino::{Utf8Path, Utf8PathBuf};

use super::app::{AppLoader, Variant};
use super::repository::{NamedEnvironment, Repository};
use super::stop::{Result, Stop};
use super::subject::{InMemory, Subject, Targets, read};
use crate::diagnostic::{Diagnostic, SourceId, Sources};
use crate::exit::ExitStatus;
use crate::path::{AppFacts, Model};
use crate::report::trace::TraceReport;
use crate::report::{Console, Format};
use crate::set::Set;
use crate::trace::{Options, Trace, trace};

/// Predict the Socket.IO exchange that an app or manifests will produce, hop by hop.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Apps by name or by their app.toml, which are rendered in memory; or files and directories with manifests and
    /// nginx configurations, `-` for stdin. All apps of the workspace, or the current directory, where left out.
    #[arg(value_name = "APP|PATH")]
    targets: Vec<String>,
    /// The host that browsers ask for.
    #[arg(long)]
    host: Option<String>,
    /// The path that browsers ask for, such as `/socket.io/`.
    #[arg(long, value_parser = url_path)]
    path: Option<String>,
    /// Reckon with this many pods.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    replicas: Option<u32>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    variant: Variant,
}

fn url_path(text: &str) -> std::result::Result<String, String> {
    if !text.starts_with('/') {
        return Err("a path begins with `/`".to_owned());
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?' && byte != b'#') {
        return Err("a path holds no spaces, no `?` and no `#`".to_owned());
    }
    // The client adds the slash, unless `addTrailingSlash` is off.
    Ok(if text.ends_with('/') { text.to_owned() } else { format!("{text}/") })
}

/// Traces all that was given.
pub fn run(args: &Args, console: Console) -> Result {
    let repository = Repository::discover()?;
    let Targets { apps, paths } = Targets::of(&args.targets, &repository);
    let mut all = All::default();
    let mut status = ExitStatus::Success;
    if let Some(paths) = paths {
        status = status.max(all.add_paths(&paths, args, &repository, console)?);
    }
    if let Some(apps) = apps {
        status = status.max(all.add_apps(&apps, args, &repository, console)?);
    }
    let traces: Vec<Trace> = all.jobs.iter().flat_map(|job| job.run(&all.sources)).collect();
    if traces.is_empty() && status == ExitStatus::Success {
        return Err(nothing());
    }
    let report =
        TraceReport { sources: &all.sources, traces: &traces, verbose: console.is_verbose() };
    console.painted(|color| args.format.write(&report, color))?;
    let predicted =
        if report.predicts_a_fault() { ExitStatus::Findings } else { ExitStatus::Success };
    Ok(status.max(predicted))
}

pub(super) fn nothing() -> Stop {
    let problem = Diagnostic::bare(
        "no-session",
        "nothing here speaks of Socket.IO, so there is no session to trace",
    );
    Stop::call(problem.help("name its path: `--path /socket.io/`; or mark it in the files: `# sioway: socketio path=/socket.io/`"))
}

/// What there is to trace, and the texts behind it.
#[derive(Default)]
struct All {
    sources: Sources,
    jobs: Vec<Job>,
}

/// Files that belong together.
struct Job {
    files: Vec<SourceId>,
    apps: Vec<AppFacts>,
    options: Options,
}

impl Job {
    fn run(&self, sources: &Sources) -> Vec<Trace> {
        let files = read(&self.files, sources);
        let set = Set::new(&files);
        trace(&Model::new(&set, &self.apps), &self.options)
    }
}

impl All {
    /// Files as they are.
    fn add_paths(
        &mut self,
        paths: &[Utf8PathBuf],
        args: &Args,
        repository: &Repository,
        console: Console,
    ) -> Result {
        let subject = Subject::of_paths(paths, repository)?;
        console.diagnostics(&subject.sources, &subject.problems);
        let broken = subject.is_broken();
        self.sources = subject.sources;
        self.jobs.push(Job { files: subject.files, apps: subject.apps, options: options(args) });
        Ok(if broken { ExitStatus::Failure } else { ExitStatus::Success })
    }

    /// Apps, rendered.
    fn add_apps(
        &mut self,
        apps: &[String],
        args: &Args,
        repository: &Repository,
        console: Console,
    ) -> Result {
        let environments = repository.environments(args.variant.env.as_deref())?;
        let paths = repository.apps(apps)?;
        let loader = AppLoader::new(repository, &args.variant.overrides);
        let mut status = ExitStatus::Success;
        for environment in &environments {
            for path in &paths {
                let added = self.add_app(path, environment, &loader, args, repository);
                if let Err(stop) = added {
                    status = stop.report(console);
                }
            }
        }
        Ok(status)
    }

    fn add_app(
        &mut self,
        path: &Utf8Path,
        environment: &NamedEnvironment,
        loader: &AppLoader<'_>,
        args: &Args,
        repository: &Repository,
    ) -> Result<()> {
        let app = loader.load(path, environment)?;
        let made = InMemory::of(&app, path, environment, repository, &mut self.sources)?;
        let mut options = options(args);
        options.replicas = options.replicas.or(made.replicas);
        options.without_nginx = made.without_nginx;
        self.jobs.push(Job { files: made.files, apps: made.apps, options });
        Ok(())
    }
}

fn options(args: &Args) -> Options {
    Options {
        host: args.host.clone(),
        path: args.path.clone(),
        replicas: args.replicas,
        ..Options::default()
    }
}
