//! What the API server, or the controller, does not take of a BackendConfig.

use super::fields::{Field, Given, check_value, field, fields_of};
use super::{BackendConfig, is_placeholder};
use crate::manifest::Node;

/// Who refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefusedBy {
    /// The API server: the object is not there, or stays as it was.
    ApiServer,
    /// The controller: every Ingress that uses the BackendConfig stops syncing.
    Controller,
}

/// A value that its field may not have.
#[derive(Debug, Clone)]
pub struct RefusedValue<'s> {
    /// The value.
    pub node: Node<'s>,
    /// Its path, with `[]` for the items of a list.
    pub path: String,
    /// The field.
    pub field: &'static Field,
    /// What is wrong with it.
    pub why: String,
    /// Who refuses it.
    pub by: RefusedBy,
}

impl<'s> BackendConfig<'s> {
    /// The values that their fields may not have, in the order of the file.
    pub fn refused_values(&self) -> Vec<RefusedValue<'s>> {
        let mut found = Vec::new();
        if let Some(spec) = self.0.spec() {
            visit(spec, "spec", &mut found);
        }
        found
    }

    /// The keys without which the API server does not take a block that is there, each with the keys to the block.
    pub fn keys_missing(&self) -> Vec<(&'static Field, Vec<&'static str>)> {
        let required = fields_of("BackendConfig").filter(|field| field.required);
        let missing = required.filter_map(|field| {
            let mut keys: Vec<&str> = field.path.split('.').skip(1).collect();
            let name = keys.pop()?;
            let there = self.get(&keys).filter(|node| node.is_map());
            there.is_some_and(|block| block.get(name).is_none()).then_some((field, keys))
        });
        missing.collect()
    }

    /// What turns on Identity-Aware Proxy and Cloud CDN, which the controller refuses together
    /// (kubernetes/ingress-gce:pkg/backendconfig/validation.go).
    pub fn iap_beside_cdn(&self) -> Option<(Node<'s>, Node<'s>)> {
        let on = |block: &str| {
            let enabled = self.get(&[block, "enabled"])?;
            (enabled.as_bool() == Some(true)).then_some(enabled)
        };
        Some((on("iap")?, on("cdn")?))
    }
}

fn visit<'s>(node: Node<'s>, path: &str, found: &mut Vec<RefusedValue<'s>>) {
    let refused = field("BackendConfig", path).and_then(|field| refused(node, path, field));
    if let Some(refused) = refused {
        return found.push(refused);
    }
    for entry in node.entries() {
        visit(entry.value(), &format!("{path}.{}", entry.key()), found);
    }
    for item in node.items() {
        visit(item, &format!("{path}[]"), found);
    }
}

fn refused<'s>(node: Node<'s>, path: &str, field: &'static Field) -> Option<RefusedValue<'s>> {
    let given = Given::from(node);
    // An empty affinity is taken, and sent (kubernetes/ingress-gce:pkg/backendconfig/validation.go).
    let is_empty = path == "spec.sessionAffinity.affinityType" && given == Given::Text("");
    if is_empty || matches!(given, Given::Text(text) if is_placeholder(text)) {
        return None;
    }
    let why = check_value(field, given)?;
    let by =
        if field.shape.is_type_of(given) { RefusedBy::Controller } else { RefusedBy::ApiServer };
    Some(RefusedValue { node, path: path.to_owned(), field, why, by })
}
