//! One TOML text as a table whose every key and value knows its place.

use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Label, SourceId, Span};

/// Where a key or a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// In which text.
    pub source: SourceId,
    /// Where in it.
    pub span: Span,
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What was written.
    pub value: Value,
    /// Where.
    pub at: Origin,
    /// Which item of its list it was written as; 0 outside of one.
    pub index: usize,
}

/// A TOML value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string.
    String(String),
    /// An integer that fits 64 bits.
    Integer(i64),
    /// A boolean.
    Boolean(bool),
    /// A list.
    Array(Vec<Node>),
    /// A table.
    Table(Table),
    /// A float, a date or an integer that is too large: nothing in a spec is one. As written, with its kind.
    Other(&'static str, String),
}

/// A key of a table, with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key, unquoted.
    pub key: String,
    /// Where the key was written.
    pub key_at: Origin,
    /// The value.
    pub node: Node,
}

/// A table, in the order of its keys.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table(pub(super) Vec<Entry>);

impl Table {
    /// Reads a text that `source` names, or says all that is wrong with its syntax.
    pub fn parse(source: SourceId, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Ok(read_table(source, table.into_inner()));
        }
        Err(errors.iter().map(|error| syntax_error(source, text, error)).collect())
    }

    /// The entries.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// The entry under a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }

    /// Takes an entry out.
    pub fn take(&mut self, key: &str) -> Option<Entry> {
        let at = self.0.iter().position(|entry| entry.key == key)?;
        Some(self.0.remove(at))
    }

    /// Lays another table over this one: tables merge, everything else is replaced.
    pub fn overlay(&mut self, upper: Self) {
        // Keys of one table differ from each other: only those that were there can be met again.
        let there = self.0.len();
        for entry in upper.0 {
            match self.0[..there].iter_mut().find(|lower| lower.key == entry.key) {
                None => self.0.push(entry),
                Some(lower) => lower.overlay(entry),
            }
        }
    }
}

impl FromIterator<Entry> for Table {
    fn from_iter<T: IntoIterator<Item = Entry>>(entries: T) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl Entry {
    fn overlay(&mut self, upper: Self) {
        match (&mut self.node.value, upper.node.value) {
            (Value::Table(lower), Value::Table(upper)) => lower.overlay(upper),
            (_, value) => {
                let node = Node { value, ..upper.node };
                *self = Self { key: upper.key, key_at: upper.key_at, node };
            }
        }
    }
}

fn syntax_error(source: SourceId, text: &str, error: &toml::de::Error) -> Diagnostic {
    let end = text.len();
    let span = error.span().map_or(end..end, |span| span.start.min(end)..span.end.min(end));
    Diagnostic::at(
        "toml-syntax",
        "this is not TOML",
        Label::new(source, span.into(), error.message()),
    )
}

fn read_table(source: SourceId, table: DeTable<'_>) -> Table {
    let entry = |(key, value): (toml::Spanned<_>, toml::Spanned<DeValue<'_>>)| {
        let key_at = Origin { source, span: key.span().into() };
        let key: std::borrow::Cow<'_, str> = key.into_inner();
        Entry { key: key.into_owned(), key_at, node: read_value(source, value) }
    };
    Table(table.into_iter().map(entry).collect())
}

fn read_value(source: SourceId, value: toml::Spanned<DeValue<'_>>) -> Node {
    let at = Origin { source, span: value.span().into() };
    let value = match value.into_inner() {
        DeValue::String(text) => Value::String(text.into_owned()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Other("a very large integer", number.as_str().to_owned()),
        },
        DeValue::Boolean(value) => Value::Boolean(value),
        DeValue::Array(items) => {
            let item = |(index, item)| Node { index, ..read_value(source, item) };
            Value::Array(items.into_iter().enumerate().map(item).collect())
        }
        DeValue::Table(table) => Value::Table(read_table(source, table)),
        DeValue::Float(number) => Value::Other("a fraction", number.as_str().to_owned()),
        DeValue::Datetime(date) => Value::Other("a date", date.to_string()),
    };
    Node { value, at, index: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;

    fn parse(text: &str) -> (Table, Sources) {
        let mut sources = Sources::default();
        let source = sources.add("app.toml", text);
        (Table::parse(source, text).unwrap(), sources)
    }

    #[test]
    fn every_value_knows_its_place() {
        let (table, sources) = parse("name = \"chat\"\n[session]\nmax-age = \"1h\"\n");
        let Value::Table(session) = &table.get("session").unwrap().node.value else {
            panic!("a table")
        };
        let max_age = session.get("max-age").unwrap();
        assert_eq!(sources.locate(max_age.key_at.source, max_age.key_at.span), "app.toml:3:1");
        assert_eq!(sources.locate(max_age.node.at.source, max_age.node.at.span), "app.toml:3:11");
    }

    #[test]
    fn tables_merge_and_lists_are_replaced() {
        let (mut lower, _) = parse("a = [1, 2]\n[t]\nx = 1\ny = 2\n");
        let (upper, _) = parse("a = [3]\n[t]\ny = 4\n");
        lower.overlay(upper);
        let Value::Array(list) = &lower.get("a").unwrap().node.value else { panic!("a list") };
        assert_eq!(list.len(), 1);
        let Value::Table(t) = &lower.get("t").unwrap().node.value else { panic!("a table") };
        assert_eq!(t.get("x").unwrap().node.value, Value::Integer(1));
        assert_eq!(t.get("y").unwrap().node.value, Value::Integer(4));
    }

    #[test]
    fn reports_every_syntax_error() {
        let text = "a = \nb = 1\nc = ]\n";
        let mut sources = Sources::default();
        let source = sources.add("app.toml", text);
        assert_eq!(Table::parse(source, text).unwrap_err().len(), 2);
    }
}
