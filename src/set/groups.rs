//! Many files in groups: each is read and judged by itself, so that its share of the memory is all that is held.

use rayon::prelude::*;

use super::directory_of;
use super::reach::{Reach, related};

/// Divides files into groups of a size or a little more, by their names. A directory is never divided: what is beside
/// what matters. Directories that lie near each other come together.
pub fn by_directory(names: &[&str], size: usize) -> Vec<Vec<usize>> {
    let directory = |number: &usize| directory_of(names[*number]);
    let mut numbers: Vec<usize> = (0..names.len()).collect();
    numbers.sort_by(|one, other| directory(one).split('/').cmp(directory(other).split('/')));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for beside in numbers.chunk_by(|one, other| directory(one) == directory(other)) {
        match groups.last_mut().filter(|group| group.len() < size) {
            Some(group) => group.extend(beside),
            None => groups.push(beside.to_vec()),
        }
    }
    for group in &mut groups {
        group.sort_unstable();
    }
    groups
}

/// Judges each group; then those once more, together, that had something to ask each other, until none has.
///
/// # Errors
///
/// The first that `judge` has.
pub fn settle<T: Send, E: Send>(
    groups: Vec<Vec<usize>>,
    judge: impl Fn(&[usize]) -> Result<(T, Reach), E> + Sync,
) -> Result<Vec<T>, E> {
    let judged = |files: Vec<usize>| {
        let (found, reach) = judge(&files)?;
        Ok(Judged { files, found, reach })
    };
    let mut all: Vec<Judged<T>> = groups.into_par_iter().map(&judged).collect::<Result<_, E>>()?;
    loop {
        let reaches: Vec<&Reach> = all.iter().map(|one| &one.reach).collect();
        let together = related(&reaches);
        if together.is_empty() {
            return Ok(all.into_iter().map(|one| one.found).collect());
        }
        let mut waiting: Vec<Option<Judged<T>>> = all.into_iter().map(Some).collect();
        let files = |set: Vec<usize>| {
            let parts = set.into_iter().filter_map(|number| waiting[number].take());
            let mut files: Vec<usize> = parts.flat_map(|one| one.files).collect();
            files.sort_unstable();
            files
        };
        let again: Vec<Vec<usize>> = together.into_iter().map(files).collect();
        all = waiting.into_iter().flatten().collect();
        all.par_extend(again.into_par_iter().map(&judged).collect::<Result<Vec<_>, E>>()?);
    }
}

/// A group, and what came of it.
struct Judged<T> {
    files: Vec<usize>,
    found: T,
    reach: Reach,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_divides_a_directory() {
        let names = ["a/x", "a/b/x", "a/b/y", "a/y", "c/x", "d"];
        assert_eq!(by_directory(&names, 1), [vec![5], vec![0, 3], vec![1, 2], vec![4]]);
        assert_eq!(by_directory(&names, 2), [vec![0, 3, 5], vec![1, 2], vec![4]]);
        assert_eq!(by_directory(&names, 9), [vec![0, 1, 2, 3, 4, 5]]);
    }
}
