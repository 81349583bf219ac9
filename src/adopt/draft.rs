//! An app.toml that is being written: keys with their values, and what is to be said about them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::text;
use crate::plan::{Plan, decide};
use crate::spec::{Layers, Problem, Profile, Spec};

/// More refusals than this are none that leaving a key out would end.
const MOST_REFUSALS: usize = 40;

/// Keys, values and comments.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// What stands above the first key.
    pub(super) preamble: Vec<String>,
    /// The keys, nested as they will be in the file.
    pub(super) table: Map<String, Json>,
    /// Whether the host is made up: there is none in the files.
    pub(super) lacks_host: bool,
    /// What is said above each key, whether it has a value or not.
    pub(super) notes: BTreeMap<String, Vec<String>>,
}

/// A draft that the plan accepts.
#[derive(Debug)]
pub(super) struct Settled {
    /// The draft, without what was refused.
    pub(super) draft: Draft,
    /// What it decides; `None` where it is refused whatever is left out.
    pub(super) plan: Option<Plan>,
    /// Why it is refused, if it is.
    pub(super) refusal: Option<String>,
}

impl Draft {
    /// Gives a key a value.
    pub(super) fn set(&mut self, key: &str, value: impl Serialize) {
        let value = serde_json::to_value(value).expect("a value of a spec is JSON");
        let (tables, last) = split(key);
        let mut table = &mut self.table;
        for name in tables {
            let inner = table.entry(name).or_insert_with(|| Json::Object(Map::new()));
            let Json::Object(inner) = inner else { return };
            table = inner;
        }
        table.insert(last, value);
    }

    /// Gives a key a value that is certain, or none where the default is: nothing is left to be said of it.
    pub(super) fn settle_key(&mut self, key: &str, value: Option<impl Serialize>) {
        self.notes.remove(key);
        match value {
            Some(value) => self.set(key, value),
            None => self.unset(key),
        }
    }

    fn unset(&mut self, key: &str) {
        let (tables, last) = split(key);
        let mut table = &mut self.table;
        for name in tables {
            let Some(Json::Object(inner)) = table.get_mut(&name) else { return };
            table = inner;
        }
        table.remove(&last);
    }

    /// Gives a key the value that a text stands for; one that it cannot stand for is said.
    pub(super) fn parse<T>(&mut self, key: &str, text: &str) -> bool
    where
        T: std::str::FromStr + Serialize,
        T::Err: std::fmt::Display,
    {
        match text.parse::<T>() {
            Ok(value) => {
                self.set(key, value);
                true
            }
            Err(error) => {
                self.note(key, format!("`{text}` is not taken over: {error}"));
                false
            }
        }
    }

    /// Says something about a key; twice the same is once.
    pub(super) fn note(&mut self, key: &str, note: impl Into<String>) {
        let notes = self.notes.entry(key.to_owned()).or_default();
        let note = note.into();
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Json> {
        let (tables, last) = split(key);
        let mut table = &self.table;
        for name in tables {
            table = table.get(&name)?.as_object()?;
        }
        table.get(&last)
    }

    /// The text of the file. `schema` is where editors find the schema.
    pub(super) fn text(&self, schema: &str) -> String {
        text::of(self, schema)
    }

    /// Takes out what the plan refuses, with the reason beside it, until it refuses nothing.
    pub(super) fn settle(mut self, profile: &Profile) -> Settled {
        for _ in 0..MOST_REFUSALS {
            let problems = match self.decided(profile) {
                Ok(plan) => {
                    return Settled { draft: self, plan: Some(plan), refusal: None };
                }
                Err(problems) => problems,
            };
            let mut culprits =
                problems.iter().flat_map(|problem| problem.keys().map(move |key| (problem, key)));
            let found = culprits.find(|(_, key)| self.may_go(key));
            let Some((problem, key)) = found else {
                let refusal = problems.first().map(|one| one.message().to_owned());
                return Settled { draft: self, plan: None, refusal };
            };
            self.leave_out(key, problem);
        }
        Settled {
            draft: self,
            plan: None,
            refusal: Some("too much of it contradicts itself".to_owned()),
        }
    }

    fn decided(&self, profile: &Profile) -> Result<Plan, Vec<Problem>> {
        let mut layers = Layers::default();
        let failed = |what: &str| vec![Problem::new("unreadable", what, "")];
        layers.add("app.toml", &self.text("")).map_err(|_| failed("it is no TOML"))?;
        layers.lay_on(profile);
        let spec: Spec = layers.spec().map_err(|problems| {
            let first = problems.first().map(|one| one.message.clone());
            failed(first.as_deref().unwrap_or("it is no app.toml"))
        })?;
        decide(&spec, &profile.platform, &layers)
    }

    fn may_go(&self, key: &str) -> bool {
        !matches!(key, "name" | "host" | "port" | "profile") && self.holds(key)
    }

    fn holds(&self, key: &str) -> bool {
        match Item::of(key) {
            Some(item) => {
                let items = self.get(&item.list).and_then(Json::as_array);
                items.is_some_and(|items| item.index < items.len())
            }
            None => self.get(key).is_some(),
        }
    }

    fn leave_out(&mut self, key: &str, problem: &Problem) {
        let place = match Item::of(key) {
            Some(item) => {
                let (tables, last) = split(&item.list);
                if let Some(Json::Array(items)) =
                    innermost(&mut self.table, &tables).and_then(|table| table.get_mut(&last))
                {
                    let gone = items.remove(item.index);
                    self.note(&item.list, was(&gone, problem));
                }
                self.keep_a_route();
                return;
            }
            None => key,
        };
        let (tables, last) = split(place);
        let gone = innermost(&mut self.table, &tables).and_then(|table| table.remove(&last));
        if let Some(gone) = gone {
            let of_table = tables.join(".");
            let said_at = if last.contains(['/', '.']) { &of_table } else { place };
            self.note(said_at, was(&gone, problem));
        }
    }

    /// Gives the app the path of its sessions where no route is left. Without any, `/` would be this app's.
    pub(super) fn keep_a_route(&mut self) {
        const KEY: &str = "ingress.route";
        if self.get(KEY).and_then(Json::as_array).is_some_and(Vec::is_empty) {
            let path = self.get("socketio.path").and_then(Json::as_str).unwrap_or("/socket.io/");
            self.set(KEY, [json!({ "path": path })]);
        }
    }
}

/// An item of a list, as problems name it: `nginx.location[0].path`.
struct Item {
    list: String,
    index: usize,
}

impl Item {
    fn of(key: &str) -> Option<Self> {
        let (list, rest) = key.split_once('[')?;
        let (index, _) = rest.split_once(']')?;
        Some(Self { list: list.to_owned(), index: index.parse().ok()? })
    }
}

fn was(gone: &Json, problem: &Problem) -> String {
    format!("was {}, which is not taken over: {}", text::value(gone), problem.message())
}

/// The tables around a key, and its own name. A name in quotes may hold dots.
fn split(key: &str) -> (Vec<String>, String) {
    let (plain, quoted) = match key.split_once(".\"") {
        Some((plain, quoted)) => (plain, Some(quoted.trim_end_matches('"').to_owned())),
        None => (key, None),
    };
    let mut parts: Vec<String> = plain.split('.').map(str::to_owned).collect();
    let last = quoted.or_else(|| parts.pop()).unwrap_or_default();
    (parts, last)
}

fn innermost<'t>(
    table: &'t mut Map<String, Json>,
    tables: &[String],
) -> Option<&'t mut Map<String, Json>> {
    tables.iter().try_fold(table, |table, name| table.get_mut(name)?.as_object_mut())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_may_be_nested_quoted_and_counted() {
        assert_eq!(split("name"), (vec![], "name".to_owned()));
        assert_eq!(
            split("annotations.\"a.b/c\""),
            (vec!["annotations".to_owned()], "a.b/c".to_owned())
        );
        let mut draft = Draft::default();
        draft.set("session.max-age", "1h");
        draft.set("nginx.location", [1, 2]);
        assert!(draft.holds("session.max-age") && draft.holds("nginx.location[1].path"));
        assert!(!draft.holds("nginx.location[2].path"));
        let problem = Problem::new("a", "it is wrong", "");
        draft.leave_out("nginx.location[0].path", &problem);
        assert_eq!(draft.get("nginx.location"), Some(&serde_json::json!([2])));
        assert_eq!(draft.notes["nginx.location"], ["was 1, which is not taken over: it is wrong"]);
    }
}
