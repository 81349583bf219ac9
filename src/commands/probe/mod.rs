//! `sioway probe`: a Socket.IO client that says what is broken.

mod values;

use std::thread::sleep;
use std::time::{Duration, Instant};

use self::values::{duration, eio, header, size};
pub(super) use self::values::{duration as hold, timeout};
use super::stop::{Result, Stop};
use crate::diagnostic::{Diagnostic, Sources};
use crate::exit::ExitStatus;
use crate::live::check::{Check, Status};
use crate::live::client::Manner;
use crate::live::engineio::Eio;
use crate::live::probe::{self, Options, Progress, Report, Target, Transports};
use crate::live::url::{BadUrl, split_authority};
use crate::report::checks::{Checked, Format, write};
use crate::report::{Console, Step};

/// How long to wait before another try.
const PAUSE: Duration = Duration::from_secs(5);

/// Stands below the options in the help.
const MORE: &str = "\
Checks that wait for the server's ping take as long as its ping interval, which is 25 s by default; \
`--quick` leaves them out.

Exit status: 0 when all checks hold, 1 when some do not, 2 when the URL is wrong or the host cannot be \
reached.";

/// Run a Socket.IO client against a URL and say what is broken.
#[derive(Debug, clap::Args)]
#[command(after_long_help = MORE)]
pub struct Args {
    /// Where the app is, such as `https://chat.example.com`.
    url: String,
    /// The path that the client is told; `/socket.io/` where left out.
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// The transports that the app's clients use.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST", default_values = ["polling", "websocket"])]
    transports: Vec<Transport>,
    /// The version of Engine.IO: 4 for Socket.IO 3 and 4, 3 for Socket.IO 1 and 2.
    #[arg(long, value_parser = eio, default_value = "4", value_name = "3|4")]
    eio: Eio,
    /// Over how many sessions to measure how many requests are lost; 0 for not at all.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=1000))]
    sessions: u32,
    /// Hold a WebSocket for so long, to see whether it is cut.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    hold: Option<Duration>,
    /// Try again for so long, until every check holds: settings take minutes to arrive.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    wait: Option<Duration>,
    /// Leave out what has to wait for a ping.
    #[arg(long)]
    quick: bool,
    /// Check a path that must be answered with 200.
    #[arg(long, value_name = "PATH")]
    health: Option<String>,
    /// Send a message of this size by polling; the app does not see it.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_message: Option<u64>,
    /// Send this header with every request; may be repeated. Its value is never shown.
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// Connect to this host or port in place of the URL's.
    #[arg(long, value_name = "HOST:PORT")]
    connect: Option<String>,
    /// Take any certificate.
    #[arg(long)]
    insecure: bool,
    /// How long a connection, and then an answer, may take.
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = timeout)]
    timeout: Duration,
    /// How to print what was found.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Exit with the number of checks that failed, in place of 1.
    #[arg(long)]
    exit_count: bool,
}

/// A way of Engine.IO.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Transport {
    /// HTTP long-polling.
    Polling,
    /// WebSocket.
    Websocket,
}

impl From<BadUrl> for Stop {
    fn from(error: BadUrl) -> Self {
        Self::call(Diagnostic::bare("bad-url", error.message).help(error.help))
    }
}

impl Args {
    fn options(&self) -> std::result::Result<Options, BadUrl> {
        let target = Target::new(&self.url, self.path.as_deref())?;
        let connect = match self.connect.as_deref().map(split_authority) {
            None => None,
            Some(given) => {
                let (host, port) = given?;
                Some((host, port.unwrap_or(target.url.port)))
            }
        };
        if let Some(path) = &self.health {
            // What may stand in a URL may be asked for.
            target.url.join(path)?;
            if !path.starts_with('/') {
                return Err(BadUrl {
                    message: "the health path does not begin with `/`".into(),
                    help: format!("write `--health /{path}`"),
                });
            }
        }
        Ok(Options {
            eio: self.eio,
            transports: Transports {
                polling: self.transports.contains(&Transport::Polling),
                websocket: self.transports.contains(&Transport::Websocket),
            },
            sessions: self.sessions,
            hold: self.hold.unwrap_or_default(),
            quick: self.quick,
            health: self.health.clone(),
            max_message: self.max_message,
            manner: Manner {
                connect,
                headers: self.header.clone(),
                insecure: self.insecure,
                timeout: self.timeout,
            },
            ..Options::new(target)
        })
    }

    fn status(&self, report: &Report) -> ExitStatus {
        match report.count(Status::Fail) {
            _ if report.unreachable().is_some() => ExitStatus::Failure,
            0 => ExitStatus::Success,
            count if self.exit_count => ExitStatus::Count(u8::try_from(count).unwrap_or(u8::MAX)),
            _ => ExitStatus::Findings,
        }
    }
}

/// Probes a URL.
pub fn run(args: &Args, console: Console) -> Result {
    let options = args.options()?;
    if let Some(note) = &options.target.note {
        console.say(&format!("note: {note}"));
    }
    let report = match args.wait {
        Some(wait) => patiently(&options, wait, console),
        None => once(&options, console),
    };
    if let (Some(trouble), Format::Text) = (report.unreachable(), args.format) {
        console.diagnostics(&Sources::default(), &[host_unreachable(trouble)]);
        return Ok(ExitStatus::Failure);
    }
    let checked = Checked {
        command: "probe",
        subject: &report.observed.url,
        checks: &report.checks,
        json: &report.to_json(),
        verbose: console.is_verbose(),
        brief: false,
        notes: &next(&report.checks),
        pictures: &[],
    };
    console.painted(|color| write(args.format, &checked, color))?;
    Ok(args.status(&report))
}

pub(super) fn host_unreachable(trouble: &str) -> Diagnostic {
    let problem = Diagnostic::bare("host-unreachable", trouble);
    if trouble.contains("resolve") {
        problem.help("look at the DNS record: does the name point to the load balancer's address?")
    } else if trouble.contains("certificate") {
        problem.help(
            "a managed certificate takes up to an hour; `--insecure` probes on without checking it",
        )
    } else if trouble.contains("TLS") {
        problem.help("try `http://`, or another port")
    } else {
        problem.help("look at the Ingress: has it an address, and does the port listen?")
    }
}

fn once(options: &Options, console: Console) -> Report {
    let mut watcher = Watcher { console, step: Step::new(console.is_verbose()) };
    probe::run(options, &mut watcher)
}

/// What to do next, where checks failed: a probe knows no files.
pub(super) fn next(checks: &[Check]) -> Vec<String> {
    let failed = checks.iter().any(|check| check.status == Status::Fail);
    let note = "`sioway blame URL PATH` says which line of the manifests is to blame";
    failed.then(|| note.to_owned()).into_iter().collect()
}

/// Tries quickly until every check holds, and only then thoroughly.
fn patiently(options: &Options, wait: Duration, console: Console) -> Report {
    let end = Instant::now() + wait;
    let quick = Options { quick: true, hold: Duration::ZERO, ..options.clone() };
    let mut said = String::new();
    loop {
        let mut report = once(&quick, console);
        if holds(&report) {
            report = once(options, console);
        }
        let left = end.saturating_duration_since(Instant::now());
        if holds(&report) || left.is_zero() {
            return report;
        }
        let now = waiting_for(&report);
        let mut step = Step::new(console.is_verbose());
        step.show(&format!("{now}; trying for {} s more", left.as_secs()));
        if !step.is_watched() && now != said {
            console.say(&now);
            said = now;
        }
        sleep(PAUSE.min(left));
    }
}

fn holds(report: &Report) -> bool {
    report.count(Status::Fail) == 0
}

fn waiting_for(report: &Report) -> String {
    if let Some(trouble) = report.unreachable() {
        return format!("not yet: {trouble}");
    }
    let failed = report.checks.iter().filter(|check| check.status == Status::Fail);
    let ids: Vec<&str> = failed.map(|check| check.id).collect();
    format!("not yet: {}", ids.join(", "))
}

/// Shows what a probe does.
pub(super) struct Watcher {
    pub(super) console: Console,
    pub(super) step: Step,
}

impl Progress for Watcher {
    fn step(&mut self, what: &str) {
        self.step.show(&format!("{what} …"));
    }

    fn said(&mut self, lines: Vec<String>) {
        for line in lines {
            self.console.done(&line);
        }
    }
}
