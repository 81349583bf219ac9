//! Whether a text is a template that has to be rendered before it is YAML.
//!
//! The text need not be readable, so it is judged line by line. `{{` in a comment or in
//! a block scalar is somebody else's template, which YAML carries: alert rules,
//! dashboards, shell scripts.

use memchr::memmem;

/// The first sign that a text is a template; the byte where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateMark {
    /// `{{` or `{%` outside quotes: no YAML reader takes it for what it is.
    Bare(usize),
    /// `{{` inside quotes: valid YAML. A Helm chart, or text for somebody else.
    Quoted(usize),
}

/// Finds the first bare mark, or else the first quoted one.
pub fn looks_templated(text: &str) -> Option<TemplateMark> {
    let has = |mark: &str| memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
    if !has("{{") && !has("{%") {
        return None;
    }
    let mut scan = Scan::default();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(found) = scan.line(line.trim_end()) {
            match found {
                TemplateMark::Bare(column) => return Some(TemplateMark::Bare(at + column)),
                TemplateMark::Quoted(column) => {
                    scan.quoted = scan.quoted.or(Some(at + column));
                }
            }
        }
        at += line.len();
    }
    scan.quoted.map(TemplateMark::Quoted)
}

/// What the lines so far mean for the next.
#[derive(Default)]
struct Scan {
    quoted: Option<usize>,
    /// The indentation of the line that opened a block scalar.
    block: Option<usize>,
    /// The quote that is open at the end of the line.
    quote: Option<u8>,
}

impl Scan {
    /// The mark of a line, by column: a bare one if there is one.
    fn line(&mut self, line: &str) -> Option<TemplateMark> {
        let content = line.trim_start_matches([' ', '\t']);
        let indent = line.len() - content.len();
        if let Some(block) = self.block {
            if content.is_empty() || indent > block {
                return None;
            }
            self.block = None;
        }
        if line.starts_with("---") {
            self.quote = None;
        }
        let found = self.marks(line, indent);
        if self.quote.is_none() && opens_block(content) {
            self.block = Some(indent_of_parent(line, indent));
        }
        found
    }

    fn marks(&mut self, line: &str, indent: usize) -> Option<TemplateMark> {
        let bytes = line.as_bytes();
        let mut found = None;
        let mut at = indent;
        while at < bytes.len() {
            let is_mark = bytes[at] == b'{' && matches!(bytes.get(at + 1), Some(b'{' | b'%'));
            if is_mark && self.quote.is_none() {
                return Some(TemplateMark::Bare(at));
            }
            if is_mark && bytes[at + 1] == b'{' {
                found = found.or(Some(TemplateMark::Quoted(at)));
            }
            if self.quote.is_none() && bytes[at] == b'#' && is_word_start(bytes, at) {
                break;
            }
            at += self.quotes(bytes, at);
        }
        found
    }

    /// Opens and closes quotes. Gives how many bytes to step over.
    fn quotes(&mut self, bytes: &[u8], at: usize) -> usize {
        match (self.quote, bytes[at]) {
            (Some(b'"'), b'\\') => return 2,
            (Some(b'\''), b'\'') if bytes.get(at + 1) == Some(&b'\'') => return 2,
            (Some(quote), byte) if quote == byte => self.quote = None,
            (None, quote @ (b'"' | b'\'')) if is_word_start(bytes, at) => self.quote = Some(quote),
            _ => {}
        }
        1
    }
}

/// Whether a quote or a comment can begin at `at`.
fn is_word_start(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| bytes[before]);
    before.is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'[' | b'{' | b','))
        || (before == Some(b':') && bytes[at] != b'#')
}

/// Whether a line ends with the header of a block scalar.
fn opens_block(content: &str) -> bool {
    let content = content.split(" #").next().unwrap_or(content).trim_end();
    let header =
        content.trim_end_matches(|mark: char| mark.is_ascii_digit() || "+-".contains(mark));
    let Some(before) = header.strip_suffix(['|', '>']) else {
        return false;
    };
    before.is_empty()
        || before.ends_with([' ', '\t']) && before.trim_end().ends_with([':', '-'])
        || before.contains(" !")
        || before.contains(" &")
}

/// The content of a block is indented more than the key or the dash that it belongs to.
fn indent_of_parent(line: &str, indent: usize) -> usize {
    let mut column = indent;
    let mut rest = &line[indent..];
    while let Some(after) = rest.strip_prefix("- ") {
        let blanks = after.len() - after.trim_start().len();
        let is_entry = after.trim_start().contains(':') || after.trim_start().starts_with("- ");
        if !is_entry {
            break;
        }
        column += 2 + blanks;
        rest = after.trim_start();
    }
    column
}

#[cfg(test)]
mod tests {
    use super::TemplateMark::{Bare, Quoted};
    use super::*;

    #[test]
    fn finds_helm_templates() {
        assert_eq!(looks_templated("{{- if .Values.x }}\na: 1\n{{- end }}\n"), Some(Bare(0)));
        assert_eq!(looks_templated("name: {{ .Release.Name }}\n"), Some(Bare(6)));
        assert_eq!(looks_templated("a: 1\nb:\n  {{- toYaml . | nindent 2 }}\n"), Some(Bare(10)));
        assert_eq!(looks_templated("name: \"{{ .Release.Name }}\"\n"), Some(Quoted(7)));
        assert_eq!(looks_templated("a: '{{ x }}'\nb: {{ y }}\n"), Some(Bare(16)));
        assert_eq!(looks_templated("a: x-{{ y }}\n"), Some(Bare(5)));
    }

    #[test]
    fn finds_other_templates() {
        assert_eq!(looks_templated("{% if a %}\nb: 1\n{% endif %}\n"), Some(Bare(0)));
        assert_eq!(looks_templated("image: \"${var.image}\"\n"), None);
        assert_eq!(looks_templated("a: {b: {c: d}}\n"), None);
    }

    #[test]
    fn leaves_what_yaml_carries() {
        let carried = [
            "# {{ not here }}\na: 1\n",
            "a: 1 # {{ nor here }}\n",
            "data:\n  alert: |\n    {{ $labels.instance }} is down\n\n    {{ end }}\n",
            "data:\n  d.json: |-  # dashboard\n    {\"a\": \"{{pod}}\"}\n  b: 1\n",
            "args:\n- >\n  {{ x }}\n- b\n",
            "- a: |\n    {{ x }}\n  b: 1\n",
        ];
        for text in carried {
            assert_eq!(looks_templated(text), None, "{text}");
        }
        assert_eq!(looks_templated("a: |\n  {{ x }}\n{{ y }}\n"), Some(Bare(15)));
        assert_eq!(looks_templated("- a: |\n    {{ x }}\n  b: {{ y }}\n"), Some(Bare(24)));
    }

    #[test]
    fn knows_quotes_that_span_lines() {
        assert_eq!(looks_templated("a: \"x\n  {{ y }}\"\nb: it's\nc: 1\n"), Some(Quoted(8)));
        assert_eq!(looks_templated("a: it's {{ y }}\n"), Some(Bare(8)));
    }
}
