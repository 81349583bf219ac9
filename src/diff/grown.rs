//! Lists that edits make longer: what names its items by a number names another item after the number changed, and what
//! gave an item another name does not give it to a new one.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::Node;
use crate::set::Set;

/// The lists of objects: by the kind of an object and the field, and by the object.
#[derive(Debug, Default)]
struct Lists(BTreeMap<Field, BTreeMap<String, Items>>);

/// The kind of an object, and a field of it: `spec.rules.http.paths`.
type Field = (String, String);

#[derive(Debug, Default, Clone, Copy)]
struct Items {
    count: usize,
    /// Those that have the name of another.
    doubles: usize,
}

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
    /// Whether they have the names of others.
    pub are_doubles: bool,
}

impl Grown {
    /// Whether a list of the same kind of object got at least as many items here.
    #[must_use]
    pub fn is_as_much(&self, other: &Self) -> bool {
        let is_same = (&self.kind, &self.field) == (&other.kind, &other.field);
        is_same && !other.are_doubles && self.by >= other.by
    }
}

/// The lists of `before` that are longer in `after`, and those that have an item twice there.
pub fn grown(before: &Set<'_>, after: &Set<'_>) -> Vec<Grown> {
    let (before, after) = (Lists::of(before), Lists::of(after));
    let mut found = Vec::new();
    for (field, objects) in after.0 {
        let Some(old) = before.0.get(&field) else {
            continue;
        };
        for (object, new) in objects {
            let Some(old) = old.get(&object) else {
                continue;
            };
            let counts = [(old.count, new.count, false), (old.doubles, new.doubles, true)];
            for (old, new, are_doubles) in counts {
                if new > old {
                    let (kind, field) = field.clone();
                    let object = object.clone();
                    found.push(Grown { kind, object, field, by: new - old, are_doubles });
                }
            }
        }
    }
    found
}

/// What tells the items of a list apart that may not have the same twice.
fn name_of(list: &str, item: Node<'_>) -> Option<Vec<String>> {
    let keys: &[&str] = match list {
        "rules" => &["host"],
        "paths" => &["path", "pathType"],
        "tls" => &["secretName"],
        "ports" => &["port", "containerPort", "protocol"],
        _ => return None,
    };
    let text = |key: &&str| item.get(key).and_then(Node::text).unwrap_or_default().to_owned();
    Some(keys.iter().map(text).collect())
}

impl Lists {
    fn of(set: &Set<'_>) -> Self {
        let mut found = Self::default();
        for object in &set.objects {
            found.add((object.kind, &object.said()), object.node, "", "");
        }
        found
    }

    /// Items count by the keys that lead to them, as overlays may give them other names.
    fn add(&mut self, of: (&str, &str), node: Node<'_>, path: &str, key: &str) {
        for entry in node.entries() {
            let key = entry.key();
            let dot = if path.is_empty() { "" } else { "." };
            self.add(of, entry.value(), &format!("{path}{dot}{key}"), &key);
        }
        let all: Vec<Node<'_>> = node.items().filter(|item| item.is_map()).collect();
        if !all.is_empty() {
            let of_field = self.0.entry((of.0.to_owned(), path.to_owned())).or_default();
            let items = of_field.entry(of.1.to_owned()).or_default();
            let names: Vec<_> = all.iter().filter_map(|item| name_of(key, *item)).collect();
            items.count += all.len();
            items.doubles += names.len() - names.iter().collect::<BTreeSet<_>>().len();
        }
        node.items().for_each(|item| self.add(of, item, path, key));
    }
}
