//! Ctrl-C, and what ends a job on a server: a run ends where it is, or, while it writes, between two pieces of work.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use camino::Utf8Path;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown};

use super::stop::{Doing, Result, Stop};
use crate::exit::INTERRUPTED;

/// Whether somebody wants the run to end.
static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Whether it may end wherever it is.
static AT_ONCE: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| Arc::new(AtomicBool::new(true)));

/// From now on a signal is heard. Until [`carefully`] is called it ends the run at once.
pub(super) fn listen() -> Result<()> {
    for signal in [SIGINT, SIGTERM] {
        let status = i32::from(INTERRUPTED);
        let heard = register_conditional_shutdown(signal, status, Arc::clone(&AT_ONCE))
            .and_then(|_| register(signal, Arc::clone(&ASKED)));
        heard.doing("hear", Utf8Path::new("signals"))?;
    }
    Ok(())
}

/// Does work that a signal must not cut short; it asks [`check`] wherever it may end.
///
/// Such work waits for nobody: not for a terminal, and not for the reader of a pipe. Nor is it done within other such
/// work.
pub(super) fn carefully<T>(work: impl FnOnce() -> T) -> T {
    AT_ONCE.store(false, Ordering::SeqCst);
    let done = work();
    AT_ONCE.store(true, Ordering::SeqCst);
    done
}

/// Whether to go on.
pub(super) fn check() -> Result<()> {
    if ASKED.load(Ordering::Relaxed) { Err(Stop::Interrupted) } else { Ok(()) }
}
