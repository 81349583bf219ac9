//! The routes of an Ingress: the same way may be written in other words.

use super::lists;
use super::value::Comparison;
use crate::kube::{Ingress, Object, PortReference, Service};
use crate::manifest::{Node, Path, Step};

impl<'s> Comparison<'_, '_, 's> {
    /// Whether the backends of two Ingresses name one port of one Service, one of them by its number.
    pub(super) fn is_same_port(&self, ours: Node<'s>, theirs: Node<'s>, path: &Path) -> bool {
        let name = ours.get("name").and_then(Node::as_str);
        let same_service = name.is_some() && name == theirs.get("name").and_then(Node::as_str);
        if self.one.kind != "Ingress" || !same_service || lists::name_of(path) != "service" {
            return false;
        }
        let services = name.map(|name| self.ground.services(name, self.other)).unwrap_or_default();
        let port = |service: &Service<'_>, side: Node<'s>| {
            service.port(port_reference(side.get("port")?)?)?.number
        };
        // The one that is there says which port a name means that it keeps.
        let mut both = services.iter().map(|service| (port(service, ours), port(service, theirs)));
        both.any(|(ours, theirs)| ours.is_some() && ours == theirs)
    }

    /// Compares where the route for everything leads, if it is there in other words: to Google's load balancers `/` of
    /// the type `Prefix` and `/*` of none are one path
    /// (kubernetes/ingress-gce:pkg/controller/translator/translator.go, `validateAndGetPaths`).
    pub(super) fn is_everything_else(
        &mut self,
        list: &str,
        ours: Node<'s>,
        all: Node<'s>,
        path: &Path,
    ) -> bool {
        let is_googles =
            |object: &Object<'_>| object.kind == "Ingress" && Ingress::new(*object).is_gce();
        if list != "paths"
            || !is_everything(ours)
            || !is_googles(self.one)
            || !is_googles(self.other)
        {
            return false;
        }
        let Some(item) = all.items().find(|item| is_everything(*item)) else {
            return false;
        };
        let path = path.clone().then(lists::step_to(list, all, item));
        if let Some(backend) = ours.get("backend") {
            let step = Step::Key("backend".to_owned());
            self.compare(backend, item.get("backend"), &path.then(step), item);
        }
        true
    }
}

/// Whether a path of an Ingress takes every request.
fn is_everything(item: Node<'_>) -> bool {
    let text = |key| item.get(key).and_then(Node::text);
    match text("pathType") {
        Some("Prefix") => text("path") == Some("/"),
        Some("ImplementationSpecific") | None => matches!(text("path"), None | Some("" | "/*")),
        Some(_) => false,
    }
}

/// How the backend of an Ingress names a port.
fn port_reference(port: Node<'_>) -> Option<PortReference<'_>> {
    let (name, number) = (port.get("name"), port.get("number"));
    match (name.and_then(Node::as_str), number.and_then(Node::as_int)) {
        (Some(name), None) if number.is_none() => Some(PortReference::Name(name)),
        (None, Some(number)) if name.is_none() => Some(PortReference::Number(number)),
        _ => None,
    }
}
