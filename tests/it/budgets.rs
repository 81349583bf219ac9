//! Sizes that keep the house easy to find one's way in.

use std::fs;
use std::path::{Path, PathBuf};

use crate::tools::root;

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The lines of a file that are not its tests.
fn production(text: &str) -> Vec<&str> {
    text.lines().take_while(|line| !["#[cfg(test)]", "#![cfg(test)]"].contains(line)).collect()
}

fn percentile(sorted: &[usize], percent: usize) -> usize {
    sorted[(sorted.len() - 1) * percent / 100]
}

#[test]
fn files_are_short() {
    let mut lengths: Vec<usize> = Vec::new();
    for path in sources(&root().join("src")) {
        let length = production(&fs::read_to_string(&path).unwrap()).len();
        assert!(length <= 500, "{} has {length} lines", path.display());
        lengths.push(length);
    }
    lengths.sort_unstable();
    assert!(
        percentile(&lengths, 90) <= 300,
        "the longest tenth begins at {}",
        percentile(&lengths, 90)
    );
}

#[test]
fn functions_are_short() {
    let mut lengths: Vec<usize> = Vec::new();
    for path in sources(&root().join("src")) {
        lengths.extend(function_lengths(&production(&fs::read_to_string(&path).unwrap())));
    }
    lengths.sort_unstable();
    let (median, most) = (percentile(&lengths, 50), percentile(&lengths, 90));
    assert!(median <= 8 && most <= 25, "median {median}, the longest tenth begins at {most}");
}

/// From the line with `fn` to the line that closes its block: rustfmt puts both at one indentation.
fn function_lengths(lines: &[&str]) -> Vec<usize> {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let mut lengths = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_function =
            words.iter().take(4).any(|word| *word == "fn") && !line.trim_start().starts_with("//");
        if !is_function {
            continue;
        }
        let closes = |other: &str| {
            indentation(other) == indentation(line) && other.trim_start().starts_with('}')
        };
        let length = if line.ends_with('}') {
            Some(0)
        } else {
            lines[start..].iter().position(|other| closes(other))
        };
        lengths.extend(length.map(|length| length + 1));
    }
    lengths
}

#[test]
fn every_file_says_what_it_is_for() {
    for path in sources(&root().join("src")).into_iter().chain(sources(&root().join("tests"))) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} has no module documentation", path.display());
    }
}

#[test]
fn templates_say_what_they_print() {
    for template in fs::read_dir(root().join("templates")).unwrap() {
        let path = template.unwrap().path();
        assert!(
            fs::read_to_string(&path).unwrap().starts_with("{# "),
            "{} has no comment at its top",
            path.display()
        );
    }
}
