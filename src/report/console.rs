//! The two streams of a run.

use std::io::{self, IsTerminal as _, Write};

use anstream::{AutoStream, ColorChoice};

use super::clean::one_line;
use super::snippet;
use crate::diagnostic::{Diagnostic, Sources};

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where a run writes to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Console {
    color: When,
    verbose: bool,
}

impl Console {
    /// A console; `verbose` is whether the user wants to hear of what went well.
    pub fn new(color: When, verbose: bool) -> Self {
        Self { color, verbose }
    }

    /// Whether the user wants to hear of what went well.
    pub fn is_verbose(self) -> bool {
        self.verbose
    }

    /// Whether a stream gets colours, by whether it is a terminal.
    fn colors(self, is_terminal: bool) -> bool {
        match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        }
    }

    /// Data, on stdout.
    ///
    /// A reader that went away is no fault of the run: `sioway … | head` is content with what it got.
    pub fn data(self, text: &str) -> io::Result<()> {
        match io::stdout().lock().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Data as [`Self::data`], told whether stdout gets colours.
    pub fn painted(self, text: impl FnOnce(bool) -> String) -> io::Result<()> {
        self.data(&text(self.colors(io::stdout().is_terminal())))
    }

    /// What went well, for who asked to hear of it.
    pub fn done(self, what: &str) {
        if self.verbose {
            self.say(what);
        }
    }

    /// A line to the user.
    pub fn say(self, line: &str) {
        self.write(&format!("{}\n", one_line(line)));
    }

    /// Diagnostics, each with a line between.
    pub fn diagnostics(self, sources: &Sources, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            self.write(&format!("{}\n\n", snippet::render(sources, diagnostic)));
        }
    }

    /// When stderr itself is gone there is nobody left to tell.
    fn write(self, text: &str) {
        let choice = match self.color {
            When::Auto => AutoStream::choice(&io::stderr()),
            When::Always => ColorChoice::Always,
            When::Never => ColorChoice::Never,
        };
        let _ = AutoStream::new(io::stderr().lock(), choice).write_all(text.as_bytes());
    }
}
