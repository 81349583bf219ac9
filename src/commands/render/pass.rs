//! What is done with one app in one environment.

use camino::{Utf8Path, Utf8PathBuf};

use super::claims::{Claim, claims_of};
use super::comparison::{Comparison, Policy, Verdict};
use super::directory::{Directory, Tree};
use crate::commands::app::{App, AppLoader};
use crate::commands::paths::shown;
use crate::commands::repository::{NamedEnvironment, Repository};
use crate::commands::stop::{Result, Stop};
use crate::diagnostic::{Diagnostic, Severity, Sources};
use crate::exit::ExitStatus;
use crate::render::{File, ObjectId, Renderer};
use crate::report::Console;

/// One app in one environment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job<'a> {
    /// The app's file.
    pub(super) app: &'a Utf8Path,
    /// Which of the environments.
    pub(super) environment: usize,
}

/// What is done about what differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    /// It is written.
    #[default]
    Write,
    /// It is written, and is a finding.
    WriteAndFail,
    /// It is a finding, and nothing is written.
    Check,
}

/// All that the jobs of a run share.
pub(super) struct Pass<'a> {
    pub(super) repository: &'a Repository,
    pub(super) loader: AppLoader<'a>,
    pub(super) renderer: Renderer,
    pub(super) environments: &'a [NamedEnvironment],
    pub(super) output: Option<Utf8PathBuf>,
    pub(super) tree: Tree,
    pub(super) several: bool,
    pub(super) mode: Mode,
    /// Whether the user is told of each file that is written.
    pub(super) tell: bool,
    pub(super) policy: Policy,
}

/// What the first pass knows of a job.
pub(super) enum Survey {
    /// It cannot be done.
    Failed(Stop),
    /// Everything is as it would be written.
    Unchanged(Vec<Claim>),
    /// There may be something to write.
    Pending(Vec<Claim>),
}

/// What the second pass did.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// What was written, or with `--check` would be.
    done: Vec<String>,
    /// What was left alone, and why.
    findings: Vec<Diagnostic>,
    mode: Mode,
}

impl Pass<'_> {
    /// Loads an app, notes its claims, and sees whether there is anything to do.
    pub(super) fn survey(&self, job: &Job<'_>) -> Survey {
        self.try_survey(job).unwrap_or_else(Survey::Failed)
    }

    fn try_survey(&self, job: &Job<'_>) -> Result<Survey> {
        let app = self.load(job)?;
        let path = self.directory(job, &app);
        let claims = claims_of(&path, self.objects(job, &app)?, job.environment);
        if !path.is_dir() {
            return Ok(Survey::Pending(claims));
        }
        let unchanged = Comparison::is_unchanged(&path, &self.files(job, &app)?)?;
        Ok(if unchanged { Survey::Unchanged(claims) } else { Survey::Pending(claims) })
    }

    fn files(&self, job: &Job<'_>, app: &App) -> Result<Vec<File>> {
        Ok(self.renderer.files(&app.plan, &self.repository.header(job.app))?)
    }

    /// The objects of an app, for which those of the user's own templates must be rendered.
    pub(super) fn objects(&self, job: &Job<'_>, app: &App) -> Result<Vec<ObjectId>> {
        let own = self.renderer.has_own_templates();
        let files = if own { self.files(job, app)? } else { Vec::new() };
        Ok(self.renderer.objects(&app.plan, &files)?)
    }

    /// Renders an app and writes what differs, or says what would be written.
    pub(super) fn settle(&self, job: &Job<'_>) -> Result<Outcome> {
        let app = self.load(job)?;
        let files = self.files(job, &app)?;
        let path = self.directory(job, &app);
        let directory = Directory::open(&path, &self.tree)?;
        let comparison = if directory.is_new() {
            Comparison::of_nothing(files)
        } else {
            Comparison::new(&path, files, self.policy)?
        };
        if self.mode != Mode::Check {
            directory.write(&comparison)?;
        }
        Ok(self.outcome(&path, &comparison))
    }

    /// Removes what is left of an app that is gone, or says that it is there.
    pub(super) fn settle_orphan(&self, path: &Utf8Path) -> Result<Outcome> {
        let directory = Directory::open(path, &self.tree)?;
        let comparison = Comparison::of_orphan(path, self.policy)?;
        if self.policy.prune && self.mode != Mode::Check {
            directory.remove(&comparison)?;
        }
        if self.policy.prune {
            return Ok(self.outcome(path, &comparison));
        }
        let message = format!("no app is rendered into `{}` any more", shown(path));
        let problem = Diagnostic::bare("stale-directory", message)
            .help("`--prune` removes what sioway wrote there");
        Ok(Outcome {
            findings: vec![Diagnostic { severity: Severity::Info, ..problem }],
            ..Outcome::default()
        })
    }

    fn outcome(&self, path: &Utf8Path, comparison: &Comparison) -> Outcome {
        let shown = |name: &str| shown(&path.join(name));
        let told = comparison.verdicts().filter(|(_, verdict)| self.tell && verdict.is_work());
        Outcome {
            done: told
                .map(|(name, verdict)| format!("{} {}", verdict.word(), shown(name)))
                .collect(),
            findings: comparison
                .verdicts()
                .filter_map(|(name, verdict)| finding(verdict, || shown(name)))
                .collect(),
            mode: self.mode,
        }
    }

    /// All of an app as one stream.
    pub(super) fn stream(&self, job: &Job<'_>) -> Result<String> {
        let app = self.load(job)?;
        Ok(self.renderer.stream(&app.plan, &self.repository.header(job.app))?)
    }

    /// Loads the app of a job.
    pub(super) fn load(&self, job: &Job<'_>) -> Result<App> {
        self.loader.load(job.app, &self.environments[job.environment])
    }

    /// The directory that an app is rendered into.
    pub(super) fn directory(&self, job: &Job<'_>, app: &App) -> Utf8PathBuf {
        let plan = &app.plan;
        match &self.output {
            Some(output) if self.several => output.join(plan.name.as_str()),
            Some(output) => output.clone(),
            None => {
                let out = &self.environments[job.environment].environment.out;
                self.repository.root.join(out.expand(&plan.name, &plan.namespace))
            }
        }
    }
}

impl Survey {
    /// What the app claims, if it could be loaded.
    pub(super) fn claims(&self) -> &[Claim] {
        match self {
            Self::Failed(_) => &[],
            Self::Unchanged(claims) | Self::Pending(claims) => claims,
        }
    }
}

fn finding(verdict: Verdict, shown: impl Fn() -> String) -> Option<Diagnostic> {
    let (id, severity, what, help) = match verdict {
        Verdict::EditedByHand => (
            "edited-by-hand",
            Severity::Warning,
            "was edited since sioway wrote it, and is left alone",
            "bring the change into app.toml, then overwrite the file with `--force`",
        ),
        Verdict::Foreign => (
            "not-rendered-by-sioway",
            Severity::Warning,
            "is in the way: sioway did not write it, and leaves it alone",
            "move it away, or overwrite it with `--force`",
        ),
        Verdict::Stale => {
            ("stale-file", Severity::Info, "is no longer rendered", "`--prune` removes it")
        }
        Verdict::Same | Verdict::Add | Verdict::Change | Verdict::Remove => return None,
    };
    let diagnostic = Diagnostic::bare(id, format!("`{}` {what}", shown())).help(help);
    Some(Diagnostic { severity, ..diagnostic })
}

impl Outcome {
    /// Tells the user, and says how it went.
    pub(super) fn report(&self, console: Console) -> Result {
        match self.mode {
            Mode::Check if !self.done.is_empty() => {
                console.data(&format!("would {}\n", self.done.join("\nwould ")))?;
            }
            Mode::Check => {}
            Mode::WriteAndFail => self.done.iter().for_each(|line| console.say(line)),
            Mode::Write => self.done.iter().for_each(|line| console.done(line)),
        }
        console.diagnostics(&Sources::default(), &self.findings);
        let left_alone = self.findings.iter().any(|finding| finding.severity > Severity::Info);
        let changes = self.mode != Mode::Write && !self.done.is_empty();
        Ok(if left_alone || changes { ExitStatus::Findings } else { ExitStatus::Success })
    }
}
