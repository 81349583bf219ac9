//! `sioway lint`: what in manifests and nginx configurations breaks Socket.IO sessions.

mod baseline;
pub(super) mod facts;
pub(super) mod gather;
mod judge;
mod repair;
mod told;
mod walk;

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use self::baseline::{Baseline, LookedAt};
use self::gather::{Found, Gathered, Listed};
use self::judge::Judged;
use self::told::Told;
use super::interrupt;
use super::outputs::{self, Output, write_all};
use super::paths::{place_in_repository, shown};
use super::pick::{Pick, PickArgs};
use super::repository::Repository;
use super::stop::{Result, Stop};
use super::streams::Stream;
use super::together::sweep_all;
use crate::diagnostic::{Diagnostic, Finding, RuleCard, Severity};
use crate::exit::ExitStatus;
use crate::path::Model;
use crate::picture::Picture;
use crate::report::Console;
use crate::report::findings::{Format, Report, write};
use crate::rules;
use crate::set::Set;
use crate::trace::{Options, pictures};

/// Repairs that wait for each other are few.
const ROUNDS: usize = 4;

/// Check existing manifests and nginx configurations.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files and directories; `-` reads manifests from stdin. The current directory where left out.
    paths: Vec<Utf8PathBuf>,
    /// How to print what was found.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Also write what was found to a file, in a format of its own; may be repeated.
    #[arg(long, value_name = "FORMAT:FILE")]
    output: Vec<Output<Format>>,
    /// Accept what this file lists, and report only what is new.
    #[arg(long, value_name = "FILE")]
    baseline: Option<Utf8PathBuf>,
    /// Write what is found now into the file of `--baseline`, and report nothing.
    #[arg(long, requires = "baseline", conflicts_with_all = ["changed_since", "shard"])]
    update_baseline: bool,
    /// Repair what has one right edit, and report what is left.
    #[arg(long, conflicts_with_all = ["baseline", "show_files"])]
    fix: bool,
    /// With `--fix`: also edits that change what some clients see.
    #[arg(long, requires = "fix")]
    unsafe_fixes: bool,
    /// Print which files would be checked, and why others would not; check nothing.
    #[arg(long)]
    show_files: bool,
    #[command(flatten)]
    pick: PickArgs,
}

/// Checks all that was given, after repairing it where that is asked for.
pub fn run(args: &Args, console: Console) -> Result {
    interrupt::listen()?;
    // One repair may be what another rule was waiting for; each round ends faults, or it is the last.
    args.check()?;
    let mut rounds = if args.fix { ROUNDS } else { 0 };
    let mut left = repair::Left::new();
    while rounds > 0 && round(args, &mut left, console)? > 0 {
        rounds -= 1;
    }
    check(args, console)
}

impl Args {
    /// Refuses to write into the place of a stream, before anything is read.
    fn check(&self) -> Result<()> {
        let refused = |message: String, help: &str| {
            Err(Stop::call(Diagnostic::bare("no-file", message).help(help)))
        };
        let stream = self.paths.iter().find_map(|path| Stream::of(path));
        if let (true, Some(stream)) = (self.fix, stream) {
            let message = format!("`--fix` edits files, and {stream} is none");
            return refused(message, "name the files, or leave `--fix` out");
        }
        let baseline = self.baseline.as_deref().and_then(Stream::of);
        if let (true, Some(stream)) = (self.update_baseline, baseline) {
            let message = format!("`--update-baseline` writes a file, and {stream} is none");
            return refused(message, "name a file: `--baseline FILE`");
        }
        Ok(())
    }

    /// Refuses to write over what is read. Below directories reports and baselines of earlier runs are JSON too.
    fn check_outputs(&self, listed: &Listed) -> Result<()> {
        let is_read = |(path, asked): &&Found| *asked || path.extension() != Some("json");
        let read = listed.files.iter().filter(is_read).map(|(path, _)| path.as_path());
        let names: BTreeSet<_> = self.output.iter().map(|one| one.file.file_name()).collect();
        let mut inputs: Vec<&Utf8Path> =
            read.filter(|path| names.contains(&path.file_name())).collect();
        inputs.extend(self.baseline.as_deref());
        outputs::check(&self.output, &inputs)
    }

    /// Whether one of the formats is a page.
    fn wants_pictures(&self) -> bool {
        let mut formats = self.output.iter().map(|output| output.format).chain([self.format]);
        formats.any(|format| format == Format::Html)
    }
}

/// The ways of the sessions that the files speak of.
fn drawn(listed: &Listed, repository: &Repository) -> Result<Vec<Picture>> {
    let gathered = listed.gathered()?;
    let (sources, apps) = facts::apps(repository, gathered.sources.clone())?;
    let files = gathered.read(&sources);
    let set = Set::new(&files);
    Ok(pictures(&Model::new(&set, &apps.facts), &Options::default()))
}

/// Repairs once, and says how many files changed.
fn round(args: &Args, left: &mut repair::Left, console: Console) -> Result<usize> {
    let repository = Repository::discover()?;
    let listed = gather::list(&args.paths)?;
    sweep_all(listed.files.iter().map(|(path, _)| path.as_path()));
    let pick = Pick::new(&args.pick, &repository, None)?;
    let judged = judge::judge(listed, &repository, &Told::of(&pick, &repository)?)?;
    repair::repair(&judged.findings, &judged.sources, args.unsafe_fixes, left, console)
}

/// Tells which files would be checked.
fn show_files(args: &Args, console: Console) -> Result {
    let listed = gather::list(&args.paths)?;
    let gathered = listed.gathered()?;
    console.data(&gathered.listing(&listed))?;
    console.diagnostics(&gathered.sources, &gathered.unreadable);
    Ok(gathered.status())
}

fn check(args: &Args, console: Console) -> Result {
    let repository = Repository::discover()?;
    if args.show_files {
        return show_files(args, console);
    }
    let listed = gather::list(&args.paths)?;
    listed.check_not_empty()?;
    args.check_outputs(&listed)?;
    let pictures = if args.wants_pictures() { drawn(&listed, &repository)? } else { Vec::new() };
    let pick = Pick::new(&args.pick, &repository, None)?;
    let told = Told::of(&pick, &repository)?;
    let baseline = args.baseline.as_ref().map(|path| (path, listed.looked_at()));
    let Judged { sources, findings: found, problems, checked } =
        judge::judge(listed, &repository, &told)?;
    if let (true, Some((path, looked_at))) = (args.update_baseline, &baseline) {
        baseline::write(path, &found, &sources, looked_at)?;
        return Ok(status(&[], &problems));
    }
    let found = match baseline {
        Some((path, looked_at)) => {
            let known = Baseline::read(path)?;
            let (found, gone) = known.without_known(found, &sources, &looked_at);
            // What is not told now may be there still.
            if gone > 0 && !args.pick.are_given() {
                console.say(&format!(
                    "{gone} accepted findings are gone: `--update-baseline` takes them out"
                ));
            }
            found
        }
        None => found,
    };
    let rules: Vec<RuleCard> = rules::ALL.iter().map(|rule| rule.card()).collect();
    let report = Report {
        sources: &sources,
        findings: &found,
        problems: &problems,
        rules: &rules,
        checked,
        command: "lint",
        place: place_in_repository(),
        pictures: &pictures,
    };
    let text = |format, color| write(format, &report, color);
    write_all(args.format, &args.output, text, console)?;
    Ok(match (args.format, status(&found, &problems)) {
        // Whoever uploads SARIF reads it, not the status.
        (Format::Sarif, ExitStatus::Findings) => ExitStatus::Success,
        (_, status) => status,
    })
}

fn status(found: &[Finding], problems: &[Diagnostic]) -> ExitStatus {
    let broken = |problem: &Diagnostic| problem.severity == Severity::Error;
    if problems.iter().any(broken) {
        ExitStatus::Failure
    } else if found.is_empty() {
        ExitStatus::Success
    } else {
        ExitStatus::Findings
    }
}

impl Listed {
    fn looked_at(&self) -> LookedAt {
        let files: Vec<String> = self.files.iter().map(|(path, _)| shown(path)).collect();
        let streams = self.streams.iter().map(|(name, _)| name);
        LookedAt::of(files.iter().chain(streams).map(String::as_str))
    }
}

impl Gathered {
    /// What listing alone comes to.
    fn status(&self) -> ExitStatus {
        status(&[], &self.unreadable)
    }
}
