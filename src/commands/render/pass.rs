//! What is done with one app in one environment.

use std::hash::BuildHasher;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::quality::FixedState;

use super::claims::{Claim, claims_of};
use super::comparison::{Comparison, Policy, Verdict};
use super::directory::{Directory, Tree};
use crate::commands::app::{App, AppLoader};
use crate::commands::paths::shown;
use crate::commands::pick::{Changed, Pick};
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
    pub(super) pick: Pick<'a>,
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
    /// It is not of the part that is asked for; `None` where it cannot be loaded.
    Elsewhere(Option<Vec<Claim>>),
    /// It was rendered, to a text of this digest, and nothing of it was kept.
    Previewed(Vec<Claim>, u64),
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
        let loaded = self.load(job);
        let is_touched = |app: &App, changed: &Changed| changed.touches(&self.directory(job, app));
        let surveyed = match (self.pick.wants(job.app, loaded.as_ref().ok(), is_touched), loaded) {
            (true, Ok(app)) => self.survey_app(job, &app),
            (true, Err(stop)) => Err(stop),
            // What it claims nobody else may have.
            (false, loaded) => {
                let claims = loaded.and_then(|app| self.claims(job, &app));
                Ok(Survey::Elsewhere(claims.ok()))
            }
        };
        surveyed.unwrap_or_else(Survey::Failed)
    }

    fn claims(&self, job: &Job<'_>, app: &App) -> Result<Vec<Claim>> {
        let objects = self.objects(job, app)?;
        Ok(claims_of(&self.directory(job, app), objects, job.environment))
    }

    fn survey_app(&self, job: &Job<'_>, app: &App) -> Result<Survey> {
        let path = self.directory(job, app);
        let claims = self.claims(job, app)?;
        if !path.is_dir() {
            return Ok(Survey::Pending(claims));
        }
        let unchanged = Comparison::is_unchanged(&path, &self.files(job, app)?)?;
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

    /// Loads an app, notes its claims, and renders it to see that it can be.
    pub(super) fn preview(&self, job: &Job<'_>) -> Survey {
        let previewed = self.load(job).and_then(|app| {
            let text = self.text(job, &app)?;
            Ok(Survey::Previewed(self.claims(job, &app)?, digest(&text)))
        });
        previewed.unwrap_or_else(Survey::Failed)
    }

    /// All of an app as one stream, which is as it was before.
    pub(super) fn stream(&self, job: &Job<'_>, known: u64) -> Result<String> {
        let text = self.text(job, &self.load(job)?)?;
        if digest(&text) == known {
            return Ok(text);
        }
        let message = format!("{} was changed while it was being rendered", shown(job.app));
        Err(Stop::call(Diagnostic::bare("changed-meanwhile", message).help("run it again")))
    }

    fn text(&self, job: &Job<'_>, app: &App) -> Result<String> {
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
            None => self.repository.out(app, &self.environments[job.environment]),
        }
    }
}

impl Survey {
    /// What the app claims, if it could be loaded.
    pub(super) fn claims(&self) -> &[Claim] {
        match self {
            Self::Failed(_) | Self::Elsewhere(None) => &[],
            Self::Unchanged(claims)
            | Self::Pending(claims)
            | Self::Elsewhere(Some(claims))
            | Self::Previewed(claims, _) => claims,
        }
    }

    /// Whether it is known what the app claims.
    pub(super) fn is_loaded(&self) -> bool {
        !matches!(self, Self::Failed(_) | Self::Elsewhere(None))
    }

    /// The digest of what was rendered; 0 of nothing.
    pub(super) fn digest(&self) -> u64 {
        if let Self::Previewed(_, digest) = self { *digest } else { 0 }
    }
}

/// Tells two texts apart.
fn digest(text: &str) -> u64 {
    FixedState::default().hash_one(text)
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
