//! The Engine.IO transports that clients may use.

use schemars::JsonSchema;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// An Engine.IO transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Transport {
    /// HTTP long polling.
    Polling,
    /// WebSocket.
    Websocket,
}

/// One transport or both, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Transports(#[schemars(length(min = 1), extend("uniqueItems" = true))] Vec<Transport>);

impl Transports {
    /// Whether clients may poll, and so need every request of a session on one server.
    pub fn polling(&self) -> bool {
        self.0.contains(&Transport::Polling)
    }

    /// Whether clients may use WebSockets.
    pub fn websocket(&self) -> bool {
        self.0.contains(&Transport::Websocket)
    }
}

impl Default for Transports {
    fn default() -> Self {
        Self(vec![Transport::Polling, Transport::Websocket])
    }
}

impl<'de> Deserialize<'de> for Transports {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(Distinct)
    }
}

struct Distinct;

impl<'de> Visitor<'de> for Distinct {
    type Value = Transports;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of transports such as [\"polling\", \"websocket\"]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Transports, A::Error> {
        let mut transports = Vec::new();
        while let Some(transport) = items.next_element()? {
            if transports.contains(&transport) {
                return Err(de::Error::custom("each transport is named once"));
            }
            transports.push(transport);
        }
        if transports.is_empty() {
            return Err(de::Error::custom("at least one transport is needed"));
        }
        Ok(Transports(transports))
    }
}
