//! Two rules for one host: the second takes the place of the first.

use std::collections::HashMap;

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Grade, Ingress};
use crate::manifest::Node;
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "duplicate-host",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Manual,
    sources: &[
        "kubernetes/ingress-gce:pkg/utils/gceurlmap.go",
        "kubernetes/ingress-gce:cmd/check-gke-ingress/app/ingress/rule.go",
    ],
    page: include_str!("duplicate_host.md"),
    check,
};

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for ingress in model.ingresses().iter().filter(|one| one.is_gce()) {
        let twins = twins(ingress).into_iter();
        findings.extend(twins.map(|(first, again)| finding(ingress, first, again)));
    }
}

/// Each rule whose host another one before it has, with that one.
fn twins<'s>(ingress: &Ingress<'s>) -> Vec<(Node<'s>, Node<'s>)> {
    let rules = ingress.0.in_spec(&["rules"]).into_iter();
    let mut last: HashMap<&'s str, Node<'s>> = HashMap::new();
    let rules = rules.flat_map(Node::items).filter(|rule| rule.is_map() && has_readable_host(rule));
    rules.filter_map(|again| Some((last.insert(host(&again), again)?, again))).collect()
}

/// Whether a rule has a host in words, or none at all; what else stands there the API server refuses.
fn has_readable_host(rule: &Node<'_>) -> bool {
    rule.get("host").is_none_or(|host| host.as_str().is_some() || host.is_null())
}

fn host<'s>(rule: &Node<'s>) -> &'s str {
    rule.get("host").and_then(Node::as_str).unwrap_or_default()
}

fn finding(ingress: &Ingress<'_>, first: Node<'_>, again: Node<'_>) -> Draft {
    let name = host(&again);
    let said =
        if name.is_empty() { "rules without a host".to_owned() } else { format!("`{name}`") };
    let message = format!(
        "the paths of the first rule for {said} are lost: to GKE the last rule of a host is the only one"
    );
    let place = |rule: Node<'_>| {
        let span = rule.get("host").map_or_else(|| rule.span(), Node::span);
        ingress.0.place(first_line(ingress, span))
    };
    let path = format!("spec.rules[host={name}].host");
    Draft::at(place(again), "takes the place of the first", message)
        .of(&ingress.0, path)
        .and(place(first), "the first")
        .help("put the paths of both into one rule")
}

/// A rule without a host is pointed at by its first line.
fn first_line(ingress: &Ingress<'_>, span: crate::diagnostic::Span) -> crate::diagnostic::Span {
    let text = &ingress.0.file.text[span.start..span.end];
    let length = text.find('\n').unwrap_or(text.len());
    (span.start..span.start + length).into()
}
