//! A cache key without the session.

use super::{Draft, Findings, Rule};
use crate::diagnostic::{Applicability, Severity};
use crate::kube::BackendConfig;
use crate::kube::Grade;
use crate::manifest::Node;
use crate::path::Part;

pub(super) static RULE: Rule = Rule {
    id: "cdn-key-drops-query",
    severity: Severity::Error,
    grade: Grade::Source,
    fix: Applicability::Unsafe,
    sources: &[
        "kubernetes/ingress-gce:pkg/backends/features/cdn.go",
        "https://cloud.google.com/compute/docs/reference/rest/v1/backendServices",
    ],
    page: include_str!("cdn_key_drops_query.md"),
    check,
};

const POLICY: [&str; 2] = ["cdn", "cachePolicy"];

fn check(model: &Part<'_, '_>, findings: &mut Findings) {
    for (backend, session, config) in model.judged_sessions() {
        let on = config.get(&["cdn", "enabled"]).and_then(Node::as_bool) == Some(true);
        let has_cdn = backend.gce_classes().any(|class| class.load_balancer.has_cdn());
        let Some((key, beside)) = dropped(config).filter(|_| on && has_cdn && session.polls())
        else {
            continue;
        };
        let patched = |keys: &[&str]| model.is_set_elsewhere(&config.0, keys);
        if patched(&["cdn", "enabled"]) || patched(&["cdn", "cachePolicy", key]) {
            continue;
        }
        let forced =
            config.get(&["cdn", "cacheMode"]).and_then(Node::as_str) == Some("FORCE_CACHE_ALL");
        let (severity, may) =
            if forced { (Severity::Error, "get") } else { (Severity::Warning, "may get") };
        let message = format!(
            "all clients {may} one answer, and one session id: `sid` is not in the cache's key, so that a cached poll is everybody's"
        );
        let draft = Draft::at(config.place(&["cdn", "cachePolicy", key]), beside, message)
            .of(&config.0, format!("spec.cdn.cachePolicy.{key}"))
            .only(severity)
            .because(session.because());
        let help = "write `cdn: {enabled: false}`; where a cache must be, `includeQueryString: true` and no lists of parameters";
        let fix = config.0.set(&["spec", "cdn", "enabled"], false);
        findings.add(draft.help(help).fix(Applicability::Unsafe, [fix]));
    }
}

/// The field that keeps `sid` out of the key. A block without `includeQueryString` means false.
pub(super) fn dropped(config: &BackendConfig<'_>) -> Option<(&'static str, &'static str)> {
    let policy = config.get(&POLICY)?;
    let lists = |key: &str| {
        let list = policy.get(key)?;
        Some(list.items().any(|item| item.as_str() == Some("sid")))
    };
    match policy.get("includeQueryString") {
        None => Some(("includeQueryString", "without `includeQueryString` it is false")),
        Some(node) if node.as_bool() == Some(false) => Some(("includeQueryString", "no query")),
        _ if lists("queryStringBlacklist") == Some(true) => {
            Some(("queryStringBlacklist", "no `sid`"))
        }
        _ if lists("queryStringWhitelist") == Some(false) => {
            Some(("queryStringWhitelist", "no `sid`"))
        }
        _ => None,
    }
}
