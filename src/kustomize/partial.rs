//! What a partial manifest has to say for an object to become another.

use serde_json::{Map, Value as Json};

use super::merge::keys_of;

/// What is to be laid over an object of a kind; `None` where no partial manifest can say it.
pub fn partial(kind: &str, before: &Json, after: &Json) -> Option<Json> {
    map(kind, before.as_object()?, after.as_object()?).map(Json::Object)
}

fn map(
    kind: &str,
    before: &Map<String, Json>,
    after: &Map<String, Json>,
) -> Option<Map<String, Json>> {
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let mut said: Map<String, Json> = gone.map(|key| (key.clone(), Json::Null)).collect();
    for (key, new) in after.iter().filter(|(key, new)| before.get(*key) != Some(*new)) {
        let value = match (before.get(key), new) {
            (Some(Json::Object(old)), Json::Object(new)) => Json::Object(map(kind, old, new)?),
            (Some(Json::Array(old)), Json::Array(new)) => list(kind, key, old, new)?,
            _ => new.clone(),
        };
        said.insert(key.clone(), value);
    }
    Some(said)
}

/// A list whose items have names is merged item by item; another one is said as a whole.
fn list(kind: &str, key: &str, old: &[Json], new: &[Json]) -> Option<Json> {
    let Some(names) = keys_of(kind, key) else {
        return Some(new.into());
    };
    let is_same = |one: &Json, other: &Json| {
        if names.is_empty() {
            one == other
        } else {
            names.iter().all(|name| one.get(*name) == other.get(*name))
        }
    };
    if old.iter().any(|one| !new.iter().any(|other| is_same(one, other))) {
        return None;
    }
    let mut said = Vec::new();
    for item in new {
        match old.iter().find(|one| is_same(one, item)) {
            None => said.push(item.clone()),
            Some(one) if one == item => {}
            Some(one) => {
                let known = names
                    .iter()
                    .filter_map(|name| Some(((*name).to_owned(), item.get(*name)?.clone())));
                let mut entry: Map<String, Json> = known.collect();
                entry.extend(map(kind, one.as_object()?, item.as_object()?)?);
                said.push(Json::Object(entry));
            }
        }
    }
    Some(said.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_said() {
        let before = json!({"spec": {"a": 1, "b": {"c": 2, "d": 3}, "e": [1]}});
        let after = json!({"spec": {"b": {"c": 4, "d": 3}, "e": [1, 2]}});
        let said = json!({"spec": {"a": null, "b": {"c": 4}, "e": [1, 2]}});
        assert_eq!(partial("BackendConfig", &before, &after), Some(said));
    }

    #[test]
    fn items_are_said_by_their_names_and_none_is_taken_away() {
        let port = |target: u16| json!({"name": "http", "port": 80, "targetPort": target});
        let ports = |all: &[Json]| json!({"spec": {"ports": all}});
        let two = ports(&[port(1), json!({"port": 81})]);
        assert_eq!(
            partial("Service", &two, &ports(&[port(2), json!({"port": 81})])),
            Some(json!({"spec": {"ports": [{"port": 80, "targetPort": 2}]}}))
        );
        assert_eq!(partial("Service", &two, &ports(&[port(1)])), None);
    }
}
