//! The rules: what breaks a Socket.IO session, one file each.
//!
//! A rule is a value, not an object: its id, how much it matters, how good the evidence is, and a function from the
//! [`Model`] to what it finds. Beside it lies its page, which `sioway explain` prints and which is its test: in
//! *Example* it fires on the lines marked `# error` and on no others, in *Use instead* it is silent.
//!
//! A new rule is two files, a `mod` line and a line in [`ALL`].

mod attaching;
mod conditions;
mod draft;
mod forwarding;
mod location;
mod page;
mod suppress;
mod withhold;
mod wording;

// One line a rule, in alphabetical order.
mod affinity_ttl_ignored;
mod affinity_ttl_out_of_range;
mod affinity_ttl_too_short;
mod ambiguous_scalar;
mod api_version_unserved;
mod backendconfig_annotation_invalid;
mod backendconfig_api_old;
mod backendconfig_beta_key;
mod backendconfig_missing;
mod backendconfig_not_attached;
mod backendconfig_not_in_force;
mod backendconfig_on_ingress;
mod backendconfig_port_unmatched;
mod backendconfig_unknown_field;
mod backendconfig_value_refused;
mod body_limit_too_small;
mod cdn_key_drops_query;
mod cdn_on_session_traffic;
mod client_address_lost;
mod connection_upgrade_undefined;
mod constant_connection_upgrade;
mod dead_annotation;
mod disabling_block_removed;
mod drain_disabled;
mod duplicate_content_type;
mod duplicate_host;
mod duplicate_key;
mod duplicate_object;
mod forwarded_proto_overwritten;
mod grace_shorter_than_drain;
mod hash_sees_load_balancer;
mod health_check_incomplete;
mod health_check_timeout_over_interval;
mod health_check_type_unsupported;
mod health_location_missing;
mod health_path_unanswered;
mod health_port_unserved;
mod host_not_forwarded;
mod http10_to_upstream;
mod http2_to_backend;
mod ingress_api_removed;
mod ingress_class_ignored;
mod ingress_timeout_too_short;
mod keepalive_shorter_than_lb;
mod limit_below_sessions;
mod limit_counts_load_balancer;
mod listen_port_mismatch;
mod listen_unreachable;
mod location_not_proxied;
mod mounted_key_missing;
mod neg_not_requested;
mod nginx_would_not_start;
mod path_matches_only_itself;
mod policy_field_of_backendconfig;
mod polling_buffered;
mod prefix_not_mapped;
mod query_lost;
mod read_timeout_too_short;
mod redirect_on_internal;
mod redirect_without_http;
mod regex_takes_session_path;
mod rewrite_breaks_socketio_path;
mod rollout_cuts_sessions;
mod selector_without_pods;
mod service_affinity_ineffective;
mod service_affinity_too_short;
mod service_not_found;
mod session_affinity_missing;
mod session_persistence_unsupported;
mod session_request_altered;
mod session_request_refused;
mod session_traffic_cached;
mod socketio_path_unrouted;
mod target_port_unserved;
mod timeout_beyond_a_day;
mod too_few_connections;
mod unwritable_temp_path;
mod upgrade_not_forwarded;
mod upstream_port_unserved;
mod upstream_without_affinity;
mod websocket_annotation_ineffective;
mod websocket_cut_by_timeout;
mod wildcard_in_prefix_path;

use std::borrow::Cow;
use std::cmp::Reverse;

use rayon::prelude::*;

pub use draft::{Draft, Findings};
pub use page::{Fence, Page};
pub use suppress::{Policy, Setting, own_page, suppress};
pub use websocket_cut_by_timeout::{Fault as WebSocketFault, cut_by as websocket_cut_by};

use crate::diagnostic::{Applicability, Finding, RuleCard, Severity, SourceId};
use crate::kube::Grade;
use crate::path::{Model, Part};

/// Something that breaks sessions, and how to find it.
#[derive(Debug)]
pub struct Rule {
    /// Its only name: the bad thing, in kebab-case.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// How good the evidence is.
    pub grade: Grade,
    /// What repairs the fault of its example: sioway, or a person. Others that it finds may need more care, never less.
    pub fix: Applicability,
    /// The public texts that it rests on: `repository:path`, a page, an issue.
    pub sources: &'static [&'static str],
    /// Its page, in Markdown.
    pub page: &'static str,
    /// Finds it in a part of a model.
    pub check: fn(&Part<'_, '_>, &mut Findings),
}

/// Every rule, by id.
pub static ALL: &[&Rule] = &[
    &affinity_ttl_ignored::RULE,
    &affinity_ttl_out_of_range::RULE,
    &affinity_ttl_too_short::RULE,
    &ambiguous_scalar::RULE,
    &api_version_unserved::RULE,
    &backendconfig_annotation_invalid::RULE,
    &backendconfig_api_old::RULE,
    &backendconfig_beta_key::RULE,
    &backendconfig_missing::RULE,
    &backendconfig_not_attached::RULE,
    &backendconfig_not_in_force::RULE,
    &backendconfig_on_ingress::RULE,
    &backendconfig_port_unmatched::RULE,
    &backendconfig_unknown_field::RULE,
    &backendconfig_value_refused::RULE,
    &body_limit_too_small::RULE,
    &cdn_key_drops_query::RULE,
    &cdn_on_session_traffic::RULE,
    &client_address_lost::RULE,
    &connection_upgrade_undefined::RULE,
    &constant_connection_upgrade::RULE,
    &dead_annotation::RULE,
    &disabling_block_removed::RULE,
    &drain_disabled::RULE,
    &duplicate_content_type::RULE,
    &duplicate_host::RULE,
    &duplicate_key::RULE,
    &duplicate_object::RULE,
    &forwarded_proto_overwritten::RULE,
    &grace_shorter_than_drain::RULE,
    &hash_sees_load_balancer::RULE,
    &health_check_incomplete::RULE,
    &health_check_timeout_over_interval::RULE,
    &health_check_type_unsupported::RULE,
    &health_location_missing::RULE,
    &health_path_unanswered::RULE,
    &health_port_unserved::RULE,
    &host_not_forwarded::RULE,
    &http10_to_upstream::RULE,
    &http2_to_backend::RULE,
    &ingress_api_removed::RULE,
    &ingress_class_ignored::RULE,
    &ingress_timeout_too_short::RULE,
    &keepalive_shorter_than_lb::RULE,
    &limit_below_sessions::RULE,
    &limit_counts_load_balancer::RULE,
    &listen_port_mismatch::RULE,
    &listen_unreachable::RULE,
    &location_not_proxied::RULE,
    &mounted_key_missing::RULE,
    &neg_not_requested::RULE,
    &nginx_would_not_start::RULE,
    &path_matches_only_itself::RULE,
    &policy_field_of_backendconfig::RULE,
    &polling_buffered::RULE,
    &prefix_not_mapped::RULE,
    &query_lost::RULE,
    &read_timeout_too_short::RULE,
    &redirect_on_internal::RULE,
    &redirect_without_http::RULE,
    &regex_takes_session_path::RULE,
    &rewrite_breaks_socketio_path::RULE,
    &rollout_cuts_sessions::RULE,
    &selector_without_pods::RULE,
    &service_affinity_ineffective::RULE,
    &service_affinity_too_short::RULE,
    &service_not_found::RULE,
    &session_affinity_missing::RULE,
    &session_persistence_unsupported::RULE,
    &session_request_altered::RULE,
    &session_request_refused::RULE,
    &session_traffic_cached::RULE,
    &socketio_path_unrouted::RULE,
    &target_port_unserved::RULE,
    &timeout_beyond_a_day::RULE,
    &too_few_connections::RULE,
    &unwritable_temp_path::RULE,
    &upgrade_not_forwarded::RULE,
    &upstream_port_unserved::RULE,
    &upstream_without_affinity::RULE,
    &websocket_annotation_ineffective::RULE,
    &websocket_cut_by_timeout::RULE,
    &wildcard_in_prefix_path::RULE,
];

impl Rule {
    /// The page, read.
    pub fn page(&self) -> Page<'static> {
        Page::parse(self.page)
    }

    /// The sections of the page for people to read, *Fix* with what repairs the fault; not those for tests alone.
    pub fn sections(&self) -> Vec<(&'static str, Cow<'static, str>)> {
        let shown =
            self.page().sections.into_iter().filter(|(heading, _)| *heading != "More cases");
        let said = |(heading, text)| match heading {
            "Fix" => (heading, Cow::Owned(format!("{}\n\n{text}", self.fix_said()))),
            _ => (heading, Cow::Borrowed(text)),
        };
        shown.map(said).collect()
    }

    fn fix_said(&self) -> &'static str {
        match self.fix {
            Applicability::Safe => "*safe*: `sioway lint --fix` makes the edit.",
            Applicability::Unsafe => {
                "*unsafe*: `sioway lint --fix --unsafe-fixes` makes the edit, which decides something that others may see."
            }
            Applicability::Manual | Applicability::None => {
                "*manual*: no one edit is right. The finding says what to do."
            }
        }
    }

    /// What output formats tell of it.
    pub fn card(&self) -> RuleCard {
        RuleCard {
            id: self.id,
            severity: self.severity,
            summary: self.page().summary,
            page: self.page,
            grade: self.grade.as_str(),
        }
    }

    /// What it finds in a model.
    pub fn findings(&'static self, model: &Model<'_>) -> Vec<Finding> {
        let mut found = self.within(&model.whole());
        withhold::withhold(&mut found, model);
        found
    }

    fn within(&'static self, part: &Part<'_, '_>) -> Vec<Finding> {
        let mut findings = Findings::new(self);
        (self.check)(part, &mut findings);
        findings.into_vec()
    }
}

/// The rule of an id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

/// The ids of all rules that findings may have: those of [`ALL`] and those that only `lint` itself knows.
pub fn is_known(id: &str) -> bool {
    rule(id).is_some() || suppress::OWN.contains(&id)
}

/// How many rules are worth another thread.
const RULES: usize = 16;

/// What all rules find, in the order of the files.
pub fn check(model: &Model<'_>) -> Vec<Finding> {
    check_parts(model, &model.parts())
}

/// What all rules find in a model that is divided so. It does not depend on how it is divided.
pub fn check_parts(model: &Model<'_>, parts: &[Part<'_, '_>]) -> Vec<Finding> {
    // All rules on one part before the next one; a part alone is shared by its rules.
    let rules =
        |part| ALL.par_iter().with_min_len(RULES).flat_map_iter(move |rule| rule.within(part));
    let mut findings: Vec<Finding> = parts.par_iter().flat_map(rules).collect();
    // What two parts lead to is found twice.
    draft::keep_worst(&mut findings);
    withhold::withhold(&mut findings, model);
    sort(&mut findings);
    findings
}

/// Sorts findings by file and place; at one place the worst comes first. No two come out in an order that depends on
/// how they were found.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|one, other| in_order(one).cmp(&in_order(other)));
}

/// Where a finding comes: by the start of its place, then how bad it is, by its rule, and by where its place ends.
type Order<'f> =
    (Option<(SourceId, usize)>, Reverse<Severity>, &'static str, Option<usize>, &'f str);

fn in_order(finding: &Finding) -> Order<'_> {
    let at = finding.diagnostic.labels.first();
    let place = at.map(|label| (label.source, label.span.start));
    let end = at.map(|label| label.span.end);
    (place, Reverse(finding.diagnostic.severity), finding.diagnostic.id, end, &finding.path)
}
