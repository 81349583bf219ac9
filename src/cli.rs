//! The command line: one variant a command, nothing else.

use clap::{Parser, Subcommand};

use crate::commands::{
    blame, completions, diff, doctor, explain, external_diff, graph, init, krm, lint, man, probe,
    profiles, render, runbook, schema, templates, trace,
};
use crate::exit::ExitStatus;
use crate::report::{Console, When};

/// Makes Socket.IO apps work behind Google Cloud load balancers on Kubernetes.
#[derive(Debug, Parser)]
#[command(name = "sioway", version, about, long_about = None, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub color: When,
    /// Say also what went well.
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// Exit with 0 where it would be 1: differences and findings are no failure.
    #[arg(long, global = true)]
    pub exit_zero: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented app.toml to start from.
    Init(init::Args),
    /// Write the manifests of apps.
    Render(render::Args),
    /// Compare what apps render to with existing manifests.
    Diff(diff::Args),
    /// Check existing manifests and nginx configurations.
    Lint(lint::Args),
    /// Compare what runs with what would run, for `kubectl diff` and `argocd app diff`.
    ExternalDiff(external_diff::Args),
    /// Be a KRM function, for Kustomize and kpt: from stdin to stdout.
    Krm,
    /// Predict the Socket.IO exchange that an app or manifests will produce, hop by hop.
    Trace(trace::Args),
    /// Draw the way of a request and the timeouts on it, of an app or of manifests.
    Graph(graph::Args),
    /// Run a Socket.IO client against a URL and say what is broken.
    Probe(probe::Args),
    /// Say which line is to blame for what a probe saw.
    Blame(blame::Args),
    /// Go through files, cluster, load balancer and endpoint, and say which is the first that is broken.
    Doctor(doctor::Args),
    /// Say where a value comes from and why; without arguments, list the keys.
    Explain(explain::Args),
    /// Write what to do when sessions of an app break, with its own names in every command.
    Runbook(runbook::Args),
    /// Print the JSON Schema of app.toml, sioway.toml or a profile.
    Schema(schema::Args),
    /// List the profiles, show or copy the embedded ones.
    Profiles(profiles::Args),
    /// List, show or copy the embedded templates.
    Templates(templates::Args),
    /// Print a completion script for a shell.
    Completions(completions::Args),
    /// Print the manual page.
    Man,
}

/// Parses the arguments, runs the command and reports what stopped it.
pub fn main() -> ExitStatus {
    let arguments = external_diff::reordered(std::env::args_os().collect());
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let console = Console::new(cli.color, cli.verbose);
    let status = run(&cli.command, console).unwrap_or_else(|stop| stop.report(console));
    match status {
        ExitStatus::Findings | ExitStatus::Count(_) if cli.exit_zero => ExitStatus::Success,
        status => status,
    }
}

fn run(command: &Command, console: Console) -> crate::commands::Result {
    match command {
        Command::Init(args) => init::run(args, console),
        Command::Render(args) => render::run(args, console),
        Command::Diff(args) => diff::run(args, console),
        Command::Lint(args) => lint::run(args, console),
        Command::ExternalDiff(args) => external_diff::run(args, console),
        Command::Krm => krm::run(console),
        Command::Trace(args) => trace::run(args, console),
        Command::Graph(args) => graph::run(args, console),
        Command::Probe(args) => probe::run(args, console),
        Command::Blame(args) => blame::run(args, console),
        Command::Doctor(args) => doctor::run(args, console),
        Command::Explain(args) => explain::run(args, console),
        Command::Runbook(args) => runbook::run(args, console),
        Command::Schema(args) => schema::run(args, console),
        Command::Profiles(args) => profiles::run(args, console),
        Command::Templates(args) => templates::run(args, console),
        Command::Completions(args) => completions::run(args, console),
        Command::Man => man::run(console),
    }
}

/// `--help` and `--version` arrive as errors too, on stdout and with success.
fn usage(error: &clap::Error) -> ExitStatus {
    let _ = error.print();
    if error.use_stderr() { ExitStatus::Failure } else { ExitStatus::Success }
}
