//! How far a long piece of work has come: on terminals, and only after its first second.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

/// Work that takes less than this is not spoken of, in milliseconds.
const PATIENCE: u64 = 1_000;

/// How long a line stands before the next replaces it, in milliseconds.
const EVERY: u64 = 100;

/// Counts pieces of work, from any thread, in a line that is gone when the work is done.
#[derive(Debug)]
pub struct Progress {
    what: &'static str,
    total: usize,
    done: AtomicUsize,
    started: Instant,
    /// When the next line is due, in milliseconds from the start; `u64::MAX` where nobody watches.
    due: AtomicU64,
}

impl Progress {
    /// `what` is being done to so many things: "rendered".
    pub fn new(what: &'static str, total: usize) -> Self {
        let watched = std::io::stderr().is_terminal();
        Self {
            what,
            total,
            done: AtomicUsize::new(0),
            started: Instant::now(),
            due: AtomicU64::new(if watched { PATIENCE } else { u64::MAX }),
        }
    }

    /// So many more are done. What is done twice is not counted beyond all there is.
    pub fn step(&self, count: usize) {
        let done = self.done.fetch_add(count, Ordering::Relaxed) + count;
        let due = self.due.load(Ordering::Relaxed);
        if due == u64::MAX {
            return;
        }
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX - EVERY);
        let next =
            || self.due.compare_exchange(due, now + EVERY, Ordering::Relaxed, Ordering::Relaxed);
        if now >= due && next().is_ok() {
            Self::show(&format!("{} {} of {}", self.what, done.min(self.total), self.total));
        }
    }

    fn show(line: &str) {
        // Nothing depends on it: a terminal that takes no line misses nothing else.
        let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let due = self.due.load(Ordering::Relaxed);
        if due != u64::MAX && due > PATIENCE {
            Self::show("");
        }
    }
}
