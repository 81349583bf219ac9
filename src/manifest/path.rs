//! Names of places in a manifest, written so that they can be pasted back.
//!
//! `metadata.annotations["cloud.google.com/neg"]`, `spec.ports[0]`,
//! `spec.rules[host=chat.example.com].http.paths[path=/]`. Which key tells the items of
//! a list apart is said by whoever asks for a path: nothing here knows the objects.

use std::fmt;
use std::str::FromStr;

use super::json;
use super::node::{Entry, Node};
use super::stream::Document;
use crate::diagnostic::Span;

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The value under a key of a map.
    Key(String),
    /// An item of a list, from 0.
    Index(usize),
    /// The first item of a list that has this text under this key.
    Pick {
        /// The key.
        key: String,
        /// The text; numbers as they are written.
        value: String,
    },
}

/// The name of a place in a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Path {
    /// From the document's value on.
    pub steps: Vec<Step>,
}

impl Path {
    /// The path of a value that is reached by one key after the other.
    pub fn of_keys(keys: &[&str]) -> Self {
        keys.iter().map(|key| Step::Key((*key).to_owned())).collect()
    }

    /// The path of what is reached by one step more.
    #[must_use]
    pub fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

impl FromIterator<Step> for Path {
    fn from_iter<T: IntoIterator<Item = Step>>(steps: T) -> Self {
        let steps = steps.into_iter().collect();
        Self { steps }
    }
}

/// Keys and texts that need no quotes.
fn is_bare(text: &str, extra: &str) -> bool {
    let fits = |letter: char| {
        letter.is_ascii_alphanumeric() || "_-".contains(letter) || extra.contains(letter)
    };
    !text.is_empty() && text.chars().all(fits)
}

/// What may stand in `[key=value]` besides letters and digits.
const IN_PICK: &str = "./:*@+~$";

fn write_word(f: &mut fmt::Formatter, text: &str) -> fmt::Result {
    if is_bare(text, IN_PICK) {
        return f.write_str(text);
    }
    write_quoted(f, text)
}

/// In quotes, as JSON.
fn write_quoted(f: &mut fmt::Formatter, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for character in text.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            character if character.is_control() => write!(f, "\\u{:04x}", u32::from(character))?,
            character => write!(f, "{character}")?,
        }
    }
    f.write_str("\"")
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(key) if is_bare(key, "") => {
                    let dot = if index > 0 { "." } else { "" };
                    write!(f, "{dot}{key}")?;
                }
                Step::Key(key) => {
                    f.write_str("[")?;
                    write_quoted(f, key)?;
                    f.write_str("]")?;
                }
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Pick { key, value } => {
                    f.write_str("[")?;
                    write_word(f, key)?;
                    f.write_str("=")?;
                    write_word(f, value)?;
                    f.write_str("]")?;
                }
            }
        }
        Ok(())
    }
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a path at byte {at}: {message}")]
pub struct PathError {
    /// Where in the text.
    pub at: usize,
    /// The fact.
    pub message: &'static str,
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut reader = Reader { text, at: 0 };
        let mut steps = Vec::new();
        while reader.at < text.len() {
            steps.push(reader.step()?);
        }
        Ok(Self { steps })
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn step(&mut self) -> Result<Step, PathError> {
        if self.take('[') {
            return self.bracket();
        }
        if self.at > 0 && !self.take('.') {
            return Err(self.wrong("a `.` or `[` was expected"));
        }
        match self.bare("") {
            Some(key) => Ok(Step::Key(key)),
            None => Err(self.wrong(
                "a key was expected; others than letters, digits, `_` and `-` go into [\"…\"]",
            )),
        }
    }

    fn bracket(&mut self) -> Result<Step, PathError> {
        let quoted = self.text[self.at..].starts_with('"');
        let word = self.word()?;
        if self.take('=') {
            let value = self.word()?;
            self.close()?;
            return Ok(Step::Pick { key: word, value });
        }
        self.close()?;
        if quoted {
            return Ok(Step::Key(word));
        }
        match word.parse() {
            Ok(index) => Ok(Step::Index(index)),
            Err(_) => Err(self.wrong("a number, a quoted key or key=value was expected")),
        }
    }

    fn close(&mut self) -> Result<(), PathError> {
        if self.take(']') {
            return Ok(());
        }
        Err(self.wrong("a `]` was expected"))
    }

    fn word(&mut self) -> Result<String, PathError> {
        if !self.text[self.at..].starts_with('"') {
            return self.bare(IN_PICK).ok_or_else(|| self.wrong("a word was expected"));
        }
        let end = self.quote_end().ok_or_else(|| self.wrong("the quote is never closed"))?;
        let quoted = json::read(&self.text[self.at..end]).ok();
        let quoted = quoted.and_then(|json| json.as_str().map(str::to_owned));
        let word = quoted.ok_or_else(|| self.wrong("the quoted text is not JSON"))?;
        self.at = end;
        Ok(word)
    }

    fn quote_end(&self) -> Option<usize> {
        let mut escaped = false;
        for (offset, character) in self.text[self.at..].char_indices().skip(1) {
            match character {
                '"' if !escaped => return Some(self.at + offset + 1),
                '\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        None
    }

    fn bare(&mut self, extra: &str) -> Option<String> {
        let rest = &self.text[self.at..];
        let end = rest.find(|letter: char| !is_bare(letter.encode_utf8(&mut [0; 4]), extra));
        let word = &rest[..end.unwrap_or(rest.len())];
        self.at += word.len();
        (!word.is_empty()).then(|| word.to_owned())
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.text[self.at..].starts_with(wanted);
        self.at += if found { wanted.len_utf8() } else { 0 };
        found
    }

    fn wrong(&self, message: &'static str) -> PathError {
        PathError { at: self.at, message }
    }
}

/// The value at a path from `node` on.
pub fn find<'s>(node: Node<'s>, path: &Path) -> Option<Node<'s>> {
    path.steps.iter().try_fold(node, |node, step| match step {
        Step::Key(key) => node.get(key),
        Step::Index(index) => node.item(*index),
        Step::Pick { key, value } => {
            node.items().find(|item| item.get(key).and_then(Node::text) == Some(value))
        }
    })
}

/// The path of the innermost value that byte `offset` of the text is in, or on whose
/// key it is.
///
/// Items of lists are named by the first of `keys` that they have with a text that no
/// item before them has, or else by number. Values behind an alias have no place of
/// their own: the path ends at the alias.
pub fn path_of(document: Document<'_>, offset: usize, keys: &[&str]) -> Option<Path> {
    let mut node = document.root()?;
    let mut path = Path::default();
    while let Some((step, next)) = step_to(node, offset, keys) {
        path.steps.push(step);
        node = next;
    }
    Some(path)
}

/// The path from a value to another one below it, which is written at this span; items of lists are named by their
/// number. `None` where no such value is written there itself.
pub fn path_below(from: Node<'_>, span: Span) -> Option<Path> {
    let holds = |node: &Node<'_>| node.span().start <= span.start && span.end <= node.span().end;
    let (mut node, mut path) = (from, Path::default());
    while node.span() != span {
        if node.is_alias() {
            return None;
        }
        let mut own = node.entries().filter(|entry| !entry.is_merged());
        let items = || node.items().enumerate().find(|(_, item)| holds(item));
        let (step, next) = match own.find(|entry| holds(&entry.value())) {
            Some(entry) => (Step::Key(entry.key().into_owned()), entry.value()),
            None => items().map(|(index, item)| (Step::Index(index), item))?,
        };
        path.steps.push(step);
        node = next;
    }
    Some(path)
}

fn step_to<'s>(node: Node<'s>, offset: usize, keys: &[&str]) -> Option<(Step, Node<'s>)> {
    if node.is_alias() {
        return None;
    }
    let is_here = |entry: &Entry| {
        let span = entry.pair_span();
        !entry.is_merged() && span.start <= offset && offset <= span.end
    };
    if let Some(entry) = node.entries().find(is_here) {
        return Some((Step::Key(entry.key().into_owned()), entry.value()));
    }
    let holds = |item: &Node| item.span().start <= offset && offset <= item.span().end;
    let (index, item) = node.items().enumerate().find(|(_, item)| holds(item))?;
    Some((item_step(node, index, item, keys), item))
}

fn item_step(list: Node, index: usize, item: Node, keys: &[&str]) -> Step {
    for key in keys {
        let Some(value) = item.get(key).and_then(Node::text) else {
            continue;
        };
        let is_same = |other: Node| other.get(key).and_then(Node::text) == Some(value);
        if !list.items().take(index).any(is_same) {
            return Step::Pick { key: (*key).to_owned(), value: value.to_owned() };
        }
    }
    Step::Index(index)
}
