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
    each_of(what, items, |_| 1, work)
}

/// The same, where each thing is as many as its size says.
pub(super) fn each_of<T: Send, R: Send>(
    what: &'static str,
    items: Vec<T>,
    size: impl Fn(&T) -> usize + Sync + Send,
    work: impl Fn(T) -> R + Sync + Send,
) -> Result<Vec<R>> {
    let progress = Progress::new(what, items.iter().map(&size).sum());
    let step = |item| {
        let size = size(&item);
        let result = work(item);
        progress.step(size);
        result
    };
    interrupt::carefully(|| all(items, step))
}

/// The same, as a part of it: nobody is told how far it is.
pub(super) fn all<T: Send, R: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> R + Sync + Send,
) -> Result<Vec<R>> {
    let one = |item| {
        interrupt::check()?;
        Ok(work(item))
    };
    if items.len() < WORTH_A_POOL {
        return items.into_iter().map(one).collect();
    }
    items.into_par_iter().map(one).collect()
}
