//! What all value types of the spec share: text goes in through `FromStr` and nowhere else.

use std::borrow::Cow;

/// Why a text is not a value of the wanted type: what is allowed, then what was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(Cow<'static, str>);

impl Invalid {
    /// A reason, in the words of a diagnostic's message.
    pub(super) fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(reason.into())
    }
}

/// Gives a type with `FromStr` and `Display` its serde and schema sides.
///
/// `expecting` completes "expected …" when the TOML value is not even a string.
macro_rules! text_value {
    ($type:ty, expecting: $expecting:literal, schema: { $($schema:tt)* }) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $type;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                from.deserialize_str(Text)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", $($schema)* })
            }
        }
    };
}
pub(super) use text_value;

/// A text type that keeps the text as it was written.
macro_rules! checked_text {
    ($(#[$meta:meta])* $name:ident, $check:path, expecting: $expecting:literal, schema: { $($schema:tt)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text, as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::spec::newtype::Invalid;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        $crate::spec::newtype::text_value!($name, expecting: $expecting, schema: { $($schema)* });
    };
}
pub(super) use checked_text;

/// What is wrong with the first character that `allowed` does not take, if any.
pub(super) fn only(text: &str, allowed: impl Fn(char) -> bool, what: &str) -> Result<(), Invalid> {
    match text.chars().find(|&c| !allowed(c)) {
        None => Ok(()),
        Some(c) => Err(Invalid::new(format!("{what}, but it holds {c:?}"))),
    }
}
