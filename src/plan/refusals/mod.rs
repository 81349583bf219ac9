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
mod watching;
mod workload;

use super::{ObjectNames, Plan};
use crate::spec::{Layers, Platform, Problem, Spec};

/// What a refusal looks at.
struct Context<'a> {
    spec: &'a Spec,
    platform: &'a Platform,
    layers: &'a Layers,
    names: &'a ObjectNames,
    plan: &'a Plan,
}

impl Context<'_> {
    /// Refuses each of these keys that the app itself gives though nothing reads it, because of what `gate` says.
    ///
    /// What a profile gives is for many apps, and need not be read by each.
    fn refuse_unread(
        &self,
        problems: &mut Vec<Problem>,
        id: &'static str,
        keys: &[&str],
        why: &str,
        gate: (&str, &str),
    ) {
        for key in keys.iter().filter(|key| self.layers.gives(key)) {
            let problem = Problem::new(
                id,
                format!("nothing reads `{key}`: {why}"),
                format!("leave `{key}` out"),
            );
            problems.push(problem.end(*key, "has no effect").end(gate.0, gate.1));
        }
    }
}

type Refusal = fn(&Context<'_>, &mut Vec<Problem>);

/// Every room's refusals, in the order they are reported.
const REFUSALS: [&[Refusal]; 11] = [
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
    watching::REFUSALS,
];

/// Every refusal that applies.
pub(super) fn all(spec: &Spec, platform: &Platform, layers: &Layers, plan: &Plan) -> Vec<Problem> {
    let context = Context { spec, platform, layers, names: &plan.names, plan };
    let mut problems = Vec::new();
    for refusal in REFUSALS.iter().copied().flatten() {
        refusal(&context, &mut problems);
    }
    problems
}

/// Refuses a path that is named a second time.
fn path_twice(what: String, help: &str, again: (String, &str), first: (String, &str)) -> Problem {
    Problem::new("path-twice", what, help).end(again.0, again.1).end(first.0, first.1)
}
