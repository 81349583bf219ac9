//! What a field may hold, and what is wrong with a value that it may not.

use std::fmt;

use serde_json::Value;

use super::Field;
use crate::manifest::{Node, Value as Scalar};

/// What a field may hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// A whole number within bounds.
    Integer {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// A number within bounds.
    Number {
        /// The least.
        min: f64,
        /// The greatest.
        max: f64,
    },
    /// `true` or `false`.
    Bool,
    /// One of these words, written exactly so.
    OneOf(&'static [&'static str]),
    /// One of these numbers.
    OneOfNumbers(&'static [i64]),
    /// Any text.
    Text,
    /// A URL path.
    UrlPath,
    /// A number or a name, such as a port or a percentage.
    NumberOrText,
    /// A duration in Kubernetes' writing, such as `90s`.
    Duration,
    /// `Name:value` of an HTTP header.
    Header,
    /// A domain name without a wildcard.
    Domain,
    /// A block.
    Object,
    /// A list with at most so many items.
    List {
        /// The greatest number of items.
        max: usize,
    },
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer { min, max } => write!(f, "whole number, {min} to {max}"),
            Self::Number { min, max } => write!(f, "number, {min} to {max}"),
            Self::Bool => f.write_str("true or false"),
            Self::OneOf(words) => f.write_str(&words.join(", ")),
            Self::OneOfNumbers(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
                f.write_str(&numbers.join(", "))
            }
            Self::Text => f.write_str("text"),
            Self::UrlPath => f.write_str("URL path"),
            Self::NumberOrText => f.write_str("number or text"),
            Self::Duration => f.write_str("duration, such as 90s"),
            Self::Header => f.write_str("Name:value"),
            Self::Domain => f.write_str("domain name"),
            Self::Object => f.write_str("block"),
            Self::List { max: usize::MAX } => f.write_str("list"),
            Self::List { max } => write!(f, "list of at most {max}"),
        }
    }
}

/// A value of a manifest, of whatever tree it was read into.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Given<'a> {
    /// `null`, or nothing after the colon.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// A list of so many items.
    List(usize),
    /// A mapping.
    Object,
}

impl<'a> From<&'a Value> for Given<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => number.as_i64().map_or_else(
                || Self::Number(number.as_f64().unwrap_or(f64::INFINITY)),
                Self::Integer,
            ),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.len()),
            Value::Object(_) => Self::Object,
        }
    }
}

impl<'a> From<Node<'a>> for Given<'a> {
    fn from(node: Node<'a>) -> Self {
        match node.value() {
            _ if node.is_map() => Self::Object,
            None => Self::List(node.items().count()),
            Some(Scalar::Null) => Self::Null,
            Some(Scalar::Bool(truth)) => Self::Bool(truth),
            Some(Scalar::Text(text)) => Self::Text(text),
            Some(Scalar::Int(number)) => Self::Integer(number),
            Some(Scalar::Float(number)) => {
                node.as_int().map_or(Self::Number(number), Self::Integer)
            }
        }
    }
}

impl Shape {
    /// Whether a value is of its type, whatever its range: the API server looks at no more.
    pub fn is_type_of(self, given: Given<'_>) -> bool {
        match self {
            Self::Integer { .. } | Self::OneOfNumbers(_) => matches!(given, Given::Integer(_)),
            Self::Number { .. } => matches!(given, Given::Integer(_) | Given::Number(_)),
            Self::NumberOrText => matches!(given, Given::Integer(_) | Given::Text(_)),
            Self::Bool => matches!(given, Given::Bool(_)),
            Self::Object => given == Given::Object,
            Self::List { .. } => matches!(given, Given::List(_)),
            _ => matches!(given, Given::Text(_)),
        }
    }
}

impl Given<'_> {
    fn named(self) -> String {
        match self {
            Self::Null => "empty".into(),
            Self::Bool(value) => format!("`{value}`"),
            Self::Integer(value) => format!("`{value}`"),
            Self::Number(value) => format!("`{value}`"),
            Self::Text(text) => format!("\"{text}\""),
            Self::List(_) => "a list".into(),
            Self::Object => "a block".into(),
        }
    }
}

/// What is wrong with a value of a field: its type, its range, its spelling. `null` counts as left out.
pub fn check_value<'a>(field: &Field, value: impl Into<Given<'a>>) -> Option<String> {
    let value = value.into();
    if value == Given::Null {
        return None;
    }
    match field.shape {
        Shape::Integer { min, max } => integer(value, min, max),
        Shape::Number { min, max } => number(value, min, max),
        Shape::Bool => wrong_unless(matches!(value, Given::Bool(_)), value, "`true` or `false`"),
        Shape::OneOf(words) => word(value, words),
        Shape::OneOfNumbers(numbers) => one_of_numbers(value, numbers),
        Shape::NumberOrText => {
            let fits = matches!(value, Given::Integer(_) | Given::Text(_));
            wrong_unless(fits, value, "a number or a name")
        }
        Shape::Text | Shape::UrlPath | Shape::Duration | Shape::Header | Shape::Domain => {
            text(field.shape, value)
        }
        Shape::Object => wrong_unless(value == Given::Object, value, "a block"),
        Shape::List { max } => list(value, max),
    }
}

fn wrong_unless(fits: bool, value: Given<'_>, wanted: &str) -> Option<String> {
    (!fits).then(|| format!("{} is not {wanted}", value.named()))
}

fn integer(value: Given<'_>, min: i64, max: i64) -> Option<String> {
    match value {
        Given::Integer(number) if (min..=max).contains(&number) => None,
        Given::Integer(number) => Some(format!("{number} is not between {min} and {max}")),
        Given::Text(text) if text.parse::<i64>().is_ok() => {
            Some(format!("\"{text}\" is a text: write the number without quotes"))
        }
        _ => Some(format!("{} is not a whole number", value.named())),
    }
}

fn number(value: Given<'_>, min: f64, max: f64) -> Option<String> {
    // Bounds are small; the loss of digits beyond 2^53 does not matter.
    #[expect(clippy::cast_precision_loss, reason = "compared with small bounds only")]
    let number = match value {
        Given::Integer(number) => number as f64,
        Given::Number(number) => number,
        _ => return Some(format!("{} is not a number", value.named())),
    };
    let fits = (min..=max).contains(&number);
    (!fits).then(|| format!("{number} is not between {min} and {max}"))
}

fn word(value: Given<'_>, words: &[&str]) -> Option<String> {
    let Given::Text(text) = value else {
        return Some(format!("{} is not {}", value.named(), one_of(words)));
    };
    if words.contains(&text) {
        return None;
    }
    let squeezed = |word: &str| word.replace(['-', '_', ' '], "").to_ascii_uppercase();
    let meant = words.iter().find(|word| squeezed(word) == squeezed(text));
    Some(match meant {
        Some(word) => format!("\"{text}\" is not known: it is written \"{word}\""),
        None => format!("\"{text}\" is not {}", one_of(words)),
    })
}

fn one_of_numbers(value: Given<'_>, numbers: &[i64]) -> Option<String> {
    let fits = matches!(value, Given::Integer(number) if numbers.contains(&number));
    let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    (!fits).then(|| format!("{} is not one of {}", value.named(), words.join(", ")))
}

fn one_of(words: &[&str]) -> String {
    match words {
        [word] => format!("\"{word}\""),
        [words @ .., last] => format!("\"{}\" or \"{last}\"", words.join("\", \"")),
        [] => "anything".into(),
    }
}

fn text(shape: Shape, value: Given<'_>) -> Option<String> {
    let Given::Text(text) = value else {
        return Some(format!("{} is not a text", value.named()));
    };
    let (fits, wanted) = match shape {
        Shape::UrlPath => (text.starts_with('/'), "a path that begins with `/`"),
        Shape::Duration => (is_duration(text), "a duration such as `90s` or `12h`"),
        Shape::Header => (is_header(text), "`Name:value` of a header"),
        Shape::Domain => (
            is_domain(text),
            "a domain name in lower case of at most 63 characters, without wildcard",
        ),
        _ => (true, ""),
    };
    wrong_unless(fits, value, wanted)
}

/// A duration as the Gateway API writes it: up to four groups of up to five digits with a unit.
fn is_duration(text: &str) -> bool {
    let mut rest = text;
    let mut groups = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let unit = ["ms", "h", "m", "s"].iter().find(|unit| rest[digits..].starts_with(**unit));
        let Some(unit) = unit.filter(|_| (1..=5).contains(&digits)) else {
            return false;
        };
        rest = &rest[digits + unit.len()..];
        groups += 1;
    }
    (1..=4).contains(&groups)
}

fn is_header(text: &str) -> bool {
    let name = text.split_once(':').map(|(name, _)| name);
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(is_token))
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The pattern of the CRD, with its limit of 63 characters.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let top = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 63
        && text.contains('.')
        && text.split('.').all(label)
        && top.len() > 1
        && top.starts_with(|letter: char| letter.is_ascii_lowercase())
}

fn list(value: Given<'_>, max: usize) -> Option<String> {
    match value {
        Given::List(items) if items <= max => None,
        Given::List(items) => Some(format!("{items} items are more than the {max} allowed")),
        _ => Some(format!("{} is not a list", value.named())),
    }
}
