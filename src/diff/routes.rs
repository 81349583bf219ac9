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

    /// Compares where a route leads, if it is there in other words: to Google's load balancers `/` of the type `Prefix`
    /// and `/*` of none are one path, and `/x/` of the type `Prefix` takes `/x/*`. Of two routes with one path the later
    /// one wins there, so ours beside it would take its requests
    /// (kubernetes/ingress-gce:pkg/controller/translator/translator.go, `validateAndGetPaths`;
    /// pkg/utils/gceurlmap.go).
    pub(super) fn is_there_in_other_words(
        &mut self,
        list: &str,
        ours: Node<'s>,
        all: Node<'s>,
        path: &Path,
    ) -> bool {
        let is_googles =
            |object: &Object<'_>| object.kind == "Ingress" && Ingress::new(*object).is_gce();
        if list != "paths" || !is_googles(self.one) || !is_googles(self.other) {
            return false;
        }
        let Some(item) = all.items().find(|item| is_one_path(ours, *item)) else {
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

/// Whether two paths of an Ingress take the same requests, or all but the one for `/x` without its slash.
fn is_one_path(ours: Node<'_>, item: Node<'_>) -> bool {
    is_everything(ours) && is_everything(item) || is_below(ours, item)
}

/// Whether a path is `/x/*` where ours is `/x` or `/x/` of the type `Prefix`, which takes that too.
fn is_below(ours: Node<'_>, item: Node<'_>) -> bool {
    let text = |node: Node<'_>, key| node.get(key).and_then(Node::text).map(str::to_owned);
    let verbatim =
        matches!(text(item, "pathType").as_deref(), Some("ImplementationSpecific") | None);
    let path = text(ours, "path").map(|path| path.trim_end_matches('/').to_owned());
    let is_prefix = text(ours, "pathType").as_deref() == Some("Prefix");
    verbatim && is_prefix && path.map(|path| path + "/*") == text(item, "path")
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
