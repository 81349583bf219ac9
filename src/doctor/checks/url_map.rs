//! The URL map: which backend service a host and a path lead to
//! (<https://cloud.google.com/compute/docs/reference/rest/v1/urlMaps>).

use serde_json::Value;

use super::super::cloud::{last, named};
use super::super::cluster::{annotation, list};
use super::super::{Case, Cloud, Subject};
use super::cloud::Pair;
use super::verdict::Verdict;
use crate::kube::Ingress;

pub(super) fn leads(
    case: &Case<'_>,
    cloud: &Cloud,
    (subject, service, _): &Pair<'_, '_>,
) -> Verdict {
    if !cloud.has("urlMaps") {
        return Verdict::skip("no URL map was read");
    }
    let maps = maps(case, cloud, subject, service.name());
    if maps.is_empty() {
        return Verdict::fail("no URL map leads to it")
            .because(["socketio-path-unrouted"])
            .after(Some("cluster-ingress"));
    }
    let asked = asked(case, subject);
    if asked.is_empty() {
        return Verdict::skip("nobody says which path browsers ask for");
    }
    let mut good = Vec::new();
    for (host, path) in asked {
        let shown = format!("{}{path}", host.unwrap_or("any host, "));
        let targets: Vec<&str> =
            maps.iter().filter_map(|map| target(map, host, &path)).map(last).collect();
        if targets.contains(&service.name()) {
            good.push(shown);
        } else {
            let said = match targets.first() {
                Some(other) => format!("{shown} leads to `{other}`"),
                None => format!("{shown} leads nowhere"),
            };
            let elsewhere = leads_elsewhere_in_cluster(case, subject, host, &path);
            return Verdict::fail(said)
                .because(["socketio-path-unrouted", "path-matches-only-itself", "duplicate-host"])
                .after(elsewhere.then_some("cluster-fields"));
        }
    }
    Verdict::pass(good.join(", "))
}

/// Whether the Ingress in the cluster is not as the files have it, so that the load balancer only does what it says.
fn leads_elsewhere_in_cluster(
    case: &Case<'_>,
    subject: &Subject<'_>,
    host: Option<&str>,
    path: &str,
) -> bool {
    let Some(live) = case.live else { return false };
    let ingresses = subject.ingresses(case);
    let known = |one: &&Ingress<'_>| {
        ingresses.iter().any(|own| own.name == one.0.name && own.shares_namespace_with(&one.0))
    };
    let leads_here = |one: &Ingress<'_>| {
        let route = live.gce_route(one, host, path);
        route.and_then(|route| route.service_name()) == Some(subject.service().0.name)
    };
    !live.ingresses.iter().filter(known).any(leads_here)
}

/// The URL maps that the Ingresses name, else those that know the backend service.
fn maps<'c>(
    case: &Case<'_>,
    cloud: &'c Cloud,
    subject: &Subject<'_>,
    service: &str,
) -> Vec<&'c Value> {
    let ingresses = subject.ingresses(case);
    let names: Vec<String> = ingresses
        .iter()
        .filter_map(|one| {
            let namespace = one.namespace.or(subject.namespace(case));
            let live = case.cluster.said()?.get("Ingress", namespace, one.name)?;
            annotation(live, "ingress.kubernetes.io/url-map").map(str::to_owned)
        })
        .collect();
    let knows = |map: &&Value| {
        if names.is_empty() {
            targets(map).any(|target| last(target) == service)
        } else {
            names.iter().any(|name| name == named(map))
        }
    };
    cloud.of_type("urlMaps").filter(knows).collect()
}

/// Every backend service that a URL map names.
fn targets(map: &Value) -> impl Iterator<Item = &str> {
    let matchers = list(&map["pathMatchers"]);
    let inner = matchers.flat_map(|one| {
        let rules = list(&one["pathRules"]).filter_map(|rule| rule["service"].as_str());
        one["defaultService"].as_str().into_iter().chain(rules)
    });
    map["defaultService"].as_str().into_iter().chain(inner)
}

/// The hosts and the paths that browsers ask for.
fn asked<'a>(case: &Case<'a>, subject: &Subject<'a>) -> Vec<(Option<&'a str>, String)> {
    let mut found = Vec::new();
    for route in subject.routes(case) {
        for path in &subject.session.paths {
            let one = (route.host_text(), path.clone());
            if route.gce_matches(path) && !found.contains(&one) {
                found.push(one);
            }
        }
    }
    found
}

/// Where a URL map sends a request.
fn target<'c>(map: &'c Value, host: Option<&str>, path: &str) -> Option<&'c str> {
    let fits =
        |rule: &&Value, wanted: &str| list(&rule["hosts"]).any(|one| one.as_str() == Some(wanted));
    let rules = || list(&map["hostRules"]);
    let rule = host.and_then(|host| rules().find(|rule| fits(rule, host)));
    let rule = rule.or_else(|| rules().find(|rule| fits(rule, "*")));
    let Some(name) = rule.and_then(|rule| rule["pathMatcher"].as_str()) else {
        return map["defaultService"].as_str();
    };
    let matcher = list(&map["pathMatchers"]).find(|one| one["name"] == name)?;
    let rules = list(&matcher["pathRules"]).flat_map(|rule| {
        let paths = list(&rule["paths"]).filter_map(Value::as_str);
        paths.map(move |path| (path, rule["service"].as_str()))
    });
    let fitting = rules.filter(|(pattern, _)| is_match(pattern, path));
    let best = fitting.max_by_key(|(pattern, _)| (!pattern.ends_with('*'), pattern.len()));
    best.map_or_else(|| matcher["defaultService"].as_str(), |(_, service)| service)
}

fn is_match(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix("/*") {
        Some(base) => path.strip_prefix(base).is_some_and(|rest| rest.starts_with('/')),
        None => pattern == path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_path_of_the_host_counts() {
        let map = serde_json::json!({
            "defaultService": "default",
            "hostRules": [
                {"hosts": ["a.b"], "pathMatcher": "m"},
                {"hosts": ["*"], "pathMatcher": "rest"},
            ],
            "pathMatchers": [
                {"name": "m", "defaultService": "other", "pathRules": [
                    {"paths": ["/*"], "service": "site"},
                    {"paths": ["/socket.io", "/socket.io/*"], "service": "chat"},
                    {"paths": ["/exact"], "service": "exact"},
                ]},
                {"name": "rest", "defaultService": "rest"},
            ],
        });
        for (host, path, expected) in [
            (Some("a.b"), "/socket.io/", "chat"),
            (Some("a.b"), "/socket.io", "chat"),
            (Some("a.b"), "/socket.iox/", "site"),
            (Some("a.b"), "/exact", "exact"),
            (Some("c.d"), "/socket.io/", "rest"),
            (None, "/", "rest"),
        ] {
            assert_eq!(target(&map, host, path), Some(expected), "{host:?} {path}");
        }
        assert_eq!(target(&serde_json::json!({"defaultService": "x"}), None, "/"), Some("x"));
    }
}
