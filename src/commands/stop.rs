//! Why a command could not do its job.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::paths::shown;
use crate::diagnostic::{Diagnostic, Sources};
use crate::exit::ExitStatus;
use crate::render::Failure;
use crate::report::Console;
use crate::spec::Layers;

/// What a command comes to.
pub type Result<T = ExitStatus> = std::result::Result<T, Stop>;

/// Why a command could not do its job.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The input is at fault.
    #[error("the input is at fault")]
    Input(Box<Input>),
    /// The world failed us.
    #[error("cannot {doing} {}: {source}", shown(path))]
    Io {
        /// What was tried, such as `read`.
        doing: &'static str,
        /// With what.
        path: Utf8PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Somebody ended the run, by Ctrl-C or by `kill`.
    #[error("interrupted")]
    Interrupted,
    /// stdout is gone.
    #[error("cannot write to stdout: {0}")]
    Stdout(#[from] io::Error),
}

/// Diagnostics, and the texts they point into.
#[derive(Debug, Default)]
pub struct Input {
    /// The texts.
    pub sources: Sources,
    /// What is wrong with them.
    pub diagnostics: Vec<Diagnostic>,
}

impl Stop {
    /// A fault of the call itself, which has no text to point into.
    pub(super) fn call(diagnostic: Diagnostic) -> Self {
        Self::Input(Box::new(Input { sources: Sources::default(), diagnostics: vec![diagnostic] }))
    }

    /// Faults of texts.
    pub(super) fn input(sources: &Sources, diagnostics: Vec<Diagnostic>) -> Self {
        Self::Input(Box::new(Input { sources: sources.clone(), diagnostics }))
    }

    /// What is wrong first, in a few words.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Io { source, .. } => source.to_string(),
            Self::Input(input) => input
                .diagnostics
                .first()
                .map_or_else(String::new, |problem| problem.message.clone()),
            Self::Interrupted | Self::Stdout(_) => self.to_string(),
        }
    }

    /// What is wrong with texts, and where: the same for two runs over one text that come to the same.
    pub(super) fn said(&self) -> Option<String> {
        let Self::Input(input) = self else { return None };
        let of_one = |one: &Diagnostic| {
            let places = one.labels.iter().map(|label| {
                format!("{} {}\n", input.sources.locate(label.source, label.span), label.text)
            });
            format!(
                "{}{}\n{:?}{:?}\n",
                places.collect::<String>(),
                one.message,
                one.notes,
                one.help
            )
        };
        Some(input.diagnostics.iter().map(of_one).collect())
    }

    /// Says what stopped the run.
    pub fn report(&self, console: Console) -> ExitStatus {
        let alone = |problem| console.diagnostics(&Sources::default(), &[problem]);
        match self {
            Self::Input(input) => console.diagnostics(&input.sources, &input.diagnostics),
            Self::Interrupted => alone(interrupted()),
            other => alone(Diagnostic::bare("io", other.to_string())),
        }
        if matches!(self, Self::Interrupted) {
            ExitStatus::Interrupted
        } else {
            ExitStatus::Failure
        }
    }
}

fn interrupted() -> Diagnostic {
    let help = "each file is as it was, or as it was to be; run it again for the rest";
    Diagnostic::bare("interrupted", "the run was ended before it was done").help(help)
}

impl From<(Layers, Vec<Diagnostic>)> for Stop {
    fn from((layers, diagnostics): (Layers, Vec<Diagnostic>)) -> Self {
        Self::input(&layers.sources, diagnostics)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::input(&failure.sources, vec![*failure.diagnostic])
    }
}

/// Adds to an error what was tried, and with what.
pub(super) trait Doing<T> {
    /// Names the attempt.
    fn doing(self, doing: &'static str, path: &Utf8Path) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: &'static str, path: &Utf8Path) -> Result<T> {
        self.map_err(|source| Stop::Io { doing, path: path.to_owned(), source })
    }
}
