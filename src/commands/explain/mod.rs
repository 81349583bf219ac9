//! `sioway explain`: what a value, a rule or a field means, and why it is so.

mod app;
mod knowledge;

use camino::Utf8Path;

use super::app::Variant;
use super::files::is_path;
use super::stop::{Result, Stop};
use crate::diagnostic::Diagnostic;
use crate::exit::ExitStatus;
use crate::kube::tree;
use crate::report::Console;

/// Say what a rule, a manifest field or a key means, or where an app's value comes from.
#[derive(Debug, clap::Args)]
#[command(override_usage = "sioway explain [OPTIONS]\n       \
                            sioway explain [OPTIONS] RULE|FIELD|KIND|KEY\n       \
                            sioway explain [OPTIONS] APP.toml [KEY]\n       \
                            sioway explain [OPTIONS] ladder APP.toml\n       \
                            sioway explain tree")]
pub struct Args {
    /// A rule such as `drain-disabled`; a field such as `BackendConfig.spec.timeoutSec`; a key such as
    /// `session.max-age`; an app's file, and a key of it; `ladder` and an app's file; or `tree`: what to ask, and in
    /// which order, when sessions break.
    what: Vec<String>,
    #[command(flatten)]
    variant: Variant,
}

/// Explains what was asked for.
pub fn run(args: &Args, console: Console) -> Result {
    let words: Vec<&str> = args.what.iter().map(String::as_str).collect();
    let text = match words[..] {
        [] => knowledge::list(),
        ["tree"] => tree::render(),
        ["ladder", app] => app::ladder(&app::load(args, app)?),
        ["ladder"] => {
            return Err(call(
                "`explain ladder` needs an app",
                "name its file: `sioway explain ladder app.toml`",
            ));
        }
        [word] if let Some(text) = knowledge::of(word) => text,
        [app] if is_app(app) => app::values(&app::load(args, app)?, None)?,
        [app, key] if is_app(app) => app::values(&app::load(args, app)?, Some(key))?,
        [word] => return Err(unknown(word)),
        _ => {
            return Err(call(
                "`explain` takes one word, or an app's file and a key",
                "`sioway explain app.toml session.max-age`",
            ));
        }
    };
    console.data(&text)?;
    Ok(ExitStatus::Success)
}

fn is_app(word: &str) -> bool {
    is_path(word) || Utf8Path::new(word).is_file()
}

fn unknown(wanted: &str) -> Stop {
    let nearest = knowledge::nearest(wanted);
    let nearest = nearest.map_or(String::new(), |name| format!("did you mean `{name}`? "));
    call(
        &format!("there is no rule, field or key `{wanted}`"),
        &format!("{nearest}`sioway explain` lists them"),
    )
}

fn call(message: &str, help: &str) -> Stop {
    Stop::call(Diagnostic::bare("explain", message).help(help))
}
