//! The outside world, asked: the only room that opens sockets and starts programs.
//!
//! [`programs`] asks kubectl and gcloud. [`probe`] runs a Socket.IO client against a URL and says what holds. Below it lies a client of its own instead of
//! a library: it must survive servers that hang, drip, lie about lengths or send garbage, and name what they did. So
//! every read has one deadline for the whole answer ([`wire`]), every length has a limit, and what came is kept in
//! the shape it came in ([`http`], [`websocket`], [`engineio`]).

pub mod affinity;
pub mod check;
pub mod client;
pub mod engineio;
pub mod http;
pub mod probe;
pub mod programs;
pub mod tls;
pub mod transcript;
pub mod trouble;
pub mod url;
pub mod websocket;
pub mod wire;
