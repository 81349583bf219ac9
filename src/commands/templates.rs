//! `sioway templates`: the embedded templates, to read or to copy.

use camino::Utf8PathBuf;

use super::shelf::Shelf;
use super::stop::Result;
use crate::render::EMBEDDED;
use crate::report::Console;

/// List, show or copy the embedded templates.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List their names.
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
    let shelf = Shelf { what: "template", suffix: ".j2", texts: &EMBEDDED };
    match &args.action {
        None | Some(Action::List) => shelf.list(console),
        Some(Action::Show { name }) => shelf.show(name, console),
        Some(Action::Eject { directory }) => shelf.eject(directory, console),
    }
}
