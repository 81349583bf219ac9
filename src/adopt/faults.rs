//! What lint says of the manifests: what it calls a fault is not taken over.

use crate::diagnostic::{Finding, Severity};
use crate::kube::Object;
use crate::path::Model;
use crate::rules;

/// What a value that is not sioway's own always means.
const ALWAYS: [&str; 6] = [
    "affinity-ttl-ignored",
    "cdn-on-session-traffic",
    "forwarded-proto-overwritten",
    "health-port-unserved",
    "read-timeout-too-short",
    "too-few-connections",
];

/// The findings of a set of manifests.
#[derive(Debug)]
pub(super) struct Faults(Vec<Finding>);

impl Faults {
    /// All that the rules find.
    pub(super) fn of(model: &Model<'_>) -> Self {
        Self(rules::check(model))
    }

    /// What is wrong with a field, if it is worse than a remark.
    pub(super) fn at(&self, object: &Object<'_>, path: &str) -> Option<&str> {
        let mut found = self.about(object, path);
        found
            .find(|one| one.diagnostic.severity != Severity::Info)
            .map(|one| one.diagnostic.message.as_str())
    }

    /// The rule that has something to say about a field, or about what is around it. What lacks a directive is a whole
    /// block of nginx's, and that is no word on those that are in it.
    pub(super) fn rule(&self, object: &Object<'_>, path: &str) -> Option<&'static str> {
        let is_around =
            |one: &&Finding| path.strip_prefix(&one.path).is_some_and(|rest| rest.starts_with('.'));
        let of_nginx = object.kind == "ConfigMap";
        let mut found = self.about(object, path).filter(|one| !(of_nginx && is_around(one)));
        found.next().map(|one| one.diagnostic.id)
    }

    /// Whether a rule has something to say about an object.
    pub(super) fn has(&self, rule: &str, object: &Object<'_>) -> bool {
        self.0.iter().any(|one| is_of(one, object) && one.diagnostic.id == rule)
    }

    /// Whether a rule is behind a difference whose own field no finding names. nginx's are found elsewhere than where
    /// they are repaired. A rule that is not there yet is believed where whatever else was written is a fault.
    pub(super) fn is_behind(
        &self,
        rule: &'static str,
        object: &Object<'_>,
        replaces: bool,
    ) -> bool {
        if rules::rule(rule).is_none() {
            return replaces && ALWAYS.contains(&rule);
        }
        let mut own = self.0.iter().filter(|one| is_of(one, object));
        object.kind == "ConfigMap" && own.any(|one| one.diagnostic.id == rule)
    }

    fn about(&self, object: &Object<'_>, path: &str) -> impl Iterator<Item = &Finding> {
        let fits = |finding: &Finding| {
            let theirs = finding.path.as_str();
            // One header's line is not another's.
            let header = theirs.ends_with("proxy_set_header");
            let rest = |one: &str, other: &str| {
                let rest = one.strip_prefix(other).map(str::to_owned);
                rest.is_some_and(|rest| {
                    rest.is_empty() || rest.starts_with('.') || rest.starts_with('[') && !header
                })
            };
            !theirs.is_empty() && (rest(path, theirs) || rest(theirs, path))
        };
        self.0.iter().filter(move |one| is_of(one, object) && fits(one))
    }
}

fn is_of(finding: &Finding, object: &Object<'_>) -> bool {
    let of = finding.object.as_ref();
    of.is_some_and(|of| of.kind == object.kind && of.name == object.name)
}
