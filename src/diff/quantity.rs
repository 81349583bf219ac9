//! Amounts of memory, CPU and storage, which Kubernetes reads as numbers: `0.5` is `500m`.

use super::one_of::keys_of;
use crate::manifest::{Node, Path};

/// Whether both are the same amount, in a field that holds one.
pub(super) fn is_same(ours: Node<'_>, theirs: Node<'_>, path: &Path) -> bool {
    let amount = |node: Node<'_>| nanos(node.text()?);
    is_amount(path) && amount(ours).is_some() && amount(ours) == amount(theirs)
}

/// The limits that are there, and below what is requested: the API server refuses them
/// (`kubernetes/kubernetes:pkg/apis/core/validation/validation.go`, `ValidateContainerResourceRequirements`). Each with
/// its name.
pub(super) fn too_low<'s>(ours: Node<'_>, theirs: Node<'s>) -> Vec<(String, Node<'s>)> {
    let amount = |node: Node<'_>| nanos(node.text()?);
    let limits = theirs.get("limits").into_iter().flat_map(Node::entries);
    let is_low = |name: &str, limit: Node<'_>| {
        let requested = ours.at(&["requests", name]).and_then(amount);
        ours.at(&["limits", name]).is_none()
            && requested.zip(amount(limit)).is_some_and(|(requested, limit)| limit < requested)
    };
    let low = limits.filter(|limit| is_low(&limit.key(), limit.value()));
    low.map(|limit| (limit.key().into_owned(), limit.value())).collect()
}

/// Whether a field is of the type `Quantity` (`kubernetes/kubernetes:staging/src/k8s.io/api/core/v1/types.go`).
fn is_amount(path: &Path) -> bool {
    matches!(
        keys_of(path)[..],
        [.., "resources", "requests" | "limits", _]
            | [.., "emptyDir", "sizeLimit"]
            | [.., "resourceFieldRef", "divisor"]
    )
}

/// What follows a number: a power of two, or of ten
/// (`kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/api/resource/suffix.go`).
const SUFFIXES: [(&str, u32, u32); 15] = [
    ("", 0, 9),
    ("n", 0, 0),
    ("u", 0, 3),
    ("m", 0, 6),
    ("k", 0, 12),
    ("M", 0, 15),
    ("G", 0, 18),
    ("T", 0, 21),
    ("P", 0, 24),
    ("E", 0, 27),
    ("Ki", 10, 9),
    ("Mi", 20, 9),
    ("Gi", 30, 9),
    ("Ti", 40, 9),
    ("Pi", 50, 9),
];

/// An amount in billionths; `None` for what is none, and for one that has smaller parts or is too large.
fn nanos(text: &str) -> Option<i128> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (number, suffix) = rest.split_at(end.unwrap_or(rest.len()));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{part}");
    if digits.is_empty() || part.contains('.') {
        return None;
    }
    let (two, ten) = scale(suffix)?;
    let ten = ten.checked_sub(i32::try_from(part.trim_end_matches('0').len()).ok()?)?;
    let digits: i128 = format!("{whole}{}", part.trim_end_matches('0')).parse().ok()?;
    let amount = digits.checked_mul(1_i128.checked_shl(two)?)?;
    let factor = 10_i128.checked_pow(ten.unsigned_abs())?;
    let amount = match ten {
        0.. => amount.checked_mul(factor)?,
        _ => (amount % factor == 0).then_some(amount / factor)?,
    };
    Some(if negative { -amount } else { amount })
}

/// The powers of two and of ten that a suffix stands for, or an exponent.
fn scale(suffix: &str) -> Option<(u32, i32)> {
    if let Some((_, two, ten)) = SUFFIXES.iter().find(|(name, ..)| *name == suffix) {
        return Some((*two, i32::try_from(*ten).ok()?));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let exponent: i32 = exponent.parse().ok().filter(|one| (-30..=30).contains(one))?;
    Some((0, 9 + exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_amount_is_written_in_many_ways() {
        for (one, other) in [
            ("0.5", "500m"),
            (".5", "0.50"),
            ("536870912", "512Mi"),
            ("0.5Gi", "512Mi"),
            ("1e3", "1000"),
            ("1E3", "1k"),
            ("1M", "1000000"),
            ("+2", "2"),
            ("1.", "1"),
        ] {
            assert!(nanos(one).is_some(), "{one}");
            assert_eq!(nanos(one), nanos(other), "{one} {other}");
        }
        for (one, other) in [("1M", "1Mi"), ("1", "1m"), ("-1", "1"), ("64Mi", "64M")] {
            assert_ne!(nanos(one), nanos(other), "{one} {other}");
        }
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for text in ["", ".", "1.2.3", "Mi", "1mi", "one", "1e", "1e99", "- 1"] {
            assert_eq!(nanos(text), None, "{text}");
        }
    }

    #[test]
    fn only_fields_that_hold_amounts_are_read_so() {
        let is = |path: &str| is_amount(&path.parse().unwrap());
        assert!(is("spec.template.spec.containers[name=app].resources.limits.memory"));
        assert!(is("spec.template.spec.volumes[name=tmp].emptyDir.sizeLimit"));
        assert!(!is("metadata.labels.memory"));
        assert!(!is("spec.template.spec.containers[name=app].env[name=A].value"));
    }
}
