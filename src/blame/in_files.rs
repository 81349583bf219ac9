//! Candidates that are in the files: a line that predicts the failure, or one whose rule the probe names.

use super::{Candidate, Case, Compared, Kind, SeenCheck};
use crate::blame::compare::{Fit, Judged};
use crate::diagnostic::{Applicability, Finding, Severity};
use crate::set::Place;
use crate::trace::{Step, Trace, Verdict};

/// The lines that decide what was foretold: those that explain failures, and those that only explain what was not seen.
pub(super) fn predicted(case: &Case<'_>, base: &Trace) -> (Vec<Candidate>, Vec<Candidate>) {
    let mut all: Vec<Candidate> = Vec::new();
    for check in case.seen() {
        let judged = case.judge(check, base);
        let Some(step) = judged.step.filter(|step| is_blamed(step, &judged)) else {
            continue;
        };
        let new = of_step(case, step);
        let same = |one: &Candidate| one.rule == new.rule && one.place == new.place;
        let at = all.iter().position(same).unwrap_or_else(|| {
            all.push(new);
            all.len() - 1
        });
        let compared = Compared::of(check, &judged);
        if check.failed() && judged.explains() {
            all[at].explains.push(compared);
        } else if judged.fit == Fit::Contradicts {
            all[at].against.push(compared);
        }
    }
    let (fitting, rest): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|one| !one.explains.is_empty());
    (fitting, rest.into_iter().filter(|one| !one.against.is_empty()).collect())
}

/// Whether the step says that something is wrong: by its verdict, or for some clients only.
fn is_blamed(step: &Step, judged: &Judged<'_>) -> bool {
    match step.outcome.verdict {
        Verdict::Bad => true,
        Verdict::Good => judged.explains() && !step.rules.is_empty(),
        Verdict::Unknown | Verdict::NotReached => false,
    }
}

/// The candidate of a step: what lint finds there, or the step itself.
fn of_step(case: &Case<'_>, step: &Step) -> Candidate {
    match found(case, step) {
        Some(finding) => of_finding(finding, Kind::Predicted),
        None => Candidate {
            kind: Kind::Predicted,
            rule: step.rules.first().copied(),
            what: step.hops.last().map(|hop| hop.what.clone()).unwrap_or_default(),
            place: step.decided_by,
            explains: Vec::new(),
            against: Vec::new(),
            todo: step.rules.first().map_or_else(String::new, |rule| {
                format!("`sioway explain {rule}` says what to write")
            }),
            fix: Applicability::Manual,
        },
    }
}

/// The rules of what keeps a whole BackendConfig from being in force: each of its settings is then the default.
const WHOLE: [&str; 5] = [
    "backendconfig-not-attached",
    "backendconfig-on-ingress",
    "backendconfig-port-unmatched",
    "backendconfig-missing",
    "backendconfig-annotation-invalid",
];

/// The finding of the step's rules, in the order in which the step names them; at its line if there is one. Where none
/// has one, what is found at its line of all settings at once.
fn found<'c>(case: &Case<'c>, step: &Step) -> Option<&'c Finding> {
    let at = |place: Place| {
        let line = case.sources.position(place.source, place.span.start).line;
        (place.source, line)
    };
    let here = |one: &&Finding| place_of(one).map(at) == step.decided_by.map(at);
    let by_rule = step.rules.iter().find_map(|rule| {
        let own = || case.findings.iter().filter(|one| one.diagnostic.id == *rule);
        own().find(here).or_else(|| own().next())
    });
    by_rule.or_else(|| {
        let whole = case.findings.iter().filter(|one| WHOLE.contains(&one.diagnostic.id));
        whole.filter(|_| step.decided_by.is_some()).find(here)
    })
}

fn place_of(finding: &Finding) -> Option<Place> {
    let label = finding.diagnostic.labels.first()?;
    Some(Place { source: label.source, span: label.span })
}

fn of_finding(finding: &Finding, kind: Kind) -> Candidate {
    let diagnostic = &finding.diagnostic;
    Candidate {
        kind,
        rule: Some(diagnostic.id),
        what: diagnostic.message.clone(),
        place: place_of(finding),
        explains: Vec::new(),
        against: Vec::new(),
        todo: diagnostic.help.clone().unwrap_or_default(),
        fix: finding.fix,
    }
}

/// Findings of the rules that the probe names for what nothing else explains; where there are none, all errors.
pub(super) fn named(case: &Case<'_>, left: &[&SeenCheck]) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    for check in left {
        let rank = |one: &Finding| check.rules.iter().position(|rule| rule == one.diagnostic.id);
        let mut own: Vec<&Finding> =
            case.findings.iter().filter(|one| rank(one).is_some()).collect();
        own.sort_by_key(|one| rank(one));
        let why = if own.is_empty() { ERROR } else { NAMED };
        if own.is_empty() {
            let errors = case.findings.iter();
            own = errors.filter(|one| one.diagnostic.severity == Severity::Error).collect();
        }
        for finding in own {
            add(&mut all, finding, check, why);
        }
    }
    all
}

const NAMED: &str = "the probe names its rule for this";
const ERROR: &str = "lint calls it an error, and what it does to this is not foretold";

fn add(all: &mut Vec<Candidate>, finding: &Finding, check: &SeenCheck, why: &str) {
    let new = of_finding(finding, Kind::Named);
    let same = |one: &Candidate| one.rule == new.rule && one.place == new.place;
    let at = all.iter().position(same).unwrap_or_else(|| {
        all.push(new);
        all.len() - 1
    });
    let (check, seen) = (check.id.clone(), check.evidence.clone());
    all[at].explains.push(Compared { check, predicted: why.to_owned(), seen, but: None });
}
