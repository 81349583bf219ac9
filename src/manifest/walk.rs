//! Every map of a value, however deep.

use super::Node;

/// Shows each map of a value, outer ones first. Aliases and what merge keys bring are not followed: what they show
/// stands elsewhere too.
pub fn each_map<'s>(node: Node<'s>, show: &mut dyn FnMut(Node<'s>)) {
    if node.is_alias() {
        return;
    }
    if node.is_map() {
        show(node);
    }
    for entry in node.entries().filter(|entry| !entry.is_merged()) {
        each_map(entry.value(), show);
    }
    for item in node.items() {
        each_map(item, show);
    }
}
