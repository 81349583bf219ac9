//! An Ingress, in all versions of its API.

use crate::manifest::{Node, Path, Step};

use super::annotations::{Verdict, is_googles, lookup};
use super::controller_defaults::{Handling, IngressClass, LoadBalancer, handling};
use super::{Object, PortReference};

/// The annotation of an Ingress that names its FrontendConfig.
pub const FRONTEND_CONFIG_KEY: &str = "networking.gke.io/v1beta1.FrontendConfig";

/// An Ingress, and who serves it.
#[derive(Debug, Clone, Copy)]
pub struct Ingress<'s>(pub Object<'s>, Controller);

/// Who serves an Ingress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Controller {
    /// GKE's, with a Google Cloud load balancer.
    Gce(Handling),
    /// kubernetes/ingress-nginx.
    IngressNginx,
    /// The AWS Load Balancer Controller.
    AwsAlb,
    /// Traefik.
    Traefik,
    /// HAProxy.
    HaProxy,
    /// Another.
    Other,
}

impl Controller {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gce(_) => "GKE's controller",
            Self::IngressNginx => "ingress-nginx",
            Self::AwsAlb => "the AWS Load Balancer Controller",
            Self::Traefik => "Traefik",
            Self::HaProxy => "HAProxy",
            Self::Other => "another controller",
        }
    }
}

/// One way through an Ingress: a host and a path that lead to a Service.
#[derive(Debug, Clone, Copy)]
pub struct Route<'s> {
    /// The Ingress.
    pub ingress: Ingress<'s>,
    /// The `host` of its rule; `None` for any.
    pub host: Option<Node<'s>>,
    /// The entry of `paths`; the `defaultBackend` itself for that.
    pub node: Node<'s>,
    /// Its `path`; `None` where it is left out, and for the default backend.
    pub path: Option<Node<'s>>,
    /// How the path is compared.
    pub path_type: PathType,
    /// The backend, in whichever form.
    pub backend: Node<'s>,
}

/// How a path is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathType {
    /// `Prefix`.
    Prefix,
    /// `Exact`.
    Exact,
    /// `ImplementationSpecific`, or left out.
    ImplementationSpecific,
}

impl<'s> Ingress<'s> {
    /// An Ingress by itself.
    pub fn new(object: Object<'s>) -> Self {
        Self(object, by_class(&object).or_else(|| by_annotations(&object)).unwrap_or_else(unsaid))
    }

    /// The same, as one that leads to a Service that is written for Google's load balancer.
    #[must_use]
    pub fn towards_google(self) -> Self {
        Self(self.0, by_class(&self.0).unwrap_or_else(unsaid))
    }

    /// Whether it has no class, and annotations of another controller speak for that one.
    pub fn is_in_doubt(&self) -> bool {
        by_class(&self.0).is_none() && by_annotations(&self.0).is_some()
    }

    /// The class by annotation.
    pub fn class_annotation(&self) -> Option<&'s str> {
        class_annotation(&self.0)
    }

    /// The class by field.
    pub fn class_name(&self) -> Option<&'s str> {
        class_name(&self.0)
    }

    /// Who serves it.
    pub fn controller(&self) -> Controller {
        self.1
    }

    /// The class that Google's controller makes a load balancer of.
    pub fn gce_class(&self) -> Option<&'static IngressClass> {
        match self.controller() {
            Controller::Gce(Handling::Handled(class)) => Some(class),
            _ => None,
        }
    }

    /// The way that Google's load balancer takes for a host of its rules and a URL path, its default backend
    /// included (kubernetes/ingress-gce:pkg/utils/gceurlmap.go: of two alike the later one counts).
    pub fn gce_route(&self, host: Option<&str>, url_path: &str) -> Option<Route<'s>> {
        let mut routes = self.routes();
        routes
            .retain(|one| one.is_default() || one.host_text() == host && one.gce_matches(url_path));
        routes.into_iter().max_by_key(|one| (!one.is_default(), one.gce_rank()))
    }

    /// Whether the controller of Google's load balancers serves it.
    pub fn is_gce(&self) -> bool {
        matches!(self.controller(), Controller::Gce(Handling::Handled(_)))
    }

    /// The load balancer of Google's that serves it.
    pub fn load_balancer(&self) -> Option<LoadBalancer> {
        match self.controller() {
            Controller::Gce(Handling::Handled(class)) => Some(class.load_balancer),
            _ => None,
        }
    }

    /// Every way through it.
    pub fn routes(&self) -> Vec<Route<'s>> {
        let rules = self.0.in_spec(&["rules"]);
        let rules = rules.into_iter().flat_map(Node::items);
        let mut routes: Vec<Route<'s>> = rules.flat_map(|rule| self.routes_of(rule)).collect();
        let default = ["defaultBackend", "backend"];
        let default = default.iter().find_map(|key| self.0.in_spec(&[key]));
        routes.extend(default.map(|backend| Route {
            ingress: *self,
            host: None,
            node: backend,
            path: None,
            path_type: PathType::ImplementationSpecific,
            backend,
        }));
        routes
    }

    fn routes_of(&self, rule: Node<'s>) -> Vec<Route<'s>> {
        let paths = rule.at(&["http", "paths"]);
        let route = |node: Node<'s>| {
            Some(Route {
                ingress: *self,
                host: rule.get("host"),
                node,
                path: node.get("path"),
                path_type: match node.get("pathType").and_then(Node::as_str) {
                    Some("Prefix") => PathType::Prefix,
                    Some("Exact") => PathType::Exact,
                    _ => PathType::ImplementationSpecific,
                },
                backend: node.get("backend")?,
            })
        };
        paths.into_iter().flat_map(Node::items).filter_map(route).collect()
    }
}

fn class_annotation<'s>(object: &Object<'s>) -> Option<&'s str> {
    object.annotation_text("kubernetes.io/ingress.class")
}

fn class_name<'s>(object: &Object<'s>) -> Option<&'s str> {
    object.in_spec(&["ingressClassName"])?.as_str()
}

/// Whose an Ingress is that says no class.
fn unsaid() -> Controller {
    Controller::Gce(handling(None, None))
}

/// Whose an Ingress is by its class; none where it has none.
fn by_class(object: &Object<'_>) -> Option<Controller> {
    let (annotation, field) = (class_annotation(object), class_name(object));
    if annotation.unwrap_or_default().is_empty() && field.is_none() {
        return None;
    }
    let class = annotation.or(field).unwrap_or_default();
    Some(match class {
        "" | "gce" | "gce-internal" | "gce-regional-external" | "gce-multi-cluster" => {
            Controller::Gce(handling(annotation, field))
        }
        "alb" => Controller::AwsAlb,
        _ if class.contains("nginx") => Controller::IngressNginx,
        _ if class.contains("traefik") => Controller::Traefik,
        _ if class.contains("haproxy") => Controller::HaProxy,
        _ => Controller::Other,
    })
}

/// Whose an Ingress without a class is, where it has annotations of another controller and none of Google's: such
/// clusters have a default class.
fn by_annotations(object: &Object<'_>) -> Option<Controller> {
    if object.annotations().any(|entry| is_googles(&entry.key())) {
        return None;
    }
    let foreign = |key: &str| match lookup("Ingress", key) {
        Verdict::Foreign(other) => by_prefix(other.prefix),
        _ => None,
    };
    object.annotations().find_map(|entry| foreign(&entry.key()))
}

/// The controller of a prefix; none for that of 2016, which was tried with every controller.
fn by_prefix(prefix: &str) -> Option<Controller> {
    match prefix {
        "ingress.kubernetes.io/" => None,
        "nginx.ingress.kubernetes.io/" => Some(Controller::IngressNginx),
        "alb.ingress.kubernetes.io/" => Some(Controller::AwsAlb),
        "traefik.ingress.kubernetes.io/" => Some(Controller::Traefik),
        "haproxy.org/" | "haproxy-ingress.github.io/" => Some(Controller::HaProxy),
        _ => Some(Controller::Other),
    }
}

impl<'s> Route<'s> {
    /// Whether both are the same rule of the same file.
    pub fn is(&self, other: &Self) -> bool {
        self.ingress.0.is(&other.ingress.0) && self.node.span() == other.node.span()
    }

    /// Whether it is the default backend of its Ingress.
    pub fn is_default(&self) -> bool {
        self.node.span() == self.backend.span()
    }

    /// The name of the Service.
    pub fn service_name(&self) -> Option<&'s str> {
        self.service()?.as_str()
    }

    /// The path of the rule: `spec.rules[host=chat.example.com].http.paths[path=/].path`.
    pub fn path_name(&self, field: &str) -> String {
        if self.is_default() {
            return format!("spec.defaultBackend.{field}");
        }
        let rule = Path::of_keys(&["spec", "rules"]).then(pick("host", self.host));
        let paths = Path::default().then(pick("path", self.path));
        format!("{rule}.http.paths{paths}.{field}")
    }

    /// Where the Service's name is written.
    pub fn service(&self) -> Option<Node<'s>> {
        let new = self.backend.at(&["service", "name"]);
        new.or_else(|| self.backend.get("serviceName"))
    }

    /// Where the Service's port is written.
    pub fn port(&self) -> Option<Node<'s>> {
        let new = self.backend.at(&["service", "port"]);
        let new = new.and_then(|port| port.get("number").or_else(|| port.get("name")));
        new.or_else(|| self.backend.get("servicePort"))
    }

    /// The port that it names.
    pub fn port_reference(&self) -> Option<PortReference<'s>> {
        let port = self.port()?;
        match port.as_int() {
            Some(number) => Some(PortReference::Number(number)),
            None => port.as_str().map(PortReference::Name),
        }
    }

    /// The text of the path; empty where there is none.
    pub fn path_text(&self) -> &'s str {
        self.path.and_then(Node::text).unwrap_or_default()
    }

    /// The text of the host.
    pub fn host_text(&self) -> Option<&'s str> {
        self.host.and_then(Node::as_str).filter(|host| !host.is_empty())
    }

    /// Whether Google's load balancer sends a request for a URL path here, by this rule alone
    /// (kubernetes/ingress-gce:pkg/controller/translator/translator.go, `validateAndGetPaths`).
    pub fn gce_matches(&self, url_path: &str) -> bool {
        let path = self.path_text();
        match self.path_type {
            PathType::Prefix => {
                let base = path.trim_end_matches('/');
                let rest = url_path.strip_prefix(base);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            PathType::Exact => url_path == path,
            PathType::ImplementationSpecific => match path {
                "" | "/*" => true,
                _ => match path.strip_suffix("/*") {
                    Some(base) => {
                        url_path.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'))
                    }
                    None => url_path == path,
                },
            },
        }
    }

    /// How specific the rule is to Google's load balancer: the longest path wins, an exact one before all.
    pub fn gce_rank(&self) -> (bool, usize) {
        let exact = match self.path_type {
            PathType::Exact => true,
            PathType::Prefix => false,
            PathType::ImplementationSpecific => !self.path_text().ends_with('*'),
        };
        (exact && !self.path_text().is_empty(), self.path_text().trim_end_matches('*').len())
    }
}

/// An item of a list by the text that it has under a key, or the first where it has none.
fn pick(key: &str, node: Option<Node<'_>>) -> Step {
    let value = node.and_then(Node::text).map(str::to_owned);
    let key = key.to_owned();
    value.map_or(Step::Index(0), |value| Step::Pick { key, value })
}
