//! `add_header Content-Type` adds a second one.

use super::location::{Repair, is_own};
use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, NginxChange, Severity};
use crate::kube::Grade;
use crate::nginx::{Answer, NodeId, Shape};
use crate::path::{Part, Site};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-content-type",
    severity: Severity::Info,
    grade: Grade::Reproduced,
    fix: Applicability::Safe,
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
    let fix = repair(site, location, line);
    let help = format!("write `default_type {wanted};` in its place");
    Some(draft.help(help).fix(Applicability::Safe, fix))
}

/// Only where the line is the location's own, and where no headers of outer blocks come to hold in its place.
fn repair(site: &Site<'_>, location: NodeId, line: NodeId) -> Option<Repair> {
    let config = &site.config;
    let mut others = config.named(location, "add_header").filter(|other| *other != line);
    let mut outer = config.levels(location).skip(1);
    let inherits = outer.any(|level| config.named(level, "add_header").next().is_some());
    let typed = config.named(location, "default_type").next().is_some();
    let own = is_own(site, location, line) && !typed;
    // The `nginx.conf` of nginx's own images adds no header.
    let seen = matches!(config.shape(), Shape::Full | Shape::Http);
    let stays = others.next().is_some() || !inherits && seen;
    let text = site.text_of(line).text();
    let word = config.directive(line).arguments.get(1).filter(|word| !word.text.contains('$'))?;
    let value = text.get(word.span.start..word.span.end)?;
    let directive = config.directive(line).span;
    let change = NginxChange::Replace { directive, text: format!("default_type {value}") };
    (own && stays).then(|| site.text_of(line).edit(change))
}
