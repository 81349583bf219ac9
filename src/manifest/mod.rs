//! Manifests as text: YAML and JSON with the place of every value.
//!
//! What lint, diff and in-place edits stand on. [`read()`] turns a text into a [`Stream`]
//! of documents; a [`Node`] is a value there, and knows which bytes it was written with.
//! Meaning is what Kubernetes reads ([`Scalar`]), not what YAML 1.2 says. Texts within
//! texts, such as an nginx.conf in a ConfigMap, keep their places too ([`Embedded`]).
//!
//! Nothing here knows a kind of object or a platform, touches a file, or fails: whatever
//! is wrong with a text is among its problems, and reading takes time in proportion to
//! the text and memory within [`limits`].
//!
//! # Two readers
//!
//! Nearly all manifests are written in a small part of YAML. `fast` reads that part, and
//! leaves every document with anything else in it to `complete`, which stands on
//! granit-parser. Both build the same tree; `tests/it/manifest.rs` holds them to it.
//!
//! # What differs from kubectl
//!
//! - A repeated key and a key that a merge brings too: the map's own wins here, wherever
//!   it stands. go-yaml v2 lets a merge key overwrite what stands before it.
//! - A tab at the very left of a line inside brackets or quotes that belong to a key is
//!   refused here, and a tab on a line of its own behind a plain scalar is not.
//! - A key that is not there (`: a`) is the key `null` here; libyaml refuses it.
//! - U+0085, U+2028 and U+2029 end no line, as in YAML 1.2.

mod block;
mod complaint;
mod complete;
mod edits;
mod embedded;
mod escape;
mod fast;
mod flatten;
pub mod json;
pub mod limits;
mod lookup;
mod node;
mod path;
mod read;
mod scalar;
mod shape;
mod stream;
mod tabs;
mod tape;
mod template;
mod walk;
mod within;

pub use edits::edits_within;
pub use embedded::Embedded;
pub use node::{Entries, Entry, Items, Node, Way};
pub use path::{Path, PathError, Step, find, path_below, path_of};
pub use read::{read, read_slowly, reads_fast};
pub use scalar::{Scalar, Value};
pub use shape::{Object, objects};
pub use stream::{Comment, Document, Duplicate, LineEnding, Problem, Stream};
pub use tape::Style;
pub use template::{TemplateMark, looks_templated};
pub use walk::each_map;
pub use within::within;
