//! `sioway profiles`: the profiles there are, to read or to copy.

use camino::Utf8PathBuf;

use super::profile_files::{EMBEDDED, Profiles};
use super::repository::Repository;
use super::shelf::Shelf;
use super::stop::Result;
use crate::exit::ExitStatus;
use crate::report::Console;

/// List the profiles, show or copy the embedded ones.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the names, the workspace's too.
    List,
    /// Print one.
    Show {
        /// Its name.
        name: String,
    },
    /// Copy all of them into a directory.
    Eject {
        /// The directory.
        directory: Utf8PathBuf,
    },
}

/// Lists, shows or copies.
pub fn run(args: &Args, console: Console) -> Result {
    let shelf = Shelf { what: "profile", suffix: ".toml", texts: &EMBEDDED };
    match &args.action {
        None | Some(Action::List) => list(console),
        Some(Action::Show { name }) => shelf.show(name, console),
        Some(Action::Eject { directory }) => shelf.eject(directory, console),
    }
}

/// The embedded profiles and the workspace's.
fn list(console: Console) -> Result {
    let repository = Repository::discover()?;
    console.data(&format!("{}\n", Profiles::new(&repository).names().join("\n")))?;
    Ok(ExitStatus::Success)
}
