//! Patches.

use sioway::fix::unified;

use super::files::text;

/// A patch makes the new text of the old one, by its own words.
pub(crate) fn unified_diff(bytes: &[u8]) {
    let Some(input) = text(bytes) else { return };
    let mut parts = input.splitn(3, '\u{0}');
    let [name, old, new] = [(); 3].map(|()| parts.next().unwrap_or_default());
    let patch = unified(name, old, new);
    if old == new {
        assert_eq!(patch, "");
        return;
    }
    let (head, hunks) = patch.split_once("\n+++ ").expect("two names");
    assert!(!head.contains('\u{1b}') && head.lines().count() <= 3, "{head}");
    let hunks = hunks.split_once('\n').map_or("", |(_, hunks)| hunks);
    assert_eq!(applied(old, hunks), new, "{patch}");
}

/// The outcome of hunks, read as `patch` does: by their counts.
fn applied(old: &str, hunks: &str) -> String {
    let before: Vec<&str> = old.split_inclusive('\n').collect();
    let (mut at, mut new, mut lines) = (0, String::new(), hunks.split_inclusive('\n').peekable());
    while let Some(head) = lines.next() {
        let (start, mut gone, mut come) = counts(head);
        let start = if gone == 0 { start } else { start - 1 };
        new.extend(before[at..start].iter().copied());
        at = start;
        while gone + come > 0 {
            let line = lines.next().expect("as many lines as promised");
            let (sign, mut line) = line.split_at(1);
            if lines.next_if(|next| next.starts_with('\\')).is_some() {
                line = line.strip_suffix('\n').expect("an end");
            }
            if sign != "+" {
                assert_eq!(before[at], line);
                (at, gone) = (at + 1, gone - 1);
            }
            if sign != "-" {
                new.push_str(line);
                come -= 1;
            }
        }
    }
    new.extend(before[at..].iter().copied());
    new
}

/// Where a hunk begins in the old text, and how many lines of each text it has.
fn counts(head: &str) -> (usize, usize, usize) {
    let mut words = head.split(' ').skip(1).map(|word| {
        let (start, count) = word[1..].split_once(',').unwrap_or((&word[1..], "1"));
        (start.parse().expect("a number"), count.parse().expect("a number"))
    });
    let (old, new): ((usize, usize), (usize, usize)) =
        (words.next().expect("the old"), words.next().expect("the new"));
    (old.0, old.1, new.1)
}
