//! nginx's regular expressions, as far as they can be evaluated.
//!
//! nginx uses PCRE. What `regex-lite` does not know (look-around, back references, possessive quantifiers), or could
//! understand differently (bytes that are not ASCII, line breaks), is not evaluated: the answer is "not known".

use regex_lite::{Captures, Regex, RegexBuilder};

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Regex);

/// The groups of a match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Groups {
    /// Their texts; group 0 is the whole match.
    pub(super) texts: Vec<String>,
    /// The names of those that have one, with their texts.
    pub(super) named: Vec<(String, String)>,
}

/// That a pattern cannot be evaluated for a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotEvaluable;

/// The largest program that a pattern may compile to, in bytes.
const SIZE: usize = 1 << 16;

impl Pattern {
    /// `None` if the pattern is not one that both understand alike.
    pub(super) fn new(pattern: &str, ignore_case: bool) -> Option<Self> {
        let differs = !pattern.is_ascii() || possessive(pattern) || pattern.contains("(?x");
        if differs {
            return None;
        }
        RegexBuilder::new(pattern)
            .case_insensitive(ignore_case)
            .size_limit(SIZE)
            .build()
            .ok()
            .map(Self)
    }

    /// The groups of the first match; `None` if it does not match.
    pub(super) fn groups(&self, text: &[u8]) -> Result<Option<Groups>, NotEvaluable> {
        let text = evaluable(text).ok_or(NotEvaluable)?;
        Ok(self.0.captures(text).map(|found| self.read(&found)))
    }

    fn read(&self, found: &Captures<'_>) -> Groups {
        let text = |index| found.get(index).map_or("", |group| group.as_str()).to_owned();
        let texts: Vec<String> = (0..found.len()).map(text).collect();
        let all = self.0.capture_names().zip(&texts);
        let with_names =
            all.filter_map(|(name, text)| Some((name?.to_owned(), text.clone()))).collect();
        Groups { named: with_names, texts }
    }

    /// Whether it matches: `None` if it cannot be said.
    pub(super) fn is_match(&self, text: &[u8]) -> Option<bool> {
        Some(self.0.is_match(evaluable(text)?))
    }
}

/// In PCRE `$` matches before a last line break, and `.` one byte.
fn evaluable(text: &[u8]) -> Option<&str> {
    let plain = text.is_ascii() && !text.contains(&b'\n');
    plain.then(|| std::str::from_utf8(text).ok()).flatten()
}

/// A quantifier right behind a quantifier: possessive in PCRE, a repetition of a repetition in Rust.
fn possessive(pattern: &str) -> bool {
    let mut quantified = false;
    let mut escaped = false;
    let mut class = false;
    for byte in pattern.bytes() {
        let is_quantifier = !escaped && !class && matches!(byte, b'*' | b'+' | b'?' | b'}');
        if quantified && !escaped && !class && matches!(byte, b'+' | b'*' | b'{') {
            return true;
        }
        // `a+?` is lazy in both; `(?` opens a group.
        quantified = is_quantifier;
        if !escaped {
            class = byte == b'[' || (class && byte != b']');
        }
        escaped = byte == b'\\' && !escaped;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pcre_reads_differently_is_not_evaluated() {
        for pattern in ["a++", r"(a)\1", "(?=a)", "(?>a)", "é", "a*+"] {
            assert!(Pattern::new(pattern, false).is_none(), "{pattern}");
        }
        for pattern in [r"\.(js|css)$", "^/a/(.*)$", "(?<rest>.+?)x", "[*+]+", r"\/+\?"] {
            assert!(Pattern::new(pattern, false).is_some(), "{pattern}");
        }
        let pattern = Pattern::new("^/A$", true).unwrap();
        assert_eq!(pattern.is_match(b"/a"), Some(true));
        assert_eq!(pattern.is_match(b"/a\n"), None);
        assert_eq!(pattern.is_match(b"/\xff"), None);
    }
}
