//! `sioway completions`: a completion script for a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use super::stop::Result;
use crate::cli::Cli;
use crate::exit::ExitStatus;
use crate::report::Console;

/// Print a completion script.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// For which shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script.
pub fn run(args: &Args, console: Console) -> Result {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "sioway", &mut script);
    console.data(&String::from_utf8_lossy(&script))?;
    Ok(ExitStatus::Success)
}
