//! One claim about several Services.

use super::super::{Cause, Causes};
use crate::live::check::{Check, Status};

/// What a claim comes to for one of them.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    pub(super) status: Status,
    text: String,
    rules: Vec<&'static str>,
    advice: Option<String>,
    follows: Option<&'static str>,
}

impl Verdict {
    fn new(status: Status, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), rules: Vec::new(), advice: None, follows: None }
    }

    pub(super) fn pass(text: impl Into<String>) -> Self {
        Self::new(Status::Pass, text)
    }

    pub(super) fn fail(text: impl Into<String>) -> Self {
        Self::new(Status::Fail, text)
    }

    pub(super) fn warn(text: impl Into<String>) -> Self {
        Self::new(Status::Warn, text)
    }

    pub(super) fn skip(text: impl Into<String>) -> Self {
        Self::new(Status::Skip, text)
    }

    /// A failure that may be another's is a doubt.
    pub(super) fn in_doubt(self) -> Self {
        let status = if self.status == Status::Fail { Status::Warn } else { self.status };
        Self { status, ..self }
    }

    pub(super) fn because(mut self, rules: impl IntoIterator<Item = &'static str>) -> Self {
        self.rules.extend(rules);
        self
    }

    pub(super) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    pub(super) fn after(mut self, check: Option<&'static str>) -> Self {
        self.follows = check;
        self
    }
}

/// A check, and the causes of each failure that it tells of.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) check: Check,
    causes: Vec<Cause>,
}

impl From<Check> for Judged {
    fn from(check: Check) -> Self {
        Self { check, causes: Vec::new() }
    }
}

/// The checks, and the causes of those that tell of several failures.
pub(super) fn apart(all: Vec<Judged>) -> (Vec<Check>, Causes) {
    let several = all.iter().filter(|one| one.causes.len() > 1);
    let causes = several.map(|one| (one.check.id, one.causes.clone())).collect();
    (all.into_iter().map(|one| one.check).collect(), causes)
}

/// The claim for all of them: the worst counts, and is told.
pub(super) fn of(check: Check, verdicts: Vec<(String, Verdict)>) -> Judged {
    let worst = verdicts.iter().map(|(_, one)| one.status).max_by_key(|one| weight(*one));
    let Some(worst) = worst else {
        return check.skip("nothing here carries sessions").into();
    };
    let several = verdicts.len() > 1;
    let told: Vec<(String, Verdict)> =
        verdicts.into_iter().filter(|(_, one)| one.status == worst).collect();
    let text = |(of, one): &(String, Verdict)| {
        if several { format!("{of}: {}", one.text) } else { one.text.clone() }
    };
    let evidence = told.iter().map(text).collect::<Vec<_>>().join("; ");
    let mut check = Check { status: worst, evidence, ..check };
    let mut causes = Vec::new();
    for (_, one) in told {
        causes.push(Cause { rules: one.rules.clone(), follows: one.follows });
        check.rules.extend(one.rules);
        check.advice = check.advice.or(one.advice.map(String::into_boxed_str));
        check.follows = check.follows.or(one.follows);
    }
    let mut seen = std::collections::BTreeSet::new();
    check.rules.retain(|rule| seen.insert(*rule));
    Judged { check, causes }
}

fn weight(status: Status) -> u8 {
    match status {
        Status::Skip => 0,
        Status::Pass => 1,
        Status::Warn => 2,
        Status::Fail => 3,
    }
}
