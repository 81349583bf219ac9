//! Lists whose items have names: two of one name are the same item, wherever each stands.

use super::hashed;
use crate::manifest::{Node, Step};

/// The key that tells the items of a list apart, by the list's own key
/// (kubernetes/api: `listMapKey` and `patchMergeKey` of the field).
fn merge_keys(list: &str) -> &'static [&'static str] {
    match list {
        "rules" => &["host"],
        "paths" => &["path"],
        "ports" => &["port", "containerPort", "name"],
        "containers" | "initContainers" | "volumes" | "env" => &["name"],
        "volumeMounts" => &["mountPath"],
        "tls" => &["secretName"],
        _ => &[],
    }
}

/// The step to an item of a list, by its name.
pub(super) fn pick(list: &str, item: Node<'_>) -> Option<Step> {
    let keys = merge_keys(list).iter();
    let mut named = keys.filter_map(|key| {
        let value = item.get(key)?.text()?;
        Some(Step::Pick { key: (*key).to_owned(), value: value.to_owned() })
    });
    named.next()
}

/// The item of a list that has the name that a step tells.
pub(super) fn picked<'s>(list: Node<'s>, step: &Step) -> Option<Node<'s>> {
    let Step::Pick { key, value } = step else {
        return None;
    };
    let text = |item: &Node<'s>| item.get(key).and_then(Node::text);
    let hashed = |item: &Node<'s>| {
        key == "secretName" && text(item).is_some_and(|other| hashed::is_same(value, other))
    };
    let exact = list.items().find(|item| text(item) == Some(value));
    exact.or_else(|| list.items().find(hashed))
}

/// Whether the order of a list of named items means something: what starts one after the other, or may speak of what
/// came before it.
pub(super) fn has_order(list: &str) -> bool {
    matches!(list, "initContainers" | "env" | "rules" | "paths")
}

/// Whether the order of a list means nothing: lists of names.
pub(super) fn is_set(list: &str) -> bool {
    matches!(list, "hosts" | "domains" | "finalizers")
}
