//! What kubectl and gcloud printed, read: one document or several, JSON or YAML.
//!
//! What is secret goes here, before anything else sees it. Secrets are never asked for, but whoever saves a read-out
//! may have saved more than was asked.

use serde::Deserialize as _;
use serde_json::{Map, Value};

/// Why a text is no read-out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

/// A read-out is read into memory whole.
pub const LONGEST: usize = 64 << 20;

/// The objects of what kubectl printed, without what is secret.
pub fn objects(text: &str) -> Result<Vec<Value>, Unreadable> {
    let mut found = Vec::new();
    for document in documents(text)? {
        found.extend(items(document));
    }
    if found.iter().any(|one| one["kind"] == "Status") {
        return Err(Unreadable("it holds an error of the API server".into()));
    }
    let is_object = |one: &Value| one["kind"].is_string() && one["apiVersion"].is_string();
    if let Some(at) = found.iter().position(|one| !is_object(one)) {
        let message = format!("item {} is no Kubernetes object: it has no kind", at + 1);
        return Err(Unreadable(message));
    }
    found.retain(|one| one["kind"] != "Secret");
    found.iter_mut().for_each(hide_secrets);
    Ok(found)
}

/// The resources of what gcloud printed: arrays, or single ones.
pub fn resources(text: &str) -> Result<Vec<Value>, Unreadable> {
    let mut found = Vec::new();
    for document in documents(text)? {
        match document {
            Value::Array(items) => found.extend(items),
            other => found.push(other),
        }
    }
    match found.iter().position(|one| !is_resource(one)) {
        None => Ok(found),
        Some(at) => Err(Unreadable(format!(
            "item {} is no resource of Compute Engine: it says neither its kind nor its address{}",
            at + 1,
            if found[at]["apiVersion"].is_string() { ", and looks like kubectl's" } else { "" }
        ))),
    }
}

/// Whether it is a resource as the API gives it, all of it, or the health of a backend service's group. Of one that was
/// printed in part, nobody knows what a field says that is not there.
fn is_resource(one: &Value) -> bool {
    let kind = one["kind"].as_str().is_some_and(|kind| kind.starts_with("compute#"));
    kind || one["selfLink"].is_string() || (one["backend"].is_string() && one["status"].is_object())
}

/// The documents of a text.
fn documents(text: &str) -> Result<Vec<Value>, Unreadable> {
    if text.len() > LONGEST {
        return Err(Unreadable(format!("it is larger than {} MiB", LONGEST >> 20)));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
    let read = if text.starts_with(['{', '[']) { json(text) } else { yaml(text) };
    let mut read = read?;
    read.retain(|one| !one.is_null());
    let whole = |one: &Value| one.is_object() || one.is_array();
    if read.iter().all(whole) {
        Ok(read)
    } else {
        Err(Unreadable("it is neither JSON nor YAML of objects".into()))
    }
}

/// The message of the parser may repeat the text, so only its place is told.
fn json(text: &str) -> Result<Vec<Value>, Unreadable> {
    let documents = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    documents.collect::<Result<_, _>>().map_err(|error| {
        Unreadable(format!("it is no JSON: see line {}, column {}", error.line(), error.column()))
    })
}

fn yaml(text: &str) -> Result<Vec<Value>, Unreadable> {
    let documents = serde_yaml::Deserializer::from_str(text).map(Value::deserialize);
    documents.collect::<Result<_, _>>().map_err(|error| {
        let at = error.location();
        Unreadable(match at {
            Some(at) => format!("it is no YAML: see line {}, column {}", at.line(), at.column()),
            None => "it is no YAML".into(),
        })
    })
}

/// The items of a list; the items of a `ServiceList` do not say themselves what they are.
fn items(document: Value) -> Vec<Value> {
    let Value::Object(mut map) = document else {
        return match document {
            Value::Array(items) => items.into_iter().flat_map(items_of).collect(),
            other => vec![other],
        };
    };
    let kind = map.get("kind").and_then(Value::as_str).unwrap_or_default();
    let Some(of) = kind.strip_suffix("List").map(str::to_owned) else {
        return vec![Value::Object(map)];
    };
    let version = map.get("apiVersion").cloned();
    let Some(Value::Array(mut items)) = map.remove("items") else {
        return Vec::new();
    };
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        if !of.is_empty() && !item.contains_key("kind") {
            item.insert("kind".into(), of.clone().into());
            item.extend(version.clone().map(|version| ("apiVersion".to_owned(), version)));
        }
    }
    items
}

fn items_of(document: Value) -> Vec<Value> {
    items(document)
}

/// Takes out what sioway has no use for and may be secret: the values of environments, the copy of an object that
/// `kubectl apply` keeps, and who wrote which field.
fn hide_secrets(object: &mut Value) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
        if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
            annotations.retain(|key, _| !key.ends_with("/last-applied-configuration"));
        }
    }
    hide_environments(object, 0);
}

/// No object of Kubernetes is as deep as this.
const DEEPEST: usize = 64;

fn hide_environments(value: &mut Value, depth: usize) {
    if depth > DEEPEST {
        *value = Value::Null;
        return;
    }
    match value {
        Value::Array(items) => {
            for item in items {
                hide_environments(item, depth + 1);
            }
        }
        Value::Object(map) => {
            hide_environment(map);
            for item in map.values_mut() {
                hide_environments(item, depth + 1);
            }
        }
        _ => {}
    }
}

fn hide_environment(map: &mut Map<String, Value>) {
    let Some(Value::Array(variables)) = map.get_mut("env") else {
        return;
    };
    for variable in variables.iter_mut().filter_map(Value::as_object_mut) {
        variable.remove("value");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let name = |one: &Value| format!("{}/{}", one["kind"], one["metadata"]["name"]);
        objects(text).unwrap().iter().map(|one| name(one).replace('"', "")).collect()
    }

    #[test]
    fn reads_what_kubectl_prints() {
        let one = r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"}}"#;
        assert_eq!(names(one), ["Service/a"]);
        assert_eq!(names(&format!("{one}\n{one}")), ["Service/a", "Service/a"]);
        let list = format!(r#"{{"apiVersion":"v1","kind":"List","items":[{one}]}}"#);
        assert_eq!(names(&format!("\u{feff}{list}{one}")), ["Service/a", "Service/a"]);
        let typed =
            r#"{"apiVersion":"v1","kind":"ServiceList","items":[{"metadata":{"name":"a"}}]}"#;
        assert_eq!(names(typed), ["Service/a"]);
        let yaml = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n";
        assert_eq!(names(&format!("{yaml}---\n{yaml}")), ["Service/a", "Service/a"]);
        assert_eq!(names(""), [""; 0]);
    }

    #[test]
    fn says_what_is_none_without_repeating_it() {
        let status = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"message\":\"password\"}";
        for text in
            ["{\"password\": oops", "password: [a", "password", "[1]", "{\"password\":1}", status]
        {
            let message = objects(text).unwrap_err().to_string();
            assert!(!message.contains("password") && !message.contains("oops"), "{message}");
        }
    }

    #[test]
    fn texts_that_mean_no_good_are_refused() {
        let line = |level: usize| {
            let alias = format!("*a{}", level - 1);
            format!("a{level}: &a{level} [{}]", [alias.as_str(); 10].join(", "))
        };
        let lines: Vec<String> = (1..12).map(line).collect();
        let laughs = format!("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{}\n", lines.join("\n"));
        let deep = ["[".repeat(100_000), "{\"a\":".repeat(100_000), "- ".repeat(100_000)];
        for text in [&[laughs][..], &deep].concat() {
            assert!(objects(&text).is_err() && resources(&text).is_err());
        }
    }

    #[test]
    fn secrets_go() {
        let text = "\
apiVersion: v1
kind: Secret
metadata: {name: s}
data: {key: c2VjcmV0}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: d
  managedFields: [secret]
  annotations: {kubectl.kubernetes.io/last-applied-configuration: secret, keep: me}
spec:
  template:
    spec:
      containers: [{name: c, env: [{name: TOKEN, value: secret}]}]
";
        let all = format!("{:?}", objects(text).unwrap());
        assert!(!all.contains("secret") && !all.contains("c2VjcmV0"), "{all}");
        assert!(all.contains("TOKEN") && all.contains("keep"), "{all}");
    }

    #[test]
    fn reads_what_gcloud_prints() {
        let read = |text| resources(text).map(|all| all.len());
        let json = "[{\"kind\":\"compute#urlMap\"},{\"selfLink\":\"b\"}]\n[]\n{\"backend\":\"c\",\"status\":{}}";
        assert_eq!(read(json), Ok(3));
        assert_eq!(read("- selfLink: a\n- selfLink: b\n"), Ok(2));
        for text in
            ["[1]", "nothing", "{\"error\":{}}", "[{\"name\":\"a\"}]", "{\"kind\":\"List\"}"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
