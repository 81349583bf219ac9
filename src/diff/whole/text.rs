//! Texts of several lines, line by line: one difference for each run of lines.

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::Difference;
use crate::diff::why::Why;

/// What differs between two texts, each part by the line that it begins at.
pub(super) fn differences(path: &str, old: &str, new: &str) -> Vec<Difference> {
    let (before, after) = (lines(old), lines(new));
    let parts = capture_diff_slices(Algorithm::Myers, &before, &after);
    let changed = parts.iter().filter(|part| part.tag() != DiffTag::Equal);
    changed
        .map(|part| {
            let [old, new] = said(&before[part.old_range()], &after[part.new_range()]);
            let path = format!("{path} line {}", part.new_range().start + 1);
            Difference { path, old, new, why: Why::default() }
        })
        .collect()
}

/// Two runs of lines, so that they look different: what blanks alone make different is quoted, and an end without a
/// line break is told where the other side has one.
fn said(old: &[&str], new: &[&str]) -> [Option<String>; 2] {
    let texts = [old, new].map(<[_]>::concat);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let is_ended = [old, new].map(|lines| lines.last().is_none_or(|line| line.ends_with('\n')));
    let is_quoted = is_ended[0] == is_ended[1] && words(&texts[0]) == words(&texts[1]);
    let say = |text: &str, is_cut: bool| {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = if is_quoted { format!("{line:?}") } else { line.to_owned() };
        (!text.is_empty()).then(|| line + if is_cut { " \\ No newline at end of file" } else { "" })
    };
    let cut = |one: usize| !is_ended[one] && is_ended[1 - one];
    [say(&texts[0], cut(0)), say(&texts[1], cut(1))]
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> Vec<String> {
        let told = |one: Difference| {
            let side = |text: Option<String>| text.unwrap_or_default();
            format!("{}: {} → {}", one.path, side(one.old), side(one.new))
        };
        differences("x", old, new).into_iter().map(told).collect()
    }

    #[test]
    fn tells_each_run_of_lines() {
        assert_eq!(told("a\nb\nc\nd\n", "a\nB\nc\nd\ne\n"), ["x line 2: b → B", "x line 5:  → e"]);
        assert_eq!(told("a\nb\n", "b\n"), ["x line 1: a → "]);
    }

    #[test]
    fn what_is_different_looks_different() {
        let cut = "\\ No newline at end of file";
        assert_eq!(told("a\nb", "a\nb\n"), [format!("x line 2: b {cut} → b")]);
        assert_eq!(told("a\nb\n", "a\nc"), [format!("x line 2: b → c {cut}")]);
        assert_eq!(told("a\n", "a\nb"), [format!("x line 2:  → b {cut}")]);
        assert_eq!(told("a\nb", "a\nc"), ["x line 2: b → c"]);
        assert_eq!(told("a \nb\n", "a\nb\n"), ["x line 1: \"a \" → \"a\""]);
        assert_eq!(told("a b\n", "a\nb\n"), ["x line 1: \"a b\" → \"a\\nb\""]);
        assert_eq!(told("a\n\n", "a\n"), ["x line 2: \"\" → "]);
    }
}
