//! Ports and other small numbers with a range.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Ranged<const MIN: u32, const MAX: u32>(u32);

/// A TCP port.
pub type Port = Ranged<1, 65_535>;
/// How often a health check must agree before a state changes, as the compute API takes it.
pub type Threshold = Ranged<1, 10>;
/// A number of pods. A thousand is where Kubernetes' own limits for one Service begin.
pub type Replicas = Ranged<1, 1_000>;
/// A numeric user id that is not root's.
pub type UserId = Ranged<1, { i32::MAX as u32 }>;

impl<const MIN: u32, const MAX: u32> Ranged<MIN, MAX> {
    /// A number that is known to be in range; anything else stops the build.
    pub const fn new(number: u32) -> Self {
        assert!(MIN <= number && number <= MAX);
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> fmt::Display for Ranged<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de, const MIN: u32, const MAX: u32> Deserialize<'de> for Ranged<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_i64(InRange::<MIN, MAX>)
    }
}

struct InRange<const MIN: u32, const MAX: u32>;

impl<const MIN: u32, const MAX: u32> Visitor<'_> for InRange<MIN, MAX> {
    type Value = Ranged<MIN, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {MIN} to {MAX}, without quotes")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        u32::try_from(number)
            .ok()
            .filter(|number| (MIN..=MAX).contains(number))
            .map(Ranged)
            .ok_or_else(|| {
                E::custom(format_args!("this number is from {MIN} to {MAX}, not {number}"))
            })
    }
}

impl<const MIN: u32, const MAX: u32> JsonSchema for Ranged<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("From{MIN}To{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

/// A Service port of another team's Service: by number or by name, as an Ingress takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ServicePort {
    /// By number.
    Number(Port),
    /// By name.
    Name(super::PortName),
}

impl<'de> Deserialize<'de> for ServicePort {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NumberOrName)
    }
}

struct NumberOrName;

impl Visitor<'_> for NumberOrName {
    type Value = ServicePort;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a port number such as 80, or a port name such as \"http\"")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<ServicePort, E> {
        InRange::<1, 65_535>.visit_i64(number).map(ServicePort::Number)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ServicePort, E> {
        text.parse().map(ServicePort::Name).map_err(E::custom)
    }
}

impl JsonSchema for ServicePort {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ServicePort".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (number, name) =
            (generator.subschema_for::<Port>(), generator.subschema_for::<super::PortName>());
        json_schema!({ "anyOf": [number, name] })
    }
}
