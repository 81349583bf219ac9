//! `sioway trace`: the Socket.IO exchange that an app or manifests will produce, predicted hop by hop.

use std::io::IsTerminal;

use camino::{Utf8Path, Utf8PathBuf};

use super::app::{AppLoader, Overrides, is_app};
use super::lint::facts;
use super::lint::gather::gather;
use super::paths::shown;
use super::repository::{NamedEnvironment, Repository};
use super::stop::{Result, Stop};
use crate::diagnostic::{Diagnostic, Severity, SourceId, Sources};
use crate::exit::ExitStatus;
use crate::path::{AppFacts, Model};
use crate::render::{Renderer, Style};
use crate::report::Console;
use crate::report::trace::TraceReport;
use crate::set::{File, Set};
use crate::spec::Replicas;
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
    /// The environment to render apps for; all of them where left out.
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    #[command(flatten)]
    overrides: Overrides,
}

/// How a trace is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Format {
    /// One headline a step with its outcome, and the hops below it, for people.
    #[default]
    Text,
    /// For scripts; `sioway schema trace` prints its schema.
    Json,
    /// For a comment on a pull request.
    Markdown,
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
    let (apps, paths) = targets(&args.targets, &repository);
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
    console.data(&match args.format {
        Format::Text => report.text(console.colors(std::io::stdout().is_terminal())),
        Format::Json => report.json(),
        Format::Markdown => report.markdown(),
    })?;
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

/// The apps and the paths among the targets; `None` where there are none of the kind.
pub(super) fn targets(
    targets: &[String],
    repository: &Repository,
) -> (Option<Vec<String>>, Option<Vec<Utf8PathBuf>>) {
    if targets.is_empty() {
        let has_apps = repository.found || Utf8Path::new("app.toml").is_file();
        return (has_apps.then(Vec::new), (!has_apps).then(Vec::new));
    }
    let (apps, paths): (Vec<&String>, Vec<&String>) =
        targets.iter().partition(|target| is_app(target));
    let apps: Vec<String> = apps.into_iter().cloned().collect();
    let paths: Vec<Utf8PathBuf> = paths.into_iter().map(Utf8PathBuf::from).collect();
    ((!apps.is_empty()).then_some(apps), (!paths.is_empty()).then_some(paths))
}

/// What there is to trace, and the texts behind it.
#[derive(Default)]
struct All {
    sources: Sources,
    jobs: Vec<Job>,
}

/// Files that belong together.
struct Job {
    files: Vec<(SourceId, bool)>,
    apps: Vec<AppFacts>,
    options: Options,
}

impl Job {
    fn run(&self, sources: &Sources) -> Vec<Trace> {
        let read = |(source, asked): &(SourceId, bool)| File::of(sources, *source, *asked);
        let files: Vec<File<'_>> = self.files.iter().map(read).collect();
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
        let gathered = gather(paths)?;
        let (sources, apps) = facts::apps(repository, gathered.sources.clone())?;
        let files = gathered.read(&sources);
        let mut problems = gathered.problems(&files);
        problems.extend(apps.problems);
        let broken = problems.iter().any(|problem| problem.severity == Severity::Error);
        console.diagnostics(&sources, &problems);
        let files = files.iter().map(|file| (file.source, true)).collect();
        self.sources = sources;
        self.jobs.push(Job { files, apps: apps.facts, options: options(args) });
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
        let environments = repository.environments(args.env.as_deref())?;
        let paths = repository.apps(apps)?;
        let loader = AppLoader::new(repository, &args.overrides);
        let renderer =
            Renderer::new(Style { comments: repository.workspace.comments, ..Style::default() });
        let mut status = ExitStatus::Success;
        for environment in &environments {
            for path in &paths {
                let added = self.add_app(path, environment, &loader, &renderer, args, repository);
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
        renderer: &Renderer,
        args: &Args,
        repository: &Repository,
    ) -> Result<()> {
        let app = loader.load(path, environment)?;
        let out = environment.environment.out.expand(&app.plan.name, &app.plan.namespace);
        let out = repository.root.join(out);
        let mut files = Vec::new();
        for file in renderer.files(&app.plan, &repository.header(path))? {
            let name = shown(&out.join(&file.name));
            files.push((self.sources.add(name, file.text), true));
        }
        let mut options = options(args);
        if app.plan.workload.is_none() {
            options.replicas = options.replicas.or(app.spec.replicas.map(Replicas::get));
        }
        options.without_nginx = app.plan.nginx.is_none();
        let apps = facts::facts(&app, &mut self.sources).into_iter().collect();
        self.jobs.push(Job { files, apps, options });
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
