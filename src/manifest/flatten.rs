//! Which entries of a map count: repeated keys and merge keys.
//!
//! Of a repeated key the last counts, as for a reader that is not strict; each is listed
//! for whoever wants to complain. A merge key brings the entries of other maps; the
//! map's own win, and of several maps the earlier (<https://yaml.org/type/merge.html>).

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::limits;
use super::stream::Problem;
use super::tape::{FLAT, Key, Style, Tape, Twins};

/// Up to so many keys are compared each with each.
const FEW: usize = 24;

/// An entry that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) key: u32,
    pub(super) value: u32,
    /// It came through a merge key.
    pub(super) merged: bool,
}

impl Tape<'_> {
    /// Lists the repeated ones among the keys of a map.
    pub(super) fn find_twins(&mut self, keys: Range<usize>) {
        let keys = &self.keys[keys];
        let are_few = keys.len() <= FEW && keys.iter().all(|key| key.mark != 0);
        if are_few && !has_equal_marks(keys) {
            return;
        }
        let mut first = HashMap::new();
        let mut twins = Vec::new();
        for key in keys {
            let text = self.key_text(key.cell);
            if text == "<<" && self.is_merge_key(key.cell) {
                continue;
            }
            if let Some(first) = first.insert(text, key.cell) {
                twins.push(Twins { first, again: key.cell });
            }
        }
        self.twins.extend(twins);
    }

    /// Whether a key is `<<`, unquoted.
    pub(super) fn is_merge_key(&self, key: u32) -> bool {
        let cell = self.cells[key as usize];
        cell.style == Style::Plain && self.scalar_text(key) == "<<"
    }

    /// The entries of a map that count.
    pub(super) fn pairs(&self, map: u32) -> Vec<Pair> {
        if self.cells[map as usize].flags & FLAT != 0 {
            return self.flat.get(&map).map(|pairs| pairs.to_vec()).unwrap_or_default();
        }
        self.written_pairs(map)
    }

    /// All entries of a map, as written.
    fn written_pairs(&self, map: u32) -> Vec<Pair> {
        let end = self.cells[map as usize].link;
        let mut pairs = Vec::new();
        let mut key = map + 1;
        while key < end {
            let value = self.after(key);
            pairs.push(Pair { key, value, merged: false });
            key = self.after(value);
        }
        pairs
    }
}

fn has_equal_marks(keys: &[Key]) -> bool {
    keys.iter().enumerate().any(|(at, key)| keys[..at].iter().any(|other| other.mark == key.mark))
}

/// The entries that count of a map that was just closed.
pub(super) fn effective(tape: &Tape, map: u32) -> Result<Vec<Pair>, Problem> {
    let (merges, own): (Vec<Pair>, Vec<Pair>) =
        tape.written_pairs(map).into_iter().partition(|pair| tape.is_merge_key(pair.key));
    let mut seen = HashSet::new();
    let mut pairs: Vec<Pair> =
        own.into_iter().rev().filter(|pair| seen.insert(tape.key_text(pair.key))).collect();
    pairs.reverse();
    for merge in merges {
        for source in sources(tape, merge.value)? {
            for pair in tape.pairs(source) {
                if seen.insert(tape.key_text(pair.key)) {
                    pairs.push(Pair { merged: true, ..pair });
                }
            }
            if tape.flattened + pairs.len() > limits::FLATTENED {
                let at = tape.cells[map as usize].start as usize;
                return Err(Problem::too_many(at, "merged entries", limits::FLATTENED));
            }
        }
    }
    Ok(pairs)
}

/// The maps that a merge key names: one, or a list of them.
fn sources(tape: &Tape, value: u32) -> Result<Vec<u32>, Problem> {
    let target = tape.resolved(value);
    let cell = tape.cells[target as usize];
    if cell.style.is_map() {
        return Ok(vec![target]);
    }
    let mut maps = Vec::new();
    let mut item = target + 1;
    while cell.style.is_list() && item < cell.link {
        maps.push(tape.resolved(item));
        item = tape.after(item);
    }
    let all_maps = maps.iter().all(|map| tape.cells[*map as usize].style.is_map());
    if cell.style.is_list() && all_maps {
        return Ok(maps);
    }
    Err(Problem::new(
        tape.cells[value as usize].span(),
        "a merge key `<<` needs a map, or a list of maps",
    )
    .help("write `<<: *name`, where `&name` stands before a map"))
}
