//! Texts of several lines, line by line: one difference for each run of lines.

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::Difference;
use crate::diff::why::Why;

/// What differs between two texts, each part by the line that it begins at.
pub(super) fn differences(path: &str, old: &str, new: &str) -> Vec<Difference> {
    let (before, after) = (lines(old), lines(new));
    let parts = capture_diff_slices(Algorithm::Myers, &before, &after);
    let changed = parts.iter().filter(|part| part.tag() != DiffTag::Equal);
    let some = |lines: &[&str]| (!lines.is_empty()).then(|| lines.concat().trim_end().to_owned());
    changed
        .map(|part| Difference {
            path: format!("{path} line {}", part.new_range().start + 1),
            old: some(&before[part.old_range()]),
            new: some(&after[part.new_range()]),
            why: Why::default(),
        })
        .collect()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_each_run_of_lines() {
        let found = differences("data.x", "a\nb\nc\nd\n", "a\nB\nc\nd\ne\n");
        let told: Vec<(&str, Option<&str>, Option<&str>)> = found
            .iter()
            .map(|one| (one.path.as_str(), one.old.as_deref(), one.new.as_deref()))
            .collect();
        assert_eq!(
            told,
            [("data.x line 2", Some("b"), Some("B")), ("data.x line 5", None, Some("e"))]
        );
    }
}
