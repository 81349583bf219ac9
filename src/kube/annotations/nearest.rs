//! The key that was probably meant.
//!
//! A wrong suggestion is worse than none, so that a candidate must be a setting of the same kind, and be the same
//! name under another prefix or spelling, or a few letters away from it.

use strsim::damerau_levenshtein;

use super::{AnnotationKey, Role, keys_of};

/// What does the same on another kind under a name that no likeness finds. The left one is Multi Cluster Ingress's.
const EQUIVALENT: &[(&str, &str, &str)] =
    &[("Ingress", "networking.gke.io/static-ip", "kubernetes.io/ingress.global-static-ip-name")];

/// The setting of this kind that a key was probably meant to be.
pub(super) fn of(kind: &str, key: &str) -> Option<&'static str> {
    let known = EQUIVALENT
        .iter()
        .find(|(of, wrong, _)| *of == kind && *wrong == key)
        .map(|(_, _, right)| *right);
    known.or_else(|| alike(kind, key))
}

/// The same, where it is the only one that can have been meant: the name is the same but for case, separators, the
/// prefix before it, or one letter.
pub fn certain(kind: &str, key: &str) -> Option<&'static str> {
    const ONE_LETTER: usize = 100;
    let settings = keys_of(kind).filter(|row| row.role == Role::Setting);
    let far = settings.filter_map(|row| Some((distance(key, row)?, row.key)));
    let mut close: Vec<(usize, &str)> = far.filter(|(far, _)| *far <= ONE_LETTER).collect();
    close.sort_unstable();
    let ((nearest, meant), next) = (*close.first()?, close.get(1));
    next.is_none_or(|(far, _)| nearest < *far).then_some(meant)
}

fn alike(kind: &str, key: &str) -> Option<&'static str> {
    let settings = keys_of(kind).filter(|row| row.role != Role::Status);
    settings.filter_map(|row| Some((distance(key, row)?, row.key))).min().map(|(_, near)| near)
}

/// How far a key is from a setting: unlike names are no neighbours at all.
fn distance(key: &str, row: &AnnotationKey) -> Option<usize> {
    let (prefix, name) = key.split_once('/')?;
    let (right_prefix, right_name) = row.key.split_once('/')?;
    let apart = damerau_levenshtein(prefix, right_prefix);
    let known_prefix = super::is_googles(key) || prefix == "ingress.kubernetes.io";
    if !known_prefix && apart > 2 {
        return None;
    }
    let (name, right) = (plain(name), plain(right_name));
    let off = damerau_levenshtein(&name, &right);
    // A misspelt domain is believed only when the name after it is right.
    let close = off <= right.len() / 6 || is_cut_off(&name, &right);
    // One letter of a short name is more than a sixth of it; one too many at its end is a plural.
    let short = apart == 0 && off == 1 && name.starts_with(&right);
    let near = off == 0 || known_prefix && (close || short);
    near.then_some(off * 100 + apart)
}

/// Whether only the last word of a long name is missing.
fn is_cut_off(name: &str, right: &str) -> bool {
    name.len() >= 14 && right.starts_with(name) && right.len() - name.len() <= 4
}

/// A name without case, separators, the version in front of a kind, and the `ingress.` of old keys.
fn plain(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let bare = ["v1beta1.", "v1.", "ingress."]
        .iter()
        .fold(lower.as_str(), |name, front| name.strip_prefix(front).unwrap_or(name));
    bare.chars().filter(char::is_ascii_alphanumeric).collect()
}
