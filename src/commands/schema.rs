//! `sioway schema`: what editors check TOML files with.

use super::stop::Result;
use crate::exit::ExitStatus;
use crate::report::Console;
use crate::report::{blame, diff, findings, trace};
use crate::spec::{app_schema, profile_schema, workspace_schema};

/// Print a JSON Schema (draft-07).
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of which file.
    #[arg(value_enum, default_value_t)]
    of: File,
}

/// A file that has a schema.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum File {
    /// app.toml.
    #[default]
    App,
    /// sioway.toml.
    Workspace,
    /// A profile.
    Profile,
    /// What `sioway lint --format json` prints.
    Findings,
    /// What `sioway diff --format json` prints.
    Diff,
    /// What `sioway trace --format json` prints.
    Trace,
    /// What `sioway probe --format json` prints.
    Probe,
    /// What `sioway blame --format json` prints.
    Blame,
    /// What `sioway doctor --format json` prints.
    Doctor,
}

/// Prints a schema.
pub fn run(args: &Args, console: Console) -> Result {
    console.data(&match args.of {
        File::App => text_of_app_schema(),
        File::Workspace => text(&workspace_schema()),
        File::Profile => text(&profile_schema()),
        File::Findings => text(&findings::json_schema()),
        File::Diff => text(&diff::json_schema()),
        File::Trace => text(&trace::json_schema()),
        File::Probe => text(&crate::live::probe::json_schema()),
        File::Blame => text(&blame::json_schema()),
        File::Doctor => text(&crate::doctor::json_schema()),
    })?;
    Ok(ExitStatus::Success)
}

/// The schema of app.toml, as it is printed.
pub(super) fn text_of_app_schema() -> String {
    text(&app_schema())
}

fn text(schema: &serde_json::Value) -> String {
    format!("{schema:#}\n")
}
