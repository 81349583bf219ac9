//! `sioway init`: a commented app.toml to start from, or one that describes manifests that are there.

mod from;

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use super::files::{create, make_directory, read_if_there, replace};
use super::paths::shown;
use super::repository::Repository;
use super::schema::text_of_app_schema;
use super::stop::{Result, Stop};
use super::together::sweep;
use crate::diagnostic::Diagnostic;
use crate::exit::ExitStatus;
use crate::report::Console;
use crate::spec::{Name, UrlPrefix};

/// What a new app.toml says; `{…}` are filled in.
const TEMPLATE: &str = include_str!("../init.toml");

/// The file that editors check app.toml with.
const SCHEMA: &str = "app.schema.json";

/// Write a commented app.toml to start from.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The app's name; the directory's where it is left out. With `--from`, which app is meant, or what to call the
    /// only one.
    name: Option<String>,
    /// Describe the apps in existing manifests: files or directories, or `-` for a stream such as
    /// `kubectl get -o yaml` prints.
    #[arg(long, value_name = "PATH|-", num_args = 1..)]
    from: Vec<Utf8PathBuf>,
    /// The Socket.IO path as browsers request it, where no manifest tells.
    #[arg(long, value_name = "URL-PATH", requires = "from")]
    path: Option<UrlPrefix>,
}

/// Writes `app.toml`, or where the workspace keeps an app of that name, and the schema that editors check it with.
pub fn run(args: &Args, console: Console) -> Result {
    let repository = Repository::discover()?;
    if !args.from.is_empty() {
        return from::run(args, &repository, console);
    }
    let name = name(args, &repository)?;
    let file = place(&repository, &name);
    let directory = file.parent().unwrap_or(&repository.root);
    let schema =
        if repository.found { repository.root.join(SCHEMA) } else { directory.join(SCHEMA) };
    sweep(&file);
    if fs::symlink_metadata(&file).is_ok() {
        return Err(there_already(&file, "remove it, or give another name"));
    }
    let is_new = schema_is_new(&schema)?;
    make_directory(directory)?;
    if is_new {
        replace(&schema, text_of_app_schema().as_bytes())?;
    }
    let text =
        TEMPLATE.replace("{schema}", &way_up(directory, &schema)).replace("{name}", name.as_str());
    create(&file, text.as_bytes())?;
    if is_new {
        console.say(&format!("wrote {}: what editors check it with", shown(&schema)));
    }
    console.say(&format!(
        "wrote {}: set `host` and `port` in it, then run: sioway render",
        shown(&file)
    ));
    Ok(ExitStatus::Success)
}

fn there_already(path: &Utf8Path, help: &str) -> Stop {
    let problem = Diagnostic::bare("exists", format!("`{}` is there already", shown(path)));
    Stop::call(problem.help(format!("`init` overwrites nothing: {help}")))
}

/// Whether the schema is to be written: it is absent, or an earlier sioway's. Anybody else's is left alone.
fn schema_is_new(path: &Utf8Path) -> Result<bool> {
    if path.is_symlink() {
        return Err(there_already(path, "it is a link, which `init` does not follow"));
    }
    let Some(there) = read_if_there(path)? else {
        return Ok(true);
    };
    let wanted = text_of_app_schema();
    let title = |text: &[u8]| {
        serde_json::from_slice::<serde_json::Value>(text).ok().map(|schema| schema["title"].clone())
    };
    if title(&there) != title(wanted.as_bytes()) {
        return Err(there_already(path, "it is no schema of sioway's; move it away"));
    }
    Ok(there != wanted.as_bytes())
}

fn name(args: &Args, repository: &Repository) -> Result<Name> {
    let here = repository.absolute(Utf8Path::new(""));
    let asked = args.name.as_deref();
    parsed(asked.unwrap_or_else(|| here.file_name().unwrap_or("app")))
}

fn parsed(asked: &str) -> Result<Name> {
    asked.parse().map_err(|error| {
        let problem =
            Diagnostic::bare("invalid-value", format!("`{asked}` cannot name an app: {error}"));
        Stop::call(problem.help("`sioway init NAME` gives it another"))
    })
}

/// Where the workspace's first pattern with a `*` finds an app of that name; else here.
fn place(repository: &Repository, name: &Name) -> Utf8PathBuf {
    let pattern =
        repository.workspace.apps.iter().find(|pattern| pattern.as_str().matches('*').count() == 1);
    match pattern.filter(|_| repository.found) {
        Some(pattern) => repository.root.join(pattern.as_str().replace('*', name.as_str())),
        None => repository.absolute(Utf8Path::new("app.toml")),
    }
}

fn way_up(directory: &Utf8Path, schema: &Utf8Path) -> String {
    let root = schema.parent().unwrap_or(schema);
    let depth = directory.strip_prefix(root).map_or(0, |below| below.components().count());
    if depth == 0 { format!("./{SCHEMA}") } else { format!("{}{SCHEMA}", "../".repeat(depth)) }
}
