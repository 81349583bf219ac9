//! Behind one of GKE's Gateways: the rule of an `HTTPRoute` that a path takes, and the policies that stand in place of
//! a BackendConfig.
//!
//! What a rule does besides (filters, shares for several Services, timeouts of its own) is not reckoned with, and said.

use super::HopKind;
use super::foreign::untold;
use super::front::host_matches;
use super::passage::{Doubt, Passage};
use super::way::Way;
use crate::kube::controller_defaults::GatewayClass;
use crate::kube::{Object, PATH_PREFIX, RouteKind, Way as Rule, policy};
use crate::manifest::Node;
use crate::path::{Backend, Model};
use crate::set::Place;

/// What a request meets first, where it is a Gateway.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gateway<'s> {
    pub(super) object: Object<'s>,
    pub(super) class: &'static GatewayClass,
    /// An `HTTPRoute` that leads from it to the sessions.
    pub(super) route: Object<'s>,
    /// The rule that takes the path, if one does.
    pub(super) rule: Option<Rule<'s>>,
    /// The one of another Service that comes before it.
    before: Option<Rule<'s>>,
    /// The `GCPBackendPolicy` of the Service, if it is among the files given.
    pub(super) policy: Option<Object<'s>>,
    /// The same of its `HealthCheckPolicy`.
    pub(super) health: Option<Object<'s>>,
}

/// The names that an `HTTPRoute` takes; none of them is any.
pub(super) fn hosts<'s>(route: &Object<'s>) -> impl Iterator<Item = &'s str> {
    let names = route.in_spec(&["hostnames"]).into_iter().flat_map(Node::items);
    names.filter_map(Node::as_str)
}

fn takes_host(route: &Object<'_>, host: Option<&str>) -> bool {
    let mut names = hosts(route).peekable();
    let Some(host) = host else { return true };
    names.peek().is_none() || names.any(|name| host_matches(name, host))
}

/// The rules of `HTTPRoute`s that lead to a Service.
pub(super) fn rules<'b, 's>(backend: &'b Backend<'s>) -> impl Iterator<Item = &'b Rule<'s>> {
    backend.ways.iter().filter(|way| way.kind == RouteKind::HttpRoute)
}

impl<'s> Gateway<'s> {
    /// The Gateway that leads to a Service; of several the first.
    pub(super) fn find(
        model: &Model<'s>,
        backend: &Backend<'s>,
        host: Option<&str>,
        path: &str,
    ) -> Option<Self> {
        let at = |rule: &Rule<'s>| model.gke_gateways(&rule.object).into_iter().next();
        let own = rules(backend).filter(|rule| takes_host(&rule.object, host));
        let own: Vec<_> = own.filter_map(|rule| Some((rule, at(rule)?))).collect();
        let (first, (object, class)) = *own.first()?;
        let matching = own.iter().map(|(rule, _)| **rule).filter(|rule| takes(rule, path));
        let rule = matching.max_by_key(rank);
        let others =
            model.backends.iter().filter(|one| one.service.0.name != backend.service.0.name);
        let others = others.flat_map(rules).filter(|other| {
            let same = at(other).is_some_and(|(gateway, _)| gateway.is(&object));
            same && takes_host(&other.object, host) && takes(other, path)
        });
        let before = others.filter(|other| rule.is_none_or(|rule| rank(other) > rank(&rule)));
        Some(Self {
            object,
            class,
            route: rule.map_or(first.object, |rule| rule.object),
            rule,
            before: before.max_by_key(|one| rank(one)).copied(),
            policy: model.policy_of("GCPBackendPolicy", &backend.service),
            health: model.policy_of("HealthCheckPolicy", &backend.service),
        })
    }

    /// A setting by its name in a BackendConfig, in numbers.
    pub(super) fn number(&self, keys: &[&str]) -> Option<(i64, Place)> {
        let policy = self.policy?;
        let node = policy::setting(&policy, keys)?;
        Some((node.as_int()?, policy.at(node)))
    }

    /// Where a setting would be written.
    pub(super) fn place(&self) -> Place {
        self.policy.map_or_else(|| self.route.title(), |policy| policy.spec_title())
    }

    /// What it comes to for a host, without the place of the rule.
    pub(super) fn led(&self) -> String {
        let rule = self.rule.map(|rule| (rule.path_type, rule.path_text));
        format!("{:?}", (self.class.name, self.object.title(), rule, self.before.is_some()))
    }

    /// What the rule says of its own timeouts.
    fn timeouts(&self) -> Option<Place> {
        let rule = self.rule?;
        Some(rule.object.at(rule.rule.get("timeouts")?))
    }

    /// Why the timeout is not known.
    pub(super) fn doubt_of_timeout(&self, service: &str) -> Option<(String, Place)> {
        if let Some(place) = self.timeouts() {
            let why = "whether GKE goes by `timeouts` of an HTTPRoute is not documented";
            return Some((why.to_owned(), place));
        }
        self.policy.is_none().then(|| (not_given("GCPBackendPolicy", service), self.route.title()))
    }
}

/// A policy is attached from its own side: without it, nobody can tell whether there is one.
pub(super) fn not_given(kind: &str, service: &str) -> String {
    format!("no {kind} for the Service `{service}` is among the files given")
}

/// Whether a rule takes a path, as the Gateway API compares them: by whole segments
/// (kubernetes-sigs/gateway-api:apis/v1/httproute_types.go).
fn takes(rule: &Rule<'_>, path: &str) -> bool {
    match rule.path_type {
        "Exact" => rule.path_text == path,
        PATH_PREFIX => {
            let prefix = rule.path_text.trim_end_matches('/');
            path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        _ => false,
    }
}

/// The more exact name comes first, then the more exact path.
fn rank(rule: &Rule<'_>) -> (usize, bool, usize) {
    let names = hosts(&rule.object).map(|name| if name.starts_with('*') { 1 } else { 2 });
    (names.max().unwrap_or(0), rule.path_type == "Exact", rule.path_text.len())
}

/// The hops of the host and of the rule.
pub(super) fn walk(way: &Way<'_, '_>, gateway: &Gateway<'_>, passage: &mut Passage) {
    let host = way.host.as_deref().unwrap_or("any host");
    let (object, route) = (&gateway.object, &gateway.route);
    let what = format!(
        "{host} must lead to the address of the Gateway `{}`; DNS is not in manifests",
        object.name
    );
    passage.hop(HopKind::Host, what, Some(object.title()));
    if let Some(other) = gateway.before {
        let why = format!("{} takes `{}` for another Service", other.object.said(), way.path);
        return passage.doubt(HopKind::LoadBalancer, why, Some(at(&other)));
    }
    let Some(rule) = gateway.rule else {
        let why = format!("no path of {} is known to take `{}`", route.said(), way.path);
        return passage.doubt(HopKind::LoadBalancer, why, Some(route.spec_title()));
    };
    let text = if rule.path.is_none() {
        "every path".to_owned()
    } else {
        format!("`{}` ({})", rule.path_text, rule.path_type)
    };
    let what = format!(
        "{} (class `{}`): {}, rule {text}",
        gateway.class.load_balancer.name(),
        gateway.class.name,
        route.said()
    );
    passage.hop(HopKind::LoadBalancer, what, Some(at(&rule)));
    if let Some(why) = unreckoned(&rule) {
        if rewrites(&rule) {
            return untold(&why, at(&rule), passage);
        }
        passage.doubt(HopKind::LoadBalancer, why, Some(at(&rule)));
    }
}

fn at(rule: &Rule<'_>) -> Place {
    rule.object.at(rule.path.unwrap_or(rule.rule))
}

/// Whether the request comes to the pods as another one, or not at all.
fn rewrites(rule: &Rule<'_>) -> bool {
    let filters = rule.rule.get("filters").into_iter().flat_map(Node::items);
    let mut kinds = filters.filter_map(|one| one.get("type")?.as_str());
    kinds.any(|kind| ["URLRewrite", "RequestRedirect"].contains(&kind))
}

/// What the rule does besides, that no step reckons with.
fn unreckoned(rule: &Rule<'_>) -> Option<String> {
    if rule.is_narrowed {
        return Some("the rule asks for headers, a method or a query, too".to_owned());
    }
    let items = |key: &str| rule.rule.get(key).into_iter().flat_map(Node::items);
    let weighs = |one: &Node<'_>| one.get("weight").and_then(Node::as_int) != Some(0);
    if items("backendRefs").filter(weighs).count() > 1 {
        return Some("the rule sends shares of the requests to several Services".to_owned());
    }
    let filter = items("filters").find(|one| cache_filter(*one).is_none())?;
    let kind = filter.get("type").and_then(Node::as_str).unwrap_or("?");
    Some(format!("what the filter `{kind}` of the rule does is not reckoned with"))
}

/// The name of the `GCPHTTPFilter` that a filter stands for.
fn cache_filter(filter: Node<'_>) -> Option<&str> {
    let named = filter.get("extensionRef")?;
    let is_it = named.get("kind").and_then(Node::as_str) == Some("GCPHTTPFilter");
    named.get("name").and_then(Node::as_str).filter(|_| is_it)
}

/// The hop of Cloud CDN, which a filter of the rule may turn on.
pub(super) fn cdn(gateway: &Gateway<'_>, passage: &mut Passage) {
    let found = gateway.rule.and_then(|rule| {
        let mut filters = rule.rule.get("filters").into_iter().flat_map(Node::items);
        let filter = filters.find(|one| cache_filter(*one).is_some())?;
        Some((cache_filter(filter)?, rule.object.at(filter)))
    });
    if let Some((name, place)) = found {
        let why = format!("the GCPHTTPFilter `{name}` may cache answers, and is not reckoned with");
        passage.doubt(HopKind::Cdn, why, Some(place));
    }
}

/// Why nothing keeps a session on its pod: the rules, the best first.
pub(super) fn reasons(gateway: &Gateway<'_>, value: Option<&str>) -> Vec<&'static str> {
    let persistence =
        gateway.rule.is_some_and(|rule| rule.rule.get("sessionPersistence").is_some());
    let policy = gateway.policy.and_then(|policy| policy.in_spec(&["default", "sessionAffinity"]));
    let renamed = policy.is_some_and(|one| one.get("affinityType").is_some());
    let useless = value.is_some_and(|value| value != "NONE");
    let mut rules = Vec::new();
    rules.extend((renamed || useless).then_some("policy-field-of-backendconfig"));
    rules.extend(persistence.then_some("session-persistence-unsupported"));
    rules.push("session-affinity-missing");
    rules
}

/// The hop of the affinity, where no policy is there to say it.
pub(super) fn doubt_affinity(gateway: &Gateway<'_>, service: &str, passage: &mut Passage) {
    let why = not_given("GCPBackendPolicy", service);
    let rule = reasons(gateway, None).into_iter().next();
    let place = gateway.rule.map_or_else(|| gateway.route.title(), |rule| at(&rule));
    let doubt = Doubt { why, place: Some(place), rule };
    passage.doubt_of(HopKind::Affinity, doubt);
}
