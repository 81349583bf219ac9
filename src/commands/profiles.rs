//! `sioway profiles`: the profiles there are, to read or to copy.

use super::profile_files::{EMBEDDED, Profiles};
use super::repository::Repository;
use super::shelf::{self, Action, Shelf};
use super::stop::Result;
use crate::report::Console;

/// List the profiles, the workspace's too; show or copy the embedded ones.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

/// Lists, shows or copies.
pub fn run(args: &Args, console: Console) -> Result {
    let shelf = Shelf { what: "profile", suffix: ".toml", texts: &EMBEDDED };
    match &args.action {
        None | Some(Action::List) => list(console),
        action => shelf.run(action.as_ref(), console),
    }
}

/// The embedded profiles and the workspace's.
fn list(console: Console) -> Result {
    let repository = Repository::discover()?;
    shelf::list(&Profiles::new(&repository).names(), console)
}
