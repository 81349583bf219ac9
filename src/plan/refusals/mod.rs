//! What is refused because the app made from it could not work, or because nothing would read it.
//!
//! One function a refusal; each names the keys that do not go together. The timeout
//! ladder refuses by itself, in `ladder`.

mod cdn;
mod gateway;
mod health;
mod ingress;
mod names;
mod nginx;
mod ranges;
mod session;
mod tls;
mod workload;

use super::{ObjectNames, Plan};
use crate::spec::{Platform, Problem, Spec};

/// What a refusal looks at.
struct Context<'a> {
    spec: &'a Spec,
    platform: &'a Platform,
    names: &'a ObjectNames,
}

type Refusal = fn(&Context<'_>, &mut Vec<Problem>);

/// Every room's refusals, in the order they are reported.
const REFUSALS: [&[Refusal]; 10] = [
    ranges::REFUSALS,
    names::REFUSALS,
    session::REFUSALS,
    health::REFUSALS,
    cdn::REFUSALS,
    nginx::REFUSALS,
    gateway::REFUSALS,
    ingress::REFUSALS,
    tls::REFUSALS,
    workload::REFUSALS,
];

/// Every refusal that applies.
pub(super) fn all(spec: &Spec, platform: &Platform, plan: &Plan) -> Vec<Problem> {
    let context = Context {
        spec,
        platform,
        names: &plan.names,
    };
    let mut problems = Vec::new();
    for refusal in REFUSALS.iter().copied().flatten() {
        refusal(&context, &mut problems);
    }
    problems
}

/// Refuses each key that is given though nothing reads it, because of what `gate` says.
fn refuse_unread(
    problems: &mut Vec<Problem>,
    id: &'static str,
    keys: &[(&str, bool)],
    why: &str,
    gate: (&str, &str),
) {
    for (key, _) in keys.iter().filter(|(_, given)| *given) {
        let problem = Problem::new(
            id,
            format!("nothing reads `{key}`: {why}"),
            format!("leave `{key}` out"),
        );
        problems.push(problem.end(*key, "has no effect").end(gate.0, gate.1));
    }
}

/// Refuses a path that is named a second time.
fn path_twice(what: String, help: &str, again: (String, &str), first: (String, &str)) -> Problem {
    Problem::new("path-twice", what, help)
        .end(again.0, again.1)
        .end(first.0, first.1)
}
