//! sioway makes Socket.IO apps work behind Google Cloud load balancers on Kubernetes.
//!
//! A Socket.IO session is several HTTP requests that must reach one process. Each of them crosses a load
//! balancer, a Service and nginx, whose settings lie in files that know nothing of each other. sioway keeps one
//! model of that path. So far it is used one way: a short description becomes files that agree.
//!
//! # The rooms
//!
//! Data flows one way:
//!
//! ```text
//! app.toml, profile ── spec ── plan ── render ── files
//! ```
//!
//! | room | what lives there |
//! |---|---|
//! | [`cli`], [`exit`] | arguments, dispatch, exit status |
//! | [`commands`] | one file a command |
//! | [`spec`] | the TOML as written: the keys, their types, the layers they come in |
//! | [`plan`] | the app as decided: every number final, refusals, the timeout ladder |
//! | [`render`] | templates, escaping, the list of files |
//! | [`adopt`] | the way back: from manifests that are there to the app.toml that describes them |
//! | [`diagnostic`] | one type for everything that is wrong with a text |
//! | [`fix`] | the smallest edit of a hand-written file |
//! | [`report`] | how it looks |
//! | `templates/`, `profiles/` | data, embedded |
//!
//! # What always holds
//!
//! - `spec`, `plan` and `render` take text and values and return values: no files, no clock, no environment, no
//!   network. The same input gives the same bytes.
//! - Only `commands` touches files. Only `report` knows colours. `diagnostic` depends on nothing else here
//!   but the names of places, [`manifest::Path`].
//! - What one platform does differently from another is said in `profiles/` (`[platform]`), which the refusals ask
//!   through [`spec::Platform`]. What all of Google's load balancers share stands in `templates/`, in
//!   `plan/service.rs` and in `plan/refusals/ranges.rs`. Nothing else assumes a platform.
//! - A default, a refusal or a comment that says how the outside world behaves names its public source beside it.
//! - A problem with the user's text is a [`diagnostic::Diagnostic`] that points at the line and says what to do;
//!   all problems of a text are reported at once.
//! - A file is old or new, never half of either.
//!
//! # Where to put what
//!
//! - *A key of app.toml*: a documented field in `spec/model.rs`; the schema, the README's table and `explain`
//!   follow from it. If its default depends on others, a function in `plan/derived.rs` and a line in
//!   `plan/settled.rs`.
//! - *A combination that cannot work*: a function in the room of `plan/refusals/` it belongs to, and a line in
//!   `tests/it/errors.rs`.
//! - *A file to render*: a template, a line in `render/outputs.rs`.
//! - *A platform*: a profile with a `[platform]` table, and templates where its objects differ.
//! - *A command*: a file in `commands/`, a variant in `cli.rs`, a transcript in `tests/cmd/`.
//!
//! # Design questions
//!
//! **Why not let serde report the errors?** It stops at the first. [`spec::decode`] takes the offending value out
//! and goes on, so that one run names them all. It costs a second pass on broken files only.
//!
//! **Why is the merged table kept beside the typed spec?** It knows the line of every value. Wrapping each field in
//! a type that carries its place would put places into every signature; a lookup by key is only made when
//! something has to be explained.
//!
//! **Why no output check on embedded templates?** Parsing what was just rendered costs more than rendering it.
//! Tests render random apps and hostile strings through four readers of YAML instead. The output of a user's own
//! template is checked at run time.
//!
//! **Why no `fsync`?** A file that is replaced by rename survives a crash of sioway, and everything written is
//! under version control. Sixty thousand `fsync`s would take minutes.

pub mod adopt;
pub mod cli;
pub mod commands;
pub mod diagnostic;
pub mod diff;
pub mod exit;
pub mod fix;
pub mod kube;
pub mod live;
pub mod manifest;
pub mod nginx;
pub mod path;
pub mod plan;
pub mod render;
pub mod report;
pub mod rules;
pub mod set;
pub mod spec;
pub mod trace;
