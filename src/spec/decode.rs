//! From a table with places to a typed value, reporting every error in one go.
//!
//! serde stops at the first error. [`decode`] notes it, takes the offending value out of
//! the table and starts again, until what is left fits: the happy path costs one pass,
//! and a file with five mistakes gets five diagnostics.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::{Entry, Node, Origin, Table, Value};

/// What does not fit, and where.
#[derive(Debug)]
pub struct Misfit(Box<Details>);

/// The parts of a [`Misfit`].
#[derive(Debug)]
pub struct Details {
    /// Why.
    pub reason: Reason,
    /// Where; `None` where the whole text is at fault.
    pub at: Option<Origin>,
    /// The steps to the offending value, from the root.
    pub path: Vec<Step>,
}

/// A step down from a table or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into a table.
    Key(String),
    /// Into a list.
    Index(usize),
}

/// Why a value does not fit.
#[derive(Debug)]
pub enum Reason {
    /// No such key here.
    UnknownKey {
        /// The key.
        found: String,
        /// The keys that there are.
        expected: &'static [&'static str],
    },
    /// A key that has no default is absent.
    MissingKey(&'static str),
    /// Not one of the words that may stand here.
    UnknownWord {
        /// The word.
        found: String,
        /// The words that there are.
        expected: &'static [&'static str],
    },
    /// The wrong type.
    WrongType {
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
    /// The right type, but the value's own check refuses it.
    Refused(String),
}

/// Nobody reads more problems of one file, and each costs another pass.
const ENOUGH: usize = 50;

/// Decodes a table, or says everything that does not fit, up to fifty misfits.
pub fn decode<T: DeserializeOwned>(table: &Table) -> Result<T, Vec<Details>> {
    let mut misfit = match T::deserialize(TableDeserializer(table)) {
        Ok(value) => return Ok(value),
        Err(misfit) => misfit.into_details(),
    };
    let mut rest = table.clone();
    let mut misfits: Vec<Details> = Vec::new();
    loop {
        let path = misfit.path.clone();
        if !misfits.iter().any(|earlier| misfit.follows_from(earlier)) {
            misfits.push(misfit);
        }
        if misfits.len() == ENOUGH || !rest.remove(&path) {
            return Err(misfits);
        }
        misfit = match T::deserialize(TableDeserializer(&rest)) {
            Ok(_) => return Err(misfits),
            Err(misfit) => misfit.into_details(),
        };
    }
}

impl Details {
    /// Whether this may be only the hole that taking an earlier misfit out has left: it is about what held that.
    fn follows_from(&self, earlier: &Self) -> bool {
        self.path.len() < earlier.path.len() && earlier.path.starts_with(&self.path)
    }

    /// The dotted path of the offending value.
    pub fn key(&self) -> String {
        let mut key = String::new();
        for step in &self.path {
            match step {
                Step::Key(name) if key.is_empty() => key.push_str(name),
                Step::Key(name) => key.extend([".", name]),
                Step::Index(index) => key.extend(["[", &index.to_string(), "]"]),
            }
        }
        key
    }
}

impl Table {
    /// Takes the value at a path out; `false` where the path leads nowhere.
    fn remove(&mut self, path: &[Step]) -> bool {
        match path {
            [Step::Key(key)] => self.take(key).is_some(),
            [Step::Key(key), rest @ ..] => {
                let entry = self.0.iter_mut().find(|entry| entry.key == *key);
                entry.is_some_and(|entry| entry.node.remove(rest))
            }
            _ => false,
        }
    }
}

impl Node {
    fn remove(&mut self, path: &[Step]) -> bool {
        match (&mut self.value, path) {
            (Value::Table(table), path) => table.remove(path),
            (Value::Array(items), [Step::Index(index)]) => {
                let at = items.iter().position(|item| item.index == *index);
                at.is_some_and(|at| items.remove(at).index == *index)
            }
            (Value::Array(items), [Step::Index(index), rest @ ..]) => {
                let item = items.iter_mut().find(|item| item.index == *index);
                item.is_some_and(|item| item.remove(rest))
            }
            _ => false,
        }
    }

    fn as_unexpected(&self) -> Unexpected<'_> {
        match &self.value {
            Value::String(text) => Unexpected::Str(text),
            Value::Integer(number) => Unexpected::Signed(*number),
            Value::Boolean(value) => Unexpected::Bool(*value),
            Value::Array(_) => Unexpected::Other("a list"),
            Value::Table(_) => Unexpected::Other("a table"),
            Value::Other(kind, _) => Unexpected::Other(kind),
        }
    }
}

impl Misfit {
    fn new(reason: Reason) -> Self {
        Self(Box::new(Details { reason, at: None, path: Vec::new() }))
    }

    /// Notes the step that led here, and the place, unless a deeper one is known.
    fn under(mut self, step: Step, at: Origin) -> Self {
        self.0.at.get_or_insert(at);
        self.0.path.push(step);
        self
    }

    /// Steps are noted on the way up; the reader wants them on the way down.
    fn into_details(mut self) -> Details {
        self.0.path.reverse();
        *self.0
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0.reason)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Reason::Refused(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Reason::WrongType { found: in_words(found), expected: expected.to_string() })
    }

    fn unknown_variant(found: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Reason::UnknownWord { found: found.to_owned(), expected })
    }

    fn unknown_field(found: &str, expected: &'static [&'static str]) -> Self {
        Self::new(Reason::UnknownKey { found: found.to_owned(), expected })
    }

    fn missing_field(key: &'static str) -> Self {
        Self::new(Reason::MissingKey(key))
    }
}

fn in_words(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Str(_) => "a string".into(),
        Unexpected::Signed(_) => "a number".into(),
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Seq => "a list".into(),
        Unexpected::Map => "a table".into(),
        Unexpected::Other(kind) => kind.to_owned(),
        other => other.to_string(),
    }
}

struct TableDeserializer<'de>(&'de Table);

impl<'de> Deserializer<'de> for TableDeserializer<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_map(Entries { rest: self.0.0.iter(), current: None })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Boolean(value) => visitor.visit_bool(*value),
            Value::Array(items) => visitor.visit_seq(Items(items.iter())),
            Value::Table(table) => {
                visitor.visit_map(Entries { rest: table.0.iter(), current: None })
            }
            Value::Other(..) => Err(de::Error::invalid_type(self.as_unexpected(), &visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match &self.value {
            Value::String(text) => visitor.visit_enum(Word(text)),
            _ => Err(de::Error::invalid_type(self.as_unexpected(), &one_of(words).as_str())),
        }
    }

    /// serde would take a list for a struct, field by field.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match &self.value {
            Value::Table(_) => self.deserialize_any(visitor),
            _ => Err(de::Error::invalid_type(self.as_unexpected(), &"a table")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// `"a", "b" or "c"`.
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "nothing".into(),
    }
}

struct Entries<'de> {
    rest: std::slice::Iter<'de, Entry>,
    current: Option<&'de Entry>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misfit> {
        self.current = self.rest.next();
        let Some(entry) = self.current else {
            return Ok(None);
        };
        let key: StrDeserializer<'_, Misfit> = entry.key.as_str().into_deserializer();
        let step = |misfit: Misfit| misfit.under(Step::Key(entry.key.clone()), entry.key_at);
        seed.deserialize(key).map(Some).map_err(step)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let entry = self.current.expect("serde asks for a key before its value");
        let step = |misfit: Misfit| misfit.under(Step::Key(entry.key.clone()), entry.node.at);
        seed.deserialize(&entry.node).map_err(step)
    }
}

struct Items<'de>(std::slice::Iter<'de, Node>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misfit> {
        let Some(node) = self.0.next() else {
            return Ok(None);
        };
        seed.deserialize(node)
            .map(Some)
            .map_err(|misfit| misfit.under(Step::Index(node.index), node.at))
    }
}

/// A word of an enum; no enum of the spec carries anything.
struct Word<'de>(&'de str);

impl<'de> EnumAccess<'de> for Word<'de> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Misfit> {
        let word: StrDeserializer<'_, Misfit> = self.0.into_deserializer();
        Ok((seed.deserialize(word)?, self))
    }
}

impl<'de> VariantAccess<'de> for Word<'de> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Misfit> {
        Err(de::Error::custom("a word stands alone here"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Misfit> {
        Err(de::Error::custom("a word stands alone here"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Misfit> {
        Err(de::Error::custom("a word stands alone here"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;
    use crate::spec::Spec;

    fn misfits(text: &str) -> Vec<(String, Reason)> {
        let source = Sources::default().add("app.toml", text);
        let table = Table::parse(source, text).unwrap();
        decode::<Spec>(&table)
            .unwrap_err()
            .into_iter()
            .map(|misfit| (misfit.key(), misfit.reason))
            .collect()
    }

    #[test]
    fn reports_every_misfit_of_a_text() {
        let text = "name = 7\nprot = 80\nport = \"80\"\n[session]\naffinity = \"cookies\"\nmax-age = \"1\"\n";
        let keys: Vec<String> = misfits(text).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys.len(), 5, "{keys:?}");
        for key in ["name", "prot", "port", "session.affinity", "session.max-age"] {
            assert!(keys.iter().any(|found| found == key), "{key} in {keys:?}");
        }
    }

    #[test]
    fn goes_into_lists() {
        let text = "[[nginx.location]]\npath = \"/a/\"\n[[nginx.location]]\npath = \"b\"\n[[ingress.route]]\n";
        let mut found = misfits(text);
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let [(route, Reason::MissingKey("path")), (path, Reason::Refused(_))] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!((route.as_str(), path.as_str()), ("ingress.route[0]", "nginx.location[1].path"));
    }

    #[test]
    fn a_list_is_not_a_table() {
        assert!(
            matches!(&misfits("session = []")[..], [(key, Reason::WrongType { .. })] if key == "session")
        );
    }
}
