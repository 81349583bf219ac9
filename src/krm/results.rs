//! What a function says of an object, in the words of the contract.

use serde_json::{Map, Value, json};

use super::json as value_of;
use crate::diagnostic::{Applicability, Edit, Finding, Severity, ValueChange};
use crate::kube::Object;
use crate::manifest::{Node, find};
use crate::set::Set;

/// Where an orchestrator says what file an object is of: the annotation's name, before `path` and `index`. The newest
/// first.
const WHERE: [&str; 2] = ["internal.config.kubernetes.io/", "config.kubernetes.io/"];

/// A finding as a result.
pub(super) fn of(finding: &Finding, set: &Set<'_>) -> Value {
    let diagnostic = &finding.diagnostic;
    let message = match &diagnostic.help {
        Some(help) => format!("{}; help: {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let mut result = Map::new();
    result.insert("message".into(), message.into());
    result.insert("severity".into(), severity(diagnostic.severity).into());
    let object = object_of(finding, set);
    if let Some(object) = object {
        result.insert("resourceRef".into(), reference(&object));
        if !finding.path.is_empty() {
            result.insert("field".into(), field(finding, &object));
        }
        result.extend(file(&object).map(|file| ("file".to_owned(), file)));
    }
    let fix = match finding.fix {
        Applicability::Safe => "safe",
        Applicability::Unsafe => "unsafe",
        Applicability::Manual => "manual",
        Applicability::None => "none",
    };
    result.insert("tags".into(), json!({"rule": diagnostic.id, "fix": fix}));
    Value::Object(result)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// The object that a finding is of, by its place: names are not unique in a list.
fn object_of<'s>(finding: &Finding, set: &Set<'s>) -> Option<Object<'s>> {
    let at = finding.diagnostic.labels.first()?.span;
    let holds = |object: &&Object<'_>| {
        let span = object.node.span();
        span.start <= at.start && at.end <= span.end
    };
    set.objects.iter().find(holds).copied()
}

fn reference(object: &Object<'_>) -> Value {
    let group = if object.group.is_empty() { String::new() } else { format!("{}/", object.group) };
    let mut reference = json!({
        "apiVersion": format!("{group}{}", object.version), "kind": object.kind, "name": object.name,
    });
    if let Some(namespace) = object.namespace {
        reference["namespace"] = namespace.into();
    }
    reference
}

/// The field, and the value that one edit would give it.
fn field(finding: &Finding, object: &Object<'_>) -> Value {
    let mut field = json!({"path": finding.path});
    let [(_, Edit::Value { object: edited, change })] = finding.edits.as_slice() else {
        return field;
    };
    if *edited != object.node.span() {
        return field;
    }
    if let ValueChange::Set { path, value } = change
        && path.to_string() == finding.path
    {
        if let Some(current) = find(object.node, path) {
            field["currentValue"] = value_of(current);
        }
        field["proposedValue"] = value.clone();
    }
    field
}

/// The file that the orchestrator read an object from.
fn file(object: &Object<'_>) -> Option<Value> {
    let annotation = |name: &str| {
        let key = |start: &str| format!("{start}{name}");
        let found = WHERE
            .iter()
            .find_map(|start| object.node.at(&["metadata", "annotations", &key(start)]));
        found.and_then(Node::text)
    };
    let mut file = json!({"path": annotation("path")?});
    if let Some(index) = annotation("index").and_then(|index| index.parse::<u64>().ok()) {
        file["index"] = index.into();
    }
    Some(file)
}
