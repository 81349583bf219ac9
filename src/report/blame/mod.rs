//! Who is to blame, in the formats that people and their tools read.

mod json;
mod markdown;
mod text;

use super::Report;
use crate::blame::{Blame, Candidate, Kind};
use crate::diagnostic::{Applicability, Sources};

pub use json::json_schema;

/// What a run of `blame` has to say.
#[derive(Debug, Clone, Copy)]
pub struct BlameReport<'a> {
    /// The texts that places are in.
    pub sources: &'a Sources,
    /// The URL that was probed.
    pub url: &'a str,
    /// Who is to blame.
    pub blame: &'a Blame,
    /// Whether what was seen is told of every check.
    pub verbose: bool,
}

impl Report for BlameReport<'_> {
    fn text(&self, color: bool) -> String {
        text::write(self, color)
    }

    fn json(&self) -> String {
        json::write(self)
    }

    fn markdown(&self) -> String {
        markdown::write(self)
    }
}

impl BlameReport<'_> {
    /// Where a candidate is, in words that stand before what is wrong.
    fn place(&self, candidate: &Candidate) -> Option<String> {
        let place = candidate.place?;
        Some(self.sources.locate(place.source, place.span))
    }

    /// What stands at the head of a candidate.
    fn headline(&self, candidate: &Candidate) -> String {
        let place = self.place(candidate);
        let rule = candidate.rule.map_or_else(String::new, |rule| format!(" [{rule}]"));
        let before = match (candidate.kind, place) {
            (Kind::Drift, Some(place)) => format!("what runs differs from {place}: "),
            (Kind::Drift, None) => "what runs differs from the files: ".to_owned(),
            (_, Some(place)) => format!("{place}: "),
            (_, None) => String::new(),
        };
        format!("{before}{}{rule}", candidate.what)
    }

    /// The closing line, which agrees with the exit status.
    fn tally(&self) -> String {
        let failed = self.blame.symptoms.len();
        let explained = self.blame.symptoms.iter().filter(|one| one.explained).count();
        if failed == 0 {
            return "no check failed: there is nothing to blame".to_owned();
        }
        let checks = if failed == 1 { "check" } else { "checks" };
        format!("{failed} {checks} failed, {explained} explained")
    }
}

/// What to do about a candidate.
fn todo(candidate: &Candidate) -> String {
    let by_fix = match candidate.fix {
        Applicability::Safe => "`sioway lint --fix` writes it",
        Applicability::Unsafe => "`sioway lint --fix --unsafe-fixes` writes it",
        Applicability::Manual | Applicability::None => "",
    };
    match (candidate.todo.as_str(), by_fix) {
        (todo, "") => todo.to_owned(),
        ("", by_fix) => by_fix.to_owned(),
        (todo, by_fix) => format!("{todo}; {by_fix}"),
    }
}

/// The checks that nothing explains.
fn unexplained(blame: &Blame) -> Vec<&str> {
    let left = blame.symptoms.iter().filter(|one| !one.explained);
    left.map(|one| one.check.as_str()).collect()
}

/// What to do about checks that nothing explains.
const BEYOND: &str = "no single fault that sioway knows explains them: there may be two, or one that is not in the way \
                      that these files describe; `sioway doctor` looks at cluster and load balancer";
