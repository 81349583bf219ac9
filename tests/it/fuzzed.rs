//! The targets of `fuzz/` run here as well: over the inputs that fuzzing kept, and over each of them a little broken.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::fuzz;
use crate::tools::root;

/// The most that all kept inputs may take together: a repository is no place for more.
const MOST: u64 = 200_000;

/// The inputs that are kept for a target.
fn kept(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let directory = root().join("fuzz/corpus").join(target);
    let entries = std::fs::read_dir(&directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// A text that lost, doubled or swapped a part: what a hasty edit, a merge or a broken disk makes of it.
fn broken(text: &[u8], turn: usize) -> Vec<u8> {
    let at = |part: usize| text.len() * part / 7;
    let (one, two) = (at(turn % 7), at(turn % 7 + 1));
    match turn / 7 {
        0 => [&text[..one], &text[two..]].concat(),
        1 => [&text[..two], &text[one..]].concat(),
        _ => [&text[one..two], &text[..one], &text[two..]].concat(),
    }
}

#[test]
fn what_fuzzing_kept_still_holds() {
    for (name, target) in fuzz::ALL {
        let kept = kept(name);
        assert!(!kept.is_empty(), "{name} has no inputs");
        for (path, input) in kept {
            // A panic does not say which input it was.
            eprintln!("{}", path.display());
            target(&input);
            for turn in 0..21 {
                target(&broken(&input, turn));
            }
        }
    }
}

#[test]
fn each_target_is_one_that_cargo_fuzz_finds() {
    let list = std::fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    let manifest: toml::Table = list.parse().unwrap();
    let bins = manifest["bin"].as_array().unwrap().iter();
    let bins: BTreeSet<&str> = bins.map(|bin| bin["name"].as_str().unwrap()).collect();
    let targets: BTreeSet<&str> = fuzz::ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(bins, targets);
    for name in targets {
        let path = root().join(format!("fuzz/fuzz_targets/{name}.rs"));
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(&format!("sioway_fuzz::run(\"{name}\", bytes)")), "{text}");
    }
}

#[test]
fn the_kept_inputs_stay_few() {
    let sizes = fuzz::ALL.iter().flat_map(|(name, _)| kept(name));
    let all: u64 = sizes.map(|(_, input)| input.len() as u64).sum();
    assert!(all <= MOST, "{all} bytes");
}
