//! Which failure the others follow from.

use crate::live::check::{Check, Status};

/// Says of each failure which earlier one it follows from.
///
/// A check may name the one that it follows from; that counts only if it failed. Beyond that, one follows from the
/// first failure that one of its rules explains too. A root follows from nothing, so that there are no chains.
pub fn fold(checks: &mut [Check]) {
    for at in 0..checks.len() {
        let (before, rest) = checks.split_at_mut(at);
        let check = &mut rest[0];
        if !is_bad(check) {
            check.follows = None;
            continue;
        }
        let root = named(before, check).or_else(|| explained(before, check));
        check.follows = root;
    }
}

fn is_bad(check: &Check) -> bool {
    matches!(check.status, Status::Fail | Status::Warn)
}

/// The root of the check that this one names, if that failed.
fn named(before: &[Check], check: &Check) -> Option<&'static str> {
    let wanted = check.follows?;
    let found = before.iter().find(|one| one.id == wanted && is_bad(one))?;
    Some(found.follows.unwrap_or(found.id))
}

/// The first root that shares a rule. A doubt explains no failure.
fn explained(before: &[Check], check: &Check) -> Option<&'static str> {
    let heavy_enough = |one: &&Check| one.status == Status::Fail || check.status == Status::Warn;
    let mut roots = before
        .iter()
        .filter(|one| is_bad(one) && one.follows.is_none())
        .filter(heavy_enough)
        .filter(|one| one.rules.iter().any(|rule| check.rules.contains(rule)));
    roots.next().map(|one| one.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::check::Layer;

    fn check(id: &'static str, status: Status, rules: &[&'static str]) -> Check {
        let check = Check::new(id, Layer::Files, "it holds");
        Check { status, ..check }.because(rules)
    }

    fn follows(mut checks: Vec<Check>) -> Vec<Option<&'static str>> {
        fold(&mut checks);
        checks.iter().map(|one| one.follows).collect()
    }

    #[test]
    fn follows_from_the_first_failure_with_its_rule() {
        use Status::{Fail, Pass, Warn};
        let checks = vec![
            check("one", Pass, &["x"]),
            check("two", Fail, &["a", "b"]),
            check("three", Warn, &["b"]),
            check("four", Fail, &["c"]),
            check("five", Fail, &["d", "c"]),
        ];
        assert_eq!(follows(checks), [None, None, Some("two"), None, Some("four")]);
        let doubt = vec![check("one", Warn, &["a"]), check("two", Fail, &["a"])];
        assert_eq!(follows(doubt), [None, None]);
    }

    #[test]
    fn a_named_cause_counts_if_it_failed() {
        use Status::{Fail, Pass};
        let named = |cause| {
            let second = check("two", Fail, &["b"]).after("one");
            follows(vec![check("one", cause, &["a"]), second])
        };
        assert_eq!(named(Fail), [None, Some("one")]);
        assert_eq!(named(Pass), [None, None]);
    }

    #[test]
    fn there_are_no_chains() {
        use Status::Fail;
        let checks = vec![
            check("one", Fail, &["a"]),
            check("two", Fail, &["a", "b"]),
            check("three", Fail, &["b"]).after("two"),
        ];
        assert_eq!(follows(checks), [None, Some("one"), Some("one")]);
    }
}
