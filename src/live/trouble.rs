//! What can go wrong between two machines, each with a name.

use std::io;

/// Why no answer could be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// DNS does not know the name, or does not answer.
    #[error("the name `{name}` does not resolve: {reason}")]
    Name {
        /// The name.
        name: String,
        /// What the resolver says.
        reason: String,
    },
    /// Nobody listens there.
    #[error("{0} refuses the connection: nobody listens there")]
    Refused(String),
    /// No way there, or no answer from there.
    #[error("no connection to {to}: {reason}")]
    Connect {
        /// The address.
        to: String,
        /// Why not.
        reason: String,
    },
    /// The TLS handshake failed.
    #[error("TLS fails: {0}")]
    Tls(String),
    /// Nothing came in the time that there was.
    #[error("no answer within {} s", seconds(*.0))]
    Silent(u64),
    /// Something came, and then no end of it.
    #[error("after {bytes} bytes the answer was not complete within {} s", seconds(*.millis))]
    Slow {
        /// How much came.
        bytes: usize,
        /// How long was waited, in milliseconds.
        millis: u64,
    },
    /// The connection ended without a word.
    #[error("the connection was closed without an answer")]
    Closed,
    /// The connection ended in the middle of an answer.
    #[error("the connection was closed in the middle of the answer, after {0} bytes")]
    Short(usize),
    /// What came breaks the protocol.
    #[error("{0}")]
    Nonsense(String),
    /// What came is larger than anything that makes sense here.
    #[error("{what} is larger than {most} bytes")]
    TooLarge {
        /// What it is.
        what: &'static str,
        /// The limit.
        most: usize,
    },
    /// The whole run has taken too long.
    #[error("there was no time left")]
    OutOfTime,
}

fn seconds(millis: u64) -> String {
    let whole = millis / 1_000;
    match millis % 1_000 / 100 {
        0 => whole.to_string(),
        tenths => format!("{whole}.{tenths}"),
    }
}

impl Trouble {
    /// Whether there was no connection at all.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Name { .. } | Self::Refused(_) | Self::Connect { .. } | Self::Tls(_))
    }

    /// What an error of the network means on a connection that stood; `got` bytes of the answer had come.
    pub(super) fn reading(error: &io::Error, got: usize, millis: u64) -> Self {
        use io::ErrorKind::{
            BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof, WouldBlock,
        };
        match (error.kind(), got) {
            (TimedOut | WouldBlock, 0) => Self::Silent(millis),
            (TimedOut | WouldBlock, bytes) => Self::Slow { bytes, millis },
            (ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof, 0) => Self::Closed,
            (ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof, got) => {
                Self::Short(got)
            }
            _ => Self::Nonsense(super::tls::explain(error)),
        }
    }
}
