//! The smallest edit of a hand-written file.
//!
//! [`apply`] changes values of manifests and directives of nginx where they stand: comments, order, quotes,
//! indentation and line ends around them stay, byte for byte. It takes a text and says what becomes of it; whatever
//! cannot be done so is a [`Refused`], and then nothing is done.
//!
//! Four steps, a file each: `locate` finds the places, `plan` and `change` join all edits of a text into one tree of
//! changes, so that their order does not matter, `blocks`, `flows` and `nginx` write the splices, and `verify` reads
//! the outcome again and compares it, value by value and comment by comment, with what was wanted. Nothing here knows
//! a kind of object.
//!
//! # Rules of writing
//!
//! - A new entry goes behind the last line of content of its map, before comments that follow it.
//! - New lines are indented as the object is: steps, dashes, and the way texts are quoted. Each ends as the one beside it.
//! - A value that is replaced keeps its quotes, where they can carry the new one.
//! - Removing takes the lines of the entry with the comments on them and between them. Comments on the lines above
//!   go too if they stand right above at the same indentation, name the key, and name no other key of the map.
//! - A map or list that loses its last entry becomes `{}` or `[]`.
//! - Setting a map or a list changes what differs, entry by entry.
//! - Removing what is not there, and setting what is, changes nothing.

mod blocks;
mod change;
mod flows;
mod locate;
mod nginx;
mod plan;
mod splice;
mod style;
mod unified;
mod values;
mod verify;
mod write;

pub use crate::diagnostic::{Edit, Insertion, NginxChange, Splice, ValueChange};
pub use unified::unified;

use crate::diagnostic::Span;
use crate::manifest::{self, Stream, TemplateMark};

use style::Blocks;

/// What became of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The new text.
    pub text: String,
    /// What was changed to come there, in the order of the old text. Nothing if all was as wanted.
    pub splices: Vec<Splice>,
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Refused {
    /// The place in the old text that makes it so.
    pub span: Span,
    /// The fact: lower case, no full stop.
    pub why: String,
}

impl Refused {
    pub(crate) fn new(span: Span, why: impl Into<String>) -> Self {
        Self { span, why: why.into() }
    }
}

/// Carries out all edits of a text, or none.
///
/// # Errors
///
/// If one of the edits cannot be carried out in a way that surely changes what is wanted and nothing else.
///
/// ```
/// use sioway::fix::{Edit, apply};
/// let text = "spec:\n  timeoutSec: 30  # default\n";
/// let stream = sioway::manifest::read(text);
/// let object = stream.document(0).unwrap().root().unwrap().span();
/// let path = "spec.timeoutSec".parse().unwrap();
/// let applied = apply(text, &[Edit::set(object, path, 3600)]).unwrap();
/// assert_eq!(applied.text, "spec:\n  timeoutSec: 3600  # default\n");
/// ```
pub fn apply(text: &str, edits: &[Edit]) -> Result<Applied, Refused> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    // Sorted by what they say: the order in which they came decides nothing.
    edits.sort_by_cached_key(|edit| format!("{edit:?}"));
    edits.dedup();
    let whole = |edit: &&&Edit| matches!(edit, Edit::Nginx { scalar: None, .. });
    let of_nginx = edits.iter().filter(whole).count();
    if of_nginx > 0 && of_nginx == edits.len() {
        return configuration(text, &edits);
    }
    if of_nginx > 0 {
        let why = "a text is either a manifest or an nginx configuration";
        return Err(Refused::new((0..0).into(), why));
    }
    values(text, &edits)
}

/// Edits of a text that is an nginx configuration.
fn configuration(text: &str, edits: &[&Edit]) -> Result<Applied, Refused> {
    let changes: Vec<&NginxChange> = edits
        .iter()
        .filter_map(|edit| match edit {
            Edit::Nginx { change, .. } => Some(change),
            Edit::Value { .. } | Edit::Within { .. } => None,
        })
        .collect();
    let splices = nginx::splices(text, &changes)?;
    let text = splice::applied(text, &splices);
    Ok(Applied { text, splices })
}

/// Edits of a text that is YAML or JSON.
fn values(text: &str, edits: &[&Edit]) -> Result<Applied, Refused> {
    if let Some(TemplateMark::Bare(at)) = manifest::looks_templated(text) {
        let why = "this is a template: what it becomes is decided elsewhere";
        return Err(Refused::new((at..at + 2).into(), why));
    }
    let stream = manifest::read(text);
    if let Some(problem) = stream.problems.first() {
        let why = format!("the file cannot be read: {}", problem.message);
        return Err(Refused::new(problem.span, why));
    }
    let plan = plan::plan(&stream, edits)?;
    // A new block could swallow what follows it, such as a comment that is indented more.
    let outcome = written(&stream, &plan, Blocks::Allowed);
    outcome.or_else(|refused| written(&stream, &plan, Blocks::Avoided).map_err(|_| refused))
}

fn written(stream: &Stream<'_>, plan: &plan::Plan, blocks: Blocks) -> Result<Applied, Refused> {
    let written = values::write(stream, plan, false, blocks)?;
    let text = splice::applied(stream.text(), &written.splices);
    verify::values(stream, &text, plan, &written)?;
    Ok(Applied { text, splices: written.splices })
}
