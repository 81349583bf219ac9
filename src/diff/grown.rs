//! Lists that edits make longer: what names its items by a number names another item after the number changed.

use std::collections::BTreeMap;

use crate::manifest::Node;
use crate::set::Set;

/// How long the lists of objects are: by the kind of an object and the field, and by the object's name.
#[derive(Debug, Default)]
struct Lengths(BTreeMap<Field, BTreeMap<String, usize>>);

/// The kind of an object, and a field of it: `spec.rules.http.paths`.
type Field = (String, String);

/// A list that got more items.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grown {
    /// The kind of the object.
    pub kind: String,
    /// The object, by its kind and name.
    pub object: String,
    /// The field.
    pub field: String,
    /// How many more.
    pub by: usize,
}

impl Grown {
    /// Whether a list of the same kind of object got at least as many items here.
    #[must_use]
    pub fn is_as_much(&self, other: &Self) -> bool {
        (&self.kind, &self.field) == (&other.kind, &other.field) && self.by >= other.by
    }
}

/// The lists of `before` that are longer in `after`.
pub fn grown(before: &Set<'_>, after: &Set<'_>) -> Vec<Grown> {
    let (before, after) = (Lengths::of(before), Lengths::of(after));
    let mut found = Vec::new();
    for ((kind, field), objects) in after.0 {
        let old = before.0.get(&(kind.clone(), field.clone()));
        for (object, length) in objects {
            let by = old.and_then(|old| length.checked_sub(*old.get(&object)?)).unwrap_or(0);
            if by > 0 {
                let (kind, field) = (kind.clone(), field.clone());
                found.push(Grown { kind, object, field, by });
            }
        }
    }
    found
}

impl Lengths {
    fn of(set: &Set<'_>) -> Self {
        let mut found = Self::default();
        for object in &set.objects {
            found.add(object.kind, &object.said(), object.node, "");
        }
        found
    }

    /// Items count by the keys that lead to them, as overlays may give them other names.
    fn add(&mut self, kind: &str, object: &str, node: Node<'_>, path: &str) {
        for entry in node.entries() {
            let key = entry.key();
            let dot = if path.is_empty() { "" } else { "." };
            self.add(kind, object, entry.value(), &format!("{path}{dot}{key}"));
        }
        let count = node.items().filter(|item| item.is_map()).count();
        if count > 0 {
            let of_field = self.0.entry((kind.to_owned(), path.to_owned())).or_default();
            *of_field.entry(object.to_owned()).or_default() += count;
        }
        node.items().for_each(|item| self.add(kind, object, item, path));
    }
}
