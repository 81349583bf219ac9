//! Engine.IO, the protocol below Socket.IO: packets, and how polling puts several into one body.
//!
//! Version 4 joins packets by a control character, version 3 writes the length of each before it, counted as
//! JavaScript counts characters (socketio/socket.io:docs/engine.io-protocol).

use serde::{Deserialize, Serialize};

/// A version of the protocol.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum Eio {
    /// Socket.IO 1 and 2.
    #[serde(rename = "3")]
    Three,
    /// Socket.IO 3 and 4.
    #[default]
    #[serde(rename = "4")]
    Four,
}

impl Eio {
    /// As it stands in a query.
    pub fn number(self) -> u8 {
        match self {
            Self::Three => 3,
            Self::Four => 4,
        }
    }

    /// Packets as a polling body.
    pub fn encode(self, packets: &[&str]) -> String {
        match self {
            Self::Four => packets.join("\x1e"),
            Self::Three => packets
                .iter()
                .flat_map(|packet| {
                    let length = packet.encode_utf16().count();
                    [length.to_string(), ":".into(), (*packet).to_owned()]
                })
                .collect(),
        }
    }

    /// The packets of a polling body; `None` where it is none.
    pub fn decode(self, body: &str) -> Option<Vec<&str>> {
        let packets: Vec<&str> = match self {
            Self::Four => body.split('\x1e').collect(),
            Self::Three => split_lengths(body)?,
        };
        let known =
            |packet: &&str| packet.starts_with(|c: char| ('0'..='6').contains(&c) || c == 'b');
        packets.iter().all(known).then_some(packets)
    }
}

fn split_lengths(mut body: &str) -> Option<Vec<&str>> {
    let mut packets = Vec::new();
    while !body.is_empty() {
        let (digits, rest) = body.split_once(':')?;
        let mut left: usize = digits.parse().ok()?;
        let mut end = 0;
        for character in rest.chars() {
            if left == 0 {
                break;
            }
            left = left.checked_sub(character.len_utf16())?;
            end += character.len_utf8();
        }
        if left > 0 {
            return None;
        }
        packets.push(&rest[..end]);
        body = &rest[end..];
    }
    Some(packets)
}

/// What a server says when it opens a session.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Open {
    /// The session.
    pub sid: String,
    /// The transports that the session may move to.
    #[serde(default)]
    pub upgrades: Vec<String>,
    /// How often there is a ping, in milliseconds.
    pub ping_interval: u64,
    /// How long an answer to one may take, in milliseconds.
    pub ping_timeout: u64,
    /// The largest body that the server takes by polling, since engine.io 6.2.
    pub max_payload: Option<u64>,
}

impl Open {
    /// Reads an open packet.
    pub fn parse(packet: &str) -> Option<Self> {
        let open: Self = serde_json::from_str(packet.strip_prefix('0')?).ok()?;
        // A session id goes into a query as it is.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~+/=".contains(&byte);
        let usable = !open.sid.is_empty() && open.sid.len() <= 256 && open.sid.bytes().all(plain);
        usable.then_some(open)
    }
}

/// The codes of Engine.IO's refusals and the text of each (socketio/socket.io:packages/engine.io/lib/server.ts).
const MESSAGES: [&str; 6] = [
    "Transport unknown",
    "Session ID unknown",
    "Bad handshake method",
    "Bad request",
    "Forbidden",
    "Unsupported protocol version",
];

/// What a code means.
pub fn message(code: u8) -> &'static str {
    MESSAGES.get(usize::from(code)).copied().unwrap_or("another code")
}

/// The code of a refusal in JSON, which is how polling is refused.
pub fn code_of_json(body: &str) -> Option<u8> {
    #[derive(Deserialize)]
    struct Refusal {
        code: u8,
        #[serde(rename = "message")]
        _message: String,
    }
    serde_json::from_str::<Refusal>(body).ok().map(|refusal| refusal.code)
}

/// The code of a refusal as bare text, which is how a WebSocket is refused.
pub fn code_of_text(body: &str) -> Option<u8> {
    let at = MESSAGES.iter().position(|message| *message == body.trim())?;
    u8::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_of_both_versions() {
        assert_eq!(Eio::Four.encode(&["40", "2"]), "40\x1e2");
        assert_eq!(Eio::Four.decode("40\x1e2"), Some(vec!["40", "2"]));
        assert_eq!(Eio::Three.encode(&["4é𝄞", "3"]), "4:4é𝄞1:3");
        assert_eq!(Eio::Three.decode("4:4é𝄞1:3"), Some(vec!["4é𝄞", "3"]));
        for bad in ["", "x:1", "9:4", "1:", "2:4𝄞", "-1:4", "1:9"] {
            let packets = Eio::Three.decode(bad);
            assert!(packets.is_none_or(|packets| packets.is_empty()), "{bad}");
        }
        assert_eq!(Eio::Four.decode("<html>"), None);
    }

    #[test]
    fn open_packets() {
        let open = Open::parse(
            "0{\"sid\":\"a-B_1\",\"upgrades\":[],\"pingInterval\":1,\"pingTimeout\":2,\"x\":3}",
        );
        assert_eq!(open.unwrap().max_payload, None);
        for bad in [
            "0",
            "0{}",
            "4{\"sid\":\"a\",\"pingInterval\":1,\"pingTimeout\":2}",
            "0{\"sid\":\"\",\"pingInterval\":1,\"pingTimeout\":2}",
            "0{\"sid\":\"a&b\",\"pingInterval\":1,\"pingTimeout\":2}",
            "0{\"sid\":\"a\",\"pingInterval\":-1,\"pingTimeout\":2}",
        ] {
            assert_eq!(Open::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn refusals_of_both_kinds() {
        assert_eq!(code_of_json("{\"code\":1,\"message\":\"Session ID unknown\"}"), Some(1));
        assert_eq!(code_of_json("{\"code\":1}"), None, "anybody may have a code");
        assert_eq!(code_of_text("Bad request"), Some(3));
        assert_eq!(code_of_text("<h1>Bad request</h1>"), None);
    }

    proptest::proptest! {
        #[test]
        fn decoding_undoes_encoding(packets in proptest::collection::vec("[0-6b][^\x1e]{0,8}", 1..5)) {
            let packets: Vec<&str> = packets.iter().map(String::as_str).collect();
            for version in [Eio::Three, Eio::Four] {
                let body = version.encode(&packets);
                assert_eq!(version.decode(&body), Some(packets.clone()));
            }
        }

        #[test]
        fn bears_anything(body: String) {
            let _ = (Eio::Three.decode(&body), Eio::Four.decode(&body), Open::parse(&body));
        }
    }
}
