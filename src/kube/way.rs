//! The ways to a Service that are no Ingress's: rules of an `HTTPRoute`, and of Traefik's `IngressRoute`.

use crate::manifest::Node;

use super::{Object, PortReference};

/// Whose rule it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteKind {
    /// The Gateway API's.
    HttpRoute,
    /// Traefik's.
    IngressRoute,
}

/// One way to a Service.
#[derive(Debug, Clone, Copy)]
pub struct Way<'s> {
    /// The route.
    pub object: Object<'s>,
    /// Whose it is.
    pub kind: RouteKind,
    /// The rule.
    pub rule: Node<'s>,
    /// Where the path is written; `None` for all of them.
    pub path: Option<Node<'s>>,
    /// The path, by its beginning; empty where nobody can tell.
    pub path_text: &'s str,
    /// How an `HTTPRoute` compares it; empty in others.
    pub path_type: &'s str,
    /// Whether an `HTTPRoute` asks for headers, a method or a query besides.
    pub is_narrowed: bool,
    /// The entry that names the Service.
    pub backend: Node<'s>,
}

impl<'s> Way<'s> {
    /// Where the Service's name is written.
    pub fn service(&self) -> Option<Node<'s>> {
        self.backend.get("name")
    }

    /// The port that it names.
    pub fn port_reference(&self) -> Option<PortReference<'s>> {
        Backend { object: self.object, node: self.backend }.port_reference()
    }
}

/// An entry of a route that names a Service.
#[derive(Debug, Clone, Copy)]
pub struct Backend<'s> {
    /// The route.
    pub object: Object<'s>,
    /// The entry.
    pub node: Node<'s>,
}

impl<'s> Backend<'s> {
    /// The Service's name.
    pub fn service(&self) -> Option<&'s str> {
        self.node.get("name").and_then(Node::as_str)
    }

    /// The namespace of the Service: the one that the entry names, or the route's own.
    pub fn namespace(&self) -> Option<&'s str> {
        self.node.get("namespace").and_then(Node::as_str).or(self.object.namespace)
    }

    /// The port that it names.
    pub fn port_reference(&self) -> Option<PortReference<'s>> {
        let port = self.node.get("port")?;
        match port.as_int() {
            Some(number) => Some(PortReference::Number(number)),
            None => port.as_str().map(PortReference::Name),
        }
    }
}

/// Every entry of a route that names a Service, whatever protocol it is of, and copies of requests with them
/// (`kubernetes-sigs/gateway-api:apis/v1/shared_types.go`, `BackendObjectReference`;
/// `traefik/traefik:pkg/provider/kubernetes/crd/traefikio/v1alpha1`).
pub fn backends_of<'s>(object: &Object<'s>) -> Vec<Backend<'s>> {
    let all = match (object.group, object.kind) {
        (GATEWAY, kind) if kind.ends_with("Route") => gateway_backends(object),
        (group, kind) if TRAEFIK.contains(&group) && kind.starts_with("IngressRoute") => {
            rules(object, "routes").into_iter().flat_map(|rule| list(rule, "services")).collect()
        }
        _ => Vec::new(),
    };
    let services = all.into_iter().filter(is_service);
    services.map(|node| Backend { object: *object, node }).collect()
}

fn gateway_backends<'s>(object: &Object<'s>) -> Vec<Node<'s>> {
    let mut found = Vec::new();
    for rule in rules(object, "rules") {
        let own = list(rule, "backendRefs");
        let filters = own.iter().chain([&rule]).flat_map(|one| list(*one, "filters"));
        found.extend(filters.filter_map(|filter| filter.at(&["requestMirror", "backendRef"])));
        found.extend(own);
    }
    found
}

/// The ways of an object, if it is a route.
pub fn ways_of<'s>(object: &Object<'s>) -> Vec<Way<'s>> {
    match (object.kind, object.group) {
        ("HTTPRoute", GATEWAY) => http_route(object),
        ("IngressRoute", group) if TRAEFIK.contains(&group) => ingress_route(object),
        _ => Vec::new(),
    }
}

const GATEWAY: &str = "gateway.networking.k8s.io";
const TRAEFIK: [&str; 2] = ["traefik.io", "traefik.containo.us"];

fn rules<'s>(object: &Object<'s>, key: &str) -> Vec<Node<'s>> {
    object.spec().map(|spec| list(spec, key)).unwrap_or_default()
}

fn list<'s>(node: Node<'s>, key: &str) -> Vec<Node<'s>> {
    node.get(key).into_iter().flat_map(Node::items).collect()
}

/// Whether an entry names a Service, and not something else.
fn is_service(backend: &Node<'_>) -> bool {
    let kind = backend.get("kind").and_then(Node::as_str);
    kind.is_none_or(|kind| kind == "Service")
}

/// How an `HTTPRoute` compares paths that it says nothing else of.
pub const PATH_PREFIX: &str = "PathPrefix";

/// What a match may ask for besides the path.
const MORE: [&str; 3] = ["headers", "method", "queryParams"];

fn http_route<'s>(object: &Object<'s>) -> Vec<Way<'s>> {
    let mut found = Vec::new();
    for rule in rules(object, "rules") {
        let matches = list(rule, "matches");
        for backend in list(rule, "backendRefs").into_iter().filter(is_service) {
            let way = |one: Option<Node<'s>>| {
                let path = one.and_then(|one| one.at(&["path", "value"]));
                let path_type = one.and_then(|one| one.at(&["path", "type"]));
                Way {
                    object: *object,
                    kind: RouteKind::HttpRoute,
                    rule,
                    path,
                    path_text: path.and_then(Node::as_str).unwrap_or_default(),
                    path_type: path_type.and_then(Node::as_str).unwrap_or(PATH_PREFIX),
                    is_narrowed: one
                        .is_some_and(|one| MORE.iter().any(|key| one.get(key).is_some())),
                    backend,
                }
            };
            found.extend(matches.iter().map(|one| way(Some(*one))));
            found.extend(matches.is_empty().then(|| way(None)));
        }
    }
    found
}

fn ingress_route<'s>(object: &Object<'s>) -> Vec<Way<'s>> {
    let mut found = Vec::new();
    for rule in rules(object, "routes") {
        let path = rule.get("match");
        let matcher = path.and_then(Node::as_str).unwrap_or_default();
        let services = list(rule, "services").into_iter().filter(is_service);
        found.extend(services.map(|backend| Way {
            object: *object,
            kind: RouteKind::IngressRoute,
            rule,
            path,
            path_text: matched_path(matcher),
            path_type: "",
            is_narrowed: false,
            backend,
        }));
    }
    found
}

/// The one path of a matcher such as ``Host(`a.b`) && PathPrefix(`/socket.io/`)``.
fn matched_path(matcher: &str) -> &str {
    let mut after = matcher.match_indices("Path").filter_map(|(at, _)| {
        let rest = matcher[at + "Path".len()..].strip_prefix("Prefix");
        let rest = rest.unwrap_or(&matcher[at + "Path".len()..]);
        let denied = matcher[..at].trim_end().ends_with('!');
        let inner = rest.strip_prefix("(`")?.split('`').next()?;
        (!denied).then_some(inner)
    });
    match (after.next(), after.next()) {
        (Some(path), None) => path,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::matched_path;

    #[test]
    fn a_matcher_with_one_path_has_one() {
        assert_eq!(matched_path("Host(`a`) && PathPrefix(`/socket.io/`)"), "/socket.io/");
        assert_eq!(matched_path("Path(`/a`) || Path(`/b`)"), "");
        assert_eq!(matched_path("Host(`a`) && !PathPrefix(`/socket.io`)"), "");
    }
}
