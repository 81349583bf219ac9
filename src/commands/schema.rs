//! `sioway schema`: what editors check TOML files with.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;

use super::stop::Result;
use crate::exit::ExitStatus;
use crate::report::Console;
use crate::spec::{ProfileFile, Spec, Workspace};

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
}

/// Prints a schema.
pub fn run(args: &Args, console: Console) -> Result {
    console.data(&match args.of {
        File::App => text_of_app_schema(),
        File::Workspace => text::<Workspace>(),
        File::Profile => text::<ProfileFile>(),
    })?;
    Ok(ExitStatus::Success)
}

/// The schema of app.toml.
pub(super) fn text_of_app_schema() -> String {
    text::<Spec>()
}

fn text<T: JsonSchema>() -> String {
    let schema = SchemaSettings::draft07()
        .into_generator()
        .into_root_schema_for::<T>();
    let mut text = serde_json::to_string_pretty(schema.as_value()).expect("a schema is JSON");
    text.push('\n');
    text
}
