//! Texts that the binary carries: listed, shown, or copied for the user to own.

use camino::{Utf8Path, Utf8PathBuf};

use super::files::{make_directory, same};
use super::stop::{Result, Stop};
use super::together::{Together, sweep};
use crate::diagnostic::Diagnostic;
use crate::exit::ExitStatus;
use crate::report::Console;

/// What is done with them.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Action {
    /// List the names.
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

/// Embedded texts of one kind.
pub(super) struct Shelf {
    /// What one of them is called.
    pub(super) what: &'static str,
    /// What a file of it ends with.
    pub(super) suffix: &'static str,
    /// Names without the suffix, and texts.
    pub(super) texts: &'static [(&'static str, &'static str)],
}

impl Shelf {
    /// Lists, shows or copies.
    pub(super) fn run(&self, action: Option<&Action>, console: Console) -> Result {
        match action {
            None | Some(Action::List) => list(&self.names(), console),
            Some(Action::Show { name }) => self.show(name, console),
            Some(Action::Eject { directory }) => self.eject(directory, console),
        }
    }

    fn names(&self) -> Vec<&str> {
        self.texts.iter().map(|(name, _)| *name).collect()
    }

    /// Prints one text.
    fn show(&self, name: &str, console: Console) -> Result {
        let wanted = name.trim_end_matches(self.suffix);
        let Some((_, text)) = self.texts.iter().find(|(name, _)| *name == wanted) else {
            let problem =
                Diagnostic::bare("unknown-name", format!("there is no {} `{name}`", self.what));
            return Err(Stop::call(problem.help(format!("there are {}", self.names().join(", ")))));
        };
        console.data(text)?;
        Ok(ExitStatus::Success)
    }

    /// Copies all texts into a directory, overwriting nothing.
    fn eject(&self, directory: &Utf8Path, console: Console) -> Result {
        make_directory(directory)?;
        let path = |name: &str| directory.join(format!("{name}{}", self.suffix));
        let (mut files, mut left) = (Together::default(), 0);
        for (name, text) in self.texts {
            let path = path(name);
            sweep(&path);
            // Of a run that ended early some may be there.
            match same(&path, text.as_bytes())? {
                None => files.create(&path, text.as_bytes())?,
                Some(true) if left + 1 < self.texts.len() => left += 1,
                Some(_) => return Err(there_already(&path)),
            }
        }
        files.publish()?;
        for (name, _) in self.texts {
            console.done(&format!("wrote {}", path(name)));
        }
        Ok(ExitStatus::Success)
    }
}

/// Prints names, one a line.
pub(super) fn list(names: &[impl AsRef<str>], console: Console) -> Result {
    let lines: String = names.iter().flat_map(|name| [name.as_ref(), "\n"]).collect();
    console.data(&lines)?;
    Ok(ExitStatus::Success)
}

fn there_already(path: &Utf8Path) -> Stop {
    let problem = Diagnostic::bare("exists", format!("`{path}` is there already"));
    Stop::call(problem.help("`eject` overwrites nothing: give another directory"))
}
