//! Which line is to blame: what a probe saw, beside what the files predict.
//!
//! The files are traced as they stand. Where that shows the failures that were seen, the lines that decide them are
//! the candidates, and nothing else is looked for. What it does not show is tried with one fault more, one at a time:
//! a load balancer that does not do what a line asks for, an nginx that runs another configuration. A fault stays a
//! candidate only while nothing that was seen speaks against it.
//!
//! Nothing is weighed: a candidate is a list of what it explains, and of what it does not.

mod compare;
mod drift;
mod evidence;
mod in_files;

use std::cmp::Reverse;

use crate::diagnostic::{Applicability, Finding, Sources};
use crate::live::check::Status;
use crate::path::Model;
use crate::set::Place;
use crate::trace::{self, Fault, Options, Trace};

use self::compare::{Fit, Judged, judge};
pub use self::evidence::{Evidence, SeenCheck, Unreadable};

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The texts of the files.
    pub sources: &'a Sources,
    /// The files.
    pub model: &'a Model<'a>,
    /// What the rules find in them.
    pub findings: &'a [Finding],
    /// What a probe saw.
    pub evidence: &'a Evidence,
    /// How many pods run, over what the files say.
    pub replicas: Option<u32>,
    /// Whether it is known that no nginx is in the way.
    pub without_nginx: bool,
}

/// Who is to blame, the most likely first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blame {
    /// The session of the files that was compared: host and path.
    pub session: String,
    /// The checks that failed.
    pub symptoms: Vec<Symptom>,
    /// What explains them: who explains most comes first.
    pub candidates: Vec<Candidate>,
    /// What would explain some of them, but for what else was seen.
    pub excluded: Vec<Candidate>,
    /// What to know besides.
    pub notes: Vec<String>,
}

/// A check of the probe that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symptom {
    /// Its id.
    pub check: String,
    /// What should hold.
    pub claim: String,
    /// What was seen.
    pub seen: String,
    /// Whether a candidate explains it.
    pub explained: bool,
}

/// Something that explains failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is.
    pub kind: Kind,
    /// The rule that it goes by.
    pub rule: Option<&'static str>,
    /// What is wrong.
    pub what: String,
    /// The line: the one that is wrong, or the one that what runs does not obey.
    pub place: Option<Place>,
    /// What it explains.
    pub explains: Vec<Compared>,
    /// What speaks against it.
    pub against: Vec<Compared>,
    /// What to do.
    pub todo: String,
    /// Who can repair the files.
    pub fix: Applicability,
}

/// Where a candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// In the files: they predict what was seen.
    Predicted,
    /// Not in the files: what runs differs from them.
    Drift,
    /// In the files: no prediction covers it, but the probe names its rule for the failure.
    Named,
}

impl Kind {
    /// Its name in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Predicted => "in-files",
            Self::Drift => "not-in-files",
            Self::Named => "possible",
        }
    }
}

/// What was said of a check beside what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The check.
    pub check: String,
    /// What was to be expected.
    pub predicted: String,
    /// What was seen.
    pub seen: String,
    /// What of it does not fit, where the kind of failure does.
    pub but: Option<String>,
}

impl Compared {
    fn of(check: &SeenCheck, judged: &Judged<'_>) -> Self {
        let but = match &judged.fit {
            Fit::Nearly(why) => Some(why.clone()),
            _ => None,
        };
        let (check, seen) = (check.id.clone(), check.evidence.clone());
        Self { check, predicted: judged.predicted.clone(), seen, but }
    }
}

impl Case<'_> {
    fn options(&self, fault: Option<Fault>) -> Options {
        let observed = &self.evidence.observed;
        Options {
            path: Some(self.evidence.path()),
            replicas: self.replicas,
            ping_interval: observed.open.as_ref().map(|open| open.ping_interval),
            fault,
            without_nginx: self.without_nginx,
            ..Options::default()
        }
    }

    /// The session that was probed, traced; `None` where the files know none.
    fn trace(&self, fault: Option<Fault>) -> Option<Trace> {
        let model = self.model;
        if model.ingresses.is_empty() && model.backends.is_empty() && model.sites.is_empty() {
            return None;
        }
        let mut traces = trace::trace(model, &self.options(fault));
        let host = self.evidence.host();
        let own = traces.iter().position(|one| leads(one, &host));
        let first = own.unwrap_or(0);
        (first < traces.len()).then(|| traces.swap_remove(first))
    }

    /// The checks that say something.
    fn seen(&self) -> impl Iterator<Item = &SeenCheck> {
        self.evidence.checks.iter().filter(|check| check.status != Status::Skip)
    }

    /// The checks that did not hold. What holds but for caches that nobody forbids is no failure.
    fn failed(&self) -> impl Iterator<Item = &SeenCheck> {
        self.seen().filter(|check| check.failed())
    }

    fn judge<'t>(&self, check: &SeenCheck, trace: &'t Trace) -> Judged<'t> {
        judge(check, &self.evidence.observed, trace)
    }
}

/// Finds who is to blame; `None` where the files speak of no session.
pub fn blame(case: &Case<'_>) -> Option<Blame> {
    let base = case.trace(None)?;
    let (mut candidates, mut excluded) = in_files::predicted(case, &base);
    let left: Vec<&SeenCheck> =
        case.failed().filter(|one| !is_explained(&candidates, &one.id)).collect();
    let (fitting, refuted) = drift::candidates(case, &base, &left);
    candidates.extend(fitting);
    excluded.extend(refuted);
    let named = in_files::named(case, &left);
    let is_new = |one: &Candidate| {
        !candidates.iter().any(|known| known.rule == one.rule && known.place == one.place)
    };
    let named: Vec<Candidate> = named.into_iter().filter(is_new).collect();
    candidates.extend(named);
    candidates.sort_by_key(|one| {
        (one.kind == Kind::Named, Reverse(one.explains.len()), one.doubts(), one.kind)
    });
    let symptoms = case.failed().map(|check| Symptom {
        check: check.id.clone(),
        claim: check.claim.clone(),
        seen: check.evidence.clone(),
        explained: is_explained(&candidates, &check.id),
    });
    Some(Blame {
        session: format!("{}{}", base.host.as_deref().unwrap_or("any host, "), base.path),
        symptoms: symptoms.collect(),
        notes: notes(case, &base),
        candidates,
        excluded,
    })
}

impl Candidate {
    /// How much of it does not fit.
    fn doubts(&self) -> usize {
        self.against.len() + self.explains.iter().filter(|one| one.but.is_some()).count()
    }
}

fn is_explained(candidates: &[Candidate], check: &str) -> bool {
    candidates.iter().any(|one| one.explains.iter().any(|each| each.check == check))
}

/// Whether a host is one of a session's.
fn leads(trace: &Trace, host: &str) -> bool {
    trace.host.iter().chain(&trace.also).any(|known| known.eq_ignore_ascii_case(host))
}

/// Whether a rule of some Ingress takes a host, such as one with a wildcard.
fn rules_take(case: &Case<'_>, host: &str) -> bool {
    let mut routes = case.model.ingresses.iter().flat_map(crate::kube::Ingress::routes);
    routes.any(|route| match route.host_text() {
        None => true,
        Some(rule) => match rule.strip_prefix('*') {
            Some(suffix) => host.ends_with(suffix),
            None => rule.eq_ignore_ascii_case(host),
        },
    })
}

fn notes(case: &Case<'_>, base: &Trace) -> Vec<String> {
    let host = case.evidence.host();
    let known = leads(base, &host) || rules_take(case, &host);
    let mut notes = Vec::new();
    if let (false, Some(own)) = (known, &base.host) {
        notes.push(format!(
            "`{host}` was probed, and is in none of the files: the way of `{own}` was compared"
        ));
    }
    if case.evidence.observed.held.is_none() {
        notes.push(
            "no WebSocket was held, so what cuts one was not seen: `--hold 60s`, without `--quick`"
                .to_owned(),
        );
    }
    notes
}
