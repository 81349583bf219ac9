//! Work on many things: on all cores, in order, and with an eye on who waits for it.

use rayon::prelude::*;

use super::interrupt;
use super::stop::Result;
use crate::report::Progress;

/// Below this many things a pool of threads takes longer to start than it saves.
const WORTH_A_POOL: usize = 16;

/// What the work comes to for each thing, in their order; on all cores where there is enough to do.
///
/// # Errors
///
/// Only that somebody has interrupted the run: what is being worked on is finished, and nothing else is begun.
pub(super) fn each<T: Send, R: Send>(
    what: &'static str,
    items: Vec<T>,
    work: impl Fn(T) -> R + Sync + Send,
) -> Result<Vec<R>> {
    let progress = Progress::new(what, items.len());
    let step = |item| {
        interrupt::check()?;
        let result = work(item);
        progress.step(1);
        Ok(result)
    };
    interrupt::carefully(|| {
        if items.len() < WORTH_A_POOL {
            return items.into_iter().map(step).collect();
        }
        items.into_par_iter().map(step).collect()
    })
}
