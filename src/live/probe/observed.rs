//! What was seen, without an opinion on it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::live::affinity::Tally;
use crate::live::engineio::Eio;

/// What became of one request or exchange.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// It was not tried.
    #[default]
    NotTried,
    /// What should be.
    Fine,
    /// Engine.IO refused it.
    Refused {
        /// The HTTP status.
        status: u16,
        /// Engine.IO's code: 0 transport unknown, 1 session unknown, 2 bad method, 3 bad request, 4 forbidden,
        /// 5 unsupported protocol.
        code: u8,
        /// Whether the refusal was JSON, as for requests without `Upgrade`; with one it is bare text.
        json: bool,
    },
    /// An HTTP answer that is not Engine.IO's.
    Status {
        /// The HTTP status.
        status: u16,
        /// Whether a body came with it: Engine.IO's own 400 and 413 without a code have none.
        body: bool,
    },
    /// A redirect.
    Redirect {
        /// The HTTP status.
        status: u16,
        /// Where to, without its query.
        location: String,
    },
    /// The packet that opens a session, where another was due: some cache keeps it.
    OpenedAgain,
    /// An answer with a good status that makes no sense here.
    Unexpected,
    /// The connection ended without an answer.
    Cut,
    /// No answer came in time.
    Silent,
    /// What came breaks HTTP or WebSocket.
    Broken,
    /// No connection was possible.
    Unreachable,
}

impl Seen {
    /// Whether Engine.IO refused it with this code.
    pub fn is_code(&self, wanted: u8) -> bool {
        matches!(self, Self::Refused { code, .. } if *code == wanted)
    }

    /// The HTTP status, where an answer that is not as it should be had one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. }
            | Self::Status { status, .. }
            | Self::Redirect { status, .. } => Some(*status),
            _ => None,
        }
    }
}

/// One request or exchange.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Try {
    /// What became of it.
    pub seen: Seen,
    /// After how many milliseconds.
    pub millis: u64,
    /// The same for people, with the beginning of what came.
    pub detail: String,
}

impl Try {
    /// Whether it went as it should.
    pub fn is_fine(&self) -> bool {
        self.seen == Seen::Fine
    }

    /// Whether it was tried.
    pub fn was_tried(&self) -> bool {
        self.seen != Seen::NotTried
    }

    /// Whether it was tried and did not go as it should.
    pub fn failed(&self) -> bool {
        self.was_tried() && !self.is_fine()
    }
}

/// One session from its first request on, each over a fresh connection.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Walk {
    /// GET without a session id.
    pub handshake: Try,
    /// POST of the first message.
    pub post: Try,
    /// GET of what the server says to it; only tried after the POST went well.
    pub poll: Try,
    /// The move to a WebSocket.
    pub upgrade: Try,
}

impl Walk {
    /// The requests that carry the session's id.
    pub fn later(&self) -> [&Try; 3] {
        [&self.post, &self.poll, &self.upgrade]
    }
}

/// How the host was reached.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reach {
    /// The address that answered; null when none did.
    pub address: Option<String>,
    /// The version of TLS.
    pub tls: Option<String>,
    /// How long TCP and TLS took, in milliseconds.
    pub millis: u64,
    /// Why there was no connection.
    pub trouble: Option<String>,
}

/// A redirect that the first request met.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Hop {
    /// The HTTP status.
    pub status: u16,
    /// Where to, without its query.
    pub location: String,
}

/// The numbers of the packet that opens a session.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenNumbers {
    /// Whether the server offers a WebSocket.
    pub websocket_offered: bool,
    /// `pingInterval`, in milliseconds.
    pub ping_interval: u64,
    /// `pingTimeout`, in milliseconds.
    pub ping_timeout: u64,
    /// `maxHttpBufferSize`, in bytes, where the server says it.
    pub max_payload: Option<u64>,
}

/// The headers of the first answer that tell of caches on the way.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tells {
    /// `Age`.
    pub age: Option<String>,
    /// `Via`.
    pub via: Option<String>,
    /// `X-Cache` or `CF-Cache-Status`.
    pub cache: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Server`.
    pub server: Option<String>,
    /// The minor version of HTTP: 1 for HTTP/1.1.
    pub http_minor: u8,
}

/// A cookie that the first answer set, without its value.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Cookie {
    /// Its name, such as `GCLB`.
    pub name: String,
    /// Its attributes as they were written.
    pub attributes: String,
}

/// Several sessions in one manner.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Arm {
    /// The sessions.
    pub walks: Vec<Walk>,
}

impl Arm {
    /// Requests that carried a session id and were answered by Engine.IO, and how many by one that did not know it.
    pub fn tally(&self) -> Tally {
        self.tally_of(|walk| walk.later().to_vec())
    }

    /// The same for some of the requests.
    pub fn tally_of<'a>(&'a self, which: impl Fn(&'a Walk) -> Vec<&'a Try>) -> Tally {
        let mut tally = Tally::default();
        for one in self.walks.iter().flat_map(which) {
            if one.is_fine() || one.seen.is_code(1) {
                tally.count(one.seen.is_code(1));
            }
        }
        tally
    }

    /// The requests that failed in another way than by losing their session.
    pub fn others(&self) -> impl Iterator<Item = &Try> {
        let tries =
            self.walks.iter().flat_map(|walk| std::iter::once(&walk.handshake).chain(walk.later()));
        tries.filter(|one| one.failed() && !one.seen.is_code(1))
    }
}

/// Many sessions, to measure how many requests are lost.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sessions {
    /// With the cookies that the server set sent back, as a browser of the same site does.
    pub with_cookies: Arm,
    /// Without; null where the server sets none.
    pub without_cookies: Option<Arm>,
}

/// How many handshakes got how many different sessions.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
pub struct SameSid {
    /// Handshakes that opened a session.
    pub handshakes: usize,
    /// Different ones among them.
    pub different: usize,
    /// Whether an answer among them said by `Age` that it was kept.
    #[serde(default)]
    pub aged: bool,
}

/// A WebSocket that was held.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// For how many milliseconds it was open.
    pub millis: u64,
    /// How many pings came (version 3: how many were answered).
    pub pings: u32,
    /// Whether the other side ended it.
    pub ended: bool,
    /// With which code, where a close frame came; 1005 for one without a code.
    pub close_code: Option<u16>,
    /// How long nothing was said before the end, in milliseconds.
    pub idle: u64,
    /// The longest silence that it outlived, in milliseconds.
    pub longest_idle: u64,
    /// What ended it, for people.
    pub detail: String,
}

/// A poll that had to wait for the server's ping.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SlowPoll {
    /// What became of it.
    pub poll: Try,
    /// When the first byte came, in milliseconds after the handshake.
    pub first_byte: u64,
}

/// All that was seen.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Observed {
    /// What was probed, without its query.
    pub url: String,
    /// The version of Engine.IO.
    pub eio: Eio,
    /// How the host was reached.
    pub reach: Reach,
    /// The redirects of the first request.
    pub redirects: Vec<Hop>,
    /// Whether they led in a circle, or to too many others.
    pub redirect_loop: bool,
    /// The numbers of the session.
    pub open: Option<OpenNumbers>,
    /// Tells of caches.
    pub tells: Tells,
    /// The cookies of the first answer.
    pub cookies: Vec<Cookie>,
    /// The first session.
    pub walk: Walk,
    /// A WebSocket without polling before.
    pub websocket: Try,
    /// That WebSocket, held.
    pub held: Option<Held>,
    /// A poll that waited for a ping.
    pub slow_poll: Option<SlowPoll>,
    /// A GET with a session id that nobody gave out.
    pub unknown_session: Try,
    /// Many sessions.
    pub sessions: Option<Sessions>,
    /// Handshakes with a random `t`, as the client sends it.
    pub varied: SameSid,
    /// Handshakes with one and the same URL.
    pub repeated: SameSid,
    /// A POST as large as was asked for.
    pub large: Try,
    /// The health path.
    pub health: Try,
    /// The same URL without TLS.
    pub plain: Try,
    /// Whether the time for the whole was over before its end.
    pub out_of_time: bool,
}
