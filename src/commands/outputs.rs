//! Where reports are written: one format to stdout, others to files.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::str::FromStr;

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;

use super::files::replace;
use super::paths::{absolute, real, shown};
use super::stop::{Doing, Result, Stop};
use super::streams::descriptor;
use super::together::alone;
use crate::diagnostic::Diagnostic;
use crate::report::Console;

/// `FORMAT:FILE`.
#[derive(Debug, Clone)]
pub(super) struct Output<F> {
    /// The format.
    pub(super) format: F,
    pub(super) file: Utf8PathBuf,
}

impl<F: ValueEnum> FromStr for Output<F> {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong = || {
            let names: Vec<String> = F::value_variants()
                .iter()
                .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
                .collect();
            format!("write `FORMAT:FILE`, where the format is one of {}", names.join(", "))
        };
        let (format, file) = text.split_once(':').ok_or_else(wrong)?;
        if file.is_empty() {
            return Err(wrong());
        }
        if file == "-" {
            return Err("stdout has the format of `--format`; name a file".to_owned());
        }
        Ok(Self { format: F::from_str(format, false).map_err(|_| wrong())?, file: file.into() })
    }
}

/// Refuses reports that would take the place of each other, or of a file that the run has another use for.
pub(super) fn check<F>(outputs: &[Output<F>], inputs: &[&Utf8Path]) -> Result<()> {
    let mut taken: BTreeSet<Utf8PathBuf> =
        inputs.iter().map(|path| real(&absolute(path))).collect();
    for output in outputs.iter().filter(|output| Stream::of(&output.file).is_none()) {
        if !taken.insert(real(&absolute(&output.file))) {
            let message = format!("`{}` would be written over", shown(&output.file));
            let problem = Diagnostic::bare("output-taken", message);
            let help = "give each report a file of its own, which is no input";
            return Err(Stop::call(problem.help(help)));
        }
    }
    Ok(())
}

/// Writes a report to files and to stdout; `text` is the report in a format, with colours or without.
pub(super) fn write_all<F: Copy>(
    format: F,
    outputs: &[Output<F>],
    text: impl Fn(F, bool) -> String,
    console: Console,
) -> Result<()> {
    for output in outputs {
        let text = text(output.format, false);
        match Stream::of(&output.file) {
            Some(stream) => stream.write(&output.file, text.as_bytes())?,
            None => alone(|| replace(&output.file, text.as_bytes()))?,
        }
    }
    console.painted(|color| text(format, color))?;
    Ok(())
}

/// A name for something that the run has open already. Behind it may be a file that others write too, by `>>`: it is
/// written on, and never replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Stdout,
    Stderr,
    /// A number of its own, or nowhere.
    Other,
}

impl Stream {
    fn of(path: &Utf8Path) -> Option<Self> {
        match descriptor(path) {
            Some(1) => Some(Self::Stdout),
            Some(2) => Some(Self::Stderr),
            Some(_) => Some(Self::Other),
            None => (path == "/dev/null").then_some(Self::Other),
        }
    }

    fn write(self, path: &Utf8Path, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(Stop::Stdout)
            }
            Self::Stderr => io::stderr().write_all(bytes).doing("write", path),
            Self::Other => {
                let opened = OpenOptions::new().append(true).open(path);
                opened.and_then(|mut file| file.write_all(bytes)).doing("write", path)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_already_is_no_file() {
        let of = |path: &str| Stream::of(Utf8Path::new(path));
        assert_eq!(of("/dev/stdout"), Some(Stream::Stdout));
        assert_eq!(of("/proc/self/fd/2"), Some(Stream::Stderr));
        assert_eq!([of("/dev/fd/63"), of("/dev/null")], [Some(Stream::Other); 2]);
        assert_eq!([of("/dev/fd/x"), of("dev/stdout"), of("/tmp/a.json")], [None; 3]);
    }
}
