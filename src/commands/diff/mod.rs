//! `sioway diff`: what differs between what an app renders to and what is there, and why it matters.

mod additions;
mod builds;
mod existing;
mod grounds;
mod landed;
mod layout;
mod meets;
mod neighbours;
mod overlay;
mod part;
mod patch;
mod side;
mod strays;

use camino::{Utf8Path, Utf8PathBuf};

use self::existing::Existing;
use self::grounds::{Ground, Group, Near, Notes};
use self::layout::Layout;
use self::patch::{Patch, Wanted};
pub(super) use self::side::severity;
use self::side::{Wish, app_diff};
use super::app::{App, AppLoader, Overrides};
use super::interrupt;
use super::many::{all, each, each_of};
use super::outputs::{self, Output, write_all};
use super::paths::place_in_repository;
use super::pick::{Pick, PickArgs};
use super::render::is_as_rendered;
use super::repository::{NamedEnvironment, Repository};
use super::stop::{Result, Stop};
use super::streams::Stream;
use crate::diagnostic::{Diagnostic, Sources};
use crate::exit::ExitStatus;
use crate::render::{Renderer, Style};
use crate::report::diff::{AppDiff, DiffReport};
use crate::report::{Console, Report as _};
use crate::set::{File, Set};
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
    /// Also write what differs to a file, in a format of its own; may be repeated.
    #[arg(long, value_name = "FORMAT:FILE", conflicts_with = "write")]
    output: Vec<Output<Format>>,
    /// Tell also which fields are there and not compared.
    #[arg(long)]
    show_ignored: bool,
    /// Take the differences away: edit the files that are there, and nothing else in them.
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    pick: PickArgs,
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
    /// Annotations of GitHub Actions, the worst first.
    Github,
    /// The Code Quality report of GitLab.
    Gitlab,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JSON for reviewdog, with the edits as suggestions.
    Rdjson,
    /// One page that needs nothing else, for a browser.
    Html,
}

/// Compares every app that is asked for.
pub fn run(args: &Args, console: Console) -> Result {
    interrupt::listen()?;
    check(args)?;
    let repository = Repository::discover()?;
    let environments = repository.environments(args.env.as_deref())?;
    let apps = repository.apps(&args.apps)?;
    let loader = AppLoader::new(&repository, &args.overrides);
    let renderer =
        Renderer::new(Style { comments: repository.workspace.comments, ..Style::default() });
    let jobs: Vec<Job<'_>> = environments
        .iter()
        .flat_map(|environment| apps.iter().map(move |app| (environment, app)))
        .collect();
    let pick = Pick::new(&args.pick, &repository, None)?;
    let jobs = part::of(jobs, &pick, &repository, &loader, &args.against)?;
    let grounds = Ground::all(args, &repository, &loader, &jobs, console)?;
    let comparison = Comparison { args, repository: &repository, loader, renderer };
    let compared = comparison.all(&jobs, &grounds, console)?;
    let mut report = DiffReport {
        verbose: console.is_verbose(),
        show_ignored: args.show_ignored,
        place: place_in_repository(),
        ..DiffReport::default()
    };
    let (mut status, mut wanted) = (ExitStatus::Success, Vec::new());
    for one in compared {
        match one {
            Ok(compared) => {
                tell_notes(&compared.notes, console);
                report.apps.push(compared.app);
                wanted.push(compared.wanted);
            }
            Err(stop) => status = stop.report(console),
        }
    }
    comparison.drop_others(&mut report.apps, &jobs);
    let patch = Patch::of(wanted);
    for app in &mut report.apps {
        app.forget_repairs(|file| patch.changed.contains_key(file));
    }
    if args.write {
        return Ok(status.max(patch.write(console)?));
    }
    Ok(status.max(tell(args, &report, &patch, console)?))
}

fn tell_notes((sources, notes): &Notes, console: Console) {
    console.diagnostics(sources, notes);
}

/// Prints what differs, and says what that comes to.
fn tell(args: &Args, report: &DiffReport, patch: &Patch, console: Console) -> Result {
    if args.format == Format::Unified {
        patch.tell_refused(console);
        patch.tell_where(console);
    }
    let in_format = |format, color| text(format, report, patch, color);
    write_all(args.format, &args.output, in_format, console)?;
    // Whoever uploads SARIF reads it, not the status.
    let is_told = args.format != Format::Sarif && report.has_differences();
    Ok(if is_told { ExitStatus::Findings } else { ExitStatus::Success })
}

/// Refuses what cannot be done, before anything is read.
fn check(args: &Args) -> Result<()> {
    let stream = args.against.iter().find_map(|path| Stream::of(path));
    if let (true, Some(stream)) = (args.write, stream) {
        let message = format!("what comes from {stream} cannot be written");
        let problem = Diagnostic::bare("write-to-stdin", message);
        let help = "name the files that it was made of: `--against k8s`";
        return Err(Stop::call(problem.help(help)));
    }
    let missing = args.against.iter().find(|path| Stream::of(path).is_none() && !path.exists());
    if let Some(path) = missing {
        let problem = Diagnostic::bare("no-such-path", format!("there is no `{path}`"));
        let help = "`--against` takes files and directories that are there; make an empty one to add all to it";
        return Err(Stop::call(problem.help(help)));
    }
    let files: Vec<&Utf8Path> = args.against.iter().map(Utf8PathBuf::as_path).collect();
    outputs::check(&args.output, &files)
}

impl Format {
    /// Whether the report names files and lines, and has no need of the texts that they are in.
    fn names_places_alone(self) -> bool {
        matches!(self, Self::Text | Self::Json | Self::Markdown | Self::Unified)
    }

    /// Whether the report has the edits themselves: those that `--write` writes, and no others.
    fn brings_edits(self) -> bool {
        matches!(self, Self::Unified | Self::Sarif | Self::Rdjson)
    }
}

/// The report in a format.
fn text(format: Format, report: &DiffReport, patch: &Patch, color: bool) -> String {
    match format {
        Format::Text => report.text(color),
        Format::Json => report.json(),
        Format::Markdown => report.markdown(),
        Format::Unified => patch.unified(),
        Format::Github => report.github(),
        Format::Gitlab => report.gitlab(),
        Format::Sarif => report.sarif(),
        Format::Rdjson => report.rdjson(),
        Format::Html => report.html(),
    }
}

/// What the comparisons of a run share.
struct Comparison<'a> {
    args: &'a Args,
    repository: &'a Repository,
    loader: AppLoader<'a>,
    renderer: Renderer,
}

/// An app in an environment.
type Job<'a> = (&'a NamedEnvironment, &'a Utf8PathBuf);

/// What came of a comparison.
struct Compared {
    app: AppDiff,
    wanted: Wanted,
    /// What is said besides of what is there.
    notes: Notes,
}

/// The manifests that an app is compared with.
type Theirs<'t> = (&'t Existing, &'t Set<'t>);

impl Comparison<'_> {
    /// Compares all, with what several of them share and each with its own.
    fn all(
        &self,
        jobs: &[Job<'_>],
        grounds: &[Ground],
        console: Console,
    ) -> Result<Vec<Result<Compared>>> {
        let near = if grounds.is_empty() {
            jobs.iter().map(|_| Ok(None)).collect()
        } else {
            each("looked for", jobs.iter().collect(), |job| self.near(job, grounds))?
        };
        let mut compared = Vec::with_capacity(jobs.len());
        let mut known = Vec::with_capacity(jobs.len());
        for (job, near) in near.into_iter().enumerate() {
            match near {
                Ok(near) => known.push((job, near)),
                Err(stop) => compared.push((job, Err(stop))),
            }
        }
        let groups = Group::all(known, grounds);
        let compare = |group: &Group<'_>| {
            group.with(self.args.write, |theirs| {
                let compare = |job: &usize| (*job, self.compare(&jobs[*job], theirs));
                all(group.jobs.iter().collect(), compare)
            })
        };
        let size = |group: &&Group<'_>| group.jobs.len();
        for group in each_of("compared", groups.iter().collect(), size, compare)? {
            let (of_group, notes) = group?;
            tell_notes(&notes, console);
            compared.extend(of_group?);
        }
        compared.sort_by_key(|(job, _)| *job);
        Ok(compared.into_iter().map(|(_, one)| one).collect())
    }

    /// What an app has to do with, of what several share.
    fn near(&self, (environment, path): &Job<'_>, grounds: &[Ground]) -> Result<Option<Near>> {
        let app = self.loader.load(path, environment)?;
        let there = self.there(&app, environment)?;
        let Some(ground) = grounds.iter().position(|ground| ground.is_at(&there)) else {
            return Ok(None);
        };
        let files = self.renderer.files(&app.plan, &self.repository.header(path))?;
        let mut sources = Sources::default();
        let ids: Vec<_> = files.iter().map(|file| sources.add(&*file.name, &*file.text)).collect();
        let files: Vec<File<'_>> = ids.iter().map(|id| File::of(&sources, *id, false)).collect();
        Ok(Some((ground, grounds[ground].near(&Set::new(&files)))))
    }

    /// Where the manifests of an app are, unless the call says it.
    fn there(&self, app: &App, environment: &NamedEnvironment) -> Result<Utf8PathBuf> {
        let out = self.repository.out(app, environment);
        if !self.args.against.is_empty() {
            return Ok(out);
        }
        match self.repository.against(app, environment)? {
            Some(against) => Ok(against),
            None => self.repository.within(&out, "--against"),
        }
    }

    fn compare(&self, job: &Job<'_>, theirs: Option<Theirs<'_>>) -> Result<Compared> {
        let mut compared = self.compare_whole(job, theirs)?;
        if !self.wish().texts {
            compared.app.forget_texts();
        }
        Ok(compared)
    }

    fn compare_whole(
        &self,
        (environment, path): &Job<'_>,
        theirs: Option<Theirs<'_>>,
    ) -> Result<Compared> {
        let app = self.loader.load(path, environment)?;
        let files = self.renderer.files(&app.plan, &self.repository.header(path))?;
        let name = environment.name.as_ref().map(Name::to_string);
        let there = self.there(&app, environment)?;
        if self.args.against.is_empty()
            && environment.environment.against.is_none()
            && !self.args.show_ignored
            && is_as_rendered(&there, &files)?
        {
            let same = side::same(&app, &self.renderer, &files, &there, name);
            return Ok(Compared::from((same, Wanted::default())));
        }
        if let Some(theirs) = theirs {
            return app_diff(&app, &files, theirs, name, self.wish()).map(Compared::from);
        }
        // What sioway rendered is compared as it is, whatever is built of it.
        let existing = match &environment.environment.against {
            Some(_) => Layout::of(std::slice::from_ref(&there))?.unwrap_or_default().whole()?,
            None if there.exists() => Existing::plain(std::slice::from_ref(&there))?,
            None => Existing::absent(&there),
        };
        if self.args.write {
            existing.sweep();
        }
        let theirs = existing.files();
        let notes = existing.check(&theirs)?;
        let theirs = (&existing, &Set::new(&theirs));
        let compared = Compared::from(app_diff(&app, &files, theirs, name, self.wish())?);
        Ok(Compared { notes: (existing.sources_of(&notes), notes), ..compared })
    }

    fn wish(&self) -> Wish {
        let formats = self.args.output.iter().map(|output| output.format);
        let mut formats: Vec<Format> = formats.chain([self.args.format]).collect();
        let edits = formats.iter().any(|format| format.brings_edits());
        formats.retain(|format| !format.names_places_alone());
        Wish {
            show_ignored: self.args.show_ignored,
            edits: self.args.write || edits,
            texts: !formats.is_empty(),
        }
    }
}

impl From<(AppDiff, Wanted)> for Compared {
    fn from((app, wanted): (AppDiff, Wanted)) -> Self {
        Self { app, wanted, notes: Default::default() }
    }
}
