//! Who has to follow when a port of a Service gets another number: every route that names the old one, whoever's it is.

use super::lists;
use super::same::said;
use super::{Change, ObjectDiff, Status, Why};
use crate::diagnostic::{Edit, Span};
use crate::kube::{Ingress, Object, PortReference, backends_of};
use crate::manifest::{Node, Path, Step};
use crate::set::{Place, Set};

/// A port of a Service that gets another number.
struct Moved<'s> {
    service: Object<'s>,
    old: i64,
    new: i64,
    /// Where the new one is rendered.
    here: Place,
}

/// A route that names a port by its number.
struct Named<'s> {
    service: &'s str,
    /// The namespace that it names for the Service; its own where it names none.
    namespace: Option<&'s str>,
    port: Node<'s>,
    /// All that says where the route leads.
    whole: Span,
}

/// Adds to the differences what has to follow them.
pub(super) fn add<'s>(diffs: &mut Vec<ObjectDiff<'s>>, theirs: &Set<'s>) {
    for moved in diffs.iter().flat_map(moved).collect::<Vec<_>>() {
        for object in &theirs.objects {
            let named = routes(object).into_iter();
            for route in named.filter(|route| moved.is_meant(route, object, theirs)) {
                push(diffs, object, &route, &moved);
            }
        }
    }
}

impl Moved<'_> {
    /// Whether a route leads to the port, by its old number.
    fn is_meant(&self, route: &Named<'_>, object: &Object<'_>, theirs: &Set<'_>) -> bool {
        let near = Object { namespace: route.namespace, ..*object };
        route.port.as_int() == Some(self.old)
            && route.service == self.service.name
            && theirs.find("Service", route.service, &near).is_some_and(|it| it.is(&self.service))
    }
}

/// The ports of a Service that get another number, but for those whose old number another port gets.
fn moved<'s>(diff: &ObjectDiff<'s>) -> Vec<Moved<'s>> {
    let (Some(ours), Some(service)) = (diff.ours, diff.theirs.filter(|one| one.kind == "Service"))
    else {
        return Vec::new();
    };
    let number = |text: &Option<String>| text.as_ref()?.parse::<i64>().ok();
    let ports = ours.in_spec(&["ports"]);
    let is_taken = |old| {
        let mut all = ports.into_iter().flat_map(Node::items);
        all.any(|port| port.get("port").and_then(Node::as_int) == Some(old))
    };
    let is_port = |change: &&Change| {
        let own = change.path.strip_prefix("spec.ports[");
        own.is_some_and(|rest| rest.ends_with("].port")) && change.edit.is_ok()
    };
    let changes = diff.changes.iter().filter(is_port);
    let moved = changes.filter_map(|change| {
        let (old, new) = (number(&change.old)?, number(&change.new)?);
        (!is_taken(old)).then_some(Moved { service, old, new, here: change.here })
    });
    moved.collect()
}

/// The Services that a route leads to, each with its namespace; those of an Ingress where it numbers the port.
pub(super) fn led_to<'s>(object: &Object<'s>) -> Vec<(&'s str, Option<&'s str>)> {
    routes(object).into_iter().map(|route| (route.service, route.namespace)).collect()
}

/// The routes of an object that name the port of a Service.
fn routes<'s>(object: &Object<'s>) -> Vec<Named<'s>> {
    let of_ingress = |object: &Object<'s>| {
        let routes = Ingress::new(*object).routes().into_iter();
        let named = routes.filter_map(|route| {
            let (service, port) = (route.service_name()?, route.port()?);
            matches!(route.port_reference(), Some(PortReference::Number(_))).then(|| Named {
                service,
                namespace: object.namespace,
                port,
                whole: route.node.span(),
            })
        });
        named.collect::<Vec<_>>()
    };
    if object.kind == "Ingress" {
        return of_ingress(object);
    }
    let backends = backends_of(object).into_iter().filter_map(|backend| {
        let (service, port) = (backend.service()?, backend.node.get("port")?);
        let namespace = backend.namespace();
        Some(Named { service, namespace, port, whole: backend.node.span() })
    });
    backends.collect()
}

fn push<'s>(
    diffs: &mut Vec<ObjectDiff<'s>>,
    object: &Object<'s>,
    route: &Named<'s>,
    moved: &Moved<'s>,
) {
    let Some(path) = path_to(object.node, route.port.span(), &Path::default()) else {
        return;
    };
    let change = Change {
        path: path.to_string(),
        old: Some(said(&moved.old.into())),
        new: Some(said(&moved.new.into())),
        there: Some(object.at(route.port)),
        here: moved.here,
        why: Why {
            rule: Some("service-not-found"),
            reason: "the port of the Service gets this number, and leads nowhere under the old one",
            ..Why::default()
        },
        edit: Ok((object.file.source, Edit::set(object.node.span(), path, moved.new))),
        notes: Vec::new(),
    };
    let is_it = |diff: &&mut ObjectDiff<'s>| diff.theirs.is_some_and(|one| one.is(object));
    match diffs.iter_mut().find(is_it) {
        Some(diff) if diff.changes.iter().any(|known| touches(known, object, route)) => {}
        Some(diff) => {
            diff.changes.push(change);
            diff.status = Status::Change;
        }
        None => diffs.push(ObjectDiff {
            status: Status::Change,
            ours: None,
            theirs: Some(*object),
            changes: vec![change],
        }),
    }
}

/// Whether a difference that is known is one of where a route leads, or makes the whole object anew.
fn touches(known: &Change, object: &Object<'_>, route: &Named<'_>) -> bool {
    let is_whole = matches!(
        &known.edit,
        Ok((_, Edit::Value { change: crate::diagnostic::ValueChange::Set { path, .. }, .. }))
            if path.steps.is_empty()
    );
    let is_there = |place: Place| {
        place.source == object.file.source
            && route.whole.start <= place.span.start
            && place.span.end <= route.whole.end
            && known.path.contains("backend")
    };
    is_whole || known.there.is_some_and(is_there)
}

/// The path to what stands at a span.
fn path_to(node: Node<'_>, wanted: Span, path: &Path) -> Option<Path> {
    let holds = |node: Node<'_>| {
        let span = node.span();
        span.start <= wanted.start && wanted.end <= span.end
    };
    if node.is_map() {
        let entry = node.entries().find(|entry| holds(entry.value()))?;
        return path_to(entry.value(), wanted, &path.clone().then(Step::Key(entry.key().into())));
    }
    if node.is_list() {
        let item = node.items().find(|item| holds(*item))?;
        let step = lists::step_to(&lists::name_of(path), node, item);
        return path_to(item, wanted, &path.clone().then(step));
    }
    (node.span() == wanted).then(|| path.clone())
}
