//! What Kubernetes and Google's controllers make of a manifest, as tables.
//!
//! A rule that says "nothing reads this" or "the default is 30 s" makes a claim about somebody else's program.
//! Such claims live here and nowhere else: one row each, with the public text it was read in and a [`Grade`] that
//! says what kind of text that was.
//!
//! | table | what it answers |
//! |---|---|
//! | [`annotations`] | who reads this key, on which kind, and what was probably meant |
//! | [`fields`] | what a manifest field means, what it may hold, what happens without it |
//! | [`controller_defaults`] | the numbers nobody writes down, and what each load balancer does with a WebSocket |
//! | [`tree`] | the questions that find the broken layer of a live app |
//!
//! Everything is static data and pure lookups. Reading manifests is not done here, nor is judging them.

pub mod annotations;
pub mod controller_defaults;
pub mod fields;
pub mod policy;
pub mod tree;

mod backend_config;
pub(crate) mod backend_name;
mod edits;
mod ingress;
mod object;
mod policy_names;
mod refused;
mod served;
mod service;
mod silence;
mod sticky;
mod way;
mod workload;

pub use backend_config::{
    Attachment, AttachmentContent, BETA_KEY, BackendConfig, KEY as BACKEND_CONFIG_KEY, Named,
    is_placeholder, turned_off,
};
pub use ingress::{Controller, FRONTEND_CONFIG_KEY, Ingress, PathType, Route};
pub use object::{Object, annotation_path};
pub use policy_names::{RENAMED, Renamed};
pub use refused::{RefusedBy, RefusedValue};
pub use service::{PortReference, Service, ServicePort, TargetPort};
pub use silence::{Silence, long_silence, long_silence_value, silences};
pub use sticky::{Loose, loose, loose_way};
pub use way::{Backend, PATH_PREFIX, RouteKind, Way, backends_of, ways_of};
pub use workload::{Container, Mount, OfficialNginx, Workload};

use std::fmt;

/// The rules that the tables name; the catalogue must have them all.
pub const RULES_MENTIONED: &[&str] = &[
    "affinity-ttl-ignored",
    "affinity-ttl-out-of-range",
    "affinity-ttl-too-short",
    "backendconfig-annotation-invalid",
    "backendconfig-beta-key",
    "backendconfig-missing",
    "backendconfig-not-attached",
    "backendconfig-not-in-force",
    "backendconfig-on-ingress",
    "backendconfig-port-unmatched",
    "body-limit-too-small",
    "cdn-key-drops-query",
    "cdn-on-session-traffic",
    "client-address-lost",
    "connection-upgrade-undefined",
    "drain-disabled",
    "duplicate-content-type",
    "duplicate-host",
    "forwarded-proto-overwritten",
    "grace-shorter-than-drain",
    "hash-sees-load-balancer",
    "health-check-incomplete",
    "health-check-timeout-over-interval",
    "health-check-type-unsupported",
    "health-location-missing",
    "health-path-unanswered",
    "http10-to-upstream",
    "http2-to-backend",
    "ingress-class-ignored",
    "keepalive-shorter-than-lb",
    "limit-counts-load-balancer",
    "listen-port-mismatch",
    "neg-not-requested",
    "path-matches-only-itself",
    "polling-buffered",
    "prefix-not-mapped",
    "query-lost",
    "read-timeout-too-short",
    "redirect-on-internal",
    "redirect-without-http",
    "regex-takes-session-path",
    "rollout-cuts-sessions",
    "service-affinity-ineffective",
    "service-not-found",
    "session-affinity-missing",
    "session-traffic-cached",
    "socketio-path-unrouted",
    "target-port-unserved",
    "timeout-beyond-a-day",
    "too-few-connections",
    "unwritable-temp-path",
    "upgrade-not-forwarded",
    "upstream-without-affinity",
    "websocket-cut-by-timeout",
    "wildcard-in-prefix-path",
];

/// How good the evidence of a claim is, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// Read in the code of the controller, the API or the server that behaves so.
    Source,
    /// Stated on a page of the vendor's.
    Documented,
    /// Seen in the project's own tests against the real program.
    Reproduced,
    /// Seen in issues, exports and manifests that others published.
    Reported,
}

impl Grade {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Documented => "documented",
            Self::Reproduced => "reproduced",
            Self::Reported => "reported",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A kind with its article: `an Ingress`.
pub fn article(kind: &str) -> String {
    let vowel = kind.starts_with(['A', 'E', 'I', 'O', 'U']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

/// The texts of a map, both sides.
fn text_pairs(map: crate::manifest::Node<'_>) -> Vec<(&str, &str)> {
    let pairs = map.entries();
    pairs.filter_map(|entry| Some((entry.key_node().text()?, entry.value().text()?))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rules_are_listed_once_and_mentioned() {
        let of_fields = fields::all().flat_map(|field| field.checked_by);
        let answers = tree::questions().flat_map(|question| question.look_for);
        let mentioned: BTreeSet<&str> =
            answers.flat_map(|answer| answer.rules).chain(of_fields).copied().collect();
        let listed: Vec<&str> = mentioned.into_iter().collect();
        assert_eq!(RULES_MENTIONED, listed);
    }
}
