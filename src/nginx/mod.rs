//! nginx's configuration: read with the place of every word, and understood as nginx understands it.
//!
//! Three steps, each usable alone:
//!
//! 1. [`parse`] makes a [`Tree`] of any text, with what is wrong in [`Tree::problems`].
//! 2. [`Config::assemble`] puts files together. It answers what nginx would do: which server and location get a
//!    request ([`Config::route`]), what holds there ([`Config::effective`], [`Config::headers_sent`]), which URI the
//!    upstream gets ([`Config::map_uri`]). Each answer names the lines that decide it.
//! 3. [`violations`] and [`Config::unknown_variables`] say with which directives nginx would not start;
//!    [`edits`] says where a text can be changed.
//!
//! What cannot be known is a [`Doubt`], never a guess: a file that is not there, PCRE that is not evaluated, the time.
//! nginx's source is the reference; the tests compare with a running nginx. Nothing here knows what the configuration
//! is for: that is the business of whoever asks.

mod access;
mod answer;
mod cache;
mod clashes;
mod config;
mod contexts;
mod defaults;
mod directives;
mod directives_stream;
mod directives_table;
pub mod edits;
mod evaluate;
mod index;
mod inherit;
mod lexer;
mod limit;
mod location;
mod lua;
mod map;
mod pattern;
mod problem;
mod proxy;
mod rewrite;
mod route;
mod server;
mod spelling;
mod template;
mod tree;
pub mod units;
mod upstream;
mod uri;
mod variables;

pub use answer::{Answer, ContentTypes};
pub use cache::{Cache, Stores};
pub use config::{Config, Doubt, FileId, Included, NodeId, Place, ROOT, Shape};
pub use contexts::{Context, Violation, ViolationKind, violations};
pub use defaults::{Default, Version, default_of};
pub use directives::{Row, all as directives, rows};
pub use evaluate::{Request, Scene};
pub use inherit::{Effective, Header, HeadersSent, is_inherited};
pub use lexer::{Comment, Quote, Word};
pub use limit::{Limit, Most};
pub use location::{Kind, Location, Selection};
pub use map::Mapped;
pub use problem::{Fault, Problem};
pub use proxy::{MappedUri, ProxyPass};
pub use rewrite::Returned;
pub use route::{Outcome, Route};
pub use server::{Chosen, ChosenBy, Listen};
pub use template::{InvalidVariable, Piece, pieces, variables};
pub use tree::{Block, DEPTH, Directive, Tree, parse};
pub use upstream::{Balancing, Peer, Upstream, fleeting};
pub use uri::{BadRequest, Uri, normalise};
pub use variables::is_built_in;
