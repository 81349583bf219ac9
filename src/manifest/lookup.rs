//! Looking things up in a [`Tape`].

use std::borrow::Cow;

use super::scalar::{Scalar, Value};
use super::tape::{NONE, ODD_KEY, PROPERTIES, Properties, Style, Tape};

impl Tape<'_> {
    /// The cell after a value and all that it contains.
    pub(super) fn after(&self, cell: u32) -> u32 {
        let found = self.cells[cell as usize];
        if found.style.is_map() || found.style.is_list() { found.link } else { cell + 1 }
    }

    /// The value that an alias stands for; any other value itself.
    pub(super) fn resolved(&self, cell: u32) -> u32 {
        let found = self.cells[cell as usize];
        if found.style == Style::Alias { found.link } else { cell }
    }

    /// The text of a scalar, decoded; nothing for a collection.
    pub(super) fn scalar_text(&self, cell: u32) -> &str {
        let found = self.cells[cell as usize];
        let (start, end) = (found.start as usize, found.end as usize);
        if !found.style.is_scalar() {
            return "";
        }
        if found.link != NONE {
            return &self.decoded[found.link as usize];
        }
        match found.style {
            Style::Plain => &self.text[start..end],
            Style::Single | Style::Double => &self.text[start + 1..end - 1],
            _ => "",
        }
    }

    /// The anchor and the tag of a value.
    pub(super) fn properties_of(&self, cell: u32) -> Option<&Properties> {
        if self.cells[cell as usize].flags & PROPERTIES == 0 {
            return None;
        }
        let at = self.properties.binary_search_by_key(&cell, |found| found.cell).ok()?;
        self.properties.get(at)
    }

    /// A scalar with what decides its meaning.
    pub(super) fn scalar_at(&self, cell: u32) -> Scalar<'_> {
        let text = self.scalar_text(cell);
        let tag = self.properties_of(cell).and_then(|found| found.tag.as_deref());
        match self.cells[cell as usize].style {
            Style::Plain => Scalar::plain(text),
            _ => Scalar::quoted(text),
        }
        .tagged(tag)
    }

    /// Whether a key is this one, as Kubernetes sees it.
    pub(super) fn is_key(&self, key: u32, wanted: &str) -> bool {
        let found = self.cells[key as usize];
        if found.style == Style::Plain && found.flags == 0 && found.link == NONE {
            let (start, end) = (found.start as usize, found.end as usize);
            return end - start == wanted.len()
                && self.text.as_bytes()[start..end] == *wanted.as_bytes();
        }
        self.key_text(key) == wanted
    }

    /// A key as Kubernetes sees it: always text.
    pub(super) fn key_text(&self, key: u32) -> Cow<'_, str> {
        let key = self.resolved(key);
        if self.cells[key as usize].flags & (ODD_KEY | PROPERTIES) == 0 {
            return Cow::Borrowed(self.scalar_text(key));
        }
        match self.scalar_at(key).kubernetes() {
            Value::Text(text) => Cow::Borrowed(text),
            other => Cow::Owned(other.as_key()),
        }
    }
}
