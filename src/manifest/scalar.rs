//! What an unquoted text means: to kubectl, and to readers of YAML 1.2.
//!
//! kubectl and the controllers read YAML with sigs.k8s.io/yaml, a fork of go-yaml v2, and
//! go-yaml v2 reads YAML 1.1: `on` is true, `012` is ten. Most other tools follow YAML
//! 1.2. The rules here are those of kubernetes-sigs/yaml: goyaml.v2/resolve.go, and of
//! the core schema (<https://yaml.org/spec/1.2.2/#103-core-schema>). Dates are text: Go
//! decodes them, and hands the text on.

use std::fmt;

/// What a scalar means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'s> {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number of 64 bits, with a sign.
    Int(i64),
    /// Any other number; a whole one that is too large is rounded.
    Float(f64),
    /// Text.
    Text(&'s str),
}

impl Value<'_> {
    /// The key that this value becomes in a map of Kubernetes: `true`, `80`, `1e+06`
    /// (kubernetes-sigs/yaml: yaml.go, `convertToJSONableObject`).
    pub fn as_key(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(truth) => truth.to_string(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) => float_key(*number),
            Self::Text(text) => (*text).to_owned(),
        }
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Int(number) => write!(f, "the number {number}"),
            Self::Float(number) => write!(f, "the number {number}"),
            Self::Text(text) => write!(f, "the text {text:?}"),
        }
    }
}

/// A scalar: its text, and what decides its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scalar<'s> {
    text: &'s str,
    plain: bool,
    tag: Option<&'s str>,
}

impl<'s> Scalar<'s> {
    /// An unquoted text.
    pub fn plain(text: &'s str) -> Self {
        Self { text, plain: true, tag: None }
    }

    /// A quoted text, or a block.
    pub fn quoted(text: &'s str) -> Self {
        Self { plain: false, ..Self::plain(text) }
    }

    /// The same with a tag, such as `!!str`.
    #[must_use]
    pub fn tagged(self, tag: Option<&'s str>) -> Self {
        Self { tag, ..self }
    }

    /// The text as it is before any meaning.
    pub fn text(self) -> &'s str {
        self.text
    }

    /// What kubectl and the controllers read.
    pub fn kubernetes(self) -> Value<'s> {
        self.by(kubernetes)
    }

    /// What a reader of YAML 1.2 reads.
    pub fn yaml12(self) -> Value<'s> {
        self.by(yaml12)
    }

    /// Whether kubectl reads text.
    pub fn is_text(self) -> bool {
        matches!(self.kubernetes(), Value::Text(_))
    }

    /// In words, where the two kinds of readers differ.
    pub fn disagreement(self) -> Option<String> {
        let (ours, theirs) = (self.kubernetes(), self.yaml12());
        let both_nan = matches!((ours, theirs), (Value::Float(a), Value::Float(b)) if a.is_nan() && b.is_nan());
        let same_number =
            matches!((number(ours), number(theirs)), (Some(a), Some(b)) if a.total_cmp(&b).is_eq());
        if ours == theirs || both_nan || same_number {
            return None;
        }
        Some(format!("kubectl reads `{}` as {ours}; YAML 1.2 tools read {theirs}", self.text))
    }

    fn by(self, schema: fn(&str) -> Option<Value<'static>>) -> Value<'s> {
        let text = Value::Text(self.text);
        let wanted = match self.tag {
            None if self.plain => return schema(self.text).unwrap_or(text),
            Some(tag @ ("!!null" | "!!bool" | "!!int" | "!!float")) => tag,
            _ => return text,
        };
        match (wanted, schema(self.text)) {
            ("!!null", Some(Value::Null)) => Value::Null,
            ("!!bool", Some(Value::Bool(truth))) => Value::Bool(truth),
            ("!!int" | "!!float", Some(number @ (Value::Int(_) | Value::Float(_)))) => number,
            _ => text,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "compared, not used")]
fn number(value: Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(number as f64),
        Value::Float(number) => Some(number),
        _ => None,
    }
}

/// The meaning that go-yaml v2 gives; nothing for text.
fn kubernetes(text: &str) -> Option<Value<'static>> {
    match text.bytes().next() {
        None => Some(Value::Null),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => {
            word(text).or_else(|| old_word(text))
        }
        Some(b'.') => special_float(text).or_else(|| style_float(text)),
        Some(b'+' | b'-' | b'0'..=b'9') => special_float(text).or_else(|| {
            let digits = without_underscores(text);
            let digits = digits.as_deref().unwrap_or(text);
            go_integer(digits).or_else(|| style_float(digits))
        }),
        Some(_) => None,
    }
}

/// The meaning in the core schema; nothing for text.
fn yaml12(text: &str) -> Option<Value<'static>> {
    let (negative, digits) = sign(text);
    if text.is_empty() {
        return Some(Value::Null);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return integer(false, digits, 8);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return integer(false, digits, 16);
    }
    word(text)
        .or_else(|| special_float(text))
        .or_else(|| integer(negative, digits, 10))
        .or_else(|| style_float(text))
}

/// The words of both versions.
fn word(text: &str) -> Option<Value<'static>> {
    match text {
        "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ => None,
    }
}

/// The words of YAML 1.1 alone.
fn old_word(text: &str) -> Option<Value<'static>> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(Value::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(Value::Bool(false)),
        _ => None,
    }
}

fn special_float(text: &str) -> Option<Value<'static>> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(Value::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(Value::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => Some(Value::Float(f64::NEG_INFINITY)),
        _ => None,
    }
}

fn without_underscores(text: &str) -> Option<String> {
    text.contains('_').then(|| text.replace('_', ""))
}

fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// As Go's `strconv.ParseInt` with base 0: `0x`, `0b`, `0o`, and `0` alone for octal.
fn go_integer(text: &str) -> Option<Value<'static>> {
    let (negative, digits) = sign(text);
    let base = |prefix: &str| {
        let (head, rest) = digits.split_at_checked(2)?;
        head.eq_ignore_ascii_case(prefix).then_some(rest)
    };
    if let Some(digits) = base("0x") {
        return integer(negative, digits, 16);
    }
    if let Some(digits) = base("0b") {
        return integer(negative, digits, 2);
    }
    if let Some(digits) = base("0o") {
        return integer(negative, digits, 8);
    }
    match digits.strip_prefix('0') {
        Some(octal) if !octal.is_empty() => integer(negative, octal, 8),
        _ => integer(negative, digits, 10),
    }
}

fn integer(negative: bool, digits: &str, base: u32) -> Option<Value<'static>> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    let whole = i128::from_str_radix(digits, base).ok();
    let whole = whole.map(|number| if negative { -number } else { number });
    Some(match whole.map(i64::try_from) {
        Some(Ok(number)) => Value::Int(number),
        _ => Value::Float(rounded(negative, digits, base)),
    })
}

fn rounded(negative: bool, digits: &str, base: u32) -> f64 {
    let size = digits
        .chars()
        .filter_map(|digit| digit.to_digit(base))
        .fold(0.0, |sum, digit| sum * f64::from(base) + f64::from(digit));
    if negative { -size } else { size }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, unless it is out of range.
fn style_float(text: &str) -> Option<Value<'static>> {
    let (_, unsigned) = sign(text);
    let (size, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(sign(&unsigned[at + 1..]).1)),
        None => (unsigned, None),
    };
    let (whole, fraction) = size.split_once('.').unwrap_or((size, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent));
    let number = fits.then(|| text.parse::<f64>().ok()).flatten()?;
    number.is_finite().then_some(Value::Float(number))
}

/// Go's `strconv.FormatFloat(number, 'g', -1, 32)`.
#[expect(clippy::cast_possible_truncation, reason = "Go does the same")]
fn float_key(number: f64) -> String {
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let number = number as f32;
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // The shortest form turns to an exponent at a million.
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    format!("{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, kubectl: Value, yaml12: Value) {
        assert_eq!(Scalar::plain(text).kubernetes(), kubectl, "{text}");
        assert_eq!(Scalar::plain(text).yaml12(), yaml12, "{text}");
    }

    #[test]
    fn knows_the_words_of_yaml_1_1() {
        for yes in ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"] {
            reads(yes, Value::Bool(true), Value::Text(yes));
        }
        for no in ["n", "N", "no", "No", "NO", "off", "Off", "OFF"] {
            reads(no, Value::Bool(false), Value::Text(no));
        }
        reads("true", Value::Bool(true), Value::Bool(true));
        reads("tRue", Value::Text("tRue"), Value::Text("tRue"));
        for null in ["", "~", "null", "Null", "NULL"] {
            reads(null, Value::Null, Value::Null);
        }
    }

    #[test]
    fn reads_numbers_as_go_does() {
        reads("012", Value::Int(10), Value::Int(12));
        reads("0o12", Value::Int(10), Value::Int(10));
        reads("0x1F", Value::Int(31), Value::Int(31));
        reads("-0x1F", Value::Int(-31), Value::Text("-0x1F"));
        reads("1_000", Value::Int(1000), Value::Text("1_000"));
        reads("0b11", Value::Int(3), Value::Text("0b11"));
        reads("08", Value::Float(8.0), Value::Int(8));
        reads("1e3", Value::Float(1000.0), Value::Float(1000.0));
        reads("+12", Value::Int(12), Value::Int(12));
        reads(".5", Value::Float(0.5), Value::Float(0.5));
        reads("5.", Value::Float(5.0), Value::Float(5.0));
        reads(".inf", Value::Float(f64::INFINITY), Value::Float(f64::INFINITY));
        reads(
            "18446744073709551616",
            Value::Float(1.844_674_407_370_955_2e19),
            Value::Float(1.844_674_407_370_955_2e19),
        );
        reads("-9223372036854775808", Value::Int(i64::MIN), Value::Int(i64::MIN));
    }

    #[test]
    fn leaves_the_rest_as_text() {
        for text in [
            "2001-01-01",
            "12:30:45",
            "1.2.3",
            "0x",
            "1e",
            "e3",
            ".",
            "-",
            "+",
            "_1",
            "1e999",
            "<<",
            "=",
            "null ",
            "a",
        ] {
            reads(text, Value::Text(text), Value::Text(text));
        }
    }

    #[test]
    fn quotes_and_tags_decide() {
        assert_eq!(Scalar::quoted("on").kubernetes(), Value::Text("on"));
        assert_eq!(Scalar::plain("80").tagged(Some("!!str")).kubernetes(), Value::Text("80"));
        assert_eq!(Scalar::quoted("80").tagged(Some("!!int")).kubernetes(), Value::Int(80));
        assert_eq!(Scalar::plain("80").tagged(Some("!secret")).kubernetes(), Value::Text("80"));
    }

    #[test]
    fn says_where_readers_differ() {
        assert_eq!(
            Scalar::plain("on").disagreement().unwrap(),
            "kubectl reads `on` as true; YAML 1.2 tools read the text \"on\""
        );
        assert_eq!(
            Scalar::plain("012").disagreement().unwrap(),
            "kubectl reads `012` as the number 10; YAML 1.2 tools read the number 12"
        );
        for same in ["true", "08", "1e3", ".nan", "80", "a", ""] {
            assert_eq!(Scalar::plain(same).disagreement(), None, "{same}");
        }
    }

    #[test]
    fn keys_become_text_as_in_go() {
        let key = |text| Scalar::plain(text).kubernetes().as_key();
        assert_eq!(key("y"), "true");
        assert_eq!(key("080"), "80");
        assert_eq!(key("1.50"), "1.5");
        assert_eq!(key("1e6"), "1e+06");
        assert_eq!(key("0.00001"), "1e-05");
        assert_eq!(key("100000.0"), "100000");
        assert_eq!(key(".inf"), ".inf");
    }
}
