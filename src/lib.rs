//! sioway makes Socket.IO apps work behind Google Cloud load balancers on Kubernetes.
//!
//! A Socket.IO session is several HTTP requests that must reach one process. Each of them crosses a load
//! balancer, a Service and nginx, whose settings lie in files that know nothing of each other. sioway keeps one
//! model of that path. It is used two ways: a short description becomes files that agree, and files that are there
//! are read back into the model and judged.
//!
//! # The rooms
//!
//! Data flows one way:
//!
//! ```text
//! app.toml, profile ── spec ── plan ── render ── files
//!                                         │
//!                                       diff ──── fix ── the same files, a few bytes changed
//!                                         │        │
//! manifests, nginx.conf ── manifest, nginx ── set ── path ── rules, trace ── report
//! ```
//!
//! | room | what lives there |
//! |---|---|
//! | [`cli`], [`exit`] | arguments, dispatch, exit status |
//! | [`commands`] | one file a command |
//! | [`spec`] | the TOML as written: the keys, their types, the layers they come in |
//! | [`plan`] | the app as decided: every number final, refusals, the timeout ladder |
//! | [`render`] | templates, escaping, the list of files |
//! | [`manifest`] | YAML and JSON with the place of every value, as Kubernetes reads them |
//! | [`nginx`] | nginx's configuration with the place of every word, as nginx understands it |
//! | [`kube`] | what Kubernetes and Google's controllers make of a field, as tables with their sources |
//! | [`set`] | files read: objects, configurations, and comments for sioway |
//! | [`kustomize`] | what Kustomize builds of bases, overlays and patches, and which file sets each value |
//! | [`path`] | the way of a request through a set: which link leads where, and which is missing |
//! | [`rules`] | what breaks a session: one file and one page a rule |
//! | [`picture`] | the way of a request and its timeouts, as far as they are drawn |
//! | [`runbook`] | what to do when sessions of one app break, with its own names |
//! | [`trace`] | one session walked through the model, request by request |
//! | [`blame`] | what a probe saw beside what a trace foretells: the line that explains it |
//! | [`diff`] | what differs between rendered and existing objects, and why it matters |
//! | [`fix`] | the smallest edit of a hand-written file |
//! | [`adopt`] | the way back: from manifests that are there to the app.toml that describes them |
//! | [`doctor`] | files, cluster and load balancer compared: the first layer that is broken |
//! | [`krm`] | the list of objects that Kustomize and kpt hand from function to function |
//! | [`live`] | the outside world, asked: a Socket.IO client, kubectl and gcloud |
//! | [`diagnostic`] | one type for everything that is wrong with a text |
//! | [`report`] | how it looks: one file a format |
//! | `templates/`, `profiles/` | data, embedded |
//!
//! # What always holds
//!
//! - Only `commands` touches files, and only `live` opens sockets and starts programs. All other rooms take text and values and return
//!   values: no files, no clock, no environment, no network. The same input gives the same bytes.
//! - Only `report` knows colours. `diagnostic` depends on nothing else here but the names of places,
//!   [`manifest::Path`].
//! - Rules ask [`path::Model`], never raw YAML. Session traffic alone is judged: each judgement begins with a
//!   [`path::Evidence`].
//! - What sioway cannot know it does not claim: a link that may be elsewhere is unknown, and nothing is said of it.
//! - What one platform does differently from another is said in `profiles/` (`[platform]`), which the refusals ask
//!   through [`spec::Platform`]. What all of Google's load balancers share stands in `templates/`, in
//!   `plan/service.rs` and in `plan/refusals/ranges.rs`. Rules ask the kind of front that the model found.
//! - A default, a refusal, a rule or a comment that says how the outside world behaves names its public source
//!   beside it.
//! - A problem with the user's text is a [`diagnostic::Diagnostic`] that points at the line and says what to do;
//!   all problems of a text are reported at once.
//! - A file is old or new, never half of either. An edit leaves every byte alone that it need not change.
//!
//! # Where to put what
//!
//! - *A key of app.toml*: a documented field in `spec/model.rs` or `spec/watching.rs`; the schema, the README's table and `explain`
//!   follow from it. If its default depends on others, a function in `plan/derived.rs` and a line in
//!   `plan/settled.rs`.
//! - *A combination that cannot work*: a function in the room of `plan/refusals/` it belongs to, and a line in
//!   `tests/it/errors.rs`.
//! - *A rule*: `rules/its_name.rs` and its page `rules/its_name.md`, and a line in each list of `rules/mod.rs`. The
//!   page's example is its test. It goes through a [`path::Part`], which is all there is or a share of it; what it must
//!   know of other files is a method of [`path::Model`]. Where one edit is right for everyone it carries that edit
//!   ([`rules::Draft::fix`]), and makes of *Example* what *Use instead* shows.
//! - *A claim about a controller* (an annotation that is read, a default, a range): a row in [`kube`].
//! - *A directive of nginx*: its rule of inheritance in `nginx/inherit.rs`, with a case in `tests/it/nginx/` that asks
//!   a real nginx. How its value is compared is in `diff/nginx/meaning.rs`.
//! - *A format of findings*: a file in `report/findings/`; one of differences: a file in `report/diff/`, unless
//!   `report/diff/findings.rs` can make findings of them.
//! - *A file to render*: a template, a line in `render/outputs.rs`; one that is not for Kubernetes, in `render/cloud.rs`.
//! - *An alert*: a function in `plan/monitoring/alerts.rs`, with series on both sides of its threshold in
//!   `tests/it/monitoring.rs`.
//! - *A platform*: a profile with a `[platform]` table, and templates where its objects differ.
//! - *A check of `doctor`*: a function in the layer's file in `doctor/checks/`, which names the rules that explain a
//!   failure and the earlier check that it may follow from; a fault in `tests/it/doctor/saved.rs` that only it finds.
//! - *A fault that what runs may have and the files do not*: a variant of [`trace::Fault`], and the words for it in
//!   `blame/drift.rs`. One that the wire shows gets a row in `tests/lab/matrix.rs`, as does each such rule.
//! - *Something that is drawn*: a fact of a station or a rung in `picture/planned.rs` for apps, in `trace/picture.rs` or
//!   `trace/rungs.rs` for manifests. How it looks is in `report/picture/`, and `tests/it/pages.rs` asks a browser.
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
//! **Why two readers of YAML?** Most manifests are plain block YAML, which a small reader takes several times
//! faster. It gives up at the first thing it does not know, and the full one (`granit-parser`) reads the file instead.
//! A property test holds that the two never differ.
//!
//! **Why does `lint` judge everything where a part is asked for?** What one file lacks another may have. `render` loads
//! all descriptions for a like reason: what two apps both claim neither gets, whichever of them changed.
//!
//! **Why does a signal not end a run at once?** It does while nothing is written. Otherwise each piece of work is
//! finished first ([`commands`], `interrupt.rs`): an app's directory, or the files that change together.
//!
//! **Why an own parser of nginx?** Real nginx is the oracle, and it tells no places; other parsers are laxer than it or
//! know no inheritance. The tests ask a running nginx what it selects, inherits and maps.
//!
//! **Why an own Kustomize?** The real one tells no places: an edit has to land in the patch or the base that sets the
//! value. What is not followed is refused with its line, and the tests ask the real one for every value.
//!
//! **Why are many files judged in groups?** What lint holds in memory is then a few groups of files and not a whole
//! repository, and what the rules need of a group is still in the cache. A group notes each question that another file
//! might have answered ([`set::Reach`]); those that had something to ask each other are judged once more, together. So
//! whatever looks beyond its own object asks through [`set::Set`] or [`path::Model`], which note it.
//!
//! **Why are many directories read twice by `diff`?** For a like reason: the manifests of ten thousand apps in one tree are
//! not held. The first time it keeps what an object may be found by ([`diff::Tie`]), a few numbers each; the second time
//! it reads what an app has to do with, beside that app. So whatever a comparison looks for elsewhere than in its own
//! object has to be told there.
//!
//! **Why does a rule not see YAML?** What breaks a session is hardly ever one value: it is a value together with
//! another team's. The model says once what leads where, and each rule stays short.
//!
//! **Why no `fsync`?** A file that is replaced by rename survives a crash of sioway, and everything written is
//! under version control. Sixty thousand `fsync`s would take minutes.

pub mod adopt;
pub mod blame;
pub mod cli;
pub mod commands;
pub mod diagnostic;
pub mod diff;
pub mod doctor;
pub mod exit;
pub mod fix;
pub mod krm;
pub mod kube;
pub mod kustomize;
pub mod live;
pub mod manifest;
pub mod nginx;
pub mod path;
pub mod picture;
pub mod plan;
pub mod render;
pub mod report;
pub mod rules;
pub mod runbook;
pub mod set;
pub mod spec;
pub mod trace;
