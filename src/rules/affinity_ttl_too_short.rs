//! A cookie that expires while the session lasts.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::{Grade, Object, policy};
use crate::manifest::Node;
use crate::path::{Backend, Part, Session};

pub(super) static RULE: Rule = Rule {
    id: "affinity-ttl-too-short",
    severity: Severity::Error,
    grade: Grade::Documented,
    fix: Applicability::Unsafe,
    sources: &[
        "https://cloud.google.com/load-balancing/docs/backend-service",
        "https://socket.io/docs/v4/using-multiple-nodes/",
    ],
    page: include_str!("affinity_ttl_too_short.md"),
    check,
};

/// Where the cookie's lifetime is written in a BackendConfig, and in the policy of a Gateway.
const IN_CONFIG: [&str; 3] = ["spec", "sessionAffinity", "affinityCookieTtlSec"];
const IN_POLICY: [&str; 4] = ["spec", "default", "sessionAffinity", "cookieTtlSec"];

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (backend, session, config) in model.judged_sessions() {
        let cookie = matches!(config.affinity(), Some(("GENERATED_COOKIE", _)));
        let ttl = config.number(&["sessionAffinity", "affinityCookieTtlSec"]);
        let ttl = ttl.filter(|_| cookie);
        findings.extend(
            ttl.and_then(|(_, node)| finding(backend, session, &config.0, node, &IN_CONFIG)),
        );
    }
    for (backend, session, gateway) in model.gateway_sessions() {
        let Some(policy) = gateway.policy else { continue };
        let setting = |key| policy::setting(&policy, &["sessionAffinity", key]);
        let kind = setting("affinityType").and_then(Node::as_str);
        let ttl = setting("affinityCookieTtlSec").filter(|_| kind == Some("GENERATED_COOKIE"));
        findings.extend(ttl.and_then(|node| finding(backend, session, &policy, node, &IN_POLICY)));
    }
}

fn finding<'s>(
    backend: &Backend<'s>,
    session: &Session,
    object: &Object<'s>,
    node: Node<'s>,
    keys: &[&str],
) -> Option<Draft> {
    let seconds = node.as_int().filter(|seconds| *seconds >= 1)?;
    if !session.polls() || !backend.may_have_several_pods() {
        return None;
    }
    let surely = session.numbers.outlives_cookie(seconds)?;
    let severity = if surely { Severity::Error } else { Severity::Warning };
    let message = format!(
        "a client that still polls {seconds} s after its first request is sent to another pod: 400, Session ID unknown"
    );
    let key = keys.last()?;
    let help = format!("write `{key}: 0`: the cookie then lasts as long as the browser's session");
    let draft = Draft::at(object.at(node), "the cookie expires", message)
        .of(object, keys.join("."))
        .because(session.because())
        .help(help)
        .fix(Applicability::Unsafe, [object.set(keys, 0)]);
    Some(draft.only(severity))
}
