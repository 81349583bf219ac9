//! Which failure the others follow from.

use std::collections::BTreeMap;

use crate::live::check::{Check, Status};

/// What one failure may come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The rules that explain it.
    pub rules: Vec<&'static str>,
    /// The check that it follows from, if that failed.
    pub follows: Option<&'static str>,
}

/// The causes of each failure of the checks that tell of several.
pub type Causes = BTreeMap<&'static str, Vec<Cause>>;

/// Says of each failure which earlier one it follows from.
///
/// A check may name the one that it follows from; that counts only if it failed. Beyond that, one follows from the
/// first failure that one of its rules explains too. A root follows from nothing, so that there are no chains. A check
/// that tells of several failures follows only if all of them do.
pub fn fold(checks: &mut [Check], several: &Causes) {
    for at in 0..checks.len() {
        let (before, rest) = checks.split_at_mut(at);
        let check = &mut rest[0];
        if !is_bad(check) {
            check.follows = None;
            continue;
        }
        let own = || vec![Cause { rules: check.rules.clone(), follows: check.follows }];
        let causes = several.get(check.id).cloned().unwrap_or_else(own);
        let root = |cause: &Cause| {
            named(before, cause, check.status).or_else(|| explained(before, cause, check.status))
        };
        let roots: Option<Vec<&'static str>> = causes.iter().map(root).collect();
        check.follows = roots.and_then(|roots| roots.first().copied());
    }
}

fn is_bad(check: &Check) -> bool {
    matches!(check.status, Status::Fail | Status::Warn)
}

/// What a controller complains of is in doubt, since it may be over, and explains failures all the same.
const COMPLAINTS: &str = "cluster-events";

/// The root of the check that a cause names, if that failed.
fn named(before: &[Check], cause: &Cause, status: Status) -> Option<&'static str> {
    let wanted = cause.follows?;
    let found = before.iter().find(|one| one.id == wanted && is_bad(one))?;
    if !is_heavy_enough(found, status) && wanted != COMPLAINTS {
        return None;
    }
    Some(found.follows.unwrap_or(found.id))
}

/// A doubt explains no failure.
fn is_heavy_enough(root: &Check, status: Status) -> bool {
    root.status == Status::Fail || status == Status::Warn
}

/// The first root that shares a rule.
fn explained(before: &[Check], cause: &Cause, status: Status) -> Option<&'static str> {
    let mut roots = before
        .iter()
        .filter(|one| is_bad(one) && one.follows.is_none())
        .filter(|one| is_heavy_enough(one, status))
        .filter(|one| one.rules.iter().any(|rule| cause.rules.contains(rule)));
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
        fold(&mut checks, &Causes::new());
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
        assert_eq!(named(Status::Warn), [None, None]);
    }

    #[test]
    fn several_failures_follow_together_or_not_at_all() {
        use Status::Fail;
        let cause = |follows| Cause { rules: Vec::new(), follows };
        let second = |other| {
            let causes = Causes::from([("two", vec![cause(Some("one")), cause(other)])]);
            let mut checks =
                vec![check("one", Fail, &["a"]), check("two", Fail, &["b"]).after("one")];
            fold(&mut checks, &causes);
            checks.iter().map(|one| one.follows).collect::<Vec<_>>()
        };
        assert_eq!(second(Some("one")), [None, Some("one")]);
        assert_eq!(second(None), [None, None]);
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
