//! Texts that the binary carries: listed, shown, or copied for the user to own.

use camino::Utf8Path;

use super::files::create;
use super::stop::{Doing, Result, Stop};
use crate::diagnostic::Diagnostic;
use crate::exit::ExitStatus;
use crate::report::Console;

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
    /// Prints the names.
    pub(super) fn list(&self, console: Console) -> Result {
        console.data(&format!(
            "{}
",
            self.names().join(
                "
"
            )
        ))?;
        Ok(ExitStatus::Success)
    }

    fn names(&self) -> Vec<&str> {
        self.texts.iter().map(|(name, _)| *name).collect()
    }

    /// Prints one text.
    pub(super) fn show(&self, name: &str, console: Console) -> Result {
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
    pub(super) fn eject(&self, directory: &Utf8Path, console: Console) -> Result {
        std::fs::create_dir_all(directory).doing("make", directory)?;
        let path = |name: &str| directory.join(format!("{name}{}", self.suffix));
        if let Some((name, _)) = self.texts.iter().find(|(name, _)| path(name).exists()) {
            let problem = Diagnostic::bare("exists", format!("`{}` is there already", path(name)));
            return Err(Stop::call(
                problem.help("`eject` overwrites nothing: give another directory"),
            ));
        }
        for (name, text) in self.texts {
            create(&path(name), text.as_bytes())?;
            console.done(&format!("wrote {}", path(name)));
        }
        Ok(ExitStatus::Success)
    }
}
