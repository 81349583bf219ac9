//! What does not fit, in words, with the nearest thing that does.

use strsim::jaro_winkler;

use super::decode::{Details, Reason, one_of};
use super::keys::app_keys;
use crate::diagnostic::{Diagnostic, Label};

/// How alike a key must be to be offered in place of an unknown one.
const ALIKE: f64 = 0.8;

/// Finds the nearest real key for an unknown one, among those expected at its place.
pub(super) type Suggest = fn(&str, &[&str]) -> Option<String>;

/// A misfit at its line.
pub(super) fn in_words(misfit: &Details, suggest: Suggest) -> Diagnostic {
    let Wording { id, message, label, help } = Wording::of(misfit, suggest);
    let diagnostic = match misfit.at {
        Some(at) => Diagnostic::at(id, message, Label::new(at.source, at.span, label)),
        None => Diagnostic::bare(id, message),
    };
    Diagnostic { help, ..diagnostic }
}

struct Wording {
    id: &'static str,
    message: String,
    label: String,
    help: Option<String>,
}

impl Wording {
    fn new(id: &'static str, message: String) -> Self {
        Self { id, message, label: String::new(), help: None }
    }

    fn of(misfit: &Details, suggest: Suggest) -> Self {
        let key = misfit.key();
        match &misfit.reason {
            Reason::UnknownKey { found, expected } => Self {
                help: suggest(found, expected),
                ..Self::new("unknown-key", format!("there is no key `{key}`"))
            },
            Reason::MissingKey(name) => Self {
                help: Some(format!("add `{name} = …`")),
                ..Self::new("missing-key", format!("`{key}` has no `{name}`"))
            },
            Reason::UnknownWord { found, expected } => Self {
                help: nearest(found, expected.iter().copied())
                    .map(|near| format!("did you mean \"{near}\"?")),
                ..Self::new("invalid-value", format!("`{key}` is {}", one_of(expected)))
            },
            Reason::WrongType { found, expected } => Self {
                label: format!("this is {found}"),
                ..Self::new("wrong-type", format!("`{key}` is {expected}"))
            },
            Reason::Refused(reason) => Self {
                label: reason.clone(),
                ..Self::new("invalid-value", format!("`{key}` is not valid"))
            },
        }
    }
}

/// The nearest key of `app.toml`: a like one at the same level, or one of that name at another.
pub(super) fn suggest_app_key(found: &str, expected: &[&str]) -> Option<String> {
    let name = |path: &'static str| path.rsplit('.').next().unwrap_or(path);
    let paths = || app_keys().iter().map(|key| key.path.as_str());
    let near = nearest(found, expected.iter().copied())
        .or_else(|| paths().find(|path| name(path) == found))
        .or_else(|| {
            let near = nearest(found, paths().map(name))?;
            paths().find(|path| name(path) == near)
        })?;
    Some(format!("did you mean `{near}`?"))
}

/// A suggestion among the keys of one level, for texts other than `app.toml`.
pub(super) fn suggest_sibling(found: &str, expected: &[&str]) -> Option<String> {
    let near =
        nearest(found, expected.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    near.or_else(|| Some(format!("the keys are {}", one_of(expected).replace('"', "`"))))
}

/// The candidate most like a word, if one is like it at all.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .map(|candidate| (jaro_winkler(word, candidate), candidate))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
