//! The URL map: which backend service a host and a path lead to
//! (<https://cloud.google.com/compute/docs/reference/rest/v1/urlMaps>).

use serde_json::Value;

use super::super::cloud::{last, named, number};
use super::super::cluster::{annotation, list};
use super::super::{BackendService, Case, Cloud, Subject};
use super::cloud::Pair;
use super::verdict::Verdict;
use crate::kube::{Ingress, RouteKind};
use crate::manifest::Node;

pub(super) fn leads(
    case: &Case<'_>,
    cloud: &Cloud,
    (subject, service, _): &Pair<'_, '_>,
) -> Verdict {
    if !cloud.has("urlMaps") {
        return Verdict::skip("no URL map was read");
    }
    let maps = maps(case, cloud, subject, *service);
    if maps.is_empty() {
        let gateways = service.is_gateways();
        return Verdict::fail("no URL map leads to it")
            .because(["socketio-path-unrouted"])
            .after(Some(if gateways { "cluster-gateway" } else { "cluster-ingress" }));
    }
    let asked =
        if service.is_gateways() { asked_of_gateway(subject) } else { asked(case, subject) };
    if asked.is_empty() {
        return Verdict::skip("nobody says which path browsers ask for");
    }
    let mut good = Vec::new();
    for (host, path) in asked {
        let shown = format!("{}{path}", host.unwrap_or("any host, "));
        let found: Vec<Target<'_>> = maps.iter().map(|map| target(map, host, &path)).collect();
        let leads_here = |one: &Target<'_>| match one {
            Target::To(services) => services.iter().any(|to| last(to) == service.name()),
            Target::Nowhere | Target::Unknown => false,
        };
        if found.iter().any(leads_here) {
            good.push(shown);
        } else if found.iter().any(|one| matches!(one, Target::Unknown)) {
            return Verdict::skip(format!("{shown} depends on more than the host and the path"));
        } else {
            let other = found.iter().find_map(|one| match one {
                Target::To(services) => services.first().map(|to| last(to)),
                Target::Nowhere | Target::Unknown => None,
            });
            let said = match other {
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
    let Some(live) = case.live.filter(|_| !subject.routes(case).is_empty()) else {
        return false;
    };
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
    service: BackendService<'_>,
) -> Vec<&'c Value> {
    let knows = |map: &&Value| targets(map).any(|target| last(target) == service.name());
    if service.is_gateways() {
        return cloud.of_type("urlMaps").filter(knows).collect();
    }
    let ingresses = subject.ingresses(case);
    let names: Vec<String> = ingresses
        .iter()
        .filter_map(|one| {
            let namespace = one.namespace.or(subject.namespace(case));
            let live = case.cluster.said()?.get("Ingress", namespace, one.name)?;
            annotation(live, "ingress.kubernetes.io/url-map").map(str::to_owned)
        })
        .collect();
    let is_named = |map: &&Value| {
        if names.is_empty() { knows(map) } else { names.iter().any(|name| name == named(map)) }
    };
    cloud.of_type("urlMaps").filter(is_named).collect()
}

/// Every backend service that a URL map names.
fn targets(map: &Value) -> impl Iterator<Item = &str> {
    let matchers = list(&map["pathMatchers"]);
    let inner = matchers.flat_map(|one| {
        let rules = list(&one["pathRules"]).chain(list(&one["routeRules"])).flat_map(services);
        default(one).into_iter().chain(rules)
    });
    default(map).into_iter().chain(inner)
}

/// Where a rule sends to.
fn services(rule: &Value) -> Vec<&str> {
    by(&rule["service"], &rule["routeAction"])
}

/// Where a URL map or a matcher sends what no rule takes.
fn default(of: &Value) -> Vec<&str> {
    by(&of["defaultService"], &of["defaultRouteAction"])
}

fn by<'c>(service: &'c Value, action: &'c Value) -> Vec<&'c str> {
    let weighted = list(&action["weightedBackendServices"]);
    let weighted = weighted.filter_map(|one| one["backendService"].as_str());
    service.as_str().into_iter().chain(weighted).collect()
}

/// The hosts and the paths that browsers ask a Gateway for.
fn asked_of_gateway<'a>(subject: &Subject<'a>) -> Vec<(Option<&'a str>, String)> {
    let mut found = Vec::new();
    for way in subject.backend.ways.iter().filter(|way| way.kind == RouteKind::HttpRoute) {
        let hosts = way.object.in_spec(&["hostnames"]).into_iter().flat_map(Node::items);
        let hosts: Vec<Option<&str>> = hosts.map(Node::as_str).collect();
        let begins = |path: &&String| path.starts_with(way.path_text.trim_end_matches('/'));
        for path in subject.session.paths.iter().filter(begins) {
            for host in if hosts.is_empty() { vec![None] } else { hosts.clone() } {
                found.push((host, path.clone()));
            }
        }
    }
    found.dedup();
    found
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
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target<'c> {
    /// To one of these.
    To(Vec<&'c str>),
    /// No rule takes it, or one that answers by itself.
    Nowhere,
    /// That depends on more than the host and the path.
    Unknown,
}

impl<'c> Target<'c> {
    fn of(services: Vec<&'c str>) -> Self {
        if services.is_empty() { Self::Nowhere } else { Self::To(services) }
    }
}

fn target<'c>(map: &'c Value, host: Option<&str>, path: &str) -> Target<'c> {
    let fits =
        |rule: &&Value, wanted: &str| list(&rule["hosts"]).any(|one| one.as_str() == Some(wanted));
    let rules = || list(&map["hostRules"]);
    let rule = host.and_then(|host| rules().find(|rule| fits(rule, host)));
    let rule = rule.or_else(|| rules().find(|rule| fits(rule, "*")));
    let Some(name) = rule.and_then(|rule| rule["pathMatcher"].as_str()) else {
        return Target::of(default(map));
    };
    let Some(matcher) = list(&map["pathMatchers"]).find(|one| one["name"] == name) else {
        return Target::Nowhere;
    };
    if list(&matcher["routeRules"]).next().is_some() {
        return by_route_rules(matcher, path);
    }
    let rules = list(&matcher["pathRules"]).flat_map(|rule| {
        let paths = list(&rule["paths"]).filter_map(Value::as_str);
        paths.map(move |path| (path, rule))
    });
    let fitting = rules.filter(|(pattern, _)| is_match(pattern, path));
    let best = fitting.max_by_key(|(pattern, _)| (!pattern.ends_with('*'), pattern.len()));
    Target::of(best.map_or_else(|| default(matcher), |(_, rule)| services(rule)))
}

/// The rule of the least priority number that takes a path.
fn by_route_rules<'c>(matcher: &'c Value, path: &str) -> Target<'c> {
    let mut rules: Vec<&Value> = list(&matcher["routeRules"]).collect();
    rules.sort_by_key(|rule| number(&rule["priority"]));
    for rule in rules {
        let takes: Vec<Option<bool>> =
            list(&rule["matchRules"]).map(|one| takes(one, path)).collect();
        if takes.contains(&Some(true)) || takes.is_empty() {
            return Target::of(services(rule));
        }
        if takes.contains(&None) {
            return Target::Unknown;
        }
    }
    Target::of(default(matcher))
}

/// Whether a match takes a path; `None` where that depends on more.
fn takes(one: &Value, path: &str) -> Option<bool> {
    let ignores_case = one["ignoreCase"] == true;
    let is = |key: &str, fits: fn(&str, &str) -> bool| one[key].as_str().map(|own| fits(path, own));
    let by_path = is("fullPathMatch", |path, own| path == own)
        .or_else(|| is("prefixMatch", |path, own| path.starts_with(own)));
    let more = ["headerMatches", "queryParameterMatches", "metadataFilters"];
    let has_more = more.iter().any(|key| list(&one[*key]).next().is_some());
    match by_path {
        Some(false) if !ignores_case => Some(false),
        Some(true) if !has_more => Some(true),
        _ => None,
    }
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
            assert_eq!(target(&map, host, path), Target::To(vec![expected]), "{host:?} {path}");
        }
        let plain = serde_json::json!({"defaultService": "x"});
        assert_eq!(target(&plain, None, "/"), Target::To(vec!["x"]));
    }

    #[test]
    fn the_rules_of_a_gateway_go_by_priority() {
        let weighted = |service| serde_json::json!({"weightedBackendServices": [{"backendService": service, "weight": 1}]});
        let map = serde_json::json!({
            "hostRules": [{"hosts": ["*"], "pathMatcher": "m"}],
            "pathMatchers": [{"name": "m", "routeRules": [
                {"priority": 3, "matchRules": [{"prefixMatch": "/"}], "service": "site"},
                {"priority": 2, "matchRules": [{"prefixMatch": "/socket.io/"}], "routeAction": weighted("chat")},
                {"priority": 1, "matchRules": [
                    {"fullPathMatch": "/beta/", "headerMatches": [{"headerName": "x"}]},
                ], "service": "beta"},
                {"priority": 0, "matchRules": [{"fullPathMatch": "/old"}], "urlRedirect": {}},
            ]}],
        });
        let to = |path| target(&map, Some("a.b"), path);
        assert_eq!(to("/socket.io/"), Target::To(vec!["chat"]));
        assert_eq!(to("/beta/x"), Target::To(vec!["site"]));
        assert_eq!(to("/beta/"), Target::Unknown);
        assert_eq!(to("/old"), Target::Nowhere);
        assert_eq!(targets(&map).collect::<Vec<_>>(), ["site", "chat", "beta"]);
    }
}
