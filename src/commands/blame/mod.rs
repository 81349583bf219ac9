//! `sioway blame`: which line is to blame for what a probe saw.

mod files;

use std::time::Duration;

use camino::Utf8Path;

use self::files::Files;
use super::app::Variant;
use super::files::read_named;
use super::paths::shown;
use super::probe::{Watcher, hold, host_unreachable};
use super::repository::Repository;
use super::stop::{Result, Stop};
use super::streams::Stream;
use super::subject::read;
use crate::blame::{Case, Evidence, blame};
use crate::diagnostic::Diagnostic;
use crate::exit::ExitStatus;
use crate::live::client::Manner;
use crate::live::probe::{self, Options, Target};
use crate::live::url::split_authority;
use crate::path::Model;
use crate::report::blame::BlameReport;
use crate::report::{Console, Format, Step};
use crate::rules;
use crate::set::Set;

/// Stands below the options in the help.
const MORE: &str = "\
A probe with other options is one that wrote its JSON: \
`sioway probe URL … --format json | sioway blame - k8s/`.

Exit status: 0 when no check failed, 1 when some did, 2 when there is nothing to compare.";

/// Say which line is to blame for what a probe saw.
#[derive(Debug, clap::Args)]
#[command(after_long_help = MORE)]
pub struct Args {
    /// What to explain: a URL, which is probed now; or a file with what `sioway probe --format json` printed, `-` for
    /// stdin.
    #[arg(value_name = "URL|FILE")]
    evidence: String,
    /// An app by name or by its app.toml, which is rendered in memory; or files and directories with manifests and
    /// nginx configurations. Where left out, the app of the workspace that has the host, or the current directory.
    #[arg(value_name = "APP|PATH")]
    targets: Vec<String>,
    /// Reckon with this many pods.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    replicas: Option<u32>,
    /// The path that the client is told, where a URL is probed; `/socket.io/` where left out.
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Hold a WebSocket for so long, where a URL is probed.
    #[arg(long, value_name = "DURATION", value_parser = hold)]
    hold: Option<Duration>,
    /// Connect to this host or port in place of the URL's.
    #[arg(long, value_name = "HOST:PORT")]
    connect: Option<String>,
    /// Take any certificate.
    #[arg(long)]
    insecure: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    variant: Variant,
}

/// Compares what was seen with the files.
pub fn run(args: &Args, console: Console) -> Result {
    let repository = Repository::discover()?;
    let given = Given::of(args)?;
    let files = Files::of(args, &repository, &given.host())?;
    let evidence = given.evidence(args, files.path.as_deref(), console)?;
    if let Some(trouble) = evidence.unreachable() {
        return Err(Stop::call(host_unreachable(trouble)));
    }
    let subject = &files.subject;
    let sources = &subject.sources;
    console.diagnostics(sources, &subject.problems);
    let read = read(&subject.files, sources);
    let set = Set::new(&read);
    let model = Model::new(&set, &subject.apps);
    let findings = rules::check(&model);
    let case = Case {
        sources,
        model: &model,
        findings: &findings,
        evidence: &evidence,
        replicas: args.replicas.or(files.replicas),
        without_nginx: files.without_nginx,
    };
    let found = blame(&case).ok_or_else(nothing)?;
    let report = BlameReport {
        sources,
        url: &evidence.observed.url,
        blame: &found,
        verbose: console.is_verbose(),
    };
    console.painted(|color| args.format.write(&report, color))?;
    Ok(match (subject.is_broken(), found.symptoms.is_empty()) {
        (true, _) => ExitStatus::Failure,
        (false, true) => ExitStatus::Success,
        (false, false) => ExitStatus::Findings,
    })
}

fn nothing() -> Stop {
    let problem = Diagnostic::bare(
        "no-session",
        "nothing here speaks of a session that could be the one that was probed",
    );
    Stop::call(problem.help("name the files or directories of the app: `sioway blame URL k8s/`"))
}

/// What is to be explained.
enum Given {
    /// What this shows, once the files are read.
    Probe(Target),
    /// What somebody saved.
    Saved(Box<Evidence>),
}

impl Given {
    fn of(args: &Args) -> Result<Self> {
        let is_stdin = |path: &str| Stream::of(Utf8Path::new(path)) == Some(Stream::Stdin);
        if is_stdin(&args.evidence) && args.targets.iter().any(|target| is_stdin(target)) {
            let problem = Diagnostic::bare("stdin-twice", "stdin holds the evidence or the files");
            return Err(Stop::call(problem.help("save one of them, and name its file")));
        }
        Ok(if args.evidence.contains("://") {
            Self::Probe(Target::new(&args.evidence, args.path.as_deref())?)
        } else {
            Self::Saved(Box::new(saved(&args.evidence)?))
        })
    }

    /// The host that is asked.
    fn host(&self) -> String {
        match self {
            Self::Probe(target) => target.url.host.clone(),
            Self::Saved(evidence) => evidence.host(),
        }
    }

    /// What was seen: now, or when somebody saved it. An app says which path it has, unless the call does.
    fn evidence(self, args: &Args, own: Option<&str>, console: Console) -> Result<Evidence> {
        let target = match self {
            Self::Saved(evidence) => return Ok(*evidence),
            Self::Probe(target) => target,
        };
        let says_path = args.evidence.trim_end_matches('/').ends_with("/socket.io");
        let own = own.filter(|_| args.path.is_none() && !says_path);
        let target = own.map_or(Ok(target), |path| Target::new(&args.evidence, Some(path)))?;
        let mut watcher = Watcher { console, step: Step::new(console.is_verbose()) };
        Ok(Evidence::from(&probe::run(&options(args, target)?, &mut watcher)))
    }
}

/// What somebody saved.
fn saved(given: &str) -> Result<Evidence> {
    let text = text_of(Utf8Path::new(given))?;
    Evidence::parse(&text).map_err(|why| {
        let name = if given == "-" { "stdin".to_owned() } else { shown(Utf8Path::new(given)) };
        let problem = Diagnostic::bare("bad-evidence", format!("`{name}`: {why}"));
        Stop::call(problem.help("save it with `sioway probe URL --format json > probe.json`"))
    })
}

fn text_of(file: &Utf8Path) -> Result<String> {
    if Stream::of(file).is_none() && !file.exists() {
        let message = format!("`{file}` is no URL, and there is no such file");
        let problem = Diagnostic::bare("no-such-evidence", message);
        return Err(Stop::call(
            problem.help("a URL begins with `https://` or `http://`; a file is what `sioway probe URL --format json` printed"),
        ));
    }
    read_named(file)
}

fn options(args: &Args, target: Target) -> Result<Options> {
    let connect = args.connect.as_deref().map(split_authority).transpose()?;
    let port = target.url.port;
    let mut options = Options::new(target);
    options.hold = args.hold.unwrap_or_default();
    options.manner = Manner {
        connect: connect.map(|(host, own)| (host, own.unwrap_or(port))),
        insecure: args.insecure,
        ..options.manner
    };
    Ok(options)
}
