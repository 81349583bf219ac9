//! `sioway templates`: the embedded templates, to read or to copy.

use super::shelf::{Action, Shelf};
use super::stop::Result;
use crate::render::EMBEDDED;
use crate::report::Console;

/// List, show or copy the embedded templates.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

/// Lists, shows or copies.
pub fn run(args: &Args, console: Console) -> Result {
    Shelf { what: "template", suffix: ".j2", texts: &EMBEDDED }.run(args.action.as_ref(), console)
}
