//! A rule's page: what `explain` prints, and what the rule is tested with.

/// A page, read. Its headings are fixed; see `tests/it/rules.rs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<'p> {
    /// The id, from the title.
    pub id: &'p str,
    /// The sentence under the title.
    pub summary: &'p str,
    /// The sections in order: heading and text.
    pub sections: Vec<(&'p str, &'p str)>,
}

/// A fenced block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence<'p> {
    /// What stands behind the three backticks: `yaml`, `nginx` or `toml`.
    pub language: &'p str,
    /// The lines between.
    pub text: &'p str,
}

impl<'p> Page<'p> {
    /// Reads a page.
    pub fn parse(text: &'p str) -> Self {
        let (head, body) = text.split_once("\n## ").unwrap_or((text, ""));
        let (title, summary) = head.split_once('\n').unwrap_or((head, ""));
        let sections = body.split("\n## ").filter(|section| !section.is_empty());
        Self {
            id: title.trim_start_matches("# ").trim(),
            summary: summary.trim(),
            sections: sections
                .map(|section| section.split_once('\n').unwrap_or((section, "")))
                .map(|(heading, text)| (heading.trim(), text.trim_matches('\n')))
                .collect(),
        }
    }

    /// A section's text.
    pub fn section(&self, heading: &str) -> Option<&'p str> {
        let mut sections = self.sections.iter();
        sections.find(|(name, _)| *name == heading).map(|(_, text)| *text)
    }

    /// The fenced blocks of a section.
    pub fn fences(&self, heading: &str) -> Vec<Fence<'p>> {
        let mut fences = Vec::new();
        let mut rest = self.section(heading).unwrap_or_default();
        while let Some((_, after)) = rest.split_once("```") {
            let Some((language, body)) = after.split_once('\n') else {
                break;
            };
            let Some((text, tail)) = body.split_once("```") else {
                break;
            };
            fences.push(Fence { language, text });
            rest = tail;
        }
        fences
    }
}
