//! A change of a file as a patch that `git apply` takes.

use std::fmt::Write as _;

use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices, group_diff_ops};

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// The patch that makes `new` of `old` in the file of a name, relative to the root of the repository and with `/`.
/// Empty if they are equal.
pub fn unified(name: &str, old: &str, new: &str) -> String {
    let mut patch = String::new();
    if old == new {
        return patch;
    }
    let (before, after) = (lines(old), lines(new));
    let (from, to) = (quoted(&format!("a/{name}")), quoted(&format!("b/{name}")));
    let tab = if name.contains(' ') && !from.starts_with('"') { "\t" } else { "" };
    // A file that was empty and one that was not there look alike: nobody keeps an empty manifest.
    let made = if old.is_empty() { "new file mode 100644\n" } else { "" };
    let before_name = if old.is_empty() { "/dev/null".to_owned() } else { format!("{from}{tab}") };
    let head = format!("diff --git {from} {to}\n{made}--- {before_name}\n+++ {to}{tab}\n");
    patch.push_str(&head);
    let ops = capture_diff_slices(Algorithm::Myers, &before, &after);
    for hunk in group_diff_ops(ops, CONTEXT) {
        write_hunk(&mut patch, &hunk, &before, &after);
    }
    patch
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn write_hunk(patch: &mut String, hunk: &[DiffOp], before: &[&str], after: &[&str]) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
        return;
    };
    let old = range(first.old_range().start, last.old_range().end);
    let new = range(first.new_range().start, last.new_range().end);
    let _ = writeln!(patch, "@@ -{old} +{new} @@");
    for change in hunk.iter().flat_map(|op| op.iter_changes(before, after)) {
        let sign = match change.tag() {
            ChangeTag::Equal => ' ',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        let line = change.value();
        let _ = write!(patch, "{sign}{line}");
        if !line.ends_with('\n') {
            patch.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// Lines are counted from 1; an empty range is named by the line before it.
fn range(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        count => format!("{},{count}", start + 1),
    }
}

/// As git writes a path: in quotes if a character in it needs them.
fn quoted(path: &str) -> String {
    let needs = |byte: u8| !(b' '..=b'~').contains(&byte) || byte == b'"' || byte == b'\\';
    if !path.bytes().any(needs) {
        return path.to_owned();
    }
    let mut out = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            byte if needs(byte) => {
                let _ = write!(out, "\\{byte:03o}");
            }
            byte => out.push(char::from(byte)),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_git_reads() {
        let patch = unified("a b.yaml", "x: 1\ny: 2", "x: 1\ny: 3");
        let expected = "diff --git a/a b.yaml b/a b.yaml\n--- a/a b.yaml\t\n+++ b/a b.yaml\t\n@@ -1,2 +1,2 @@\n x: 1\n\
            -y: 2\n\\ No newline at end of file\n+y: 3\n\\ No newline at end of file\n";
        assert_eq!(patch, expected);
        assert!(unified("é\".yaml", "", "a\n").starts_with("diff --git \"a/\\303\\251\\\".yaml\""));
        assert_eq!(unified("a", "same", "same"), "");
    }
}
