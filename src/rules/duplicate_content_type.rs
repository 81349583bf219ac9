//! `add_header Content-Type` adds a second one.

use super::{Draft, Findings, Rule};
use crate::diagnostic::Severity;
use crate::kube::Grade;
use crate::nginx::{Answer, NodeId};
use crate::path::{Part, Site};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-content-type",
    severity: Severity::Info,
    grade: Grade::Reproduced,
    sources: &[
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#default_type",
        "nginx/nginx:src/http/modules/ngx_http_headers_filter_module.c",
    ],
    page: include_str!("duplicate_content_type.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for site in model.sites().iter().filter(|site| !site.sessions.is_empty()) {
        let nodes = site.config.walk();
        let locations = nodes.filter(|node| site.config.name(*node) == "location");
        findings.extend(locations.filter_map(|location| finding(site, location)));
    }
}

fn finding(site: &Site<'_>, location: NodeId) -> Option<Draft> {
    let Answer::Return { at, code: 200, text: Some(_) } = site.config.answer(location) else {
        return None;
    };
    let types = site.config.content_types(location);
    let line = *types.added.first()?;
    let wanted = site.config.directive(line).argument(1).unwrap_or_default();
    let message = format!(
        "this answer has two `Content-Type` headers, and a client reads `{}, {wanted}`",
        types.own
    );
    let draft = Draft::at(site.place(line), "adds a second one", message)
        .of_directive(site, line)
        .and(site.place(at), "this has the one of `default_type` already");
    Some(draft.help(format!("write `default_type {wanted};` in its place")))
}
