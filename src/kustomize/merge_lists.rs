//! Merging lists whose items have names, in the steps in which Kustomize does it
//! (`kubernetes-sigs/kustomize:kyaml/yaml/walk/associative_sequence.go`, `kyaml/yaml/fns.go`).
//!
//! What comes out is not always what a patch seems to say. Of two names, as a port has them, an item may say one only,
//! and then it counts as another item at one step and as the same at the next: a patch of such a port may be lost. So
//! nothing is made better here, and the tests ask the real one.

use super::merge::{cleaned, directive};
use super::value::Value;

/// The items of a list with a patch laid over them. `merge` lays an item of the patch over one of the list.
pub(super) fn merged(
    old: Vec<Value>,
    patch: &[Value],
    keys: &[&'static str],
    merge: &dyn Fn(&mut Value, &Value),
) -> Vec<Value> {
    let names = names(&old, patch, keys);
    let mut there: Vec<usize> = (0..old.len()).collect();
    let mut merging = Merging { items: old, patch, is_met: vec![false; patch.len()], merge };
    let mut list = Vec::new();
    let keys = told(&names, keys);
    for name in &names {
        let name =
            Name { keys: &keys.0, values: keys.1.iter().map(|at| name[*at].clone()).collect() };
        match merging.item(&there, &name) {
            Some(item) => merging.put(&mut list, Some(item), &name),
            None => merging.put(&mut there, None, &name),
        }
    }
    for item in there {
        merging.append(&mut list, item, &keys.0);
    }
    list.into_iter().map(|item| merging.items[item].clone()).collect()
}

/// The names of all items, those of the patch first. Two that differ only in what one of them leaves out become one.
fn names(old: &[Value], patch: &[Value], keys: &[&str]) -> Vec<Vec<String>> {
    let mut names: Vec<Vec<String>> = Vec::new();
    for item in patch.iter().chain(old) {
        let name = keys.iter().map(|key| text(item, key).unwrap_or_default()).collect();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if keys.len() < 2 {
        return names;
    }
    for one in 0..names.len() {
        let own = names[one].clone();
        for other in 0..names.len() {
            if let Some(both) = agreed(&own, &names[other]) {
                names[one].clone_from(&both);
                names[other] = both;
            }
        }
    }
    names
}

/// What two names come to that have something in common, and contradict each other nowhere.
fn agreed(one: &[String], other: &[String]) -> Option<Vec<String>> {
    let pairs = || one.iter().zip(other);
    let is_common = pairs().any(|(one, other)| one == other);
    let contradicts =
        |(one, other): (&String, &String)| one != other && !one.is_empty() && !other.is_empty();
    let either =
        |(one, other): (&String, &String)| if one.is_empty() { other } else { one }.clone();
    (is_common && !pairs().any(contradicts)).then(|| pairs().map(either).collect())
}

/// The keys that any name tells, and which of all keys they are; all where none does.
fn told(names: &[Vec<String>], keys: &[&'static str]) -> (Vec<&'static str>, Vec<usize>) {
    let is_told = |at: &usize| names.iter().any(|name| !name[*at].is_empty());
    let mut told: Vec<usize> = (0..keys.len()).filter(is_told).collect();
    if told.is_empty() {
        told = (0..keys.len()).collect();
    }
    (told.iter().map(|at| keys[*at]).collect(), told)
}

/// The scalar under a key, as it is written.
fn text(item: &Value, key: &str) -> Option<String> {
    let value = item.get(key).filter(|value| !value.is_null())?;
    Some(value.as_str().map_or_else(|| value.json().to_string(), str::to_owned))
}

/// What an item is looked for by: keys, and the values of as many of them as are known.
struct Name<'k> {
    keys: &'k [&'static str],
    values: Vec<String>,
}

impl Name<'_> {
    /// Whether an item has the name. A value that is empty stands for any; a key without one is not asked for.
    fn fits(&self, item: &Value) -> bool {
        let has = |(key, value): (&&str, &String)| {
            text(item, key).is_some_and(|other| value.is_empty() || other == *value)
        };
        !self.values.is_empty() && self.keys.iter().zip(&self.values).all(has)
    }

    /// Whether an item has the name, of which only what it tells counts.
    fn is_of(&self, item: &Value) -> bool {
        let tells = self.values.iter().any(|value| !value.is_empty());
        let mut told = self.keys.iter().zip(&self.values).filter(|(_, value)| !value.is_empty());
        tells && told.all(|(key, value)| text(item, key).as_ref() == Some(value))
    }
}

/// Lists of items by their numbers: what changes an item changes it in all of them.
struct Merging<'p> {
    items: Vec<Value>,
    patch: &'p [Value],
    /// Whether an item of the patch was met: what it says of itself counts the first time.
    is_met: Vec<bool>,
    merge: &'p dyn Fn(&mut Value, &Value),
}

impl Merging<'_> {
    /// The item of a name after the patch; `None` if it goes.
    fn item(&mut self, there: &[usize], name: &Name<'_>) -> Option<usize> {
        let known = there.iter().copied().find(|item| name.is_of(&self.items[*item]));
        let Some(at) = self.patch.iter().position(|item| name.is_of(item)) else {
            return known.filter(|item| !is_empty(&self.items[*item]));
        };
        let patch = &self.patch[at];
        let says = directive(patch).filter(|_| !self.is_met[at]);
        self.is_met[at] = true;
        let item = match (says, known) {
            (Some("delete"), _) => return None,
            (None | Some("merge"), Some(item)) => {
                (self.merge)(&mut self.items[item], patch);
                item
            }
            _ => {
                self.items.push(cleaned(patch));
                self.items.len() - 1
            }
        };
        Some(item).filter(|item| !is_empty(&self.items[*item]))
    }

    /// Puts an item into the place of every one of its name, or behind the others; takes those out if there is none.
    fn put(&self, list: &mut Vec<usize>, item: Option<usize>, name: &Name<'_>) {
        let mut is_found = false;
        let mut new = Vec::with_capacity(list.len() + 1);
        for other in list.iter().copied().filter(|other| !is_empty(&self.items[*other])) {
            if name.fits(&self.items[other]) {
                is_found = true;
                new.extend(item);
            } else if !name.values.is_empty() {
                new.push(other);
            }
        }
        new.extend(item.filter(|_| !is_found));
        *list = new;
    }

    /// Puts an item of the list behind those of the patch. Where it leaves out a name it comes once more for that.
    fn append(&self, list: &mut Vec<usize>, item: usize, keys: &[&'static str]) {
        let mut values = Vec::new();
        for key in keys {
            match text(&self.items[item], key) {
                Some(value) => values.push(value),
                None => list.push(item),
            }
        }
        let name = Name { keys, values };
        if keys.len() > 1 {
            self.put(list, None, &name);
        }
        self.put(list, Some(item), &name);
    }
}

fn is_empty(item: &Value) -> bool {
    item.is_null() || item.map().is_some_and(|map| map.entries.is_empty())
}
