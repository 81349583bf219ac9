//! What is being done now, in a line that is gone when it is over: on terminals only.

use std::io::{IsTerminal, Write};

/// A line on stderr that the next one replaces.
#[derive(Debug)]
pub struct Step {
    watched: bool,
    shown: bool,
}

impl Step {
    /// A line; `quiet` where others are written to stderr meanwhile.
    pub fn new(quiet: bool) -> Self {
        Self { watched: !quiet && std::io::stderr().is_terminal(), shown: false }
    }

    /// Whether somebody watches.
    pub fn is_watched(&self) -> bool {
        self.watched
    }

    /// Shows a line in place of the last.
    pub fn show(&mut self, line: &str) {
        if self.watched {
            self.shown = true;
            // Nothing depends on it: a terminal that takes no line misses nothing else.
            let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if self.shown {
            self.show("");
        }
    }
}
